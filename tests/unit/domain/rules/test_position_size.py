"""Semantics page, section 6: position size, sub-caps, scaling tiers, working orders."""

from typing import Any, get_args

import pytest
from msgspec.structs import replace

from propfirm.domain.catalogue.program import Outcome, PositionLimit, Scaling, ScalingTier
from propfirm.domain.money import Ppm, usd
from propfirm.domain.rules.findings import Evidence
from tests.unit.domain.rules.life import MONDAY, TUESDAY, WEDNESDAY, Life, limit, loss, stage, stop, units


def life(position: PositionLimit | None = None, scaling: Scaling | None = None, **rules: Any) -> Life:
    one = Life(stage(loss("40000"), position=position, scaling=scaling, **rules))
    one.day(MONDAY)
    return one


def sized(most: str, **rule: Any) -> PositionLimit:
    return PositionLimit(**{"max": units(most), "include_working_orders": False, **rule})


# ---------------------------------------------------------------- position


def test_the_limit_itself_is_allowed_and_one_contract_more_is_not() -> None:
    account = life(sized("3"))
    assert account.buy(3, "5000", "ESH6").rules == ()
    said = account.buy(1, "5000", "ESH6")
    assert (said.hit.rule, said.hit.outcome, said.hit.decided) == ("position", "reject_order", False)
    assert said.evidence == Evidence(3_000_000, 4_000_000, "units", usd("50000"), usd("50000"), symbol="ESH6")


def test_contracts_of_all_symbols_count_together_by_their_weight() -> None:
    account = life(sized("1.5"))
    assert account.buy(1, "5000", "ESH6").rules == ()
    assert account.sell(5, "5000", "MESH6").rules == ()
    assert account.sell(1, "5000", "MESH6").figures == (1_500_000, 1_600_000)


def test_only_growth_can_be_a_hit() -> None:
    account = life(sized("3"))
    account.buy(5, "5000", "ESH6")
    assert account.sell(1, "5000", "ESH6").rules == ()
    assert account.sell(8, "5000", "ESH6").rules == ()
    assert account.sell(1, "5000", "ESH6").figures == (3_000_000, 5_000_000)


def test_each_growth_above_the_limit_is_a_hit_of_its_own() -> None:
    account = life(sized("3"))
    assert account.buy(4, "5000", "ESH6").rules == ("position",)
    assert account.buy(1, "5000", "ESH6").rules == ("position",)
    assert account.buy(1, "5000", "NQH6").evidence.symbol == "NQH6"


@pytest.mark.parametrize(
    ("weights", "symbol", "counted"),
    [
        ({}, "MESH6", 100_000),
        ({"micro": Ppm(200_000)}, "MESH6", 200_000),
        ({"MES": Ppm(300_000)}, "MESH6", 300_000),
        ({"MES": Ppm(300_000), "micro": Ppm(200_000)}, "MESH6", 300_000),
        ({"micro": Ppm(200_000)}, "ESH6", 1_000_000),
        ({"mini": Ppm(700_000)}, "ESH6", 700_000),
    ],
)
def test_a_weight_is_the_symbols_else_the_classs_else_the_contracts_own(
    weights: dict[str, Ppm], symbol: str, counted: int
) -> None:
    assert life(sized("0", weights=weights)).buy(1, "5000", symbol).figures == (0, counted)


def test_gross_both_sides_add_up_and_net_they_cancel_within_a_product() -> None:
    gross, net = life(sized("2")), life(sized("2", netting="net"))
    for account, rules in ((gross, ("position",)), (net, ())):
        account.buy(2, "5000", "ESH6")
        assert account.sell(2, "5000", "ESM6").rules == rules
    assert net.sell(10, "5000", "MESH6").rules == ()
    assert net.sell(10, "5000", "MESH6").rules == ()
    assert net.sell(1, "5000", "MESH6").figures == (2_000_000, 2_100_000)


def test_net_products_do_not_cancel_one_another() -> None:
    account = life(sized("2", netting="net"))
    account.buy(2, "5000", "ESH6")
    assert account.sell(1, "5000", "NQH6").figures == (2_000_000, 3_000_000)


def test_closing_one_side_of_a_net_position_can_be_growth() -> None:
    account = life(sized("2", netting="net"))
    account.buy(3, "5000", "ESH6")
    account.sell(3, "5000", "ESM6")
    assert account.buy(3, "5000", "ESM6").figures == (2_000_000, 3_000_000)


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_the_block_names_the_outcome(outcome: Outcome) -> None:
    assert life(sized("1", outcome=outcome)).buy(2, "5000", "ESH6").hit.outcome == outcome


# ---------------------------------------------------------------- sub-caps


def test_a_sub_cap_counts_the_contracts_of_its_symbol_or_class() -> None:
    account = life(sized("100", sub_caps={"MES": 5, "micro": 8}))
    assert account.buy(5, "5000", "MESH6").rules == ()
    assert account.buy(3, "10", "ODDH6").rules == ()
    said = account.buy(1, "10", "ODDH6")
    assert (said.hit.rule, said.hit.outcome) == ("sub_cap", "reject_order")
    assert said.evidence == Evidence(8, 9, "contracts", usd("50000"), usd("50000"), symbol="ODDH6", note="micro")
    both = account.sell(12, "5000", "MESH6")
    assert [(hit.evidence.note, hit.evidence.limit, hit.evidence.actual) for hit in both.hits] == [
        ("MES", 5, 7),
        ("micro", 8, 11),
    ]


def test_sub_caps_are_told_in_the_programs_order_after_the_position() -> None:
    account = life(sized("0.5", sub_caps={"micro": 1, "MES": 2}))
    said = account.buy(10, "5000", "MESH6")
    assert [(hit.rule, hit.evidence.note) for hit in said.hits] == [
        ("position", ""),
        ("sub_cap", "micro"),
        ("sub_cap", "MES"),
    ]


def test_a_sub_cap_is_neither_netted_nor_weighted() -> None:
    account = life(sized("100", sub_caps={"MES": 5}, netting="net", weights={"MES": Ppm(1)}))
    account.buy(3, "5000", "MESH6")
    assert account.sell(3, "5000", "MESM6").figures == (5, 6)


def test_a_sub_cap_is_not_hit_by_fewer_contracts_or_by_others() -> None:
    account = life(sized("100", sub_caps={"MES": 5}))
    account.buy(7, "5000", "MESH6")
    assert account.sell(1, "5000", "MESH6").rules == ()
    assert account.buy(9, "5000", "ESH6").rules == ()
    assert account.sell(12, "5000", "MESH6").rules == ()


def test_a_limit_of_eight_micros_needs_no_weights() -> None:
    account = life(sized("8", unit="micro"))
    assert account.buy(8, "5000", "MESH6").rules == ()
    assert account.buy(1, "5000", "MESH6").figures == (8_000_000, 9_000_000)
    account = life(sized("8", unit="micro"))
    assert account.buy(1, "5000", "ESH6").figures == (8_000_000, 10_000_000)


# ---------------------------------------------------------------- working orders


def with_orders(most: str, **rule: Any) -> Life:
    return life(PositionLimit(max=units(most), **rule))


def test_working_orders_count_as_the_most_that_they_can_lead_to() -> None:
    account = with_orders("3")
    account.buy(2, "5000", "ESH6")
    assert account.orders(limit(1, "4990", "ESH6"), stop(-5, "4980", "ESH6")).rules == ()
    said = account.orders(limit(1, "4990", "ESH6"), limit(1, "4985", "ESH6"))
    assert said.figures == (3_000_000, 4_000_000)
    assert said.evidence.symbol == ""


def test_orders_that_turn_the_position_round_count_on_the_other_side() -> None:
    account = with_orders("3")
    account.buy(2, "5000", "ESH6")
    assert account.orders(stop(-5, "4980", "ESH6")).rules == ()
    assert account.orders(stop(-6, "4980", "ESH6")).figures == (3_000_000, 4_000_000)
    account = with_orders("3")
    account.sell(2, "5000", "ESH6")
    assert account.orders(limit(-1, "5010", "ESH6"), stop(2, "5020", "ESH6")).rules == ()
    assert account.orders(limit(-2, "5010", "ESH6")).figures == (3_000_000, 4_000_000)


def test_an_order_in_a_symbol_that_is_not_held_counts_alone() -> None:
    account = with_orders("3")
    account.buy(2, "5000", "ESH6")
    assert account.orders(limit(1, "100", "NQH6"), limit(-1, "110", "NQH6")).rules == ()
    assert account.orders(limit(2, "100", "NQH6")).figures == (3_000_000, 4_000_000)


def test_an_order_in_a_contract_that_the_terms_do_not_know_counts_nothing() -> None:
    account = with_orders("1")
    stranger = limit(1, "100", "NQH6")
    assert account.orders(replace(stranger, root="PL", quantity=50)).rules == ()
    assert account.orders(replace(stranger, root="PL"), limit(2, "100", "NQH6")).figures == (1_000_000, 2_000_000)


def test_fewer_orders_are_never_a_hit_and_the_same_again_neither() -> None:
    account = with_orders("3")
    five = limit(5, "4990", "ESH6")
    assert account.orders(five).rules == ("position",)
    assert account.orders(five).rules == ()
    assert account.orders(limit(4, "4990", "ESH6")).rules == ()
    assert account.orders().rules == ()
    assert account.orders(limit(4, "4990", "ESH6")).rules == ("position",)


def test_a_fill_is_judged_with_the_orders_that_still_work() -> None:
    account = with_orders("3")
    account.orders(limit(2, "4990", "ESH6"))
    assert account.buy(1, "5000", "ESH6").rules == ()
    assert account.buy(1, "5000", "ESH6").figures == (3_000_000, 4_000_000)


def test_a_fill_after_which_less_can_come_about_than_before_is_no_hit() -> None:
    account = with_orders("3")
    account.buy(1, "5000", "ESH6")
    assert account.orders(limit(5, "4990", "ESH6")).figures == (3_000_000, 6_000_000)
    assert account.sell(1, "5000", "ESH6").rules == ()


def test_orders_are_ignored_where_the_program_does_not_count_them() -> None:
    account = life(sized("3", sub_caps={"ES": 1}))
    assert account.orders(limit(9, "4990", "ESH6")).rules == ()
    assert account.buy(1, "5000", "ESH6").rules == ()


def test_orders_count_against_sub_caps_too() -> None:
    account = with_orders("30", sub_caps={"ES": 2})
    said = account.orders(limit(3, "4990", "ESH6"))
    assert (said.hit.rule, said.figures, said.evidence.symbol) == ("sub_cap", (2, 3), "")


def test_net_orders_count_per_product_with_their_weight() -> None:
    account = with_orders("2", netting="net")
    account.buy(3, "5000", "ESH6")
    account.sell(10, "5000", "MESH6")  # net two
    assert account.orders(limit(-10, "5000", "MESH6")).rules == ()
    assert account.orders(limit(10, "5000", "MESH6"), stop(-40, "5000", "MESH6")).figures == (2_000_000, 3_000_000)
    assert account.orders(stop(-5, "5000", "ESH6")).rules == ()
    assert account.orders(stop(-6, "5000", "ESH6")).figures == (2_000_000, 4_000_000)


# ---------------------------------------------------------------- scaling


def tiers(**rule: Any) -> Scaling:
    steps = (
        ScalingTier(usd("0"), units("2")),
        ScalingTier(usd("1500"), units("3")),
        ScalingTier(usd("3000"), units("5")),
    )
    return Scaling(steps, **rule)


@pytest.mark.parametrize(
    ("edge", "profit", "most"),
    [
        ("gte", "1499.999999", "2"),
        ("gte", "1500", "3"),
        ("gte", "3000", "5"),
        ("gt", "1500", "2"),
        ("gt", "1500.000001", "3"),
        ("gt", "3000", "3"),
        ("gte", "-4000", "2"),
        ("gt", "99999", "5"),
    ],
)
def test_the_evenings_profit_chooses_the_tier_of_the_next_day(edge: str, profit: str, most: str) -> None:
    account = life(scaling=tiers(edge=edge))
    account.earn(profit)
    account.snapshot()
    assert account.state.core.tier == units("2")
    account.day(TUESDAY)
    assert account.state.core.tier == units(most)
    assert account.buy(int(most), "5000", "ESH6").rules == ()
    said = account.buy(1, "5000", "ESH6")
    assert (said.hit.rule, said.hit.outcome) == ("scaling", "reject_order")
    assert said.figures == (units(most), units(most) + 1_000_000)
    assert (said.evidence.unit, said.evidence.symbol) == ("units", "ESH6")


def test_the_tier_goes_down_as_it_goes_up_and_a_day_without_snapshot_keeps_it() -> None:
    account = life(scaling=tiers())
    account.earn("3100")
    account.rolls(TUESDAY)
    assert account.state.core.tier == units("5")
    account.earn("-200")
    account.day(WEDNESDAY)
    assert account.state.core.tier == units("5")
    account.rolls("2026-01-08")
    assert account.state.core.tier == units("3")


def test_a_payout_lowers_the_figure_that_the_tier_is_chosen_by() -> None:
    account = life(scaling=tiers())
    account.earn("3100")
    account.adjusts("-200")
    account.rolls(TUESDAY)
    assert account.state.core.tier == units("3")


def test_tiers_may_go_by_the_balance_and_before_the_first_evening_by_the_start() -> None:
    by_balance = Scaling(
        (
            ScalingTier(usd("0"), units("1")),
            ScalingTier(usd("50000"), units("4")),
            ScalingTier(usd("51000"), units("6")),
        ),
        metric="balance",
    )
    account = life(scaling=by_balance)
    assert account.state.core.tier == units("4")
    account.earn("1000")
    account.rolls(TUESDAY)
    assert account.state.core.tier == units("6")
    assert life(scaling=by_balance, zero_based=True).state.core.tier == units("1")


def test_below_every_tier_the_first_one_holds() -> None:
    high = Scaling((ScalingTier(usd("500"), units("1")), ScalingTier(usd("900"), units("2"))))
    assert life(scaling=high).state.core.tier == units("1")


def test_scaling_counts_gross_with_own_weights_and_fills_where_there_is_no_position_block() -> None:
    account = life(scaling=tiers())
    account.buy(1, "5000", "ESH6")
    assert account.orders(limit(9, "4990", "ESH6")).rules == ()
    assert account.sell(10, "5000", "MESH6").rules == ()
    assert account.sell(1, "5000", "MESH6").figures == (2_000_000, 2_100_000)
    assert account.buy(1, "5000", "MESH6").rules == ()


def test_with_a_position_block_scaling_counts_and_answers_as_that_does() -> None:
    block = PositionLimit(max=units("4"), netting="net", outcome="lock_day")
    account = life(block, tiers())
    account.buy(2, "5000", "ESH6")
    said = account.orders(limit(1, "4990", "ESH6"))
    assert (said.hit.rule, said.hit.outcome, said.figures) == ("scaling", "lock_day", (2_000_000, 3_000_000))
    assert account.orders(limit(3, "4990", "ESH6")).rules == ("position", "scaling")


def test_only_growth_above_the_tier_is_a_hit() -> None:
    account = life(scaling=tiers())
    account.buy(4, "5000", "ESH6")
    assert account.sell(1, "5000", "ESH6").rules == ()
    assert account.sell(6, "5000", "ESH6").rules == ()
    assert account.sell(1, "5000", "ESH6").rules == ("scaling",)


def test_a_tier_that_fell_below_what_is_held_is_no_hit_by_itself() -> None:
    account = life(scaling=tiers())
    account.earn("3100")
    account.rolls(TUESDAY)
    account.buy(5, "5000", "ESH6")
    account.adjusts("-3000")
    said = account.rolls(WEDNESDAY)
    assert (said.rules, account.state.core.tier) == ((), units("2"))
    assert account.sell(1, "5000", "ESH6").rules == ()
