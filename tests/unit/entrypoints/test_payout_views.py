"""How a payout's missing conditions are shown: in the units that people read."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from propfirm.domain.payouts.conditions import Condition, Measure
from propfirm.domain.payouts.ways import GoFlat
from propfirm.entrypoints.views.payouts import unmet_view

DAY = date(2027, 4, 14)
SHOWN = [
    ("usd", 50_000_010_000, "usd", "50000.01"),
    ("share", 400_000, "ratio", "0.4"),
    ("days", 5, "days", "5"),
    ("count", 2, "count", "2"),
    ("date", DAY.toordinal(), "date", "2027-04-14"),
]


@pytest.mark.parametrize(("measure", "figure", "unit", "shown"), SHOWN)
def test_a_figure_is_shown_in_its_unit(measure: Measure, figure: int, unit: str, shown: str) -> None:
    view = unmet_view(Condition("profit", GoFlat(), figure, figure, measure))
    assert (view.unit, view.limit, view.actual) == (unit, shown, shown)


def test_every_measure_is_shown() -> None:
    assert {measure for measure, *_ in SHOWN} == set(get_args(Measure))


def test_a_condition_without_a_figure_has_none() -> None:
    view = unmet_view(Condition("open_position", GoFlat()))
    assert (view.condition, view.limit, view.actual) == ("open_position", None, None)
