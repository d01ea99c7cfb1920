"""What the payout policy is told about an account is what its risk state and the record of its past say."""

from datetime import UTC, date, datetime, time
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.application.rules.payout_standing import Record, standing_of
from propfirm.domain.catalogue.program import (
    Behaviour,
    Consistency,
    Days,
    MaxLoss,
    PayoutTerms,
    Qualifying,
    Schedule,
    Size,
    Split,
    SplitStep,
)
from propfirm.domain.money import Micros, Ppm, usd
from propfirm.domain.payouts.schedule import old_enough_on, request_day
from propfirm.domain.rules.engine import step
from propfirm.domain.rules.events import CashMoved
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms
from tests.unit.application.simulation.desk import MINUTE, PRICE, Sheet, chicago, evaluation, run

NOON: Final = datetime(2026, 3, 5, 12, tzinfo=UTC)
RECORD: Final = Record(now=NOON, opened_on=date(2026, 3, 3))
TRAIL: Final = MaxLoss("trail_eod", Size(amount=usd("2000")), lock="start")
PAYOUT: Final = PayoutTerms(Split("flat", (SplitStep(0, Ppm(900_000)),)))


def account(*profits: int, **rules: object) -> tuple[Terms, State]:
    """One trade a day from 3 March 2026 on, of so many ticks (12.50 each); the last day has been closed."""
    sheet = Sheet()
    for n, ticks in enumerate(profits):
        at = chicago(f"2026-03-{n + 3:02d} 10:00:00")
        sheet.fill(at, 1).fill(at + MINUTE, -1, PRICE + ticks)
    ended = run(sheet, stage=evaluation(TRAIL, payout=PAYOUT, **rules))
    return ended.terms, ended.account.state


def paid(terms: Terms, state: State, amount: Micros) -> State:
    cash = CashMoved(state.seq + 1, state.at, "payout", Micros(-amount), amount, amount)
    return step(terms, state, cash)[0]


def test_money_floor_and_profit_are_those_of_the_risk_state() -> None:
    terms, state = account(40, -20)
    told = standing_of(terms, state, RECORD)
    assert (told.levels.initial, told.levels.start) == (usd("50000"), usd("50000"))
    assert (told.levels.balance, told.levels.floor, told.levels.hwm) == (usd("50250"), usd("48500"), usd("50500"))
    assert (told.profit, told.cycle_profit, told.equity, told.flat) == (usd("250"), usd("250"), usd("50250"), True)


def test_after_a_payout_the_cycle_begins_anew_and_the_stage_goes_on() -> None:
    terms, state = account(80)
    told = standing_of(terms, paid(terms, state, usd("400")), replace(RECORD, withdrawn=usd("400")))
    assert (told.levels.balance, told.levels.payouts, told.number) == (usd("50600"), 1, 2)
    assert (told.profit, told.cycle_profit, told.withdrawn) == (usd("1000"), usd("0"), usd("400"))
    assert told.counted == usd("600")


def test_an_open_position_is_not_flat() -> None:
    ended = run(Sheet().fill(chicago("2026-03-03 10:00:00"), 1), stage=evaluation(TRAIL, payout=PAYOUT))
    assert not standing_of(ended.terms, ended.account.state, RECORD).flat


def test_best_day_and_its_window_are_those_of_the_consistency_rule() -> None:
    told = standing_of(*account(40, 80, consistency=Consistency(cap=Ppm(400_000))), RECORD)
    assert (told.best, told.window_profit) == (usd("1000"), usd("1500"))
    without = standing_of(*account(40, 80), RECORD)
    assert (without.best, without.window_profit) == (usd("0"), usd("1500"))


def test_trading_days_are_counted_where_the_stage_counts_them() -> None:
    for scope, days in (("stage", 2), ("cycle", 0)):
        terms, state = account(40, 40, days=Days(min_trading=1, min_trading_scope=scope))  # type: ignore[arg-type]  # a literal
        assert standing_of(terms, paid(terms, state, usd("100")), RECORD).trading_days == days


def test_qualifying_days_are_told_in_the_scope_of_the_rule_and_since_the_last_decision() -> None:
    rule = Days(qualifying=Qualifying(Size(amount=usd("100")), 2, scope="lifetime"))
    terms, state = account(40, 4, 40, days=rule)
    told = standing_of(terms, paid(terms, state, usd("100")), RECORD)
    assert (told.qualifying_days, told.qualifying_lifetime, told.qualifying_cycle) == (2, 2, 0)


def test_trades_held_long_enough_are_told_with_their_profit() -> None:
    told = standing_of(*account(40, 20, behaviour=Behaviour(min_hold_s=10)), RECORD)
    assert (told.trades.count, told.trades.held) == (2, 2)
    assert (told.trades.profit, told.trades.held_profit) == (usd("750"), usd("750"))


def test_the_record_fills_what_the_risk_state_forgets() -> None:
    record = replace(
        RECORD,
        first_trade_day=date(2026, 3, 3),
        last_decision_day=date(2026, 3, 4),
        withdrawn=usd("5"),
        lifetime=usd("7"),
        approved_this_month=2,
        last_payout_balance=usd("50100"),
    )
    told = standing_of(*account(40), record)
    assert (told.first_trade_day, told.last_decision_day) == (date(2026, 3, 3), date(2026, 3, 4))
    assert (told.withdrawn, told.lifetime, told.approved_this_month) == (usd("5"), usd("7"), 2)
    assert told.last_payout_balance == usd("50100")


BEFORE_THE_ROLL: Final = time(15)
AFTER_THE_ROLL: Final = time(17, 30)


@pytest.mark.parametrize(
    ("now", "by_three", "by_half_past_five"),
    [
        ("2026-03-05 14:59", "2026-03-05", "2026-03-05"),
        ("2026-03-05 15:00", "2026-03-05", "2026-03-05"),
        ("2026-03-05 15:01", "2026-03-06", "2026-03-05"),
        ("2026-03-05 17:01", "2026-03-06", "2026-03-05"),
        ("2026-03-05 17:31", "2026-03-06", "2026-03-06"),
        ("2026-03-06 17:01", "2026-03-07", "2026-03-06"),  # Friday evening: the trading day is Monday's already
        ("2026-03-06 17:31", "2026-03-07", "2026-03-07"),
        ("2026-03-07 12:00", "2026-03-07", "2026-03-07"),  # Saturday
        ("2026-03-08 16:59", "2026-03-09", "2026-03-08"),  # Sunday
        ("2026-03-08 18:00", "2026-03-09", "2026-03-09"),
        ("2026-11-26 10:00", "2026-11-26", "2026-11-26"),  # Thanksgiving trades for Friday
        ("2026-11-26 17:01", "2026-11-27", "2026-11-26"),
    ],
)
def test_a_request_counts_for_the_calendar_date_of_the_cut_off_whatever_the_trading_day_is(
    now: str, by_three: str, by_half_past_five: str
) -> None:
    record = replace(RECORD, now=datetime.fromisoformat(now))
    for days in ((40,), (40, 40, 40, 40)):  # the account stands on Wednesday, or on Monday
        told = standing_of(*account(*days), record)
        for cutoff, day in ((BEFORE_THE_ROLL, by_three), (AFTER_THE_ROLL, by_half_past_five)):
            assert request_day(Schedule(cutoff=cutoff), told) == date.fromisoformat(day)


def test_an_account_that_began_on_a_sunday_evening_is_no_younger_than_today() -> None:
    """Its first trading day is Monday's; the calendar still says Sunday."""
    record = Record(now=datetime.fromisoformat("2026-03-08 18:00"), opened_on=date(2026, 3, 8))
    told = standing_of(*account(40), record)
    assert (told.today, old_enough_on(PAYOUT, told)) == (date(2026, 3, 8), date(2026, 3, 8))


@pytest.mark.parametrize(
    ("opened", "now", "days"),
    [
        (date(2026, 3, 3), date(2026, 3, 3), 0),
        (date(2026, 3, 3), date(2026, 3, 4), 1),
        (date(2026, 3, 6), date(2026, 3, 8), 0),
        (date(2026, 3, 6), date(2026, 3, 9), 1),
        (date(2026, 3, 2), date(2026, 3, 16), 10),
    ],
)
def test_age_is_counted_in_weekdays_after_the_first(opened: date, now: date, days: int) -> None:
    record = replace(RECORD, opened_on=opened, now=datetime.combine(now, time(12), UTC))
    assert standing_of(*account(40), record).business_days_old == days


@pytest.mark.thorough
@given(st.lists(st.integers(-100, 100), min_size=1, max_size=4))
def test_profit_is_what_balance_says_above_the_start(profits: list[int]) -> None:
    terms, state = account(*profits)
    told = standing_of(terms, state, RECORD)
    assert told.levels.balance == usd("50000") + sum(profits) * usd("12.50")
    assert told.profit == told.levels.balance - told.levels.start
