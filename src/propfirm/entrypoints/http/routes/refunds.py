"""Payments that go back: which of them, how far they are, and once more after the provider refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.application.purchases.queries import RefundQueries, RefundState
from propfirm.application.purchases.refund_payment import RetryRefund
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import RefundId
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.http.routes.views import Paging
from propfirm.entrypoints.views.refunds import RefundView, refund_view

MOVED: Final = {200: ResponseSpec(RefundView, description="The refund as it is now")}


@get("/refunds", operation_id="admin.refunds.list", summary="Payments that go back, the latest first")
async def list_refunds(
    queries: Given[RefundQueries],
    paging: Given[Paging],
    in_state: Annotated[RefundState | None, QueryParameter(name="state")] = None,
) -> Page[RefundView]:
    found = await queries.refunds(state=in_state, after=paging.after, limit=paging.limit)
    return paging.page(found, refund_view)


@post(
    "/refunds/{refund:uuid}/retry",
    operation_id="admin.refunds.retry",
    summary="Once more, after the provider refused",
    responses=MOVED,
)
async def retry_refund(
    request: AnyRequest, refund: FromPath[UUID], staff: Given[Staff], once: Given[Once], retry: Given[RetryRefund]
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        return Answer(200, created(refund_view(await replace(retry, work=work)(staff, RefundId(refund)))).body)

    return respond(await once(request, staff.id, act))


def refunds(queries: Callable[[], RefundQueries], retry: Callable[[], RetryRefund]) -> Router:
    return Router(
        "/v1/admin",
        route_handlers=[list_refunds, retry_refund],
        dependencies={"queries": provided(queries), "retry": provided(retry)},
        tags=["Staff: money"],
    )
