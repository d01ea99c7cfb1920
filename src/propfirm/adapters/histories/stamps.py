"""Times as trading platforms write them, to nanoseconds since 1970 UTC.

Two orders of the date are known: ``2025-11-18 09:45:25.123`` and ``11/18/2025 9:45:25 AM`` (month first), each with or
without seconds, fraction, AM/PM and offset. A time without an offset means something only in a zone that someone
names; the hour that clocks skip or repeat when they change is refused, because it was never, or twice.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from propfirm.domain.calendar.instants import INSTANT_MAX, to_ns

EARLIEST: Final = to_ns(datetime(1980, 1, 1, tzinfo=UTC))
"""No fill of these contracts is older; what is, is a placeholder such as 0001-01-01 or 1970-01-01."""
NOT_TRADED: Final = "nothing was traded at this time"

_DATE: Final = r"(?:(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[T ]|(?P<us_m>\d\d?)/(?P<us_d>\d\d?)/(?P<us_y>\d{4}),? +)"
_CLOCK: Final = r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
_ZONE: Final = r"(?P<utc> ?Z| UTC)|(?: ?(?P<sign>[+-])(?P<off_h>\d\d):?(?P<off_m>[0-5]\d))"
_STAMP: Final = re.compile(rf"{_DATE}{_CLOCK}(?: ?(?P<half>[AaPp])[Mm])?(?:{_ZONE})?", re.ASCII)


def instant(text: str, zone: ZoneInfo | None) -> int:
    """zone: where ``text`` has no offset of its own. Raises ValueError with the reason."""
    found = _STAMP.fullmatch(text)
    if found is None:
        msg = "not a date and time of a known form"
        raise ValueError(msg)
    wall = _wall(found)
    if not 1 < wall.year < 9999:  # no offset must lead out of the years that exist
        msg = NOT_TRADED
        raise ValueError(msg)
    if found["utc"]:
        offset: tzinfo = UTC
    elif found["sign"]:
        if int(found["off_h"]) >= 24:
            msg = "no offset from UTC is as long as a day"
            raise ValueError(msg)
        distance = timedelta(hours=int(found["off_h"]), minutes=int(found["off_m"]))
        offset = timezone(-distance if found["sign"] == "-" else distance)
    elif zone is not None:
        offset = _settled(wall, zone)
    else:
        msg = "the time has no zone: say in which one it was written, such as --zone America/Chicago"
        raise ValueError(msg)
    at = to_ns(wall.replace(tzinfo=offset)) + int((found["fraction"] or "").ljust(9, "0"))
    if not EARLIEST <= at <= INSTANT_MAX:
        msg = NOT_TRADED
        raise ValueError(msg)
    return at


def has_offset(text: str) -> bool:
    """Whether the time says itself how far from UTC it is, so that it needs no zone."""
    found = _STAMP.fullmatch(text)
    return found is not None and bool(found["utc"] or found["sign"])


def _wall(found: re.Match[str]) -> datetime:
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            msg = f"there is no {hour} o'clock with AM or PM"
            raise ValueError(msg)
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    year, month, day = (int(found[name] or found[f"us_{name}"]) for name in ("y", "m", "d"))
    try:
        return datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0))  # noqa: DTZ001 - the zone comes after
    except ValueError as mistake:
        msg = f"no such time ({mistake})"
        raise ValueError(msg) from None


def _settled(wall: datetime, zone: ZoneInfo) -> tzinfo:
    """The zone, if its clocks showed this time exactly once."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first is None or second is None or first == second:
        return zone
    # PEP 495: inside a repeated hour the offset before the change is the larger one, inside a gap the smaller.
    what = "twice: clocks went back" if first > second else "never: clocks went forward"
    msg = f"in {zone.key} this time was {what}"
    raise ValueError(msg)
