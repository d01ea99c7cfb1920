"""Delivery months of what was traded: the ones that no exchange lists, and the ones that were over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from propfirm.application.ports.histories import ImportedFill
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.market.contracts import Contract, Group
from propfirm.domain.market.registry import MONTHS

SERIAL: Final[frozenset[Group]] = frozenset({"metals", "fx"})
"""Where exchanges list the nearest months beside those of the table; everywhere else the table has them all."""
CENTURY_TURNS: Final = 80
"""The first two-digit year of the last century: no fill is older than 1980."""


def listed(symbol: str, contract: Contract) -> bool:
    """The canonical symbol names a month of the contract's table, or none at all."""
    return _month(symbol, contract.root) in contract.months


def over(fills: Iterable[ImportedFill]) -> list[ImportedFill]:
    """Those after the last day (UTC) of their contract's delivery month."""
    ends: dict[str, int | None] = {}
    late: list[ImportedFill] = []
    for fill in fills:
        if fill.symbol not in ends:
            ends[fill.symbol] = _end(fill.symbol, fill.root)
        end = ends[fill.symbol]
        if end is not None and fill.at >= end:
            late.append(fill)
    return late


def _month(symbol: str, root: str) -> str:
    return symbol[len(root) : len(root) + 1]


def _end(symbol: str, root: str) -> int | None:
    """When its delivery month is over, in ns; None for a symbol without a month."""
    code, digits = _month(symbol, root), symbol[len(root) + 1 :]
    if not code:
        return None
    year = int(digits) + (1900 if int(digits) >= CENTURY_TURNS else 2000)
    number = MONTHS.index(code) + 1
    return to_ns(datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC))
