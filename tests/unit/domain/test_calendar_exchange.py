"""When each group trades: regular hours, halts, and the evenings around holidays."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.domain.calendar.exchange import Exchange
from propfirm.domain.calendar.hours import GROUPS
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.calendar.table import COLUMNS, parse_table
from propfirm.domain.catalogue.program import Clock

CHICAGO = ZoneInfo("America/Chicago")
SESSIONS = Sessions(Clock("UTC", time(0), time(0), calendar="civil"), load_session_table())
EXCHANGE = Exchange(load_session_table())


def ct(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=CHICAGO))


def opens_and_shuts(group: str, *moments: str) -> list[bool]:
    """Whether the group trades at each moment, after checking that it did not an instant before, or did."""
    found = []
    for moment in moments:
        now = SESSIONS.is_open(group, ct(moment))
        assert SESSIONS.is_open(group, ct(moment) - 1) is not now, moment
        found.append(now)
    return found


def test_index_futures_trade_from_sunday_17_00_to_friday_16_00_with_a_daily_break() -> None:
    assert opens_and_shuts(
        "equity_index",
        "2025-03-02T17:00",
        "2025-03-03T16:00",
        "2025-03-03T17:00",
        "2025-03-04T16:00",
        "2025-03-06T17:00",
        "2025-03-07T16:00",
    ) == [True, False, True, False, True, False]
    assert not SESSIONS.is_open("equity_index", ct("2025-03-08T12:00"))


def test_grains_pause_in_the_morning_and_close_at_13_20() -> None:
    assert opens_and_shuts(
        "grains", "2025-03-02T19:00", "2025-03-03T07:45", "2025-03-03T08:30", "2025-03-03T13:20", "2025-03-03T19:00"
    ) == [True, False, True, False, True]


def test_livestock_trades_by_day_only() -> None:
    assert opens_and_shuts("livestock", "2025-03-03T08:30", "2025-03-03T13:05") == [True, False]
    assert not SESSIONS.is_open("livestock", ct("2025-03-03T20:00"))


@pytest.mark.parametrize(
    ("group", "moments"),
    [
        ("equity_index", ["2026-01-18T17:00", "2026-01-19T12:00", "2026-01-19T17:00", "2026-01-20T16:00"]),
        ("energy", ["2026-01-18T17:00", "2026-01-19T13:30", "2026-01-19T17:00", "2026-01-20T16:00"]),
        ("fx", ["2026-01-18T17:00", "2026-01-19T16:00", "2026-01-19T17:00", "2026-01-20T16:00"]),
        ("grains", ["2026-01-19T19:00", "2026-01-20T07:45"]),
        ("livestock", ["2026-01-20T08:30", "2026-01-20T13:05"]),
    ],
)
def test_groups_keep_different_hours_on_martin_luther_king_day(group: str, moments: list[str]) -> None:
    assert opens_and_shuts(group, *moments) == [True, False] * (len(moments) // 2)


def test_a_closed_date_takes_its_evening_before_and_gives_back_its_own() -> None:
    assert opens_and_shuts("equity_index", "2025-12-24T12:15", "2025-12-25T17:00") == [False, True]
    assert not SESSIONS.is_open("equity_index", ct("2025-12-24T18:00"))
    assert not SESSIONS.is_open("equity_index", ct("2025-12-25T16:59"))


def test_grains_come_back_from_thanksgiving_in_the_morning() -> None:
    assert opens_and_shuts("grains", "2026-11-25T13:20", "2026-11-27T08:30", "2026-11-27T12:05") == [False, True, False]
    assert not SESSIONS.is_open("grains", ct("2026-11-26T20:00"))


def test_good_friday_decides_by_the_table_of_its_year() -> None:
    assert not SESSIONS.is_open("equity_index", ct("2025-04-18T08:00"))
    assert not SESSIONS.is_open("equity_index", ct("2025-04-17T18:00"))
    assert opens_and_shuts("equity_index", "2026-04-02T17:00", "2026-04-03T08:15") == [True, False]
    assert SESSIONS.is_open("fx", ct("2026-04-03T10:00"))
    assert not SESSIONS.is_open("energy", ct("2026-04-02T18:00"))


def test_an_early_close_after_the_regular_one_does_not_lengthen_the_day() -> None:
    """One source says 16:45 for grains on the day before Juneteenth 2025; they close at 13:20."""
    assert opens_and_shuts("grains", "2025-06-18T13:20") == [False]
    assert not EXCHANGE.closes_early("grains", date(2025, 6, 18))


def test_a_day_closes_early_only_before_the_group_s_own_last_hour() -> None:
    assert EXCHANGE.closes_early("grains", date(2025, 11, 28))
    assert not EXCHANGE.closes_early("grains", date(2025, 12, 1))
    assert not EXCHANGE.closes_early("grains", date(2025, 12, 25))
    regular = "2025-03-03,Mon,,rates,early_close,16:00,own,,,"
    assert not Exchange(parse_table(f"{','.join(COLUMNS)}\n{regular}")).closes_early("rates", date(2025, 3, 3))


def test_a_halt_before_the_day_session_of_grains_leaves_the_night() -> None:
    exchange = Exchange(parse_table(f"{','.join(COLUMNS)}\n2025-03-03,Mon,,grains,early_close,07:00,own,,,"))
    assert exchange.session("grains", date(2025, 3, 3)) == ((ct("2025-03-02T19:00"), ct("2025-03-03T07:00")),)


def test_outside_the_table_christmas_is_an_ordinary_day() -> None:
    assert SESSIONS.is_open("equity_index", ct("2024-12-25T10:00"))


def test_an_unknown_group_is_not_silently_closed() -> None:
    with pytest.raises(KeyError):
        SESSIONS.is_open("bitcoin", ct("2025-03-03T10:00"))


@pytest.mark.parametrize(
    ("group", "after", "opens"),
    [
        ("equity_index", "2025-03-03T15:10", "2025-03-03T17:00"),
        ("equity_index", "2025-03-07T15:10", "2025-03-09T17:00"),
        ("equity_index", "2026-01-19T11:55", "2026-01-19T17:00"),  # the holiday's evening
        ("equity_index", "2025-12-24T12:10", "2025-12-25T17:00"),
        ("grains", "2025-03-03T13:15", "2025-03-03T19:00"),
        ("grains", "2025-03-03T19:00", "2025-03-04T08:30"),  # strictly after
        ("grains", "2025-03-04T03:00", "2025-03-04T08:30"),
        ("livestock", "2025-03-07T13:00", "2025-03-10T08:30"),
    ],
)
def test_the_next_opening_is_the_next_begin_of_trading(group: str, after: str, opens: str) -> None:
    assert SESSIONS.next_open(group, ct(after)) == ct(opens)


@given(
    st.sampled_from(GROUPS),
    st.datetimes(datetime(2007, 1, 1), datetime(2037, 12, 31), timezones=st.just(CHICAGO)),  # noqa: DTZ001 - hypothesis wants the bounds naive
)
def test_a_group_is_open_exactly_in_its_sessions(group: str, moment: datetime) -> None:
    at = to_ns(moment)
    near = [moment.date() + timedelta(days=n) for n in range(-2, 8)]
    parts = [part for day in near for part in EXCHANGE.session(group, day)]
    assert EXCHANGE.is_open(group, at) is any(opens <= at < closes for opens, closes in parts)
    assert EXCHANGE.next_open(group, at) == min(opens for opens, _ in parts if opens > at)
