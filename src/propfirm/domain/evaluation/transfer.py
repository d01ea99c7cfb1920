"""With how much a live stage starts (program rules, section 4.16)."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct

from propfirm.domain.catalogue.program import Transfer
from propfirm.domain.evaluation.facts import AccountId
from propfirm.domain.money import Micros


class Source(Struct, frozen=True):
    """A sim-funded account that goes live. size: its nominal one. gross_profit: closed profit before withdrawals."""

    account: AccountId
    size: Micros
    balance: Micros
    gross_profit: Micros = Micros(0)
    withdrawn: Micros = Micros(0)


def live_balance(terms: Transfer, sources: tuple[Source, ...]) -> Micros | None:
    """The balance with which the live stage starts, from one source or more. None: the firm decides it.

    ``min_sum_largest``: the sum of the balances, at most the largest account's size. ``net_profit``: gross profit
    less withdrawals, over all sources. Neither is ever less than the terms' ``min``.
    """
    match terms.rule:
        case "min_sum_largest":
            together = sum(source.balance for source in sources)
            largest = max(source.size for source in sources)
            return Micros(max(min(together, largest), terms.min))
        case "net_profit":
            return Micros(max(sum(source.gross_profit - source.withdrawn for source in sources), terms.min))
        case "discretion":
            return None
        case _:
            assert_never(terms.rule)


def gross_profit(sources: tuple[Source, ...]) -> Micros:
    """What a transfer is assessed by: the closed profit of all sources, before withdrawals."""
    return Micros(sum(s.gross_profit for s in sources))
