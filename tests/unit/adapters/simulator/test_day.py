"""A trader's day: plain rules, filled at prices that were shown, with no knowledge of what comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.adapters.simulator.cast import CAST
from propfirm.adapters.simulator.day import Assignment, Day, Trader, assigned
from propfirm.adapters.simulator.habits import Breakout, Conviction, Habit, Reversion, Trend
from propfirm.adapters.simulator.tape import Session, Tape
from propfirm.application.ports.platforms import Happened
from propfirm.domain.calendar.hours import EXCHANGE_ZONE
from propfirm.domain.calendar.instants import from_ns, to_ns
from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.events import Fill, OrdersChanged
from propfirm.domain.rules.journal import Quoted
from tools.find_demo_seed import CONTRACTS, recorded

TAPE: Final = Tape(recorded(), CONTRACTS.contracts, load_session_table(), date(2026, 11, 22))
TUESDAY: Final = date(2026, 11, 24)
THURSDAY: Final = date(2026, 11, 26)
"""Thanksgiving: the exchange closes at noon."""
SECOND: Final = 10**9


def quotes_of(root: str, day: date) -> tuple[Session, list[Quoted]]:
    session = TAPE.session(root, day)
    assert session is not None
    symbol = TAPE.recorded[root].symbol
    return session, [one for one in TAPE.quotes(session.opens - 1, session.closes - 1) if one.symbol == symbol]


def lived(day: Day, quotes: Sequence[Quoted]) -> list[Happened]:
    return [event for one in quotes for event in day.see(one, stopped=False)]


def day_of(trader: Trader, on: date = TUESDAY, seed: int = 1, run: int = 1) -> Day:
    session, _ = quotes_of(trader.root, on)
    return Day(assigned(seed, trader, "SIM", run, usd("50000"), on), TAPE.recorded[trader.root], session)


@pytest.mark.parametrize("trader", CAST.values(), ids=CAST)
@settings(max_examples=20)
@given(st.data())
def test_no_trader_sees_the_future(trader: Trader, data: st.DataObject) -> None:
    _, quotes = quotes_of(trader.root, TUESDAY)
    cut = data.draw(st.integers(len(quotes) * 3 // 5, len(quotes) - 1))
    shift = data.draw(st.integers(-80, 80))
    other = [
        one if place < cut else replace(one, bid=one.bid + shift, ask=one.ask + shift)
        for place, one in enumerate(quotes)
    ]
    until = quotes[cut].at
    told, told_otherwise = (lived(day_of(trader), each) for each in (quotes, other))
    assert [one for one in told if one.at < until] == [one for one in told_otherwise if one.at < until]


@pytest.mark.parametrize("trader", CAST.values(), ids=CAST)
def test_what_comes_is_not_without_consequence(trader: Trader) -> None:
    _, quotes = quotes_of(trader.root, TUESDAY)
    half = len(quotes) * 3 // 5
    fallen = [replace(one, bid=one.bid - 90, ask=one.ask - 90) for one in quotes[half:]]
    assert lived(day_of(trader), [*quotes[:half], *fallen]) != lived(day_of(trader), quotes)


@pytest.mark.parametrize("on", [TUESDAY, THURSDAY, date(2026, 11, 27)])
@pytest.mark.parametrize("trader", CAST.values(), ids=CAST)
def test_every_fill_is_at_a_price_that_was_shown_and_everybody_goes_home_flat(trader: Trader, on: date) -> None:
    session, quotes = quotes_of(trader.root, on)
    day = day_of(trader, on)
    shown = {one.at: one for one in quotes}
    fills = [one for one in lived(day, quotes) if isinstance(one, Fill)]
    for fill in fills:
        quoted = shown[fill.at]
        target = isinstance(trader.habit, Breakout) and quoted.bid >= fill.price >= quoted.bid - 3
        assert fill.price == (quoted.ask if fill.quantity > 0 else quoted.bid) or target
    assert sum(one.quantity for one in fills) == day.held == 0
    assert max(map(abs, accumulate(one.quantity for one in fills)), default=0) <= 50_000 // trader.dollars
    assert all(one.fee == abs(one.quantity) * usd("1.40") for one in fills if one.root == "ES")
    assert len({one.execution for one in fills}) == len(fills)
    hours = [from_ns(one.at).astimezone(EXCHANGE_ZONE) for one in fills]
    assert all((8, 30) <= (one.hour, one.minute) <= (15, 0) for one in hours)
    assert all(one.at < session.closes for one in fills)


def test_on_a_short_day_everybody_has_gone_home_by_a_quarter_to() -> None:
    _, quotes = quotes_of("ES", THURSDAY)
    fills = [one for one in lived(day_of(CAST["nadia"], THURSDAY), quotes) if isinstance(one, Fill)]
    entered, left = (from_ns(one.at).astimezone(EXCHANGE_ZONE) for one in fills)
    assert entered.hour in {8, 9}
    assert (left.hour, left.minute) == (11, 45)


def test_a_seed_a_run_and_a_weekday_each_give_another_mood_and_the_account_none() -> None:
    def mood(seed: int = 1, run: int = 1, day: date = TUESDAY, account: str = "SIM") -> Assignment:
        found = assigned(seed, CAST["grace"], account, run, usd("50000"), day)
        return replace(found, account="")

    assert mood() == mood(account="another") == mood(day=date(2026, 12, 1))
    for other in (mood(seed=2), mood(run=2), mood(day=THURSDAY)):
        assert other != mood()


@pytest.mark.parametrize(("balance", "size"), [("50000", 5), ("100000", 10), ("5000", 0), ("0", 1)])
def test_size_goes_by_the_opening_balance(balance: str, size: int) -> None:
    assert assigned(1, CAST["grace"], "SIM", 1, Micros(usd(balance)), TUESDAY).size == size


def test_an_account_too_small_for_one_contract_is_not_traded() -> None:
    _, quotes = quotes_of("ES", TUESDAY)
    for trader in (one for one in CAST.values() if one.root == "ES"):
        session, _ = quotes_of("ES", TUESDAY)
        day = Day(assigned(1, trader, "SIM", 1, usd("5000"), TUESDAY), TAPE.recorded["ES"], session)
        assert lived(day, quotes) == []


# -- single rules, on prices made up for them: one quote a minute, from the morning on --

MORNING: Final = to_ns(datetime(2026, 11, 24, 8, 30, tzinfo=EXCHANGE_ZONE))


def minutes(*bids: int) -> Iterator[Quoted]:
    for n, bid in enumerate(bids):
        yield Quoted("ESZ13", n + 1, MORNING + n * 60 * SECOND, bid, bid + 1)


def told(
    habit: Habit, *bids: int, enough: int | None = None, too_much: int | None = None
) -> list[tuple[int, int, int]]:
    """(minute, quantity, price) of each execution of a trader of four contracts."""
    trader = Trader("ann", habit, "ES", 10_000, enough, too_much)
    session, _ = quotes_of("ES", TUESDAY)
    day = Day(Assignment("SIM", trader, habit, 4, 0), TAPE.recorded["ES"], session)
    fills = [one for one in lived(day, list(minutes(*bids))) if isinstance(one, Fill)]
    return [((one.at - MORNING) // (60 * SECOND), one.quantity, one.price) for one in fills]


def test_a_wish_is_filled_at_the_quote_after_the_one_that_ended_its_minute() -> None:
    # The range is 100 to 101; the minute at 105 is over when 106 is shown, and the order meets the quote after that.
    assert told(Breakout(2, 50, 50), 100, 101, 100, 105, 106, 107) == [(5, 4, 108)]


def test_a_stop_is_filled_where_the_price_is_and_a_target_where_it_was_set() -> None:
    assert told(Breakout(2, 5, 50), 100, 101, 100, 105, 106, 107, 107, 98) == [(5, 4, 108), (7, -4, 98)]
    assert told(Breakout(2, 50, 5), 100, 101, 100, 105, 106, 107, 107, 120) == [(5, 4, 108), (7, -4, 113)]


def test_a_stop_and_a_target_rest_at_the_platform_while_the_position_is_open() -> None:
    trader = Trader("ann", Breakout(2, 5, 50), "ES", 10_000)
    session, _ = quotes_of("ES", TUESDAY)
    day = Day(Assignment("SIM", trader, trader.habit, 4, 0), TAPE.recorded["ES"], session)
    events = lived(day, list(minutes(100, 101, 100, 105, 106, 107, 107, 98)))
    orders = [one.working for one in events if isinstance(one, OrdersChanged)]
    assert [[(one.quantity, one.stop, one.limit) for one in working] for working in orders] == [
        [(-4, 103, None), (-4, None, 158)],
        [],
    ]


def test_a_breakout_is_traded_so_many_times_a_day() -> None:
    prices = (100, 101, 100, 105, 106, 107, 107, 98, 98, 98, 110, 110, 110)
    assert [fill[1] for fill in told(Breakout(2, 5, 50, entries=1), *prices)] == [4, -4]
    assert [fill[1] for fill in told(Breakout(2, 5, 50, entries=2), *prices)] == [4, -4, -4, 4]


def test_reversion_sells_more_the_further_it_rises_and_leaves_when_it_is_back() -> None:
    prices = (100, 100, 100, 100, 106, 106, 118, 118, 118, 90, 90, 90)
    assert [fill[1] for fill in told(Reversion(4, 4, steps=2), *prices)] == [-2, -2, 4]


def test_a_trend_is_joined_in_parts_and_turned_round_in_one() -> None:
    rising, falling = (100, 101, 102, *range(104, 164, 4)), (90, 60, 30, 20, 10)
    *joined, turned = (fill[1] for fill in told(Trend(2, 4, parts=4, step=3), *rising, *falling))
    assert joined[:2] == [1, 1]
    assert (sum(joined), turned) == (4, -5)


def test_conviction_takes_one_side_and_never_asks_again() -> None:
    assert told(Conviction(2), 100, 101, 102, 103, 60, 20, 200) == [(4, 4, 61)]


def test_a_trader_stops_for_the_day_when_it_is_enough_or_too_much() -> None:
    prices = (100, 101, 102, 103, 104, 125, 125, 125, 200)
    assert told(Conviction(2), *prices, enough=10) == [(4, 4, 105), (7, -4, 125)]
    assert told(Conviction(2), 100, 101, 102, 103, 104, 90, 90, 90, 10, too_much=10) == [(4, 4, 105), (7, -4, 90)]


def test_a_stopped_account_is_closed_at_the_next_quote_and_stays_flat() -> None:
    trader = Trader("ann", Conviction(2), "ES", 10_000)
    session, _ = quotes_of("ES", TUESDAY)
    day = Day(Assignment("SIM", trader, trader.habit, 4, 0), TAPE.recorded["ES"], session)
    quotes = list(minutes(100, 101, 102, 103, 104, 105, 106, 107, 108))
    assert lived(day, quotes[:5])
    assert day.held == 4
    (closing,) = day.see(quotes[5], stopped=True)
    assert isinstance(closing, Fill)
    assert (closing.quantity, closing.price) == (-4, 105)
    assert [event for one in quotes[6:] for event in day.see(one, stopped=True)] == []
