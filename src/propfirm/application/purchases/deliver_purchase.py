"""What was paid for is given: an account, a fresh attempt, a stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from propfirm.application.evaluation.moves import act, program_of
from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.application.purchases.owe import give_up
from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import commands
from propfirm.domain.evaluation.facts import Payment
from propfirm.domain.ids import AccountId, PurchaseId
from propfirm.domain.purchases import purchase


@dataclass(frozen=True, slots=True)
class DeliverPurchase:
    """A job of a paid purchase; doing it again finds it delivered. What the account refuses is given up and owed back,
    in the same transaction: nothing delivers it later. Raises NotFound."""

    work: UnitOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, id: PurchaseId) -> None:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            bought = await tx.purchases.get(id)
            if not isinstance(bought, purchase.Paid):
                return
            now = self.clock.now()
            try:
                await deliver(tx, self.ids, bought, now)
            except Refused as refusal:  # by the account's judgement, which comes before anything is written
                await give_up(tx, self.ids, bought, refusal.code, now)


async def deliver(tx: Transaction, ids: Ids, bought: purchase.Paid, now: datetime) -> purchase.Purchase:
    """In the caller's transaction: given and recorded as given. Raises what the account refuses."""
    account = await _give(tx, ids, bought, now)
    changed: purchase.Purchase = bought
    delivered = purchase.decide(bought, purchase.Deliver(account), now)
    for event in delivered:
        changed = purchase.evolve(changed, event)
    await tx.purchases.put(changed, delivered)
    return changed


async def _give(tx: Transaction, ids: Ids, bought: purchase.Paid, now: datetime) -> AccountId:
    order, receipt = bought.order, bought.receipt
    payment = Payment(receipt.id, receipt.amount, receipt.paid_at) if order.price else None
    match order.goods:
        case purchase.Challenge(bound):
            listing = await tx.programs.get(bound.program, bound.version)
            account = AccountId(ids.new())
            opening = commands.Open(account, order.buyer, order.id, listing.edition.fingerprint)
            await act(tx, account, None, opening, listing.program, now)
            return account
        case purchase.FreshAttempt(account, run):
            found = await tx.accounts.get(account)
            program = await program_of(tx, found)
            current = await tx.programs.on_sale(program.id)
            bound = found.enrolment.bound
            edition = (current or await tx.programs.get(bound.program, bound.version)).edition
            await act(tx, account, found, commands.Reset(run, payment, edition), program, now)
            return account
        case purchase.Activation(account):
            found = await tx.accounts.get(account)
            await act(tx, account, found, commands.Accept(payment), await program_of(tx, found), now)
            return account
        case _:
            assert_never(order.goods)
