"""A verdict is acted on before the next batch is asked for, and never stands in the feed's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from uuid import UUID

import pytest

from propfirm.application.evaluation.desk import Verdict
from propfirm.application.ports.payments import Unavailable
from propfirm.application.ports.platforms import Batch
from propfirm.domain.ids import AccountId
from propfirm.entrypoints.worker.feed import follow

pytestmark = pytest.mark.anyio
ENDED = Verdict(AccountId(UUID(int=1)), 2, "breached", "sim-1")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Tape:
    """Three batches with a breath between them. happened: in order."""

    def __init__(self) -> None:
        self.happened: list[object] = []

    async def batches(self) -> AsyncIterator[Batch]:
        for until in (1, 2, 3):
            self.happened.append(f"batch {until}")
            yield Batch(until)
            await asyncio.sleep(0.01)

    async def acknowledge(self, batch: Batch) -> None:
        self.happened.append(f"known {batch.until}")

    async def judge(self, batch: Batch) -> Sequence[Verdict]:
        return [ENDED] if batch.until == 1 else []


async def test_a_run_that_ended_is_finished_before_the_next_batch() -> None:
    tape = Tape()

    async def finish(account: AccountId, run: int, platform_account: str) -> None:
        await asyncio.sleep(0)
        tape.happened.append((account, run, platform_account))

    await follow(tape, tape, finish)
    ended = (ENDED.account, ENDED.run, ENDED.platform_account)
    assert tape.happened == ["batch 1", "known 1", ended, "batch 2", "known 2", "batch 3", "known 3"]


async def test_a_platform_that_does_not_answer_leaves_it_to_the_job() -> None:
    tape = Tape()

    async def finish(account: AccountId, run: int, platform_account: str) -> None:
        raise Unavailable("platform")

    await follow(tape, tape, finish)
    assert tape.happened[-1] == "known 3"


async def test_a_platform_that_takes_its_time_does_not_hold_the_feed_and_ends_with_it() -> None:
    tape, gone = Tape(), asyncio.Event()

    async def finish(account: AccountId, run: int, platform_account: str) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        gone.set()

    await follow(tape, tape, finish)
    assert tape.happened[-1] == "known 3"
    assert gone.is_set()


async def test_a_feed_that_is_stopped_is_over_once_what_it_began_has_given_back_its_connection() -> None:
    tape, begun, connections = Tape(), asyncio.Event(), 0

    async def finish(account: AccountId, run: int, platform_account: str) -> None:
        nonlocal connections
        connections += 1
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)  # the transaction is rolled back
            connections -= 1

    following = asyncio.create_task(follow(tape, tape, finish))
    await begun.wait()
    following.cancel()
    await asyncio.wait([following])
    assert following.cancelled()
    assert connections == 0
