"""How much one history may hold, so that no figure of any account leaves the 64 bits of a proof.

With a contract worth at most ``VALUE_MAX`` the open positions are worth at most a million million dollars
(``HELD_MAX``), and all that was paid and received comes to no more than another (``TURNOVER_MAX``); a balance, an
equity or a profit is made of these two and the program's own amounts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from propfirm.application.ports.histories import ImportedFill
from propfirm.application.tables import Problems
from propfirm.domain.market.registry import Registry
from propfirm.domain.money import MONEY_MAX, show

HELD_MAX: Final = 100_000
"""Contracts open at one time, over all symbols."""
TURNOVER_MAX: Final = MONEY_MAX
"""Micro-dollars: the value of all fills, bought and sold alike, and their fees."""


def refuse_beyond(fills: Iterable[ImportedFill], registry: Registry, problems: Problems) -> None:
    """fills: in order of time. Raises BadInput with the first row that goes beyond."""
    positions: Counter[str] = Counter()
    held = turnover = 0
    for fill in fills:
        before = abs(positions[fill.symbol])
        positions[fill.symbol] += fill.quantity
        held += abs(positions[fill.symbol]) - before
        turnover += fill.price * registry.root(fill.root).tick_value * abs(fill.quantity) + fill.fee
        if held > HELD_MAX:
            problems.end(fill.row, f"with this fill {held} contracts are open: no account holds more than {HELD_MAX}")
        if turnover > TURNOVER_MAX:
            problems.end(fill.row, f"with this fill the history has moved more than {show(TURNOVER_MAX)} dollars")
