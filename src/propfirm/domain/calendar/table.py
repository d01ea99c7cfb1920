"""The session table: the dates on which an exchange group does not keep its regular hours.

The table decides (holiday, half day, Good Friday), no rule of thumb does: sources disagree about such days, and rows
say how sure they are. It covers the whole years from its first row's to its last row's. Dates outside are ordinary
weeks by rule, and every trading day made from them says that there was no holiday data.

``trade_date`` of an early close: ``next`` where the exchange gives the shortened session the trade date of the next
one (Martin Luther King Day, Presidents' Day, Memorial Day, Juneteenth, Independence Day, Labor Day, Thanksgiving),
``own`` where it keeps its own (the day before Independence Day, the day after Thanksgiving, Christmas Eve, Good
Friday).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from hashlib import sha256
from typing import Final, Literal, TypeAlias, cast, get_args

from msgspec import Struct

from propfirm.domain.calendar.hours import HOURS, NOON
from propfirm.domain.calendar.instants import ONE_DAY
from propfirm.domain.errors import Refused
from propfirm.domain.market.contracts import Group

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COLUMNS: Final = (
    "date",
    "weekday",
    "holiday",
    "product_group",
    "status",
    "close_ct",
    "trade_date",
    "lean_close_ct",
    "lean_evening_open_ct",
    "confidence",
)
"""What ``parse_table`` needs; other columns are for people."""

TradeDate: TypeAlias = Literal["own", "next"]


@dataclass(eq=False)
class BadCalendar(Refused):
    """A calendar file with mistakes. problems: one sentence each, all that were found."""

    code = "calendar.bad-table"
    title = "The calendar has mistakes"
    problems: tuple[str, ...]


class SpecialDay(Struct, frozen=True):
    """One group on one date (Chicago) that is not regular.

    close: the early close in Chicago wall time; None = closed all day. trade_date: see the module. evening: when the
    session of the following date opens on this evening; None = it does not, or the group trades by day only.
    confidence: which sources say so, for people.
    """

    day: date
    group: Group
    holiday: str
    close: time | None
    trade_date: TradeDate
    evening: time | None
    confidence: str


class SessionTable(Struct, frozen=True):
    """version: changes with any byte of the file, and stands in the evidence of verdicts.

    first, last: the dates that it covers.
    """

    version: str
    first: date
    last: date
    days: tuple[SpecialDay, ...]

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


def parse_table(csv_text: str) -> SessionTable:
    """The table of a CSV file with a header and at least ``COLUMNS``. Raises BadCalendar with every mistake.

    ``lean_evening_open_ct``: a time from noon on is when the next session opens that evening; ``none``, a time before
    noon, or nothing where that source knows the date, mean that no session opens; nothing where it does not know the
    date (its ``lean_close_ct`` is empty too) leaves the regular hours.
    """
    problems: list[str] = []
    days: dict[tuple[date, Group], SpecialDay] = {}
    for place, cells in read_rows(csv_text, COLUMNS):
        try:
            special = _special_day(cells)
        except ValueError as wrong:
            problems.append(f"{place}: {wrong}")
            continue
        if (special.day, special.group) in days:
            problems.append(f"{place}: {special.day} {special.group} is there twice")
        days[special.day, special.group] = special
    problems.extend(_contradictions(days))
    if not days and not problems:
        problems.append("there are no rows")
    if problems:
        raise BadCalendar(tuple(problems))
    ordered = tuple(days[key] for key in sorted(days))
    first, last = ordered[0].day.replace(month=1, day=1), ordered[-1].day.replace(month=12, day=31)
    return SessionTable(f"calendar-{sha256(csv_text.encode()).hexdigest()[:16]}", first, last, ordered)


def read_rows(csv_text: str, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row's place, for messages, and its cells by column. Raises BadCalendar when columns are missing, or cells
    are too few or too many: then nothing in the file can be trusted to stand where it should."""
    reader = csv.DictReader(csv_text.splitlines(), restkey="", restval=None)
    if missing := [column for column in columns if column not in (reader.fieldnames or ())]:
        raise BadCalendar(tuple(f"column {column} is missing" for column in missing))
    rows = [(f"row {reader.line_num}", cells) for cells in reader]
    if uneven := [place for place, cells in rows if "" in cells or None in cells.values()]:
        raise BadCalendar(tuple(f"{place} has not as many cells as the header" for place in uneven))
    yield from rows


def _special_day(cells: dict[str, str]) -> SpecialDay:
    """Raises ValueError."""
    day = parse_date(cells["date"])
    if WEEKDAYS[day.weekday()] != cells["weekday"]:
        msg = f"{day} is a {WEEKDAYS[day.weekday()]}, not {cells['weekday']!r}"
        raise ValueError(msg)
    if day.weekday() >= WEEKDAYS.index("Sat"):
        msg = f"{day} is a weekend"
        raise ValueError(msg)
    group = cells["product_group"]
    if group not in HOURS:
        msg = f"{group!r} is no product group"
        raise ValueError(msg)
    close, trade_date = _close(cells), cells["trade_date"]
    if trade_date not in (get_args(TradeDate) if close else ("",)):
        msg = f"{cells['status']} cannot have the trade_date {trade_date!r}"
        raise ValueError(msg)
    return SpecialDay(
        day=day,
        group=cast("Group", group),
        holiday=cells["holiday"],
        close=close,
        trade_date=cast("TradeDate", trade_date) if close else "next",
        evening=_evening(cells, HOURS[group].evening),
        confidence=cells["confidence"],
    )


def _close(cells: dict[str, str]) -> time | None:
    match cells["status"], cells["close_ct"]:
        case "closed", "":
            return None
        case "early_close", close if close:
            return parse_time(close)
        case status, close:
            msg = f"status {status!r} does not go with close_ct {close!r}"
            raise ValueError(msg)


def _evening(cells: dict[str, str], regular: time | None) -> time | None:
    stated = cells["lean_evening_open_ct"]
    if not stated:
        return None if cells["lean_close_ct"] else regular
    opens = None if stated == "none" else parse_time(stated)
    return opens if opens and opens >= NOON else None


def _contradictions(days: dict[tuple[date, Group], SpecialDay]) -> Iterator[str]:
    """Mistakes that only several rows together show."""
    for (day, group), special in sorted(days.items()):
        account = days.get((day, "equity_index"))
        if special.close and account and account.close and special.trade_date != account.trade_date:
            yield f"{day}: {group} and equity_index cannot have different trade dates"
        tomorrow = days.get((day + ONE_DAY, group))
        trades = (day + ONE_DAY).weekday() < WEEKDAYS.index("Sat") and (tomorrow is None or tomorrow.close is not None)
        if special.evening is None and trades and HOURS[group].daytime is None:
            yield f"{day}: {group} does not open that evening, so {day + ONE_DAY} would have no session"


def parse_date(text: str) -> date:
    """``2026-04-03`` and no other of the ISO forms. Raises ValueError."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        msg = f"{text!r} is not a date like 2026-04-03"
        raise ValueError(msg)
    return day


def parse_time(text: str) -> time:
    """``08:15`` and no other of the ISO forms. Raises ValueError."""
    wall = time.fromisoformat(text)
    if f"{wall:%H:%M}" != text:
        msg = f"{text!r} is not a time like 08:15"
        raise ValueError(msg)
    return wall
