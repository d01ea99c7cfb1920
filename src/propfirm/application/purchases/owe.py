"""In the caller's transaction, which holds the purchase's lock: a payment is owed back, booked, and handed to a job."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from propfirm.application.ports.clock import Ids
from propfirm.application.ports.work import Transaction
from propfirm.domain.ids import RefundId, TransferId
from propfirm.domain.ledger import bookings
from propfirm.domain.ledger.transfers import Business, Entry, Transfer
from propfirm.domain.purchases import purchase, refund

REFUND = "purchases.refund"
"""The job that makes one attempt to send a payment back."""


async def owe(
    tx: Transaction,
    ids: Ids,
    order: purchase.Order,
    receipt: purchase.Receipt,
    cause: refund.Cause,
    now: datetime,
    reason: str = "",
) -> None:
    """reason: the refusal's code, where there is one. Of a payment of nothing, nothing is owed."""
    if receipt.amount:
        debt = refund.Debt(
            RefundId(ids.new()), order.id, order.buyer, order.provider, receipt, cause, reason or cause, now
        )
        owed = await act(tx, ids, None, refund.Owe(debt), now)
        await refund_later(tx, owed)


async def give_up(tx: Transaction, ids: Ids, paid: purchase.Paid, reason: str, now: datetime) -> None:
    """What was ordered cannot be given: nothing delivers it any more."""
    changed: purchase.Purchase = paid
    given_up = purchase.decide(paid, purchase.GiveUp(reason), now)
    for event in given_up:
        changed = purchase.evolve(changed, event)
    await tx.purchases.put(changed, given_up)
    await owe(tx, ids, paid.order, paid.receipt, "undeliverable", now, reason)


async def refund_later(tx: Transaction, owed: refund.Refund) -> None:
    """The attempt is part of the job, so that a job that is told again makes no other one."""
    key = str(owed.debt.id)
    await tx.jobs.enqueue(REFUND, key, {"refund": key, "attempt": str(owed.attempt)})


async def act(
    tx: Transaction, ids: Ids, found: refund.Refund | None, command: refund.Command, now: datetime
) -> refund.Refund:
    """The refund afterwards. Raises what ``decide`` refuses."""
    happened = refund.decide(found, command, now)
    for event in happened:
        found = refund.evolve(found, event)
        booked = _booked(found.debt, event)
        if booked is not None:
            business, entries = booked
            reference, currency = f"{found.debt.purchase}:{found.debt.id}", found.debt.receipt.currency
            await tx.ledger.post(Transfer(TransferId(ids.new()), now, business, reference, entries, currency))
    assert found is not None  # noqa: S101 - without a refund decide refuses, or makes one
    if happened:
        await tx.refunds.put(found, happened)
    return found


def _booked(debt: refund.Debt, event: refund.Event) -> tuple[Business, tuple[Entry, ...]] | None:
    """What the act means for the books: what was income before is given up, what never was only passes through."""
    amount = debt.receipt.amount
    match event:
        case refund.RefundOwed() if debt.cause == "undeliverable":
            return "purchase_given_up", bookings.purchase_given_up(debt.buyer, amount)
        case refund.RefundOwed():
            return "payment_unwanted", bookings.payment_unwanted(debt.provider, debt.buyer, amount)
        case refund.RefundReturned():
            return "refund_returned", bookings.refund_returned(debt.provider, debt.buyer, amount)
        case refund.RefundLost() | refund.RefundRefused() | refund.RefundRetried():
            return None
        case _:
            assert_never(event)
