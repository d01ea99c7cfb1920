"""A breach that an appeal overturned: the same stage goes on, and nothing between counts."""

from __future__ import annotations

from msgspec.structs import replace

from propfirm.domain.catalogue.program import Inactivity, News
from propfirm.domain.money import usd
from propfirm.domain.rules.findings import Hit
from tests.unit.domain.rules.life import FRIDAY, MONDAY, TUESDAY, Life, daily, loss, stage


def breached() -> Life:
    """A Monday of 49,000 at best, then one trade that goes 2,100 under the start, closed by the platform at 47,500."""
    account = Life(stage(loss("2000"), daily_loss=daily("1500", outcome="lock_day")))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.mark("4000")
    account.mark("2900")
    account.sell(1, "2500")
    assert account.state.verdict == "breached"
    return account


def test_the_stage_is_open_again_with_what_was_lost_since_and_its_floor_as_it_was() -> None:
    account = breached()
    floor, first = account.state.floor, list(account.findings)
    said = account.reinstates("49000")
    assert (account.state.verdict, account.state.balance, account.state.equity) == ("open", usd("49000"), usd("49000"))
    assert account.state.floor == floor
    assert account.state.core.cash == 0, "what is given back is no cash: profit is as if it had not been lost"
    assert (list(said), account.findings) == ([], first), "no finding is taken back"


def test_cash_that_was_moved_since_is_not_given_back() -> None:
    account = breached()
    account.adjusts("-500")
    account.reinstates("49000")
    assert account.state.balance == usd("48500")


def test_what_was_won_since_is_kept() -> None:
    account = breached()
    account.reinstates("47000")
    assert account.state.balance == usd("47500")


def test_it_is_judged_again_from_the_next_event_on() -> None:
    account = breached()
    assert account.reinstates().hits == (), "the act itself is not judged, even below the floor"
    assert "max_loss" in account.buy(1, "2500").rules
    assert sum(isinstance(one, Hit) and one.rule == "max_loss" for one in account.findings) == 2


def test_the_running_day_begins_anew_with_its_limits_and_without_its_lock() -> None:
    account = breached()
    account.day(TUESDAY)
    account.reinstates("49000")
    limits = account.state.core.limits
    assert limits is not None
    assert (limits.reference, limits.floor) == (usd("49000"), usd("47500"))
    assert not account.state.locked


def test_a_day_that_counted_before_the_breach_does_not_count_twice() -> None:
    account = breached()
    account.reinstates("49000")
    account.buy(1, "100")
    assert account.state.trading_days == 1
    account.day(TUESDAY)
    account.sell(1, "100")
    assert account.state.trading_days == 2


def test_time_that_passed_while_it_was_over_is_no_inactivity() -> None:
    account = Life(stage(loss("2000"), inactivity=Inactivity(days=3, outcome="fail")))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.sell(1, "2900")
    account.day(FRIDAY)
    account.reinstates("50000")
    assert account.day("2026-01-11").rules == ()
    assert account.day("2026-01-12").rules == ("inactivity",)


def test_a_window_that_was_open_at_the_end_is_forgotten() -> None:
    account = Life(stage(loss("2000"), news=News(60, 60, "no_execution", {"NFP": ("*",)}, feed="us", outcome="warn")))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.news()
    account.mark("2900")
    account.sell(1, "2900")
    account.reinstates("50000")
    assert account.buy(1, "100").hits == ()


def test_a_stage_that_has_not_breached_takes_no_notice() -> None:
    account = Life(stage(loss("2000")))
    account.day(MONDAY)
    before = account.state
    account.reinstates("60000")
    assert replace(account.state, seq=before.seq) == before
