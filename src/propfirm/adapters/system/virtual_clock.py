"""A clock that runs faster than the wall's, can be held, goes on where it was, and is seen by other processes.

Theory of operation. The clock stands at ``since`` until it is started; then every real nanosecond counts ``speed``
times. What it has shown must never be shown again, not even after the process was killed: so before it shows a time
past its *lease* it writes a new lease to its file, ``LEASE_S`` real seconds ahead, and a process that finds a lease
goes on from the end of it. Held in order, the clock writes the exact time, and nothing is skipped.

While it runs it leaves a word on how, by the machine's monotonic clock, which all processes share: so a command of
another process at the same firm shows the same time (``FollowingClock``). A word may be left by a process that was
killed: so whoever follows never goes further past the lease than a lease is worth.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from propfirm.application.ports.state import StateDamaged
from propfirm.domain.calendar.instants import NS_PER_S, from_ns, to_ns

NO_CLOCKS: Final = "is not what the demo's clock writes"
FAR: Final = 2**62
"""In ns; beyond it lies no date of a demo."""
LEASE_S: Final = 1
"""A killed demo loses this much real time at most."""


class VirtualClock:
    """Fills ``Clock`` and ``Hindsight``. Made held; ``start`` lets it run. One process at a time has the file."""

    def __init__(
        self, file: Path, first: datetime, speed: int, monotonic: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """first: where a clock without a file begins. speed: virtual seconds in a real one, at least 1.

        monotonic: real nanoseconds. Raises OSError, and StateDamaged for a file that this clock did not write.
        """
        if speed < 1:
            msg = f"a clock of speed {speed} never gets anywhere"
            raise ValueError(msg)
        self.speed = speed
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._monotonic = monotonic
        self._since = _lease_in(file) if file.exists() else to_ns(first)
        self._started: int | None = None
        self._lease = self._since
        _word(file).unlink(missing_ok=True)  # of one that was killed: nothing runs by it any more

    def now(self) -> datetime:
        return from_ns(self._at())

    def ago(self, real: timedelta) -> datetime | None:
        if self._started is None:
            return None
        ran = self._monotonic() - self._started - _ns(real)
        return None if ran < 0 else from_ns(self._since + ran * self.speed)

    @property
    def runs(self) -> bool:
        return self._started is not None

    def not_before(self, at: datetime) -> bool:
        """Held, it moves on to this moment if it stands before it. Whether it did."""
        behind = self._since < to_ns(at)
        if behind:
            self._since = self._lease = to_ns(at)
        return behind

    def start(self) -> None:
        """A running clock runs on."""
        if self._started is None:
            self._started = self._monotonic()
            self._write(self._since)
            _put(_word(self._file), f"{self._since} {self._started} {self.speed}")

    def hold(self) -> None:
        """Stands still at the present moment, and remembers it exactly."""
        self._since, self._started = self._at(), None
        self._write(self._since)
        _word(self._file).unlink(missing_ok=True)

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
        _put(self._file, str(lease))
        self._lease = lease


class FollowingClock:
    """Fills ``Clock`` and ``Hindsight``: shows what the ``VirtualClock`` of another process shows, and moves nothing.

    followed: whether that process lives; where it does not, this clock stands where the other will go on.
    """

    def __init__(
        self, file: Path, followed: Callable[[], bool], monotonic: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """``now`` raises OSError where there is no clock, StateDamaged for a file that no clock wrote."""
        self._file, self._followed, self._monotonic = file, followed, monotonic
        self._shown = 0

    def now(self) -> datetime:
        self._shown = max(self._shown, self._at())
        return from_ns(self._shown)

    def ago(self, real: timedelta) -> datetime | None:
        how = self._how()
        if how is None:
            return None
        since, started, speed = how
        ran = self._monotonic() - started
        if since + ran * speed > self._most(speed):  # the word of one that was killed
            return None
        return None if ran < _ns(real) else from_ns(since + (ran - _ns(real)) * speed)

    def _at(self) -> int:
        how = self._how()
        if how is None:
            return self._lease()
        since, started, speed = how
        return min(since + (self._monotonic() - started) * speed, self._most(speed))

    def _lease(self) -> int:
        return _lease_in(self._file)

    def _most(self, speed: int) -> int:
        """No clock that runs shows more."""
        return self._lease() + LEASE_S * NS_PER_S * speed

    def _how(self) -> tuple[int, int, int] | None:
        """Since when of its own time and of the machine's it runs, and how fast; None while it stands."""
        try:
            since, started, speed = map(int, _word(self._file).read_text("ascii").split())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise StateDamaged(str(_word(self._file)), NO_CLOCKS, "start `propfirm dev` again") from error
        return (since, started, speed) if self._followed() else None


def _lease_in(file: Path) -> int:
    """Raises OSError, StateDamaged."""
    try:
        lease = int(file.read_text("ascii"))
    except ValueError as error:  # also of bytes that are no text
        raise StateDamaged(str(file), NO_CLOCKS) from error
    if not 0 < lease < FAR:
        raise StateDamaged(str(file), NO_CLOCKS)
    return lease


def _word(file: Path) -> Path:
    """Where a running clock says how it runs."""
    return file.with_suffix(".runs")


def _ns(real: timedelta) -> int:
    return real // timedelta(microseconds=1) * 1_000


def _put(file: Path, content: str) -> None:
    """In place whole: a reader finds the old content or the new one."""
    beside = file.with_suffix(f"{file.suffix}.new")
    beside.write_text(content, "ascii")
    beside.replace(file)
