"""The tape says what was recorded, when the exchange of today is open, and always the same."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.adapters.simulator.tape import Tape, eve_of, path, week_of
from propfirm.application.ports.prices import Bar, Quote
from propfirm.domain.calendar.exchange import Exchange
from propfirm.domain.calendar.hours import EXCHANGE_ZONE
from propfirm.domain.calendar.instants import from_ns, wall_ns
from propfirm.domain.rules.journal import Quoted
from tools.find_demo_seed import CONTRACTS, recorded

ORDINARY: Final = date(2026, 1, 25)
THANKSGIVING: Final = date(2026, 11, 22)
GOOD_FRIDAY: Final = date(2025, 4, 13)
MARTIN_LUTHER_KING: Final = date(2026, 1, 18)
WEEK: Final = timedelta(weeks=1)


def tape(first: date = ORDINARY) -> Tape:
    return Tape(recorded(), CONTRACTS.contracts, load_session_table(), first)


def week(of: Tape, sunday: date) -> list[Quoted]:
    begins, ends = (wall_ns(day, time(0), EXCHANGE_ZONE) for day in (sunday, sunday + WEEK))
    return of.quotes(begins, ends)


def wall(quoted: Quoted) -> datetime:
    return from_ns(quoted.at).astimezone(EXCHANGE_ZONE)


def bar(opens: int, high: int, low: int, closes: int) -> Bar:
    def quote(bid: int) -> Quote:
        return bid, bid + 1

    return Bar(600, 1_000, "ESZ13", "ES", quote(opens), quote(high), quote(low), quote(closes))


@pytest.mark.parametrize(
    ("told", "bids"),
    [
        (bar(10, 15, 8, 12), [(600, 10), (700, 8), (800, 15), (900, 12)]),
        (bar(10, 15, 8, 9), [(600, 10), (700, 15), (800, 8), (900, 9)]),
        (bar(10, 15, 8, 10), [(600, 10), (700, 8), (800, 15), (900, 10)]),
        (bar(10, 15, 10, 15), [(600, 10), (800, 15)]),
        (bar(10, 10, 10, 10), [(600, 10)]),
    ],
    ids=["a rise: low first", "a fall: high first", "neither: low first", "nothing is said twice", "one price"],
)
def test_the_extreme_against_the_bars_direction_comes_first(told: Bar, bids: list[tuple[int, int]]) -> None:
    assert [(at, bid) for at, (bid, _) in path(told)] == bids


def test_the_quotes_of_a_bar_are_its_open_its_extremes_and_its_close_with_the_recorded_spread() -> None:
    by_minute: dict[tuple[str, datetime], list[Quoted]] = {}
    for quoted in week(tape(), ORDINARY):
        by_minute.setdefault((quoted.symbol, wall(quoted).replace(second=0)), []).append(quoted)
    moved = ORDINARY - date(2013, 10, 6)
    seen = 0
    for one in recorded():
        minute = from_ns(one.start).astimezone(EXCHANGE_ZONE)
        quotes = by_minute.get((one.symbol, minute + moved), [])
        seen += len(quotes)
        if quotes:
            assert (quotes[0].bid, quotes[0].ask) == one.open
            assert (quotes[-1].bid, quotes[-1].ask) == one.close
            assert {(each.bid, each.ask) for each in quotes} == {one.open, one.high, one.low, one.close}
        else:  # 2013 traded until 16:15, and was quoted before it opened
            assert minute.hour == 16 or minute.weekday() == 6
    assert seen == len(week(tape(), ORDINARY)) > 24_000


@pytest.mark.thorough
@pytest.mark.parametrize("sunday", [date(2026, 3, 1), date(2026, 3, 8), date(2026, 10, 25), date(2026, 11, 1)])
def test_clocks_may_change_but_not_the_hour_of_the_day(sunday: date) -> None:
    def told(of: Tape, begins: date) -> list[tuple[int, time, int]]:
        return [((wall(one).date() - begins).days, wall(one).time(), one.bid) for one in week(of, begins)]

    assert told(tape(sunday), sunday) == told(tape(), ORDINARY)


@pytest.mark.parametrize("sunday", [ORDINARY, THANKSGIVING, GOOD_FRIDAY, MARTIN_LUTHER_KING, date(2026, 12, 20)])
def test_there_is_a_price_only_when_the_exchange_is_open_and_only_once(sunday: date) -> None:
    exchange, of = Exchange(load_session_table()), tape(sunday)
    group = {one.symbol: one.contract.group for one in of.recorded.values()}
    quotes = week(of, sunday)
    assert quotes
    assert all(exchange.is_open(group[one.symbol], one.at) for one in quotes)
    assert all((a.at, a.symbol, a.number) < (b.at, b.symbol, b.number) for a, b in pairwise(quotes))


def test_a_holiday_takes_its_hours_out_of_the_tape() -> None:
    usual = Counter(wall(one).weekday() for one in week(tape(), ORDINARY) if one.symbol == "ESZ13")
    shortened = Counter(wall(one).weekday() for one in week(tape(THANKSGIVING), THANKSGIVING) if one.symbol == "ESZ13")
    thursday, friday = 3, 4
    assert 0 < shortened[thursday] < usual[thursday]
    assert 0 < shortened[friday] < usual[friday]
    assert {day: n for day, n in shortened.items() if day < thursday} == {
        d: n for d, n in usual.items() if d < thursday
    }
    closed = Counter(wall(one).date() for one in week(tape(GOOD_FRIDAY), GOOD_FRIDAY))
    assert date(2025, 4, 18) not in closed


@pytest.mark.parametrize("first", [ORDINARY, MARTIN_LUTHER_KING, THANKSGIVING])
def test_numbers_count_from_one_without_gaps_through_holidays(first: date) -> None:
    numbers: dict[str, list[int]] = {}
    for quoted in tape(first).quotes(0, wall_ns(first + 6 * WEEK, time(0), EXCHANGE_ZONE)):
        numbers.setdefault(quoted.symbol, []).append(quoted.number)
    assert set(numbers) == {"ESZ13", "GCZ13"}
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


BEGINS: Final = tape(THANKSGIVING).begins
END: Final = BEGINS + 5 * 7 * 86_400 * 10**9
WHOLE: Final = tape(THANKSGIVING).quotes(0, END)


@pytest.mark.thorough
@settings(max_examples=10)
@given(st.lists(st.integers(BEGINS - 10**14, END), min_size=1, max_size=6))
def test_any_stretch_is_the_same_in_any_order_of_asking(cuts: list[int]) -> None:
    cuts = sorted({0, *cuts, END})
    fresh = tape(THANKSGIVING)
    stretches = {after: fresh.quotes(after, upto) for after, upto in reversed(list(pairwise(cuts)))}
    assert [one for after in sorted(stretches) for one in stretches[after]] == WHOLE


def test_the_week_comes_again_without_end() -> None:
    later = ORDINARY + 313 * WEEK
    assert load_session_table().covers(later) is False
    prices = [(one.symbol, one.bid, one.ask) for one in week(tape(), later)]
    assert prices == [(one.symbol, one.bid, one.ask) for one in week(tape(), ORDINARY)]


def test_gold_is_silent_where_it_was_not_recorded() -> None:
    assert {wall(one).weekday() for one in week(tape(), ORDINARY) if one.symbol == "GCZ13"} == {6, 0, 1}


def test_a_demo_begins_half_an_hour_before_its_week() -> None:
    saturday = datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert eve_of(saturday) == datetime(2026, 11, 15, 22, 30, tzinfo=UTC)
    assert week_of(eve_of(saturday)) == week_of(saturday) == date(2026, 11, 15)
    assert eve_of(datetime(2026, 7, 1, tzinfo=UTC)) == datetime(2026, 6, 28, 21, 30, tzinfo=UTC)
