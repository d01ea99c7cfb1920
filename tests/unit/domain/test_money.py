"""Amounts and rates, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.money import (
    MICROS_PER_CENT,
    MICROS_PER_DOLLAR,
    MONEY_MAX,
    ONE,
    Cents,
    Micros,
    Ppm,
    exact,
    from_cents,
    half_up,
    parse_scaled,
    portion,
    ratio,
    show,
    show_apart,
    show_least,
    show_most,
    show_rate,
    to_cents,
    usd,
)

amounts = st.integers(-MONEY_MAX, MONEY_MAX).map(Micros)
rates = st.integers(0, 2 * ONE).map(Ppm)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2000", 2_000_000_000),
        ("2000.00", 2_000_000_000),
        ("-1.5", -1_500_000),
        ("+0.000001", 1),
        ("0.000001000", 1),
        ("-0", 0),
        ("007.5", 7_500_000),
        ("999999999999999999", 999_999_999_999_999_999_000_000),
        ("1." + "0" * 18, 1_000_000),
    ],
)
def test_dollars_are_read_to_the_micro_dollar(text: str, micros: int) -> None:
    assert usd(text) == micros
    assert ratio(text) == micros


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ".5",
            "5.",
            "1e3",
            "1_000",
            "1,000",
            " 1",
            "1 ",
            "1\n",
            "--1",
            "+-1",
            "NaN",
            "inf",
            "0x1",
            "٣",
            "1.٣",
            "$1",
        ),
        *("1" * 19, "1." + "0" * 19),
    ],
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a plain decimal number") as refusal:
        usd(text)
    assert repr(text) in str(refusal.value)


def test_more_digits_than_there_are_places_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^'0\.0000001' has more than 6 digits after the point$"):
        usd("0.0000001")
    with pytest.raises(ValueError, match=r"^'1\.05' has more than 1 digits after the point$"):
        parse_scaled("1.05", 1)
    assert parse_scaled("1.50", 1) == 15
    assert parse_scaled("3.0", 0) == 3
    assert parse_scaled("-12", 3) == -12_000


@pytest.mark.parametrize(
    ("amount", "rate", "part"),
    [
        (10, 333_333, 3),
        (-10, 333_333, -4),
        (-1, 1, -1),
        (1, 999_999, 0),
        (7, 1_000_000, 7),
        (7, 0, 0),
        (3, 1_500_000, 4),
    ],
)
def test_a_portion_is_rounded_toward_minus_infinity(amount: int, rate: int, part: int) -> None:
    assert portion(Micros(amount), Ppm(rate)) == part


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (5, 10, 1),
        (4, 10, 0),
        (-5, 10, -1),
        (-4, 10, 0),
        (15, 10, 2),
        (-15, 10, -2),
        (14, 10, 1),
        (1, 3, 0),
        (2, 3, 1),
        (0, 7, 0),
    ],
)
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert half_up(numerator, denominator) == rounded


@pytest.mark.parametrize(("micros", "cents"), [(10_000, 1), (9_999, 0), (-1, -1), (-10_000, -1), (-10_001, -2), (0, 0)])
def test_what_leaves_the_account_is_rounded_down_to_the_cent(micros: int, cents: int) -> None:
    assert to_cents(Micros(micros)) == cents


def test_cents_become_micro_dollars_without_loss() -> None:
    assert from_cents(Cents(-123)) == -1_230_000
    assert MICROS_PER_DOLLAR == 100 * MICROS_PER_CENT


@pytest.mark.parametrize(
    ("micros", "shown"),
    [
        (1_234_567_890, "1,234.57"),
        (-1_234_565_000, "-1,234.57"),
        (1_234_564_999, "1,234.56"),
        (0, "0.00"),
        (-4_999, "0.00"),
        (-5_000, "-0.01"),
        (50_000, "0.05"),
        (1_000_000_000_000, "1,000,000.00"),
    ],
)
def test_people_see_two_places(micros: int, shown: str) -> None:
    assert show(Micros(micros)) == shown


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (1_234_567_800, "1234.5678"),
        (-1, "-0.000001"),
        (0, "0.00"),
        (1_500_000, "1.50"),
        (-2_000_000, "-2.00"),
        (10, "0.00001"),
    ],
)
def test_machines_see_two_places_or_as_many_as_are_needed(micros: int, text: str) -> None:
    assert exact(Micros(micros)) == text


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (40_000, "4 %"),
        (12_500, "1.25 %"),
        (-12_500, "-1.25 %"),
        (1, "0.0001 %"),
        (0, "0 %"),
        (1_000_000, "100 %"),
        (100_500, "10.05 %"),
    ],
)
def test_rates_are_shown_in_per_cent(rate: int, shown: str) -> None:
    assert show_rate(Ppm(rate)) == shown


@given(amounts)
def test_the_exact_text_of_an_amount_is_read_back(amount: Micros) -> None:
    assert usd(exact(amount)) == amount


@given(amounts, rates)
def test_a_portion_is_never_more_than_exact_and_never_a_micro_dollar_less(amount: Micros, rate: Ppm) -> None:
    part = portion(amount, rate)
    assert part * ONE <= amount * rate < (part + 1) * ONE


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_rounding_to_the_nearest_is_off_by_half_at_most_and_has_no_side(numerator: int, denominator: int) -> None:
    rounded = half_up(numerator, denominator)
    assert 2 * abs(rounded * denominator - numerator) <= denominator
    assert half_up(-numerator, denominator) == -rounded


@given(amounts)
def test_an_amount_in_cents_is_at_most_a_cent_too_small(amount: Micros) -> None:
    assert 0 <= amount - from_cents(to_cents(amount)) < MICROS_PER_CENT


@pytest.mark.parametrize(
    ("micros", "most", "least"),
    [
        (2_666_666_666, "2,666.66", "2,666.67"),
        (2_666_660_000, "2,666.66", "2,666.66"),
        (-4_000, "-0.01", "0.00"),
        (0, "0.00", "0.00"),
    ],
)
def test_what_may_be_done_is_rounded_down_and_what_must_be_reached_up(micros: int, most: str, least: str) -> None:
    assert (show_most(Micros(micros)), show_least(Micros(micros))) == (most, least)


@given(amounts)
def test_following_the_shown_figure_is_allowed_and_enough(amount: Micros) -> None:
    most, least = (usd(shown(amount).replace(",", "")) for shown in (show_most, show_least))
    assert most <= amount <= least
    assert least - most in (0, MICROS_PER_CENT)


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (47_999_996_000, 48_000_000_000, ("47,999.996", "48,000.00")),
        (47_990_000_000, 48_000_000_000, ("47,990.00", "48,000.00")),
        (48_000_000_000, 48_000_000_000, ("48,000.00", "48,000.00")),
        (-500_000, -499_999, ("-0.50", "-0.499999")),
    ],
)
def test_amounts_that_are_compared_never_look_alike(one: int, other: int, shown: tuple[str, str]) -> None:
    assert show_apart(Micros(one), Micros(other)) == shown


@given(amounts, amounts)
def test_amounts_that_differ_are_shown_differently(one: Micros, other: Micros) -> None:
    shown = show_apart(one, other)
    assert (shown[0] == shown[1]) == (one == other)
