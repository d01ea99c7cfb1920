"""A trader orders a challenge, a fresh attempt or a granted stage: priced by us, recorded, then sent to the provider's
page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from msgspec import Struct

from propfirm.application.evaluation.moves import program_of
from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.payments import Checkouts
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.application.purchases.deliver_purchase import deliver
from propfirm.domain.errors import Conflict
from propfirm.domain.evaluation import account as life
from propfirm.domain.evaluation import commands, states
from propfirm.domain.evaluation.facts import Edition, Payment
from propfirm.domain.identity.actors import Trader
from propfirm.domain.ids import AccountId, PaymentId, PurchaseId
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import (
    Activation,
    Challenge,
    Declined,
    FreshAttempt,
    Goods,
    OfferCheckout,
    Order,
    Ordered,
    Paid,
    Place,
    Purchase,
    RecordPayment,
    decide,
    evolve,
    nothing_due,
)
from propfirm.domain.purchases.refund import Refund


@dataclass(eq=False)
class NotOnSale(Conflict):
    code = "purchase.not-on-sale"
    title = "This program is not on sale"
    program: str


@dataclass(eq=False)
class PlanChanged(Conflict):
    """What the trader saw is not what is sold now: they must see it before they pay."""

    code = "purchase.plan-changed"
    title = "The program was changed since it was looked at"
    program: str
    version: int


class ChallengeWish(Struct, frozen=True):
    """version: the one that the trader looked at; None: whichever is on sale."""

    program: str
    version: int | None = None


class ResetWish(Struct, frozen=True):
    """A fresh attempt at the stage that failed."""

    account: AccountId


class ActivationWish(Struct, frozen=True):
    """The fee of the stage that was granted."""

    account: AccountId


Wish: TypeAlias = ChallengeWish | ResetWish | ActivationWish


@dataclass(eq=False)
class NothingToPay(Conflict):
    code = "purchase.nothing-to-pay"
    title = "There is no fee to pay on this account"
    account: AccountId


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """The order alone, before anybody is asked for money; one that costs nothing is delivered with it. provider: whose
    checkout it will be.

    Raises NotOnSale, then PlanChanged, of a challenge; NotFound, then NothingToPay or what the account itself would
    refuse once it was paid, of a reset or an activation.
    """

    work: UnitOfWork
    clock: Clock
    ids: Ids
    provider: str

    async def __call__(self, trader: Trader, wish: Wish) -> Purchase:
        now = self.clock.now()
        async with self.work.begin() as tx:
            goods, price = await self._priced(tx, trader, wish, now)
            order = Order(PurchaseId(self.ids.new()), trader.id, goods, price, "USD", self.provider, now)
            placed = decide(None, Place(order), now)
            bought = evolve(None, placed[0])
            await tx.purchases.put(bought, placed)
            await tx.audit.record(trader, "ordered", f"purchase:{order.id}", {"price_cents": str(price)})
            return bought if price else await self._give(tx, bought, now)

    async def _give(self, tx: Transaction, ordered: Purchase, now: datetime) -> Purchase:
        settled = decide(ordered, RecordPayment(nothing_due(ordered.order, PaymentId(self.ids.new()))), now)
        bought = evolve(ordered, settled[0])
        assert isinstance(bought, Paid)  # noqa: S101 - the receipt is of exactly the order's price
        await tx.purchases.put(bought, settled)
        return await deliver(tx, self.ids, bought, now)

    async def _priced(self, tx: Transaction, trader: Trader, wish: Wish, now: datetime) -> tuple[Goods, Cents]:
        match wish:
            case ChallengeWish():
                return await _challenge(tx, wish)
            case ResetWish(account):
                found = await tx.accounts.get(account, owner=trader.id)
                program = await program_of(tx, found)
                terms = program.stage(found.enrolment.stage).reset
                fee, run = Cents(0) if terms is None else terms.fee, found.enrolment.run
                current = await tx.programs.on_sale(program.id)
                edition = Edition(program, found.enrolment.bound.fingerprint) if current is None else current.edition
                trial = commands.Reset(run, self._trial(fee, now), edition)
                life.decide(found, trial, now, program)
                return FreshAttempt(account, run), fee
            case ActivationWish(account):
                found = await tx.accounts.get(account, owner=trader.id)
                if not isinstance(found, states.Pending) or found.offer is None:
                    raise NothingToPay(account)
                fee = found.offer.fee
                life.decide(found, commands.Accept(self._trial(fee, now)), now, await program_of(tx, found))
                return Activation(account, found.enrolment.run), fee
            case _:
                assert_never(wish)

    def _trial(self, fee: Cents, now: datetime) -> Payment:
        """As if it were paid now: what the account would refuse then is refused before anybody pays."""
        return Payment(PaymentId(self.ids.new()), fee, now)


async def _challenge(tx: Transaction, wish: ChallengeWish) -> tuple[Goods, Cents]:
    listing = await tx.programs.on_sale(wish.program)
    if listing is None or listing.price is None:
        raise NotOnSale(wish.program)
    if wish.version not in {None, listing.program.version}:
        raise PlanChanged(wish.program, listing.program.version)
    return Challenge(listing.edition.binding), listing.price


class SeenPurchase(Struct, frozen=True):
    """refunds: of its payments, the oldest first; second payments of the order are known by them alone."""

    purchase: Purchase
    refunds: Sequence[Refund]


@dataclass(frozen=True, slots=True)
class SeePurchase:
    """snapshot: a unit of work that sees one moment of the writer."""

    snapshot: UnitOfWork

    async def __call__(self, trader: Trader, purchase: PurchaseId) -> SeenPurchase:
        """Raises NotFound, also where it is somebody else's."""
        async with self.snapshot.begin() as tx:
            found = await tx.purchases.peek(purchase, buyer=trader.id)
            return SeenPurchase(found, await tx.refunds.of_purchase(purchase))


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """The provider's page for an order. Asked again after a crash, it gives the same page."""

    work: UnitOfWork
    clock: Clock
    checkouts: Checkouts

    async def __call__(self, trader: Trader, purchase: PurchaseId) -> Purchase:
        """Raises NotFound, WrongState (it is paid or over), Unavailable."""
        async with self.work.begin() as tx:
            found = await tx.purchases.get(purchase, buyer=trader.id)
        if not isinstance(found, Ordered | Declined) or found.checkout is not None:
            return found
        page = await self.checkouts.open(found.order, _named(found.order.goods))
        async with self.work.begin() as tx:
            found = await tx.purchases.get(purchase, buyer=trader.id)
            offered = decide(found, OfferCheckout(page), self.clock.now())
            for event in offered:
                found = evolve(found, event)
            await tx.purchases.put(found, offered)
        return found


def _named(goods: Goods) -> str:
    """What the buyer reads on the provider's page."""
    match goods:
        case Challenge(bound):
            return f"Challenge {bound.program}"
        case FreshAttempt(account):
            return f"Fresh attempt on account {account}"
        case Activation(account):
            return f"Activation of account {account}"
        case _:
            assert_never(goods)
