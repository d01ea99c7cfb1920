"""What people are told about a rule is what the engine compares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.domain.catalogue.program import (
    AdverseExcursion,
    Behaviour,
    Blackout,
    Consistency,
    DailyLoss,
    Days,
    Inactivity,
    News,
    OnPass,
    OrderRate,
    PositionLimit,
    Program,
    Qualifying,
    RiskCap,
    Scaling,
    ScalingTier,
    Times,
    UpperCap,
)
from propfirm.domain.money import Micros, Ppm, ratio, usd
from propfirm.domain.rules.engine import begin
from propfirm.domain.rules.findings import Hit, Passed
from propfirm.domain.rules.in_force import RuleNow, Standing, rules_now
from propfirm.domain.rules.terms import Options, Platform, compile_terms
from tests.unit.domain.rules.life import (
    DAY,
    FRIDAY,
    MONDAY,
    NEXT_MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Life,
    daily,
    dollars,
    limit,
    loss,
    midnight,
    payouts,
    size,
    stage,
    stop,
    target,
    units,
)

PROGRAMS = ShippedPrograms().all()
CONTRACTS = load_contracts().contracts
TONIGHT = midnight(MONDAY) + DAY
ANYTIME = Times(overnight=True, weekend=True, holidays=True)


def life(options: Options | None = None, platform: Platform | None = None, **rules: Any) -> Life:
    """Monday, 8 o'clock. No rule of times unless one is given."""
    most = rules.pop("max_loss", None) or loss("40000")
    one = Life(stage(most, **{"times": ANYTIME, **rules}), options=options, platform=platform)
    one.day(MONDAY)
    return one.at("08:00")


def told(one: Life) -> list[RuleNow]:
    """All but the maximum loss, which every stage has."""
    first, *others = rules_now(one.terms, one.state)
    assert first.rule == "max_loss"
    return others


def row(one: Life, rule: str) -> RuleNow:
    (found,) = (now for now in rules_now(one.terms, one.state) if now.rule == rule)
    return found


def standing(one: Life, rule: str) -> Standing:
    return row(one, rule).standing


def figures(one: Life, rule: str) -> tuple[int | None, int | None, int | None]:
    now = row(one, rule)
    return now.limit, now.actual, now.left


# ---------------------------------------------------------------- every program


@given(st.sampled_from(PROGRAMS), st.data())
def test_every_stage_of_every_shipped_program_tells_its_rules_from_the_first_moment(
    program: Program, data: st.DataObject
) -> None:
    rules = data.draw(st.sampled_from(program.stages))
    terms = compile_terms(program, rules.name, CONTRACTS)
    now = rules_now(terms, begin(terms))
    assert now[0].rule == "max_loss"
    assert now[0].left == terms.drawdown
    assert not {one.standing for one in now} & {"near", "hit"}
    assert {one.resets_at for one in now} == {None}
    if terms.target is not None:
        assert next(one.left for one in now if one.rule == "target") == terms.target


def test_rules_are_told_in_the_order_in_which_they_are_judged_and_conditions_last() -> None:
    everything = life(
        options=Options(personal_daily_loss=usd("100")),
        daily_loss=daily("500", upper_cap=UpperCap(ratio("0.02")), personal=True),
        position=PositionLimit(units("5"), sub_caps={"micro": 3, "CL": 1}),
        scaling=Scaling((ScalingTier(Micros(0), units("2")),)),
        times=Times(blackout=(Blackout(time(12), time(13)),), limit_up_down="forfeit_profit"),
        news=News(300, 300, "no_execution"),
        behaviour=Behaviour(
            stop_required=True,
            max_risk_per_position=RiskCap(ratio("0.01")),
            min_hold_s=60,
            min_hold_share_trades=ratio("0.5"),
            min_hold_share_profit=ratio("0.5"),
            mae=AdverseExcursion(ratio("0.01"), "initial"),
            stop_target_ratio=ratio("2"),
            hedging="forbidden",
            hft=OrderRate(3),
        ),
        inactivity=Inactivity(days=5, per_week=2),
        time_limit_days=30,
        target=target("3000"),
        days=Days(min_trading=2, qualifying=Qualifying(size("100"), 3)),
        consistency=Consistency(cap=ratio("0.4")),
    )
    assert " ".join(one.rule for one in rules_now(everything.terms, everything.state)) == (
        "max_loss daily_loss personal_loss daily_cap position sub_cap sub_cap scaling overnight closed_time blackout"
        " news limit_up_down mae hft stop_required risk_per_position stop_target_ratio hedging inactivity inactivity"
        " time_limit target flat min_trading_days qualifying_days consistency min_hold_trades min_hold_profit"
    )


def test_a_stage_with_no_other_rule_tells_of_the_maximum_loss_alone() -> None:
    assert told(life()) == []
    assert told(life(behaviour=Behaviour(), inactivity=Inactivity(), consistency=None)) == []


# ---------------------------------------------------------------- losses


def losses(**rule: Any) -> Life:
    one = life(
        max_loss=loss("2000"),
        options=Options(personal_daily_loss=usd("500")),
        daily_loss=daily("1000", upper_cap=UpperCap(ratio("0.03")), personal=True, **rule),
    )
    one.buy(1, "5000")
    one.mark("4600")
    return one


def test_the_room_above_each_floor_and_below_the_cap() -> None:
    assert rules_now((one := losses()).terms, one.state) == (
        RuleNow(
            rule="max_loss", standing="kept", unit="usd", limit=usd("48000"), actual=usd("49600"), left=usd("1600")
        ),
        *(
            RuleNow(
                rule=rule,  # type: ignore[arg-type]  # literals of the table below
                standing="kept",
                unit="usd",
                limit=usd(level),
                actual=usd("49600"),
                left=usd(left),
                resets_at=TONIGHT,
            )
            for rule, level, left in (
                ("daily_loss", "49000", "600"),
                ("personal_loss", "49500", "100"),
                ("daily_cap", "51500", "1900"),
            )
        ),
    )


def test_what_was_hit_is_told_as_hit_and_how_far_it_is_past() -> None:
    one = losses()
    assert one.mark("3999").rules == ("daily_loss",)  # locks the day: the own limit is silent
    assert figures(one, "daily_loss") == (usd("49000"), usd("48999"), -usd("1"))
    assert [(now.rule, now.standing) for now in rules_now(one.terms, one.state)] == [
        ("max_loss", "kept"),
        ("daily_loss", "hit"),
        ("personal_loss", "kept"),
        ("daily_cap", "kept"),
    ]
    one.mark("4600")
    one.rolls(TUESDAY)
    assert standing(one, "daily_loss") == "kept"
    assert row(one, "daily_loss").resets_at == TONIGHT + DAY


def test_a_maximum_loss_on_the_balance_is_told_on_the_balance() -> None:
    one = life(max_loss=loss("2000", measure="balance"))
    one.buy(1, "5000", fee="3")
    one.mark("4000")
    assert figures(one, "max_loss") == (usd("48000"), usd("49997"), usd("1997"))


def test_near_is_what_was_warned_of_today() -> None:
    one = life(max_loss=loss("2000"), daily_loss=daily("1000"), warn_at=ratio("0.8"))
    one.buy(1, "5000")
    one.mark("4200.000001")
    assert (standing(one, "max_loss"), standing(one, "daily_loss")) == ("kept", "kept")
    one.mark("4200")
    assert (standing(one, "max_loss"), standing(one, "daily_loss")) == ("kept", "near")
    one.mark("5000")
    assert standing(one, "daily_loss") == "near"
    assert one.mark("4000").rules == ("daily_loss",)
    assert standing(one, "daily_loss") == "hit"
    one.mark("3400")
    assert standing(one, "max_loss") == "near"


def test_a_breach_is_told_as_hit_for_good() -> None:
    one = life(max_loss=loss("2000"), behaviour=Behaviour(hedging="forbidden"))
    one.buy(1, "5000")
    breach = one.mark("3000").hit
    one.rolls(TUESDAY)
    max_loss, hedging = rules_now(one.terms, one.state, breach)
    assert (max_loss.standing, hedging.standing) == ("hit", "kept")


def test_a_pass_hits_nothing() -> None:
    one = life(target=target("100"))
    passed = one.earn("100").only(Passed)
    one.rolls(TUESDAY)
    assert rules_now(one.terms, one.state, passed) == rules_now(one.terms, one.state)


DIRECTIONS = {"max_loss": -1, "daily_loss": -1, "personal_loss": -1, "daily_cap": 1}


@given(
    rule=st.sampled_from(sorted(DIRECTIONS)),
    mode=st.sampled_from(["static", "trail_intraday"]),
    cmp=st.sampled_from(["touch", "below"]),
    trail=st.sampled_from(["none", "day_equity_high"]),
    moves=st.lists(st.integers(-99_000_000, 99_000_000), max_size=4),
)
def test_moving_equity_by_what_is_left_hits_and_a_micro_dollar_less_does_not(
    rule: str,
    mode: str,
    cmp: Literal["touch", "below"],
    trail: Literal["none", "day_equity_high"],
    moves: list[int],
) -> None:
    """Where only less than the floor is a hit, it takes one micro-dollar more."""
    most = dict.fromkeys(DIRECTIONS, "9999") | {rule: "200"}
    one = life(
        max_loss=loss(most["max_loss"], mode=mode, cmp=cmp),
        options=Options(personal_daily_loss=usd("200")) if rule == "personal_loss" else None,
        daily_loss=DailyLoss(
            size(most["daily_loss"]),
            cmp=cmp,
            trail=trail,
            upper_cap=UpperCap(ratio("0.004" if rule == "daily_cap" else "0.2")),
        ),
    )
    one.buy(1, "5000")
    price = usd("5000")
    for move in moves:
        if one.mark(dollars(price + move)).hits:
            return
        price = Micros(price + move)
    left = row(one, rule).left
    assert left is not None
    least = left + (cmp == "below" and rule in {"max_loss", "daily_loss"})
    assert one.mark(dollars(price + DIRECTIONS[rule] * (least - 1))).hits == ()
    assert one.mark(dollars(price + DIRECTIONS[rule] * least)).rules == (rule,)
    assert standing(one, rule) == "hit"


# ---------------------------------------------------------------- size


def test_size_in_units_and_the_contracts_under_each_cap() -> None:
    one = life(position=PositionLimit(units("5"), sub_caps={"micro": 20, "CL": 2}))
    one.buy(2, "5000", "ESH6")
    one.sell(7, "5000", "MESH6")
    one.buy(3, "100", "ODDH6")
    one.buy(1, "60", "CLH6")
    assert told(one) == [
        RuleNow(
            rule="position",
            standing="kept",
            unit="units",
            limit=units("5"),
            actual=units("4.3"),
            left=units("0.7"),
        ),
        RuleNow(rule="sub_cap", standing="kept", unit="contracts", limit=20, actual=10, left=10, symbol="micro"),
        RuleNow(rule="sub_cap", standing="kept", unit="contracts", limit=2, actual=1, left=1, symbol="CL"),
    ]
    assert one.buy(1, "5000", "ESH6").rules == ("position",)
    assert standing(one, "position") == "hit"
    assert figures(one, "position") == (units("5"), units("5.3"), -units("0.3"))


def test_of_several_caps_the_one_that_was_hit_says_so() -> None:
    one = life(position=PositionLimit(units("50"), sub_caps={"micro": 20, "CL": 2, "ES": 3}, outcome="warn"))
    over = [one.buy(3, "60", "CLH6").hit, one.buy(4, "5000", "ESH6").hit]

    def standings(*hits: Hit) -> list[tuple[str, Standing]]:
        told = rules_now(one.terms, one.state, None, hits)
        return [(now.symbol, now.standing) for now in told if now.rule == "sub_cap"]

    assert standings(over[0]) == [("micro", "kept"), ("CL", "hit"), ("ES", "kept")]
    assert standings(*over) == [("micro", "kept"), ("CL", "hit"), ("ES", "hit")]
    assert standings() == [("micro", "hit"), ("CL", "hit"), ("ES", "hit")], "which of them, nobody said"
    one.rolls(TUESDAY)
    assert standings() == [("micro", "kept"), ("CL", "kept"), ("ES", "kept")]


def test_a_cap_that_ended_the_stage_says_so_for_good_and_the_others_do_not() -> None:
    one = life(position=PositionLimit(units("50"), sub_caps={"micro": 20, "CL": 2}, outcome="fail"))
    breach = one.buy(3, "60", "CLH6").hit
    one.rolls(TUESDAY)
    told = [now.standing for now in rules_now(one.terms, one.state, breach) if now.rule == "sub_cap"]
    assert told == ["kept", "hit"]


def test_of_two_rules_of_inactivity_the_one_that_ended_the_stage_says_so() -> None:
    one = life(inactivity=Inactivity(days=3, per_week=2))
    one.buy(1, "5000")
    for day in (TUESDAY, WEDNESDAY):
        one.rolls(day)
    breach = one.rolls(THURSDAY).hit
    told = [(now.unit, now.standing) for now in rules_now(one.terms, one.state, breach) if now.rule == "inactivity"]
    assert told == [("days", "hit"), ("fills", "kept")]


@pytest.mark.parametrize(("counted", "actual"), [(True, "5"), (False, "2")])
def test_working_orders_count_where_the_program_counts_them(counted: bool, actual: str) -> None:
    one = life(position=PositionLimit(units("6"), include_working_orders=counted))
    one.buy(2, "5000", "ESH6")
    one.orders(limit(3, "4990", "ESH6"), limit(-1, "5010", "ESH6"))
    assert row(one, "position").actual == units(actual)


def test_the_scaling_tier_is_told_until_the_day_rolls() -> None:
    tiers = ScalingTier(Micros(0), units("2")), ScalingTier(usd("1000"), units("3"))
    one = life(scaling=Scaling(tiers))
    one.sell(1, "5000", "ESH6")
    held = RuleNow(
        rule="scaling",
        standing="kept",
        unit="units",
        limit=units("2"),
        actual=units("1"),
        left=units("1"),
        resets_at=TONIGHT,
    )
    assert told(one) == [held]
    one.earn("1000")
    one.rolls(TUESDAY)
    assert figures(one, "scaling") == (units("3"), units("1"), units("2"))


@given(most=st.integers(1, 6), held=st.integers(-6, 6), more=st.integers(1, 8))
def test_as_many_contracts_as_are_left_may_be_added_and_no_more(most: int, held: int, more: int) -> None:
    one = life(position=PositionLimit(units(str(most))))
    side = one.sell if held < 0 else one.buy
    if held and abs(held) <= most:
        side(abs(held), "5000", "ESH6")
    left = row(one, "position").left
    assert left is not None
    assert (side(more, "5000", "ESH6").rules == ("position",)) == (more > left // units("1"))


# ---------------------------------------------------------------- times


def waits(rule: str, resets_at: int | None = None, **figures: int) -> RuleNow:
    return RuleNow(rule=rule, standing="waiting", unit="contracts", resets_at=resets_at, **figures)  # type: ignore[arg-type]  # a rule's name


def test_before_the_first_day_nothing_of_the_clock_is_in_force() -> None:
    one = Life(stage(times=Times()))
    assert told(one) == [waits("overnight", limit=0, actual=0, left=0), waits("closed_time")]


@pytest.mark.parametrize(
    ("times", "rules"),
    [
        (Times(), ["overnight", "closed_time"]),
        (Times(weekend=True, holidays=True), ["overnight", "closed_time"]),
        (Times(overnight=True), ["weekend", "holidays", "closed_time"]),
        (Times(overnight=True, weekend=True), ["holidays", "closed_time"]),
        (Times(overnight=True, holidays=True), ["weekend", "closed_time"]),
        (ANYTIME, []),
    ],
)
def test_only_what_is_forbidden_is_told_and_a_forbidden_night_says_all(times: Times, rules: list[str]) -> None:
    assert [one.rule for one in told(life(times=times))] == rules


def test_a_night_that_may_not_be_held_over_waits_for_flat_by_and_then_counts_what_is_held() -> None:
    one = life(times=Times(outcome="warn"))
    one.sell(2, "5000", "ESH6")
    one.buy(1, "5000", "MESH6")
    one.buy(3, "60", "CLH6")
    assert told(one) == [waits("overnight", TONIGHT, limit=0, actual=0, left=0), waits("closed_time", TONIGHT)]
    one.at("16:00").flat_by("fx", reopens="18:00")
    assert [now.standing for now in told(one)] == ["kept", "kept"]
    one.flat_by("equity_index", reopens="17:00")
    assert told(one) == [
        RuleNow(rule="overnight", standing="hit", unit="contracts", limit=0, actual=3, left=-3, resets_at=TONIGHT),
        RuleNow(rule="closed_time", standing="kept", unit="contracts", resets_at=TONIGHT),
    ]
    assert one.buy(1, "5000", "MESH6").rules == ("closed_time",)
    assert standing(one, "closed_time") == "hit"
    assert figures(one, "overnight") == (0, 4, -4)
    one.at("17:00").mark("60", symbol="CLH6")  # equity index trades again, fx not yet
    assert figures(one, "overnight") == (0, 0, 0)


def test_hours_are_over_at_the_very_instant_of_reopening() -> None:
    one = life(times=Times())
    one.at("16:00").flat_by("fx", reopens="17:00")
    one.at("16:59:59.999999999").mark("60", symbol="CLH6")
    assert standing(one, "overnight") == "kept"
    one.at("17:00").mark("60", symbol="CLH6")
    assert standing(one, "overnight") == "waiting"


def test_a_blackout_forbids_executions_and_says_nothing_of_what_is_held() -> None:
    lunch = Times(True, True, True, (Blackout(time(12), time(13)),))
    one = life(times=lunch, news=News(300, 300, "no_execution", outcome="warn"))
    one.buy(1, "5000", "ESH6")
    assert told(one) == [waits("blackout"), waits("news")]
    one.blackout()
    assert told(one) == [RuleNow(rule="blackout", standing="kept", unit="contracts"), waits("news")]
    one.sell(1, "5000", "ESH6")
    assert (standing(one, "blackout"), standing(one, "news")) == ("hit", "waiting")
    one.closes("lunch")
    one.news()
    assert (standing(one, "blackout"), standing(one, "news")) == ("hit", "kept")
    assert figures(one, "news") == (None, None, None)


@pytest.mark.parametrize("mode", ["no_execution", "strip_profit"])
def test_where_news_forbids_executions_only_holding_is_not_past_the_limit(mode: str) -> None:
    one = life(news=News(300, 300, mode))  # type: ignore[arg-type]  # a literal of the table
    one.buy(1, "5000", "ESH6")
    one.news()
    assert told(one) == [RuleNow(rule="news", standing="kept", unit="contracts")]


def test_where_news_wants_an_account_flat_what_is_held_against_it_counts() -> None:
    one = life(news=News(300, 300, "flat_required", exempt_if_held_s=600, outcome="warn"))
    one.sell(2, "5000", "ESH6")
    one.wait(seconds=60).buy(3, "5000", "MESH6")
    one.buy(5, "60", "CLH6")
    one.news("ZN", release=600, name="auction")
    assert told(one) == [RuleNow(rule="news", standing="kept", unit="contracts", limit=0, actual=0, left=0)]
    assert one.news("ES", release=570).rules == ("news",)  # the two ES have been held long enough
    assert told(one) == [RuleNow(rule="news", standing="hit", unit="contracts", limit=0, actual=3, left=-3)]
    one.sell(3, "5000", "MESH6")
    assert figures(one, "news") == (0, 0, 0)


def test_a_price_limit_is_in_force_while_any_contract_is_locked_at_it() -> None:
    one = life(times=Times(True, True, True, limit_up_down="forfeit_profit"))
    one.buy(1, "5000", "ESH6")
    assert told(one) == [waits("limit_up_down")]
    one.limit_move("ESH6")
    assert told(one) == [RuleNow(rule="limit_up_down", standing="kept", unit="contracts")]
    one.sell(1, "5000", "ESH6")
    assert standing(one, "limit_up_down") == "hit"


# ---------------------------------------------------------------- conduct


def excursion(one: Life, actual: str) -> RuleNow:
    return RuleNow(
        rule="mae",
        standing="kept",
        unit="usd",
        limit=usd("500"),
        actual=usd(actual),
        left=Micros(usd("500") - usd(actual)),
        resets_at=one.state.core.day.until if one.state.core.day else None,
    )


def test_the_deepest_open_loss_of_any_position_is_told() -> None:
    one = life(behaviour=Behaviour(mae=AdverseExcursion(ratio("0.01"), "initial")))
    assert told(one) == [excursion(one, "0")]
    one.buy(1, "5000")
    one.mark("5100")
    assert told(one) == [excursion(one, "0")]
    one.buy(2, "5000", "ESH6")
    one.mark("4997", symbol="ESH6")
    assert told(one) == [excursion(one, "300")]
    one.mark("4600")
    assert told(one) == [excursion(one, "400")]
    one.mark("4500")
    assert figures(one, "mae") == (usd("500"), usd("500"), 0)
    assert one.mark("4499.999999").rules == ("mae",)
    assert standing(one, "mae") == "hit"
    assert row(one, "mae").left == -1


def test_executions_of_the_last_second_are_told() -> None:
    one = life(behaviour=Behaviour(hft=OrderRate(2)))
    assert told(one) == [RuleNow(rule="hft", standing="kept", unit="per_second", limit=2, actual=0, left=2)]
    one.buy(1, "5000")
    one.wait(ns=1).buy(1, "5000")
    assert figures(one, "hft") == (2, 2, 0)
    one.wait(ns=999_999_998).mark("5000")
    assert figures(one, "hft") == (2, 2, 0)
    one.wait(ns=1).mark("5000")
    assert figures(one, "hft") == (2, 1, 1)
    one.wait(ns=1).mark("5000")
    assert figures(one, "hft") == (2, 0, 2)
    for _ in range(3):
        one.buy(1, "5000")
    assert (standing(one, "hft"), figures(one, "hft")) == ("hit", (2, 3, -1))


@pytest.mark.parametrize(
    ("rule", "behaviour", "breaks"),
    [
        ("stop_required", Behaviour(stop_required=True), lambda one: one.buy(1, "5000")),
        (
            "risk_per_position",
            Behaviour(max_risk_per_position=RiskCap(ratio("0.01"))),
            lambda one: (one.buy(1, "5000"), one.orders(stop(-1, "4499"))),
        ),
        (
            "stop_target_ratio",
            Behaviour(stop_target_ratio=ratio("2")),
            lambda one: (one.buy(1, "5000"), one.orders(stop(-1, "4700"), limit(-1, "5100"))),
        ),
        (
            "hedging",
            Behaviour(hedging="forbidden"),
            lambda one: (one.buy(1, "5000", "ESH6"), one.sell(1, "5000", "MESH6")),
        ),
    ],
)
def test_a_rule_of_conduct_without_a_running_figure_tells_its_standing(
    rule: str, behaviour: Behaviour, breaks: Callable[[Life], object]
) -> None:
    one = life(behaviour=behaviour)
    assert told(one) == [RuleNow(rule=rule, standing="kept", unit="contracts")]  # type: ignore[arg-type]  # of the table
    breaks(one)
    assert told(one) == [RuleNow(rule=rule, standing="hit", unit="contracts")]  # type: ignore[arg-type]  # as above


# ---------------------------------------------------------------- idleness


def test_idle_days_are_those_since_the_last_fill_or_the_first_day() -> None:
    one = life(inactivity=Inactivity(days=3, outcome="warn"), time_limit_days=9)
    assert told(one) == [
        RuleNow(rule="inactivity", standing="kept", unit="days", limit=3, actual=0, left=3),
        RuleNow(rule="time_limit", standing="kept", unit="days", limit=9, actual=0, left=9),
    ]
    one.rolls(WEDNESDAY)
    assert (figures(one, "inactivity"), figures(one, "time_limit")) == ((3, 2, 1), (9, 2, 7))
    one.earn("1")
    assert (figures(one, "inactivity"), figures(one, "time_limit")) == ((3, 0, 3), (9, 2, 7))
    one.rolls(FRIDAY)
    assert (figures(one, "inactivity"), standing(one, "inactivity")) == ((3, 2, 1), "kept")
    assert one.rolls(NEXT_MONDAY).rules == ("inactivity",)
    assert (figures(one, "inactivity"), standing(one, "inactivity")) == ((3, 5, -2), "hit")
    assert one.rolls("2026-01-14").rules == ("inactivity", "time_limit")
    assert (figures(one, "time_limit"), standing(one, "time_limit")) == ((9, 9, 0), "hit")


def test_idle_days_begin_anew_with_windows_that_restart() -> None:
    one = life(inactivity=Inactivity(days=30), time_limit_days=60)
    one.earn("1")
    one.rolls(THURSDAY)
    one.rebills()
    one.rolls(FRIDAY)
    assert (figures(one, "inactivity"), figures(one, "time_limit")) == ((30, 1, 29), (60, 1, 59))


def test_executions_of_the_week_are_told_until_enough() -> None:
    one = life(inactivity=Inactivity(per_week=3, outcome="warn"))
    one.buy(1, "5000")
    assert told(one) == [RuleNow(rule="inactivity", standing="kept", unit="fills", limit=3, actual=1, left=2)]
    for _ in range(3):
        one.buy(1, "5000")
    assert figures(one, "inactivity") == (3, 4, 0)
    one.rolls(NEXT_MONDAY)
    assert figures(one, "inactivity") == (3, 0, 3)
    assert one.rolls("2026-01-19").rules == ("inactivity",)
    assert standing(one, "inactivity") == "hit"


def test_idleness_is_not_told_before_the_first_day() -> None:
    one = Life(stage(times=ANYTIME, inactivity=Inactivity(days=3, per_week=2), time_limit_days=9))
    assert told(one) == []


# ---------------------------------------------------------------- conditions


def test_a_target_and_flatness_are_missing_until_met() -> None:
    one = life(target=target("3000"), days=Days(min_trading=5))
    one.sell(2, "5000", "ESH6", fee="10")
    assert told(one) == [
        RuleNow(rule="target", standing="missing", unit="usd", limit=usd("3000"), actual=-usd("10"), left=usd("3010")),
        RuleNow(rule="flat", standing="missing", unit="contracts", limit=0, actual=2, left=2),
        RuleNow(rule="min_trading_days", standing="missing", unit="days", limit=5, actual=1, left=4),
    ]
    one.buy(2, "4960", "ESH6")
    assert told(one)[:2] == [
        RuleNow(rule="target", standing="met", unit="usd", limit=usd("3000"), actual=usd("3990"), left=0),
        RuleNow(rule="flat", standing="met", unit="contracts", limit=0, actual=0, left=0),
    ]


def test_a_target_that_was_reached_once_stays_met_where_that_is_enough() -> None:
    one = life(target=target("1000", sticky=True), days=Days(min_trading=2), on_pass=OnPass(flat_required=False))
    one.earn("1000")
    one.earn("-400")
    assert told(one)[0] == RuleNow(
        rule="target", standing="met", unit="usd", limit=usd("1000"), actual=usd("600"), left=usd("400")
    )
    assert [now.rule for now in told(one)] == ["target", "min_trading_days"]


def test_money_that_is_moved_is_no_profit_toward_the_target() -> None:
    one = life(target=target("1000"))
    one.adjusts("700")
    one.earn("200")
    assert figures(one, "target") == (usd("1000"), usd("200"), usd("800"))


@pytest.mark.parametrize(("scope", "actual"), [("stage", 2), ("cycle", 1)])
def test_trading_days_are_counted_in_the_scope_that_the_program_names(scope: str, actual: int) -> None:
    one = life(days=Days(min_trading=3, min_trading_scope=scope), payout=payouts())  # type: ignore[arg-type]  # of the table
    one.earn("500")
    one.pays("100")
    one.rolls(TUESDAY)
    one.earn("500")
    assert told(one) == [
        RuleNow(rule="min_trading_days", standing="missing", unit="days", limit=3, actual=actual, left=3 - actual)
    ]


@pytest.mark.parametrize(("scope", "actual"), [("stage", 2), ("cycle", 1), ("lifetime", 5)])
def test_qualifying_days_are_counted_in_the_scope_that_the_program_names(
    scope: Literal["stage", "cycle", "lifetime"], actual: int
) -> None:
    one = life(
        options=Options(lifetime_qualifying=3),
        days=Days(qualifying=Qualifying(size("100"), 4, scope=scope)),
        payout=payouts(),
    )
    one.earn("100")
    one.rolls(TUESDAY)
    one.pays("50")
    one.earn("100")
    one.rolls(WEDNESDAY)
    assert told(one) == [
        RuleNow(
            rule="qualifying_days",
            standing="met" if actual >= 4 else "missing",
            unit="days",
            limit=4,
            actual=actual,
            left=max(0, 4 - actual),
        )
    ]


def consistent(**rule: Any) -> Life:
    return life(target=target("3000"), consistency=Consistency(cap=ratio("0.4"), **rule))


def share(one: Life) -> tuple[str, int | None, int | None, int | None]:
    now = row(one, "consistency")
    assert (now.unit, now.resets_at, now.symbol) == ("ratio", None, "")
    return (now.standing, now.limit, now.actual, now.left)


def test_the_best_days_share_of_the_profit_and_what_it_is_above_the_cap() -> None:
    one = consistent()
    assert share(one) == ("missing", 400_000, None, None)
    one.earn("900")
    assert share(one) == ("missing", 400_000, 1_000_000, 600_000)
    one.rolls(TUESDAY)
    one.earn("600")
    assert share(one) == ("missing", 400_000, 600_000, 200_000)
    one.rolls(WEDNESDAY)
    one.earn("900")
    assert share(one) == ("met", 400_000, 375_000, 0)


def test_a_losing_window_has_no_share() -> None:
    one = consistent()
    one.earn("-1")
    assert share(one) == ("missing", 400_000, None, None)


def test_the_smallest_profit_has_a_share() -> None:
    one = consistent()
    one.earn("0.000001")
    assert share(one) == ("missing", 400_000, 1_000_000, 600_000)


def test_a_share_of_the_target_is_taken_of_the_target() -> None:
    one = consistent(denominator="target")
    one.earn("900")
    assert share(one) == ("met", 400_000, 300_000, 0)
    one.earn("600")
    assert share(one) == ("missing", 400_000, 500_000, 100_000)


def test_a_share_of_the_target_where_there_is_none_is_no_share() -> None:
    one = life(consistency=Consistency(cap=ratio("0.4"), denominator="target"))
    one.earn("900")
    assert share(one)[1:] == (400_000, None, None)


def test_a_rule_that_has_ended_is_met_without_figures() -> None:
    one = life(consistency=Consistency(cap=ratio("0.4"), until_payout_no=1), payout=payouts())
    one.earn("900")
    one.pays("100")
    assert share(one) == ("met", None, None, None)


def test_the_shares_of_trades_that_were_held_and_of_their_profit() -> None:
    rule = Behaviour(min_hold_s=60, min_hold_share_trades=ratio("0.5"), min_hold_share_profit=Ppm(900_000))
    one = life(behaviour=rule)
    trades, profit = "min_hold_trades", "min_hold_profit"
    assert told(one) == [
        RuleNow(rule="min_hold_trades", standing="missing", unit="ratio", limit=500_000),
        RuleNow(rule="min_hold_profit", standing="missing", unit="ratio", limit=900_000),
    ]
    one.earn("100")
    one.buy(1, "5000")
    one.wait(seconds=61).sell(1, "5300")
    assert (standing(one, trades), figures(one, trades)) == ("missing", (500_000, 500_000, 0))
    assert (standing(one, profit), figures(one, profit)) == ("missing", (900_000, 750_000, 150_000))
    one.buy(1, "5000")
    one.wait(seconds=61).sell(1, "7000")
    assert (standing(one, trades), figures(one, trades)) == ("met", (500_000, 666_666, 0))
    assert (standing(one, profit), figures(one, profit)) == ("met", (900_000, 958_333, 0))
