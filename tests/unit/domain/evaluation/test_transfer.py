"""With how much a live stage starts. The cases of min_sum_largest are Topstep's own examples (help article 10657969)."""

from __future__ import annotations

from uuid import UUID

import pytest

from propfirm.domain.catalogue.program import Transfer
from propfirm.domain.evaluation.facts import AccountId
from propfirm.domain.evaluation.transfer import Source, gross_profit, live_balance
from propfirm.domain.money import usd


def source(balance: str, size: str, gross: str = "0", withdrawn: str = "0") -> Source:
    return Source(AccountId(UUID(int=1)), usd(size), usd(balance), usd(gross), usd(withdrawn))


@pytest.mark.parametrize(
    ("accounts", "live"),
    [
        ([("180000", "150000")], "150000"),
        ([("85000", "100000")], "85000"),
        ([("30000", "50000")] * 3, "50000"),
        ([("12000", "50000")] * 4, "48000"),
        ([("50000", "150000"), ("25000", "50000")], "75000"),
    ],
)
def test_the_balances_go_live_up_to_the_largest_account(accounts: list[tuple[str, str]], live: str) -> None:
    together = tuple(source(balance, size) for balance, size in accounts)
    assert live_balance(Transfer("min_sum_largest"), together) == usd(live)


def test_profit_less_withdrawals_goes_live() -> None:
    together = (source("0", "50000", "6000", "1500"), source("0", "50000", "500", "100"))
    assert live_balance(Transfer("net_profit", usd("1000")), together) == usd("4900")
    assert gross_profit(together) == usd("6500")


@pytest.mark.parametrize("rule", ["min_sum_largest", "net_profit"])
def test_a_live_stage_starts_with_the_minimum_at_least(rule: str) -> None:
    terms = Transfer(rule, usd("1000"))  # type: ignore[arg-type]  # from the list above
    assert live_balance(terms, (source("999", "50000", "999"),)) == usd("1000")
    assert live_balance(terms, (source("1001", "50000", "1001"),)) == usd("1001")


def test_the_firm_decides_where_the_terms_leave_it_to_the_firm() -> None:
    assert live_balance(Transfer("discretion", usd("1000")), (source("1", "50000"),)) is None
