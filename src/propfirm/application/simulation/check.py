"""Does the history fit the prices? A fill that the market never showed makes every verdict on it worthless."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from propfirm.application.ports.histories import ImportedFill
from propfirm.application.ports.inputs import Problem
from propfirm.application.ports.prices import Quote, Tick
from propfirm.domain.market.contracts import Contract, to_price

SECOND: Final = 1_000_000_000
STALE: Final = 60 * SECOND
"""After the last price of a contract a fill may still come for so long."""
NEVER: Final = 1 << 62


class Watch(Struct):
    """The prices around one fill, from a second before it until a second after the last instant that its time may mean.

    low, high: of all within that span, and of the first after it where none was within. before: the last price before
    it, as long as no bar is seen that begins earlier and reaches into it.
    """

    fill: ImportedFill
    until: int
    before: Quote | None = None
    low: int = NEVER
    high: int = -NEVER
    preceded: bool = False
    answered: bool = False
    last_end: int = -NEVER

    def follow(self, at: int, quote: Quote) -> None:
        """Begins after this price."""
        self.before, self.preceded, self.last_end = quote, True, at
        self.answered = at >= self.fill.at - SECOND

    def see(self, start: int, end: int, low: int, high: int) -> None:
        self.low, self.high = min(self.low, low), max(self.high, high)
        if start < self.fill.at - SECOND:
            self.before = None
        self.preceded = self.preceded or start <= self.until
        self.answered = self.answered or end >= self.fill.at - SECOND
        self.last_end = max(self.last_end, end)

    def problem(self, contract: Contract) -> Problem | None:
        fill = self.fill
        if not self.preceded:
            return Problem(fill.row, "time", f"the prices of {fill.symbol} begin after this fill")
        if not self.answered and self.last_end + STALE < fill.at:
            return Problem(fill.row, "time", f"the prices of {fill.symbol} end before this fill")
        bids, asks = zip((self.low, self.high), *([self.before] if self.before else []), strict=True)
        low, high = min(bids), max(asks)
        if low <= fill.price <= high:
            return None
        shown = f"{to_price(contract, low)} to {to_price(contract, high)}"
        return Problem(
            fill.row, "price", f"{to_price(contract, fill.price)} is outside the prices of {fill.symbol} then ({shown})"
        )


class PriceCheck:
    """Holds every fill against the prices that pass by.

    due: the instant from which it wants to see every price. awaited: contracts with a fill of which no price has come
    since; it wants to see their next one, whenever that is. resolution: how exactly the fills tell time, in ns.
    """

    def __init__(self, fills: Sequence[ImportedFill], resolution: int) -> None:
        self.due = fills[0].at - SECOND
        self.awaited: dict[str, list[Watch]] = {}
        self._fills = fills
        self._slack = resolution + SECOND
        self._next = 0
        self._open: list[Watch] = []
        self._first_end = NEVER
        self._over: list[Watch] = []

    def begin(self, at: int, last: Mapping[str, Tick]) -> None:
        """Watches begin that are due by ``at``. last: the latest price of each contract before that instant."""
        while self._next < len(self._fills) and self._fills[self._next].at - SECOND <= at:
            fill = self._fills[self._next]
            watch = Watch(fill, fill.at + self._slack)
            before = last.get(fill.symbol)
            if before is not None:
                seen, _, _, bid, ask = before
                watch.follow(seen, (bid, ask))
            self._open.append(watch)
            self._next += 1
        self._set_due()

    def see(self, symbol: str, start: int, end: int, low: int, high: int) -> None:
        """A price of [start, end], low to high. Starts never fall from one call to the next."""
        for watch in self._open:
            if watch.fill.symbol == symbol and (start <= watch.until or not watch.answered):
                watch.see(start, end, low, high)
        for watch in self.awaited.pop(symbol, ()):
            watch.see(start, end, low, high)
            self._over.append(watch)
        if start > self._first_end:
            self._end_watches(start)

    def _end_watches(self, at: int) -> None:
        for watch in self._open:
            if at <= watch.until:
                continue
            if watch.answered:
                self._over.append(watch)
            else:
                self.awaited.setdefault(watch.fill.symbol, []).append(watch)
        self._open = [watch for watch in self._open if at <= watch.until]
        self._set_due()

    def _set_due(self) -> None:
        if self._open:
            self.due = 0
            self._first_end = self._open[0].until
            return
        self._first_end = NEVER
        self.due = self._fills[self._next].at - SECOND if self._next < len(self._fills) else NEVER

    def problems(self, last: Mapping[str, Tick], contracts: Callable[[str], Contract]) -> list[Problem]:
        """All that do not fit, by row. last: as for ``begin``, at the end of the prices; a contract that is not in it
        had none, and its fills are not held against any."""
        self.begin(NEVER, last)
        unanswered = (watch for waiting in self.awaited.values() for watch in waiting)
        watched = [watch for watch in (*self._over, *unanswered, *self._open) if watch.fill.symbol in last]
        found = [watch.problem(contracts(watch.fill.root)) for watch in watched]
        return sorted((one for one in found if one is not None), key=lambda problem: problem.row)


def uncovered(fills: Iterable[ImportedFill], priced: Iterable[str]) -> tuple[str, ...]:
    """Symbols that were traded but have no prices, sorted."""
    return tuple(sorted({fill.symbol for fill in fills} - set(priced)))
