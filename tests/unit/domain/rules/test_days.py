"""Semantics page, section 10: trading days, qualifying days, inactivity, time limit, the day's report, gates."""

from datetime import date
from typing import Any, Literal

import pytest

from propfirm.domain.catalogue.program import Behaviour, Consistency, Days, Inactivity, Qualifying
from propfirm.domain.money import ratio, usd
from propfirm.domain.rules.findings import DayClosed, DayCounted, Evidence, GateMoved, Hit
from propfirm.domain.rules.inquiry import conditions
from propfirm.domain.rules.state import qualifying_days
from propfirm.domain.rules.terms import Options
from tests.unit.domain.rules.life import (
    FIFTY,
    FRIDAY,
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
    one = Life(stage(loss("40000"), **rules), options=options)
    one.day(MONDAY)
    return one


def counted(life: Life, kind: Literal["trading", "qualifying"]) -> list[tuple[str, int]]:
    """Day and number of every day counted so far."""
    return [(str(one.day), one.number) for one in life.findings if isinstance(one, DayCounted) and one.kind == kind]


# ---------------------------------------------------------------- trading days


def test_a_day_counts_as_a_trading_day_at_its_first_fill_and_only_once() -> None:
    account = life()
    said = account.buy(1, "100")
    assert said == (DayCounted(2, account.now, account.state.core.counters.first_day, "trading", 1),)  # type: ignore[arg-type]  # set by the first roll
    assert account.sell(1, "100") == ()
    assert account.day(TUESDAY).all(DayCounted) == ()
    account.day(WEDNESDAY)
    account.buy(1, "100")
    assert counted(account, "trading") == [(MONDAY, 1), (WEDNESDAY, 2)]
    assert account.state.trading_days == 2


def test_nothing_but_trading_makes_a_trading_day() -> None:
    account = life(payout=payouts())
    account.mark("100")
    account.metric("50000", "50500")
    account.adjusts("100")
    account.pays("10")
    account.orders()
    account.snapshot()
    assert account.state.trading_days == 0


def test_a_metric_whose_balance_differs_makes_a_trading_day() -> None:
    account = life()
    account.metric("50000")
    assert account.state.trading_days == 0
    account.adjusts("5")
    account.metric("50005", "49000")
    assert account.state.trading_days == 0
    account.metric("50005.000001")
    assert counted(account, "trading") == [(MONDAY, 1)]


def test_a_balance_that_came_with_the_roll_counts_for_the_day_that_ends() -> None:
    account = life()
    said = account.day(TUESDAY, balance="50100", equity="50100")
    assert counted(account, "trading") == [(MONDAY, 1)]
    assert said.only(DayClosed).traded
    assert not account.day(WEDNESDAY, balance="50100", equity="60000").only(DayClosed).traded
    account.day(THURSDAY, balance="50200")
    assert counted(account, "trading") == [(MONDAY, 1), (WEDNESDAY, 2)]


@pytest.mark.parametrize("scope", ["stage", "cycle", "lifetime"])
def test_figures_of_the_first_roll_count_no_day_and_are_no_profit(scope: Any) -> None:
    account = Life(stage(loss("40000"), days=Days(qualifying=Qualifying(size("100"), 1, scope=scope))))
    account.day(MONDAY, balance="50500", equity="50500")
    assert account.state.trading_days == 0
    closed = account.day(TUESDAY).only(DayClosed)
    assert (closed.start_balance, closed.pnl, closed.qualifying) == (usd("50500"), 0, False)


# ---------------------------------------------------------------- the report of a day


def test_a_day_is_told_when_it_ends_with_its_own_figures() -> None:
    account = life(daily_loss=daily("1000"), days=Days(qualifying=Qualifying(size("100"), 1)))
    account.earn("300")
    account.buy(1, "100")
    account.mark("90")
    said = account.day(TUESDAY)
    closed = said.only(DayClosed)
    assert closed == DayClosed(
        account.state.seq,
        account.now,
        closed.day,
        FIFTY,
        usd("50300"),
        usd("50290"),
        usd("300"),
        usd("10000"),
        usd("49000"),
        traded=True,
        qualifying=True,
    )
    assert str(closed.day) == MONDAY


def test_the_first_roll_closes_nothing() -> None:
    assert Life(stage(loss("40000"))).day(MONDAY) == ()


# ---------------------------------------------------------------- qualifying days


def qualifying(least: str = "100", count: int = 2, options: Options | None = None, **rule: Any) -> Life:
    days = Days(qualifying=Qualifying(size(least), count, **rule))
    return life(options, days=days, payout=payouts())


@pytest.mark.parametrize(("profit", "qualifies"), [("99.999999", False), ("100", True)])
def test_a_day_qualifies_with_the_least_profit_when_it_ends(profit: str, qualifies: bool) -> None:
    account = qualifying()
    account.earn(profit)
    assert counted(account, "qualifying") == []
    said = account.day(TUESDAY)
    assert said.only(DayClosed).qualifying is qualifies
    assert counted(account, "qualifying") == ([(MONDAY, 1)] if qualifies else [])
    assert qualifying_days(account.terms, account.state) == int(qualifies)


def test_a_day_that_qualified_is_told_at_the_roll_that_ends_it() -> None:
    account = qualifying()
    account.earn("100")
    said = account.day(TUESDAY)
    assert said.only(DayCounted) == DayCounted(
        account.state.seq, account.now, date.fromisoformat(MONDAY), "qualifying", 1
    )


@pytest.mark.parametrize("scope", ["stage", "cycle", "lifetime"])
def test_profits_of_two_days_do_not_add_up_to_a_qualifying_one(scope: str) -> None:
    account = qualifying(scope=scope)
    account.earn("60")
    account.day(TUESDAY)
    account.earn("60")
    assert not account.day(WEDNESDAY).only(DayClosed).qualifying


def test_a_rate_is_of_the_nominal_size() -> None:
    account = qualifying("0.5%")
    account.earn("249.999999")
    account.day(TUESDAY)
    account.earn("250")
    account.day(WEDNESDAY)
    assert counted(account, "qualifying") == [(TUESDAY, 1)]


def test_fees_lower_the_days_profit_and_cash_does_not_touch_it() -> None:
    account = qualifying()
    account.adjusts("500")
    account.buy(1, "1000", fee="0.000001")
    account.sell(1, "1100")
    account.pays("400")
    assert not account.day(TUESDAY).only(DayClosed).qualifying
    account.adjusts("-500")
    account.earn("100")
    assert account.day(WEDNESDAY).only(DayClosed).qualifying


def test_a_day_need_not_be_a_trading_day_to_qualify() -> None:
    account = qualifying("0")
    said = account.day(TUESDAY)
    assert (said.only(DayClosed).traded, said.only(DayClosed).qualifying) == (False, True)


def test_a_program_without_qualifying_days_counts_none() -> None:
    account = life()
    account.earn("9000")
    assert not account.day(TUESDAY).only(DayClosed).qualifying
    assert qualifying_days(account.terms, account.state) == 0
    assert counted(account, "qualifying") == []


def test_by_balance_delta_a_day_goes_by_the_difference_of_its_evenings() -> None:
    account = qualifying(measure="balance_delta")
    account.earn("60")
    account.snapshot()
    account.earn("500")
    assert not account.day(TUESDAY).only(DayClosed).qualifying
    account.adjusts("1000")
    account.earn("-400")
    account.snapshot()
    assert account.day(WEDNESDAY).only(DayClosed).qualifying
    account.earn("99.999999")
    account.snapshot()
    assert not account.day(THURSDAY).only(DayClosed).qualifying


@pytest.mark.parametrize(("profit", "qualifies"), [("99.999999", False), ("100", True)])
def test_by_balance_delta_the_first_evening_is_compared_with_the_start(profit: str, qualifies: bool) -> None:
    account = qualifying(measure="balance_delta")
    account.adjusts("500")
    account.earn(profit)
    account.snapshot()
    assert account.day(TUESDAY).only(DayClosed).qualifying is qualifies


def test_by_balance_delta_a_day_without_snapshot_does_not_qualify_and_the_next_reaches_back() -> None:
    account = qualifying(measure="balance_delta")
    account.earn("500")
    assert not account.day(TUESDAY).only(DayClosed).qualifying
    account.snapshot()
    assert account.day(WEDNESDAY).only(DayClosed).qualifying


def test_by_balance_delta_cash_between_two_evenings_is_left_out() -> None:
    account = qualifying(measure="balance_delta")
    account.adjusts("100")
    account.earn("100")
    account.snapshot()
    account.pays("70")
    account.day(TUESDAY)
    account.adjusts("-30")
    account.earn("100")
    account.snapshot()
    account.day(WEDNESDAY)
    assert counted(account, "qualifying") == [(MONDAY, 1), (TUESDAY, 2)]


def test_the_stage_counts_on_over_a_payout_and_the_cycle_begins_anew() -> None:
    for scope, numbers in (("stage", [1, 2]), ("cycle", [1, 1])):
        account = qualifying(scope=scope)
        account.earn("200")
        account.day(TUESDAY)
        account.pays("50")
        account.earn("200")
        account.day(WEDNESDAY)
        assert [number for _, number in counted(account, "qualifying")] == numbers
        assert qualifying_days(account.terms, account.state) == numbers[-1]


def test_a_lifetime_count_begins_with_what_the_account_brought() -> None:
    account = qualifying(scope="lifetime", options=Options(lifetime_qualifying=7))
    assert qualifying_days(account.terms, account.state) == 7
    account.earn("200")
    account.day(TUESDAY)
    account.pays("50")
    account.earn("100")
    account.day(WEDNESDAY)
    assert counted(account, "qualifying") == [(MONDAY, 8), (TUESDAY, 9)]
    assert qualifying_days(account.terms, account.state) == 9


@pytest.mark.parametrize(
    ("scope", "before", "after", "qualifies"),
    [
        ("cycle", "150", "99.999999", False),
        ("cycle", "-500", "100", True),
        ("stage", "150", "-50", True),
        ("stage", "-500", "100", False),
        ("lifetime", "150", "-50", True),
    ],
)
def test_on_the_day_of_a_payout_the_new_cycle_gets_only_what_is_made_after_it(
    scope: str, before: str, after: str, qualifies: bool
) -> None:
    account = qualifying(scope=scope)
    account.earn("1000")
    account.day(TUESDAY)
    account.earn(before)
    account.pays("50")
    account.earn(after)
    said = account.day(WEDNESDAY)
    assert said.only(DayClosed).qualifying is qualifies
    assert (len(said.all(DayCounted)) == 1) is qualifies


def test_a_balance_delta_day_is_whole_whatever_the_scope() -> None:
    account = qualifying(measure="balance_delta", scope="cycle")
    account.earn("150")
    account.pays("50")
    account.earn("-40")
    account.snapshot()
    assert account.day(TUESDAY).only(DayClosed).qualifying
    assert qualifying_days(account.terms, account.state) == 1


def test_an_adjustment_begins_no_cycle() -> None:
    account = qualifying(scope="cycle")
    account.earn("200")
    account.day(TUESDAY)
    account.adjusts("50")
    assert qualifying_days(account.terms, account.state) == 1


@pytest.mark.parametrize(("reset", "left"), [("on_approval", 1), ("on_decision", 0)])
def test_a_denied_payout_begins_a_cycle_only_where_any_decision_does(reset: str, left: int) -> None:
    account = life(
        days=Days(min_trading=1, qualifying=Qualifying(size("100"), 2, scope="cycle"), min_trading_scope="cycle"),
        payout=payouts(counter_reset=reset),
    )
    account.earn("200")
    account.day(TUESDAY)
    account.denies()
    assert qualifying_days(account.terms, account.state) == left
    assert dict(conditions(account.terms, account.state))["min_trading_days"] is bool(left)
    assert (account.state.payouts, account.state.balance) == (0, usd("50200"))


def test_a_denial_without_payout_terms_changes_nothing() -> None:
    account = life(days=Days(qualifying=Qualifying(size("100"), 2, scope="cycle")))
    account.earn("200")
    account.day(TUESDAY)
    core = account.state.core
    account.denies()
    assert account.state.core == core


# ---------------------------------------------------------------- inactivity and time limit


@pytest.mark.parametrize(("label", "hit"), [("2026-01-14", False), ("2026-01-15", True)])
def test_an_account_without_fills_is_inactive_after_so_many_calendar_days(label: str, hit: bool) -> None:
    account = life(inactivity=Inactivity(days=10))
    assert account.day(label).rules == (("inactivity",) if hit else ())
    assert account.verdict == ("breached" if hit else "open")


def test_inactivity_is_counted_from_the_label_of_the_last_fills_day() -> None:
    account = life(inactivity=Inactivity(days=3, outcome="warn"))
    account.day(TUESDAY)
    account.buy(1, "100")
    account.day(THURSDAY)
    said = account.day(FRIDAY)
    assert said.hits == (
        Hit(account.state.seq, account.now, "inactivity", "warn", Evidence(3, 3, "days", FIFTY, FIFTY)),
    )
    assert account.day(NEXT_MONDAY).figures == (3, 6)
    account.sell(1, "100")
    assert account.day("2026-01-13").rules == ()


def test_a_metric_is_no_fill() -> None:
    account = life(inactivity=Inactivity(days=2, outcome="warn"))
    account.day(TUESDAY)
    account.metric("51000")
    assert account.day(WEDNESDAY).rules == ("inactivity",)


@pytest.mark.parametrize(("fills", "rules"), [(1, ("inactivity",)), (2, ()), (3, ())])
def test_a_week_with_fewer_fills_than_wanted_is_told_when_the_next_begins(fills: int, rules: tuple[str, ...]) -> None:
    account = life(inactivity=Inactivity(per_week=2, outcome="warn"))
    assert account.day(NEXT_MONDAY).rules == ()
    for _ in range(fills):
        account.buy(1, "100")
        account.day(f"2026-01-{13 + account.state.core.activity.fills_this_week}")
    said = account.day("2026-01-19")
    assert said.rules == rules
    if rules:
        assert said.evidence == Evidence(2, 1, "fills", FIFTY, FIFTY, note="per_week")
        assert said.hit.outcome == "warn"


def test_the_week_that_the_stage_began_in_is_exempt_even_if_it_began_on_a_sunday() -> None:
    account = Life(stage(loss("40000"), inactivity=Inactivity(per_week=1, outcome="warn")))
    account.day("2026-01-11")
    assert account.day(NEXT_MONDAY).rules == ()
    assert account.day("2026-01-19").rules == ("inactivity",)


def test_a_week_is_the_iso_week_also_over_the_turn_of_a_year() -> None:
    account = Life(stage(loss("40000"), inactivity=Inactivity(per_week=1, outcome="warn")))
    account.day("2025-12-22")
    account.day("2025-12-29")
    assert account.day("2026-01-02").rules == ()
    assert account.day("2026-01-04").rules == ()
    assert account.day(MONDAY).figures == (1, 0)


def test_a_week_without_any_day_of_the_account_had_no_fill() -> None:
    account = life(inactivity=Inactivity(per_week=1, outcome="warn"))
    account.day(NEXT_MONDAY)
    account.buy(1, "100")
    account.buy(1, "100")
    assert account.day("2026-01-26").figures == (1, 0)
    account.buy(1, "100")
    assert account.day("2026-02-02").rules == ()


def test_only_the_week_just_before_is_looked_at() -> None:
    account = life(inactivity=Inactivity(per_week=1, outcome="warn"))
    account.day(NEXT_MONDAY)
    account.day("2026-01-19")
    assert account.state.core.activity.fills_this_week == 0
    account.buy(1, "100")
    assert account.day("2026-01-26").rules == ()


def test_rolls_within_a_week_ask_for_no_weeks_fills() -> None:
    account = life(inactivity=Inactivity(per_week=1, outcome="warn"))
    account.day(NEXT_MONDAY)
    account.buy(1, "100")
    account.day("2026-01-19")
    assert account.day("2026-01-20").rules == ()
    assert account.day("2026-01-21").rules == ()


def test_fills_of_an_earlier_week_do_not_count_for_a_later_one() -> None:
    account = life(inactivity=Inactivity(per_week=1, outcome="warn"))
    account.day(NEXT_MONDAY)
    account.buy(1, "100")
    account.buy(1, "100")
    assert account.day("2026-01-19").rules == ()
    assert account.day("2026-01-26").figures == (1, 0)


def test_the_first_week_is_exempt_though_the_second_roll_comes_weeks_later() -> None:
    account = life(inactivity=Inactivity(per_week=1, outcome="warn"))
    assert account.day("2026-01-19").figures == (1, 0)


def test_of_the_two_inactivity_rules_days_go_first_and_alone() -> None:
    account = life(inactivity=Inactivity(days=14, per_week=1, outcome="warn"))
    account.day(NEXT_MONDAY)
    said = account.day("2026-01-19")
    assert (said.rules, said.figures, said.evidence.note) == (("inactivity",), (14, 14), "")
    account = life(inactivity=Inactivity(days=15, per_week=1, outcome="warn"))
    account.day(NEXT_MONDAY)
    assert account.day("2026-01-19").evidence.note == "per_week"


@pytest.mark.parametrize(("label", "hit"), [("2026-02-03", False), ("2026-02-04", True), ("2026-02-10", True)])
def test_the_time_limit_ends_the_stage_at_the_roll(label: str, hit: bool) -> None:
    account = life(time_limit_days=30)
    account.earn("100")
    said = account.day(label)
    assert said.rules == (("time_limit",) if hit else ())
    if hit:
        age = {"2026-02-04": 30, "2026-02-10": 36}[label]
        assert said.hit == Hit(
            said.hit.seq,
            account.now,
            "time_limit",
            "fail",
            Evidence(30, age, "days", usd("50100"), usd("50100")),
            decided=True,
        )
        assert account.verdict == "breached"


def test_inactivity_is_told_before_the_time_limit() -> None:
    account = life(time_limit_days=5, inactivity=Inactivity(days=5))
    said = account.day("2026-01-10")
    assert [(hit.rule, hit.decided) for hit in said.hits] == [("inactivity", True), ("time_limit", False)]


# ---------------------------------------------------------------- gates


def test_gates_are_told_at_the_roll_that_finds_them_changed() -> None:
    account = life(days=Days(min_trading=1, qualifying=Qualifying(size("100"), 1, scope="cycle")), payout=payouts())
    account.earn("50")
    assert account.findings == [finding for finding in account.findings if not isinstance(finding, GateMoved)]
    said = account.day(TUESDAY)
    assert said.all(GateMoved) == (GateMoved(account.state.seq, account.now, "min_trading_days", open=True),)
    account.earn("100")
    assert account.day(WEDNESDAY).only(GateMoved).gate == "qualifying_days"
    assert account.day(THURSDAY).all(GateMoved) == ()
    account.pays("10")
    moved = account.day(FRIDAY).only(GateMoved)
    assert (moved.gate, moved.open) == ("qualifying_days", False)


def test_every_gate_that_the_stage_has_is_told() -> None:
    account = life(
        days=Days(min_trading=1, qualifying=Qualifying(size("10"), 1)),
        consistency=Consistency(cap=ratio("1")),
        behaviour=Behaviour(min_hold_s=1, min_hold_share_trades=ratio("0.5"), min_hold_share_profit=ratio("0.5")),
    )
    account.buy(1, "100")
    account.wait(seconds=2).sell(1, "200")
    opened = account.day(TUESDAY).all(GateMoved)
    assert {moved.gate for moved in opened if moved.open} == {
        "min_trading_days",
        "qualifying_days",
        "consistency",
        "min_hold_trades",
        "min_hold_profit",
    }
    account.earn("-300")
    assert {moved.gate for moved in account.day(WEDNESDAY).all(GateMoved) if not moved.open} == {
        "consistency",
        "min_hold_trades",
        "min_hold_profit",
    }


def test_a_stage_without_conditions_has_no_gate() -> None:
    account = life(
        days=Days(), consistency=Consistency(cap=ratio("0.5"), effect="extend_excess"), target=target("3000")
    )
    account.earn("100")
    assert account.day(TUESDAY).all(GateMoved) == ()
    assert account.day(WEDNESDAY).all(GateMoved) == ()


def test_a_gate_that_is_open_at_the_first_roll_is_told_there() -> None:
    one = Life(
        stage(loss("40000"), days=Days(qualifying=Qualifying(size("10"), 3, scope="lifetime"))),
        options=Options(lifetime_qualifying=3),
    )
    assert one.day(MONDAY).only(GateMoved).gate == "qualifying_days"


def test_a_roll_that_ends_the_account_tells_its_day_and_no_gate() -> None:
    account = life(
        time_limit_days=1, days=Days(min_trading=1, qualifying=Qualifying(size("10"), 1)), warn_at=ratio("0")
    )
    account.earn("100")
    said = account.day(TUESDAY)
    assert [type(finding).__name__ for finding in said] == ["DayCounted", "DayClosed", "Hit"]


def test_trading_days_may_be_counted_by_the_cycle_of_their_first_fill() -> None:
    account = life(days=Days(min_trading=1, min_trading_scope="cycle"), payout=payouts())
    account.buy(1, "100")
    account.pays("10")
    account.sell(1, "100")
    assert dict(conditions(account.terms, account.state)) == {"min_trading_days": False}
    account.day(TUESDAY)
    assert account.buy(1, "100").only(DayCounted).number == 2
    assert dict(conditions(account.terms, account.state)) == {"min_trading_days": True}
    assert account.state.core.counters.cycle_trading_days == 1
    whole = life(days=Days(min_trading=1), payout=payouts())
    whole.buy(1, "100")
    whole.pays("10")
    assert dict(conditions(whole.terms, whole.state)) == {"min_trading_days": True}
