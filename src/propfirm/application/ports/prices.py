"""Recorded prices, streamed: a file may be larger than the memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

Tick: TypeAlias = tuple[int, str, str, int, int]
"""(at, symbol, root, bid, ask): nanoseconds since 1970 UTC, canonical symbol, product, prices in ticks.

A last trade is a tick with bid = ask = its price. Plain tuples because a day of one contract has a million of them."""

Quote: TypeAlias = tuple[int, int]
"""(bid, ask) in ticks, bid <= ask."""


class Bar(Struct, frozen=True):
    """The prices of [start, end), both in nanoseconds since 1970 UTC. A bar of trades has bid = ask throughout.

    high is the highest bid with the highest ask, low the lowest of both: not necessarily of one instant.
    """

    start: int
    end: int
    symbol: str
    root: str
    open: Quote
    high: Quote
    low: Quote
    close: Quote


@dataclass
class TickStream:
    """Ticks in order of time, to be iterated once. oddities: how many rows so far were left out or altered, by reason;
    final at the end."""

    format: str
    rows: Iterator[Tick]
    oddities: Mapping[str, int]
    bars: Literal[False] = False

    def __iter__(self) -> Iterator[Tick]:
        return self.rows


@dataclass
class BarStream:
    """Bars in order of their start, those of one contract without overlap, to be iterated once. oddities: as in
    TickStream."""

    format: str
    rows: Iterator[Bar]
    oddities: Mapping[str, int]
    bars: Literal[True] = True

    def __iter__(self) -> Iterator[Bar]:
        return self.rows


PriceStream: TypeAlias = TickStream | BarStream


class PriceReader(Protocol):
    def open(self, path: Path, symbol: str | None = None) -> PriceStream:
        """The format is recognised by the header, compression by the content.

        symbol: the contract of a file that has no column for it; refused where there is one. Opening raises BadInput
        for what the header shows. Iterating raises it for what the rows show: nothing is yielded from the first bad
        row on, and the rows behind it are read only to name the other problems, ``PROBLEMS_MAX`` at most.
        """
        ...
