"""One simulated account: numbers the events, brings the clock along, and keeps what the report needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import reduce
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from propfirm.application.ports.histories import ImportedFill
from propfirm.application.ports.prices import Quote, Tick
from propfirm.application.simulation.report import CurvePoint
from propfirm.domain.calendar.clock_events import ClockEvent, Window, clock_events, windows_open_at
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.money import Micros
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import DayRolled, Event, Fill, Mark
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.inquiry import room
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms

CURVE_POINTS_MAX: Final = 4_000
FIRST_BUCKET_NS: Final = 60_000_000_000


class Journal(Protocol):
    """Where the events go that a proof will need."""

    def add(self, event: Event) -> None: ...


class DayTrace(Struct):
    """What one trading day saw beyond the engine's own figures. end: the state in which it ended, once it has.

    lowest_room: None on a day on which nothing was judged, because the stage was over.
    """

    day: date
    opened_at: int
    calendar_known: bool
    start_balance: Micros
    start_fees: Micros
    high: Micros
    low: Micros
    lowest_room: Micros | None
    fills: int = 0
    end: State | None = None

    def day_floor(self, state: State) -> Micros | None:
        """In force in this state of the day; a day that began after the end of the stage has none."""
        return None if self.lowest_room is None else state.day_floor


class Curve:
    """Equity by time in at most CURVE_POINTS_MAX spans: when there are more, neighbours join.

    The first point is the account as it began, and stays alone: no floor stands there before it was set.
    """

    def __init__(self) -> None:
        self.points: list[CurvePoint] = []
        self.width = FIRST_BUCKET_NS
        self.until = 0

    def begin(self, at: int, state: State, day_floor: Micros | None) -> None:
        """The account before the first event that may move its equity or floors."""
        equity = state.equity
        self.points = [CurvePoint(at, equity, equity, equity, state.floor, day_floor, state.balance)]

    def close(self, state: State, low: Micros, high: Micros, day_floor: Micros | None) -> None:
        """Takes what happened since the last call as one point, or into the last one if its span is not over."""
        point = CurvePoint(state.at, low, high, state.equity, state.floor, day_floor, state.balance)
        if len(self.points) > 1 and state.at < self.until:
            self.points[-1] = _joined(self.points[-1], point)
            return
        self.points.append(point)
        self.until = (state.at // self.width + 1) * self.width
        if len(self.points) > CURVE_POINTS_MAX:
            self.width *= 2
            first, *rest = self.points
            self.points = [first, *(reduce(_joined, rest[place : place + 2]) for place in range(0, len(rest), 2))]


def _joined(one: CurvePoint, other: CurvePoint) -> CurvePoint:
    return CurvePoint(
        other.at,
        min(one.low, other.low),
        max(one.high, other.high),
        other.close,
        other.floor,
        other.day_floor,
        other.balance,
    )


class Account:
    """Feeds one account in order of time. Clock events that are due come first, at equal instants too."""

    def __init__(
        self,
        terms: Terms,
        sessions: Sessions,
        windows: Sequence[Window],
        start: int,
        journal: Journal | None,
    ) -> None:
        self.terms = terms
        self.state = begin(terms)
        self.findings: list[Finding] = []
        self.traces: list[DayTrace] = []
        self.curve = Curve()
        self.last: dict[str, Tick] = {}
        """The latest price of every symbol, held or not. Whoever brings prices keeps it; ``fill`` looks there for the
        quote that it meets."""
        self.marks = 0
        self.fills: list[Fill] = []
        self._sessions = sessions
        self._windows = windows
        self.journal = journal
        self._clock = self._events_from(start)
        self.next_clock: ClockEvent = next(self._clock)
        self._low = self._high = self.state.equity

    def _events_from(self, start: int) -> Iterator[ClockEvent]:
        """The first day's roll, the windows open then, and every clock event after it, day by day."""
        sessions, blackouts = self._sessions, self.terms.stage.times.blackout
        day = sessions.day_at(start)
        yield DayRolled(0, day.opens, day.label, day.until, day.calendar_known)
        yield from windows_open_at(sessions, day.opens, blackouts=blackouts, news=self._windows)
        while True:
            near = [window for window in self._windows if window.opens <= day.until and window.closes >= day.opens]
            yield from clock_events(sessions, day.opens, day.until, blackouts=blackouts, news=near)
            day = sessions.next(day)

    def feed(self, event: Event) -> None:
        """One event, already numbered."""
        before = self.state
        self.state, findings = step(self.terms, before, event)
        if self.journal is not None:
            self.journal.add(event)
        if findings:
            self.findings.extend(findings)
        self.saw(before)
        if type(event) is DayRolled:
            if self.traces:
                self.traces[-1].end = before
            state = self.state
            self.traces.append(
                DayTrace(
                    day=event.day,
                    opened_at=event.at,
                    calendar_known=event.calendar_known,
                    start_balance=state.balance,
                    start_fees=state.core.fees,
                    high=state.equity,
                    low=state.equity,
                    lowest_room=room(state) if before.verdict == "open" else None,
                )
            )

    def saw(self, before: State) -> None:
        """Takes the new equity into the day's figures; it was judged by the floors of ``before``."""
        equity = self.state.equity
        self._low, self._high = min(self._low, equity), max(self._high, equity)
        if self.state.core is not before.core or self.state.at >= self.curve.until:
            self._flush(before)

    def went_on(self, state: State, low: Micros, high: Micros) -> None:
        """Marks alone led to this state, between these equities, and were journalled by whoever fed them."""
        self.marks += state.seq - self.state.seq
        self.state = state
        self._low, self._high = min(self._low, low), max(self._high, high)

    def at_rest(self) -> None:
        """Nothing more comes: what was seen last belongs to day and curve too."""
        self._flush(self.state)

    def _flush(self, judged_by: State) -> None:
        if self.traces:
            trace = self.traces[-1]
            trace.low, trace.high = min(trace.low, self._low), max(trace.high, self._high)
            if judged_by.verdict == "open" and trace.lowest_room is not None:
                trace.lowest_room = min(trace.lowest_room, _room(judged_by, self._low))
            if not self.curve.points:
                self.curve.begin(self.state.at, judged_by, trace.day_floor(judged_by))
            self.curve.close(self.state, self._low, self._high, trace.day_floor(self.state))
        self._low = self._high = self.state.equity

    def clock_until(self, at: int) -> None:
        """Everything that the clock alone brings about, up to and including ``at``."""
        while self.next_clock.at <= at:
            self._tick_clock()

    def close_day(self) -> None:
        """The rest of the running day, its roll included."""
        while type(self.next_clock) is not DayRolled:
            self._tick_clock()
        self._tick_clock()

    def _tick_clock(self) -> None:
        event = self.next_clock
        self.feed(_numbered(event, self.state.seq + 1))
        self.next_clock = next(self._clock)

    def mark(self, at: int, symbol: str, quote: Quote, *, doubt: bool = False) -> None:
        self.clock_until(at)
        self.marks += 1
        self.feed(Mark(self.state.seq + 1, at, symbol, quote[0], quote[1], doubt))

    def fill(self, fill: ImportedFill, *, doubt: bool = False) -> None:
        """An execution; before it, the quote that it met, if the account did not follow that symbol until now."""
        self.clock_until(fill.at)
        last = self.last.get(fill.symbol)
        if last is not None and not self.holds(fill.symbol):
            quote = last[3:]
            if quote != self.state.core.quotes.get(fill.symbol):
                self.mark(fill.at, fill.symbol, quote)
        event = Fill(
            self.state.seq + 1,
            fill.at,
            fill.execution,
            fill.symbol,
            fill.root,
            fill.quantity,
            fill.price,
            fill.fee,
            doubt,
        )
        self.feed(event)
        self.fills.append(event)
        if self.traces:
            self.traces[-1].fills += 1

    def held(self) -> frozenset[str]:
        """Symbols with an open position."""
        return frozenset(held.symbol for held in self.state.core.positions)

    def holds(self, symbol: str) -> bool:
        return any(held.symbol == symbol for held in self.state.core.positions)


def _room(state: State, equity: Micros) -> Micros:
    """This equity above the higher of the floors in force."""
    return Micros(equity - state.equity + room(state))


def _numbered(event: ClockEvent, seq: int) -> ClockEvent:
    return replace(event, seq=seq)
