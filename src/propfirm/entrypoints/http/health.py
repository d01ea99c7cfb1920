"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Router, get
from msgspec import Struct

from propfirm.application.ports.payments import Unavailable
from propfirm.entrypoints.http.dependencies import Given, provided

Readiness = Callable[[], Awaitable[bool]]


class Health(Struct, frozen=True):
    status: str = "ok"


@get("/health", operation_id="health.live", summary="The process answers", tags=["Health"])
async def live() -> Health:
    return Health()


@get("/ready", operation_id="health.ready", summary="The database is there and has our tables", tags=["Health"])
async def ready(readiness: Given[Readiness]) -> Health:
    if not await readiness():
        raise Unavailable
    return Health()


def health(readiness: Readiness) -> Router:
    return Router("/", route_handlers=[live, ready], dependencies={"readiness": provided(lambda: readiness)})
