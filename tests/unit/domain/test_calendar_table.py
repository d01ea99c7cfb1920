from datetime import date, time

import pytest

from propfirm.adapters.resources.calendar import FEED, load_news, load_session_table
from propfirm.domain.calendar.exchange import Exchange
from propfirm.domain.calendar.hours import GROUPS
from propfirm.domain.calendar.instants import ONE_DAY, parse_instant
from propfirm.domain.calendar.news import parse_news
from propfirm.domain.calendar.table import BadCalendar, parse_table

HEADER = "date,weekday,holiday,product_group,status,close_ct,trade_date,lean_close_ct,lean_evening_open_ct,confidence"
MLK = "2026-01-19,Mon,Martin Luther King Jr. Day,equity_index,early_close,12:00,next,12:00,17:00,two sources"
NEWS_HEADER = "date,time_et,event,category,status"
CPI = "2026-02-13,08:30,Consumer Price Index,CPI,moved from 2026-02-11"


def problems(*rows: str, header: str = HEADER) -> tuple[str, ...]:
    with pytest.raises(BadCalendar) as refusal:
        parse_table("\n".join((header, *rows)))
    return refusal.value.problems


def test_the_shipped_table_covers_three_whole_years() -> None:
    table = load_session_table()
    assert (table.first, table.last, len(table.days)) == (date(2025, 1, 1), date(2027, 12, 31), 250)
    assert table.covers(date(2027, 12, 31))
    assert not table.covers(date(2028, 1, 3))
    assert not table.covers(date(2024, 12, 31))


def test_the_shipped_files_are_read_once() -> None:
    assert load_session_table() is load_session_table()
    assert load_news() is load_news()


def test_every_date_of_the_shipped_table_has_either_a_session_or_a_row_that_closes_it() -> None:
    table = load_session_table()
    exchange = Exchange(table)
    closed = {(special.group, special.day) for special in table.days if special.close is None}
    day = table.first
    while day <= table.last:
        for group in GROUPS:
            shut = day.weekday() >= 5 or (group, day) in closed
            assert bool(exchange.session(group, day)) is not shut, (group, day)
        day += ONE_DAY


def test_no_two_sessions_of_a_group_overlap() -> None:
    table = load_session_table()
    exchange = Exchange(table)
    for group in GROUPS:
        before, day = 0, table.first
        while day <= table.last:
            for opens, closes in exchange.session(group, day):
                assert before < opens < closes, (group, day)
                before = closes
            day += ONE_DAY


def test_holidays_that_share_the_next_trade_date_are_the_seven_of_the_exchange() -> None:
    shared = {
        special.holiday for special in load_session_table().days if special.close and special.trade_date == "next"
    }
    assert {holiday.removesuffix(" (observed)") for holiday in shared} == {
        "Martin Luther King Jr. Day",
        "Presidents' Day",
        "Memorial Day",
        "Juneteenth",
        "Independence Day",
        "Labor Day",
        "Thanksgiving",
    }


def test_the_version_of_a_table_changes_with_any_byte() -> None:
    one, other = parse_table(f"{HEADER}\n{MLK}"), parse_table(f"{HEADER}\n{MLK}.")
    assert one.version != other.version
    assert one.version == parse_table(f"{HEADER}\n{MLK}").version


def test_a_row_is_read_field_by_field() -> None:
    (special,) = parse_table(f"{HEADER}\n{MLK}\n").days
    assert special.day == date(2026, 1, 19)
    assert special.group == "equity_index"
    assert special.holiday == "Martin Luther King Jr. Day"
    assert (special.close, special.trade_date, special.evening) == (time(12), "next", time(17))
    assert special.confidence == "two sources"


@pytest.mark.parametrize(
    ("lean_close", "lean_evening", "evening"),
    [
        ("12:00", "17:00", time(17)),
        ("12:00", "18:30", time(18, 30)),
        ("12:00", "none", None),
        ("12:00", "", None),  # the source knows the date and no evening session
        ("", "", time(17)),  # the source does not know the date: regular hours
        ("12:00", "08:30", None),  # that is a morning
    ],
)
def test_an_evening_session_is_there_as_far_as_the_source_knows(
    lean_close: str, lean_evening: str, evening: time | None
) -> None:
    friday = f"2026-06-19,Fri,Juneteenth,equity_index,early_close,12:00,next,{lean_close},{lean_evening},"
    assert parse_table(f"{HEADER}\n{friday}").days[0].evening == evening


def test_all_bad_rows_are_named_at_once() -> None:
    found = problems(
        MLK,
        MLK.replace("Mon", "Tue"),
        MLK.replace("2026-01-19,Mon", "2026-01-17,Sat"),
        MLK.replace("2026-01-19", "2026-13-01"),
        MLK.replace("2026-01-19", "20260119"),
        MLK.replace("equity_index", "bitcoin"),
        MLK.replace("early_close", "late"),
        MLK.replace("early_close,12:00", "early_close,"),
        MLK.replace("early_close", "closed"),
        MLK.replace("12:00,next", "noon,next"),
        MLK.replace("12:00,next", "1200,next"),
        MLK.replace(",next,", ",,"),
        MLK.replace("17:00", "5 pm"),
        MLK.replace("early_close,12:00", "closed,"),
        MLK,
    )
    assert [problem.split(":")[0] for problem in found] == [f"row {n}" for n in range(3, 17)]
    assert found[0] == "row 3: 2026-01-19 is a Mon, not 'Tue'"
    assert found[1] == "row 4: 2026-01-17 is a weekend"
    assert found[4] == "row 7: 'bitcoin' is no product group"
    assert found[10] == "row 13: early_close cannot have the trade_date ''"
    assert found[12] == "row 15: closed cannot have the trade_date 'next'"
    assert found[13] == "row 16: 2026-01-19 equity_index is there twice"


def test_a_table_without_its_columns_is_refused_before_any_row() -> None:
    assert problems(MLK, header=HEADER.replace("trade_date", "label").replace("status", "state")) == (
        "column status is missing",
        "column trade_date is missing",
    )


@pytest.mark.parametrize("row", [f"{MLK},more", MLK.rpartition(",")[0]])
def test_a_row_with_more_or_fewer_cells_than_the_header_is_refused(row: str) -> None:
    assert problems(MLK, row) == ("row 3 has not as many cells as the header",)


def test_an_empty_table_is_refused() -> None:
    assert problems() == ("there are no rows",)
    with pytest.raises(BadCalendar):
        parse_table("")


def test_groups_may_not_disagree_about_the_trade_date_of_a_holiday() -> None:
    rates = MLK.replace("equity_index", "rates").replace(",next,", ",own,")
    assert problems(MLK, rates) == ("2026-01-19: rates and equity_index cannot have different trade dates",)


def test_a_date_that_is_not_closed_may_not_lose_its_only_session() -> None:
    (problem,) = problems(MLK.replace("17:00", "none"))
    assert problem == "2026-01-19: equity_index does not open that evening, so 2026-01-20 would have no session"


def test_the_shipped_releases_are_those_of_2026() -> None:
    news = load_news()
    assert news.feed == FEED == "us-high-impact-2026"
    counts = {category: sum(row.category == category for row in news.rows) for category in ("NFP", "CPI", "FOMC")}
    assert counts == {"NFP": 12, "CPI": 12, "FOMC": 8}
    assert len(news.rows) == 40
    assert list(news.rows) == sorted(news.rows, key=lambda row: row.at)


@pytest.mark.parametrize(
    ("name", "utc"),
    [
        ("CPI 2026-02-13", "2026-02-13T13:30:00Z"),
        ("CPI 2026-03-11", "2026-03-11T12:30:00Z"),  # three days after clocks went forward
        ("NFP 2026-11-06", "2026-11-06T13:30:00Z"),  # five days after they went back
        ("NFP 2026-05-08", "2026-05-08T12:30:00Z"),  # not the first Friday
        ("FOMC 2026-01-28", "2026-01-28T19:00:00Z"),
        ("FOMC_PRESS 2026-01-28", "2026-01-28T19:30:00Z"),
    ],
)
def test_a_release_is_at_its_new_york_wall_time(name: str, utc: str) -> None:
    assert [row.at for row in load_news().rows if row.name == name] == [parse_instant(utc)]


def test_a_moved_release_says_so() -> None:
    (release,) = parse_news(f"{NEWS_HEADER}\n{CPI}", "f").rows
    assert (release.day, release.event, release.note) == (
        date(2026, 2, 13),
        "Consumer Price Index",
        "moved from 2026-02-11",
    )


def test_the_version_of_a_list_names_its_feed_and_changes_with_any_byte() -> None:
    one, other = parse_news(f"{NEWS_HEADER}\n{CPI}", "f"), parse_news(f"{NEWS_HEADER}\n{CPI}.", "f")
    assert one.version.startswith("f-")
    assert one.version != other.version


def test_all_bad_releases_are_named_at_once() -> None:
    with pytest.raises(BadCalendar) as refusal:
        parse_news(
            "\n".join(
                (
                    NEWS_HEADER,
                    CPI,
                    CPI.replace("CPI", "GDP"),
                    CPI.replace("08:30", "8:30"),
                    CPI.replace("-13,", ",", 1),
                    CPI,
                )
            ),
            "f",
        )
    assert [problem.split(":")[0] for problem in refusal.value.problems] == ["row 3", "row 4", "row 5", "row 6"]
    assert refusal.value.problems[0] == "row 3: 'GDP' is no category of releases"
    assert refusal.value.problems[3] == "row 6: CPI 2026-02-13 is there twice"


def test_a_list_without_releases_is_refused() -> None:
    with pytest.raises(BadCalendar) as refusal:
        parse_news(NEWS_HEADER, "f")
    assert refusal.value.problems == ("there are no rows",)
