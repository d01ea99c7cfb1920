"""Instants are integer nanoseconds since 1970-01-01 00:00 UTC; wall times become instants in a named zone.

No instant is ever read from a wall time alone: 02:30 in Chicago on 2026-03-08 does not exist, 01:30 on 2026-11-01
happens twice. Texts must carry their offset. Only the firm's own clocks (day roll, snapshot, flat-by) are wall times,
and for them the two cases are settled once, in ``wall_ns``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from propfirm.domain.errors import Refused

NS_PER_S: Final = 1_000_000_000
INSTANT_MAX: Final = 2**63 - 1
"""In the year 2262: what eight bytes can hold."""

ONE_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT: Final = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?:Z|(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>[0-5]\d))",
    re.ASCII,
)


@dataclass(eq=False)
class UnknownZone(Refused):
    """Not a name of the time zone database, such as ``America/Chicago``."""

    code = "calendar.unknown-zone"
    title = "There is no time zone of this name"
    zone: str


def named_zone(name: str) -> ZoneInfo:
    """Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # no such key; a key that leaves the database; one that is a folder
        raise UnknownZone(name) from None


def to_ns(moment: datetime) -> int:
    """Raises ValueError for a datetime without a zone."""
    if moment.utcoffset() is None:
        msg = f"{moment.isoformat()} has no zone"
        raise ValueError(msg)
    since = moment - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000


def from_ns(at: int) -> datetime:
    """In UTC. What is below a microsecond is dropped, toward the past."""
    return _EPOCH + timedelta(microseconds=at // 1_000)


def parse_instant(text: str) -> int:
    """An ISO 8601 date and time with its offset, to the nanosecond: ``2026-03-09T16:59:59.999999999-05:00``.

    Raises ValueError for everything else: no offset, no seconds, no such date, a leap second, more than nine digits,
    before 1970 or after ``INSTANT_MAX``.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        msg = f"{text[:64]!r} is not a date and time with a zone, like 2026-03-09T16:59:59.999Z"
        raise ValueError(msg)
    zone: timezone = UTC
    if match["sign"]:
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
        zone = timezone(-offset if match["sign"] == "-" else offset)  # raises ValueError from 24 hours on
    seconds = datetime.fromisoformat(f"{match['date']}T{match['time']}").replace(tzinfo=zone)
    at = to_ns(seconds) + int((match["fraction"] or "").ljust(9, "0"))
    if not 0 <= at <= INSTANT_MAX:
        msg = f"{text} is before 1970 or after 2262"
        raise ValueError(msg)
    return at


def wall_ns(day: date, wall: time, zone: ZoneInfo) -> int:
    """The instant at which clocks of ``zone`` show this date and time.

    Where they show it twice (clocks go back) the first one. Where they never do (clocks go forward) the first instant
    after the gap. A later wall time is never an earlier instant.
    """
    local = datetime.combine(day, wall.replace(fold=0), tzinfo=zone)
    first, second = _offset(local), _offset(local.replace(fold=1))
    shown = to_ns(local.replace(tzinfo=UTC))
    # PEP 495: inside a gap the offset before it is the smaller one; inside a repeated hour it is the larger one.
    return shown - first if first >= second else _clock_change(shown - second, shown - first, zone)


def _offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    return 0 if offset is None else (offset.days * 86_400 + offset.seconds) * NS_PER_S


def _clock_change(before: int, after: int, zone: ZoneInfo) -> int:
    """The instant in (before, after] at which the zone's offset changes; there is one, and it is a whole second."""
    low, high = before // NS_PER_S, after // NS_PER_S
    old = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high * NS_PER_S
