"""Semantics page, section 9, second half: excursion, hedging, pace, stops, risk, stop against target."""

from typing import Any, get_args

import pytest

from propfirm.domain.catalogue.program import AdverseExcursion, Behaviour, OrderRate, Outcome, RiskCap, Times
from propfirm.domain.money import Ppm, ratio, usd
from propfirm.domain.rules.behaviour import hedged
from propfirm.domain.rules.draft import opened
from propfirm.domain.rules.findings import Evidence, ProfitStripped
from propfirm.domain.rules.terms import Platform
from tests.unit.domain.rules.life import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Life,
    limit,
    loss,
    payouts,
    stage,
    stop,
    stop_limit,
)


def life(behaviour: Behaviour, platform: Platform | None = None, **rules: Any) -> Life:
    one = Life(stage(rules.pop("max_loss", None) or loss("40000"), behaviour=behaviour, **rules), platform=platform)
    one.day(MONDAY)
    return one.at("08:00")


# ---------------------------------------------------------------- adverse excursion


def excursion(pct: str, base: str = "initial", max_loss: str = "40000", **rule: Any) -> Life:
    mae = AdverseExcursion(ratio(pct), base, **rule)  # type: ignore[arg-type]  # words of the tests
    return life(Behaviour(mae=mae, outcome="fail"), max_loss=loss(max_loss))


def test_an_open_loss_above_the_rate_is_a_hit_and_at_the_rate_it_is_not() -> None:
    account = excursion("0.01")
    account.buy(1, "5000")
    assert account.mark("4500").rules == ()
    said = account.mark("4499.999999")
    assert (said.hit.rule, said.hit.outcome) == ("mae", "warn")
    assert said.evidence == Evidence(
        usd("500"), usd("500.000001"), "usd", usd("49499.999999"), usd("50000"), symbol="DOL"
    )


def test_a_floor_beside_the_excursion_hides_neither() -> None:
    """Each a micro-dollar or two from the other: the mark that reaches the nearer one is judged."""
    account = excursion("0.01", max_loss="500")
    account.buy(1, "5000")
    assert account.mark("4500").rules == ("max_loss",)
    account = excursion("0.01", max_loss="500.000002")
    account.buy(1, "5000")
    assert account.mark("4499.999999").rules == ("mae",)
    assert account.mark("4499.999998").rules == ("max_loss",)


def test_it_is_told_once_a_trade() -> None:
    account = excursion("0.01")
    account.buy(1, "5000")
    account.mark("4000")
    assert account.mark("3000").rules == ()
    account.sell(1, "4000")
    account.mark("5000")
    account.buy(1, "5000")
    assert account.mark("4400").rules == ("mae",)


def test_a_fill_of_the_symbol_is_judged_too() -> None:
    account = excursion("0.01")
    account.buy(1, "5000")
    account.mark("4600")
    assert account.buy(1, "5000").figures == (usd("500"), usd("800"))


def test_each_position_is_judged_alone_at_its_own_marks() -> None:
    account = excursion("0.01")
    account.buy(1, "5000", "ESH6")
    account.buy(1, "5000", "NQH6")
    account.sell(1, "5000")
    assert account.mark("4990.25", symbol="ESH6").rules == ()
    assert account.mark("4980", symbol="NQH6").rules == ()
    assert account.mark("5500").rules == ()
    assert account.mark("4989.75", symbol="ESH6").evidence.symbol == "ESH6"
    assert account.mark("5500.000001").evidence.symbol == "DOL"
    assert account.mark("1", symbol="ZNH6").rules == ()


def test_of_two_positions_the_loss_of_the_other_is_not_counted_in() -> None:
    account = excursion("0.01")
    account.buy(1, "5000", "ESH6")
    account.buy(1, "5000")
    assert account.mark("4992", symbol="ESH6").rules == ()
    assert account.mark("4800").rules == ()  # 400 + 200 in all
    assert account.mark("4499").figures == (usd("500"), usd("501"))


def test_where_the_platform_counts_the_equity_a_position_is_still_judged_by_its_own_mark() -> None:
    account = excursion("0.01")
    account.buy(1, "5000")
    account.metric("50000", "49400")
    assert account.mark("4900").rules == ()
    account.metric("50000", "50000")
    assert account.mark("4499").figures == (usd("500"), usd("501"))


def test_a_closed_position_has_no_open_loss() -> None:
    account = excursion("0.01")
    account.buy(1, "5000")
    assert account.sell(1, "4000").rules == ()


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_the_excursion_has_its_own_outcome(outcome: Outcome) -> None:
    account = excursion("0.01", outcome=outcome)
    account.buy(1, "5000")
    assert account.mark("4000").hit.outcome == outcome


def test_the_base_may_be_the_drawdown() -> None:
    account = excursion("0.3", "drawdown", max_loss="2000")
    account.earn("5000")
    account.day(TUESDAY)  # whatever the day opens with
    account.buy(1, "5000")
    assert account.mark("4400").rules == ()
    assert account.mark("4399").figures == (usd("600"), usd("601"))


def test_a_drawdown_in_percent_of_the_high_is_taken_at_the_high() -> None:
    mae = AdverseExcursion(ratio("0.5"), "drawdown")
    account = life(Behaviour(mae=mae), max_loss=loss("2%", mode="trail_closed", pct_base="hwm"))
    account.earn("10000")
    account.buy(1, "5000")
    assert account.mark("4400").rules == ()
    assert account.mark("4399").figures == (usd("600"), usd("601"))


@pytest.mark.parametrize(("profit", "limit_of_tuesday"), [("1000", "600"), ("1000.01", "300.003")])
def test_the_days_opening_profit_is_the_base_once_it_is_above_the_low_mark(profit: str, limit_of_tuesday: str) -> None:
    account = excursion("0.3", "start_of_day_profit", max_loss="2000", low_profit_below=usd("1000"))
    account.earn(profit)
    account.day(TUESDAY)
    account.earn("-500")
    account.buy(1, "5000")
    most = usd(limit_of_tuesday)
    account.mark("4800")
    assert account.mark("3500").evidence.limit == most


def test_a_raised_rate_holds_once_the_evenings_profit_is_above_its_mark() -> None:
    def at(profit: str) -> int:
        account = excursion("0.01", pct_raised=ratio("0.02"), raised_from=usd("1000"))
        account.earn(profit)
        account.rolls(TUESDAY)
        account.buy(1, "5000")
        return account.mark("2000").evidence.limit

    assert (at("1000"), at("1000.000001")) == (usd("500"), usd("1000"))


def test_before_the_first_evening_no_rate_is_raised_and_none_without_its_mark() -> None:
    account = excursion("0.01", pct_raised=ratio("0.02"), raised_from=usd("-1"))
    account.earn("5000")
    account.buy(1, "5000")
    assert account.mark("4400").evidence.limit == usd("500")
    account = excursion("0.01", pct_raised=ratio("0.02"))
    account.earn("5000")
    account.rolls(TUESDAY)
    account.buy(1, "5000")
    assert account.mark("4400").evidence.limit == usd("500")
    account = excursion("0.01", raised_from=usd("100"))
    account.earn("5000")
    account.rolls(TUESDAY)
    account.buy(1, "5000")
    assert account.mark("4400").evidence.limit == usd("500")


# ---------------------------------------------------------------- hedging


def hedger(scope: str = "product", **rule: Any) -> Life:
    return life(Behaviour(hedging="forbidden", hedging_scope=scope, **rule))  # type: ignore[arg-type]  # as above


def test_a_hedge_is_a_hit_when_a_fill_brings_it_about() -> None:
    account = hedger()
    account.buy(3, "5000", "ESH6")
    said = account.sell(2, "5000", "ESM6")
    assert (said.hit.rule, said.hit.outcome) == ("hedging", "warn")
    assert said.evidence == Evidence(0, 2, "contracts", usd("50000"), usd("50000"), symbol="ESM6")
    assert account.sell(1, "5000", "ESM6").rules == ()
    account.buy(3, "5000", "ESM6")
    assert account.sell(1, "5000", "ESM6").figures == (0, 1)


@pytest.mark.parametrize(
    ("scope", "first", "second", "contracts"),
    [
        ("product", (2, "ESH6"), (-5, "MESH6"), 2),
        ("product", (2, "ESH6"), (-5, "NQH6"), 0),
        ("product", (2, "ESH6"), (5, "MESH6"), 0),
        ("group", (2, "ESH6"), (-5, "NQH6"), 2),
        ("group", (2, "ESH6"), (-5, "CLH6"), 0),
        ("group", (2, "ESH6"), (5, "NQH6"), 0),
        ("mixed_sizes", (2, "ESH6"), (5, "MESH6"), 2),
        ("mixed_sizes", (7, "MESH6"), (3, "ESH6"), 3),
        ("mixed_sizes", (2, "ESH6"), (-5, "MESH6"), 2),
        ("mixed_sizes", (2, "ESH6"), (-2, "ESM6"), 2),
        ("mixed_sizes", (2, "ESH6"), (5, "NQH6"), 0),
    ],
)
def test_the_reach_of_a_hedge(scope: str, first: tuple[int, str], second: tuple[int, str], contracts: int) -> None:
    account = hedger(scope)
    account.fill(first[0], "5000", first[1])
    said = account.fill(second[0], "5000", second[1])
    assert [hit.evidence.actual for hit in said.hits] == ([contracts] if contracts else [])


def test_mixed_sizes_counts_whichever_is_more() -> None:
    account = hedger("mixed_sizes")
    account.buy(4, "5000", "ESH6")
    account.sell(1, "5000", "ESM6")
    account.buy(1, "5000", "ESM6")
    assert account.sell(3, "5000", "MESH6").figures == (0, 3)


def test_mixed_sizes_adds_up_each_size_over_its_months() -> None:
    account = hedger("mixed_sizes")
    account.buy(2, "5000", "ESH6")
    account.buy(2, "5000", "ESM6")
    assert account.buy(3, "5000", "MESH6").figures == (0, 3)


def test_where_hedging_is_allowed_nobody_counts() -> None:
    for account in (life(Behaviour(hedging="allowed")), Life(stage(loss("40000")))):
        account.day(TUESDAY)
        account.buy(3, "5000", "ESH6")
        assert account.sell(2, "5000", "ESM6").rules == ()
        looked_at = opened(account.terms, account.state, account.state.seq, account.now, doubt=False)
        assert hedged(looked_at, account.terms.contracts["ES"]) == 0


def test_turning_a_position_round_is_no_hedge_but_may_end_or_begin_one() -> None:
    account = hedger(outcome="reject_order")
    account.buy(3, "5000", "ESH6")
    assert account.sell(6, "5000", "ESH6").rules == ()
    assert account.buy(1, "5000", "ESM6").hit.outcome == "reject_order"
    assert account.sell(2, "5000", "ESM6").rules == ()
    assert account.buy(4, "5000", "ESH6").rules == ("hedging",)


# ---------------------------------------------------------------- pace


def test_more_executions_in_a_second_than_allowed_are_high_frequency() -> None:
    account = life(Behaviour(hft=OrderRate(2, "block_payout"), outcome="fail"))
    account.buy(1, "100")
    account.wait(ns=1).buy(1, "100")
    said = account.wait(ns=999_999_998).buy(1, "100")
    assert (said.hit.rule, said.hit.outcome) == ("hft", "block_payout")
    assert said.evidence == Evidence(2, 3, "per_second", usd("50000"), usd("50000"), symbol="DOL")


def test_an_execution_a_whole_second_ago_no_longer_counts() -> None:
    account = life(Behaviour(hft=OrderRate(2)))
    account.buy(1, "100")
    account.wait(ns=1).buy(1, "100")
    assert account.wait(ns=999_999_999).buy(1, "100", "ESH6").rules == ()
    assert account.buy(1, "100").figures == (2, 3)
    assert account.wait(seconds=1).buy(1, "100").rules == ()


def test_executions_count_whether_they_open_or_close() -> None:
    account = life(Behaviour(hft=OrderRate(2)))
    account.buy(1, "100")
    account.sell(1, "100")
    assert account.buy(1, "100").figures == (2, 3)


def test_every_execution_above_the_rate_is_told() -> None:
    account = life(Behaviour(hft=OrderRate(1)))
    assert [len(account.buy(1, "100").hits) for _ in range(4)] == [0, 1, 1, 1]
    assert account.buy(1, "100").figures == (1, 5)
    assert account.state.core.day is not None
    assert account.state.core.day.seen == ("hft",)  # what a day remembers does not grow with every hit


# ---------------------------------------------------------------- stops


def protected(**rule: Any) -> Life:
    return life(Behaviour(stop_required=True, **rule))


def test_an_opening_fill_needs_stops_for_the_whole_position() -> None:
    account = protected()
    account.orders(stop(-2, "4900", "ESH6"))
    assert account.buy(2, "5000", "ESH6").rules == ()
    said = account.buy(1, "5000", "ESH6")
    assert (said.hit.rule, said.hit.outcome) == ("stop_required", "warn")
    assert said.evidence == Evidence(3, 2, "contracts", usd("50000"), usd("50000"), symbol="ESH6")
    assert account.buy(1, "5000", "ESH6").rules == ()


@pytest.mark.parametrize(
    ("orders", "covered"),
    [
        ((), 0),
        ((limit(-2, "5100", "ESH6"),), 0),
        ((stop(2, "4900", "ESH6"),), 0),
        ((stop(-2, "4900", "ESM6"),), 0),
        ((stop(-1, "4900", "ESH6"),), 1),
    ],
)
def test_only_stops_of_the_symbol_on_the_closing_side_protect(orders: tuple[Any, ...], covered: int) -> None:
    account = protected()
    account.orders(*orders)
    assert account.buy(2, "5000", "ESH6").figures == (2, covered)


@pytest.mark.parametrize(
    "orders",
    [
        (stop(-2, "4900", "ESH6"),),
        (stop(-1, "4900", "ESH6"), stop(-1, "4800", "ESH6")),
        (stop_limit(-2, "4900", "4890", "ESH6"),),
        (stop(-3, "5100", "ESH6"),),
    ],
)
def test_stops_that_add_up_protect_wherever_they_are(orders: tuple[Any, ...]) -> None:
    account = protected()
    account.orders(*orders)
    assert account.buy(2, "5000", "ESH6").rules == ()


def test_a_short_position_is_protected_by_buy_stops() -> None:
    account = protected()
    account.orders(stop(2, "5100", "ESH6"))
    assert account.sell(2, "5000", "ESH6").rules == ()
    account.orders(stop(-2, "4900", "ESH6"))
    assert account.sell(1, "5000", "ESH6").figures == (3, 0)


def test_only_opening_fills_ask_for_a_stop() -> None:
    account = protected()
    account.orders(stop(-2, "4900", "ESH6"))
    account.buy(2, "5000", "ESH6")
    account.orders()
    assert account.sell(1, "5000", "ESH6").rules == ()
    assert account.buy(1, "5000", "NQH6").evidence.symbol == "NQH6"
    assert account.sell(3, "5000", "ESH6").figures == (2, 0)
    assert account.buy(2, "5000", "ESH6").rules == ()


def test_a_program_that_asks_for_no_stop_misses_none() -> None:
    assert life(Behaviour()).buy(2, "5000", "ESH6").rules == ()
    assert life(Behaviour(stop_required_within_s=5)).buy(2, "5000", "ESH6").rules == ()


def test_where_the_platform_shows_no_orders_a_missing_stop_cannot_be_judged() -> None:
    blind = Platform(shows_orders=False)
    for seconds in (None, 30):
        duty = Behaviour(stop_required=True, stop_required_within_s=seconds, hft=OrderRate(0))
        account = life(duty, blind)
        assert account.buy(2, "5000", "ESH6").rules == ("hft",)
        assert account.wait(seconds=31).mark("5000", symbol="ESH6").rules == ()
    bare = Life(stage(loss("2000")), platform=blind)
    assert bare.terms.stage.behaviour is None


def test_a_stop_may_come_within_the_time_given() -> None:
    account = protected(stop_required_within_s=30)
    assert account.buy(2, "5000", "ESH6").rules == ()
    assert account.wait(seconds=30, ns=-1).mark("5000", symbol="ESH6").rules == ()
    said = account.wait(ns=1).mark("5000", symbol="ESH6")
    assert said.figures == (2, 0)
    assert account.wait(seconds=60).mark("5000", symbol="ESH6").rules == ()
    assert account.buy(1, "5000", "ESH6").rules == ()


def test_a_stop_that_came_in_time_ends_the_deadline() -> None:
    account = protected(stop_required_within_s=30)
    account.buy(2, "5000", "ESH6")
    account.wait(seconds=29).orders(stop(-2, "4900", "ESH6"))
    assert account.wait(seconds=1).mark("5000", symbol="ESH6").rules == ()
    account.orders()
    assert account.wait(seconds=99).mark("5000", symbol="ESH6").rules == ()
    assert account.buy(1, "5000", "ESH6").rules == ()
    assert account.wait(seconds=30, ns=-1).mark("5000", symbol="ESH6").rules == ()
    assert account.wait(ns=1).mark("5000", symbol="ESH6").figures == (3, 0)


def test_a_stop_that_is_there_at_the_very_deadline_is_in_time() -> None:
    account = protected(stop_required_within_s=30)
    account.buy(2, "5000", "ESH6")
    assert account.wait(seconds=30).orders(stop(-2, "4900", "ESH6")).rules == ()
    assert account.mark("5000", symbol="ESH6").rules == ()


def test_a_second_opening_fill_does_not_put_the_deadline_off() -> None:
    account = protected(stop_required_within_s=30)
    account.buy(2, "5000", "ESH6")
    account.wait(seconds=20).buy(2, "5000", "ESH6")
    assert account.wait(seconds=10).mark("5000", symbol="ESH6").figures == (4, 0)


def test_a_trade_that_ended_before_its_deadline_owes_no_stop() -> None:
    account = protected(stop_required_within_s=30)
    account.buy(2, "5000", "ESH6")
    assert account.wait(seconds=30).sell(2, "5000", "ESH6").rules == ()
    account.buy(1, "5000", "ESH6")
    assert account.wait(seconds=29).mark("5000", symbol="ESH6").rules == ()


def test_a_fill_through_zero_starts_a_deadline_of_its_own() -> None:
    account = protected(stop_required_within_s=30)
    account.buy(2, "5000", "ESH6")
    assert account.wait(seconds=30).sell(3, "5000", "ESH6").rules == ()
    assert account.wait(seconds=29).mark("5000", symbol="ESH6").rules == ()
    assert account.wait(seconds=1).mark("5000", symbol="ESH6").figures == (1, 0)


def test_a_partial_close_at_the_deadline_is_judged_by_what_is_left() -> None:
    account = protected(stop_required_within_s=30)
    account.buy(2, "5000", "ESH6")
    account.orders(stop(-1, "4900", "ESH6"))
    assert account.wait(seconds=30).sell(1, "5000", "ESH6").rules == ()


def test_each_position_has_its_own_deadline() -> None:
    account = protected(stop_required_within_s=30)
    account.buy(1, "5000", "ESH6")
    account.wait(seconds=10).buy(2, "5000", "NQH6")
    assert account.wait(seconds=20).mark("1", symbol="CLH6").evidence.symbol == "ESH6"
    assert account.wait(seconds=10).mark("1", symbol="CLH6").evidence.symbol == "NQH6"


def test_positions_due_at_once_are_told_in_order_of_opening_and_a_fill_through_zero_opens_anew() -> None:
    account = protected(stop_required_within_s=30)
    account.buy(1, "5000", "ESH6")
    account.buy(1, "5000", "NQH6")
    account.sell(2, "5000", "ESH6")
    said = account.wait(seconds=30).mark("1", symbol="CLH6")
    assert [hit.evidence.symbol for hit in said.hits] == ["NQH6", "ESH6"]


@pytest.mark.parametrize(
    "happens",
    [
        lambda account: account.mark("5000", symbol="ESH6"),
        lambda account: account.metric("50000"),
        lambda account: account.buy(1, "5000", "NQH6"),
        lambda account: account.adjusts("1"),
        lambda account: account.denies(),
        lambda account: account.flat_by("energy"),
        lambda account: account.snapshot(),
        lambda account: account.news("CL"),
        lambda account: account.closes("NFP"),
        lambda account: account.orders(),
        lambda account: account.limit_move("NQH6"),
        lambda account: account.rebills(),
        lambda account: account.day(TUESDAY),
    ],
)
def test_the_first_event_of_any_kind_after_the_deadline_judges_it(happens: Any) -> None:
    account = life(Behaviour(stop_required=True, stop_required_within_s=30), payout=payouts())
    account.buy(2, "5000", "ESH6")
    account.wait(seconds=31)
    hits = [hit for hit in happens(account).hits if hit.evidence.symbol == "ESH6"]
    assert [(hit.rule, hit.evidence.limit, hit.evidence.actual) for hit in hits] == [("stop_required", 2, 0)]


def test_a_deadline_of_no_time_is_judged_at_the_fill() -> None:
    account = protected(stop_required_within_s=0)
    assert account.buy(2, "5000", "ESH6").figures == (2, 0)


# ---------------------------------------------------------------- risk


def risking(pct: str, base: str = "initial", platform: Platform | None = None, **rule: Any) -> Life:
    cap = RiskCap(ratio(pct), base)  # type: ignore[arg-type]  # as above
    return life(Behaviour(max_risk_per_position=cap, **rule), platform)


def test_what_the_stops_would_lose_may_be_the_rate_and_no_more() -> None:
    account = risking("0.01", outcome="reject_order")
    account.buy(1, "5000")
    assert account.orders(stop(-1, "4500")).rules == ()
    said = account.orders(stop(-1, "4499.999999"))
    assert (said.hit.rule, said.hit.outcome) == ("risk_per_position", "reject_order")
    assert said.evidence == Evidence(usd("500"), usd("500.000001"), "usd", usd("50000"), usd("50000"), symbol="DOL")
    assert account.orders(stop(-1, "4000")).rules == ()


def test_a_fill_is_judged_by_the_stops_that_are_there() -> None:
    account = risking("0.01")
    account.orders(stop(-2, "4700"))
    assert account.buy(1, "5000").rules == ()
    assert account.buy(1, "5000").figures == (usd("500"), usd("600"))


@pytest.mark.parametrize(("base", "most"), [("initial", "500"), ("balance", "510"), ("equity", "515")])
def test_the_rate_is_of_the_size_the_balance_or_the_equity(base: str, most: str) -> None:
    account = risking("0.01", base)
    account.earn("1000")
    account.buy(1, "5000")
    account.mark("5500")
    assert account.orders(stop(-1, "1000")).figures == (usd(most), usd("4000"))


def test_the_nearest_stops_close_first_and_only_the_positions_size() -> None:
    account = risking("0.001")
    account.buy(2, "5000")
    said = account.orders(stop(-5, "4000"), stop(-1, "4900"), limit(-9, "5100"), stop(3, "5200"))
    assert said.figures == (usd("50"), usd("1100"))
    short = risking("0.001")
    short.sell(2, "5000")
    assert short.orders(stop(5, "6000"), stop(1, "5100")).figures == (usd("50"), usd("1100"))


def test_without_stops_there_is_no_risk_to_judge_even_where_the_base_is_a_debt() -> None:
    account = life(
        Behaviour(max_risk_per_position=RiskCap(ratio("0.01"), "balance")), zero_based=True, max_loss=loss("40000")
    )
    account.earn("-1000")
    account.buy(1, "5000")
    assert account.orders(limit(-1, "5100")).rules == ()
    assert account.orders(stop(-1, "5000")).figures == (usd("-10"), 0)


def test_stops_that_do_not_cover_the_whole_position_count_for_what_they_close() -> None:
    account = risking("0.001")
    account.buy(3, "5000")
    assert account.orders(stop(-1, "4900")).figures == (usd("50"), usd("100"))


def test_a_stop_in_profit_risks_nothing() -> None:
    account = risking("0")
    account.buy(1, "5000")
    assert account.orders(stop(-1, "5000")).rules == ()
    assert account.orders().rules == ()
    assert account.orders(stop(-1, "4999.999999")).figures == (0, 1)


@pytest.mark.parametrize(("method", "actual"), [("fifo", "400"), ("average", "300")])
def test_the_stops_close_as_the_platform_does(method: Any, actual: str) -> None:
    account = risking("0.001", platform=Platform(method=method))
    account.buy(1, "5300")
    account.buy(1, "5100")
    assert account.orders(stop(-1, "4900")).figures == (usd("50"), usd(actual))


def test_orders_judge_every_position_in_order_of_opening() -> None:
    account = risking("0.001")
    account.buy(1, "5000", "NQH6")
    account.buy(1, "5000", "ESH6")
    said = account.orders(stop(-1, "4000", "ESH6"), stop(-1, "4000", "NQH6"))
    assert [hit.evidence.symbol for hit in said.hits] == ["NQH6", "ESH6"]


def test_a_fill_judges_its_own_symbol_only() -> None:
    account = risking("0.001")
    account.orders(stop(-2, "4000", "ESH6"))
    assert account.buy(1, "5000", "NQH6").rules == ()
    assert account.buy(1, "5000", "ESH6").rules == ("risk_per_position",)
    assert account.buy(1, "5000", "ESH6").rules == ()


# ---------------------------------------------------------------- stop against target


def balanced(most: str, **rule: Any) -> Life:
    return life(Behaviour(stop_target_ratio=ratio(most), **rule))


def test_the_stop_may_be_so_many_times_as_far_as_the_target_and_no_more() -> None:
    account = balanced("2", outcome="block_payout")
    account.buy(1, "5000")
    assert account.orders(stop(-1, "4800"), limit(-1, "5100")).rules == ()
    said = account.orders(stop(-1, "4799.999999"), limit(-1, "5100"))
    assert (said.hit.rule, said.hit.outcome) == ("stop_target_ratio", "block_payout")
    assert said.evidence == Evidence(2_000_000, 2_000_000, "ratio", usd("50000"), usd("50000"), symbol="DOL")
    assert account.orders(stop(-1, "4000"), limit(-1, "5100")).rules == ()


@pytest.mark.parametrize(
    ("side", "stops", "limits"), [(1, ("4900", "4700"), ("5300", "5100")), (-1, ("5100", "5300"), ("4700", "4900"))]
)
def test_the_furthest_stop_stands_against_the_nearest_target(
    side: int, stops: tuple[str, str], limits: tuple[str, str]
) -> None:
    account = balanced("1")
    account.fill(side, "5000")
    orders = [stop(-side, price) for price in stops] + [limit(-side, price) for price in limits]
    assert account.orders(*orders).figures == (1_000_000, 3_000_000)


def test_the_told_ratio_is_rounded_down() -> None:
    account = balanced("1")
    account.buy(3, "5000")
    assert account.orders(stop(-1, "4800"), limit(-1, "5070")).figures == (1_000_000, 2_857_142)


def test_the_distances_are_of_money_so_that_a_tick_has_its_value() -> None:
    account = balanced("1")
    account.sell(3, "5000", "ESH6")
    assert account.orders(stop(3, "5010", "ESH6"), limit(3, "4995", "ESH6")).figures == (1_000_000, 2_000_000)


def test_a_target_a_micro_dollar_away_is_a_target() -> None:
    account = balanced("1")
    account.buy(1, "5000")
    assert account.orders(stop(-1, "4999.999998"), limit(-1, "5000.000001")).figures == (1_000_000, 2_000_000)


@pytest.mark.parametrize("price", ["5000", "4900"])
def test_a_target_that_is_not_beyond_the_entry_has_no_ratio_to_tell(price: str) -> None:
    account = balanced("100")
    account.buy(1, "5000")
    assert account.orders(stop(-1, "4999"), limit(-1, price)).figures == (100_000_000, 0)


def test_a_stop_in_profit_is_no_risk_against_a_target() -> None:
    account = balanced("1")
    account.buy(1, "5000")
    assert account.orders(stop(-1, "5010"), limit(-1, "5020")).rules == ()
    assert account.orders(stop(-1, "5000"), limit(-1, "5000")).rules == ()


@pytest.mark.parametrize(
    "orders",
    [
        (stop(-1, "4000"),),
        (limit(-1, "5001"),),
        (stop(-1, "4000"), limit(1, "4999")),
        (stop(1, "5100"), limit(-1, "5001")),
        (stop_limit(-1, "4000", "3990"),),
        (stop(-1, "4000"), limit(-1, "5001", "ESH6")),
    ],
)
def test_without_a_stop_or_a_target_of_the_position_nothing_is_judged(orders: tuple[Any, ...]) -> None:
    account = balanced("1")
    account.buy(1, "5000")
    assert account.orders(*orders).rules == ()


def test_an_order_with_both_prices_is_a_stop() -> None:
    account = balanced("1")
    account.buy(1, "5000")
    said = account.orders(stop_limit(-1, "4000", "5500"), limit(-1, "5500"))
    assert said.figures == (1_000_000, 2_000_000)


def test_a_fill_is_judged_by_its_orders_with_the_cost_still_open() -> None:
    account = balanced("1")
    account.buy(2, "5000")
    account.orders(stop(-3, "4900"), limit(-3, "5100"))
    said = account.buy(1, "5030")
    assert said.figures == (1_000_000, 330 * 1_000_000 // 270)


def test_risk_comes_before_ratio_and_each_is_told_once_a_trade() -> None:
    both = Behaviour(max_risk_per_position=RiskCap(ratio("0.001")), stop_target_ratio=ratio("1"))
    account = life(both)
    account.buy(1, "5000")
    assert account.orders(stop(-1, "4000"), limit(-1, "5001")).rules == ("risk_per_position", "stop_target_ratio")
    assert account.orders(stop(-1, "3000"), limit(-1, "5001")).rules == ()
    account.sell(2, "5000")
    assert account.orders(stop(1, "6000"), limit(1, "4999")).rules == ("risk_per_position", "stop_target_ratio")


def test_the_risk_of_all_positions_comes_before_the_ratio_of_any() -> None:
    both = Behaviour(max_risk_per_position=RiskCap(ratio("0.001")), stop_target_ratio=ratio("1"))
    account = life(both)
    account.buy(1, "5000", "NQH6")
    account.buy(1, "5000", "ESH6")
    orders = [order for symbol in ("ESH6", "NQH6") for order in (stop(-1, "4000", symbol), limit(-1, "5001", symbol))]
    assert [(hit.rule, hit.evidence.symbol) for hit in account.orders(*orders).hits] == [
        ("risk_per_position", "NQH6"),
        ("risk_per_position", "ESH6"),
        ("stop_target_ratio", "NQH6"),
        ("stop_target_ratio", "ESH6"),
    ]


def test_the_order_of_the_behaviour_rules_on_one_fill() -> None:
    everything = Behaviour(
        stop_required=True,
        max_risk_per_position=RiskCap(ratio("0.001")),
        stop_target_ratio=ratio("1"),
        hedging="forbidden",
        hft=OrderRate(1),
        mae=AdverseExcursion(Ppm(1000), "initial"),
    )
    account = life(everything, times=Times(overnight=True, limit_up_down="forfeit_profit"))
    account.orders(stop(-1, "4900", "ESM6"), limit(-1, "5101", "ESM6"))
    account.mark("4990", symbol="ESM6")
    account.limit_move("ESM6")
    account.sell(2, "5000", "ESH6")
    said = account.buy(2, "5100", "ESM6")
    assert said.rules == (
        "limit_up_down",
        "hedging",
        "stop_required",
        "risk_per_position",
        "stop_target_ratio",
        "hft",
        "mae",
    )


def test_behaviour_that_strips_taints_its_trade() -> None:
    account = life(Behaviour(stop_required=True, outcome="strip_profit"))
    account.buy(1, "5000", "ESH6")
    assert account.sell(1, "5001", "ESH6").only(ProfitStripped).rule == "stop_required"
    assert account.day(WEDNESDAY).rules == ()
