"""Form 1099-NEC: from which yearly amount payouts to a US trader are reported. Not tax advice.

What counts is what was paid to the trader in the calendar year, not the profit of any account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from msgspec import Struct

from propfirm.domain.errors import NotFound
from propfirm.domain.money import Cents


class Threshold(Struct, frozen=True):
    """The least yearly amount that is reported, for payments of these years (both included)."""

    first_year: int
    last_year: int
    amount: Cents
    source: str


THRESHOLDS: Final = (
    Threshold(2020, 2025, Cents(600_00), "26 U.S.C. 6041, 6041A; Form 1099-NEC exists for payments from 2020 on"),
    Threshold(2026, 2026, Cents(2_000_00), "Public Law 119-21 section 70433: payments after 31 December 2025"),
)
"""From 2027 on the amount is indexed to inflation, in steps of 100 dollars, and is published year by year."""


class Reporting(Struct, frozen=True):
    """amount: what the form would say, the payouts received; form_issued: whether there is one."""

    amount: Cents
    form_issued: bool


@dataclass(eq=False)
class NoThreshold(NotFound):
    code = "tax.no-threshold"
    title = "No reporting threshold is known for this tax year"
    year: int


def threshold(year: int) -> Threshold:
    """The threshold of a tax year. Raises NoThreshold for years outside the table: it is never guessed."""
    for row in THRESHOLDS:
        if row.first_year <= year <= row.last_year:
            return row
    raise NoThreshold(year)


def reportable(
    payouts_received: Cents, least: Cents, comparison: Literal["gte", "gt"] = "gte", *, tax_withheld: bool = False
) -> Reporting:
    """Whether a US person's payouts of one year are reported on Form 1099-NEC.

    The statute says "or more" (``gte``); some firms publish "above" (``gt``). Where federal tax was withheld there is
    a form whatever the amount. payouts_received: gross of withholding and of fees netted out.
    """
    enough = payouts_received >= least if comparison == "gte" else payouts_received > least
    return Reporting(payouts_received, enough or tax_withheld)
