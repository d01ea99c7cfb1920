from datetime import UTC, date, datetime, time
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propfirm.adapters.resources.calendar import load_news, load_session_table
from propfirm.domain.calendar.clock_events import (
    ClockEvent,
    blackout_windows,
    clock_events,
    news_windows,
    windows_open_at,
)
from propfirm.domain.calendar.hours import GROUPS
from propfirm.domain.calendar.instants import NS_PER_S, parse_instant, to_ns
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.catalogue.program import Blackout, Clock, News
from propfirm.domain.rules.events import DayRolled, EodSnapshot, FlatBy, WindowClosed, WindowOpened

TOPSTEP = Clock(zone="America/Chicago", day_roll=time(17), eod_snapshot=time(16, 10), flat_by=time(15, 10))
SESSIONS = Sessions(TOPSTEP, load_session_table())
CHICAGO = ZoneInfo("America/Chicago")
TWO_MINUTES = News(
    before_s=120,
    after_s=120,
    mode="no_execution",
    events={"CPI": ("ES", "NQ"), "NFP": ("*",), "FOMC": ("*",), "FOMC_PRESS": ("*",)},
)
NIGHTLY = Blackout(start=time(15, 10), end=time(17))
OVER_MIDNIGHT = Blackout(start=time(23), end=time(1), days=("sun",))


def ct(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=CHICAGO))


def events_of(start: str, end: str, clock: Clock = TOPSTEP, blackouts: tuple[Blackout, ...] = ()) -> list[ClockEvent]:
    sessions = Sessions(clock, load_session_table())
    return list(clock_events(sessions, ct(start), ct(end), blackouts=blackouts))


def test_a_trading_day_has_its_flat_bys_its_snapshot_and_its_roll() -> None:
    assert events_of("2025-03-03T09:00", "2025-03-03T18:00") == [
        FlatBy(0, ct("2025-03-03T13:00"), ("livestock",), "night", ct("2025-03-04T08:30")),
        FlatBy(0, ct("2025-03-03T13:15"), ("grains",), "night", ct("2025-03-03T19:00")),
        FlatBy(
            0,
            ct("2025-03-03T15:10"),
            ("equity_index", "energy", "metals", "fx", "rates", "crypto"),
            "night",
            ct("2025-03-03T17:00"),
        ),
        EodSnapshot(0, ct("2025-03-03T16:10"), date(2025, 3, 3)),
        DayRolled(0, ct("2025-03-03T17:00"), date(2025, 3, 4), ct("2025-03-04T17:00"), calendar_known=True),
    ]


def test_a_halted_holiday_closes_its_groups_only_until_they_trade_again_that_evening() -> None:
    holiday = events_of("2026-01-19T09:00", "2026-01-19T18:00")
    halts = {event.groups: (event.at, event.reopens) for event in holiday if isinstance(event, FlatBy)}
    assert halts["equity_index", "rates"] == (ct("2026-01-19T11:55"), ct("2026-01-19T17:00"))
    assert not any(isinstance(event, DayRolled) for event in holiday)  # the day goes on until Tuesday


def test_the_roll_on_friday_opens_monday_and_nothing_happens_until_then() -> None:
    assert events_of("2026-01-09T16:30", "2026-01-12T12:00") == [
        DayRolled(0, ct("2026-01-09T17:00"), date(2026, 1, 12), ct("2026-01-12T17:00"))
    ]


def test_a_merged_holiday_has_no_roll_and_no_snapshot() -> None:
    events = events_of("2026-01-16T18:00", "2026-01-20T18:00")
    assert [event.at for event in events if isinstance(event, DayRolled)] == [ct("2026-01-20T17:00")]
    assert [event.day for event in events if isinstance(event, EodSnapshot)] == [date(2026, 1, 20)]
    assert [event.at for event in events if isinstance(event, FlatBy) and "equity_index" in event.groups] == [
        ct("2026-01-19T11:55"),
        ct("2026-01-20T15:10"),
    ]


def test_a_roll_without_holiday_data_says_so() -> None:
    (roll,) = (event for event in events_of("2027-12-31T12:00", "2028-01-01T12:00") if isinstance(event, DayRolled))
    assert (roll.day, roll.calendar_known) == (date(2028, 1, 3), False)


def test_a_span_begins_after_its_start_and_includes_its_end() -> None:
    assert [type(event) for event in events_of("2025-03-03T15:10", "2025-03-03T16:10")] == [EodSnapshot]
    assert events_of("2025-03-03T16:10", "2025-03-03T16:10") == []
    assert events_of("2025-03-03T17:00", "2025-03-03T16:00") == []


def test_at_one_instant_windows_close_first_and_open_last() -> None:
    clock = msgspec.structs.replace(TOPSTEP, eod_snapshot=time(17), flat_by=time(17), per_product_close=False)
    blackouts = (Blackout(start=time(16), end=time(17)), Blackout(start=time(17), end=time(18)))
    at_the_roll = [
        event
        for event in events_of("2025-03-03T09:00", "2025-03-03T20:00", clock, blackouts)
        if event.at == ct("2025-03-03T17:00")
    ]
    kinds = [kind for kind, _ in groupby(type(event) for event in at_the_roll)]  # one flat-by for each reopening
    assert kinds == [WindowClosed, FlatBy, EodSnapshot, DayRolled, WindowOpened]


def test_events_come_in_time_order_even_where_flat_by_follows_the_snapshot() -> None:
    clock = msgspec.structs.replace(TOPSTEP, eod_snapshot=time(15))
    kinds = [type(event) for event in events_of("2025-03-03T14:00", "2025-03-03T18:00", clock)]
    assert kinds == [EodSnapshot, FlatBy, DayRolled]


def test_the_clocks_of_one_day_are_those_of_its_span() -> None:
    day = SESSIONS.day_at(ct("2026-01-19T12:00"))
    events = SESSIONS.clock_events(day)
    assert events == tuple(clock_events(SESSIONS, day.opens, day.until))
    assert events[-1] == DayRolled(0, day.until, date(2026, 1, 21), ct("2026-01-21T17:00"))


# ------------------------------------------------------------------ news


def test_a_news_window_includes_both_its_ends() -> None:
    windows = {window.name: window for window in news_windows(TWO_MINUTES, load_news())}
    cpi = windows["CPI 2026-02-13"]
    assert cpi.release == parse_instant("2026-02-13T13:30:00Z")
    assert cpi.opens == parse_instant("2026-02-13T13:28:00Z")
    assert cpi.closes == parse_instant("2026-02-13T13:32:00.000000001Z")
    assert (cpi.kind, cpi.products) == ("news", ("ES", "NQ"))
    assert len(windows) == 40


def test_a_news_window_opens_and_closes_by_name() -> None:
    start, end = parse_instant("2026-02-13T13:00:00Z"), parse_instant("2026-02-13T14:00:00Z")
    assert list(clock_events(SESSIONS, start, end, news=news_windows(TWO_MINUTES, load_news()))) == [
        WindowOpened(
            0,
            parse_instant("2026-02-13T13:28:00Z"),
            "CPI 2026-02-13",
            "news",
            ("ES", "NQ"),
            parse_instant("2026-02-13T13:30:00Z"),
        ),
        WindowClosed(0, parse_instant("2026-02-13T13:32:00.000000001Z"), "CPI 2026-02-13"),
    ]


def test_a_rule_sees_only_the_categories_it_lists() -> None:
    only_cpi = msgspec.structs.replace(TWO_MINUTES, events={"CPI": ("*",)})
    names = [window.name for window in news_windows(only_cpi, load_news())]
    assert len(names) == 12
    assert all(name.startswith("CPI ") for name in names)


def test_a_rule_is_not_judged_by_another_list_than_it_pins() -> None:
    other = msgspec.structs.replace(TWO_MINUTES, feed="us-high-impact-2027")
    with pytest.raises(ValueError, match="us-high-impact-2027"):
        news_windows(other, load_news())


def test_a_statement_and_its_press_conference_overlap_as_two_windows() -> None:
    hour = msgspec.structs.replace(TWO_MINUTES, before_s=3600, after_s=3600)
    start, end = parse_instant("2026-01-28T17:00:00Z"), parse_instant("2026-01-28T21:00:00Z")
    events = list(clock_events(SESSIONS, start, end, news=news_windows(hour, load_news())))
    named = [(type(event), event.name) for event in events if isinstance(event, WindowOpened | WindowClosed)]
    assert named == [
        (WindowOpened, "FOMC 2026-01-28"),
        (WindowOpened, "FOMC_PRESS 2026-01-28"),
        (WindowClosed, "FOMC 2026-01-28"),
        (WindowClosed, "FOMC_PRESS 2026-01-28"),
    ]


def test_an_account_that_begins_inside_a_window_is_told_of_it() -> None:
    news = news_windows(TWO_MINUTES, load_news())
    opens, closes = parse_instant("2026-02-13T13:28:00Z"), parse_instant("2026-02-13T13:32:00.000000001Z")
    assert windows_open_at(SESSIONS, opens - 1, news=news) == ()
    assert windows_open_at(SESSIONS, closes, news=news) == ()
    for moment in (opens, closes - 1):
        (window,) = windows_open_at(SESSIONS, moment, news=news)
        assert (window.at, window.name) == (moment, "CPI 2026-02-13")


# ------------------------------------------------------------------ blackouts


def test_a_blackout_is_on_its_weekdays_in_the_wall_time_of_the_clock() -> None:
    windows = list(blackout_windows(SESSIONS, (NIGHTLY,), ct("2026-03-06T12:00"), ct("2026-03-10T12:00")))
    assert [(window.opens, window.closes) for window in windows] == [
        (ct(f"{day}T15:10"), ct(f"{day}T17:00")) for day in ("2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10")
    ]
    assert {(window.kind, window.products, window.release) for window in windows} == {("blackout", ("*",), 0)}
    assert windows[1].name == "blackout 15:10:00-17:00:00 2026-03-06"


def test_a_blackout_that_ends_before_it_starts_ends_on_the_next_date() -> None:
    (window,) = blackout_windows(SESSIONS, (OVER_MIDNIGHT,), ct("2026-03-16T00:30"), ct("2026-03-16T00:30"))
    assert (window.opens, window.closes) == (ct("2026-03-15T23:00"), ct("2026-03-16T01:00"))
    assert [one.name for one in windows_open_at(SESSIONS, ct("2026-03-16T00:30"), blackouts=(OVER_MIDNIGHT,))] == [
        window.name
    ]


def test_a_blackout_that_ends_when_it_starts_lasts_a_day() -> None:
    whole = Blackout(start=time(9), end=time(9), days=("wed",))
    (window,) = blackout_windows(SESSIONS, (whole,), ct("2026-03-18T12:00"), ct("2026-03-18T12:00"))
    assert (window.opens, window.closes) == (ct("2026-03-18T09:00"), ct("2026-03-19T09:00"))


def test_a_blackout_that_clocks_skip_is_left_out() -> None:
    skipped = Blackout(start=time(2, 10), end=time(2, 50), days=("sun",))
    span = ct("2026-03-07T12:00"), ct("2026-03-15T12:00")
    assert [window.opens for window in blackout_windows(SESSIONS, (skipped,), *span)] == [ct("2026-03-15T02:10")]


# ------------------------------------------------------------------ what always holds

START = to_ns(datetime(2025, 1, 1, tzinfo=UTC))
MONTH = 31 * 86_400 * NS_PER_S
RANK = (WindowClosed, FlatBy, EodSnapshot, DayRolled, WindowOpened)


@settings(max_examples=60)
@given(
    st.integers(START, START + 36 * MONTH),
    st.lists(st.integers(0, MONTH), min_size=1, max_size=6),
    st.sampled_from(("America/Chicago", "Europe/Prague", "UTC")),
    st.sampled_from(("cme", "civil")),
)
def test_spans_that_follow_one_another_give_each_event_once_and_in_order(
    start: int, steps: list[int], zone: str, calendar: str
) -> None:
    clock = Clock(zone, time(0), time(23, 30), flat_by=time(22, 45), calendar="cme" if calendar == "cme" else "civil")
    sessions = Sessions(clock, load_session_table())
    news = news_windows(TWO_MINUTES, load_news())
    blackouts = (NIGHTLY, OVER_MIDNIGHT)
    cuts = [start, *(start + step for step in sorted(steps))]
    whole = list(clock_events(sessions, cuts[0], cuts[-1], blackouts=blackouts, news=news))
    parts = [
        event
        for one, other in pairwise(cuts)
        for event in clock_events(sessions, one, other, blackouts=blackouts, news=news)
    ]
    assert parts == whole
    assert all(cuts[0] < event.at <= cuts[-1] for event in whole)
    order = [(event.at, RANK.index(type(event))) for event in whole]
    assert order == sorted(order)


@given(st.integers(START, START + 36 * MONTH))
def test_every_roll_opens_the_day_that_the_next_roll_ends(start: int) -> None:
    rolls = [event for event in clock_events(SESSIONS, start, start + MONTH) if isinstance(event, DayRolled)]
    for roll, following in pairwise(rolls):
        assert roll.until == following.at
        assert roll.day < following.day
        assert SESSIONS.day_at(roll.at).label == roll.day


@given(st.integers(START, START + 36 * MONTH))
def test_a_window_open_at_a_moment_is_one_that_opened_before_and_closes_after(moment: int) -> None:
    news = news_windows(msgspec.structs.replace(TWO_MINUTES, before_s=86_400, after_s=86_400), load_news())
    blackouts = (NIGHTLY, OVER_MIDNIGHT)
    open_now = {window.name for window in windows_open_at(SESSIONS, moment, blackouts=blackouts, news=news)}
    expected: set[str] = set()
    for event in clock_events(SESSIONS, moment - MONTH, moment, blackouts=blackouts, news=news):
        if isinstance(event, WindowOpened):
            expected.add(event.name)
        elif isinstance(event, WindowClosed):
            expected.discard(event.name)
    assert open_now == expected


def test_flat_by_names_every_group_once_on_an_ordinary_day() -> None:
    groups = [
        group
        for event in events_of("2025-03-03T00:00", "2025-03-03T23:00")
        if isinstance(event, FlatBy)
        for group in event.groups
    ]
    assert sorted(groups) == sorted(GROUPS)
