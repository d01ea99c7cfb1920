"""The list of economic releases that news rules look at.

Releases are a table, not a rule: "first Friday" is wrong five times in 2026, and schedules move after publication.
Times are New York wall times, so that 08:30 is 13:30 UTC in winter and 12:30 UTC in summer. A program pins a list by
its feed name; the version changes with every edit and stands in the evidence.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.domain.calendar.instants import wall_ns
from propfirm.domain.calendar.table import BadCalendar, parse_date, parse_time, read_rows

CATEGORIES: Final = ("FOMC", "FOMC_PRESS", "NFP", "CPI")
COLUMNS: Final = ("date", "time_et", "event", "category", "status")
"""What ``parse_news`` needs; other columns are for people."""

_NEW_YORK: Final = ZoneInfo("America/New_York")


class Release(Struct, frozen=True):
    """at: the release in ns; day: its date in New York. note: why it is not on its usual date, for people."""

    category: str
    at: int
    day: date
    event: str
    note: str

    @property
    def name(self) -> str:
        """Unique in its list: ``CPI 2026-02-13``."""
        return f"{self.category} {self.day}"


class NewsCalendar(Struct, frozen=True):
    """A list of releases in order of time. feed: the name that programs pin; version: changes with any byte of it."""

    version: str
    feed: str
    rows: tuple[Release, ...]


def parse_news(csv_text: str, feed: str) -> NewsCalendar:
    """The list of a CSV file with a header and at least ``COLUMNS``. Raises BadCalendar with every mistake."""
    problems: list[str] = []
    releases: dict[str, Release] = {}
    for place, cells in read_rows(csv_text, COLUMNS):
        try:
            release = _release(cells)
        except ValueError as wrong:
            problems.append(f"{place}: {wrong}")
            continue
        if release.name in releases:
            problems.append(f"{place}: {release.name} is there twice")
        releases[release.name] = release
    if not releases and not problems:
        problems.append("there are no rows")
    if problems:
        raise BadCalendar(tuple(problems))
    rows = tuple(sorted(releases.values(), key=lambda release: (release.at, release.category)))
    return NewsCalendar(f"{feed}-{sha256(csv_text.encode()).hexdigest()[:16]}", feed, rows)


def _release(cells: dict[str, str]) -> Release:
    """Raises ValueError."""
    day = parse_date(cells["date"])
    if cells["category"] not in CATEGORIES:
        msg = f"{cells['category']!r} is no category of releases"
        raise ValueError(msg)
    return Release(
        category=cells["category"],
        at=wall_ns(day, parse_time(cells["time_et"]), _NEW_YORK),
        day=day,
        event=cells["event"],
        note=cells["status"],
    )
