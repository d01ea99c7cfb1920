"""A run is over: the platform stops it, and who passed goes on."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.evaluation.moves import act, program_of
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.platforms import Platform
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.domain.evaluation import commands, states
from propfirm.domain.evaluation.refusals import LastStage
from propfirm.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class FinishRun:
    """A job; doing it again changes nothing, nor does doing it late: a run that an appeal has opened again goes on.

    Raises NotFound, Unavailable.
    """

    work: UnitOfWork
    clock: Clock
    platform: Platform

    async def __call__(self, id: AccountId, run: int, platform_account: str) -> None:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            found = await tx.accounts.peek(id)
        if found.enrolment.run == run and isinstance(found, states.Evaluating | states.Funded):
            return
        await self.platform.stop(platform_account)
        async with self.work.begin() as tx:
            account = await tx.accounts.get(id)
            if account.enrolment.run == run:
                match account:
                    case states.Passed():
                        await self._advance(tx, id, account)
                    case states.Failed() | states.Closed():
                        pass
                    case _:
                        return  # opened again, or passed and on hold: what follows is asked for once the hold is lifted
            await tx.accounts.told(id, run, "ended")

    async def _advance(self, tx: Transaction, id: AccountId, passed: states.Passed) -> None:  # noqa: A002 - as above
        program = await program_of(tx, passed)
        now = self.clock.now()
        try:
            granted, _ = await act(tx, id, passed, commands.Advance(passed.enrolment.run), program, now)
        except LastStage:
            return
        if isinstance(granted, states.Pending) and granted.offer is not None and not granted.offer.fee:
            await act(tx, id, granted, commands.Accept(None), program, now)
