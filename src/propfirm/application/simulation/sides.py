"""On which side of a fill its own prices lie (semantics page, section 15).

A history tells time to the minute, the second, the millisecond or finer. Prices of the same minute (second, ...) as a
fill may have come before it or after it. Each side is tried on the frozen state: all of these prices before the fills
of that instant, after the first of them, ..., after the last. Where that leads to different things the side taken is an
assumption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from propfirm.application.ports.histories import ImportedFill
from propfirm.application.ports.prices import Quote, Tick
from propfirm.application.simulation.bars import Played, same
from propfirm.application.simulation.report import Reading
from propfirm.domain.rules.engine import step
from propfirm.domain.rules.events import Event, Fill, Mark
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms

SECOND: Final = 1_000_000_000
RESOLUTIONS: Final = {60 * SECOND: "minute", SECOND: "second", SECOND // 1000: "millisecond"}
INSTANT: Final = "instant"


def resolution_of(fills: Sequence[ImportedFill]) -> int:
    """How exactly the history tells time, in ns: the coarsest of minute, second, millisecond that fits every fill."""
    for unit in RESOLUTIONS:
        if all(fill.at % unit == 0 for fill in fills):
            return unit
    return 1


def unit_name(resolution: int) -> str:
    return RESOLUTIONS.get(resolution, INSTANT)


class Side(Struct, frozen=True):
    """The prices stand before the fill with this number (of those of their instant, from 0), or after the last."""

    turn: int
    in_doubt: bool


def side_of(
    terms: Terms,
    state: State,
    fills: Sequence[ImportedFill],
    path: Sequence[Tick],
    met: Mapping[str, Quote],
    reading: Reading,
) -> Side:
    """fills: of one instant. path: the prices that may lie before or after them. met: the quotes before both.

    Of sides that harm as much the earliest is taken.
    """
    trials = [_Trial(terms, state, dict(met)).through(fills, path, turn) for turn in range(len(fills) + 1)]
    if all(_alike(trial, trials[0]) for trial in trials):
        return Side(0, in_doubt=False)
    choose = max if reading == "adverse" else min
    return Side(choose(range(len(trials)), key=lambda turn: trials[turn].harm), in_doubt=True)


def _alike(one: Played, other: Played) -> bool:
    """The same, or ended by the same hit: what an account counts with its last event no longer matters."""
    return same(one, other) or (one.ending is not None and one.ending == other.ending)


def quote_met(fill: ImportedFill, before: Quote | None, path: Sequence[Tick]) -> Quote | None:
    """Of the last quote before a fill and those of its own unit of time, which may come after it: the one nearest to
    its price. The market was there when it was executed."""
    quotes = [] if before is None else [before]
    quotes += [tick[3:] for tick in path if tick[1] == fill.symbol]
    return min(quotes, key=lambda quote: max(quote[0] - fill.price, fill.price - quote[1], 0), default=None)


class _Trial:
    """Events tried on a state and recorded nowhere. met: the latest quote of each contract, held or not."""

    def __init__(self, terms: Terms, state: State, met: dict[str, Quote]) -> None:
        self._terms = terms
        self._state = state
        self._met = met
        self._findings: list[Finding] = []

    def through(self, fills: Sequence[ImportedFill], path: Sequence[Tick], turn: int) -> Played:
        at = fills[0].at
        for number, fill in enumerate(fills):
            if number == turn:
                self._pass(path, at)
            self._fill(fill, path if number < turn else ())
        if turn == len(fills):
            self._pass(path, at)
        return Played(self._state, tuple(self._findings))

    def _take(self, event: Event) -> None:
        self._state, found = step(self._terms, self._state, event)
        self._findings.extend(found)

    def _mark(self, at: int, symbol: str, quote: Quote) -> None:
        self._take(Mark(self._state.seq + 1, at, symbol, *quote))

    def _pass(self, path: Sequence[Tick], at: int) -> None:
        """Those between the thresholds of the one open position change nothing, but the last of each is its mark."""
        last: dict[str, Quote] = {tick[1]: tick[3:] for tick in path}
        for _, symbol, _, bid, ask in path:
            core = self._state.core
            if symbol == core.symbol and core.lo < core.base + core.mult * (bid if core.mult > 0 else ask) < core.hi:
                continue
            if self._holds(symbol):
                self._mark(at, symbol, (bid, ask))
        for symbol, quote in last.items():
            if self._holds(symbol):
                self._mark(at, symbol, quote)
        self._met |= last

    def _fill(self, fill: ImportedFill, path: Sequence[Tick]) -> None:
        """path: what may come after it."""
        quote = quote_met(fill, self._met.get(fill.symbol), path)
        if quote is not None:
            self._mark(fill.at, fill.symbol, quote)
        seq = self._state.seq + 1
        self._take(Fill(seq, fill.at, fill.execution, fill.symbol, fill.root, fill.quantity, fill.price, fill.fee))

    def _holds(self, symbol: str) -> bool:
        return any(held.symbol == symbol for held in self._state.core.positions)
