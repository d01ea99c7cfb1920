"""Semantics page, section 11: consistency, target, pass."""

from typing import Any

import pytest

from propfirm.domain.catalogue.program import Behaviour, Consistency, Days, OnPass, Qualifying, Strikes
from propfirm.domain.money import Micros, Ppm, ratio, usd
from propfirm.domain.rules.findings import DayCounted, GateMoved, Passed, TargetExtended, TargetMet
from propfirm.domain.rules.inquiry import conditions, consistency_now, target_now
from propfirm.domain.rules.state import Progress, best_day
from tests.unit.domain.rules.life import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Life,
    loss,
    payouts,
    size,
    stage,
    target,
)


def life(goal: str | None = "3000", **rules: Any) -> Life:
    sticky = rules.pop("sticky", False)
    aim = {"target": target(goal, sticky=sticky)} if goal is not None else {}
    one = Life(stage(loss("40000"), **aim, **rules))
    one.day(MONDAY)
    return one


def is_open(account: Life, gate: str) -> bool:
    return dict(conditions(account.terms, account.state))[gate]  # type: ignore[index]  # a gate's name


# ---------------------------------------------------------------- the target


@pytest.mark.parametrize(("profit", "passed"), [("2999.999999", False), ("3000", True), ("3000.000001", True)])
def test_the_target_is_met_when_closed_profit_reaches_it(profit: str, passed: bool) -> None:
    account = life()
    said = account.earn(profit)
    assert account.verdict == ("passed" if passed else "open")
    if passed:
        assert said.only(TargetMet) == TargetMet(account.state.seq, account.now, usd("3000"), usd(profit), ())
        assert said.only(Passed) == Passed(
            account.state.seq, account.now, usd("3000"), usd(profit), account.state.balance
        )


def test_a_rate_is_of_the_nominal_size() -> None:
    account = life("6%", starting_balance=usd("20000"))
    account.earn("2999.999999")
    assert target_now(account.terms, account.state) == usd("3000")
    assert account.verdict == "open"
    account.earn("0.000001")
    assert account.verdict == "passed"


def test_open_profit_and_cash_are_no_way_to_the_target() -> None:
    account = life()
    account.buy(1, "100")
    account.mark("5000")
    account.adjusts("4000")
    assert account.verdict == "open"
    account.sell(1, "3100")
    assert account.verdict == "passed"


def test_fees_count() -> None:
    account = life()
    account.buy(1, "100", fee="1")
    account.sell(1, "3100.999999")
    assert account.verdict == "open"


def test_a_stage_without_target_never_passes() -> None:
    account = life(None)
    account.earn("30000")
    account.rolls(TUESDAY)
    assert account.verdict == "open"
    assert target_now(account.terms, account.state) is None
    assert conditions(account.terms, account.state) == ()


def test_flat_is_a_condition_where_the_program_wants_it() -> None:
    account = life()
    account.buy(2, "100")
    said = account.sell(1, "3200")
    assert said.only(TargetMet).waiting == ("flat",)
    assert conditions(account.terms, account.state) == (("target", True), ("flat", False))
    last = account.sell(1, "3200")
    assert (last.all(TargetMet), last.only(Passed).profit) == ((), usd("6200"))
    loose = life(on_pass=OnPass(flat_required=False))
    loose.buy(2, "100")
    assert conditions(loose.terms, loose.state) == (("target", False),)
    loose.sell(1, "3200")
    assert loose.verdict == "passed"


def test_a_trade_that_takes_the_profit_back_closes_the_target_again() -> None:
    account = life(days=Days(min_trading=5))
    account.earn("3100")
    account.earn("-200")
    assert not is_open(account, "target")
    assert account.state.core.progress == Progress(met=False, reached=True)
    assert account.earn("100").only(TargetMet).profit == usd("3000")


def test_a_sticky_target_stays_met() -> None:
    account = life(sticky=True, days=Days(min_trading=2))
    assert account.earn("3100").only(TargetMet).waiting == ("min_trading_days",)
    account.earn("-900")
    assert is_open(account, "target")
    account.day(TUESDAY)
    said = account.buy(1, "100")
    assert said.all(TargetMet) == ()
    assert account.sell(1, "100").only(Passed).profit == usd("2200")


def test_a_target_that_was_not_judged_met_sticks_nowhere() -> None:
    account = life(sticky=True, on_pass=OnPass(at="eod"))
    account.earn("3100")
    account.earn("-900")
    assert account.snapshot() == ()
    assert account.verdict == "open"


def test_passing_waits_for_every_condition_in_the_order_of_the_page() -> None:
    account = life(
        days=Days(min_trading=2, qualifying=Qualifying(size("100"), 1)),
        consistency=Consistency(cap=ratio("0.5")),
        behaviour=Behaviour(min_hold_s=9, min_hold_share_trades=ratio("0.5"), min_hold_share_profit=ratio("0.5")),
    )
    account.buy(2, "100")
    assert account.sell(1, "3200").only(TargetMet).waiting == (
        "flat",
        "min_trading_days",
        "qualifying_days",
        "consistency",
        "min_hold_trades",
        "min_hold_profit",
    )
    assert [gate for gate, _ in conditions(account.terms, account.state)] == [
        "target",
        "flat",
        "min_trading_days",
        "qualifying_days",
        "consistency",
        "min_hold_trades",
        "min_hold_profit",
    ]


def test_at_close_a_metric_a_payout_a_snapshot_and_a_roll_judge_the_pass_as_a_fill_does() -> None:
    account = life()
    assert account.metric("53000").all(Passed)
    account = life()
    assert account.day(TUESDAY, balance="53000", equity="53000").all(Passed)
    account = life(consistency=Consistency(cap=ratio("0.5"), until_payout_no=1), payout=payouts())
    assert account.earn("3000").only(TargetMet).waiting == ("consistency",)
    assert account.pays("1000").only(Passed).balance == usd("52000")
    account = life(days=Days(qualifying=Qualifying(size("100"), 1)))
    account.earn("3000")
    assert account.snapshot().all(Passed)


def test_marks_and_the_rest_judge_no_pass() -> None:
    account = life(days=Days(min_trading=1))
    account.day(TUESDAY, balance="53000", equity="53000")
    assert account.verdict == "passed"
    account = life(days=Days(qualifying=Qualifying(size("100"), 1)))
    account.earn("3000")
    account.mark("1")
    account.flat_by()
    account.news()
    account.orders()
    account.limit_move("DOL")
    account.closes("NFP")
    assert account.verdict == "open"
    assert account.day(TUESDAY).only(Passed).profit == usd("3000")


def test_at_the_end_of_the_day_the_target_is_judged_at_snapshots_only() -> None:
    account = life(on_pass=OnPass(at="eod"))
    assert account.earn("3000").all(TargetMet) == ()
    assert account.day(TUESDAY).all(TargetMet) == ()
    account.metric("53000")
    account.adjusts("1")
    said = account.snapshot()
    assert [type(finding).__name__ for finding in said] == ["TargetMet", "Passed"]


def test_the_running_day_qualifies_at_the_snapshot_if_its_profit_so_far_does() -> None:
    for at in ("close", "eod"):
        account = life(days=Days(qualifying=Qualifying(size("100"), 1)), on_pass=OnPass(at=at))
        account.earn("3000")
        assert account.verdict == "open"
        account.snapshot()
        assert account.verdict == "passed"


@pytest.mark.parametrize(("profit", "passed"), [("99.999999", False), ("100", True)])
def test_the_running_day_qualifies_with_the_least_profit(profit: str, passed: bool) -> None:
    account = life("100", days=Days(qualifying=Qualifying(size("100"), 1)))
    account.earn("50")
    account.day(TUESDAY)
    account.earn(profit)
    account.snapshot()
    assert account.verdict == ("passed" if passed else "open")


def test_by_balance_delta_the_running_day_goes_by_this_very_snapshot() -> None:
    account = life("100", days=Days(qualifying=Qualifying(size("100"), 1, measure="balance_delta")))
    account.earn("100")
    account.snapshot()
    assert account.verdict == "passed"
    account = life("100", days=Days(qualifying=Qualifying(size("101"), 1, measure="balance_delta")))
    account.earn("100")
    account.snapshot()
    assert account.verdict == "open"


def test_by_cycle_the_running_day_counts_what_was_made_after_the_payout() -> None:
    def at(after: str) -> str:
        rule = Qualifying(size("100"), 1, scope="cycle")
        account = life("1000", days=Days(qualifying=rule), payout=payouts())
        account.earn("1000")
        account.pays("50")
        account.earn(after)
        account.snapshot()
        return account.verdict

    assert (at("99"), at("100")) == ("open", "passed")


def test_a_day_that_qualified_opens_the_gate_at_the_roll() -> None:
    account = life("100", days=Days(qualifying=Qualifying(size("100"), 2)))
    account.earn("100")
    account.rolls(TUESDAY)
    account.earn("100")
    said = account.day(WEDNESDAY)
    assert said.only(DayCounted).number == 2
    assert said.only(GateMoved).open
    assert said.only(Passed).profit == usd("200")


def test_a_breach_beats_a_pass_on_the_same_event() -> None:
    account = Life(stage(loss("2000"), target=target("3000"), on_pass=OnPass(flat_required=False)))
    account.day(MONDAY)
    account.metric("52000", "48500")
    said = account.metric("53000", "48000")
    assert (said.rules, said.all(TargetMet), said.all(Passed)) == (("max_loss",), (), ())
    assert account.verdict == "breached"


def test_the_event_that_passes_does_all_its_work() -> None:
    account = Life(
        stage(
            loss("2000", mode="trail_closed"),
            target=target("3000"),
            on_pass=OnPass(flat_required=False),
            warn_at=ratio("0.1"),
        )
    )
    account.day(MONDAY)
    account.buy(1, "5000", "ESH6")
    account.buy(1, "5000")
    account.mark("5500")
    account.mark("4990", symbol="ESH6")
    account.day(TUESDAY)
    said = account.sell(1, "8000")
    assert [type(finding).__name__ for finding in said] == ["FloorMoved", "DayCounted", "TargetMet", "Passed", "Warned"]
    assert account.state.floor == usd("51000")


# ---------------------------------------------------------------- consistency that blocks


def consistent(cap: str = "0.5", goal: str | None = "1000", **rule: Any) -> Life:
    more = {"days": Days(min_trading=9), "payout": payouts()}
    return life(goal, consistency=Consistency(cap=ratio(cap), **rule), **more)


@pytest.mark.parametrize(
    ("cmp", "first", "second", "met"),
    [
        ("lte", "500", "500", True),
        ("lte", "500.000001", "500", False),
        ("lt", "500", "500", False),
        ("lt", "499.999999", "500.000001", False),
        ("lte", "500", "499.999999", False),
    ],
)
def test_the_best_day_may_be_so_much_of_the_whole_and_no_more(cmp: str, first: str, second: str, met: bool) -> None:
    account = consistent(cmp=cmp)
    account.earn(first)
    account.day(TUESDAY)
    account.earn(second)
    assert is_open(account, "consistency") is met


def test_a_strict_cap_is_kept_by_a_micro_dollar() -> None:
    account = consistent(cmp="lt")
    account.earn("400")
    account.day(TUESDAY)
    account.earn("400")
    account.day(WEDNESDAY)
    account.earn("0.000001")
    assert is_open(account, "consistency")


def test_losing_days_lower_the_whole_and_never_the_best() -> None:
    account = consistent("0.6")
    for label, profit in ((TUESDAY, "500"), (WEDNESDAY, "500"), (THURSDAY, "-300")):
        account.earn(profit)
        account.day(label)
    seen = consistency_now(account.terms, account.state)
    assert seen is not None
    assert (seen.best, seen.total) == (usd("500"), usd("700"))
    assert not is_open(account, "consistency")
    account.earn("200")
    assert is_open(account, "consistency")


def test_without_profit_it_is_not_met_and_without_a_winning_day_any_profit_will_do() -> None:
    account = consistent()
    assert not is_open(account, "consistency")
    account.earn("-100")
    account.day(TUESDAY)
    account.earn("100")
    assert not is_open(account, "consistency")
    seen = consistency_now(account.terms, account.state)
    assert seen is not None
    assert (seen.best, seen.total) == (usd("100"), 0)


def test_the_target_may_stand_for_the_whole() -> None:
    account = consistent("0.4", denominator="target")
    account.earn("400")
    assert is_open(account, "consistency")
    account.earn("0.000001")
    assert not is_open(account, "consistency")
    account.day(TUESDAY)
    account.earn("-400.000001")
    assert not is_open(account, "consistency")


def test_by_trade_the_best_is_a_trade_that_is_over() -> None:
    account = consistent(unit="trade")
    account.earn("300")
    account.earn("-50")
    account.earn("250")
    assert best_day(account.terms, account.state) == usd("300")
    assert not is_open(account, "consistency")
    account.earn("100")
    assert is_open(account, "consistency")
    account.buy(2, "100")
    account.sell(1, "900")
    assert best_day(account.terms, account.state) == usd("300")
    account.sell(1, "900")
    assert best_day(account.terms, account.state) == usd("1600")
    account.day(TUESDAY)
    assert best_day(account.terms, account.state) == usd("1600")


def test_by_trade_a_micro_dollar_is_a_best() -> None:
    account = consistent(unit="trade")
    account.earn("0.000001")
    assert best_day(account.terms, account.state) == 1


def test_by_trade_a_losing_trade_is_no_best() -> None:
    account = consistent(unit="trade")
    account.earn("-50")
    assert best_day(account.terms, account.state) == 0
    account.metric("50100")
    assert is_open(account, "consistency")


def test_by_trade_without_a_winning_trade_a_micro_dollar_of_profit_will_do() -> None:
    account = consistent(unit="trade")
    account.metric("50000.000001")
    assert is_open(account, "consistency")
    account.metric("50000")
    assert not is_open(account, "consistency")


@pytest.mark.parametrize(("included", "best", "total"), [(True, "96", "186"), (False, "100", "194")])
@pytest.mark.parametrize("unit", ["day", "trade"])
def test_commissions_are_in_the_figures_or_added_back(unit: str, included: bool, best: str, total: str) -> None:
    account = consistent(unit=unit, include_commissions=included)
    account.buy(1, "100", fee="2")
    account.sell(1, "200", fee="2")
    account.day(TUESDAY)
    account.buy(1, "100", fee="2")
    account.sell(1, "194", fee="2")
    seen = consistency_now(account.terms, account.state)
    assert seen is not None
    assert (seen.best, seen.total) == (usd(best), usd(total))
    assert best_day(account.terms, account.state) == usd(best)


def test_commissions_of_a_metered_account_are_added_back_too() -> None:
    account = consistent(include_commissions=False)
    account.metric("50000")
    account.buy(1, "100", fee="2")
    account.sell(1, "200", fee="2")
    account.metric("50096")
    seen = consistency_now(account.terms, account.state)
    assert seen is not None
    assert (seen.best, seen.total) == (usd("100"), usd("100"))


@pytest.mark.parametrize(("window", "best", "total"), [("stage", "700", "1000"), ("cycle", "200", "250")])
def test_the_window_is_the_stage_or_the_cycle(window: str, best: str, total: str) -> None:
    account = consistent(window=window)
    account.earn("700")
    account.day(TUESDAY)
    account.earn("50")
    account.pays("500")
    account.earn("200")
    account.day(WEDNESDAY)
    account.earn("50")
    seen = consistency_now(account.terms, account.state)
    assert seen is not None
    assert (seen.best, seen.total) == (usd(best), usd(total))
    assert best_day(account.terms, account.state) == usd(best)
    assert not is_open(account, "consistency")


def test_the_gate_of_a_cycle_opens_by_the_profit_of_the_cycle() -> None:
    account = consistent(window="cycle")
    account.earn("700")
    account.pays("500")
    account.earn("200")
    account.day(TUESDAY)
    account.earn("199.999999")
    assert not is_open(account, "consistency")
    account.earn("0.000001")
    assert is_open(account, "consistency")


def test_after_a_payout_within_a_day_only_later_profit_belongs_to_the_new_cycle() -> None:
    account = consistent(window="cycle")
    account.earn("700")
    account.pays("500")
    account.earn("30")
    seen = consistency_now(account.terms, account.state)
    assert seen is not None
    assert (seen.best, seen.total) == (usd("30"), usd("30"))


def test_by_trade_the_cycle_has_the_trades_that_ended_in_it() -> None:
    account = consistent(window="cycle", unit="trade")
    account.earn("700")
    account.buy(1, "100")
    account.pays("500")
    account.sell(1, "150")
    assert best_day(account.terms, account.state) == usd("50")


def test_without_a_rule_the_best_day_is_by_stage_and_net() -> None:
    account = life(None, payout=payouts())
    account.buy(1, "100", fee="4")
    account.sell(1, "800")
    account.day(TUESDAY)
    account.pays("500")
    account.earn("100")
    assert best_day(account.terms, account.state) == usd("696")
    account.earn("-5000")
    account.day(WEDNESDAY)
    assert best_day(account.terms, account.state) == usd("696")
    assert consistency_now(account.terms, account.state) is None


@pytest.mark.parametrize(("included", "best"), [(True, "96"), (False, "100")])
def test_the_running_day_may_be_the_best_net_or_gross(included: bool, best: str) -> None:
    account = consistent(include_commissions=included)
    account.buy(1, "100", fee="2")
    account.sell(1, "200", fee="2")
    assert best_day(account.terms, account.state) == usd(best)


def test_where_every_day_lost_the_best_is_nothing() -> None:
    account = life(None)
    account.earn("-100")
    assert best_day(account.terms, account.state) == 0
    account.day(TUESDAY)
    account.earn("-50")
    assert best_day(account.terms, account.state) == 0
    account.earn("50.000001")
    assert best_day(account.terms, account.state) == 1


def test_a_ladder_of_caps_goes_by_the_next_payouts_number_and_its_last_stays() -> None:
    ladder = Consistency(cap=ratio("0.9"), caps_by_payout=(ratio("0.2"), ratio("0.5")))
    account = life(None, consistency=ladder, payout=payouts())
    account.earn("500")
    account.day(TUESDAY)
    account.earn("500")
    assert not is_open(account, "consistency")
    account.pays("10")
    assert is_open(account, "consistency")
    account.pays("10")
    assert is_open(account, "consistency")
    account.earn("0.000001")
    assert not is_open(account, "consistency")


def test_the_rule_ends_with_the_payout_that_it_names() -> None:
    account = life(None, consistency=Consistency(cap=ratio("0.2"), until_payout_no=2), payout=payouts())
    account.earn("500")
    account.pays("10")
    assert not is_open(account, "consistency")
    account.denies()
    assert not is_open(account, "consistency")
    account.pays("10")
    assert is_open(account, "consistency")
    assert consistency_now(account.terms, account.state) is None


def test_consistency_delays_the_pass() -> None:
    account = life("1000", consistency=Consistency(cap=ratio("0.5")))
    assert account.earn("1000").only(TargetMet).waiting == ("consistency",)
    account.day(TUESDAY)
    assert account.earn("999.999999").all(Passed) == ()
    assert account.earn("0.000001").only(Passed).profit == usd("2000")


# ---------------------------------------------------------------- consistency that extends


def extending(effect: str, cap: str = "0.4", **rule: Any) -> Life:
    return consistent(cap, effect=effect, **rule)


def targets(account: Life) -> list[Micros]:
    return [finding.after for finding in account.findings if isinstance(finding, TargetExtended)]


def test_what_a_day_earned_above_its_cap_is_added_to_the_target_when_it_ends() -> None:
    account = extending("extend_excess")
    account.earn("450")
    assert target_now(account.terms, account.state) == usd("1050")
    said = account.day(TUESDAY)
    assert said.only(TargetExtended) == TargetExtended(account.state.seq, account.now, usd("1000"), usd("1050"))
    account.earn("420")
    assert account.day(WEDNESDAY).all(TargetExtended) == ()
    account.earn("420.000001")
    assert account.day(THURSDAY).only(TargetExtended).after == usd("1050.000001")
    account.earn("-100")
    assert account.day(FRIDAY).all(TargetExtended) == ()
    assert target_now(account.terms, account.state) == usd("1050.000001")


def test_or_the_target_becomes_what_the_best_day_needs() -> None:
    account = extending("extend_ratio")
    account.earn("400")
    assert target_now(account.terms, account.state) == usd("1000")
    account.earn("50")
    assert target_now(account.terms, account.state) == usd("1125")
    assert account.day(TUESDAY).only(TargetExtended).after == usd("1125")
    account.earn("450")
    assert account.day(WEDNESDAY).all(TargetExtended) == ()
    account.earn("450.000001")
    assert account.day(THURSDAY).only(TargetExtended).after == usd("1125.000003")


def test_by_trade_the_best_trade_sets_the_target() -> None:
    account = extending("extend_ratio", unit="trade")
    account.earn("300")
    account.earn("300")
    assert target_now(account.terms, account.state) == usd("1000")
    account.earn("500")
    assert target_now(account.terms, account.state) == usd("1250")


def test_todays_part_is_applied_when_the_pass_is_judged() -> None:
    account = life("1000", consistency=Consistency(cap=ratio("0.4"), effect="extend_excess"))
    assert account.earn("1000").all(TargetMet) == ()
    account.day(TUESDAY)
    assert target_now(account.terms, account.state) == usd("1600")
    account.earn("599.999999")
    assert account.verdict == "open"
    met = account.earn("0.000001")
    assert (met.only(TargetMet).target, met.only(Passed).target) == (usd("1600"), usd("1600"))


def test_extending_consistency_never_blocks() -> None:
    account = extending("extend_ratio")
    account.earn("450")
    assert "consistency" not in dict(conditions(account.terms, account.state))


def test_a_met_target_can_be_lost_to_an_extension_and_found_again() -> None:
    account = life("1000", consistency=Consistency(cap=ratio("0.5"), effect="extend_ratio"), days=Days(min_trading=9))
    account.earn("500")
    account.day(TUESDAY)
    assert account.earn("500").only(TargetMet).target == usd("1000")
    account.earn("100")
    assert not account.state.core.progress.met
    account.earn("50")
    account.day(WEDNESDAY)
    assert target_now(account.terms, account.state) == usd("1300")
    assert account.earn("150").only(TargetMet).target == usd("1300")


def test_an_extension_follows_the_cap_of_the_next_payout_and_ends_with_the_rule() -> None:
    ladder = Consistency(
        caps_by_payout=(ratio("0.4"), ratio("0.8")), effect="extend_ratio", window="cycle", until_payout_no=2
    )
    account = life("1000", consistency=ladder, days=Days(min_trading=9), payout=payouts())
    account.earn("600")
    assert target_now(account.terms, account.state) == usd("1500")
    account.pays("100")
    account.earn("960")
    assert target_now(account.terms, account.state) == usd("1200")
    account.pays("100")
    account.earn("5000")
    assert target_now(account.terms, account.state) == usd("1000")
    assert account.day(TUESDAY).all(TargetExtended) == ()


def test_by_stage_the_excess_of_the_day_of_a_payout_is_of_the_whole_day() -> None:
    for window, want in (("stage", "1300"), ("cycle", "1000")):
        account = extending("extend_excess", window=window)
        account.earn("400")
        account.pays("100")
        account.earn("300")
        assert target_now(account.terms, account.state) == usd(want)


def test_without_commissions_the_extension_goes_by_gross_days() -> None:
    account = extending("extend_excess", include_commissions=False)
    account.buy(1, "100", fee="10")
    account.sell(1, "550")
    assert target_now(account.terms, account.state) == usd("1050")


def test_an_extension_without_target_does_nothing() -> None:
    account = life(None, consistency=Consistency(cap=Ppm(1), effect="extend_excess"))
    account.earn("500")
    assert account.day(TUESDAY).all(TargetExtended) == ()
    assert target_now(account.terms, account.state) is None


def test_strikes_of_an_unknown_rule_change_nothing() -> None:
    account = life("1000", strikes=(Strikes("mae", ("fail",)),))
    account.earn("1000")
    assert account.verdict == "passed"


def test_at_eod_a_target_met_and_lost_is_told_again() -> None:
    account = life(on_pass=OnPass(at="eod"), days=Days(min_trading=9))
    account.earn("3000")
    assert len(account.snapshot().all(TargetMet)) == 1
    account.day(TUESDAY)
    assert account.snapshot().all(TargetMet) == ()
    account.earn("-1")
    account.day(WEDNESDAY)
    account.snapshot()
    account.earn("1")
    account.day(FRIDAY)
    assert account.snapshot().only(TargetMet).waiting == ("min_trading_days",)
