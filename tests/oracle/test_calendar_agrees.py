"""The exchange's calendar once more, naively, from the rows of the shipped table and nothing of the calendar's code.

Every date of every product group from 2007 to 2037: its session, and when an account of a common clock must be flat.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.domain.calendar.exchange import Exchange
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.catalogue.program import Clock

FIRST, LAST = date(2007, 1, 1), date(2037, 12, 31)
DAY: Final = timedelta(days=1)
CHICAGO: Final = ZoneInfo("America/Chicago")
SECOND: Final = 10**9
NIGHT: Final = {"grains": ("19:00", "07:45"), "livestock": None}
DAYTIME: Final = {"grains": ("08:30", "13:20"), "livestock": ("08:30", "13:05")}
GROUPS: Final = ("equity_index", "energy", "metals", "fx", "rates", "grains", "livestock", "crypto")
ROWS: Final = {
    (row["product_group"], date.fromisoformat(row["date"])): row
    for row in csv.DictReader(files("propfirm").joinpath("resources/calendar.csv").read_text("utf-8").splitlines())
}


def ns(day: date, wall: str) -> int:
    return int(datetime.combine(day, time.fromisoformat(wall), CHICAGO).timestamp()) * SECOND


def dates(first: date = FIRST, last: date = LAST) -> Iterator[date]:
    return (first + n * DAY for n in range((last - first).days + 1))


def evening(group: str, day: date) -> str:
    """When the group opens on this evening; empty if it does not."""
    hours, row = NIGHT.get(group, ("17:00", "16:00")), ROWS.get((group, day))
    if hours is None:
        return ""
    if row is None or not (row["lean_evening_open_ct"] or row["lean_close_ct"]):
        return hours[0]
    stated = row["lean_evening_open_ct"]
    return stated if stated != "none" and stated >= "12:00" else ""


def session(group: str, day: date) -> tuple[tuple[int, int], ...]:
    """Wall times of one form compare as texts."""
    row = ROWS.get((group, day))
    if day.weekday() > 4 or (row is not None and row["status"] == "closed"):
        return ()
    latest = row["close_ct"] if row is not None else "24:00"
    night, daytime, parts = NIGHT.get(group, ("17:00", "16:00")), DAYTIME.get(group), []
    if night is not None and evening(group, day - DAY):
        parts.append((ns(day - DAY, evening(group, day - DAY)), ns(day, min(night[1], latest))))
    if daytime is not None and daytime[0] < latest:
        parts.append((ns(day, daytime[0]), ns(day, min(daytime[1], latest))))
    return tuple(parts)


@pytest.mark.parametrize("group", GROUPS)
def test_every_session_of_thirty_one_years_is_that_of_the_table_and_none_overlap(group: str) -> None:
    exchange, before = Exchange(load_session_table()), 0
    for day in dates():
        found = exchange.session(group, day)
        assert found == session(group, day), day
        for opens, closes in found:
            assert before < opens < closes
            before = closes


def flat_by(group: str, day: date) -> tuple[int, str]:
    """15:10 Chicago, or five minutes before an earlier close; and what lies behind it."""
    row, regular = ROWS.get((group, day)), DAYTIME.get(group, ("", "16:00"))[1]
    early = row is not None and row["close_ct"] < regular
    closes, common = session(group, day)[-1][1], ns(day, "15:10")
    due = min(common, closes - 300 * SECOND) if early or closes < common else common
    reopens = next(later for later in dates(day + DAY, day + 14 * DAY) if session(group, later))
    if any(between.weekday() > 4 for between in dates(day, reopens)):
        return due, "weekend"
    return due, "holiday" if early or reopens > day + DAY else "night"


@pytest.mark.parametrize(
    "clock",
    [
        Clock("America/Chicago", time(17), time(16, 10), time(15, 10)),
        Clock("America/Chicago", time(17), time(16, 10), time(15, 10), holiday_session="own_day"),
        Clock("America/New_York", time(18), time(17), time(16, 10)),
    ],
    ids=["Chicago, merged", "Chicago, own days", "New York"],
)
def test_every_trading_day_of_thirty_one_years_is_whole_and_flat_in_time(clock: Clock) -> None:
    days = list(Sessions(clock, load_session_table()).days(FIRST, LAST))
    for day, following in pairwise(days):
        assert day.label < following.label
        assert day.until == following.opens == ns(day.label, "17:00")
    for day in days[1:]:
        account = ROWS.get(("equity_index", day.label))
        merged = account is not None and account["trade_date"] == "next" and clock.holiday_session == "merge"
        assert session("equity_index", day.label)
        assert not merged
        assert day.calendar_known == (2025 <= day.label.year <= 2027)
        opened = datetime.fromtimestamp(day.opens / SECOND, CHICAGO).date()
        found = {(group, due, over) for due, groups, over in day.flat_by for group in groups}
        assert found == {
            (group, *flat_by(group, one))
            for one in dates(opened + DAY, day.label)
            for group in GROUPS
            if session(group, one)
        }
        assert all(day.opens < due <= day.snapshot < day.until for _, due, _ in found)


@pytest.mark.parametrize("zone", ["Europe/Prague", "UTC", "America/Havana", "Africa/Cairo", "Asia/Beirut"])
def test_every_civil_day_of_thirty_one_years_is_the_date_that_its_clocks_show(zone: str) -> None:
    """Cairo and Beirut skip midnight when clocks go forward; Havana has it twice when they go back."""
    local = ZoneInfo(zone)
    days = list(Sessions(Clock(zone, time(0), time(0), calendar="civil"), load_session_table()).days(FIRST, LAST))
    assert [day.label for day in days] == list(dates())
    for day, following in pairwise(days):
        assert day.until == day.snapshot == following.opens
        for at in (day.opens, day.until - SECOND):
            assert datetime.fromtimestamp(at // SECOND, local).date() == day.label
