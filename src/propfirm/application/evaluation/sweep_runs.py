"""Runs of which the platform has not heard what it should, because a job was lost or failed, are found by looking."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.evaluation.desk import ENDED
from propfirm.application.evaluation.moves import HOLD, PROVISION
from propfirm.application.ports.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SweepRuns:
    """Asks again for the job that opens, stops, resumes or ends a run, where none waits.

    Jobs of an account are done one after another, so it asks and does nothing itself.
    """

    work: UnitOfWork

    async def __call__(self) -> None:
        async with self.work.begin() as tx:
            for account in await tx.accounts.unopened():
                await tx.jobs.enqueue_lost(PROVISION, str(account), {"account": str(account)})
            for one in await tx.accounts.astray():
                key = str(one.account)
                if one.over:
                    ended = {"account": key, "run": str(one.run), "platform_account": one.platform_account}
                    await tx.jobs.enqueue_lost(ENDED, key, ended)
                else:
                    await tx.jobs.enqueue_lost(HOLD, key, {"account": key})
