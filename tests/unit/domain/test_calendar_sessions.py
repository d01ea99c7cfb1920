from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.domain.calendar.hours import GROUPS
from propfirm.domain.calendar.instants import NS_PER_S, UnknownZone, from_ns, parse_instant, to_ns
from propfirm.domain.calendar.sessions import Sessions, TradingDay
from propfirm.domain.catalogue.program import Clock

TABLE = load_session_table()
HOUR = 3600 * NS_PER_S
TOPSTEP = Clock(zone="America/Chicago", day_roll=time(17), eod_snapshot=time(16, 10), flat_by=time(15, 10))
APEX = Clock(zone="America/New_York", day_roll=time(18), eod_snapshot=time(17), flat_by=time(16, 59))
FTMO = Clock(zone="Europe/Prague", day_roll=time(0), eod_snapshot=time(0), calendar="civil")
BREAKOUT = Clock(zone="UTC", day_roll=time(0, 30), eod_snapshot=time(0, 30), calendar="civil")
GLOBEX = ("equity_index", "energy", "metals", "fx", "rates", "crypto")


def ct(text: str) -> int:
    """A Chicago wall time that exists once."""
    return at(text, "America/Chicago")


def at(text: str, zone: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def topstep() -> Sessions:
    return Sessions(TOPSTEP, TABLE)


def labels(clock: Clock, first: date, last: date) -> list[date]:
    return [day.label for day in Sessions(clock, TABLE).days(first, last)]


def flat_by(day: TradingDay) -> list[tuple[str, str, set[str]]]:
    zone = ZoneInfo("America/Chicago")
    return [(f"{from_ns(due).astimezone(zone):%a %H:%M}", over, set(groups)) for due, groups, over in day.flat_by]


# ------------------------------------------------------------------ an ordinary week


def test_sunday_evening_belongs_to_monday() -> None:
    sessions = topstep()
    fills = ("2025-03-02T17:00", "2025-03-03T15:09:59", "2025-03-03T17:00")
    assert [sessions.day_at(ct(fill)).label for fill in fills] == [
        date(2025, 3, 3),
        date(2025, 3, 3),
        date(2025, 3, 4),
    ]


def test_sunday_evening_and_monday_morning_in_new_york_are_one_day() -> None:
    sessions = Sessions(APEX, TABLE)
    fills = ("2025-03-02T18:00", "2025-03-03T09:30")
    assert {sessions.day_at(at(fill, "America/New_York")).label for fill in fills} == {date(2025, 3, 3)}


def test_chicago_17_00_and_new_york_18_00_are_one_roll() -> None:
    first, last = date(2025, 1, 1), date(2027, 12, 31)
    chicago = [(day.label, day.opens, day.until) for day in topstep().days(first, last)]
    new_york = [(day.label, day.opens, day.until) for day in Sessions(APEX, TABLE).days(first, last)]
    assert chicago == new_york


def test_the_day_rolls_between_the_last_millisecond_and_the_full_hour() -> None:
    sessions = topstep()
    assert sessions.day_at(parse_instant("2026-03-10T16:59:59.999-05:00")).label == date(2026, 3, 10)
    assert sessions.day_at(parse_instant("2026-03-10T17:00:00.000-05:00")).label == date(2026, 3, 11)
    assert sessions.day_at(parse_instant("2026-03-10T16:59:59.999999999-05:00")).label == date(2026, 3, 10)


def test_three_clocks_of_a_day_are_three_instants() -> None:
    day = topstep().day_at(ct("2025-03-03T12:00"))
    assert day.opens == ct("2025-02-28T17:00")
    assert max(due for due, _, _ in day.flat_by) == ct("2025-03-03T15:10")
    assert day.snapshot == ct("2025-03-03T16:10")
    assert day.until == ct("2025-03-03T17:00")
    assert day.calendar_known


def test_a_weekend_belongs_to_the_next_trading_day() -> None:
    sessions = topstep()
    monday = sessions.day_at(ct("2026-01-12T12:00"))
    for moment in ("2026-01-09T17:00", "2026-01-10T12:00", "2026-01-11T16:59:59", "2026-01-11T17:00"):
        assert sessions.day_at(ct(moment)) == monday
    assert sessions.day_at(ct("2026-01-09T16:59:59")).label == date(2026, 1, 9)


def test_positions_are_flat_by_15_10_or_before_the_close_of_their_own_product() -> None:
    assert flat_by(topstep().day_at(ct("2025-03-03T12:00"))) == [
        ("Mon 13:00", "night", {"livestock"}),
        ("Mon 13:15", "night", {"grains"}),
        ("Mon 15:10", "night", set(GLOBEX)),
    ]


def test_a_position_held_after_flat_by_is_in_the_gap_and_one_after_the_roll_is_not() -> None:
    sessions = topstep()

    def in_the_gap(moment: int) -> bool:
        day = sessions.day_at(moment)
        return any(due <= moment for due, groups, _ in day.flat_by if "equity_index" in groups)

    assert in_the_gap(ct("2025-03-03T16:30"))
    assert in_the_gap(ct("2025-03-03T15:10"))
    assert not in_the_gap(ct("2025-03-03T15:10") - 1)
    assert not in_the_gap(ct("2025-03-03T17:00"))


def test_friday_is_flat_over_the_weekend() -> None:
    assert {over for _, _, over in topstep().day_at(ct("2026-01-16T12:00")).flat_by} == {"weekend"}


def test_a_program_may_ask_for_one_time_for_all_products() -> None:
    clock = msgspec.structs.replace(TOPSTEP, per_product_close=False)
    assert flat_by(Sessions(clock, TABLE).day_at(ct("2025-03-03T12:00"))) == [("Mon 15:10", "night", set(GROUPS))]


def test_one_time_for_all_products_leaves_out_those_that_are_closed() -> None:
    clock = msgspec.structs.replace(TOPSTEP, per_product_close=False)
    day = Sessions(clock, TABLE).day_at(ct("2026-01-19T12:00"))
    assert flat_by(day)[:2] == [
        ("Mon 15:10", "holiday", {"equity_index", "rates", "energy", "metals"}),
        ("Mon 15:10", "night", {"fx", "crypto"}),
    ]


def test_a_flat_by_at_the_very_close_needs_no_margin_and_a_later_one_does() -> None:
    at_close = msgspec.structs.replace(TOPSTEP, flat_by=time(16))
    after_it = msgspec.structs.replace(TOPSTEP, flat_by=time(16, 30))
    assert flat_by(Sessions(at_close, TABLE).day_at(ct("2025-03-03T12:00")))[-1][0] == "Mon 16:00"
    assert flat_by(Sessions(after_it, TABLE).day_at(ct("2025-03-03T12:00")))[-1][0] == "Mon 15:55"


def test_an_earlier_flat_by_stands_on_an_early_close() -> None:
    clock = msgspec.structs.replace(TOPSTEP, flat_by=time(11))
    assert flat_by(Sessions(clock, TABLE).day_at(ct("2026-01-19T12:00")))[0] == (
        "Mon 11:00",
        "holiday",
        {"equity_index", "rates", "energy", "metals"},
    )


def test_the_margin_before_a_halt_is_the_program_s() -> None:
    clock = msgspec.structs.replace(TOPSTEP, halt_margin_s=1800)
    assert flat_by(Sessions(clock, TABLE).day_at(ct("2026-01-19T12:00")))[0][0] == "Mon 11:30"


def test_grace_moves_the_judgement_and_not_beyond_the_roll() -> None:
    generous = msgspec.structs.replace(TOPSTEP, flat_grace_s=90)
    assert Sessions(generous, TABLE).day_at(ct("2025-03-03T12:00")).flat_by[-1][0] == ct("2025-03-03T15:11:30")
    endless = msgspec.structs.replace(TOPSTEP, flat_grace_s=86_400)
    day = Sessions(endless, TABLE).day_at(ct("2025-03-03T12:00"))
    assert [due for due, _, _ in day.flat_by] == [day.until]


def test_a_clock_without_flat_by_has_none() -> None:
    clock = msgspec.structs.replace(TOPSTEP, flat_by=None)
    assert Sessions(clock, TABLE).day_at(ct("2026-01-19T12:00")).flat_by == ()


def test_a_snapshot_after_the_roll_is_taken_at_the_roll() -> None:
    day = Sessions(msgspec.structs.replace(TOPSTEP, eod_snapshot=time(17, 30)), TABLE).day_at(ct("2025-03-03T12:00"))
    assert day.snapshot == day.until


def test_a_clock_whose_zone_is_unknown_is_refused() -> None:
    with pytest.raises(UnknownZone):
        Sessions(msgspec.structs.replace(TOPSTEP, zone="Chicago"), TABLE)


# ------------------------------------------------------------------ holidays


def test_martin_luther_king_day_2026_has_the_trade_date_of_tuesday() -> None:
    sessions = topstep()
    day = sessions.day_at(ct("2026-01-18T17:00"))
    assert day.label == date(2026, 1, 20)
    for moment in ("2026-01-19T11:59", "2026-01-19T16:30", "2026-01-19T17:00", "2026-01-20T16:59:59"):
        assert sessions.day_at(ct(moment)) == day
    assert (day.opens, day.until) == (ct("2026-01-16T17:00"), ct("2026-01-20T17:00"))
    assert day.snapshot == ct("2026-01-20T16:10")


def test_a_merged_day_is_flat_before_the_holiday_s_halt_and_on_the_full_day() -> None:
    assert flat_by(topstep().day_at(ct("2026-01-19T12:00"))) == [
        ("Mon 11:55", "holiday", {"equity_index", "rates"}),
        ("Mon 13:25", "holiday", {"energy", "metals"}),
        ("Mon 15:10", "night", {"fx", "crypto"}),
        ("Tue 13:00", "night", {"livestock"}),
        ("Tue 13:15", "night", {"grains"}),
        ("Tue 15:10", "night", set(GLOBEX)),
    ]


def test_a_firm_may_make_the_holiday_a_day_of_its_own() -> None:
    clock = msgspec.structs.replace(TOPSTEP, holiday_session="own_day")
    assert labels(clock, date(2026, 1, 16), date(2026, 1, 20)) == [
        date(2026, 1, 16),
        date(2026, 1, 19),
        date(2026, 1, 20),
    ]
    assert Sessions(clock, TABLE).day_at(ct("2026-01-19T17:00")).label == date(2026, 1, 20)


@pytest.mark.parametrize(
    ("holiday", "trade_date"),
    [
        (date(2025, 2, 17), date(2025, 2, 18)),  # Presidents' Day
        (date(2025, 5, 26), date(2025, 5, 27)),  # Memorial Day
        (date(2025, 6, 19), date(2025, 6, 20)),  # Juneteenth, a Thursday
        (date(2026, 6, 19), date(2026, 6, 22)),  # Juneteenth, a Friday
        (date(2025, 7, 4), date(2025, 7, 7)),  # Independence Day, a Friday
        (date(2026, 7, 3), date(2026, 7, 6)),  # observed on Friday
        (date(2027, 7, 5), date(2027, 7, 6)),  # observed on Monday
        (date(2026, 9, 7), date(2026, 9, 8)),  # Labor Day
        (date(2025, 11, 27), date(2025, 11, 28)),  # Thanksgiving
    ],
)
def test_a_holiday_with_an_early_halt_counts_with_the_next_trade_date(holiday: date, trade_date: date) -> None:
    sessions = topstep()
    assert sessions.day_at(ct(f"{holiday}T10:00")).label == trade_date
    assert list(sessions.days(holiday, holiday)) == []


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 4, 3),  # Good Friday, until 08:15
        date(2025, 7, 3),
        date(2025, 11, 28),
        date(2026, 11, 27),
        date(2025, 12, 24),
        date(2026, 12, 24),
    ],
)
def test_a_shortened_day_that_is_no_holiday_counts_for_itself(day: date) -> None:
    assert topstep().day_at(ct(f"{day}T08:00")).label == day


def test_thanksgiving_week_has_four_trading_days() -> None:
    sessions = topstep()
    week = list(sessions.days(date(2025, 11, 24), date(2025, 11, 30)))
    assert [day.label.day for day in week] == [24, 25, 26, 28]
    assert flat_by(week[2]) == [
        ("Wed 13:00", "holiday", {"livestock"}),
        ("Wed 13:15", "holiday", {"grains"}),
        ("Wed 15:10", "night", set(GLOBEX)),
    ]
    assert flat_by(week[3]) == [
        ("Thu 11:55", "holiday", {"equity_index", "rates"}),
        ("Thu 13:25", "holiday", {"energy", "metals"}),
        ("Thu 15:10", "night", {"fx", "crypto"}),
        ("Fri 12:00", "weekend", {"grains", "livestock"}),
        ("Fri 12:10", "weekend", {"equity_index", "rates"}),
        ("Fri 13:40", "weekend", {"energy", "metals", "fx", "crypto"}),
    ]
    assert week[3].opens == week[2].until == ct("2025-11-26T17:00")


def test_good_friday_2025_was_closed_and_belongs_to_easter_monday() -> None:
    sessions = topstep()
    assert labels(TOPSTEP, date(2025, 4, 17), date(2025, 4, 21)) == [date(2025, 4, 17), date(2025, 4, 21)]
    assert sessions.day_at(ct("2025-04-18T09:00")).label == date(2025, 4, 21)
    assert {over for _, _, over in sessions.day_at(ct("2025-04-17T09:00")).flat_by} == {"weekend"}


def test_good_friday_2026_halts_at_08_15_for_the_jobs_report() -> None:
    sessions = topstep()
    day = sessions.day_at(ct("2026-04-03T07:30"))
    assert day.label == date(2026, 4, 3)
    assert flat_by(day) == [
        ("Fri 08:10", "weekend", {"equity_index"}),
        ("Fri 10:10", "weekend", {"fx", "rates", "crypto"}),
    ]
    assert day.snapshot == ct("2026-04-03T16:10")


def test_a_halt_before_a_roll_in_the_morning_belongs_to_the_day_that_runs_then() -> None:
    clock = msgspec.structs.replace(TOPSTEP, day_roll=time(9), eod_snapshot=time(8, 45), flat_by=time(8, 30))
    thursday, friday = Sessions(clock, TABLE).days(date(2026, 4, 2), date(2026, 4, 3))
    assert flat_by(thursday)[2:] == [
        ("Thu 15:55", "night", {"equity_index", "rates", "fx", "crypto"}),
        ("Thu 15:55", "weekend", {"energy", "metals"}),
        ("Fri 08:10", "weekend", {"equity_index"}),
    ]
    assert flat_by(friday) == [("Fri 10:10", "weekend", {"rates", "fx", "crypto"})]


def test_groups_that_close_a_day_sooner_are_flat_over_more_than_a_night() -> None:
    assert flat_by(topstep().day_at(ct("2026-04-02T12:00")))[2:] == [
        ("Thu 15:10", "night", {"equity_index", "fx", "rates", "crypto"}),
        ("Thu 15:10", "weekend", {"energy", "metals"}),
    ]


def test_christmas_2025_is_no_trading_day_and_the_eve_is_a_half_one() -> None:
    sessions = topstep()
    assert labels(TOPSTEP, date(2025, 12, 22), date(2026, 1, 2)) == [
        date(2025, 12, 22),
        date(2025, 12, 23),
        date(2025, 12, 24),
        date(2025, 12, 26),
        date(2025, 12, 29),
        date(2025, 12, 30),
        date(2025, 12, 31),
        date(2026, 1, 2),
    ]
    assert sessions.day_at(ct("2025-12-25T17:00")).label == date(2025, 12, 26)
    assert flat_by(sessions.day_at(ct("2025-12-24T09:00"))) == [
        ("Wed 12:00", "holiday", {"grains"}),
        ("Wed 12:10", "holiday", {"equity_index", "rates", "livestock"}),
        ("Wed 12:40", "holiday", {"energy", "metals", "fx", "crypto"}),
    ]


def test_the_last_day_before_a_closed_date_is_flat_over_the_holiday() -> None:
    assert flat_by(topstep().day_at(ct("2025-12-31T09:00")))[-1] == ("Wed 15:10", "holiday", set(GLOBEX))


# ------------------------------------------------------------------ outside the table


@pytest.mark.parametrize("day", [date(2024, 12, 25), date(2028, 7, 4), date(2007, 1, 1), date(2037, 12, 25)])
def test_outside_the_table_every_weekday_is_a_trading_day_without_holiday_data(day: date) -> None:
    trading_day = topstep().day_at(ct(f"{day}T10:00"))
    assert trading_day.label == day
    assert not trading_day.calendar_known
    assert trading_day.until - trading_day.opens in {24 * HOUR, 72 * HOUR}


def test_the_table_s_own_edges_are_known_and_their_neighbours_are_not() -> None:
    sessions = topstep()
    assert sessions.day_at(ct("2025-01-01T10:00")).calendar_known
    assert not sessions.day_at(ct("2024-12-31T10:00")).calendar_known
    assert sessions.day_at(ct("2027-12-31T10:00")).calendar_known
    assert not sessions.day_at(ct("2027-12-31T17:00")).calendar_known


def test_a_civil_calendar_knows_all_its_days() -> None:
    assert all(day.calendar_known for day in Sessions(FTMO, TABLE).days(date(2037, 12, 20), date(2038, 1, 10)))


# ------------------------------------------------------------------ daylight saving


def test_the_roll_keeps_its_wall_time_over_both_clock_changes_of_2026() -> None:
    sessions = topstep()
    spring, autumn = sessions.day_at(ct("2026-03-09T12:00")), sessions.day_at(ct("2026-11-02T12:00"))
    assert (spring.opens, spring.until) == (
        parse_instant("2026-03-06T23:00:00Z"),
        parse_instant("2026-03-09T22:00:00Z"),
    )
    assert (autumn.opens, autumn.until) == (
        parse_instant("2026-10-30T22:00:00Z"),
        parse_instant("2026-11-02T23:00:00Z"),
    )
    assert [(day.until - day.opens) // HOUR for day in (spring, autumn)] == [71, 73]


def test_the_hour_that_does_not_exist_and_the_hour_that_comes_twice_have_one_day_each() -> None:
    sessions = topstep()
    for moment in ("2026-03-08T07:59:59Z", "2026-03-08T08:00:00Z"):
        assert sessions.day_at(parse_instant(moment)).label == date(2026, 3, 9)
    for moment in ("2026-11-01T01:30:00-05:00", "2026-11-01T01:30:00-06:00"):
        assert sessions.day_at(parse_instant(moment)).label == date(2026, 11, 2)


def test_american_and_european_clocks_change_on_different_nights() -> None:
    """A clock in Prague on exchange days: 00:00 is 17:00 Chicago, and 18:00 while only America has changed."""
    sessions = Sessions(msgspec.structs.replace(FTMO, calendar="cme"), TABLE)
    chicago = ZoneInfo("America/Chicago")
    opens = {
        day.label: from_ns(day.opens).astimezone(chicago).hour
        for day in sessions.days(date(2026, 3, 4), date(2026, 4, 2))
    }
    assert (opens[date(2026, 3, 6)], opens[date(2026, 3, 10)], opens[date(2026, 3, 31)]) == (17, 18, 17)
    assert sessions.day_at(ct("2026-02-10T12:00")).label == date(2026, 2, 10)


# ------------------------------------------------------------------ civil days


def test_a_day_in_prague_runs_from_midnight_to_midnight() -> None:
    sessions = Sessions(FTMO, TABLE)
    before, after = parse_instant("2026-01-20T22:59:59.999999999Z"), parse_instant("2026-01-20T23:00:00Z")
    assert [sessions.day_at(moment).label for moment in (before, after)] == [date(2026, 1, 20), date(2026, 1, 21)]
    summer = sessions.day_at(parse_instant("2026-07-01T12:00:00Z"))
    assert (summer.opens, summer.until, summer.snapshot) == (
        parse_instant("2026-06-30T22:00:00Z"),
        parse_instant("2026-07-01T22:00:00Z"),
        parse_instant("2026-07-01T22:00:00Z"),
    )


def test_prague_has_a_day_of_23_and_one_of_25_hours() -> None:
    sessions = Sessions(FTMO, TABLE)
    hours = {day.label: (day.until - day.opens) // HOUR for day in sessions.days(date(2026, 1, 1), date(2026, 12, 31))}
    assert {label: length for label, length in hours.items() if length != 24} == {
        date(2026, 3, 29): 23,
        date(2026, 10, 25): 25,
    }
    assert len(hours) == 365


def test_a_reset_at_00_30_utc_begins_the_day_whose_date_it_has() -> None:
    sessions = Sessions(BREAKOUT, TABLE)
    before, after = parse_instant("2026-02-28T00:29:59.999999999Z"), parse_instant("2026-02-28T00:30:00Z")
    assert [sessions.day_at(moment).label for moment in (before, after)] == [date(2026, 2, 27), date(2026, 2, 28)]


def test_a_fixed_offset_zone_never_changes_its_hours() -> None:
    clock = Clock(zone="Etc/GMT-3", day_roll=time(0), eod_snapshot=time(23, 59), calendar="civil")
    days = list(Sessions(clock, TABLE).days(date(2026, 1, 1), date(2026, 12, 31)))
    assert {from_ns(day.opens).time() for day in days} == {time(21)}
    assert {day.until - day.snapshot for day in days} == {60 * NS_PER_S}


def test_a_civil_day_that_rolls_in_the_afternoon_bears_the_date_on_which_it_ends() -> None:
    clock = Clock(zone="America/New_York", day_roll=time(17), eod_snapshot=time(17), calendar="civil")
    sessions = Sessions(clock, TABLE)
    assert sessions.day_at(parse_instant("2026-01-16T21:59:59Z")).label == date(2026, 1, 16)
    assert sessions.day_at(parse_instant("2026-01-16T22:00:00Z")).label == date(2026, 1, 17)  # a Saturday


def test_a_snapshot_up_to_the_midnight_roll_belongs_to_the_day_that_ends_there() -> None:
    for wall, before_end in ((time(0), 0), (time(23, 59), 60 * NS_PER_S)):
        clock = msgspec.structs.replace(FTMO, eod_snapshot=wall)
        day = Sessions(clock, TABLE).day_at(parse_instant("2026-01-20T12:00:00Z"))
        assert day.until - day.snapshot == before_end


def test_a_civil_clock_is_flat_on_weekdays_for_all_groups_at_once() -> None:
    clock = Clock("Europe/Prague", time(0), time(0), flat_by=time(22, 45), flat_grace_s=60, calendar="civil")
    days = list(Sessions(clock, TABLE).days(date(2026, 1, 15), date(2026, 1, 19)))
    assert [[(groups, over) for _, groups, over in day.flat_by] for day in days] == [
        [(GROUPS, "night")],
        [(GROUPS, "weekend")],
        [],
        [],
        [(GROUPS, "night")],
    ]
    assert days[0].flat_by[0][0] == at("2026-01-15T22:46", "Europe/Prague")


def test_a_date_that_samoa_skipped_has_no_day() -> None:
    clock = Clock(zone="Pacific/Apia", day_roll=time(0), eod_snapshot=time(0), calendar="civil")
    days = list(Sessions(clock, TABLE).days(date(2011, 12, 28), date(2012, 1, 1)))
    assert [day.label.day for day in days] == [28, 29, 31, 1]
    assert {day.until - day.opens for day in days} == {24 * HOUR}
    assert Sessions(clock, TABLE).day_at(days[1].until - 1) == days[1]


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        (date(2026, 3, 8), "2026-03-08T08:00:00Z"),  # 02:30 is skipped: the first instant after the gap
        (date(2026, 11, 1), "2026-11-01T08:30:00Z"),
        (date(2026, 7, 1), "2026-07-01T07:30:00Z"),
    ],
)
def test_a_roll_inside_the_gap_is_the_first_instant_after_it(day: date, opens: str) -> None:
    clock = Clock(zone="America/Chicago", day_roll=time(2, 30), eod_snapshot=time(2, 30), calendar="civil")
    sessions = Sessions(clock, TABLE)
    found = sessions.day_at(parse_instant(opens))
    assert (found.label, found.opens) == (day, parse_instant(opens))
    assert sessions.day_at(found.opens - 1).label == day - timedelta(days=1)


def test_a_roll_that_comes_twice_is_the_first_of_the_two() -> None:
    clock = Clock(zone="America/Chicago", day_roll=time(1, 30), eod_snapshot=time(1, 30), calendar="civil")
    sessions = Sessions(clock, TABLE)
    assert sessions.day_at(parse_instant("2026-11-01T01:29:59-05:00")).label == date(2026, 10, 31)
    for second_hour in ("2026-11-01T01:30:00-05:00", "2026-11-01T01:10:00-06:00", "2026-11-01T01:30:00-06:00"):
        assert sessions.day_at(parse_instant(second_hour)).label == date(2026, 11, 1)


# ------------------------------------------------------------------ what always holds, 2007 to 2037

YEARS = (date(2007, 1, 1), date(2037, 12, 31))
LAST_INSTANT = to_ns(datetime(2038, 1, 1, tzinfo=UTC))
FIRST_INSTANT = to_ns(datetime(2007, 1, 1, tzinfo=UTC))
AMERICAN_ZONES = ("America/Chicago", "America/New_York", "America/Denver", "America/Los_Angeles", "US/Central")


@st.composite
def clocks(draw: st.DrawFn, per_product_close: bool = False) -> Clock:
    """Any zone, any roll; snapshot at most two hours before it, flat-by at most two before that."""
    roll = draw(st.integers(0, 24 * 60 - 1))
    snapshot = roll - draw(st.integers(0, 120))
    flat = snapshot - draw(st.integers(0, 120))
    return Clock(
        zone=draw(st.timezone_keys(allow_prefix=False)),
        day_roll=_wall(roll),
        eod_snapshot=_wall(snapshot),
        flat_by=draw(st.sampled_from((None, _wall(flat)))),
        calendar=draw(st.sampled_from(("cme", "civil"))),
        holiday_session=draw(st.sampled_from(("merge", "own_day"))),
        per_product_close=per_product_close,
    )


def _wall(minutes: int) -> time:
    return time(*divmod(minutes % (24 * 60), 60))


def _days_around(sessions: Sessions, moment: int) -> Iterator[TradingDay]:
    day = sessions.day_at(moment)
    for _ in range(12):
        yield day
        day = sessions.next(day)


def _check_tiling(sessions: Sessions, days: list[TradingDay]) -> None:
    for day, following in pairwise(days):
        assert day.until == following.opens
        assert day.label < following.label
    for day in days:
        assert day.opens < day.until
        assert day.opens < day.snapshot <= day.until
        assert all(day.opens < due <= day.until for due, _, _ in day.flat_by)
        assert sessions.day_at(day.opens) == sessions.day_at(day.until - 1) == day
        assert list(day.flat_by) == sorted(day.flat_by, key=lambda entry: entry[0])


@pytest.mark.thorough
@settings(max_examples=150)
@given(clocks(), st.integers(FIRST_INSTANT, LAST_INSTANT))
def test_days_tile_time_in_any_zone_with_any_roll(clock: Clock, moment: int) -> None:
    sessions = Sessions(clock, TABLE)
    days = list(_days_around(sessions, moment))
    assert days[0].opens <= moment < days[0].until
    _check_tiling(sessions, days)
    for day in days:
        assert all(due <= day.snapshot for due, _, _ in day.flat_by)


CHANGING_ZONES = (
    "America/Chicago",
    "Europe/Prague",
    "America/Sao_Paulo",  # at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Casablanca",  # twice more around Ramadan
    "Antarctica/Troll",  # by two hours
)


@pytest.mark.parametrize("zone", CHANGING_ZONES)
@pytest.mark.parametrize("roll", range(0, 4 * 60 + 1, 30))
def test_days_tile_time_where_clocks_change_at_the_roll(zone: str, roll: int) -> None:
    clock = Clock(zone, _wall(roll), _wall(roll - 30), flat_by=_wall(roll - 60), calendar="civil")
    sessions = Sessions(clock, TABLE)
    days = list(sessions.days(date(2018, 1, 1), date(2018, 12, 31)))
    assert len(days) == 365
    _check_tiling(sessions, days)
    for day in days:
        assert all(due <= day.snapshot for due, _, _ in day.flat_by)


@pytest.mark.thorough
@settings(max_examples=100)
@given(clocks(per_product_close=True), st.integers(FIRST_INSTANT, LAST_INSTANT))
def test_deadlines_before_a_product_s_own_close_fall_into_some_day_whatever_the_roll(clock: Clock, moment: int) -> None:
    sessions = Sessions(clock, TABLE)
    _check_tiling(sessions, list(_days_around(sessions, moment)))


@settings(max_examples=60)
@given(
    st.sampled_from(AMERICAN_ZONES), st.integers(0, 59), st.integers(0, 60), st.integers(FIRST_INSTANT, LAST_INSTANT)
)
def test_flat_by_comes_before_the_snapshot_and_the_snapshot_before_the_roll(
    zone: str, before_roll: int, before_snapshot: int, moment: int
) -> None:
    """Rolls in the daily break of the exchange, in American zones: what programs really use."""
    offset = datetime(2026, 1, 5, tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    roll = (23 * 60 + int(offset.total_seconds()) // 60) % (24 * 60)
    clock = Clock(
        zone,
        _wall(roll),
        _wall(roll - before_roll),
        flat_by=_wall(roll - before_roll - before_snapshot),
        halt_margin_s=0,
    )
    for day in _days_around(Sessions(clock, TABLE), moment):
        assert all(day.opens < due <= day.snapshot <= day.until for due, _, _ in day.flat_by)
        if not day.calendar_known:
            assert {group for _, groups, _ in day.flat_by for group in groups} == set(GROUPS)


@pytest.mark.parametrize("zone", ["Europe/Prague", "America/New_York", "Australia/Sydney", "UTC", "Asia/Tokyo"])
def test_civil_days_have_24_hours_except_when_clocks_change(zone: str) -> None:
    clock = Clock(zone, time(0), time(0), calendar="civil")
    days = list(Sessions(clock, TABLE).days(*YEARS))
    assert len(days) == (YEARS[1] - YEARS[0]).days + 1
    for day in days:
        shift = _offset(zone, day.until) - _offset(zone, day.opens)
        assert day.until - day.opens == (24 - shift) * HOUR
        assert shift in {-1, 0, 1}


@pytest.mark.thorough
def test_exchange_days_have_24_hours_except_around_weekends_and_holidays() -> None:
    """Clocks change on Sundays, so that only days over a weekend are an hour longer or shorter."""
    days = list(topstep().days(*YEARS))
    _check_tiling(topstep(), days)
    for before, day in pairwise(days):
        hours, dates = (day.until - day.opens) // HOUR, (day.label - before.label).days
        shift = _offset("America/Chicago", day.until) - _offset("America/Chicago", day.opens)
        assert hours == 24 * dates - shift
        assert shift == 0 or dates >= 3
    assert (
        sum(day.calendar_known for day in days) == 250 + 252 + 252
    )  # 261 weekdays each, less the closed and the merged


def _offset(zone: str, moment: int) -> int:
    offset = from_ns(moment).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // 3600


@pytest.mark.thorough
@settings(max_examples=50)
@given(clocks(per_product_close=True), st.lists(st.integers(FIRST_INSTANT, LAST_INSTANT), min_size=2, max_size=8))
def test_the_answer_does_not_depend_on_what_was_asked_before(clock: Clock, moments: list[int]) -> None:
    sessions = Sessions(clock, TABLE)
    assert [sessions.day_at(moment) for moment in moments] == [
        Sessions(clock, TABLE).day_at(moment) for moment in moments
    ]
