from collections.abc import Sequence

import pytest

from propfirm.domain.catalogue.program import Transfer
from propfirm.domain.money import usd
from propfirm.domain.payouts.transfer import (
    Discretionary,
    Lacking,
    NotYet,
    Record,
    SimFunded,
    Transferable,
    assess,
)


def accounts(*pairs: tuple[str, str]) -> tuple[SimFunded, ...]:
    return tuple(SimFunded(usd(balance), usd(size)) for balance, size in pairs)


@pytest.mark.parametrize(
    ("held", "live"),
    [
        ([("180000", "150000")], "150000"),
        ([("30000", "50000")] * 3, "50000"),
        ([("12000", "50000")] * 4, "48000"),
        ([("85000", "100000")], "85000"),
        ([("50000", "150000"), ("25000", "50000")], "75000"),
    ],
)
def test_topstep_starts_live_with_the_published_balances(held: Sequence[tuple[str, str]], live: str) -> None:
    assert assess(Transfer("min_sum_largest"), Record(accounts(*held))) == Transferable(usd(live))


TRADEDAY = Transfer("net_profit", min=usd("1000"), assessed_at=usd("5000"))


def test_tradeday_moves_the_net_profit_as_published() -> None:
    record = Record(gross_profit=usd("5000"), withdrawals=usd("1500"))
    assert assess(TRADEDAY, record) == Transferable(usd("3500"))


def test_the_assessment_waits_for_the_gross_profit() -> None:
    record = Record(gross_profit=usd("4999.99"), withdrawals=usd("1500"))
    assert assess(TRADEDAY, record) == NotYet((Lacking("gross_profit", usd("5000"), usd("4999.99")),))


def test_less_than_the_minimum_is_not_moved_and_the_minimum_is() -> None:
    least = Record(gross_profit=usd("5000"), withdrawals=usd("4000"))
    assert assess(TRADEDAY, least) == Transferable(usd("1000"))
    less = Record(gross_profit=usd("5000"), withdrawals=usd("4000.01"))
    assert assess(TRADEDAY, less) == NotYet((Lacking("transferable", usd("1000"), usd("999.99")),))


def test_nothing_is_no_live_balance() -> None:
    assert assess(Transfer("min_sum_largest"), Record()) == NotYet((Lacking("transferable", 1, 0),))
    assert assess(Transfer("net_profit"), Record()) == NotYet((Lacking("transferable", 1, 0),))


def test_everything_missing_is_told_at_once_in_order() -> None:
    rule = Transfer("net_profit", min=usd("1000"), assessed_at=usd("5000"), after_payouts=4)
    assert assess(rule, Record(gross_profit=usd("10"), payouts=3)) == NotYet(
        (
            Lacking("payouts", 4, 3),
            Lacking("gross_profit", usd("5000"), usd("10")),
            Lacking("transferable", usd("1000"), usd("10")),
        )
    )


def test_the_firm_decides_after_four_payouts() -> None:
    rule = Transfer("discretion", after_payouts=4)
    assert assess(rule, Record(payouts=3)) == NotYet((Lacking("payouts", 4, 3),))
    assert assess(rule, Record(payouts=4)) == Discretionary()
