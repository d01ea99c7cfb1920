"""The feed's loop: a batch, its judgement, its acknowledgement, for as long as the process lives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from propfirm.application.evaluation.desk import UnknownRun, Verdict
from propfirm.application.ports.platforms import Batch, Feed

AGAIN_S: Final = 0.2
"""Until a run is known of which there was news: its account is being opened in another transaction."""

WORSE_S: Final = 1.0
"""Until the next attempt after anything else that failed: the database was lost, the desk was overtaken."""

log = logging.getLogger(__name__)


class Judge(Protocol):
    async def judge(self, batch: Batch) -> Sequence[Verdict]: ...


async def follow(feed: Feed, desk: Judge, tell: Callable[[Batch, Sequence[Verdict]], None]) -> None:
    """Until it is cancelled. No batch is passed over: one that cannot be judged is tried until it can."""
    async for batch in feed.batches():
        verdicts = await _judged(desk, batch)
        await feed.acknowledge(batch)
        tell(batch, verdicts)


async def _judged(desk: Judge, batch: Batch) -> Sequence[Verdict]:
    while True:
        try:
            return await desk.judge(batch)
        except UnknownRun:
            await asyncio.sleep(AGAIN_S)
        except Exception:
            log.exception("batch_failed until=%d", batch.until)
            await asyncio.sleep(WORSE_S)
