"""Semantics page, section 9, first half: trades, taint, holding times, strikes."""

from typing import Any

import pytest

from propfirm.domain.catalogue.program import Behaviour, News, OrderRate, Strikes, Times
from propfirm.domain.money import Ppm, ratio, usd
from propfirm.domain.rules.findings import ProfitStripped
from propfirm.domain.rules.inquiry import conditions
from propfirm.domain.rules.terms import Platform
from tests.unit.domain.rules.life import MONDAY, TUESDAY, WEDNESDAY, Life, daily, loss, payouts, stage

STRIPPING = News(before_s=300, after_s=300, mode="no_execution", outcome="strip_profit")


def life(**rules: Any) -> Life:
    one = Life(stage(loss("40000"), **rules))
    one.day(MONDAY)
    return one.at("08:00")


def tainted(**rules: Any) -> Life:
    """A news window is open: whatever is traded now does not count."""
    account = life(news=STRIPPING, **rules)
    account.news()
    return account


# ---------------------------------------------------------------- taint


def test_a_tainted_trade_that_ends_with_a_profit_is_stripped_of_it() -> None:
    account = tainted()
    account.buy(2, "5000", "ESH6", fee="4")
    account.closes("NFP")
    assert account.sell(1, "5001", "ESH6", fee="2").all(ProfitStripped) == ()
    said = account.sell(1, "5003", "ESH6", fee="2")
    assert said.only(ProfitStripped) == ProfitStripped(account.state.seq, account.now, "news", usd("192"))
    assert account.state.core.counters.stripped == usd("192")
    account.sell(1, "5003", "ESH6")
    assert account.buy(1, "5000", "ESH6").all(ProfitStripped) == ()


@pytest.mark.parametrize(("exit_price", "stripped"), [("5000.040001", "0.000001"), ("5000.04", None), ("4000", None)])
def test_a_tainted_trade_that_made_nothing_has_nothing_to_strip(exit_price: str, stripped: str | None) -> None:
    account = tainted()
    account.buy(1, "5000", fee="0.02")
    said = account.sell(1, exit_price, fee="0.02").all(ProfitStripped)
    assert [finding.amount for finding in said] == ([] if stripped is None else [usd(stripped)])


def test_the_fill_that_ends_the_trade_can_taint_it_too() -> None:
    account = life(news=STRIPPING)
    account.buy(1, "5000", "ESH6")
    account.news()
    said = account.sell(1, "5001", "ESH6")
    assert [type(finding).__name__ for finding in said] == ["Hit", "ProfitStripped"]
    assert said.only(ProfitStripped) == ProfitStripped(account.state.seq, account.now, "news", usd("50"))


def test_a_fill_through_zero_taints_the_trade_that_it_ends_and_the_one_that_it_begins() -> None:
    account = life(news=STRIPPING)
    account.buy(1, "5000", "ESH6")
    account.news()
    assert account.sell(3, "5001", "ESH6").only(ProfitStripped).amount == usd("50")
    account.closes("NFP")
    assert account.buy(2, "5000", "ESH6").only(ProfitStripped).amount == usd("100")
    assert account.state.core.counters.stripped == usd("150")


def test_the_first_rule_that_tainted_a_trade_gives_its_name() -> None:
    account = life(news=STRIPPING, times=Times(overnight=True, weekend=True, outcome="strip_profit"))
    account.blackout()
    account.news()
    account.buy(1, "5000", "ESH6")
    account.sell(1, "5001", "ESH6")
    assert [finding.rule for finding in account.findings if isinstance(finding, ProfitStripped)] == ["blackout"]


def test_only_the_trade_of_the_symbol_is_tainted() -> None:
    account = life(news=STRIPPING)
    account.buy(1, "5000", "NQH6")
    account.news("ES")
    account.buy(1, "5000", "ESH6")
    account.closes("NFP")
    assert account.sell(1, "5001", "NQH6").all(ProfitStripped) == ()
    assert account.sell(1, "5001", "ESH6").only(ProfitStripped).amount == usd("50")


def test_a_loss_limit_that_strips_concerns_no_symbol_and_so_no_trade() -> None:
    account = life(daily_loss=daily("100", outcome="strip_profit"))
    account.buy(1, "5000", "ESH6")
    assert account.mark("4990", symbol="ESH6").hit.outcome == "strip_profit"
    assert account.sell(1, "5010", "ESH6").all(ProfitStripped) == ()


def test_a_hit_that_does_not_strip_taints_nothing() -> None:
    account = life(news=News(300, 300, "no_execution", outcome="warn"))
    account.news()
    account.buy(1, "5000", "ESH6")
    assert account.sell(1, "5001", "ESH6").all(ProfitStripped) == ()


@pytest.mark.parametrize(("fee", "first"), [("0.000009", "99.999997"), ("9", "97")])
def test_the_fee_of_a_fill_through_zero_is_split_by_contracts_the_closing_part_rounded_down(
    fee: str, first: str
) -> None:
    account = tainted()
    account.buy(1, "5000")
    said = account.sell(3, "5100", fee=fee)
    assert said.only(ProfitStripped).amount == usd(first)
    whole = usd("100") + usd("200") - usd(fee)
    account.buy(2, "5000")
    assert account.state.core.counters.stripped == whole


def test_the_odd_part_of_a_split_fee_stays_with_the_new_trade() -> None:
    account = tainted()
    account.buy(2, "5000")
    assert account.sell(3, "5100", fee="0.000004").only(ProfitStripped).amount == usd("199.999998")
    assert account.buy(1, "5000").only(ProfitStripped).amount == usd("99.999998")


def test_a_trades_profit_is_what_entered_the_balance() -> None:
    account = Life(stage(loss("40000"), news=STRIPPING), platform=Platform(settle="per_fill"))
    account.day(MONDAY)
    account.news()
    account.buy(2, "5", "ODDH6")
    account.sell(1, "6", "ODDH6")
    assert account.sell(1, "6", "ODDH6").only(ProfitStripped).amount == usd("0.66")


def test_a_trade_of_a_metered_account_is_counted_by_its_fills() -> None:
    account = tainted()
    account.metric("50000")
    account.buy(1, "5000", "ESH6")
    assert account.sell(1, "5001", "ESH6", fee="3").only(ProfitStripped).amount == usd("47")
    assert account.state.balance == usd("50000")


# ---------------------------------------------------------------- holding times


def holding(**rule: Any) -> Life:
    return life(behaviour=Behaviour(min_hold_s=60, **rule))


def trade(account: Life, seconds: int, profit: str, ns: int = 0, symbol: str = "DOL") -> None:
    account.buy(1, "100", symbol)
    account.wait(seconds=seconds, ns=ns)
    account.sell(1, str(100 + int(profit)), symbol)


def gate(account: Life, name: str) -> bool:
    return dict(conditions(account.terms, account.state))[name]  # type: ignore[index]  # a gate's name


@pytest.mark.parametrize(("ns", "held"), [(0, False), (1, True)])
def test_a_trade_is_held_if_it_lasted_longer_than_the_time(ns: int, held: bool) -> None:
    account = holding(min_hold_share_trades=ratio("0.5"))
    trade(account, 60, "10", ns)
    assert gate(account, "min_hold_trades") is held
    assert account.state.core.activity.trades_held == int(held)


@pytest.mark.parametrize(("edge", "met"), [("gt", False), ("gte", True)])
def test_the_share_of_held_trades_must_be_above_or_at_the_wanted_one(edge: str, met: bool) -> None:
    account = holding(min_hold_share_trades=ratio("0.5"), min_hold_edge=edge)
    trade(account, 90, "10")
    trade(account, 10, "10")
    assert gate(account, "min_hold_trades") is met
    trade(account, 90, "10")
    assert gate(account, "min_hold_trades")


@pytest.mark.parametrize(("edge", "met"), [("gt", False), ("gte", True)])
def test_the_share_of_their_profit_counts_losses_too(edge: str, met: bool) -> None:
    account = holding(min_hold_share_profit=ratio("0.8"), min_hold_edge=edge)
    trade(account, 90, "100")
    trade(account, 90, "-20")
    trade(account, 10, "20")
    assert account.state.core.activity.trades_held_profit == usd("80")
    assert account.state.core.activity.trades_profit == usd("100")
    assert gate(account, "min_hold_profit") is met
    trade(account, 90, "1")
    assert gate(account, "min_hold_profit")


def test_without_trades_or_profit_there_is_no_share_to_meet() -> None:
    account = holding(min_hold_share_trades=ratio("0"), min_hold_share_profit=ratio("0"), min_hold_edge="gte")
    assert (gate(account, "min_hold_trades"), gate(account, "min_hold_profit")) == (False, False)
    trade(account, 90, "0")
    assert (gate(account, "min_hold_trades"), gate(account, "min_hold_profit")) == (True, False)
    trade(account, 90, "-1")
    assert not gate(account, "min_hold_profit")


@pytest.mark.parametrize(("exit_price", "held"), [("1.5", True), ("1.499999", False)])
def test_a_trade_that_moved_far_enough_counts_as_held_however_short(exit_price: str, held: bool) -> None:
    account = holding(min_hold_share_trades=ratio("0.5"), min_hold_ticks=500_000)
    account.buy(2, "1", fee="1")
    account.buy(1, "1")
    account.sell(3, exit_price, fee="1")
    assert gate(account, "min_hold_trades") is held


def test_every_contract_that_a_trade_opened_must_have_moved() -> None:
    account = holding(min_hold_share_trades=ratio("0.5"), min_hold_ticks=10)
    account.buy(1, "5000", "ESH6")
    account.sell(2, "5002.5", "ESH6")  # ten ticks; then ten short
    assert account.state.core.activity.trades_held == 1
    account.buy(1, "5000.25", "ESH6")
    assert (account.state.core.activity.trades, account.state.core.activity.trades_held) == (2, 1)


def test_a_short_trade_is_timed_from_its_first_opening_to_its_last_closing() -> None:
    account = holding(min_hold_share_trades=ratio("0.5"))
    account.sell(2, "5000", "ESH6")
    account.wait(seconds=59).sell(1, "5000", "ESH6")
    account.wait(seconds=1).buy(1, "5000", "ESH6")
    assert account.state.core.activity.trades == 0
    account.wait(ns=1).buy(2, "5000", "ESH6")
    assert (account.state.core.activity.trades, account.state.core.activity.trades_held) == (1, 1)


def test_the_trade_that_a_fill_through_zero_begins_is_young() -> None:
    account = holding(min_hold_share_trades=ratio("0.5"))
    account.buy(1, "5000", "ESH6")
    account.wait(seconds=100).sell(2, "5000", "ESH6")
    account.wait(seconds=60).buy(1, "5000", "ESH6")
    assert (account.state.core.activity.trades, account.state.core.activity.trades_held) == (2, 1)


def test_the_shares_are_of_the_stage_and_know_no_payout() -> None:
    account = life(behaviour=Behaviour(min_hold_s=60, min_hold_share_trades=ratio("0.5")), payout=payouts())
    trade(account, 90, "1000")
    account.pays("500")
    assert gate(account, "min_hold_trades")


def test_a_program_without_holding_times_counts_no_trade_as_held() -> None:
    account = life(behaviour=Behaviour())
    trade(account, 9000, "10")
    assert (account.state.core.activity.trades, account.state.core.activity.trades_held) == (1, 0)
    account = life()
    trade(account, 9000, "10")
    assert (account.state.core.activity.trades, account.state.core.activity.trades_held) == (1, 0)


# ---------------------------------------------------------------- strikes


def striking(*actions: str, **rule: Any) -> Life:
    """Every second execution of an instant is a hit of the order-rate rule."""
    counted = Strikes("hft", actions, **rule)  # type: ignore[arg-type]  # words of the tests
    return life(behaviour=Behaviour(hft=OrderRate(1, "block_payout")), strikes=(counted,))


def strike(account: Life) -> tuple[str, int]:
    account.wait(seconds=5)
    account.buy(1, "100")
    hit = account.sell(1, "100").hit
    return hit.outcome, hit.strike


def test_each_strike_takes_the_action_of_its_number_and_the_last_one_stays() -> None:
    account = striking("warn", "lock_day", "reject_order")
    assert (strike(account), account.state.locked) == (("warn", 1), False)
    assert (strike(account), account.state.locked) == (("lock_day", 2), True)
    account.wait(seconds=5)
    account.buy(1, "100")
    last = account.sell(1, "100").hits
    assert [(hit.rule, hit.outcome, hit.strike) for hit in last] == [("hft", "reject_order", 3)]
    account.day(TUESDAY)
    assert strike(account) == ("reject_order", 4)


def test_a_strike_can_end_the_account() -> None:
    account = striking("warn", "fail")
    strike(account)
    account.day(TUESDAY)
    assert strike(account) == ("fail", 2)
    assert account.verdict == "breached"


def test_only_the_final_action_acts() -> None:
    account = striking("warn")
    strike(account)
    assert account.state.core.review == ()
    unstruck = life(behaviour=Behaviour(hft=OrderRate(1, "block_payout")))
    assert strike(unstruck) == ("block_payout", 0)
    assert unstruck.state.core.review == ("hft",)
    strike(unstruck)
    assert unstruck.state.core.review == ("hft",)


def test_a_second_strike_of_one_day_has_the_number_of_the_first_where_days_are_counted() -> None:
    account = striking("warn", "lock_day", "fail", per="day")
    assert [strike(account), strike(account)] == [("warn", 1), ("warn", 1)]
    account.day(TUESDAY)
    assert strike(account) == ("lock_day", 2)
    account.day(WEDNESDAY)
    assert strike(account) == ("fail", 3)


@pytest.mark.parametrize(("last", "number"), [("2026-01-11", 2), ("2026-01-12", 1)])
def test_strikes_older_than_the_window_are_forgotten(last: str, number: int) -> None:
    account = striking("warn", "lock_day", window_days=7)
    strike(account)
    account.day(last)
    assert strike(account)[1] == number


def test_a_window_of_one_day_is_today() -> None:
    account = striking("warn", "lock_day", window_days=1)
    assert [strike(account)[1], strike(account)[1]] == [1, 2]
    account.day(TUESDAY)
    assert strike(account)[1] == 1


def test_the_days_of_a_window_are_counted_once_each_where_days_are_counted() -> None:
    account = striking("warn", "lock_day", "fail", window_days=2, per="day")
    assert [strike(account)[1], strike(account)[1]] == [1, 1]
    account.day(TUESDAY)
    assert strike(account)[1] == 2
    account.day(WEDNESDAY)
    assert strike(account)[1] == 2


def test_each_rule_is_counted_for_itself() -> None:
    rules = Strikes("hft", ("warn", "fail")), Strikes("news", ("reject_order", "lock_day"))
    account = life(behaviour=Behaviour(hft=OrderRate(1)), news=STRIPPING, strikes=rules)
    assert strike(account) == ("warn", 1)
    account.wait(seconds=5).news()
    assert [(hit.outcome, hit.strike) for hit in account.buy(1, "100").hits] == [("reject_order", 1)]
    assert [(hit.rule, hit.outcome, hit.strike) for hit in account.sell(1, "100").hits] == [
        ("news", "lock_day", 2),
        ("hft", "fail", 2),
    ]


def test_a_loss_limit_can_be_counted_too() -> None:
    account = life(daily_loss=daily("1000", outcome="fail"), strikes=(Strikes("daily_loss", ("warn", "fail")),))
    account.buy(1, "5000")
    assert account.mark("4000").hit.outcome == "warn"
    assert account.verdict == "open"
    assert account.mark("4000").hit.outcome == "fail"
    assert account.verdict == "breached"


def test_ppm_of_the_shares_is_exact() -> None:
    account = holding(min_hold_share_trades=Ppm(333_333))
    trade(account, 90, "1")
    trade(account, 1, "1")
    trade(account, 1, "1")
    assert gate(account, "min_hold_trades")
    for edge in ("gt", "gte"):
        stricter = holding(min_hold_share_trades=Ppm(333_334), min_hold_edge=edge)
        trade(stricter, 90, "1")
        trade(stricter, 1, "1")
        trade(stricter, 1, "1")
        assert not gate(stricter, "min_hold_trades")
