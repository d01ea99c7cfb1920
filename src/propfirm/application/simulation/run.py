"""Runs a recorded history through recorded prices, judged by the live engine.

Theory of operation. Prices stream by in order of time; fills and clock events are woven in between. At one instant the
clock comes first, then prices, then fills. Prices reach the engine only for symbols that the account holds (a flat
account's equity does not move), and the quote that a fill met is told right before it. Fills are held against the
prices around them as they pass: one that the market never showed refuses the whole input, at the end, with all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby, islice
from typing import Final, TypeAlias

from msgspec import Struct

from propfirm.application.ports.histories import History, HistoryReader, ImportedFill
from propfirm.application.ports.inputs import PROBLEMS_MAX, BadInput
from propfirm.application.ports.prices import Bar, PriceReader, PriceStream, Quote, Tick
from propfirm.application.ports.progress import Progress
from propfirm.application.simulation.account import Account, Journal
from propfirm.application.simulation.bars import Move, order_of, played, same_end
from propfirm.application.simulation.check import NEVER, PriceCheck
from propfirm.application.simulation.materials import Doubt, Materials
from propfirm.application.simulation.request import SimulationRequest
from propfirm.domain.calendar.clock_events import Window, news_windows
from propfirm.domain.calendar.news import NewsCalendar
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.market.contracts import Contract
from propfirm.domain.market.registry import Registry
from propfirm.domain.rules.engine import step
from propfirm.domain.rules.events import Mark
from propfirm.domain.rules.state import UNQUOTED
from propfirm.domain.rules.terms import Options, Platform, Terms, compile_terms

Item: TypeAlias = Tick | list[Bar]
"""A tick, or the bars of all symbols that begin at one instant."""

PROGRESS_EVERY: Final = 1 << 16
"""Rows between two signs of life."""


class Simulated(Struct, frozen=True):
    """A finished run: everything that report, proof and what-if are made from."""

    request: SimulationRequest
    terms: Terms
    account: Account
    history: History
    materials: Materials
    contracts: Mapping[str, Contract]


class Case(Struct, frozen=True):
    """What is about to be judged. formats: of the history and of each price file, in order."""

    request: SimulationRequest
    terms: Terms
    registry: Registry
    sessions: SessionTable
    news: NewsCalendar
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunHistory:
    """Reads the inputs, runs the account through them, and refuses what does not fit together."""

    histories: HistoryReader
    prices: PriceReader
    registry: Registry
    sessions: SessionTable
    news: NewsCalendar

    def __call__(
        self,
        request: SimulationRequest,
        progress: Progress,
        journal: Callable[[Case], Journal] | None = None,
    ) -> Simulated:
        """Raises BadInput (files), NoSuchStage and whatever the program's terms refuse.

        journal: makes the place for the events, once it is known what is being judged.
        """
        program = request.program
        stage = request.stage or program.stages[0].name
        terms = compile_terms(
            program,
            stage,
            self.registry.contracts,
            platform=Platform(method=request.method),
            options=Options(daily_loss=request.daily_loss, personal_daily_loss=request.personal_daily_loss),
        )
        history = self.histories.read(request.history, request.zone, request.fees)
        streams = [(one, self.prices.open(one.path, one.symbol)) for one in request.prices]
        formats = (history.format, *(stream.format for _, stream in streams))
        rule = terms.stage.news
        windows: tuple[Window, ...] = ()
        if rule is not None and rule.feed == self.news.feed:
            windows = news_windows(rule, self.news)
        account = Account(
            terms,
            Sessions(program.clock, self.sessions),
            windows,
            history.fills[0].at,
            journal(Case(request, terms, self.registry, self.sessions, self.news, formats)) if journal else None,
        )
        run = _Run(account, history.fills, request, self.registry, PriceCheck(history.fills))
        run.through([stream for _, stream in streams], progress)
        materials = Materials(
            streams=tuple((one.path.name, stream.format, dict(stream.oddities)) for one, stream in streams),
            priced=frozenset(run.priced),
            bars=run.bars,
            doubts=tuple(run.doubts),
            rows=run.rows,
            news=self.news,
            calendar_version=self.sessions.version,
            contracts_version=self.registry.version,
        )
        return Simulated(request, terms, account, history, materials, self.registry.contracts)


@dataclass
class _Run:
    """The weaving of one run. done: how many fills have been fed; rows, bars: how many prices went by."""

    account: Account
    fills: tuple[ImportedFill, ...]
    request: SimulationRequest
    registry: Registry
    check: PriceCheck
    rows: int = 0
    bars: int = 0
    done: int = 0
    last_at: int = 0
    priced: set[str] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)

    def through(self, streams: Sequence[PriceStream], progress: Progress) -> None:
        """Everything from the first price to the end of the last day. Raises BadInput.

        A day that ends with an open position has not ended in this data: what follows it is not foretold.
        """
        if streams:
            progress.begin("judging prices", None)
            try:
                self._prices(_merged(streams), progress)
            finally:
                progress.end()
        self._fills_before(NEVER)
        problems = self.check.problems(self.priced, self._last_quote, self.last_at, self.registry.root)
        if problems:
            shown = tuple(problems[:PROBLEMS_MAX])
            raise BadInput(self.request.history.name, shown, len(problems) - len(shown))
        self.account.close_day()

    def _prices(self, items: Iterator[Item], progress: Progress) -> None:
        """The hot loop: a tick of a held symbol costs one event and one step, any other a look-up."""
        account = self.account
        terms, quotes, journal = account.terms, account.quotes, account.journal
        state = account.state
        held = account.held()
        due = -NEVER
        low = high = state.equity
        rows = at = 0
        for item in items:
            rows += 1
            if isinstance(item, list) or item[0] >= due or not rows % PROGRESS_EVERY:
                account.state = state
                account.took(low, high)
                if isinstance(item, list):
                    self._play(item)
                    at = account.state.at
                else:
                    self._before(item)
                state, held, due = account.state, account.held(), self._due()
                low = high = state.equity
                if not rows % PROGRESS_EVERY:
                    progress.advance(PROGRESS_EVERY)
                if isinstance(item, list):
                    continue
            at, symbol, _, bid, ask = item
            if symbol not in held:
                quotes[symbol] = (bid, ask)
                continue
            if bid == state.bid and ask == state.ask and symbol == state.core.symbol:
                continue  # the same price again: nothing can have come of it
            event = Mark(state.seq + 1, at, symbol, bid, ask)
            before = state
            state, findings = step(terms, state, event)
            if journal is not None:
                journal.add(event)
            account.marks += 1
            equity = state.equity
            if equity > high:
                high = equity
            elif equity < low:
                low = equity
            if state.core is not before.core:
                account.state = state
                account.took(low, high)
                account.findings.extend(findings)
                account.saw(before)
                low = high = equity
        account.state = state
        account.took(low, high)
        self.rows, self.last_at = rows, at
        progress.advance(rows % PROGRESS_EVERY)

    # -- between two prices --

    def _due(self) -> int:
        """The instant at which the loop must stop for something else than a price."""
        account = self.account
        fill = self.fills[self.done].at + 1 if self.done < len(self.fills) else NEVER
        return min(account.next_clock.at, account.curve.until, self.check.due, fill)

    def _before(self, tick: Tick) -> None:
        """Everything that comes before this tick, and the tick itself held against the fills around it."""
        at, symbol, _, bid, ask = tick
        self.priced.add(symbol)
        if at >= self.check.due:
            self.check.begin(at, self._last_quote)
            self.check.see(symbol, at, at, bid, ask)
        self._fills_before(at)
        self._clock_until(at)

    def _fills_before(self, at: int) -> None:
        while self.done < len(self.fills) and self.fills[self.done].at < at:
            self.account.fill(self.fills[self.done])
            self.done += 1

    def _clock_until(self, at: int) -> None:
        """The clock goes on with the prices only as long as there is something to judge: a position, or fills to come.

        What a flat account's clock would bring after its last trading day is not part of the history.
        """
        if self.done < len(self.fills) or self.account.state.core.positions:
            self.account.clock_until(at)

    def _last_quote(self, symbol: str) -> tuple[int, int] | None:
        state = self.account.state
        if symbol == state.core.symbol and state.bid != UNQUOTED:
            return state.bid, state.ask
        if self.account.holds(symbol):
            return state.core.quotes.get(symbol)
        return self.account.quotes.get(symbol)

    # -- bars --

    def _play(self, bars: list[Bar]) -> None:
        """The bars of one instant, with the fills that fall into them."""
        account = self.account
        start, end = bars[0].start, max(bar.end for bar in bars)
        self._fills_before(start)
        self._clock_until(start)
        self.bars += len(bars)
        for bar in bars:
            self.priced.add(bar.symbol)
            if bar.end >= self.check.due:
                self.check.begin(bar.end, self._last_quote)
                self.check.see(bar.symbol, bar.start, bar.end, bar.low[0], bar.high[1])
            self._quote(bar.symbol, start, bar.open)
        inside = [fill for fill in islice(self.fills, self.done, None) if fill.at < end] if self._fill_due(end) else []
        self.done += len(inside)
        if inside:
            self._play_with_fills(bars, inside)
        else:
            moves, doubt = order_of(account.terms, account.state, (start + end) // 2, bars, self.request.reading)
            self._move(moves, (start + end) // 2, doubt=doubt)
            if doubt:
                self._doubt(bars, "the order of high and low")
        for bar in bars:
            self._quote(bar.symbol, max(end - 1, account.state.at), bar.close)

    def _fill_due(self, end: int) -> bool:
        return self.done < len(self.fills) and self.fills[self.done].at < end

    def _quote(self, symbol: str, at: int, quote: Quote) -> None:
        if self.account.holds(symbol):
            self.account.mark(at, symbol, quote)
        self.account.quotes[symbol] = quote

    def _move(self, moves: Sequence[Move], at: int, *, doubt: bool) -> None:
        for symbol, quote in moves:
            self.account.mark(max(at, self.account.state.at), symbol, quote, doubt=doubt)

    def _play_with_fills(self, bars: list[Bar], fills: list[ImportedFill]) -> None:
        """Adverse: the extremes on the position before the first fill and after each; favourable: on none of them."""
        account, adverse = self.account, self.request.reading == "adverse"
        self._extremes_in_doubt(bars, adverse=adverse)
        for fill in fills:
            account.fill(fill)
            self._extremes_in_doubt(bars, adverse=adverse)

    def _extremes_in_doubt(self, bars: list[Bar], *, adverse: bool) -> None:
        account = self.account
        at = account.state.at
        moves, _ = order_of(account.terms, account.state, at, bars, "adverse")
        if not moves:
            return
        matters = not same_end(account.state, played(account.terms, account.state, at, moves))
        if matters:
            self._doubt(bars, "on which side of a fill high and low lie")
        if adverse:
            self._move(moves, at, doubt=matters)

    def _doubt(self, bars: list[Bar], what: str) -> None:
        symbols = tuple(bar.symbol for bar in bars if self.account.holds(bar.symbol))
        self.doubts.append(Doubt(bars[0].start, symbols, what))


def _merged(streams: Sequence[PriceStream]) -> Iterator[Item]:
    """All streams in order of time; bars that begin together stay together."""
    if len(streams) == 1 and not streams[0].bars:
        return iter(streams[0])
    ticks = [stream for stream in streams if not stream.bars]
    bars = [stream for stream in streams if stream.bars]
    together: Iterator[Item] = (list(group) for _, group in groupby(merge(*bars, key=_start), key=_start))
    return merge(together, *ticks, key=_time_of) if ticks else together


def _start(bar: Bar) -> int:
    return bar.start


def _time_of(item: Item) -> int:
    return item[0].start if isinstance(item, list) else item[0]
