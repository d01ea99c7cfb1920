"""A clock that runs faster than the wall's, can be held, and goes on where it was.

Theory of operation. The clock stands at ``since`` until it is started; then every real nanosecond counts ``speed``
times. What it has shown must never be shown again, not even after the process was killed: so before it shows a time
past its *lease* it writes a new lease to its file, ``LEASE_S`` real seconds ahead, and a process that finds a lease
goes on from the end of it. Held in order, the clock writes the exact time, and nothing is skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from propfirm.domain.calendar.instants import NS_PER_S, from_ns, to_ns

LEASE_S: Final = 1
"""A killed demo loses this much real time at most."""


class VirtualClock:
    """Fills ``Clock``. Made held; ``start`` lets it run. One process at a time has the file."""

    def __init__(
        self, file: Path, first: datetime, speed: int, monotonic: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """first: where a clock without a file begins. speed: virtual seconds in a real one, at least 1.

        monotonic: real nanoseconds. Raises OSError, and ValueError for a file that this clock did not write.
        """
        if speed < 1:
            msg = f"a clock of speed {speed} never gets anywhere"
            raise ValueError(msg)
        self.speed = speed
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._monotonic = monotonic
        self._since = int(file.read_text("ascii")) if file.exists() else to_ns(first)
        self._started: int | None = None
        self._lease = self._since

    def now(self) -> datetime:
        return from_ns(self._at())

    def start(self) -> None:
        """A running clock runs on."""
        if self._started is None:
            self._started = self._monotonic()

    def hold(self) -> None:
        """Stands still at the present moment, and remembers it exactly."""
        self._since, self._started = self._at(), None
        self._write(self._since)

    def run_at(self, speed: int) -> None:
        """From now on; what has passed has passed."""
        running = self._started is not None
        self.hold()
        self.speed = speed
        if running:
            self.start()

    def _at(self) -> int:
        if self._started is None:
            return self._since
        at = self._since + (self._monotonic() - self._started) * self.speed
        if at > self._lease:
            self._write(at + LEASE_S * NS_PER_S * self.speed)
        return at

    def _write(self, lease: int) -> None:
        """Put in place whole: a reader finds the old lease or the new one."""
        beside = self._file.with_suffix(".new")
        beside.write_text(str(lease), "ascii")
        beside.replace(self._file)
        self._lease = lease
