"""The firm in one process: whenever it is stopped, it ends."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from dependency_injector.providers import Object
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.simulator.cast import STORIES
from propfirm.entrypoints.demo import director
from propfirm.entrypoints.demo import firm as demo
from tests.integration.demo.started import Hand, KeptBoard, made
from tests.integration.http.test_reader import behind

pytestmark = pytest.mark.anyio
__all__ = ["behind"]
ENDED_S: Final = 90.0


class Deaf:
    """A worker that loses the first cancellation."""

    lost = 0

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.lost += 1
            await asyncio.Event().wait()


async def test_a_part_that_did_not_hear_that_it_is_over_is_told_again(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "AGAIN_S", 0.2)
    container, firm = made(database, tmp_path, Hand(), KeptBoard(), lambda: None)
    deaf, stop = Deaf(), asyncio.Event()
    container.worker.override(Object(deaf))
    stop.set()
    await asyncio.wait_for(firm.run(stop), ENDED_S)
    assert deaf.lost == 1


async def test_whenever_it_is_stopped_it_ends(database: str, tmp_path: Path) -> None:
    """Ever later, from before its parts have begun until it is ready."""
    for turn in count():
        ready, stop = asyncio.Event(), asyncio.Event()
        _, firm = made(database, tmp_path, Hand(), KeptBoard(), ready.set)
        running = asyncio.create_task(firm.run(stop))
        await asyncio.sleep(0.03 * turn)
        stop.set()
        await asyncio.wait_for(running, ENDED_S)
        if ready.is_set():
            break


async def test_who_paid_and_was_given_nothing_is_told_by_name(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "AGAIN_S", 0.2)
    monkeypatch.setattr(director, "PURCHASE_S", 0.5)
    container, firm = made(database, tmp_path, Hand(), KeptBoard(), lambda: None)
    container.worker.override(Object(Deaf()))  # so nobody carries the provider's messages
    with pytest.raises(director.NothingDelivered) as refusal:
        await asyncio.wait_for(firm.run(asyncio.Event()), ENDED_S)
    assert (refusal.value.trader, refusal.value.waited_s) == ("grace", 0.5)


async def test_restarted_beside_a_reader_that_is_behind_nobody_buys_twice(
    database: str, engine: AsyncEngine, behind: str, tmp_path: Path
) -> None:
    for _ in range(2):
        ready, stop = asyncio.Event(), asyncio.Event()
        _, firm = made(database, tmp_path, Hand(), KeptBoard(), ready.set, reader=behind)
        running, begun = asyncio.create_task(firm.run(stop)), asyncio.create_task(ready.wait())
        await asyncio.wait([running, begun], timeout=ENDED_S, return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        stop.set()
        await asyncio.wait_for(running, ENDED_S)
        assert ready.is_set()
    async with engine.connect() as connection:
        bought = await connection.scalar(text("select count(*) from purchases"))
    assert bought == len(STORIES)
