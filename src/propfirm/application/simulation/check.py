"""Does the history fit the prices? A fill that the market never showed makes every verdict on it worthless."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from propfirm.application.ports.histories import ImportedFill
from propfirm.application.ports.inputs import Problem
from propfirm.domain.market.contracts import Contract, to_price

SECOND: Final = 1_000_000_000
RESOLUTIONS: Final = (60 * SECOND, SECOND, SECOND // 1000)
STALE: Final = 60 * SECOND
"""After the last price of a file a fill may still come for so long."""
NEVER: Final = 1 << 62

LastQuote: TypeAlias = Callable[[str], tuple[int, int] | None]


def resolution_of(fills: Sequence[ImportedFill]) -> int:
    """How exactly the history tells time, in ns: the coarsest of minute, second, millisecond that fits every fill."""
    for unit in RESOLUTIONS:
        if all(fill.at % unit == 0 for fill in fills):
            return unit
    return 1


class Watch(Struct):
    """The prices around one fill, from a second before it to a second after the last instant that its time may mean.

    low, high: of the last price before that span, of all within it, and of the first after it where none was within.
    """

    fill: ImportedFill
    since: int
    until: int
    low: int = NEVER
    high: int = -NEVER
    preceded: bool = False
    followed: bool = False
    last_end: int = -NEVER

    def see(self, start: int, end: int, low: int, high: int) -> None:
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.preceded = self.preceded or start <= self.until
        self.followed = self.followed or end >= self.fill.at
        self.last_end = max(self.last_end, end)

    def problem(self, contract: Contract) -> Problem | None:
        fill = self.fill
        if not self.preceded:
            return Problem(fill.row, "time", f"the prices of {fill.symbol} begin after this fill")
        if not self.followed and self.last_end + STALE < fill.at:
            return Problem(fill.row, "time", f"the prices of {fill.symbol} end before this fill")
        if self.low <= fill.price <= self.high:
            return None
        shown = f"{to_price(contract, self.low)} to {to_price(contract, self.high)}"
        return Problem(
            fill.row, "price", f"{to_price(contract, fill.price)} is outside the prices of {fill.symbol} then ({shown})"
        )


class PriceCheck:
    """Holds every fill against the prices that pass by. ``due``: the instant from which it wants to see them."""

    def __init__(self, fills: Sequence[ImportedFill]) -> None:
        self.due = fills[0].at - SECOND
        self._fills = fills
        self._resolution = resolution_of(fills)
        self._next = 0
        self._open: list[Watch] = []
        self._over: list[Watch] = []

    def begin(self, at: int, last_quote: LastQuote, last_at: int = 0) -> None:
        """Watches begin that are due by ``at``. last_at: when the last quote was, where that is still asked for."""
        while self._next < len(self._fills) and self._fills[self._next].at - SECOND <= at:
            fill = self._fills[self._next]
            seen = Watch(fill, fill.at - SECOND, fill.at + self._resolution + SECOND)
            quote = last_quote(fill.symbol)
            if quote is not None:
                seen.see(last_at, last_at, *quote)
            self._open.append(seen)
            self._next += 1
        self._set_due()

    def see(self, symbol: str, start: int, end: int, low: int, high: int) -> None:
        """A price of [start, end], low to high."""
        for seen in self._open:
            if seen.fill.symbol == symbol and (start <= seen.until or not seen.followed):
                seen.see(start, end, low, high)
        over = [seen for seen in self._open if seen.followed and start > seen.until]
        if over:
            self._open = [seen for seen in self._open if not (seen.followed and start > seen.until)]
            self._over.extend(over)
            self._set_due()

    def _set_due(self) -> None:
        if self._open:
            self.due = 0
        elif self._next < len(self._fills):
            self.due = self._fills[self._next].at - SECOND
        else:
            self.due = NEVER

    def problems(
        self, priced: set[str], last_quote: LastQuote, last_at: int, contracts: Callable[[str], Contract]
    ) -> list[Problem]:
        """All that do not fit, by row. priced: the symbols that had prices at all; others are not held against any."""
        self.begin(NEVER, last_quote, last_at)
        watched = [seen for seen in (*self._over, *self._open) if seen.fill.symbol in priced]
        found = [seen.problem(contracts(seen.fill.root)) for seen in watched]
        return sorted((one for one in found if one is not None), key=lambda problem: problem.row)


def uncovered(fills: Iterable[ImportedFill], priced: Iterable[str]) -> tuple[str, ...]:
    """Symbols that were traded but have no prices, sorted."""
    return tuple(sorted({fill.symbol for fill in fills} - set(priced)))
