from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.catalogue.program import Consistency
from propfirm.domain.money import MICROS_PER_DOLLAR, ONE, Cents, Micros, Ppm, half_up, ratio, usd
from propfirm.domain.rules.consistency import (
    DayRange,
    cap_in_force,
    compliant_days,
    extended_target,
    headroom_today,
    least_total,
    max_best,
    max_compliant_day,
    met,
    required_total,
    share,
    shortfall,
)

Cmp = Literal["lte", "lt"]

caps = st.integers(1, ONE - 1).map(Ppm)
profits = st.integers(1, 10**12).map(Micros)
comparisons: st.SearchStrategy[Cmp] = st.sampled_from(("lte", "lt"))


@pytest.mark.parametrize(
    ("best", "total", "cap", "percent", "passes"),
    [
        ("2900.00", "4550.00", "0.5", 63_74, False),  # Apex 4.0, fundeddeck.com
        ("1470.00", "3120.00", "0.5", 47_12, True),  # Apex 4.0, fundeddeck.com
        ("1500.00", "1500.00", "0.4", 100_00, False),  # FundedNext help centre, days 1 to 4
        ("1500.00", "2700.00", "0.4", 55_56, False),
        ("1800.00", "4500.00", "0.4", 40_00, True),
        ("5200.00", "9700.00", "0.4", 53_61, False),
        ("1000.00", "2500.00", "0.2", 40_00, False),  # Top One Futures
        ("400.00", "2500.00", "0.2", 16_00, True),
        ("600.00", "3000.00", "0.25", 20_00, True),
    ],
)
def test_published_shares_are_judged_as_published(best: str, total: str, cap: str, percent: int, passes: bool) -> None:
    assert share(usd(best), usd(total)) == percent
    assert met(usd(best), usd(total), ratio(cap), "lte") is passes


@pytest.mark.parametrize(
    ("best", "cap", "required"),
    [
        ("2900.00", "0.5", 5_800_00),
        ("1000.00", "0.2", 5_000_00),
        ("2000.00", "0.3", 6_666_67),
        ("300.00", "0.2", 1_500_00),
        ("500.00", "0.25", 2_000_00),
        ("3500.00", "0.35", 10_000_00),
    ],
)
def test_published_required_totals_come_out_to_the_cent(best: str, cap: str, required: int) -> None:
    assert required_total(usd(best), ratio(cap)) == Cents(required)


def test_a_share_exactly_at_the_cap_is_within_lte_and_outside_lt() -> None:
    assert met(usd("400"), usd("1000"), ratio("0.4"), "lte")
    assert not met(usd("400"), usd("1000"), ratio("0.4"), "lt")
    assert met(Micros(399_999_999), usd("1000"), ratio("0.4"), "lt")
    assert not met(Micros(400_000_001), usd("1000"), ratio("0.4"), "lte")


def test_without_profit_the_rule_is_not_met_and_has_no_share() -> None:
    assert not met(Micros(0), Micros(0), ratio("0.5"), "lte")
    assert not met(usd("10"), usd("-1"), ratio("0.5"), "lte")
    assert met(Micros(0), Micros(1), ratio("0.5"), "lt")
    assert met(usd("-5"), Micros(1), ratio("0.5"), "lt")
    assert met(Micros(0), usd("1"), Ppm(0), "lt")
    assert not met(Micros(1), Micros(1), ratio("0.5"), "lte")
    assert share(usd("10"), Micros(0)) is None
    assert share(usd("10"), usd("-10")) is None
    assert share(Micros(1), Micros(1)) == 100_00


def test_the_target_can_stand_in_place_of_the_total() -> None:
    assert met(usd("400"), usd("500"), ratio("0.4"), "lte", target=usd("1000"))
    assert not met(usd("400.01"), usd("5000"), ratio("0.4"), "lte", target=usd("1000"))
    assert not met(usd("400"), usd("500"), ratio("0.4"), "lt", target=usd("1000"))
    assert not met(usd("400"), usd("-500"), ratio("0.4"), "lte", target=usd("1000"))


def test_the_shortfall_is_what_the_required_total_lacks() -> None:
    assert shortfall(usd("2900"), usd("4550"), ratio("0.5")) == Cents(1_250_00)
    assert shortfall(usd("2000"), usd("6000"), ratio("0.3")) == Cents(666_67)
    assert shortfall(usd("1470"), usd("3120"), ratio("0.5")) == 0
    assert shortfall(usd("500"), usd("1000"), ratio("0.5")) == 0


def test_the_headroom_of_a_published_day_comes_out() -> None:
    # fundeddeck.com: 1,650 before today, 1,470 today, 50 %.
    assert headroom_today(usd("1650"), usd("1470"), ratio("0.5")) == usd("180")
    assert headroom_today(usd("1650"), usd("1700"), ratio("0.5")) == usd("-50")
    assert headroom_today(usd("1650"), usd("1470"), ratio("0.5"), "lt") == Micros(179_999_999)
    assert headroom_today(usd("1650"), usd("1470"), ONE) is None


@pytest.mark.parametrize(("prior", "dollars"), [("1000", 429), ("2500", 1071), ("5000", 2143)])
def test_published_largest_compliant_days_come_out_to_the_dollar(prior: str, dollars: int) -> None:
    most = max_compliant_day(usd(prior), ratio("0.3"))  # copilink.com, published in whole dollars
    assert most is not None
    assert half_up(most, MICROS_PER_DOLLAR) == dollars


def test_a_cap_of_the_whole_profit_limits_no_day_unless_it_must_stay_below() -> None:
    assert max_compliant_day(usd("100"), ONE) is None
    assert max_compliant_day(Micros(0), ONE) is None
    assert max_compliant_day(usd("-100"), ONE) == 0  # a win after a loss is more than the whole profit
    assert max_compliant_day(usd("100"), Ppm(ONE + 1), "lt") is None
    assert max_compliant_day(usd("100"), ONE, "lt") is None
    assert max_compliant_day(Micros(1), ONE, "lt") is None
    assert max_compliant_day(Micros(0), ONE, "lt") == 0


def test_the_largest_day_under_a_strict_cap_leaves_a_micro_dollar() -> None:
    assert max_compliant_day(usd("1000"), ratio("0.5"), "lte") == usd("1000")
    assert max_compliant_day(usd("1000"), ratio("0.5"), "lt") == Micros(999_999_999)
    assert max_compliant_day(usd("1000"), ratio("0.3"), "lt") == max_compliant_day(usd("1000"), ratio("0.3"))
    assert max_best(usd("1000"), ratio("0.4")) == usd("400")
    assert max_best(usd("1000"), ratio("0.4"), "lt") == Micros(399_999_999)
    assert max_best(Micros(7), ratio("0.5"), "lt") == 3
    assert max_best(Micros(7), ratio("0.5"), "lte") == 3


def test_excess_over_the_cap_raises_the_target_as_published() -> None:
    # The Trading Pit: target 1,000, no day above 40 % of it; days of 450, 300, 350.
    target = usd("1000")
    seen = []
    for day in ("450", "300", "350"):
        target = extended_target(target, usd(day), ratio("0.4"), "extend_excess")
        seen.append(target)
    assert seen == [usd("1050"), usd("1050"), usd("1050")]
    assert max_best(usd("1050"), ratio("0.4")) == usd("420")
    assert extended_target(usd("1050"), usd("420"), ratio("0.4"), "extend_excess") == usd("1050")
    assert extended_target(usd("1050"), usd("420.01"), ratio("0.4"), "extend_excess") == usd("1050.01")


def test_a_day_over_the_cap_can_set_the_target_to_what_it_needs() -> None:
    assert extended_target(usd("1000"), usd("450"), ratio("0.4"), "extend_ratio") == usd("1125")
    assert extended_target(usd("1125"), usd("400"), ratio("0.4"), "extend_ratio") == usd("1125")
    assert extended_target(Micros(1), Micros(1), ratio("0.3"), "extend_ratio") == 4


def test_a_rule_that_blocks_extends_nothing_and_a_losing_day_neither() -> None:
    assert extended_target(usd("1000"), usd("900"), ratio("0.4"), "block") == usd("1000")
    assert extended_target(usd("-5"), usd("-1"), ratio("0.4"), "extend_excess") == usd("-5")
    assert extended_target(usd("-5"), Micros(0), ratio("0.4"), "extend_ratio") == usd("-5")


def test_the_smallest_remainder_counts() -> None:
    assert least_total(Micros(1), Ppm(3), "lte") == 333_334
    assert max_compliant_day(Micros(1), Ppm(1), "lt") == 0
    assert max_best(Micros(1), Ppm(1), "lt") == 0


@given(best=profits, cap=caps, cmp=comparisons)
def test_the_least_total_is_met_and_a_micro_dollar_less_is_not(best: Micros, cap: Ppm, cmp: Cmp) -> None:
    total = least_total(best, cap, cmp)
    assert met(best, total, cap, cmp)
    assert not met(best, Micros(total - 1), cap, cmp)


@given(total=profits, cap=caps, cmp=comparisons)
def test_the_largest_best_day_is_met_and_a_micro_dollar_more_is_not(total: Micros, cap: Ppm, cmp: Cmp) -> None:
    best = max_best(total, cap, cmp)
    assert met(best, total, cap, cmp)
    assert not met(Micros(best + 1), total, cap, cmp)
    assert met(best, total, cap, cmp, target=total)


@given(prior=profits, cap=caps, cmp=comparisons)
def test_the_largest_compliant_day_complies_and_one_more_does_not(prior: Micros, cap: Ppm, cmp: Cmp) -> None:
    day = max_compliant_day(prior, cap, cmp)
    assert day is not None
    assert met(day, Micros(prior + day), cap, cmp)
    assert not met(Micros(day + 1), Micros(prior + day + 1), cap, cmp)


@pytest.mark.parametrize(
    ("consistency", "caps"),
    [
        (Consistency(cap=ratio("0.4")), [400_000, 400_000, 400_000]),
        (Consistency(caps_by_payout=(ratio("0.2"), ratio("0.3"))), [200_000, 300_000, 300_000]),
        (Consistency(cap=ratio("0.4"), caps_by_payout=(ratio("0.2"),)), [200_000, 200_000, 200_000]),
        (Consistency(cap=ratio("0.4"), until_payout_no=1), [400_000, None, None]),
        (Consistency(), [None, None, None]),
    ],
)
def test_the_cap_of_the_next_payout(consistency: Consistency, caps: list[int | None]) -> None:
    assert [cap_in_force(consistency, payouts) for payouts in (0, 1, 2)] == caps


@pytest.mark.parametrize(
    ("prior", "best", "least", "most"),
    [
        ("3000", "1000", "-500", "2000"),  # met already: today may even lose
        ("1000", "600", "500", "666.666666"),
        ("3000", "3000", None, None),  # 7,500 in all would do, but no day of 4,500 is within 40 % of it
        ("0", "0", None, None),  # a first day is all of its profit
        ("-400", "0", None, None),
    ],
)
def test_what_today_may_bring_leaves_a_positive_total_within_the_cap(
    prior: str, best: str, least: str | None, most: str | None
) -> None:
    days = compliant_days(usd(prior), usd(best), ratio("0.4"), "lte")
    assert days == (None if least is None or most is None else DayRange(usd(least), usd(most)))


def test_against_a_target_today_may_bring_its_share_of_the_target_once_there_is_profit() -> None:
    def days(prior: str, best: str) -> DayRange | None:
        return compliant_days(usd(prior), usd(best), ratio("0.5"), "lte", target=usd("3000"))

    assert days("-400", "100") == DayRange(Micros(usd("400") + 1), usd("1500"))
    assert days("2000", "1500.01") is None
    assert days("-1500", "0") is None


@given(st.integers(-60, 60), st.integers(-40, 60), st.integers(1, 11), comparisons, st.sampled_from((None, 0, 7, 20)))
def test_a_day_is_compliant_exactly_where_the_rule_is_met_with_it(
    prior: int, best: int, tenths: int, cmp: Cmp, target: int | None
) -> None:
    cap, whole = Ppm(tenths * 100_000), None if target is None else Micros(target)
    if tenths > 10:
        cap = ONE
    days = compliant_days(Micros(prior), Micros(best), cap, cmp, target=whole)
    for today in range(-150, 400):
        inside = days is not None and days.least <= today and (days.most is None or today <= days.most)
        is_met = met(Micros(max(best, today)), Micros(prior + today), cap, cmp, target=whole)
        assert inside is is_met
