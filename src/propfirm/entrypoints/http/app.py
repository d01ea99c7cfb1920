"""The application: every route behind the same edge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from propfirm import __version__
from propfirm.entrypoints.http import policy, problems
from propfirm.entrypoints.http.bodies import StrictBody
from propfirm.entrypoints.http.dependencies import provided
from propfirm.entrypoints.http.documentation import OfflinePages, complete, docs_router, front
from propfirm.entrypoints.http.edge import Edge
from propfirm.entrypoints.http.idempotency import Once
from propfirm.entrypoints.http.pages import Cursors
from propfirm.entrypoints.http.problem_pages import problem_pages
from propfirm.entrypoints.http.requests import Authenticator, guard, person, staff, strict, trader
from propfirm.entrypoints.http.routes.views import paging

TITLE: Final = "propfirm"


def create_app(
    routers: Sequence[Router],
    *,
    authenticate: Authenticator,
    once: Once,
    cursors: Cursors,
    allowed_hosts: Collection[str],
    new_id: Callable[[], UUID],
    passes: problems.Passing,
    pages: Mapping[str, bytes],
) -> Edge:
    """Raises BadPolicy where an operation has no line in the policy. pages: the files of the documentation."""
    app = Litestar(
        route_handlers=[*routers, front(), problem_pages()],
        dto=StrictBody,
        return_dto=None,
        guards=[guard(authenticate)],
        before_request=strict,
        request_max_body_size=problems.BODY_MAX,
        exception_handlers={Exception: problems.answering(passes)},
        dependencies={
            "trader": Provide(trader, sync_to_thread=False),
            "staff": Provide(staff, sync_to_thread=False),
            "person": Provide(person, sync_to_thread=False),
            "once": provided(lambda: once),
            "cursors": provided(lambda: cursors),
            "paging": Provide(paging, sync_to_thread=False),
        },
        openapi_config=OpenAPIConfig(
            TITLE, __version__, openapi_router=docs_router(), render_plugins=[OfflinePages(pages)]
        ),
        logging_config=None,
    )
    policy.check(app.routes)
    complete(app.openapi_schema)
    return Edge(app, allowed_hosts, new_id)
