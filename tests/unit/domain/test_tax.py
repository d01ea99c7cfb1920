import pytest

from propfirm.domain.money import Cents
from propfirm.domain.tax import NoThreshold, Reporting, reportable, threshold


def test_topstep_reports_the_payouts_and_not_the_profit_as_published() -> None:
    # Topstep help centre: 5,000 earned on the account, 1,000 paid out, above 600.
    assert reportable(Cents(1_000_00), Cents(600_00), "gt") == Reporting(Cents(1_000_00), form_issued=True)


def test_the_threshold_itself_is_reported_by_statute_and_not_above_it() -> None:
    assert reportable(Cents(600_00), Cents(600_00)).form_issued
    assert not reportable(Cents(600_00), Cents(600_00), "gt").form_issued
    assert reportable(Cents(600_01), Cents(600_00), "gt").form_issued
    assert reportable(Cents(599_99), Cents(600_00)) == Reporting(Cents(599_99), form_issued=False)


def test_withheld_tax_makes_a_form_whatever_the_amount() -> None:
    assert reportable(Cents(1), Cents(600_00), tax_withheld=True) == Reporting(Cents(1), form_issued=True)


@pytest.mark.parametrize(("year", "amount"), [(2020, 600_00), (2025, 600_00), (2026, 2_000_00)])
def test_the_threshold_depends_on_the_tax_year(year: int, amount: int) -> None:
    row = threshold(year)
    assert row.amount == amount
    assert row.source
    assert row.first_year <= year <= row.last_year


@pytest.mark.parametrize("year", [2019, 2027])
def test_a_threshold_that_is_not_known_is_not_guessed(year: int) -> None:
    with pytest.raises(NoThreshold) as refusal:
        threshold(year)
    assert refusal.value.year == year
