"""The feed's loop: a batch, its judgement, its acknowledgement, for as long as the process lives.

What a verdict asks of the platform is a job of the verdict's own transaction. It is done here at once as well, in
memory: with a job queue between, the account would be traded until somebody fetched the job.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from propfirm.application.ending import ended
from propfirm.application.evaluation.desk import UnknownRun, Verdict
from propfirm.application.ports.platforms import Batch, Feed
from propfirm.domain.ids import AccountId

AGAIN_S: Final = 0.2
"""Until a run is known of which there was news: its account is being opened in another transaction."""

WORSE_S: Final = 1.0
"""Until the next attempt after anything else that failed: the database was lost, the desk was overtaken."""

ENDS_S: Final = 5.0
"""Longer than what is told to end takes to roll back."""

log = logging.getLogger(__name__)


class Judge(Protocol):
    async def judge(self, batch: Batch) -> Sequence[Verdict]: ...


Finish = Callable[[AccountId, int, str], Awaitable[None]]
"""A run is over: of this account, with this number, at the platform's account of this name."""


async def follow(feed: Feed, desk: Judge, finish: Finish) -> None:
    """Until it is cancelled. No batch is passed over: one that cannot be judged is tried until it can.

    finish: what the verdict's job does, too; the feed does not wait for it, but where it ends: none outlives it.
    """
    finishing = set[asyncio.Task[None]]()
    try:
        async for batch in feed.batches():
            for verdict in await _judged(desk, batch):
                task = asyncio.create_task(_finished(finish, verdict))
                finishing.add(task)
                task.add_done_callback(finishing.discard)
            await feed.acknowledge(batch)
    finally:
        await ended(list(finishing), ENDS_S)


async def _finished(finish: Finish, verdict: Verdict) -> None:
    try:
        await finish(verdict.account, verdict.run, verdict.platform_account)
    except Exception:  # the job does it
        log.warning("not_finished_at_once account=%s run=%d", verdict.account, verdict.run, exc_info=True)


async def _judged(desk: Judge, batch: Batch) -> Sequence[Verdict]:
    while True:
        try:
            return await desk.judge(batch)
        except UnknownRun:
            await asyncio.sleep(AGAIN_S)
        except Exception:
            log.exception("batch_failed until=%d", batch.until)
            await asyncio.sleep(WORSE_S)
