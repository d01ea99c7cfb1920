"""Runs as they happen: quotes, executions, money and the clock become the engine's events, and entries for the journal.

One ``LiveRun`` is one run of one account in memory. It decides nothing that ``step`` does not decide, and keeps what
was not yet written: whoever drives it takes the ``Gain`` and commits it before anything follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from propfirm.application.ports.platforms import Happened
from propfirm.domain.calendar.clock_events import ClockEvent, Window, clock_events, windows_open_at
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import DayRolled, Event, Fill, Reinstated
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.journal import Checkpoint, Entry, Quoted, marked
from propfirm.domain.rules.records import Record, recorded
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms


class Gain(Struct, frozen=True):
    """What came of a batch: entries for the journal, findings, what people will ask about, and where the run stands."""

    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    checkpoint: Checkpoint
    records: tuple[Record, ...] = ()


class LiveRun:
    """held: contracts with an open position; only their quotes are to be given to ``quote``. ended: as in
    ``Checkpoint``."""

    def __init__(
        self,
        terms: Terms,
        sessions: Sessions,
        windows: Sequence[Window],
        start: int,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """start: when the run began (ns), in its first trading day. checkpoint: where it was."""
        self.terms = terms
        self.state = begin(terms) if checkpoint is None else checkpoint.state
        self.ended = None if checkpoint is None else checkpoint.ended
        self.held = _held(self.state)
        self._seen = {} if checkpoint is None else dict(checkpoint.seen)
        # A checkpoint may be newer than the last entry: of what is held the next entry tells again how far it was seen.
        self._told = {symbol: number for symbol, number in self._seen.items() if symbol not in self.held}
        self._entries: list[Entry] = []
        self._findings: list[Finding] = []
        self._records: list[Record] = []
        self._sessions = sessions
        self._windows = windows
        self._clock_at = start if checkpoint is None else checkpoint.clock
        begun = checkpoint is not None and checkpoint.state.seq > 0
        self._clock = self._after(self._clock_at) if begun else self._first(start)
        self._next = next(self._clock)

    @property
    def due(self) -> int:
        """When the clock next has something for this run (ns)."""
        return self._next.at

    def quote(self, quoted: Quoted) -> None:
        """A price of a contract held. After the end of the run prices move nothing and are not followed."""
        if self.state.verdict != "open":
            return
        self.clock_until(quoted.at)
        self._feed(marked(quoted, self.state.seq + 1))
        self._seen[quoted.symbol] = quoted.number

    def happen(self, event: Happened, met: Quoted | None = None) -> None:
        """An event of the account's own. met: the newest quote of a fill's contract, if there was one."""
        self.clock_until(event.at)
        if isinstance(event, Fill) and met is not None and self.state.verdict == "open":
            self._meet(event, met)
        self._enter(event)
        match event:
            case Fill():
                self.held = _held(self.state)
            case Reinstated():
                self._reopen_windows(event.at)
            case _:
                pass

    def clock_until(self, at: int) -> None:
        """Everything that the clock alone brings about, up to and including ``at``."""
        while self._next.at <= at:
            event, self._next = self._next, next(self._clock)
            self._enter(event)
        self._clock_at = max(self._clock_at, at)

    def gain(self) -> Gain:
        """What has come since the last call; it is the caller's now."""
        checkpoint = Checkpoint(self.state, dict(self._seen), self._clock_at, self.ended)
        gain = Gain(tuple(self._entries), tuple(self._findings), checkpoint, tuple(self._records))
        self._entries, self._findings, self._records = [], [], []
        return gain

    def _meet(self, fill: Fill, met: Quoted) -> None:
        """A position opened in a contract that was not followed is told the quote that it meets."""
        if fill.symbol in self.held or self._seen.get(fill.symbol) == met.number:
            return
        self._feed(marked(replace(met, at=fill.at), self.state.seq + 1))
        self._seen[fill.symbol] = met.number

    def _reopen_windows(self, at: int) -> None:
        """Those that opened while the run was over: it took no notice of them then."""
        blackouts = self.terms.stage.times.blackout
        for one in windows_open_at(self._sessions, at, blackouts=blackouts, news=self._windows):
            self._enter(one)

    def _enter(self, event: Happened | ClockEvent) -> None:
        before = self.state
        numbered: Event = replace(event, seq=before.seq + 1)
        self._feed(numbered)
        record = recorded(self.terms, before, numbered, self.state)
        if record is not None:
            self._records.append(record)
        new = {symbol: number for symbol, number in self._seen.items() if self._told.get(symbol) != number}
        self._told.update(new)
        self._entries.append(Entry(numbered, new))

    def _feed(self, event: Event) -> None:
        before = self.state
        self.state, findings = step(self.terms, before, event)
        if self.state.core is not before.core and self.state.verdict != before.verdict:
            self.ended = None if self.state.verdict == "open" else self.state
        if findings:
            self._findings.extend(findings)

    def _first(self, start: int) -> Iterator[ClockEvent]:
        day = self._sessions.day_at(start)
        yield DayRolled(0, day.opens, day.label, day.until, day.calendar_known)
        yield from windows_open_at(
            self._sessions, day.opens, blackouts=self.terms.stage.times.blackout, news=self._windows
        )
        yield from self._after(day.opens)

    def _after(self, at: int) -> Iterator[ClockEvent]:
        """Every clock event later than ``at``, day by day."""
        day = self._sessions.day_at(at)
        while True:
            near = [one for one in self._windows if one.opens <= day.until and one.closes >= at]
            blackouts = self.terms.stage.times.blackout
            yield from clock_events(self._sessions, at, day.until, blackouts=blackouts, news=near)
            at, day = day.until, self._sessions.next(day)


def _held(state: State) -> frozenset[str]:
    return frozenset(one.symbol for one in state.core.positions)
