"""Semantics page, section 10: a rebill that keeps the balance and counts anew."""

from datetime import date
from typing import Any

import pytest

from propfirm.domain.catalogue.program import Behaviour, Consistency, Days, Inactivity, OrderRate, Qualifying, Strikes
from propfirm.domain.money import ratio, usd
from propfirm.domain.rules.findings import DayClosed, DayCounted, Passed, TargetExtended
from propfirm.domain.rules.inquiry import Consistency as Seen
from propfirm.domain.rules.inquiry import conditions, consistency_now
from propfirm.domain.rules.state import Activity, best_day, profit_of, qualifying_days
from propfirm.domain.rules.terms import Options
from tests.unit.domain.rules.life import (
    MONDAY,
    NEXT_MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Life,
    daily,
    loss,
    payouts,
    size,
    stage,
    target,
)


def life(options: Options | None = None, **rules: Any) -> Life:
    one = Life(stage(loss("40000", mode="trail_closed"), **rules), options=options)
    one.day(MONDAY)
    return one


def met(account: Life) -> dict[str, bool]:
    return dict(conditions(account.terms, account.state))


def test_money_positions_floors_and_the_days_limits_stay() -> None:
    account = life(daily_loss=daily("1000"), payout=payouts())
    account.earn("900")
    account.pays("100")
    account.buy(2, "5000")
    account.mark("5010")
    before = account.state
    assert account.rebills() == ()
    after = account.state
    assert (after.balance, after.equity, after.floor, after.hwm) == (
        before.balance,
        before.equity,
        before.floor,
        before.hwm,
    )
    assert (after.core.positions, after.core.limits, after.core.day) == (
        before.core.positions,
        before.core.limits,
        before.core.day,
    )
    assert (after.payouts, profit_of(account.terms, after)) == (1, usd("900"))


def test_the_best_day_is_one_of_the_days_since() -> None:
    """Program rules, section 4.14: an account in profit keeps its balance but its consistency window restarts."""
    account = life(consistency=Consistency(cap=ratio("0.5")))
    account.earn("900")
    account.day(TUESDAY)
    account.earn("100")
    account.rebills()
    assert best_day(account.terms, account.state) == 0
    assert not met(account)["consistency"]
    account.earn("40")
    account.day(WEDNESDAY)
    assert best_day(account.terms, account.state) == usd("40")
    account.earn("40")
    assert met(account)["consistency"]


def test_the_window_of_a_cycle_restarts_with_it() -> None:
    account = life(consistency=Consistency(cap=ratio("0.5"), window="cycle"), payout=payouts())
    account.earn("900")
    account.pays("100")
    account.earn("300")
    account.rebills()
    assert best_day(account.terms, account.state) == 0
    assert account.state.core.counters.cycle_profit_start == usd("1200")
    account.earn("40")
    assert consistency_now(account.terms, account.state) == Seen(usd("40"), usd("40"), ratio("0.5"))


def test_trading_days_are_counted_from_the_next_first_fill() -> None:
    account = life(days=Days(min_trading=2))
    account.buy(1, "100")
    account.day(TUESDAY)
    account.buy(1, "100")
    assert met(account)["min_trading_days"]
    account.rebills()
    assert account.buy(1, "100").all(DayCounted) == ()  # the day had its first fill before
    assert (account.state.trading_days, account.state.core.counters.cycle_trading_days) == (0, 0)
    account.day(WEDNESDAY)
    assert account.buy(1, "100").only(DayCounted).number == 1


@pytest.mark.parametrize("scope", ["stage", "cycle"])
def test_only_what_the_day_makes_after_it_qualifies(scope: Any) -> None:
    account = life(days=Days(qualifying=Qualifying(size("100"), 1, scope=scope)))
    account.earn("100")
    account.rebills()
    account.earn("99.999999")
    assert not account.day(TUESDAY).only(DayClosed).qualifying
    account.earn("100")
    assert account.day(WEDNESDAY).only(DayClosed).qualifying
    assert qualifying_days(account.terms, account.state) == 1
    account.rebills()
    assert qualifying_days(account.terms, account.state) == 0


@pytest.mark.parametrize(("scope", "qualifies"), [("stage", False), ("lifetime", True)])
def test_an_evening_looks_at_the_profit_since_too(scope: Any, qualifies: bool) -> None:
    account = life(days=Days(qualifying=Qualifying(size("100"), 1, scope=scope)), target=target("100"))
    account.earn("50")
    account.rebills()
    account.earn("50")
    assert bool(account.snapshot().all(Passed)) is qualifies


def test_the_lifetime_count_takes_whole_days_and_stays() -> None:
    rule = Qualifying(size("100"), 1, scope="lifetime")
    account = life(Options(lifetime_qualifying=3), days=Days(qualifying=rule))
    account.earn("60")
    account.rebills()
    account.earn("40")
    assert account.day(TUESDAY).only(DayClosed).qualifying
    account.rebills()
    assert qualifying_days(account.terms, account.state) == 4


def test_a_day_by_balance_delta_qualifies_whole() -> None:
    rule = Qualifying(size("100"), 1, measure="balance_delta")
    account = life(days=Days(qualifying=rule))
    account.earn("100")
    account.rebills()
    assert account.rolls(TUESDAY).only(DayClosed).qualifying


def test_trades_that_ended_before_say_nothing_of_how_long_trades_are_held() -> None:
    account = life(behaviour=Behaviour(min_hold_s=10, min_hold_share_trades=ratio("0.5")))
    account.buy(1, "100")
    account.wait(seconds=60).sell(1, "100")
    assert met(account)["min_hold_trades"]
    account.buy(1, "100")
    account.rebills()
    assert not met(account)["min_hold_trades"]
    account.wait(seconds=60).sell(1, "100")
    assert met(account)["min_hold_trades"]


def test_when_the_account_traded_last_is_still_known() -> None:
    account = life()
    account.earn("100")
    account.rebills()
    assert account.state.core.activity == Activity(date.fromisoformat(MONDAY), fills_this_week=2)


def test_executions_of_the_last_second_are_still_counted() -> None:
    account = life(behaviour=Behaviour(hft=OrderRate(1, "warn")))
    account.buy(1, "100")
    account.rebills()
    assert account.buy(1, "100").rules == ("hft",)


def test_the_time_limit_runs_from_the_day_of_the_rebill() -> None:
    account = life(time_limit_days=2)
    account.day(TUESDAY)
    account.rebills()
    assert account.day(WEDNESDAY).rules == ()
    assert account.day(THURSDAY).figures == (2, 2)


@pytest.mark.parametrize("fills_before", [False, True])
def test_a_paid_month_is_not_idle_from_before(fills_before: bool) -> None:
    account = life(inactivity=Inactivity(days=2))
    if fills_before:
        account.buy(1, "100")
    account.day(TUESDAY)
    account.rebills()
    assert account.day(WEDNESDAY).rules == ()
    assert account.day(THURSDAY).figures == (2, 2)


def test_a_fill_after_the_rebill_is_the_last_activity() -> None:
    account = life(inactivity=Inactivity(days=2))
    account.rebills()
    account.day(TUESDAY)
    account.buy(1, "100")
    account.day(WEDNESDAY)
    assert account.day(THURSDAY).figures == (2, 2)


def test_the_week_of_the_rebill_is_exempt() -> None:
    account = life(inactivity=Inactivity(per_week=1, outcome="warn"))
    account.day(NEXT_MONDAY)
    account.rebills()
    assert account.day("2026-01-19").rules == ()
    assert account.day("2026-01-26").rules == ("inactivity",)


def test_a_raised_target_stays_raised_and_what_was_made_still_counts_toward_it() -> None:
    rule = Consistency(cap=ratio("0.5"), effect="extend_excess")
    account = life(consistency=rule, target=target("1000"))
    account.earn("700")
    assert account.day(TUESDAY).only(TargetExtended).after == usd("1200")
    account.rebills()
    account.earn("499.999999")
    assert account.verdict == "open"
    account.earn("0.000001")
    assert account.verdict == "passed"


def test_strikes_and_stripped_profit_stay() -> None:
    rules = Behaviour(hedging="forbidden", outcome="warn")
    account = life(behaviour=rules, strikes=(Strikes("hedging", ("strip_profit", "fail")),))
    account.buy(1, "100", "ESH6")
    account.sell(1, "100", "ESM6")
    account.buy(1, "90", "ESM6")
    stripped = account.state.core.counters.stripped
    assert stripped > 0
    account.rebills()
    assert account.state.core.counters.stripped == stripped
    account.sell(1, "100", "ESM6")
    assert account.verdict == "breached"


def test_after_the_end_nothing_is_counted_anew() -> None:
    account = life(target=target("100"))
    account.earn("100")
    days = account.state.trading_days
    assert account.rebills() == ()
    assert (account.verdict, account.state.trading_days, days) == ("passed", 1, 1)
