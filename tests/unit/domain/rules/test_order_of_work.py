"""Semantics page, section 3: several hits on one event, what decides, and what goes on after the end."""

from typing import Any

import pytest

from propfirm.domain.catalogue.program import (
    AdverseExcursion,
    Behaviour,
    Inactivity,
    News,
    OrderRate,
    Outcome,
    PositionLimit,
    Scaling,
    ScalingTier,
    Strikes,
    Times,
    UpperCap,
)
from propfirm.domain.money import Micros, Ppm, ratio, usd
from propfirm.domain.rules.engine import UnknownContract
from propfirm.domain.rules.events import CashMoved, Fill
from propfirm.domain.rules.findings import DayCounted, FloorMoved, ProfitStripped, Unlocked, Warned
from propfirm.domain.rules.state import SEVERITY
from propfirm.domain.rules.terms import Options, Platform
from tests.unit.domain.rules.life import (
    FIFTY,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Life,
    daily,
    limit,
    loss,
    payouts,
    stage,
    stop,
    target,
    units,
)


def life(max_loss: Any = None, options: Options | None = None, **rules: Any) -> Life:
    one = Life(stage(max_loss, **rules), options=options)
    one.day(MONDAY)
    return one


# ---------------------------------------------------------------- several hits at once


def test_the_floor_moves_before_the_trade_that_moved_it_is_counted() -> None:
    stripping = News(before_s=300, after_s=300, mode="no_execution", outcome="strip_profit")
    account = life(loss("2000", mode="trail_closed"), news=stripping)
    account.news()
    account.buy(1, "100")
    said = account.sell(1, "150")
    told = [type(one) for one in said if isinstance(one, FloorMoved | ProfitStripped)]
    assert told == [FloorMoved, ProfitStripped]


def test_all_rules_that_one_fill_breaks_are_told_in_the_order_of_work() -> None:
    account = life(
        loss("900", outcome="warn"),
        Options(personal_daily_loss=usd("400")),
        daily_loss=daily("500", outcome="warn"),
        position=PositionLimit(max=units("1"), sub_caps={"mini": 1}, include_working_orders=False),
        scaling=Scaling((ScalingTier(usd("0"), units("1")),)),
        times=Times(outcome="warn", limit_up_down="forfeit_profit"),
        news=News(1, 1, "no_execution", outcome="warn"),
        behaviour=Behaviour(
            hedging="forbidden",
            stop_required=True,
            hft=OrderRate(1),
            mae=AdverseExcursion(Ppm(1), "initial"),
            stop_target_ratio=ratio("0.1"),
        ),
    )
    account.sell(1, "5000", "ESM6")
    account.flat_by("equity_index")
    account.blackout()
    account.news()
    account.limit_move("ESH6")
    account.mark("4970", "4970", "ESH6")
    account.orders(stop(-1, "4900", "ESH6"), limit(-1, "5001", "ESH6"))
    said = account.buy(2, "4980", "ESH6")
    assert said.rules == (
        "max_loss",
        "daily_loss",
        "personal_loss",
        "position",
        "sub_cap",
        "scaling",
        "closed_time",
        "blackout",
        "news",
        "limit_up_down",
        "hedging",
        "stop_required",
        "stop_target_ratio",
        "hft",
        "mae",
    )
    assert [hit.rule for hit in said.hits if hit.decided] == ["personal_loss"]


def test_a_fill_on_a_locked_day_is_told_after_the_losses_and_before_its_size() -> None:
    account = life(
        loss("1500", outcome="warn"),
        daily_loss=daily("1000"),
        position=PositionLimit(max=units("1")),
    )
    account.buy(1, "5000")
    account.mark("4000")
    assert account.buy(3, "5000").rules == ("max_loss", "locked_day", "position")


def test_the_outcomes_are_ranked_as_the_page_ranks_them() -> None:
    ranked: list[Outcome] = [
        "fail",
        "lock_day",
        "strike",
        "close_offending",
        "strip_profit",
        "block_payout",
        "reject_order",
        "warn",
    ]
    assert sorted(SEVERITY, key=lambda outcome: -SEVERITY[outcome]) == ranked
    assert len(set(SEVERITY.values())) == len(ranked)


def test_the_most_severe_hit_decides_though_it_comes_later() -> None:
    account = life(loss("1000", outcome="lock_day"), daily_loss=daily("1000", outcome="fail"))
    account.buy(1, "5000")
    said = account.mark("4000")
    assert [(hit.rule, hit.decided) for hit in said.hits] == [("max_loss", False), ("daily_loss", True)]
    assert account.verdict == "breached"


def test_the_first_among_equals_decides() -> None:
    account = life(loss("1000"), daily_loss=daily("1000", outcome="fail"))
    account.buy(1, "5000")
    assert [hit.decided for hit in account.mark("4000").hits] == [True, False]


@pytest.mark.parametrize(
    "outcome", ["strike", "close_offending", "strip_profit", "block_payout", "reject_order", "warn"]
)
def test_a_hit_that_neither_ends_nor_locks_decides_nothing(outcome: Outcome) -> None:
    account = life(loss("1000", outcome=outcome))
    account.buy(1, "5000")
    assert not account.mark("4000").hit.decided
    assert (account.verdict, account.state.locked) == ("open", False)


def test_a_locking_hit_decides_over_a_milder_one_before_it() -> None:
    account = life(loss("1000", outcome="warn"), daily_loss=daily("1000"))
    account.buy(1, "5000")
    assert [(hit.rule, hit.decided) for hit in account.mark("4000").hits] == [("max_loss", False), ("daily_loss", True)]


def test_a_breach_that_is_counted_as_a_strike_goes_by_its_action() -> None:
    account = life(loss("1000"), strikes=(Strikes("max_loss", ("warn", "fail")),))
    account.buy(1, "5000")
    assert account.mark("4000").hit.outcome == "warn"
    assert account.mark("3999").hit.decided
    assert account.verdict == "breached"


def test_how_often_a_limit_is_judged_goes_by_the_program_and_not_by_the_strike() -> None:
    account = life(loss("1000", outcome="warn"), strikes=(Strikes("max_loss", ("fail",)),))
    account.buy(1, "5000")
    assert account.mark("4000").hit.outcome == "fail"
    account = life(loss("1000", outcome="warn"), strikes=(Strikes("max_loss", ("warn", "fail")),))
    account.buy(1, "5000")
    assert account.mark("4000").hit.strike == 1
    assert account.mark("3000").rules == ()
    assert account.day(TUESDAY).hit.outcome == "fail"


def test_rules_that_must_be_looked_at_before_a_payout_are_remembered_once_each_in_order() -> None:
    account = life(
        loss("40000"),
        position=PositionLimit(max=units("1"), outcome="block_payout"),
        behaviour=Behaviour(hft=OrderRate(1, "block_payout")),
    )
    account.buy(1, "100")
    account.buy(1, "100")
    account.wait(seconds=9).buy(1, "100")
    account.day(TUESDAY)
    assert account.state.core.review == ("position", "hft")


def test_an_execution_told_twice_is_the_readers_business() -> None:
    account = life()
    account.buy(1, "5000", name="same")
    account.buy(1, "5000", name="same")
    assert account.state.core.positions[0].position.quantity == 2


# ---------------------------------------------------------------- doubt


def test_a_finding_carries_the_doubt_of_its_event() -> None:
    account = life(behaviour=Behaviour(hft=OrderRate(0)))
    assert account.buy(1, "5000").hit.doubt is False
    assert account.sell(1, "5000", doubt=True).hit.doubt is True
    account.buy(1, "5000")
    assert account.mark("3000", doubt=True).hit.doubt is True
    assert life().metric("48000", doubt=True).hit.doubt is True
    assert life().metric("48000").hit.doubt is False


# ---------------------------------------------------------------- the event that ends the stage


def test_the_fill_that_breaches_still_counts_its_day_and_itself() -> None:
    account = life(behaviour=Behaviour(hft=OrderRate(0, "fail")))
    said = account.buy(1, "5000")
    assert [type(finding).__name__ for finding in said] == ["Hit", "DayCounted"]
    assert account.state.core.activity.fills_this_week == 1


def test_the_trade_that_ends_with_the_account_is_counted_and_stripped() -> None:
    account = life(
        loss("40000"),
        news=News(1, 1, "no_execution", outcome="strip_profit"),
        behaviour=Behaviour(hft=OrderRate(1, "fail")),
    )
    account.news()
    account.buy(1, "5000")
    said = account.sell(1, "5100")
    assert said.rules == ("news", "hft")
    assert said.only(ProfitStripped).amount == usd("100")
    assert account.state.core.activity.trades == 1


def test_the_metric_that_breaches_still_counts_its_day() -> None:
    said = life().metric("48000")
    assert [type(finding).__name__ for finding in said] == ["Hit", "DayCounted"]


# ---------------------------------------------------------------- after the end


def ended(how: str) -> Life:
    account = life(
        loss("2000", mode="trail_intraday"),
        target=target("3000"),
        daily_loss=daily("1900", trail="day_equity_high"),
        warn_at=ratio("0.8"),
        inactivity=Inactivity(days=1),
        time_limit_days=1,
        payout=payouts(floor_effect="reset_cycle"),
    )
    if how == "breached":
        account.buy(2, "5000", fee="5")
        account.mark("3000")
    else:
        account.earn("3000")
        account.buy(2, "5000", fee="5")
    assert account.verdict == how
    return account


@pytest.mark.parametrize("how", ["breached", "passed"])
def test_after_the_end_the_money_is_followed_and_nothing_is_said(how: str) -> None:
    account = ended(how)
    floor, hwm, days, limits = (
        account.state.floor,
        account.state.hwm,
        account.state.trading_days,
        account.state.core.limits,
    )
    told = len(account.findings)
    balance = account.state.balance
    account.mark("4000")
    assert account.state.equity == balance - 2 * usd("1000")
    account.mark("4100", "4200")
    account.sell(1, "4100", fee="1")
    assert account.state.balance == balance - usd("900") - usd("1")
    account.sell(2, "4300")
    account.mark("4100", "4200")
    assert account.state.equity == balance - usd("900") - usd("1") - usd("700") + usd("100")
    account.buy(1, "4200", "ESH6")
    account.mark("4201", symbol="ESH6")
    account.pays("100")
    account.adjusts("30")
    account.denies()
    assert account.state.core.cash == usd("-70")
    account.flat_by()
    account.news()
    account.closes("NFP")
    account.orders()
    account.limit_move("DOL")
    account.snapshot()
    account.day(TUESDAY)
    assert str(account.state.day) == TUESDAY
    account.metric("60000", "60100")
    assert (account.state.balance, account.state.equity) == (usd("60000"), usd("60100"))
    account.adjusts("-1")
    assert (account.state.balance, account.state.equity) == (usd("59999"), usd("60099"))
    account.day(WEDNESDAY, balance="70000")
    assert (account.state.balance, account.state.equity) == (usd("70000"), usd("60099"))
    account.day("2026-01-08", equity="71000")
    assert (account.state.balance, account.state.equity) == (usd("70000"), usd("71000"))
    assert len(account.findings) == told
    assert (account.state.floor, account.state.hwm, account.state.trading_days, account.state.core.limits) == (
        floor,
        hwm,
        days,
        limits,
    )
    assert (account.verdict, account.state.payouts) == (how, 0)


def test_a_roll_after_the_end_ends_a_lock_and_does_not_say_so() -> None:
    account = life(loss("2000"), daily_loss=daily("1000"))
    account.buy(1, "5000")
    account.mark("4000")
    account.mark("3000")
    assert (account.verdict, account.state.locked) == ("breached", True)
    assert account.day(TUESDAY).all(Unlocked) == ()
    assert not account.state.locked


def test_a_fill_in_an_unknown_contract_is_refused_after_the_end_too() -> None:
    account = ended("breached")
    with pytest.raises(UnknownContract) as refusal:
        account.tell(Fill(account.seq, account.now, "x", "PLF6", "PL", 1, 1, Micros(0)))
    assert refusal.value.root == "PL"


def test_a_metered_account_stays_metered_after_the_end() -> None:
    account = life()
    account.metric("48000")
    account.buy(1, "5000", "ESH6", fee="9")
    account.mark("9000", symbol="ESH6")
    assert (account.state.balance, account.state.equity) == (usd("48000"), usd("48000"))
    account.day(TUESDAY)
    assert account.state.core.day is not None
    assert account.state.core.day.start_balance == usd("48000")


@pytest.mark.parametrize("told", ["metric", "balance", "equity"])
def test_figures_after_the_end_make_an_account_metered_too(told: str) -> None:
    account = ended("breached")
    if told == "metric":
        account.metric("48000", "47000")
    else:
        account.day(TUESDAY, **{told: "47000"})
    equity = account.state.equity
    account.mark("9000")
    assert account.state.equity == equity
    assert account.state.core.metered is True


def test_a_denial_moves_no_money_whatever_amount_it_names() -> None:
    for account in (life(), ended("breached")):
        balance = account.state.balance
        account.tell(CashMoved(account.seq, account.now, "payout_denied", usd("-100")))
        assert (account.state.balance, account.state.core.cash) == (balance, 0)


def test_a_breached_account_with_one_position_is_revalued_by_every_mark() -> None:
    account = ended("breached")
    for price in ("1", "9000", "2000"):
        account.mark(price)
        assert account.state.equity == account.state.balance + 2 * (usd(price) - usd("5000"))


# ---------------------------------------------------------------- quiet marks


def test_a_quiet_mark_changes_equity_and_nothing_else() -> None:
    account = life(daily_loss=daily("1000"), warn_at=ratio("0.8"))
    account.buy(1, "5000")
    account.mark("5000")
    core = account.state.core
    assert account.mark("5500.000001", "5600") == ()
    assert account.state.core is core
    assert account.state.equity == FIFTY + usd("500.000001")
    assert (account.state.bid, account.state.ask) == (5_500_000_001, 5_600_000_000)
    account.buy(1, "100", "ESH6")
    assert account.state.equity == FIFTY + usd("500.000001")


def test_a_mark_in_doubt_is_as_quiet() -> None:
    account = life()
    account.buy(1, "5000")
    account.mark("5000")
    core = account.state.core
    account.mark("5001", doubt=True)
    assert account.state.core is core


@pytest.mark.parametrize(
    ("rules", "price"),
    [
        ({"max_loss": loss("2000")}, "3000"),
        ({"max_loss": loss("2000", cmp="below")}, "2999.999999"),
        ({"max_loss": loss("2000", mode="trail_intraday")}, "5000.000001"),
        ({"daily_loss": daily("1000")}, "4000"),
        ({"daily_loss": daily("1000", cmp="below")}, "3999.999999"),
        ({"daily_loss": daily("1000", trail="day_equity_high")}, "5000.000001"),
        ({"daily_loss": daily("1000", upper_cap=UpperCap(Ppm(20_000)))}, "6000"),
        ({"warn_at": ratio("0.8"), "max_loss": loss("2000")}, "3400"),
        ({"warn_at": ratio("0.8"), "daily_loss": daily("1000")}, "4200"),
        ({"behaviour": Behaviour(mae=AdverseExcursion(ratio("0.01"), "initial"))}, "4499.999999"),
    ],
)
def test_a_mark_at_a_threshold_is_judged_and_one_just_before_it_is_quiet(rules: dict[str, Any], price: str) -> None:
    account = life(**{"max_loss": loss("40000"), **rules})
    account.buy(1, "5000")
    account.mark("5000")
    toward = 1 if usd(price) < usd("5000") else -1
    core = account.state.core
    quiet = usd(price) + toward
    account.mark(f"{quiet // 1_000_000}.{quiet % 1_000_000:06d}")
    assert account.state.core is core
    account.mark(price)
    assert account.state.core is not core


def test_a_mark_of_a_short_position_is_judged_by_its_ask() -> None:
    account = life()
    account.sell(1, "5000")
    account.mark("5000")
    assert account.mark("1", "6999.999999").rules == ()
    assert account.mark("1", "7000").rules == ("max_loss",)


def test_marks_are_never_quiet_for_two_positions_a_mid_or_a_metered_account() -> None:
    two = life()
    two.buy(1, "5000")
    two.buy(1, "5000", "ESH6")
    assert two.state.core.symbol == ""
    mid = Life(stage(), platform=Platform(mark="mid"))
    mid.day(MONDAY)
    mid.buy(1, "5000")
    assert mid.state.core.symbol == ""
    metered = life()
    metered.buy(1, "5000")
    metered.metric("50000")
    assert metered.state.core.symbol == ""


def test_findings_of_one_event_are_told_in_the_order_of_work() -> None:
    account = life(
        loss("20000", mode="trail_closed"),
        daily_loss=daily("1000", outcome="warn"),
        target=target("100"),
        warn_at=ratio("0.5"),
    )
    account.buy(2, "5000")
    account.day(TUESDAY)
    account.mark("4500")
    account.day(WEDNESDAY)
    said = account.sell(1, "5200")
    assert [type(finding) for finding in said][:2] == [FloorMoved, DayCounted]
    assert said.all(Warned) == ()
