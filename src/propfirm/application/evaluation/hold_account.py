"""The staff keeps an account still, and lets it go on; the platform follows by a job (``follow_hold``)."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.evaluation.moves import act, program_of
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.audit.acts import Act
from propfirm.domain.evaluation import commands, states
from propfirm.domain.evaluation.refusals import NoSuchHold
from propfirm.domain.evaluation.states import HoldCause
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class HoldAccount:
    """Raises NotFound, and what the account refuses."""

    work: UnitOfWork
    clock: Clock

    async def suspend(self, staff: Staff, account: AccountId, cause: HoldCause, reason: str) -> states.Account:
        return await self._do(staff, account, commands.Suspend(cause, reason, staff.id))

    async def resume(self, staff: Staff, account: AccountId, cause: HoldCause, reason: str) -> states.Account:
        """By another person than the one who placed the hold. Raises NoSuchHold, also where it was lifted before."""
        return await self._do(staff, account, commands.Resume(cause, reason, staff.id))

    async def _do(self, staff: Staff, id: AccountId, command: commands.Suspend | commands.Resume) -> states.Account:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            found = await tx.accounts.get(id)
            account, happened = await act(tx, id, found, command, await program_of(tx, found), self.clock.now())
            if happened:
                done: Act = "account_suspended" if isinstance(command, commands.Suspend) else "hold_lifted"
                details = {"cause": command.cause, "reason": command.reason}
                await tx.audit.record(staff, done, f"account:{id}", details)
            elif isinstance(command, commands.Resume):
                holds = found.holds if isinstance(found, states.Suspended | states.Failed) else ()
                raise NoSuchHold(command.cause, tuple(one.cause for one in holds))
        return account
