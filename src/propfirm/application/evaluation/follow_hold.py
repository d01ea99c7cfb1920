"""The platform keeps still what the firm keeps still."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.ports.platforms import Platform
from propfirm.application.ports.work import UnitOfWork, Word
from propfirm.domain.evaluation import states
from propfirm.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class FollowHold:
    """A job of a hold that was placed or lifted. It goes by what the account is now: late or doubled it does no harm.

    What the platform still tells of a run on hold is judged as ever. Raises NotFound, Unavailable.
    """

    work: UnitOfWork
    platform: Platform

    async def __call__(self, id: AccountId) -> None:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            account = await tx.accounts.peek(id)
        match account:
            case states.Suspended(held=states.Evaluating() | states.Funded() as held):
                await self.platform.stop(held.platform_account)
                word: Word = "held"
            case states.Evaluating() | states.Funded():
                await self.platform.resume(account.platform_account)
                word = "trading"
            case _:
                return  # its run is over, and was stopped for that
        async with self.work.begin() as tx:
            await tx.accounts.told(id, account.enrolment.run, word)
