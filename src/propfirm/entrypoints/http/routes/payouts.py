"""Money out: what may be taken, asking for it, and the firm's yes or no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from propfirm.application.payouts.decide_payout import REASONS, ApprovePayout, RejectPayout, ResendPayout
from propfirm.application.payouts.queries import PayoutQueries, PayoutState
from propfirm.application.payouts.request_payout import (
    CancelPayout,
    PayoutAsk,
    QuotePayout,
    RequestPayout,
    SeePayout,
)
from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import AccountId, PayoutId
from propfirm.domain.money import Cents
from propfirm.domain.payouts.request import (
    Payout,
)
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.http.routes.views import Paging
from propfirm.entrypoints.views.payouts import PayoutView, QuoteView, payout_view, quote_view

AMOUNT_MAX: Final = 10**14
TEXT_MAX: Final = 2_000

AmountMinor = Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="Gross, in cents", examples=[100_000])]
AskedMinor = Annotated[int | None, QueryParameter(ge=1, le=AMOUNT_MAX, description="Gross, in cents")]
State = Annotated[PayoutState | None, QueryParameter(name="state", description="Only those that are in this state")]


class PayoutOrder(Struct, frozen=True, forbid_unknown_fields=True):
    account: UUID
    amount_minor: AmountMinor


class Rejection(Struct, frozen=True, forbid_unknown_fields=True):
    """rule: the condition or rule that the payout fails, by its id, as the quote or progress names it. reason: in
    words, which the trader reads."""

    rule: Annotated[
        str, Meta(min_length=1, max_length=50, description=f"One of {', '.join(REASONS)}", examples=["news"])
    ]
    reason: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]


@get("/accounts/{account:uuid}/payout-quote", operation_id="accounts.payout-quote", summary="What may be taken out")
async def quote_payout(
    account: FromPath[UUID], trader: Given[Trader], quote: Given[QuotePayout], amount_minor: AskedMinor = None
) -> QuoteView:
    asked = None if amount_minor is None else Cents(amount_minor)
    return quote_view(await quote(trader.id, AccountId(account), asked))


REQUESTED: Final = {201: ResponseSpec(PayoutView, description="Requested: the amount is reserved")}
MOVED: Final = {200: ResponseSpec(PayoutView, description="The payout as it is now")}


@post("/payouts/request", operation_id="payouts.request", summary="Ask for a payout", responses=REQUESTED)
async def request_payout(
    request: AnyRequest,
    data: JSONBody[PayoutOrder],
    trader: Given[Trader],
    once: Given[Once],
    ask: Given[RequestPayout],
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        wanted = PayoutAsk(AccountId(data.account), Cents(data.amount_minor))
        payout = await replace(ask, work=work)(trader, wanted)
        return created(payout_view(payout), f"/v1/payouts/{payout.claim.id}")

    return respond(await once(request, trader.id, act))


@get("/payouts/{payout:uuid}", operation_id="payouts.get", summary="One payout")
async def get_payout(payout: FromPath[UUID], trader: Given[Trader], see: Given[SeePayout]) -> PayoutView:
    return payout_view(await see(trader.id, PayoutId(payout)))


@get("/payouts", operation_id="payouts.list", summary="Your payouts, newest first")
async def list_payouts(
    trader: Given[Trader],
    queries: Given[PayoutQueries],
    paging: Given[Paging],
    in_state: State = None,
) -> Page[PayoutView]:
    found = await queries.payouts(trader.id, state=in_state, after=paging.after, limit=paging.limit)
    return paging.page(found, payout_view)


@post("/payouts/{payout:uuid}/cancel", operation_id="payouts.cancel", summary="Take a request back", responses=MOVED)
async def cancel_payout(
    request: AnyRequest, payout: FromPath[UUID], trader: Given[Trader], once: Given[Once], cancel: Given[CancelPayout]
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        return _moved(await replace(cancel, work=work)(trader, PayoutId(payout)))

    return respond(await once(request, trader.id, act))


@get("/admin/payouts", operation_id="admin.payouts.list", summary="Everybody's payouts, newest first")
async def list_all_payouts(
    queries: Given[PayoutQueries],
    paging: Given[Paging],
    in_state: State = None,
) -> Page[PayoutView]:
    found = await queries.payouts(None, state=in_state, after=paging.after, limit=paging.limit)
    return paging.page(found, payout_view)


@post("/admin/payouts/{payout:uuid}/approve", operation_id="admin.payouts.approve", summary="Yes", responses=MOVED)
async def approve_payout(
    request: AnyRequest, payout: FromPath[UUID], staff: Given[Staff], once: Given[Once], approve: Given[ApprovePayout]
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        return _moved(await replace(approve, work=work)(staff, PayoutId(payout)))

    return respond(await once(request, staff.id, act))


@post(
    "/admin/payouts/{payout:uuid}/reject",
    operation_id="admin.payouts.reject",
    summary="No: to a request, or to what was approved or returned by the bank",
    description="What the bank may have is not rejected. Of what was approved, what it took out of the account is put "
    "back there, and it is owed no more. The trader reads the reason.",
    responses=MOVED,
)
async def reject_payout(
    request: AnyRequest,
    payout: FromPath[UUID],
    data: JSONBody[Rejection],
    staff: Given[Staff],
    once: Given[Once],
    reject: Given[RejectPayout],
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        return _moved(await replace(reject, work=work)(staff, PayoutId(payout), data.rule, data.reason))

    return respond(await once(request, staff.id, act))


@post(
    "/admin/payouts/{payout:uuid}/resend",
    operation_id="admin.payouts.resend",
    summary="Once more, after the bank refused",
    responses=MOVED,
)
async def resend_payout(
    request: AnyRequest, payout: FromPath[UUID], staff: Given[Staff], once: Given[Once], resend: Given[ResendPayout]
) -> Response[bytes]:
    async def act(work: UnitOfWork) -> Answer:
        return _moved(await replace(resend, work=work)(staff, PayoutId(payout)))

    return respond(await once(request, staff.id, act))


def _moved(payout: Payout) -> Answer:
    return Answer(200, created(payout_view(payout)).body)


def payouts(
    quote: Callable[[], QuotePayout],
    ask: Callable[[], RequestPayout],
    see: Callable[[], SeePayout],
    cancel: Callable[[], CancelPayout],
    approve: Callable[[], ApprovePayout],
    reject: Callable[[], RejectPayout],
    resend: Callable[[], ResendPayout],
    queries: Callable[[], PayoutQueries],
) -> Router:
    given = {
        "quote": quote,
        "ask": ask,
        "see": see,
        "cancel": cancel,
        "approve": approve,
        "reject": reject,
        "resend": resend,
        "queries": queries,
    }
    return Router(
        "/v1",
        route_handlers=[
            quote_payout,
            request_payout,
            get_payout,
            list_payouts,
            cancel_payout,
            list_all_payouts,
            approve_payout,
            reject_payout,
            resend_payout,
        ],
        dependencies={name: provided(make) for name, make in given.items()},
        tags=["Payouts"],
    )
