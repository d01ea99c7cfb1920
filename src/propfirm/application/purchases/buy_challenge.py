"""A trader orders a challenge: priced by us, recorded, then sent to the provider's page."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.payments import Checkouts
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.errors import Conflict
from propfirm.domain.identity.actors import Trader
from propfirm.domain.ids import PurchaseId
from propfirm.domain.purchases.purchase import (
    Challenge,
    OfferCheckout,
    Order,
    Ordered,
    Place,
    Purchase,
    decide,
    evolve,
)


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


class Wish(Struct, frozen=True):
    """version: the one that the trader looked at; None: whichever is on sale."""

    program: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """The order alone, in the caller's transaction. Raises NotOnSale, then PlanChanged."""

    work: UnitOfWork
    clock: Clock
    ids: Ids
    provider: str

    async def __call__(self, trader: Trader, wish: Wish) -> Ordered:
        async with self.work.begin() as tx:
            listing = await tx.programs.on_sale(wish.program)
            if listing is None or listing.price is None:
                raise NotOnSale(wish.program)
            if wish.version not in {None, listing.program.version}:
                raise PlanChanged(wish.program, listing.program.version)
            order = Order(
                PurchaseId(self.ids.new()),
                trader.id,
                Challenge(listing.edition.binding),
                listing.price,
                "USD",
                self.provider,
                self.clock.now(),
            )
            placed = decide(None, Place(order), order.placed_at)
            purchase = evolve(None, placed[0])
            await tx.purchases.put(purchase, placed)
            await tx.audit.record(trader, "ordered", f"purchase:{order.id}", {"program": wish.program})
        return Ordered(order)


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
        if not isinstance(found, Ordered) or found.checkout is not None:
            return found
        page = await self.checkouts.open(found.order, f"Challenge {found.order.id}")
        async with self.work.begin() as tx:
            found = await tx.purchases.get(purchase, buyer=trader.id)
            offered = decide(found, OfferCheckout(page), self.clock.now())
            for event in offered:
                found = evolve(found, event)
            await tx.purchases.put(found, offered)
        return found
