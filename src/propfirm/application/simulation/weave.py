"""Weaves prices, fills and the clock into one account's life, in order of time.

Theory of operation. Ticks stream by; before each comes whatever was due until then: clock events, moments of bars,
fills. At one instant the clock comes first, then prices, then fills; but ticks of the same unit of the history's clock
as a fill stand on the side of it that the reading takes, where that matters (``sides``). Marks reach the engine only of
contracts that the account holds, as they would live (the others move nothing of it), and a fill that opens a position
is told the quote that it meets. The clock runs only while there is something to judge: it never foretells what lies
behind the data.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, islice, takewhile
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from propfirm.application.ports.histories import ImportedFill
from propfirm.application.ports.prices import Bar, PriceStream, Quote, Tick
from propfirm.application.ports.progress import Progress
from propfirm.application.simulation.account import Account
from propfirm.application.simulation.bars import (
    Moment,
    Move,
    Played,
    Span,
    joined,
    moments,
    order_of,
    orders,
    play,
    play_fill,
    same,
)
from propfirm.application.simulation.check import NEVER, PriceCheck
from propfirm.application.simulation.holes import HOLE_MIN, Silence
from propfirm.application.simulation.materials import Doubt
from propfirm.application.simulation.report import Reading
from propfirm.application.simulation.sides import Met, quotes_met, resolution_of, side_of, unit_name
from propfirm.domain.rules.engine import step
from propfirm.domain.rules.events import Fill, Mark

CHUNK: Final = 1 << 14
"""Ticks taken from the file at once, and rows between two signs of life."""
ORDER: Final = "the order of high and low"
SIDE: Final = "on which side of a fill high and low lie"
BESIDE: Final = "on which side of a fill the prices of its {unit} lie"


class Unit(Struct):
    """The unit of the history's clock in which the fills lie whose turn it is or was: a minute, a second, less.

    at, until: its span, the fills being at its beginning. met: the quotes of it that its next fills meet. past:
    contracts whose ticks of it were taken to come before a fill. doubted: contracts whose ticks of it are taken to come
    after all its fills.
    """

    at: int = -NEVER
    until: int = NEVER
    met: Met = MappingProxyType({})
    past: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()


class Weave:
    """One run. rows: ticks and bars that went by; bars: how many of them bars. doubts: in order of their spans.
    silences: of contracts held, longer than HOLE_MIN."""

    def __init__(self, account: Account, fills: Sequence[ImportedFill], reading: Reading, progress: Progress) -> None:
        self.rows = 0
        self.bars = 0
        self.doubts: list[Doubt] = []
        self.silences: list[Silence] = []
        self._account = account
        self._held_since: dict[str, int] = {}
        self._fills = fills
        self._done = 0
        self._resolution = resolution_of(fills)
        self.check = PriceCheck(fills, self._resolution)
        self._chunk: list[Tick] = []
        self._ticks: Iterator[Tick] = iter(())
        self._unit = Unit()
        self._reading = reading
        self._progress = progress
        self._untold = 0
        self._moments: Iterator[Moment] = iter(())
        self._moment: Moment | None = None
        self._traded: list[Span] = []
        """Spans with a fill inside that have begun and are not over."""

    def through(self, streams: Sequence[PriceStream]) -> None:
        """From the first price to the last fill or price, whichever is later."""
        ticks = [stream for stream in streams if not stream.bars]
        units: dict[int, set[str]] = {}
        for fill in self._fills:
            units.setdefault(fill.at, set()).add(fill.symbol)
        self._moments = moments([joined(stream, units, self._resolution) for stream in streams if stream.bars])
        self._moment = next(self._moments, None)
        self._ticks = merge(*ticks, key=itemgetter(0)) if len(ticks) > 1 else chain(*ticks)
        self._follow()
        self._catch_up(NEVER)
        for symbol in list(self._held_since):
            self._heard(symbol, self._account.state.at)

    def _follow(self) -> None:
        """The hot loop: a tick of a contract held costs one event and one ``step``, any other a look-up."""
        account, last, awaited = self._account, self._account.last, self.check.awaited
        terms, journal = account.terms, account.journal
        doubted = self._unit.doubted
        state, held, due, point_due = account.state, account.held(), -NEVER, account.curve.until
        low = high = state.equity
        while chunk := list(islice(self._ticks, CHUNK)):
            self._chunk = chunk
            for tick in chunk:  # it may grow meanwhile: fills look ahead
                at, symbol, _, bid, ask = tick
                if at >= due or symbol in awaited:
                    account.went_on(state, low, high)
                    self._before(tick)
                    state, due, point_due = account.state, self._due(), account.curve.until
                    held, doubted = account.held() - self._unit.past, self._unit.doubted
                    low = high = state.equity
                if symbol not in held:
                    last[symbol] = tick
                    continue
                if at - last.get(symbol, tick)[0] > HOLE_MIN:
                    self._heard(symbol, at)
                last[symbol] = tick
                core = state.core
                if (
                    bid == state.bid
                    and ask == state.ask
                    and symbol == core.symbol
                    and core.lo < state.equity < core.hi
                    and at < core.until
                ):
                    continue  # the same price again, within all thresholds: nothing can come of it
                event = Mark(state.seq + 1, at, symbol, bid, ask, symbol in doubted)
                before = state
                state, findings = step(terms, before, event)
                if journal is not None:
                    journal.add(event)
                equity = state.equity
                if equity > high:
                    high = equity
                elif equity < low:
                    low = equity
                if state.core is not core or at >= point_due:
                    account.went_on(state, low, high)
                    account.findings.extend(findings)
                    account.saw(before)
                    point_due = account.curve.until
                    low = high = equity
            self._went_by(len(chunk))
        account.went_on(state, low, high)

    def _heard(self, symbol: str, at: int) -> None:
        """Now comes a price of this contract, or its position ends: notes if it was silent for long while held."""
        last, since = self._account.last.get(symbol), self._held_since.get(symbol)
        if last is None or since is None:
            return
        start = max(last[0], since)
        if at - start > HOLE_MIN:
            self.silences.append(Silence(symbol, last[2], start, at))

    def _went_by(self, rows: int) -> None:
        self.rows += rows
        self._untold += rows
        if self._untold >= CHUNK:
            self._progress.advance(self._untold)
            self._untold = 0

    # -- between two ticks --

    def _due(self) -> int:
        """The instant at which the loop must stop for something else than a tick."""
        fill = self._next_fill + (self._next_fill == self._unit.at)
        moment = self._moment.at if self._moment is not None else NEVER
        clock = self._account.next_clock.at if self._account.state.core.positions else NEVER
        return min(fill, self._unit.until, moment, clock, self.check.due)

    @property
    def _next_fill(self) -> int:
        return self._fills[self._done].at if self._done < len(self._fills) else NEVER

    def _before(self, tick: Tick) -> None:
        """Everything that comes before this tick, and the tick itself held against the fills around it."""
        at, symbol, _, bid, ask = tick
        if at >= self._unit.until:
            self._unit = Unit(self._unit.at)
        self._catch_up(at)
        if self._account.state.core.positions:
            self._account.clock_until(at)
        self._hold_against_fills(symbol, at, at, bid, ask)

    def _catch_up(self, at: int) -> None:
        """Moments of bars up to ``at``, and fills before it, or at it where they come before its ticks."""
        while True:
            moment, fill = self._moment, self._next_fill
            if moment is not None and moment.at <= min(at, fill):
                self._play(moment)
                self._moment = next(self._moments, None)
            elif fill <= at < NEVER and fill != self._unit.at:
                self._weigh(fill)
            elif fill < at:
                self._fill(self._fills[self._done])
            else:
                return

    def _hold_against_fills(self, symbol: str, start: int, end: int, low: int, high: int) -> None:
        check = self.check
        if end >= check.due:
            check.begin(end, self._account.last)
        check.see(symbol, start, end, low, high)

    # -- ticks beside a fill --

    def _weigh(self, at: int) -> None:
        """The fills of this instant, at once, where it matters on which side of them the ticks of their unit lie."""
        account = self._account
        unit = self._unit = Unit(at, at + self._resolution)
        fills = list(takewhile(lambda fill: fill.at == at, islice(self._fills, self._done, None)))
        symbols = frozenset(fill.symbol for fill in fills)
        path = [tick for tick in self._between(at, unit.until) if tick[1] in symbols]
        if not path or account.state.verdict != "open":
            return
        self.check.begin(at, account.last)
        account.clock_until(at)
        before = {symbol: tick[3:] for symbol, tick in account.last.items()}
        side = side_of(account.terms, account.state, fills, path, before, self._reading)
        if not side.in_doubt:
            first = bisect_right(path, at, key=itemgetter(0))  # at the very instant prices come first
            if path[first:]:
                unit.met = quotes_met(fills, path[first:], {**before, **{tick[1]: tick[3:] for tick in path[:first]}})
            return
        unit.met = quotes_met(fills, path, before)
        self.doubts.append(Doubt(at, tuple(sorted(symbols)), BESIDE.format(unit=unit_name(self._resolution))))
        for turn, fill in enumerate(fills):
            if turn == side.turn:
                self._pass(path, at)
                unit.met = {}
            self._fill(fill, doubt=True)
        if side.turn == len(fills):
            unit.doubted = symbols
        else:
            unit.past = symbols

    def _between(self, start: int, end: int) -> list[Tick]:
        """The ticks from ``start`` on and before ``end``; none of them has gone by yet."""
        chunk = self._chunk
        while chunk[-1][0] < end and (tick := next(self._ticks, None)) is not None:
            chunk.append(tick)
        return chunk[bisect_left(chunk, start, key=itemgetter(0)) : bisect_left(chunk, end, key=itemgetter(0))]

    def _pass(self, path: Iterable[Tick], at: int) -> None:
        for tick in path:
            self._heard(tick[1], at)
            if self._account.holds(tick[1]):
                self._account.mark(at, tick[1], tick[3:], doubt=True)
            self._account.last[tick[1]] = tick

    def _meet(self, fill: ImportedFill, *, doubt: bool) -> None:
        account = self._account
        before, quote = account.last.get(fill.symbol), self._unit.met.get((fill.symbol, fill.price))
        if quote is None or (before is not None and quote == before[3:]):
            return
        self._heard(fill.symbol, fill.at)
        if account.holds(fill.symbol):
            account.mark(fill.at, fill.symbol, quote, doubt=doubt)
        account.last[fill.symbol] = (fill.at, fill.symbol, fill.root, *quote)

    def _fill(self, fill: ImportedFill, *, doubt: bool = False) -> None:
        account = self._account
        account.clock_until(fill.at)
        self._meet(fill, doubt=doubt)
        account.fill(fill, doubt=self._is_doubtful(fill) or doubt)
        self._done += 1
        self._held(fill)
        for span in self._traded:
            self._on_this_side(span)

    def _held(self, fill: ImportedFill) -> None:
        """Whether its contract is held after this fill, and since when. A bar that has begun tells of it to its end."""
        symbol = fill.symbol
        if self._account.holds(symbol):
            self._held_since.setdefault(symbol, fill.at)
            return
        if not any(bar.symbol == symbol for span in self._traded for bar in span.bars):
            self._heard(symbol, fill.at)
        self._held_since.pop(symbol, None)

    # -- bars --

    def _play(self, moment: Moment) -> None:
        span = moment.span
        match moment.part:
            case "open":
                self._begin(span)
            case "extremes":
                self._extremes(span, moment.at)
            case "close":
                self._end(span, moment.at)

    def _begin(self, span: Span) -> None:
        self.bars += len(span.bars)
        self._went_by(len(span.bars))
        for bar in span.bars:
            self._hold_against_fills(bar.symbol, bar.start, bar.end, bar.low[0], bar.high[1])
            self._heard(bar.symbol, bar.start)
            self._quote(span.start, bar, bar.open)
        if self._next_fill < span.end:
            rest = islice(self._fills, self._done, None)
            span.traded = frozenset(fill.symbol for fill in takewhile(lambda fill: fill.at < span.end, rest))
            self._traded.append(span)
            self._on_this_side(span)

    def _extremes(self, span: Span, at: int) -> None:
        """High and low, where no fill makes it doubtful on which position they fell."""
        account = self._account
        if span.traded and self._reading == "adverse":
            return  # they were on either side of every fill
        bars = [bar for bar in span.bars if bar.symbol not in span.traded and account.holds(bar.symbol)]
        if not bars:
            return
        account.clock_until(at)
        moves, in_doubt = order_of(account.terms, account.state, at, bars, self._reading)
        self._move(moves, at, doubt=in_doubt)
        if in_doubt:
            self._doubt(span, ORDER)

    def _end(self, span: Span, at: int) -> None:
        for bar in span.bars:
            self._quote(at, bar, bar.close)
        if span.traded:
            self._traded.remove(span)

    def _quote(self, at: int, bar: Bar, quote: Quote) -> None:
        if self._account.holds(bar.symbol):
            self._account.mark(at, bar.symbol, quote)
        self._account.last[bar.symbol] = (at, bar.symbol, bar.root, *quote)

    def _move(self, moves: Iterable[Move], at: int, *, doubt: bool) -> None:
        for symbol, quote in moves:
            self._account.mark(at, symbol, quote, doubt=doubt)

    def _on_this_side(self, span: Span) -> None:
        """High and low may lie here, before the next fill of the span: adverse has them here, favourable has not."""
        account = self._account
        state, at = account.state, account.state.at
        moves, _ = order_of(account.terms, state, at, span.bars, "adverse")
        if not moves:
            return
        if not same(Played(state), play(account.terms, state, at, moves)):
            span.doubt = True
            self._doubt(span, SIDE)
        if self._reading == "adverse":
            self._move(moves, at, doubt=span.doubt)

    def _is_doubtful(self, fill: ImportedFill) -> bool:
        """Whether this fill would do something else, had high and low of its bar been elsewhere."""
        if any(span.doubt for span in self._traded):
            return True
        account = self._account
        state, terms, at = account.state, account.terms, account.state.at
        if not self._traded or not state.core.positions:
            return False
        bars = [bar for span in self._traded for bar in span.bars if account.holds(bar.symbol)]
        if self._reading == "adverse":
            otherwise: list[Move] = [(bar.symbol, bar.open) for bar in bars]
        else:
            otherwise = orders(state, bars)[0]
        event = Fill(0, fill.at, fill.execution, fill.symbol, fill.root, fill.quantity, fill.price, fill.fee)
        here = play_fill(terms, state, event)
        there = play_fill(terms, play(terms, state, at, otherwise).state, event)
        if same(here, there):
            return False
        for span in self._traded:
            span.doubt = True
            self._doubt(span, SIDE)
        return True

    def _doubt(self, span: Span, what: str) -> None:
        """Told once a span and kind."""
        symbols = tuple(bar.symbol for bar in span.bars if self._account.holds(bar.symbol))
        told = self.doubts[-1] if self.doubts else None
        if told is None or (told.at, told.what) != (span.start, what):
            self.doubts.append(Doubt(span.start, symbols, what))
