"""How prices, fills and the clock are woven into one account's life."""

import tracemalloc
from collections.abc import Iterator
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.application.ports.inputs import BadInput
from propfirm.application.ports.prices import Tick, TickStream
from propfirm.application.simulation.account import CURVE_POINTS_MAX
from propfirm.application.simulation.summary import summary
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.catalogue.program import (
    Behaviour,
    Blackout,
    Clock,
    DailyLoss,
    MaxLoss,
    News,
    Size,
    Times,
)
from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.findings import DayClosed, DayCounted
from tests.unit.application.simulation.desk import (
    CHICAGO,
    ES_TICK,
    MINUTE,
    PRICE,
    SECOND,
    TUESDAY,
    Quiet,
    Sheet,
    bar,
    chicago,
    evaluation,
    hits,
    intraday,
    of_kind,
    run,
    static,
    tick,
)

# -- order --


def test_at_one_instant_a_price_comes_before_a_fill() -> None:
    """So that the loss of the price falls on the position that was there before the fill."""
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, -1, PRICE - 200)
    ended = run(sheet, [tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE - 200)])
    assert [(hit.rule, hit.at) for hit in hits(ended)] == [("max_loss", TUESDAY + SECOND)]
    assert hits(ended)[0].evidence.balance == usd("50000")


def test_at_one_instant_the_clock_comes_before_a_price() -> None:
    """The tick of 17:00:00 belongs to the new trading day: its loss is not the old day's."""
    roll = chicago("2026-03-03 17:00:00")
    limited = evaluation(daily_loss=DailyLoss(Size(amount=usd("500")), outcome="lock_day"))
    sheet = Sheet().fill(TUESDAY, 1)
    for at, day in ((roll - 1_000_000, date(2026, 3, 3)), (roll, date(2026, 3, 4))):
        ended = run(sheet, [tick(TUESDAY, PRICE), tick(at, PRICE - 40)], stage=limited)
        assert [hit.rule for hit in hits(ended)] == ["daily_loss"]
        assert ended.account.state.day == day


def test_fills_at_one_instant_keep_the_order_of_the_file() -> None:
    sheet = Sheet().fill(TUESDAY, 2).fill(TUESDAY, -1, PRICE + 4).fill(TUESDAY, -1, PRICE + 8)
    ended = run(sheet, method="fifo")
    assert [fill.row for fill in ended.history.fills] == [2, 3, 4]
    assert ended.account.state.balance == usd("50000") + 12 * ES_TICK


def test_two_streams_of_ticks_are_one_in_order_of_time() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY, 1, symbol="GCJ6")
    es = [tick(TUESDAY + n * SECOND, PRICE - n) for n in range(0, 100, 2)]
    gold = [tick(TUESDAY + n * SECOND, PRICE - n, symbol="GCJ6") for n in range(0, 100, 3)]
    apart, together = run(sheet, es, gold), run(sheet, sorted(es + gold, key=lambda row: row[0]))
    assert apart.account.state.equity == together.account.state.equity
    assert apart.account.findings == together.account.findings


# -- what a fill meets --


def test_a_position_reopened_at_once_is_worth_the_latest_quote_and_not_the_one_before_it_was_first_opened() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 2 * SECOND, -1, PRICE + 300)
    sheet.fill(TUESDAY + 3 * SECOND, 1, PRICE + 300)
    ended = run(sheet, [tick(TUESDAY, PRICE), tick(TUESDAY + 2 * SECOND, PRICE + 300)])
    assert ended.account.state.equity == usd("50000") + 300 * ES_TICK
    assert hits(ended) == []


def test_a_position_without_prices_is_worth_its_last_fill() -> None:
    ended = run(Sheet().fill(TUESDAY, 2).fill(TUESDAY + SECOND, -1, PRICE + 4))
    assert ended.account.state.equity == usd("50000") + 8 * ES_TICK


def test_a_long_position_is_worth_its_bid_and_a_short_one_its_ask() -> None:
    for quantity, worth in ((3, -3), (-3, -3)):
        fill_price = PRICE + 1 if quantity > 0 else PRICE
        ended = run(Sheet().fill(TUESDAY, quantity, fill_price), [tick(TUESDAY, PRICE, PRICE + 1)])
        assert ended.account.state.equity == usd("50000") + worth * ES_TICK


def test_a_repeated_price_is_judged_again_after_a_floor_rose() -> None:
    """The first lot's gain raises a closed-balance trail above an equity that still carries the second lot's loss."""
    stage = evaluation(MaxLoss("trail_closed", Size(amount=usd("1500"))))
    sheet = Sheet().fill(TUESDAY + 1, 1).fill(TUESDAY + SECOND + 1, 1, PRICE + 400)
    sheet.fill(TUESDAY + 2 * SECOND + 1, -1, PRICE + 240)
    prices = [PRICE, PRICE + 400, PRICE + 240, PRICE + 240]
    ticks = [tick(TUESDAY + n * SECOND, price) for n, price in enumerate(prices)]
    ended = run(sheet, ticks, stage=stage, method="fifo")
    assert [(hit.rule, hit.at) for hit in hits(ended)] == [("max_loss", TUESDAY + 3 * SECOND)]
    assert hits(ended)[0].evidence.limit == usd("51500")


# -- what is not there --


def test_a_day_with_an_open_position_has_not_ended() -> None:
    sheet = Sheet().fill(TUESDAY, 1)
    ended = run(sheet, [tick(TUESDAY, PRICE), tick(TUESDAY + MINUTE, PRICE + 8)])
    assert of_kind(ended, DayClosed) == []
    assert ended.account.state.at == TUESDAY + MINUTE
    assert ended.account.state.equity == usd("50000") + 8 * ES_TICK


def test_a_flat_day_is_closed_and_nothing_after_it_is_foretold() -> None:
    later = chicago("2026-03-05 12:00:00")
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + MINUTE, -1, PRICE + 8)
    ticks = [tick(TUESDAY, PRICE), tick(TUESDAY + MINUTE, PRICE + 8), tick(later, PRICE)]
    ended = run(sheet, ticks)
    (closed,) = of_kind(ended, DayClosed)
    assert isinstance(closed, DayClosed)
    assert (closed.day, closed.pnl) == (date(2026, 3, 3), 8 * ES_TICK)
    assert ended.account.state.at == chicago("2026-03-03 17:00:00")


def test_prices_that_end_while_a_position_is_open_leave_it_at_its_last_mark() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 50 * SECOND, 1, PRICE + 4)
    ended = run(sheet, [tick(TUESDAY, PRICE), tick(TUESDAY + 2 * SECOND, PRICE + 4)])
    assert ended.account.state.equity == usd("50000") + 4 * ES_TICK
    assert len(ended.account.state.core.positions) == 1


def test_prices_before_the_first_trading_day_move_nothing() -> None:
    early = [tick(chicago("2026-02-27 10:00:00") + n * MINUTE, PRICE - 500 + n) for n in range(20)]
    sheet = Sheet().fill(TUESDAY, 1)
    with_past = run(sheet, [*early, tick(TUESDAY, PRICE)])
    assert with_past.account.findings == run(sheet, [tick(TUESDAY, PRICE)]).account.findings
    assert with_past.account.marks == 1
    assert with_past.materials.rows == 21


def test_an_account_that_is_over_is_still_followed() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + MINUTE, -1, PRICE + 40)
    prices = [(0, PRICE), (1, PRICE - 160), (60, PRICE + 40)]
    ended = run(sheet, [tick(TUESDAY + seconds * SECOND, price) for seconds, price in prices])
    assert ended.account.state.verdict == "breached"
    assert ended.account.state.balance == usd("50000") + 40 * ES_TICK
    assert len(hits(ended)) == 1


# -- fills that the prices never showed --


def problems(sheet: Sheet, *ticks: Tick) -> list[tuple[int, str, str]]:
    with pytest.raises(BadInput) as refusal:
        run(sheet, list(ticks))
    return [(one.row, one.column, one.reason) for one in refusal.value.problems]


def test_a_fill_at_a_price_that_the_market_never_showed_is_refused_with_row_and_column() -> None:
    sheet = Sheet().fill(TUESDAY + 250_000_000, 1, PRICE + 9).fill(TUESDAY + SECOND, -1)
    later = [tick(TUESDAY + SECOND, PRICE), tick(TUESDAY + 9 * SECOND, PRICE + 9)]
    assert problems(sheet, tick(TUESDAY, PRICE, PRICE + 4), *later) == [
        (2, "price", "5002.25 is outside the prices of ESH6 then (5000.00 to 5001.00)")
    ]


def test_a_fill_before_the_prices_begin_is_refused() -> None:
    sheet = Sheet().fill(TUESDAY + SECOND, 1).fill(TUESDAY + MINUTE, -1)
    assert problems(sheet, tick(TUESDAY + 30 * SECOND, PRICE), tick(TUESDAY + MINUTE, PRICE)) == [
        (2, "time", "the prices of ESH6 begin after this fill")
    ]


def test_a_fill_after_the_prices_end_is_refused() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 62 * SECOND, -1)
    assert problems(sheet, tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE)) == [
        (3, "time", "the prices of ESH6 end before this fill")
    ]


def test_the_last_price_is_good_for_a_minute_whatever_other_contracts_do() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 60 * SECOND, -1)
    gold = [tick(TUESDAY + n * SECOND, 9000, symbol="GCJ6") for n in range(0, 600, 7)]
    assert run(sheet, [tick(TUESDAY, PRICE)], gold).account.state.balance == usd("50000")
    assert run(sheet, [tick(TUESDAY, PRICE)]).account.state.balance == usd("50000")


def test_a_fill_in_a_quiet_market_may_have_the_price_of_the_next_tick() -> None:
    sheet = Sheet().fill(TUESDAY + 200 * SECOND, 1, PRICE + 6).fill(TUESDAY + 900 * SECOND, -1)
    gold = [tick(TUESDAY + n * SECOND, 9000, symbol="GCJ6") for n in range(0, 1000, 7)]
    ticks = [tick(TUESDAY + seconds * SECOND, PRICE + move) for seconds, move in ((0, 0), (500, 6), (600, 0), (899, 0))]
    assert run(sheet, ticks, gold).account.state.balance == usd("50000") - 6 * ES_TICK
    assert run(sheet, ticks).account.state.balance == usd("50000") - 6 * ES_TICK


def test_a_fill_within_a_second_of_its_price_is_good_and_one_a_second_later_is_not() -> None:
    ticks = [tick(TUESDAY, PRICE), tick(TUESDAY + 1_001_000_000, PRICE + 8), tick(TUESDAY + 5 * SECOND, PRICE)]
    good = Sheet().fill(TUESDAY + 1_000_000, 1, PRICE + 8)
    assert run(good, ticks).account.state.balance == usd("50000")
    bad = Sheet().fill(TUESDAY + 6_001_000_000, 1, PRICE + 8)
    assert problems(bad, *ticks, tick(TUESDAY + 7 * SECOND, PRICE))[0][1] == "price"


def test_times_of_whole_minutes_may_mean_any_second_of_the_minute() -> None:
    ticks = [tick(TUESDAY, PRICE), tick(TUESDAY + 55 * SECOND, PRICE + 8), tick(TUESDAY + 120 * SECOND, PRICE)]
    to_the_minute = Sheet().fill(TUESDAY, 1, PRICE + 8).fill(TUESDAY + 2 * MINUTE, -1)
    assert run(to_the_minute, ticks).account.state.balance == usd("50000") - 8 * ES_TICK
    to_the_second = Sheet().fill(TUESDAY, 1, PRICE + 8).fill(TUESDAY + 121 * SECOND, -1)
    assert problems(to_the_second, *ticks) == [
        (2, "price", "5002.00 is outside the prices of ESH6 then (5000.00 to 5000.00)")
    ]


def test_a_fill_just_after_a_bar_may_have_its_prices_but_not_those_of_the_bar_before() -> None:
    bars = [
        bar(TUESDAY - 2 * MINUTE, PRICE - 20, PRICE - 20, open_=PRICE - 20, close=PRICE - 20),
        bar(TUESDAY - MINUTE, PRICE - 9, PRICE, open_=PRICE, close=PRICE),
        bar(TUESDAY, PRICE, PRICE + 9, open_=PRICE, close=PRICE),
    ]
    just_after = TUESDAY + 500_000_000
    for price in (PRICE - 9, PRICE, PRICE + 9):
        run(Sheet().fill(just_after, 1, price), bars)
    with pytest.raises(BadInput, match=r"4995\.00 is outside the prices of ESH6 then \(4997\.75 to 5002\.25\)"):
        run(Sheet().fill(just_after, 1, PRICE - 20), bars)


def test_all_bad_fills_are_told_at_once_by_row() -> None:
    sheet = Sheet().fill(TUESDAY, 1, PRICE - 1).fill(TUESDAY + SECOND, -1).fill(TUESDAY + MINUTE, 1, PRICE + 1)
    assert [row for row, _, _ in problems(sheet, *(tick(TUESDAY + n * SECOND, PRICE) for n in range(70)))] == [2, 4]


def test_a_hundred_bad_fills_are_shown_and_the_rest_counted() -> None:
    sheet = Sheet()
    for n in range(130):
        sheet.fill(TUESDAY + n * SECOND, 1 if n % 2 == 0 else -1, PRICE + 50)
    with pytest.raises(BadInput) as refusal:
        run(sheet, [tick(TUESDAY + n * SECOND, PRICE) for n in range(140)])
    assert (len(refusal.value.problems), refusal.value.more) == (100, 30)


def test_a_contract_without_prices_is_not_held_against_any_and_the_report_says_so() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, 1, 9000, "GCJ6").fill(TUESDAY + 2 * SECOND, -1)
    ended = run(sheet, [tick(TUESDAY + n * SECOND, PRICE) for n in range(5)])
    assert (
        "open profit of GCJ6 between its fills: the price files have no prices of it, only of ESH6"
        in summary(ended).unjudged
    )
    assert "open profit of ESH6" not in " ".join(summary(ended).unjudged)


@given(
    st.lists(
        st.tuples(st.one_of(st.integers(-4, 6), st.integers(-130, 130)), st.integers(-9, 9)), min_size=1, max_size=6
    ),
    st.integers(1, 999),
    st.integers(-10, 10),
)
def test_a_fill_is_good_exactly_if_it_lies_within_the_prices_around_it(
    prices: list[tuple[int, int]], ms: int, offset: int
) -> None:
    """The last price before, those from a second before until a second after it, else the first one after."""
    at = TUESDAY + ms * 1_000_000
    until = at + SECOND + 1_000_000
    ticks = [tick(TUESDAY + half * SECOND // 2, PRICE + move) for half, move in sorted(prices)]
    before = [row for row in ticks if row[0] < at - SECOND][-1:]
    within = [row for row in ticks if at - SECOND <= row[0] <= until]
    after = [row for row in ticks if row[0] > until][: 0 if within else 1]
    around = [row[3] for row in (*before, *within, *after)]
    in_time = bool(within) or (bool(before) and (bool(after) or before[0][0] >= at - 60 * SECOND))
    good = in_time and min(around) <= PRICE + offset <= max(around)
    sheet = Sheet().fill(at, 1, PRICE + offset)
    if good:
        run(sheet, ticks)
    else:
        assert [row for row, _, _ in problems(sheet, *ticks)] == [2]


# -- the calendar --


def test_a_fill_a_millisecond_before_the_roll_and_one_at_it_are_of_two_trading_days() -> None:
    roll = chicago("2026-03-03 17:00:00")
    sheet = Sheet().fill(roll - 1_000_000, 1).fill(roll, -1)
    days = [one.day for one in of_kind(run(sheet), DayCounted) if isinstance(one, DayCounted)]
    assert days == [date(2026, 3, 3), date(2026, 3, 4)]


def test_sunday_evening_belongs_to_monday() -> None:
    at = chicago("2026-03-01 18:00:00")
    (row,) = summary(run(Sheet().fill(at, 1).fill(at + MINUTE, -1))).days
    assert row.day == date(2026, 3, 2)


def test_a_holiday_with_an_early_halt_is_one_trading_day_with_the_next() -> None:
    """Martin Luther King Day 2026, a Monday: its session has the trade date of Tuesday."""
    sheet = Sheet().fill(chicago("2026-01-19 10:00:00"), 1).fill(chicago("2026-01-19 11:00:00"), -1)
    sheet.fill(chicago("2026-01-20 10:00:00"), 1).fill(chicago("2026-01-20 11:00:00"), -1)
    ended = run(sheet)
    assert [one.day for one in of_kind(ended, DayCounted) if isinstance(one, DayCounted)] == [date(2026, 1, 20)]
    (row,) = summary(ended).days
    assert (row.day, row.fills, row.holidays_known) == (date(2026, 1, 20), 4, True)


def test_the_roll_follows_the_clocks_of_chicago_over_both_changes() -> None:
    for friday, monday in (("2026-03-06", "2026-03-09"), ("2026-10-30", "2026-11-02")):
        sheet = Sheet().fill(chicago(f"{friday} 10:00:00"), 1).fill(chicago(f"{monday} 10:00:00"), -1)
        rolls = [trace.opened_at for trace in run(sheet).account.traces]
        walls = [from_ns(at).astimezone(CHICAGO).time() for at in rolls]
        assert set(walls) == {time(17)}
        assert [row.day.isoformat() for row in summary(run(sheet)).days] == [friday, monday]


def test_a_day_outside_the_holiday_table_is_marked_and_the_report_says_so() -> None:
    at = chicago("2013-10-07 10:00:00")
    report = summary(run(Sheet().fill(at, 1, symbol="ESZ13").fill(at + MINUTE, -1, symbol="ESZ13")))
    assert [row.holidays_known for row in report.days] == [False]
    assert report.unjudged[-1].startswith("exchange holidays and early closes from 2013-10-07 to 2013-10-07: no hol")


def test_an_account_that_begins_inside_a_news_window_is_inside_it() -> None:
    """A window that opened before the account's first day began: the account is told of it with the first roll."""
    midnight = Clock("America/New_York", time(8, 29), time(8, 29), calendar="civil")
    stage = evaluation(news=News(120, 120, "no_execution", {"NFP": ("ES",)}, outcome="warn"))
    release = chicago("2026-03-06 07:30:00")
    sheet = Sheet().fill(release - 30 * SECOND, 1).fill(release + 200 * SECOND, -1)
    ended = run(sheet, stage=stage, clock=midnight)
    assert [(hit.rule, hit.evidence.note) for hit in hits(ended)] == [("news", "NFP 2026-03-06")]


def test_a_blackout_of_the_program_is_judged_by_the_clock() -> None:
    stage = evaluation(times=Times(overnight=True, blackout=(Blackout(time(10), time(10, 1)),), outcome="warn"))
    sheet = Sheet().fill(TUESDAY - SECOND, 1).fill(TUESDAY, 1).fill(TUESDAY + MINUTE, -2)
    assert [(hit.rule, hit.at) for hit in hits(run(sheet, stage=stage))] == [("blackout", TUESDAY)]


def test_a_position_held_at_flat_by_is_found_without_any_price() -> None:
    stage = evaluation(times=Times(overnight=False, outcome="warn"))
    sheet = Sheet().fill(TUESDAY, 2).fill(chicago("2026-03-04 09:00:00"), -2)
    (hit,) = hits(run(sheet, stage=stage))
    assert (hit.rule, hit.at, hit.evidence.actual) == ("overnight", chicago("2026-03-03 15:10:00"), 2)


# -- rules that executions cannot show --


def test_a_stop_rule_accuses_nobody_of_orders_that_a_history_cannot_show() -> None:
    stage = evaluation(behaviour=Behaviour(stop_required=True, stop_required_within_s=10, outcome="fail"))
    ended = run(Sheet().fill(TUESDAY, 1).fill(TUESDAY + MINUTE, -1), stage=stage)
    assert hits(ended) == []
    assert any(line.startswith("stop-loss rules") for line in summary(ended).unjudged)


# -- many prices --


def walk(ticks: int) -> Iterator[Tick]:
    """Two prices a second around the same level, made as they are asked for."""
    for n in range(ticks):
        yield tick(TUESDAY + n * 500_000_000, PRICE + (n * 7) % 9, PRICE + (n * 7) % 9 + 1)


@pytest.mark.thorough
def test_two_hundred_thousand_ticks_take_about_the_memory_of_twenty_thousand() -> None:
    def peak(ticks: int) -> int:
        sheet = Sheet().fill(TUESDAY, 1, PRICE + 1)
        tracemalloc.start()
        try:
            ended = run(sheet, TickStream("ticks", walk(ticks), {}), stage=evaluation(intraday("20000")))
            assert ended.materials.rows == ticks
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(200_000) < peak(20_000) + (6 << 20)


def test_a_long_story_is_drawn_in_a_bounded_number_of_points_that_lose_no_extreme() -> None:
    minutes = 3 * CURVE_POINTS_MAX
    prices = [PRICE + (n * 37) % 101 - 50 for n in range(minutes)]
    start = chicago("2026-03-02 18:00:00")
    sheet = Sheet().fill(start, 1, prices[0])
    ended = run(
        sheet, [tick(start + n * MINUTE, price) for n, price in enumerate(prices)], stage=evaluation(static("9999"))
    )
    points = ended.account.curve.points
    assert CURVE_POINTS_MAX // 2 <= len(points) <= CURVE_POINTS_MAX
    assert [point.at for point in points] == sorted(point.at for point in points)
    worth = [usd("50000") + (price - prices[0]) * ES_TICK for price in prices]
    assert (min(point.low for point in points), max(point.high for point in points)) == (min(worth), max(worth))
    assert points[-1].close == ended.account.state.equity


def test_quiet_minutes_are_points_of_the_curve_too() -> None:
    sheet = Sheet().fill(TUESDAY, 1)
    ended = run(sheet, [tick(TUESDAY + n * SECOND, PRICE + n % 3) for n in range(600)])
    assert len(ended.account.curve.points) >= 10


def test_progress_is_told_of_every_row_but_the_last_few_and_always_ended() -> None:
    quiet = Quiet()
    run(Sheet().fill(TUESDAY, 1), TickStream("ticks", walk(40_000), {}), progress=quiet)
    assert (quiet.began, quiet.ended) == (1, 1)
    assert 20_000 < quiet.told <= 40_000

    def broken() -> Iterator[Tick]:
        yield tick(TUESDAY, PRICE)
        raise BadInput("prices.csv", ())

    with pytest.raises(BadInput):
        run(Sheet().fill(TUESDAY, 1), TickStream("ticks", broken(), {}), progress=quiet)
    assert (quiet.began, quiet.ended) == (2, 2)


def test_the_figures_of_a_day_are_those_of_every_price_that_was_judged() -> None:
    sheet = Sheet().fill(TUESDAY, 2).fill(TUESDAY + 90 * SECOND, -2, PRICE + 5)
    moves = [0, 9, -31, 12, 40, -7, 5]
    ticks = [tick(TUESDAY + n * 15 * SECOND, PRICE + move) for n, move in enumerate(moves)]
    (row,) = summary(run(sheet, ticks)).days
    assert row.equity_low == usd("50000") - 2 * 31 * ES_TICK
    assert row.equity_high == usd("50000") + 2 * 40 * ES_TICK
    assert row.lowest_room == row.equity_low - usd("48000")
    assert row.room == Micros(row.end_balance - usd("48000"))


def test_a_low_between_two_prices_that_need_a_closer_look_is_not_forgotten() -> None:
    """The low falls on the fast path; from a second before the next fill on every price is looked at closely."""
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 50 * SECOND, -1)
    moves = [(0, 0), (10_000, -31), (20_000, 40), (30_000, 0), (49_200, 0), (49_600, 1), (50_000, 0)]
    ticks = [tick(TUESDAY + ms * 1_000_000, PRICE + move) for ms, move in moves]
    (row,) = summary(run(sheet, ticks)).days
    assert (row.equity_low, row.equity_high) == (usd("50000") - 31 * ES_TICK, usd("50000") + 40 * ES_TICK)


def test_the_lowest_room_is_that_of_the_account_while_it_lived() -> None:
    sheet = Sheet().fill(TUESDAY, 1)
    ticks = [tick(TUESDAY + n * 70 * SECOND, PRICE + move) for n, move in enumerate((0, -165, -400))]
    (row,) = summary(run(sheet, ticks)).days
    assert row.lowest_room == usd("2000") - 165 * ES_TICK
    assert row.equity_low == usd("50000") - 400 * ES_TICK


def test_days_after_a_breach_have_no_room_to_tell() -> None:
    later = chicago("2026-03-04 10:00:00")
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + MINUTE, -1, PRICE - 165).fill(later, 1).fill(later + MINUTE, -1)
    report = summary(run(sheet, stage=evaluation(daily_loss=DailyLoss(Size(amount=usd("1500")), outcome="lock_day"))))
    over, after = report.days
    assert (over.room, over.day_floor, over.lowest_room) == (None, usd("48500"), usd("1500") - 165 * ES_TICK)
    assert (after.room, after.day_floor, after.lowest_room) == (None, None, None)
    assert report.curve[0].day_floor == usd("48500")
    assert report.curve[-1].day_floor is None


def test_the_lowest_room_is_measured_from_the_floor_in_force_at_each_price() -> None:
    """An intraday trail: the least room is that after the high, not at the lowest equity."""
    sheet = Sheet().fill(TUESDAY, 1)
    moves = [0, -20, 120, 40]
    ticks = [tick(TUESDAY + n * SECOND, PRICE + move) for n, move in enumerate(moves)]
    (row,) = summary(run(sheet, ticks, stage=evaluation(intraday()))).days
    assert row.equity_low == usd("50000") - 20 * ES_TICK
    assert row.lowest_room == usd("2000") - 80 * ES_TICK


# -- odd histories --


def test_a_history_without_executions_is_refused() -> None:
    with pytest.raises(BadInput, match="it holds no executions"):
        run(Sheet())


def test_times_finer_than_a_millisecond_are_taken_as_they_are() -> None:
    sheet = Sheet().fill(TUESDAY + 1_500, 1, PRICE + 8)
    ticks = [tick(TUESDAY, PRICE), tick(TUESDAY + SECOND + 1_501, PRICE + 8), tick(TUESDAY + SECOND + 1_502, PRICE)]
    assert run(sheet, ticks).account.state.equity == usd("50000") - 8 * ES_TICK
    late = [ticks[0], tick(TUESDAY + 1_500, PRICE), *ticks[2:]]
    assert problems(sheet, *late) == [(2, "price", "5002.00 is outside the prices of ESH6 then (5000.00 to 5000.00)")]
