"""Buying: a challenge, a fresh attempt at a stage that failed, a stage that was granted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, Literal, assert_never
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from propfirm.application.ports.work import Answer, UnitOfWork
from propfirm.application.purchases.buy_challenge import (
    ActivationWish,
    ChallengeWish,
    OpenCheckout,
    PlaceOrder,
    ResetWish,
    SeePurchase,
    Wish,
)
from propfirm.application.purchases.queries import RefundState
from propfirm.domain.identity.actors import Trader
from propfirm.domain.ids import AccountId, PurchaseId
from propfirm.domain.purchases.purchase import (
    Activation,
    Challenge,
    Declined,
    Delivered,
    FreshAttempt,
    Goods,
    Lapsed,
    Ordered,
    Paid,
    Purchase,
    Receipt,
    Refunded,
    Refunding,
)
from propfirm.domain.purchases.refund import Cause, Refund
from propfirm.entrypoints.http.dependencies import Given, provided
from propfirm.entrypoints.http.idempotency import Once, created, respond
from propfirm.entrypoints.http.requests import AnyRequest
from propfirm.entrypoints.views.refunds import refund_view

BEGUN: Final = 202
"""Kept for a key while its order stands and the provider's page is still to be made; nobody hears it."""
VERSION_MAX: Final = 2_147_483_647

ProgramId = Annotated[str, Meta(min_length=1, max_length=100, examples=["propfirm-2step-50k"])]


class ChallengeOrder(Struct, frozen=True, forbid_unknown_fields=True):
    program: ProgramId
    version: Annotated[int, Meta(ge=1, le=VERSION_MAX, description="The one that was looked at")] | None = None


class SentBackView(Struct, frozen=True):
    """All of a payment goes back: it is on its way (`owed`, `unknown`), waits until somebody has looked (`refused`), or
    is there (`returned`). since: of the state."""

    id: UUID
    state: RefundState
    cause: Cause
    amount_minor: int
    currency: str
    since: datetime


class PaymentView(Struct, frozen=True):
    """What the provider took. payment: its own name of it. refund: where nothing is given for it."""

    payment: str
    amount_minor: int
    currency: str
    paid_at: datetime
    refund: SentBackView | None


class PurchaseView(Struct, frozen=True):
    """checkout: where to pay, while it is to be paid. account: what was opened, reset or activated. reason: why the
    card was refused, or why nothing is given and the payment goes back: `amount_mismatched`, or the refusal's code.
    payments: each one that was taken for this order, the earliest first."""

    id: UUID
    goods: Literal["challenge", "reset", "activation"]
    state: Literal["ordered", "declined", "lapsed", "paid", "delivered", "refunding", "refunded"]
    price_minor: int
    currency: str
    placed_at: datetime
    program: str | None = None
    version: int | None = None
    account: UUID | None = None
    checkout: str | None = None
    reason: str | None = None
    payments: Sequence[PaymentView] = ()


def shown(purchase: Purchase, refunds: Sequence[Refund] = ()) -> PurchaseView:
    """refunds: of its payments."""
    order = purchase.order
    view = _goods(
        PurchaseView(order.id, "challenge", "ordered", order.price, order.currency, order.placed_at), order.goods
    )
    view = msgspec.structs.replace(view, payments=_payments(purchase, refunds))
    match purchase:
        case Ordered(checkout=checkout):
            return msgspec.structs.replace(view, checkout=checkout)
        case Declined(reason=reason, checkout=checkout):
            return msgspec.structs.replace(view, state="declined", reason=reason, checkout=checkout)
        case Lapsed():
            return msgspec.structs.replace(view, state="lapsed")
        case Paid():
            return msgspec.structs.replace(view, state="paid")
        case Delivered(account=account):
            return msgspec.structs.replace(view, state="delivered", account=account)
        case Refunding(reason=reason):
            return msgspec.structs.replace(view, state="refunding", reason=reason)
        case Refunded(reason=reason):
            return msgspec.structs.replace(view, state="refunded", reason=reason)
        case _:
            assert_never(purchase)


def _payments(purchase: Purchase, refunds: Sequence[Refund]) -> list[PaymentView]:
    taken: dict[str, tuple[Receipt, SentBackView | None]] = {
        one.debt.receipt.reference: (one.debt.receipt, _sent_back(one)) for one in refunds
    }
    if not isinstance(purchase, Ordered | Declined | Lapsed) and purchase.receipt.amount:  # of nothing there is none
        taken.setdefault(purchase.receipt.reference, (purchase.receipt, None))
    views = [
        PaymentView(receipt.reference, receipt.amount, receipt.currency, receipt.paid_at, refund)
        for receipt, refund in taken.values()
    ]
    return sorted(views, key=lambda one: (one.paid_at, one.refund is not None, one.payment))


def _sent_back(refund: Refund) -> SentBackView:
    view = refund_view(refund)
    return SentBackView(view.id, view.state, view.cause, view.amount_minor, view.currency, view.since)


def _goods(view: PurchaseView, goods: Goods) -> PurchaseView:
    match goods:
        case Challenge(bound):
            return msgspec.structs.replace(view, program=bound.program, version=bound.version)
        case FreshAttempt(account):
            return msgspec.structs.replace(view, goods="reset", account=account)
        case Activation(account):
            return msgspec.structs.replace(view, goods="activation", account=account)
        case _:
            assert_never(goods)


class Till(Struct, frozen=True):
    """What it takes to sell something once and to send the buyer to the provider's page."""

    place_order: PlaceOrder
    open_checkout: OpenCheckout

    async def __call__(self, request: AnyRequest, once: Once, trader: Trader, wish: Wish) -> Response[bytes]:
        """The provider is asked between two transactions: the order is there before it, the page is recorded after it.
        Cut off in between, the same key goes on from there, and the provider gives the same page."""

        async def act(work: UnitOfWork) -> Answer:
            ordered = await replace(self.place_order, work=work)(trader, wish)
            return Answer(BEGUN, ordered.order.id.bytes)

        note = await once(request, trader.id, act)
        if note.status != BEGUN:
            return respond(note)
        bought = await self.open_checkout(trader, PurchaseId(UUID(bytes=note.body)))
        answer = created(shown(bought), f"/v1/challenges/{bought.order.id}")
        return respond(await once.finish(request, trader.id, note, answer))


BOUGHT: Final = {201: ResponseSpec(PurchaseView, description="Ordered: pay at `checkout`; delivered, if it is free")}


@post("/challenges/purchase", operation_id="challenges.purchase", summary="Buy a challenge", responses=BOUGHT)
async def buy_challenge(
    request: AnyRequest, data: JSONBody[ChallengeOrder], trader: Given[Trader], once: Given[Once], till: Given[Till]
) -> Response[bytes]:
    return await till(request, once, trader, ChallengeWish(data.program, data.version))


@post("/accounts/{account:uuid}/reset", operation_id="accounts.reset", summary="Buy a fresh attempt", responses=BOUGHT)
async def buy_reset(
    request: AnyRequest, account: FromPath[UUID], trader: Given[Trader], once: Given[Once], till: Given[Till]
) -> Response[bytes]:
    return await till(request, once, trader, ResetWish(AccountId(account)))


@post(
    "/accounts/{account:uuid}/activation",
    operation_id="accounts.activate",
    summary="Pay the fee of the stage that was granted",
    responses=BOUGHT,
)
async def buy_activation(
    request: AnyRequest, account: FromPath[UUID], trader: Given[Trader], once: Given[Once], till: Given[Till]
) -> Response[bytes]:
    return await till(request, once, trader, ActivationWish(AccountId(account)))


@get("/challenges/{purchase:uuid}", operation_id="challenges.get", summary="One purchase of yours")
async def one_purchase(
    purchase: FromPath[UUID], trader: Given[Trader], see_purchase: Given[SeePurchase]
) -> PurchaseView:
    seen = await see_purchase(trader, PurchaseId(purchase))
    return shown(seen.purchase, seen.refunds)


def purchases(
    place_order: Callable[[], PlaceOrder],
    open_checkout: Callable[[], OpenCheckout],
    see_purchase: Callable[[], SeePurchase],
) -> Router:
    return Router(
        "/v1",
        route_handlers=[buy_challenge, buy_reset, buy_activation, one_purchase],
        dependencies={
            "till": provided(lambda: Till(place_order(), open_checkout())),
            "see_purchase": provided(see_purchase),
        },
        tags=["Purchases"],
    )
