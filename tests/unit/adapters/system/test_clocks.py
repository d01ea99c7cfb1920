"""The exam of ``Clock``: what the firm relies on, of every clock that there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from propfirm.adapters.system.clock import RealClock
from propfirm.adapters.system.virtual_clock import FollowingClock, VirtualClock
from propfirm.application.ports.clock import Clock

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


CLOCKS: dict[str, Callable[[Path], Clock]] = {
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
