"""The exam of ``Clock``: what the firm relies on, of every clock that there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from propfirm.adapters.system.clock import RealClock
from propfirm.adapters.system.virtual_clock import FollowingClock, VirtualClock
from propfirm.application.ports.clock import Clock, Hindsight

FIRST = datetime(2026, 11, 15, 22, 30, tzinfo=UTC)


def running(folder: Path) -> VirtualClock:
    clock = VirtualClock(folder / "clock", FIRST, 10_800)
    clock.start()
    return clock


def held(folder: Path) -> VirtualClock:
    clock = running(folder)
    clock.hold()
    return clock


def following(folder: Path) -> FollowingClock:
    running(folder)
    return FollowingClock(folder / "clock", lambda: True)


class Looked(Clock, Hindsight, Protocol): ...


CLOCKS: dict[str, Callable[[Path], Looked]] = {
    "real": lambda _: RealClock(),
    "running": running,
    "held": held,
    "following": following,
}


@pytest.mark.parametrize("name", CLOCKS)
def test_it_shows_utc_and_never_goes_back(name: str, tmp_path: Path) -> None:
    clock = CLOCKS[name](tmp_path)
    shown = [clock.now() for _ in range(2_000)]
    assert all(one.utcoffset() == timedelta(0) for one in shown)
    assert shown == sorted(shown)


@pytest.mark.parametrize("name", CLOCKS)
def test_looked_back_at_it_shows_no_more_than_now_and_nothing_from_before_it_ran(name: str, tmp_path: Path) -> None:
    clock = CLOCKS[name](tmp_path)
    just_now, long_ago = clock.ago(timedelta(0)), clock.ago(timedelta(days=10_000))
    assert (just_now is None) == (name == "held")
    assert just_now is None or just_now <= clock.now()
    assert (long_ago is None) == (name != "real")
