"""ISO times to nanoseconds since 1970 UTC at the speed of a dictionary.

``2013-10-07T00:00:00.276Z`` is taken apart after its minute. Rows of one minute share the first part, and the second
part, seconds with offset, comes from a small set wherever times are in milliseconds; so neither is read twice.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from propfirm.domain.calendar.instants import NS_PER_S, to_ns

MINUTE_CHARS: Final = 16
"""Length of ``2013-10-07T00:00``."""
NS_PER_MINUTE: Final = 60 * NS_PER_S
YEARS: Final = range(1980, 2262)
"""Before, no contract traded electronically; after, nanoseconds no longer fit in eight bytes."""
REMEMBERED_MAX: Final = 131_072
"""Milliseconds of a minute, twice."""

_MINUTE: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
_TAIL: Final = re.compile(
    r"(?::(?P<second>[0-5]\d)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?:(?P<utc>Z)|(?P<sign>[+-])(?P<hours>[01]\d|2[0-3]):?(?P<minutes>[0-5]\d))?",
    re.ASCII,
)


def minute_ns(text: str) -> int:
    """The start of the minute, as if it were UTC. Raises ValueError with the reason."""
    if not _MINUTE.fullmatch(text):
        msg = "not a date and time like 2013-10-07T00:00:00.276Z"
        raise ValueError(msg)
    try:
        minute = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as mistake:
        msg = f"no such time ({mistake})"
        raise ValueError(msg) from None
    if minute.year not in YEARS:
        msg = f"not in the years {YEARS.start} to {YEARS.stop - 1}"
        raise ValueError(msg)
    return to_ns(minute)


class Tails(dict[str, int]):
    """What follows the minute, in nanoseconds to add to it: ``tails[":00.276-05:00"]``. A dictionary that computes what
    it does not hold. Raises ValueError with the reason.

    utc: times without an offset are UTC, because the format says so; otherwise they are refused.
    """

    __slots__ = ("_utc",)

    def __init__(self, *, utc: bool) -> None:
        super().__init__()
        self._utc = utc

    def __missing__(self, text: str) -> int:
        found = _TAIL.fullmatch(text)
        if found is None:
            msg = "not a date and time like 2013-10-07T00:00:00.276Z"
            raise ValueError(msg)
        if not (found["utc"] or found["sign"] or self._utc):
            msg = "the time has no zone: write it with an offset, such as 2013-10-07T00:00:00Z"
            raise ValueError(msg)
        ns = int(found["second"] or 0) * NS_PER_S + int((found["fraction"] or "").ljust(9, "0"))
        if found["sign"]:
            offset = (int(found["hours"]) * 60 + int(found["minutes"])) * NS_PER_MINUTE
            ns += offset if found["sign"] == "-" else -offset
        if len(self) >= REMEMBERED_MAX:
            self.clear()
        self[text] = ns
        return ns
