"""Semantics page, section 16: a breach that an appeal overturned. The same stage goes on, nothing between counts."""

from __future__ import annotations

from msgspec.structs import replace

from propfirm.domain.catalogue.program import (
    Behaviour,
    Consistency,
    Days,
    Inactivity,
    News,
    OrderRate,
    Qualifying,
    Scaling,
    ScalingTier,
    Size,
)
from propfirm.domain.money import Micros, ratio, usd
from propfirm.domain.rules.findings import Corrected, DayClosed, Hit, Passed, TargetExtended, ended_by
from propfirm.domain.rules.state import best_day
from tests.unit.domain.rules.life import (
    FIFTY,
    FRIDAY,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Life,
    daily,
    loss,
    payouts,
    stage,
    target,
    units,
)


def breached() -> Life:
    """A Monday of 49,000 at best, then one trade that goes 2,100 under the start, closed by the platform at 47,500."""
    account = Life(stage(loss("2000"), daily_loss=daily("1500", outcome="lock_day")))
    account.day(MONDAY)
    account.at("08:00")
    account.buy(1, "5000")
    account.wait(seconds=1).mark("4000")
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


# ---------------------------------------------------------------- the day that begins


def test_a_day_floor_that_follows_equity_begins_at_the_equity_of_the_event() -> None:
    account = Life(stage(loss("2000"), daily_loss=daily("500", trail="day_equity_high")))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.mark("2900")
    account.mark("5200")
    account.reinstates("50000")
    assert account.state.day_floor == usd("49700")


def test_the_limits_of_the_day_go_by_the_last_snapshot_that_was_judged() -> None:
    account = Life(stage(loss("2000"), daily_loss=daily("500", reference="prior_day_equity")))
    account.day(MONDAY)
    account.earn("300")
    account.snapshot()
    account.earn("-2300")
    account.adjusts("-100")
    account.rolls(TUESDAY)
    account.reinstates("50300")
    assert account.state.day_floor == usd("50200") - usd("500")


def test_the_tier_of_the_last_snapshot_is_in_force() -> None:
    tiers = (ScalingTier(Micros(0), units("1")), ScalingTier(usd("1000"), units("3")))
    account = Life(stage(loss("2000"), scaling=Scaling(tiers)))
    account.day(MONDAY)
    account.earn("1000")
    account.snapshot()
    account.earn("-3000")
    account.day(WEDNESDAY)
    account.reinstates("51000")
    assert account.buy(3, "100").rules == ()
    assert account.buy(1, "100").rules == ("scaling",)


def test_a_snapshot_of_the_day_before_the_event_makes_no_balance_delta() -> None:
    days = Days(qualifying=Qualifying(count=1, min_profit=Size(amount=usd("100")), measure="balance_delta"))
    account = Life(stage(loss("2000"), days=days))
    account.day(MONDAY)
    account.earn("300")
    account.snapshot()
    account.earn("-3000")
    account.reinstates("50300")
    assert not account.day(TUESDAY).only(DayClosed).qualifying


# ---------------------------------------------------------------- days and trades


def test_what_was_made_until_the_event_is_a_day_of_its_own_for_consistency() -> None:
    account = Life(stage(loss("2000"), consistency=Consistency(cap=ratio("0.5"))))
    account.day(MONDAY)
    account.earn("600")
    account.earn("-3000")
    account.day(TUESDAY)
    account.earn("200")
    account.reinstates("50600")
    account.earn("50")
    assert best_day(account.terms, account.state) == usd("600")
    account.day(WEDNESDAY)
    account.earn("900")
    assert best_day(account.terms, account.state) == usd("900")


def test_its_excess_raises_the_target_at_once() -> None:
    account = Life(stage(loss("2000"), target=target("3000"), consistency=extending()))
    account.day(MONDAY)
    account.earn("1700")
    account.earn("-4000")
    said = account.reinstates("51700")
    assert said.only(TargetExtended).after == usd("3200")
    assert len(said) == 1


def extending() -> Consistency:
    return Consistency(cap=ratio("0.5"), effect="extend_excess")


def test_a_trade_that_ended_meanwhile_counts_nowhere_and_one_that_is_open_goes_on() -> None:
    account = Life(stage(loss("2000"), consistency=Consistency(cap=ratio("0.5"), unit="trade")))
    account.day(MONDAY)
    account.buy(1, "100", "ODDH6")
    account.buy(1, "5000")
    account.mark("2900")
    account.sell(1, "5700")
    account.reinstates("50000")
    assert best_day(account.terms, account.state) == 0
    account.sell(1, "400", "ODDH6")
    assert best_day(account.terms, account.state) == 300 * 333_333


def test_executions_of_the_time_between_are_none_of_the_rate() -> None:
    account = Life(stage(loss("2000"), behaviour=Behaviour(hft=OrderRate(1, outcome="warn"))))
    account.day(MONDAY)
    account.earn("-3000")
    account.wait(seconds=5)
    account.buy(1, "100")
    account.sell(1, "100")
    account.reinstates("50000")
    assert account.buy(1, "100").rules == ()
    assert account.sell(1, "100").rules == ("hft",)


def test_a_stop_that_was_waited_for_is_waited_for_no_more() -> None:
    account = Life(stage(loss("2000"), behaviour=Behaviour(stop_required=True, stop_required_within_s=10)))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.mark("2900")
    account.mark("5000")
    account.reinstates("50000")
    assert account.wait(seconds=60).mark("5000").rules == ()
    account.buy(1, "5000")
    assert account.wait(seconds=10).mark("5000").rules == ("stop_required",)


def test_a_payout_of_the_time_between_is_money_alone() -> None:
    account = Life(stage(loss("2000"), payout=payouts(floor_effect="set_to_start")))
    account.day(MONDAY)
    account.earn("-2000")
    account.pays("100")
    account.reinstates("50000")
    assert (account.state.payouts, account.state.balance, account.state.floor) == (0, usd("49900"), usd("48000"))


def test_a_metered_account_has_what_was_given_back_until_the_platform_speaks() -> None:
    account = Life(stage(loss("2000")))
    account.day(MONDAY)
    account.metric("49000")
    account.metric("47500")
    account.reinstates("49000")
    assert (account.state.balance, account.state.equity) == (usd("49000"), usd("49000"))
    assert account.metric("47500").rules == ("max_loss",)


# ---------------------------------------------------------------- restated pasts


def lifted() -> Life:
    """A breach by a fill that never was, which is busted; the verdict stood, and an appeal overturned it."""
    account = Life(stage(loss("2000"), inactivity=Inactivity(days=3, outcome="fail")))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.buy(1, "8000", name="bad")
    account.mark("5000")
    account.wait(seconds=60)
    assert account.busts("bad").only(Corrected).verdict_restated == "open"
    account.sell(1, "4400")
    account.day(FRIDAY)
    account.reinstates("50000")
    assert (account.verdict, account.state.balance) == ("open", FIFTY)
    return account


def test_what_an_appeal_decided_stands_in_a_past_without_the_breach() -> None:
    account = lifted()
    account.wait(seconds=60)
    at = account.now
    account.buy(1, "100", name="last")
    before = account.state
    account.corrects("last", 1, "100", at=at)
    assert (account.verdict, account.state.balance, account.state.day_floor) == ("open", FIFTY, before.day_floor)
    assert account.day("2026-01-11").rules == (), "it began to be idle on the day of the appeal"


def test_a_breach_that_a_correction_finds_before_the_appeal_is_opened_by_it_too() -> None:
    account = breached()
    account.reinstates("49000")
    account.wait(seconds=60)
    record = account.corrects("late", 1, "9000", at=account.events[0].at).only(Corrected)
    assert "max_loss" in [one.rule for one in record.added if isinstance(one, Hit)]
    assert (record.verdict_restated, account.verdict, record.decider) == ("open", "open", None)


def test_the_decider_is_the_breach_after_the_appeal() -> None:
    account = breached()
    account.reinstates("49000")
    account.wait(seconds=60).mark("5000")
    at = account.now
    account.wait(seconds=60)
    record = account.corrects("late", -3, "1000", at=account.events[0].at).only(Corrected)
    assert [one.at for one in record.added if isinstance(one, Hit) and one.decided] == [account.events[1].at, at]
    assert account.verdict == "breached"
    assert record.decider is not None
    assert record.decider.at == at


def test_an_appeal_that_opened_nothing_opens_nothing_in_another_past() -> None:
    account = Life(stage(loss("2000")))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.mark("4000")
    account.reinstates("50000")
    account.wait(seconds=60)
    account.corrects("late", 2, "5000", at=account.events[0].at)
    assert account.verdict == "breached"


def test_an_appeal_opens_a_past_that_would_have_passed() -> None:
    account = Life(stage(loss("2000"), target=target("1000")))
    account.day(MONDAY)
    account.earn("-2000")
    account.wait(seconds=60)
    assert account.corrects("x2", -1, "101500", at=account.events[2].at).only(Corrected).verdict_restated == "passed"
    assert account.verdict == "breached"
    account.reinstates("50000")
    assert account.verdict == "open"
    assert account.earn("1").all(Passed)


def test_a_stage_is_over_by_the_last_end_that_no_appeal_overturned() -> None:
    account = breached()
    (first,) = [one for one in account.findings if isinstance(one, Hit) and one.decided and one.rule == "max_loss"]
    assert ended_by(account.state.verdict, account.findings) == first
    account.reinstates("49000")
    assert ended_by(account.state.verdict, account.findings) is None
    account.wait(seconds=60).mark("5000")
    account.buy(1, "5000")
    account.mark("1000")
    assert account.verdict == "breached"
    last = ended_by(account.state.verdict, account.findings)
    assert isinstance(last, Hit)
    assert last.at > first.at
