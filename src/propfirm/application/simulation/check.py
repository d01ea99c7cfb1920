"""Does the history fit the prices? A fill that the market never showed makes every verdict on it worthless."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from propfirm.application.ports.histories import ImportedFill
from propfirm.application.ports.inputs import Problem
from propfirm.domain.market.contracts import Contract, to_price

SECOND: Final = 1_000_000_000
RESOLUTIONS: Final = (60 * SECOND, SECOND, SECOND // 1000)


def resolution_of(fills: Sequence[ImportedFill]) -> int:
    """How exactly the history tells time, in ns: the coarsest of minute, second, millisecond that fits every fill."""
    for unit in RESOLUTIONS:
        if all(fill.at % unit == 0 for fill in fills):
            return unit
    return 1


class Watch(Struct):
    """The prices around one fill: from a second before it to a second after the time that it may mean."""

    fill: ImportedFill
    since: int
    until: int
    low: int | None = None
    high: int | None = None
    before: bool = False
    after: bool = False

    def see(self, low: int, high: int) -> None:
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)


def watch(fill: ImportedFill, resolution: int) -> Watch:
    return Watch(fill, fill.at - SECOND, fill.at + max(resolution, SECOND) + SECOND)


def problem_of(seen: Watch, contract: Contract) -> Problem | None:
    """What is wrong with the fill, if its price lies outside everything that the market showed then."""
    fill = seen.fill
    if seen.low is None or seen.high is None or not seen.before:
        return Problem(fill.row, "time", f"the prices of {fill.symbol} begin after this fill")
    if not seen.after and fill.at > seen.until:
        return Problem(fill.row, "time", f"the prices of {fill.symbol} end before this fill")
    if not seen.low <= fill.price <= seen.high:
        return Problem(
            fill.row,
            "price",
            f"{to_price(contract, fill.price)} is outside the prices of {fill.symbol} then,"
            f" {to_price(contract, seen.low)} to {to_price(contract, seen.high)}",
        )
    return None


def uncovered(fills: Iterable[ImportedFill], priced: set[str]) -> tuple[str, ...]:
    """Symbols that were traded but have no prices, sorted."""
    return tuple(sorted({fill.symbol for fill in fills} - priced))
