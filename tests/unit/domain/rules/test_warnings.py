"""Semantics page, section 13: warnings, before it is too late."""

from typing import Any

import pytest

from propfirm.domain.catalogue.program import DailyLoss, MaxLoss
from propfirm.domain.money import Micros, ratio, usd
from propfirm.domain.rules.findings import Evidence, Warned
from propfirm.domain.rules.terms import Options
from tests.unit.domain.rules.life import (
    FIFTY,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Life,
    daily,
    loss,
    payouts,
    stage,
)


def life(
    max_loss: MaxLoss | None = None, daily_loss: DailyLoss | None = None, warn_at: str | None = "0.8", **more: Any
) -> Life:
    options = more.pop("options", None)
    at = None if warn_at is None else ratio(warn_at)
    one = Life(
        stage(max_loss or loss("2000"), daily_loss=daily_loss, warn_at=at, payout=payouts(), **more), options=options
    )
    one.day(MONDAY)
    one.buy(1, "5000")
    return one


@pytest.mark.parametrize(("price", "warned"), [("3400.000001", False), ("3400", True), ("3399.999999", True)])
def test_a_warning_comes_when_so_much_of_the_maximum_loss_is_used_up(price: str, warned: bool) -> None:
    account = life()
    said = account.mark(price)
    assert len(said) == int(warned)
    if warned:
        equity = Micros(usd("45000") + usd(price))
        evidence = Evidence(usd("48000"), equity, "usd", equity, FIFTY, 0, 0, FIFTY)
        assert said == (Warned(3, account.now, "max_loss", evidence),)


@pytest.mark.parametrize(("price", "warned"), [("4200.000001", False), ("4200", True)])
def test_or_of_the_daily_limit(price: str, warned: bool) -> None:
    account = life(daily_loss=daily("1000"))
    said = account.mark(price)
    assert [one.rule for one in said.all(Warned)] == (["daily_loss"] if warned else [])
    if warned:
        evidence = said.only(Warned).evidence
        assert (evidence.limit, evidence.actual, evidence.basis) == (usd("49000"), usd("49200"), FIFTY)
        assert (evidence.set_seq, evidence.set_at) == (1, account.now)


def test_the_program_says_at_which_share_or_not_at_all() -> None:
    assert life(warn_at="0.5").mark("4000").only(Warned).rule == "max_loss"
    assert life(warn_at="0.5").mark("4000.000001") == ()
    assert life(warn_at=None, daily_loss=daily("1900")).mark("3200") == ()


def test_the_share_is_rounded_down_at_the_micro_dollar() -> None:
    account = life(loss("0.000009", outcome="warn"))
    assert account.mark("4999.999994") == ()
    assert account.mark("4999.999993").only(Warned).rule == "max_loss"


def test_each_rule_warns_once_a_day() -> None:
    account = life(daily_loss=daily("1000"))
    assert [one.rule for one in account.mark("4100").all(Warned)] == ["daily_loss"]
    account.mark("5000")
    assert account.mark("4100") == ()
    account.day(TUESDAY)
    account.mark("5000")
    assert [one.rule for one in account.mark("3350").all(Warned)] == ["max_loss"]
    assert account.mark("3340") == ()
    said = account.day(WEDNESDAY)
    assert [one.rule for one in said.all(Warned)] == ["max_loss"]


def test_both_may_warn_at_once_the_maximum_first() -> None:
    account = life(daily_loss=daily("2000"))
    assert [one.rule for one in account.mark("3400").all(Warned)] == ["max_loss", "daily_loss"]


def test_a_rule_that_was_hit_today_warns_no_more_today() -> None:
    account = life(loss("2000", outcome="warn"), daily("1900", outcome="block_payout"))
    said = account.mark("3000")
    assert said.rules == ("max_loss", "daily_loss")
    assert said.all(Warned) == ()
    account.mark("5000")
    assert account.mark("3300") == ()
    account.mark("5000")
    account.day(TUESDAY)
    assert [one.rule for one in account.mark("3300").all(Warned)] == ["max_loss", "daily_loss"]


def test_the_daily_limit_does_not_warn_on_a_locked_day() -> None:
    account = life(daily_loss=daily("1000"), options=Options(personal_daily_loss=usd("400")))
    assert account.mark("4600").rules == ("personal_loss",)
    assert account.mark("4100").all(Warned) == ()
    assert account.mark("3350").only(Warned).rule == "max_loss"


def test_the_event_that_locks_the_day_gives_no_daily_warning() -> None:
    account = life(daily_loss=daily("1000"), options=Options(personal_daily_loss=usd("400")))
    assert account.mark("4100").all(Warned) == ()


def test_the_event_that_ends_the_account_warns_of_nothing() -> None:
    account = life(loss("20000"), daily("1000", outcome="fail"), warn_at="0.01")
    said = account.mark("4000")
    assert (said.rules, said.all(Warned)) == (("daily_loss",), ())


def test_warnings_look_at_the_floors_after_the_event() -> None:
    account = life(loss("2000", mode="trail_intraday"), daily("1000", trail="day_equity_high"))
    account.mark("6000")
    assert account.state.floor == usd("49000")
    warned = account.mark("5200").only(Warned)
    assert (warned.rule, warned.evidence.limit) == ("daily_loss", FIFTY)
    account.day(TUESDAY)
    assert [one.rule for one in account.mark("4400").all(Warned)] == ["max_loss", "daily_loss"]


def test_a_drawdown_that_grows_with_the_high_warns_by_its_size_now() -> None:
    account = life(loss("4%", mode="trail_closed", pct_base="hwm"))
    account.sell(1, "15000")
    account.buy(1, "5000")
    assert account.state.floor == usd("57600")
    assert account.mark("3080.000001") == ()
    assert account.mark("3080").only(Warned).rule == "max_loss"


def test_equity_is_what_warns_even_where_the_balance_is_judged() -> None:
    account = life(loss("2000", measure="balance"))
    assert account.mark("3400").only(Warned).evidence.actual == usd("48400")
    assert account.day(TUESDAY).only(Warned).rule == "max_loss"


@pytest.mark.parametrize(
    "happens",
    [
        lambda account: account.mark("3400"),
        lambda account: account.metric("50000", "48400"),
        lambda account: account.sell(1, "3400"),
        lambda account: account.adjusts("-1600"),
        lambda account: account.pays("1600"),
        lambda account: account.day(TUESDAY, balance="50000", equity="48400"),
    ],
)
def test_marks_metrics_fills_cash_and_rolls_warn(happens: Any) -> None:
    assert happens(life()).only(Warned).rule == "max_loss"


def test_a_snapshot_that_raises_the_floor_warns() -> None:
    account = life(loss("2000", mode="trail_eod"))
    account.sell(1, "7000")
    account.buy(1, "5000")
    account.mark("3300")
    assert account.snapshot().only(Warned).evidence.limit == FIFTY


def test_what_moves_no_money_warns_of_nothing() -> None:
    account = life(loss("2000", measure="balance", mode="trail_payout"))
    account.mark("3399")
    account.day(TUESDAY)
    account.mark("3398")
    quiet = [account.flat_by(), account.news(), account.orders(), account.limit_move("DOL"), account.closes("NFP")]
    assert [said.all(Warned) for said in quiet] == [()] * 5
