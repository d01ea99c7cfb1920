from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.calendar.instants import (
    INSTANT_MAX,
    NS_PER_S,
    UnknownZone,
    from_ns,
    named_zone,
    parse_instant,
    to_ns,
    wall_ns,
)

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("2026-03-09T16:59:59.999-05:00", 1_773_093_599_999_000_000),
        ("2026-03-09T21:59:59.999000000Z", 1_773_093_599_999_000_000),
        ("1970-01-01T05:30:00+05:30", 0),
        ("2262-04-11T23:47:16.854775807Z", INSTANT_MAX),
    ],
)
def test_an_instant_is_read_to_the_nanosecond(text: str, at: int) -> None:
    assert parse_instant(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-08T02:30:00",  # Chicago's clocks never show it; without an offset nobody can know
        "2026-11-01T01:30:00",  # they show it twice
        "2026-11-01T01:30:00 America/Chicago",
        "2026-03-09",
        "2026-03-09T16:59Z",
        "2026-03-09 16:59:59Z",
        "2026-03-09t16:59:59z",
        "2026-03-09T16:59:59.Z",
        "2026-03-09T16:59:59.0000000001Z",
        "2026-03-09T16:59:60Z",
        "2026-03-09T24:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-03-09T16:59:59+24:00",
        "2026-03-09T16:59:59+0500",
        "2026-03-09T16:59:59-05:60",
        "\u0662026-03-09T16:59:59Z",  # digits of another script
        " 2026-03-09T16:59:59Z",
        "2026-03-09T16:59:59Z\n",
        "1969-12-31T23:59:59.999999999Z",
        "1970-01-01T00:00:00+00:01",
        "2262-04-11T23:47:16.854775808Z",
        "9999-12-31T23:59:59Z",
        "1773093599",
        "",
    ],
)
def test_a_text_that_is_not_one_certain_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_instant(text)


@given(st.integers(0, INSTANT_MAX))
def test_an_instant_written_out_is_read_back(at: int) -> None:
    written = from_ns(at).strftime("%Y-%m-%dT%H:%M:%S")
    assert parse_instant(f"{written}.{at % NS_PER_S:09d}Z") == at


@given(st.datetimes(datetime(1970, 1, 1), datetime(2262, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - hypothesis wants the bounds naive
def test_a_moment_survives_the_way_to_nanoseconds_and_back(moment: datetime) -> None:
    assert from_ns(to_ns(moment)) == moment.astimezone(UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        to_ns(datetime(2026, 3, 8, 2, 30))  # noqa: DTZ001 - a naive moment is the point


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "America", "/etc/localtime", "CST6CDT\0"])
def test_a_zone_that_is_not_in_the_database_is_refused_by_name(name: str) -> None:
    with pytest.raises(UnknownZone) as refusal:
        named_zone(name)
    assert refusal.value.zone == name


@pytest.mark.parametrize(
    ("zone", "day", "wall", "utc"),
    [
        ("America/Chicago", date(2026, 3, 8), time(2, 30), "2026-03-08T08:00:00Z"),  # skipped: the first instant after
        ("America/Chicago", date(2026, 3, 8), time(2), "2026-03-08T08:00:00Z"),
        ("America/Chicago", date(2026, 3, 8), time(1, 59, 59), "2026-03-08T07:59:59Z"),
        ("America/Chicago", date(2026, 3, 8), time(3), "2026-03-08T08:00:00Z"),
        ("America/Chicago", date(2026, 11, 1), time(1, 30), "2026-11-01T06:30:00Z"),  # twice: the first one
        ("America/Chicago", date(2026, 11, 1), time(1, 30, fold=1), "2026-11-01T06:30:00Z"),
        ("America/Chicago", date(2007, 3, 11), time(17), "2007-03-11T22:00:00Z"),  # the first spring of today's rule
        (
            "America/Chicago",
            date(2006, 3, 12),
            time(17),
            "2006-03-12T23:00:00Z",
        ),  # the year before clocks went in April
        ("America/Sao_Paulo", date(2018, 11, 4), time(0), "2018-11-04T03:00:00Z"),  # clocks skipped midnight itself
        ("Pacific/Apia", date(2011, 12, 30), time(17), "2011-12-30T10:00:00Z"),  # a whole date was skipped
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 10, 0, 1), "2026-10-03T15:30:00Z"),  # by half an hour
        ("Etc/GMT-3", date(2026, 7, 1), time(0), "2026-06-30T21:00:00Z"),  # the database's sign: east of Greenwich
    ],
)
def test_a_wall_time_is_one_instant_whatever_clocks_do(zone: str, day: date, wall: time, utc: str) -> None:
    assert wall_ns(day, wall, ZoneInfo(zone)) == parse_instant(utc)


@given(
    st.timezones(),
    st.datetimes(datetime(2007, 1, 1), datetime(2037, 12, 31)),  # noqa: DTZ001 - wall times have no zone yet
    st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_a_later_wall_time_is_never_an_earlier_instant(zone: ZoneInfo, earlier: datetime, later_by: timedelta) -> None:
    later = earlier + later_by
    assert wall_ns(earlier.date(), earlier.time(), zone) <= wall_ns(later.date(), later.time(), zone)


@given(st.datetimes(datetime(2007, 1, 1), datetime(2037, 12, 31)))  # noqa: DTZ001 - wall times have no zone yet
def test_clocks_show_the_wall_time_at_its_instant_unless_they_skip_it(wall: datetime) -> None:
    shown = from_ns(wall_ns(wall.date(), wall.time(), CHICAGO)).astimezone(CHICAGO).replace(tzinfo=None)
    skipped = wall.month == 3 and wall.weekday() == 6 and 8 <= wall.day <= 14 and wall.hour == 2
    assert shown == (wall.replace(hour=3, minute=0, second=0, microsecond=0) if skipped else wall)
