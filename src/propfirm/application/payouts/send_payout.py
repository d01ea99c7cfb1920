"""An approved payout leaves the account and reaches the trader's bank, once, whatever breaks on the way.

Theory of operation
-------------------
    look        a hold keeps the money still: nothing is done until it is lifted
    withdraw    the platform takes it out of the balance; the feed tells the engine, which moves the floor
    claim       this attempt is ours: written before the bank hears of it, while nothing holds the money and nobody can
                place a hold. One that was placed since the look ends it here: what was taken out waits with the payout
    call        outside any transaction, with the key ``payout:{id}:{attempt}``, which the bank pays once
    record      paid, or refused: proven either way. No answer is ``Unknown``, and is asked about before anything else

Whoever finds an attempt claimed or unknown asks the bank what became of its key. Where the bank has seen none, the
same key is handed in: a call that is still on its way then pays, or this one, never both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from propfirm.application.evaluation.desk import ENDED
from propfirm.application.evaluation.moves import act as act_on_account
from propfirm.application.evaluation.moves import program_of
from propfirm.application.payouts.held import stops
from propfirm.application.payouts.moves import PUT_BACK, act, send_later
from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.payments import Answer, Bank, Disbursed, Unavailable, Unseen
from propfirm.application.ports.platforms import Platform
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.application.sweeping import each
from propfirm.domain.errors import NotFound, Refused
from propfirm.domain.evaluation import commands
from propfirm.domain.evaluation.states import Account, Closed
from propfirm.domain.identity.actors import System
from propfirm.domain.ids import AccountId, PayoutId
from propfirm.domain.money import from_cents
from propfirm.domain.payouts.request import (
    Claim,
    Confirm,
    Lose,
    Payout,
    RecordPutBack,
    Rejected,
    Return,
    Send,
    Sending,
    Unknown,
    next_attempt,
)

QUIET: Final = timedelta(minutes=1)
"""A payout that has not moved for so long may have lost its job. Real time."""


def key_of(payout: PayoutId, attempt: int) -> str:
    return f"payout:{payout}:{attempt}"


@dataclass(frozen=True, slots=True)
class SendPayout:
    """A job; doing it again ends where it ended. Raises NotFound, Unavailable."""

    work: UnitOfWork
    clock: Clock
    ids: Ids
    platform: Platform
    bank: Bank

    async def __call__(self, id: PayoutId, attempt: int) -> None:  # noqa: A002 - the field's name
        found, platform_account, held = await self._look(id)
        if next_attempt(found) == attempt:
            if held:
                return
            claim = found.claim
            await self.platform.withdraw(platform_account, str(id), from_cents(claim.taken))
            found = await self._claim(claim, attempt)
            if isinstance(found, Sending) and found.attempt == attempt:
                await self._record(claim, attempt, lambda: self._pay(claim, attempt))
        elif isinstance(found, Sending | Unknown) and found.attempt == attempt:
            claim = found.claim
            await self._record(claim, attempt, lambda: self._reconcile(claim, attempt))

    async def _look(self, id: PayoutId) -> tuple[Payout, str, bool]:  # noqa: A002 - as above
        """The payout, the platform's name of its account, and whether the money is held."""
        async with self.work.begin() as tx:
            found = await tx.payouts.peek(id)
            if found is None:
                raise NotFound
            claim = found.claim
            begun = await tx.accounts.begun(claim.account, claim.run)
            held = stops(await tx.accounts.peek(claim.account), await tx.people.peek(claim.owner))
            return found, begun.platform_account, bool(held)

    async def _claim(self, claim: Claim, attempt: int) -> Payout:
        """The payout as it is then. Whoever comes second finds it claimed: the job that is told again asks the bank."""
        async with self.work.begin() as tx:
            owner = await tx.people.get(claim.owner)
            account = await tx.accounts.get(claim.account)
            found = await tx.payouts.get(claim.id)
            if next_attempt(found) != attempt or stops(account, owner):
                return found
            return await act(tx, self.ids, found, Send(), self.clock.now())

    async def _pay(self, claim: Claim, attempt: int) -> Answer:
        return await self.bank.pay(key_of(claim.id, attempt), claim.id, claim.owner, claim.trader)

    async def _reconcile(self, claim: Claim, attempt: int) -> Answer:
        known = await self.bank.find(key_of(claim.id, attempt))
        return await self._pay(claim, attempt) if isinstance(known, Unseen) else known

    async def _record(self, claim: Claim, attempt: int, ask: Callable[[], Awaitable[Answer]]) -> None:
        try:
            answer = await ask()
        except Unavailable:
            async with self.work.begin() as tx:
                found = await tx.payouts.get(claim.id)
                if isinstance(found, Sending) and found.attempt == attempt:
                    await act(tx, self.ids, found, Lose(attempt), self.clock.now())
            raise
        said = Confirm(attempt, answer.reference) if isinstance(answer, Disbursed) else Return(attempt, answer.reason)
        async with self.work.begin() as tx:
            # Locked before the payout, as everywhere; moved after it, since what the bank said stands in any case.
            last = await tx.accounts.get(claim.account) if isinstance(said, Confirm) and claim.closes else None
            found = await tx.payouts.get(claim.id)
            moved = await act(tx, self.ids, found, said, self.clock.now())
            if last is not None and moved is not found and (refusal := await self._close(tx, claim, last)) is not None:
                details = {"payout": str(claim.id), "refusal": refusal.code}
                await tx.audit.record(System("payouts"), "account_left_open", f"account:{claim.account}", details)

    async def close_again(self, claim: Claim) -> None:
        """An account that refused to be closed after this payout, its last. Raises NotFound."""
        async with self.work.begin() as tx:
            await self._close(tx, claim, await tx.accounts.get(claim.account))

    async def _close(self, tx: Transaction, claim: Claim, account: Account) -> Refused | None:
        """The last payout that the terms allow ends the account, and the platform stops it.

        An account that refuses (its verdict is under appeal) stays as it is, and is asked again until it does not.
        """
        if account.enrolment.run != claim.run or isinstance(account, Closed):
            return None
        closing = commands.Close("completed", "Its last payout was made", None)
        program = await program_of(tx, account)
        begun = await tx.accounts.begun(claim.account, claim.run)
        try:
            await act_on_account(tx, claim.account, account, closing, program, self.clock.now())
        except Refused as refusal:
            return refusal
        key = str(claim.account)
        stop = {"account": key, "run": str(claim.run), "platform_account": begun.platform_account}
        await tx.jobs.enqueue(ENDED, key, stop)
        return None


@dataclass(frozen=True, slots=True)
class SweepPayouts:
    """Goes on with payouts whose job was lost, and closes what could not be closed before. Raises ExceptionGroup.

    What was rejected and is to be put back has its job asked for again, where none waits.
    """

    work: UnitOfWork
    wall: Clock
    send: SendPayout

    async def __call__(self) -> None:
        async with self.work.begin() as tx:
            waiting = await tx.payouts.on_the_way(self.wall.now() - QUIET)
            unclosed = await tx.payouts.unclosed()
            for one in await tx.payouts.to_put_back():
                key = str(one.id)
                await tx.jobs.enqueue_lost(PUT_BACK, key, {"payout": key})
        await each([*waiting, *unclosed], self._go_on)

    async def _go_on(self, one: Payout | Claim) -> None:
        if isinstance(one, Claim):
            await self.send.close_again(one)
        elif isinstance(one, Sending | Unknown):
            await self.send(one.claim.id, one.attempt)
        elif (attempt := next_attempt(one)) is not None:
            await self.send(one.claim.id, attempt)


@dataclass(frozen=True, slots=True)
class PutBack:
    """A job of a payout that was approved, and rejected before the bank had it. Doing it again changes nothing.

    The platform is asked first, and that it did so is recorded after: until then it is asked again. Whoever still takes
    the payout for approved can withdraw nothing after it. Raises NotFound, Unavailable.
    """

    work: UnitOfWork
    clock: Clock
    ids: Ids
    platform: Platform

    async def __call__(self, id: PayoutId) -> None:  # noqa: A002 - as above
        async with self.work.begin() as tx:
            found = await tx.payouts.peek(id)
            if found is None:
                raise NotFound
            begun = await tx.accounts.begun(found.claim.account, found.claim.run)
        if isinstance(found, Rejected) and found.to_put_back:
            await self.platform.put_back(begun.platform_account, str(id))
            async with self.work.begin() as tx:
                await act(tx, self.ids, await tx.payouts.get(id), RecordPutBack(), self.clock.now())


@dataclass(frozen=True, slots=True)
class FreePayouts:
    """A job of an account whose last hold is over: its payouts go on."""

    work: UnitOfWork

    async def __call__(self, account: AccountId) -> None:
        async with self.work.begin() as tx:
            for one in await tx.payouts.of_account(account):
                if (attempt := next_attempt(one)) is not None:
                    await send_later(tx, one, attempt)
