"""Semantics page, section 8: trading around releases."""

from typing import Any, get_args

import pytest

from propfirm.domain.catalogue.program import News, Outcome
from propfirm.domain.money import usd
from propfirm.domain.rules.findings import Evidence, ProfitStripped
from tests.unit.domain.rules.life import MONDAY, SECOND, Life, loss, stage


def life(mode: str | None, **rule: Any) -> Life:
    news = News(before_s=300, after_s=300, mode=mode, **rule) if mode else None  # type: ignore[arg-type]  # words of the tests
    one = Life(stage(loss("40000"), news=news))
    one.day(MONDAY)
    return one.at("08:00")


@pytest.mark.parametrize("mode", ["no_execution", "strip_profit"])
def test_any_fill_of_a_touched_contract_inside_the_window_is_a_hit(mode: str) -> None:
    account = life(mode)
    account.buy(3, "5000", "ESH6")
    assert account.wait(seconds=60).news("ES", release=300).rules == ()
    said = account.sell(2, "5000", "ESH6")
    assert (said.hit.rule, said.hit.outcome, said.hit.decided) == ("news", "strip_profit", False)
    assert said.evidence == Evidence(
        0,
        2,
        "contracts",
        account.state.equity,
        account.state.balance,
        set_at=account.now + 300 * SECOND,
        symbol="ESH6",
        note="NFP",
    )
    assert account.buy(1, "5000", "MESH6").rules == ("news",)
    assert account.buy(1, "5000", "NQH6").rules == ()
    account.closes("NFP")
    assert account.buy(1, "5000", "ESH6").rules == ()


def test_a_program_without_a_news_rule_lets_the_window_pass() -> None:
    account = life(None)
    account.buy(1, "5000", "ESH6")
    assert account.news().rules == ()
    assert account.buy(1, "5000", "ESH6").rules == ()


def test_who_had_to_be_flat_is_told_when_the_window_opens_once_for_all() -> None:
    account = life("flat_required", outcome="fail")
    account.buy(3, "5000", "ESH6")
    account.sell(2, "5000", "MESH6")
    account.buy(1, "60", "CLH6")
    said = account.news("ES", release=300)
    assert (said.hit.rule, said.hit.outcome, said.hit.decided) == ("news", "fail", True)
    assert said.evidence == Evidence(
        0, 5, "contracts", account.state.equity, usd("50000"), set_at=account.now + 300 * SECOND, note="NFP"
    )


def test_inside_a_flat_window_an_opening_fill_is_a_hit_and_a_closing_one_is_not() -> None:
    account = life("flat_required")
    account.buy(3, "60", "CLH6")
    assert account.news("CL").rules == ("news",)
    assert account.sell(1, "60", "CLH6").rules == ()
    said = account.sell(3, "60", "CLH6")
    assert said.figures == (0, 3)
    assert account.buy(1, "60", "CLH6").rules == ()


def test_who_is_flat_when_the_window_opens_has_kept_the_rule() -> None:
    account = life("flat_required")
    account.buy(1, "5000", "ESH6")
    assert account.news("CL").rules == ()
    assert account.news("ES", name="CPI").rules == ("news",)


@pytest.mark.parametrize("mode", ["no_execution", "strip_profit"])
def test_positions_held_into_the_window_are_no_hit_where_only_fills_count(mode: str) -> None:
    account = life(mode)
    account.buy(1, "5000", "ESH6")
    assert account.news().rules == ()


def test_a_blackout_asks_nobody_to_be_flat() -> None:
    account = life("flat_required")
    account.buy(1, "5000", "ESH6")
    assert account.blackout().rules == ()
    assert account.buy(1, "5000", "ESH6").rules == ("blackout",)


# ---------------------------------------------------------------- positions held long enough


@pytest.mark.parametrize(("ns", "exempt"), [(0, True), (1, False)])
def test_a_fill_that_closes_a_trade_held_long_enough_is_exempt(ns: int, exempt: bool) -> None:
    account = life("no_execution", exempt_if_held_s=600)
    account.wait(ns=ns).buy(3, "5000", "ESH6")
    account.wait(seconds=300, ns=-ns).news(release=300)
    assert account.sell(1, "5000", "ESH6").rules == (() if exempt else ("news",))


def test_a_fill_that_opens_is_never_exempt_not_even_through_zero() -> None:
    account = life("no_execution", exempt_if_held_s=600)
    account.buy(2, "5000", "ESH6")
    account.wait(seconds=600).news()
    assert account.buy(1, "5000", "ESH6").figures == (0, 1)
    assert account.sell(1, "5000", "ESH6").rules == ()
    assert account.sell(3, "5000", "ESH6").figures == (0, 3)
    assert account.buy(1, "5000", "NQH6").rules == ("news",)


def test_adding_to_a_trade_does_not_make_it_younger() -> None:
    account = life("no_execution", exempt_if_held_s=600)
    account.buy(2, "5000", "ESH6")
    account.wait(seconds=599).buy(1, "5000", "ESH6")
    account.wait(seconds=1).news()
    assert account.sell(3, "5000", "ESH6").rules == ()


@pytest.mark.parametrize(("seconds", "contracts"), [(600, 2), (599, 5)])
def test_positions_held_long_enough_may_stay_through_a_flat_window(seconds: int, contracts: int) -> None:
    account = life("flat_required", exempt_if_held_s=600)
    account.buy(3, "5000", "ESH6")
    account.wait(seconds=seconds).buy(2, "5000", "NQH6")
    assert account.news().figures == (0, contracts)


def test_a_zero_hold_exempts_only_what_was_open_at_the_release() -> None:
    account = life("no_execution", exempt_if_held_s=0)
    account.buy(1, "5000", "ESH6")
    account.news(release=10)
    assert account.sell(1, "5000", "ESH6").rules == ()
    account.wait(seconds=11).buy(1, "5000", "ESH6")
    assert account.sell(1, "5000", "ESH6").rules == ("news",)


# ---------------------------------------------------------------- several windows


def test_several_windows_are_one_hit_of_the_first_opened_that_touches_and_does_not_exempt() -> None:
    account = life("no_execution", exempt_if_held_s=600)
    account.buy(2, "5000", "ESH6")
    account.wait(seconds=300)
    account.news("CL", name="oil", release=0)
    account.news("ES", name="late", release=300)
    account.news("ES", name="soon", release=0)
    account.news("*", name="also soon", release=0)
    said = account.sell(1, "5000", "ESH6")
    assert (said.rules, said.evidence.note) == (("news",), "soon")
    assert account.buy(1, "5000", "ESH6").evidence.note == "late"


def test_a_blackout_and_a_news_window_are_two_rules_in_their_order() -> None:
    account = life("no_execution")
    account.news("ES")
    account.blackout("ES")
    assert account.buy(1, "5000", "ESH6").rules == ("blackout", "news")


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_the_rule_names_the_outcome(outcome: Outcome) -> None:
    account = life("no_execution", outcome=outcome)
    account.news()
    assert account.buy(1, "5000", "ESH6").hit.outcome == outcome
    assert account.state.locked == (outcome == "lock_day")
    assert account.state.core.review == (("news",) if outcome == "block_payout" else ())


def test_profit_of_the_trades_that_a_window_caught_is_stripped() -> None:
    account = life("flat_required")
    account.buy(1, "5000", "ESH6")
    account.buy(1, "60", "CLH6")
    account.news("ES")
    assert account.sell(1, "5001", "ESH6").only(ProfitStripped) == ProfitStripped(
        account.state.seq, account.now, "news", usd("50")
    )
    assert account.sell(1, "61", "CLH6").all(ProfitStripped) == ()
