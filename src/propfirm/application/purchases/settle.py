"""The provider's word on a checkout is applied once, whatever order it comes in and however often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.payments import (
    CheckoutDeclined,
    CheckoutNews,
    CheckoutOpen,
    CheckoutOver,
    CheckoutPaid,
)
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.domain.identity.actors import System
from propfirm.domain.ids import PurchaseId, TransferId
from propfirm.domain.ledger import bookings
from propfirm.domain.ledger.transfers import Transfer
from propfirm.domain.purchases.purchase import (
    Lapse,
    Purchase,
    PurchasePaid,
    RecordDecline,
    RecordPayment,
    decide,
    evolve,
)

DELIVER = "purchases.deliver"
"""The job that gives the trader what was paid for."""


@dataclass(frozen=True, slots=True)
class SettlePurchase:
    """Raises NotFound, and PaidAgain for a second payment: that one is owed back.

    A message that comes again with another content is not the provider's to change: the first stands, and it is told.
    """

    work: UnitOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, purchase: PurchaseId, news: CheckoutNews, delivery: tuple[str, bytes] | None) -> Purchase:
        """delivery: id and raw body of the provider's message; None where we asked ourselves."""
        async with self.work.begin() as tx:
            found = await tx.purchases.get(purchase)
            if delivery is not None and not await tx.inbox.first(found.order.provider, *delivery):
                if not await tx.inbox.same(found.order.provider, *delivery):
                    subject = f"notice:{delivery[0]}"
                    await tx.audit.record(System("hooks"), "notice_contradicted", subject, {"purchase": str(purchase)})
                return found
            return await self._apply(tx, found, news)

    async def _apply(self, tx: Transaction, found: Purchase, news: CheckoutNews) -> Purchase:
        now = self.clock.now()
        match news:
            case CheckoutPaid():
                happened = decide(found, RecordPayment(news.receipt), now)
            case CheckoutDeclined():
                happened = decide(found, RecordDecline(news.reason), now)
            case CheckoutOver():
                happened = decide(found, Lapse(), now)
            case CheckoutOpen():
                happened = []
            case _:
                assert_never(news)
        for event in happened:
            found = evolve(found, event)
            if isinstance(event, PurchasePaid):
                order = found.order
                await tx.ledger.post(
                    Transfer(
                        TransferId(self.ids.new()),
                        now,
                        "purchase_paid",
                        str(order.id),
                        bookings.purchase_paid(order.provider, event.receipt.amount),
                    )
                )
                await tx.jobs.enqueue(DELIVER, str(order.id), {"purchase": str(order.id)})
        if happened:
            await tx.purchases.put(found, happened)
        return found
