"""Holes in the price data: what an account held was not seen for longer than a market is silent (semantics page,
section 15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from propfirm.application.simulation.report import PriceHole
from propfirm.domain.calendar.instants import NS_PER_S

HOLE_MIN: Final = 300 * NS_PER_S
"""Prices that are silent for longer, in hours in which their contract trades, leave a hole."""

NS_PER_US: Final = 1_000

OpenParts = Callable[[str, int, int], Iterator[tuple[int, int]]]
"""(product, start, end): the stretches in which it trades."""


class Silence(Struct, frozen=True):
    """No price of a contract came in [start, end), while it was held; closed hours included."""

    symbol: str
    root: str
    start: int
    end: int

    def until(self, end: int) -> Silence:
        """As much of it as came before this instant."""
        return replace(self, end=min(self.end, end))


def holes(silences: Iterable[Silence], open_parts: OpenParts) -> Iterator[PriceHole]:
    """Those that are holes, without closed hours at either end."""
    for one in silences:
        parts = list(open_parts(one.root, one.start, one.end))
        length = sum(closes - opens for opens, closes in parts)
        if length > HOLE_MIN:
            begin = -(-parts[0][0] // NS_PER_US) * NS_PER_US  # the last price of a bar lies 1 ns before its end
            yield PriceHole(one.symbol, begin, parts[-1][1], length // NS_PER_S)
