"""To be killed: writes to the platform's book and shows the clock's time, and says what it has done."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from propfirm.adapters.simulator.book import Began, Book, Progress, Stopped
from propfirm.adapters.system.virtual_clock import VirtualClock
from propfirm.domain.calendar.instants import to_ns

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    book, clock = Book(folder), VirtualClock(folder / "clock", datetime(2026, 1, 25, tzinfo=UTC), 10_800)
    clock.start()
    if not book.acts:
        book.write(Began(0, "2026-01-25"))
    for number in count(len(book.acts) - 1):
        book.write(Stopped(f"account {number}", number))
        book.reach(Progress(number, number))
        print(number, to_ns(clock.now()), flush=True)
