"""``kill -9`` of whoever holds the platform's book and the clock: nothing that was said is lost."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from propfirm.adapters.simulator.book import Book, Progress, Stopped
from propfirm.adapters.system.virtual_clock import VirtualClock
from propfirm.domain.calendar.instants import to_ns

CHILD: Final = Path(__file__).with_name("killed.py")
KILLS: Final = 12


def test_what_a_killed_platform_said_is_known_to_the_next(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - when to kill, no secret
    said, shown = -1, 0
    for _ in range(KILLS):
        with subprocess.Popen([sys.executable, str(CHILD), str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(chance.randrange(1, 400)):
                number, at = map(int, child.stdout.readline().split())
                assert (number, at > shown) == (said + 1, True)
                said, shown = number, at
            child.kill()
            for line in child.stdout.read().splitlines(keepends=True):
                if line.endswith("\n"):
                    said, shown = map(int, line.split())
        book = Book(tmp_path)
        assert len(book.acts) - 2 in {said, said + 1}
        assert book.acts[1:] == [Stopped(f"account {n}", n) for n in range(len(book.acts) - 1)]
        assert book.progress() in {Progress(said, said), Progress(said + 1, said + 1)}
        clock = VirtualClock(tmp_path / "clock", datetime(2026, 1, 25, tzinfo=UTC), 10_800)
        assert to_ns(clock.now()) >= shown
        said = len(book.acts) - 2
