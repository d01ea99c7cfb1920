"""Payments that go back: which of them, how far they are, and once more after the provider refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, assert_never
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.application.purchases.queries import RefundQueries, RefundState
from propfirm.application.purchases.refund_payment import RetryRefund
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import RefundId
from propfirm.domain.purchases.refund import Cause, Owed, Refund, Refused, Returned, Unknown
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.pages import LIMIT_DEFAULT, Cursors, CursorText, Limit, Page
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.http.routes.views import page, place


class RefundView(Struct, frozen=True, kw_only=True):
    """payment: the provider's own name of what goes back. reason: why nothing is given for it. since: of the state.
    refund: the provider's own name of the refund. refusal: why the provider refused the attempt."""

    id: UUID
    purchase: UUID
    buyer: UUID
    state: RefundState
    cause: Cause
    reason: str
    amount_minor: int
    currency: str
    payment: str
    attempt: int
    owed_at: datetime
    since: datetime
    refund: str | None = None
    refusal: str | None = None


def refund_view(one: Refund) -> RefundView:
    debt = one.debt
    view = RefundView(
        id=debt.id,
        purchase=debt.purchase,
        buyer=debt.buyer,
        state="owed",
        cause=debt.cause,
        reason=debt.reason,
        amount_minor=debt.receipt.amount,
        currency=debt.receipt.currency,
        payment=debt.receipt.reference,
        attempt=one.attempt,
        owed_at=debt.owed_at,
        since=one.since,
    )
    match one:
        case Owed():
            return view
        case Unknown():
            return msgspec.structs.replace(view, state="unknown")
        case Refused(reason=refusal):
            return msgspec.structs.replace(view, state="refused", refusal=refusal)
        case Returned(reference=reference):
            return msgspec.structs.replace(view, state="returned", refund=reference)
        case _:
            assert_never(one)


MOVED: Final = {200: ResponseSpec(RefundView, description="The refund as it is now")}


@get("/refunds", operation_id="admin.refunds.list", summary="Payments that go back, the latest first")
async def list_refunds(
    queries: Given[RefundQueries],
    cursors: Given[Cursors],
    in_state: Annotated[RefundState | None, QueryParameter(name="state")] = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: CursorText = None,
) -> Page[RefundView]:
    of = f"admin.refunds:{in_state}"
    found = await queries.refunds(state=in_state, after=place(cursors, of, cursor), limit=limit)
    return page(cursors, of, found, refund_view)


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
