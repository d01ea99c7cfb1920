"""A payment that is owed back reaches whoever paid it, once, whatever breaks on the way.

Whoever makes an attempt asks the provider first what became of its key, ``refund:{id}:{attempt}``, and hands it in
only where the provider has never seen it. A call that is still on its way then sends the money back, or this one,
never both. No answer is ``Unknown``: the same attempt is made again until there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.payments import Answer, Charge, CheckoutPaid, Disbursed, Takings, Unavailable, Unseen
from propfirm.application.ports.work import UnitOfWork
from propfirm.application.purchases.owe import act, refund_later
from propfirm.application.purchases.settle import SettlePurchase
from propfirm.application.sweeping import each
from propfirm.domain.errors import NotFound
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import RefundId
from propfirm.domain.purchases import purchase
from propfirm.domain.purchases.refund import (
    Confirm,
    Debt,
    Lose,
    Owed,
    Refund,
    Refuse,
    Refused,
    Retry,
    Unknown,
)

QUIET: Final = timedelta(minutes=1)
"""A refund that has not moved for so long may have lost its job, a payment of that age its message. Real time."""

LOOK_BACK: Final = timedelta(days=3)
"""Real time. Payments older than that were looked for often enough; the invariants tell what nobody has heard of."""


def key_of(refund: RefundId, attempt: int) -> str:
    return f"refund:{refund}:{attempt}"


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """A job; doing it again ends where it ended. Raises NotFound, Unavailable."""

    work: UnitOfWork
    clock: Clock
    ids: Ids
    takings: Takings

    async def __call__(self, id: RefundId, attempt: int) -> None:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            found = await tx.refunds.peek(id)
        if not isinstance(found, Owed | Unknown) or found.attempt != attempt:
            return
        try:
            answer = await self._ask(found.debt, attempt)
        except Unavailable:
            await self._record(found.debt, Lose(attempt))
            raise
        if isinstance(answer, Disbursed):
            await self._record(found.debt, Confirm(attempt, answer.reference))
        else:
            await self._record(found.debt, Refuse(attempt, answer.reason))

    async def _ask(self, debt: Debt, attempt: int) -> Answer:
        key = key_of(debt.id, attempt)
        known = await self.takings.find(key)
        return await self.takings.send_back(key, debt.receipt) if isinstance(known, Unseen) else known

    async def _record(self, debt: Debt, said: Lose | Confirm | Refuse) -> None:
        async with self.work.begin() as tx:
            bought, now = await tx.purchases.get(debt.purchase), self.clock.now()
            found = await tx.refunds.get(debt.id)
            if found.attempt != said.attempt:
                return  # the answer was heard by somebody else, and a person has seen to it since
            await act(tx, self.ids, found, said, now)
            if isinstance(said, Confirm) and debt.cause != "paid_again":
                happened = purchase.decide(bought, purchase.ConfirmRefund(), now)
                for event in happened:
                    bought = purchase.evolve(bought, event)
                if happened:
                    await tx.purchases.put(bought, happened)


@dataclass(frozen=True, slots=True)
class RetryRefund:
    """After the provider refused an attempt and somebody has looked why. Raises NotFound, WrongState."""

    work: UnitOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, by: Staff, id: RefundId) -> Refund:  # noqa: A002 - as above
        async with self.work.begin() as tx:
            found = await tx.refunds.get(id)
            owed = await act(tx, self.ids, found, Retry(found.attempt), self.clock.now())
            await refund_later(tx, owed)
            details = {"attempt": str(owed.attempt)}
            if isinstance(found, Refused):
                details["refused"] = found.reason
            await tx.audit.record(by, "refund_retried", f"refund:{id}", details)
            return owed


@dataclass(frozen=True, slots=True)
class SweepRefunds:
    """Goes on with refunds whose job was lost. Raises ExceptionGroup."""

    work: UnitOfWork
    wall: Clock
    refund: RefundPayment

    async def __call__(self) -> None:
        async with self.work.begin() as tx:
            waiting = await tx.refunds.on_the_way(self.wall.now() - QUIET)
        await each(waiting, self._go_on)

    async def _go_on(self, one: Refund) -> None:
        await self.refund(one.debt.id, one.attempt)


@dataclass(frozen=True, slots=True)
class SweepTakings:
    """Finds payments of which nobody heard, second ones of an order too. Raises Unavailable, ExceptionGroup."""

    work: UnitOfWork
    wall: Clock
    takings: Takings
    settle: SettlePurchase

    async def __call__(self) -> None:
        taken = await self.takings.charges(self.wall.now() - LOOK_BACK)
        await each(await self._unheard(taken), self._hear)

    async def _unheard(self, taken: Sequence[Charge]) -> Sequence[Charge]:
        old = [one for one in taken if self.wall.now() - one.taken_at > QUIET]
        async with self.work.begin() as tx:
            unheard = await tx.purchases.unheard(self.takings.name, [one.receipt.reference for one in old])
        return [one for one in old if one.receipt.reference in unheard]

    async def _hear(self, one: Charge) -> None:
        try:
            await self.settle(one.purchase, CheckoutPaid(one.receipt), None)
        except NotFound:
            return  # no order of ours: the invariants tell it
