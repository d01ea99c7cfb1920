"""The provider's word on a checkout is applied once, whatever order it comes in and however often.

A payment for which nothing is given becomes a refund in the transaction that hears of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.payments import (
    CheckoutDeclined,
    CheckoutNews,
    CheckoutOpen,
    CheckoutOver,
    CheckoutPaid,
)
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.application.purchases.owe import owe
from propfirm.domain.identity.actors import System
from propfirm.domain.ids import PurchaseId, TransferId
from propfirm.domain.ledger import bookings
from propfirm.domain.ledger.transfers import Transfer
from propfirm.domain.purchases.purchase import (
    MISMATCHED,
    Event,
    Lapse,
    Order,
    PaidAgain,
    PaymentMismatched,
    Purchase,
    PurchasePaid,
    Receipt,
    RecordDecline,
    RecordPayment,
    ToldOtherwise,
    compare,
    decide,
    evolve,
)

DELIVER = "purchases.deliver"
"""The job that gives the trader what was paid for."""

TILL: Final = System("till")


@dataclass(frozen=True, slots=True)
class SettlePurchase:
    """Raises NotFound.

    A message that comes again with another content is not the provider's to change: the first stands, and it is told.
    So is a payment that paid another purchase before, and one that is known with another amount.
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
                return await self._paid(tx, found, news.receipt, now)
            case CheckoutDeclined():
                return await _moved(tx, found, decide(found, RecordDecline(news.reason), now))
            case CheckoutOver():
                return await _moved(tx, found, decide(found, Lapse(), now))
            case CheckoutOpen():
                return found
            case _:
                assert_never(news)

    async def _paid(self, tx: Transaction, found: Purchase, receipt: Receipt, now: datetime) -> Purchase:
        order, payment = found.order, {"payment": receipt.reference}
        owed = await tx.refunds.of_payment(order.provider, receipt.reference)
        if owed is not None and owed.debt.purchase == order.id:
            try:
                compare(owed.debt.receipt, receipt)
            except ToldOtherwise as refusal:
                await _contradicted(tx, order, refusal)
            return found
        if owed is not None or await tx.purchases.of_payment(order.provider, receipt.reference) not in {None, order.id}:
            await tx.audit.record(TILL, "payment_contradicted", f"purchase:{order.id}", payment)
            return found
        try:
            happened = decide(found, RecordPayment(receipt), now)
        except PaidAgain:
            await tx.audit.record(TILL, "paid_again", f"purchase:{order.id}", payment)
            await owe(tx, self.ids, order, receipt, "paid_again", now)
            return found
        except ToldOtherwise as refusal:
            await _contradicted(tx, order, refusal)
            return found
        settled = await _moved(tx, found, happened)
        for event in happened:
            if isinstance(event, PurchasePaid):
                id_, entries = TransferId(self.ids.new()), bookings.purchase_paid(order.provider, receipt.amount)
                await tx.ledger.post(Transfer(id_, now, "purchase_paid", str(order.id), entries))
                await tx.jobs.enqueue(DELIVER, str(order.id), {"purchase": str(order.id)})
            elif isinstance(event, PaymentMismatched):
                await tx.audit.record(TILL, MISMATCHED, f"purchase:{order.id}", payment)
                await owe(tx, self.ids, order, receipt, MISMATCHED, now)
        return settled


async def _contradicted(tx: Transaction, order: Order, refusal: ToldOtherwise) -> None:
    """known, told: amounts in minor units, each with its currency."""
    details = {"payment": refusal.reference, "known": refusal.known, "told": refusal.told}
    await tx.audit.record(TILL, "payment_contradicted", f"purchase:{order.id}", details)


async def _moved(tx: Transaction, found: Purchase, happened: Sequence[Event]) -> Purchase:
    for event in happened:
        found = evolve(found, event)
    if happened:
        await tx.purchases.put(found, happened)
    return found
