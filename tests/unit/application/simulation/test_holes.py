"""Holes in the price data: every stretch in which an account held what nobody saw is told."""

from propfirm.application.simulation.report import PriceHole
from propfirm.application.simulation.summary import summary
from propfirm.domain.rules.findings import Hit
from tests.unit.application.simulation.desk import (
    MINUTE,
    PRICE,
    SECOND,
    TUESDAY,
    Sheet,
    bar,
    chicago,
    run,
    tick,
)

HOUR = 60 * MINUTE


def held(until: int) -> Sheet:
    return Sheet().fill(TUESDAY, 1).fill(until, -1)


def test_a_hole_of_a_contract_held_is_told_with_its_times() -> None:
    report = summary(run(held(TUESDAY + HOUR), [tick(TUESDAY, PRICE), tick(TUESDAY + HOUR, PRICE)]))
    assert report.price_holes == (PriceHole("ESH6", TUESDAY, TUESDAY + HOUR, 3600),)
    assert (
        "no prices of ESH6 from 3 March 2026 10:00:00 CT to 3 March 2026 11:00:00 CT while a position was open:"
        " 1 hour of trading in all"
    ) in report.unjudged


def test_five_minutes_without_a_price_are_no_hole() -> None:
    end = TUESDAY + 5 * MINUTE
    assert summary(run(held(end), [tick(TUESDAY, PRICE), tick(end, PRICE)])).price_holes == ()
    later = end + SECOND
    assert summary(run(held(later), [tick(TUESDAY, PRICE), tick(later, PRICE)])).price_holes != ()


def test_a_missing_price_before_the_position_and_after_it_is_no_hole() -> None:
    sheet = Sheet().fill(TUESDAY + HOUR, 1).fill(TUESDAY + HOUR + MINUTE, -1)
    prices = [tick(TUESDAY, PRICE), tick(TUESDAY + HOUR, PRICE), tick(TUESDAY + 3 * HOUR, PRICE)]
    assert summary(run(sheet, prices)).price_holes == ()


def test_a_hole_begins_with_the_position_and_ends_with_it() -> None:
    begin, end = TUESDAY + HOUR, TUESDAY + 2 * HOUR
    sheet = Sheet().fill(begin, 1).fill(end, -1)
    report = summary(run(sheet, [tick(TUESDAY, PRICE), tick(TUESDAY + 3 * HOUR, PRICE)]))
    assert report.price_holes == (PriceHole("ESH6", begin, end, 3600),)


def test_hours_in_which_the_exchange_is_closed_are_no_hole() -> None:
    friday, monday = chicago("2026-03-06 15:59:00"), chicago("2026-03-08 17:01:00")
    sheet = Sheet().fill(friday, 1).fill(monday, -1)
    assert summary(run(sheet, [tick(friday, PRICE), tick(monday, PRICE)])).price_holes == ()


def test_a_hole_over_a_weekend_counts_only_the_hours_of_trading() -> None:
    friday, monday = chicago("2026-03-06 15:00:00"), chicago("2026-03-08 18:00:00")
    sheet = Sheet().fill(friday, 1).fill(monday, -1)
    (hole,) = summary(run(sheet, [tick(friday, PRICE), tick(monday, PRICE)])).price_holes
    assert hole.open_s == 2 * 3600


def test_a_hole_between_bars_begins_where_the_last_one_ends() -> None:
    bars = [bar(at, PRICE, PRICE, open_=PRICE, close=PRICE) for at in (TUESDAY, TUESDAY + HOUR)]
    report = summary(run(held(TUESDAY + HOUR + 30 * SECOND), bars))
    assert report.price_holes == (PriceHole("ESH6", TUESDAY + MINUTE, TUESDAY + HOUR, 59 * 60),)


def test_a_long_bar_is_no_hole_while_it_lasts() -> None:
    bars = [bar(TUESDAY, PRICE, PRICE, open_=PRICE, close=PRICE, seconds=3600)]
    assert summary(run(held(TUESDAY + 50 * MINUTE), bars)).price_holes == ()


def test_each_contract_has_its_own_holes() -> None:
    end = TUESDAY + 10 * MINUTE
    sheet = held(end).fill(TUESDAY, 1, symbol="MESH6").fill(end, -1, symbol="MESH6")
    ticking = [tick(TUESDAY + n * MINUTE, PRICE) for n in range(11)]
    report = summary(run(sheet, ticking, [tick(TUESDAY, PRICE, symbol="MESH6"), tick(end, PRICE, symbol="MESH6")]))
    assert [hole.symbol for hole in report.price_holes] == ["MESH6"]


def test_a_position_open_at_the_end_of_its_prices_was_not_seen_until_the_end_of_the_data() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY, 1, symbol="MESH6").fill(TUESDAY + HOUR, -1, symbol="MESH6")
    other = [tick(TUESDAY + n * MINUTE, PRICE, symbol="MESH6") for n in range(61)]
    report = summary(run(sheet, [tick(TUESDAY, PRICE)], other))
    assert report.price_holes == (PriceHole("ESH6", TUESDAY, TUESDAY + HOUR, 3600),)


def test_after_the_end_of_the_stage_there_is_nothing_to_miss() -> None:
    prices = [tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE - 200), tick(TUESDAY + HOUR, PRICE)]
    ran = run(held(TUESDAY + HOUR), prices)
    assert any(isinstance(one, Hit) for one in ran.account.findings)
    assert summary(ran).price_holes == ()


def test_many_holes_are_told_in_one_line_with_their_sum() -> None:
    prices = [tick(TUESDAY + n * 10 * MINUTE, PRICE) for n in range(6)]
    (line,) = (one for one in summary(run(held(TUESDAY + 50 * MINUTE), prices)).unjudged if "no prices" in one)
    assert line.count(" from ") == 3
    assert "and 2 more times while a position was open: 50 minutes of trading in all" in line
