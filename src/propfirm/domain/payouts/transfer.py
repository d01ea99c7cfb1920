"""The balance with which a live stage starts (prop-rules 4.16), or what is still missing for it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.catalogue.program import Transfer
from propfirm.domain.money import Micros


class SimFunded(Struct, frozen=True):
    """One of the trader's simulated funded accounts."""

    balance: Micros
    size: Micros


class Record(Struct, frozen=True):
    """What a trader has done in the simulated funded stage.

    gross_profit: profits made, whatever was withdrawn of them; withdrawals: gross; payouts: how many were approved.
    """

    accounts: tuple[SimFunded, ...] = ()
    gross_profit: Micros = Micros(0)
    withdrawals: Micros = Micros(0)
    payouts: int = 0


class Lacking(Struct, frozen=True):
    """payouts: a number; the others micro-dollars. transferable: the amount that would move."""

    what: Literal["payouts", "gross_profit", "transferable"]
    limit: int
    actual: int


class Transferable(Struct, frozen=True, tag="transferable"):
    """The live account starts with this balance."""

    balance: Micros


class NotYet(Struct, frozen=True, tag="not_yet"):
    """Everything that is missing, in the order payouts, gross profit, amount."""

    lacking: tuple[Lacking, ...]


class Discretionary(Struct, frozen=True, tag="discretionary"):
    """The trader may be moved; the firm decides whether and with what balance."""


Assessment: TypeAlias = Transferable | NotYet | Discretionary


def assess(rule: Transfer, record: Record) -> Assessment:
    """Whether the trader moves to the live stage, and with what.

    ``min_sum_largest``: the sum of the balances, at most the largest account size. ``net_profit``: gross profit less
    withdrawals. An amount below ``min`` is not moved: the firm adds nothing to it (TradeDay: "the minimum amount that
    can be transferred").
    """
    lacking: list[Lacking] = []
    if rule.after_payouts is not None and record.payouts < rule.after_payouts:
        lacking.append(Lacking("payouts", rule.after_payouts, record.payouts))
    if rule.assessed_at is not None and record.gross_profit < rule.assessed_at:
        lacking.append(Lacking("gross_profit", rule.assessed_at, record.gross_profit))
    amount = _amount(rule, record)
    least = max(rule.min, 1)
    if amount is not None and amount < least:
        lacking.append(Lacking("transferable", least, amount))
    if lacking:
        return NotYet(tuple(lacking))
    return Discretionary() if amount is None else Transferable(amount)


def _amount(rule: Transfer, record: Record) -> Micros | None:
    match rule.rule:
        case "min_sum_largest":
            total = sum(account.balance for account in record.accounts)
            return Micros(min(total, max((account.size for account in record.accounts), default=Micros(0))))
        case "net_profit":
            return Micros(record.gross_profit - record.withdrawals)
        case "discretion":
            return None
