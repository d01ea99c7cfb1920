"""On which side of a fill its own prices lie (semantics page, section 15).

A history tells time to the minute, the second, the millisecond or finer. Prices of the same minute (second, ...) as a
fill may have come before it or after it. Each side is tried on the frozen state: all of these prices before the fills
of that instant, after the first of them, ..., after the last. Where that leads to different things the side taken is an
assumption.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

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


Met: TypeAlias = Mapping[tuple[str, int], Quote]
"""The quotes that fills meet, by contract and price of the fill."""


def quotes_met(fills: Sequence[ImportedFill], path: Sequence[Tick], before: Mapping[str, Quote]) -> Met:
    """For fills with ``path`` still to come in their unit of time: of these prices and the last one before, the nearest
    to the fill's. The market was there when it was executed."""
    shown: dict[str, list[Quote]] = {symbol: [quote] for symbol, quote in before.items()}
    for tick in path:
        shown.setdefault(tick[1], []).append(tick[3:])
    orders = {(fill.symbol, fill.price) for fill in fills if fill.symbol in shown}
    return {
        (symbol, price): min(shown[symbol], key=lambda quote: max(quote[0] - price, price - quote[1], 0))
        for symbol, price in orders
    }


def side_of(
    terms: Terms,
    state: State,
    fills: Sequence[ImportedFill],
    path: Sequence[Tick],
    before: Mapping[str, Quote],
    reading: Reading,
) -> Side:
    """fills: of one instant. path: the prices that may lie before or after them. before: the quotes before both.

    Of sides that harm as much the earliest is taken. Where none of these contracts is held, prices move nothing: the
    first such place stands for all, but for the last.
    """
    ahead = quotes_met(fills, path, before)
    last: dict[str, Quote] = {tick[1]: tick[3:] for tick in path}
    after = {**before, **last}
    trunk, trials, was_flat = _Trial(terms, state), dict[int, Played](), False
    for turn in range(len(fills) + 1):
        is_flat = not any(trunk.holds(symbol) for symbol in last)
        if turn == len(fills) or not (is_flat and was_flat):
            branch = trunk.copy()
            branch.prices(path, last, fills[0].at)
            for fill in fills[turn:]:
                branch.fill(fill, after.get(fill.symbol))
            trials[turn] = branch.played
        was_flat = was_flat or is_flat
        if turn < len(fills):
            trunk.fill(fills[turn], ahead.get((fills[turn].symbol, fills[turn].price)))
    if all(_alike(trial, trials[0]) for trial in trials.values()):
        return Side(0, in_doubt=False)
    choose = max if reading == "adverse" else min
    return Side(choose(trials, key=lambda turn: trials[turn].harm), in_doubt=True)


def _alike(one: Played, other: Played) -> bool:
    """The same, or ended by the same hit: what an account counts with its last event no longer matters."""
    return same(one, other) or (one.ending is not None and one.ending == other.ending)


class _Trial:
    """Events tried on a state and recorded nowhere."""

    def __init__(self, terms: Terms, state: State, findings: Iterable[Finding] = ()) -> None:
        self._terms = terms
        self._state = state
        self._findings = [*findings]

    def copy(self) -> _Trial:
        return _Trial(self._terms, self._state, self._findings)

    @property
    def played(self) -> Played:
        return Played(self._state, tuple(self._findings))

    def holds(self, symbol: str) -> bool:
        return any(held.symbol == symbol for held in self._state.core.positions)

    def prices(self, path: Sequence[Tick], last: Mapping[str, Quote], at: int) -> None:
        """Those between the thresholds of the one open position change nothing, but the last of each is its mark."""
        if not any(map(self.holds, last)):
            return
        for _, symbol, _, bid, ask in path:
            core = self._state.core
            if symbol == core.symbol and core.lo < core.base + core.mult * (bid if core.mult > 0 else ask) < core.hi:
                continue
            if self.holds(symbol):
                self._mark(at, symbol, (bid, ask))
        for symbol, quote in last.items():
            if self.holds(symbol):
                self._mark(at, symbol, quote)

    def fill(self, fill: ImportedFill, quote: Quote | None) -> None:
        """quote: which it meets, if any is known."""
        if quote is not None:
            self._mark(fill.at, fill.symbol, quote)
        seq = self._state.seq + 1
        self._take(Fill(seq, fill.at, fill.execution, fill.symbol, fill.root, fill.quantity, fill.price, fill.fee))

    def _mark(self, at: int, symbol: str, quote: Quote) -> None:
        self._take(Mark(self._state.seq + 1, at, symbol, *quote))

    def _take(self, event: Event) -> None:
        self._state, found = step(self._terms, self._state, event)
        self._findings.extend(found)
