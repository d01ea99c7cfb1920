"""The simulated platform: accounts, the demo traders on them, and the feed of what happens.

Theory of operation
-------------------
The platform is a function of four things: the tape, the seed, the cast and the acts in its book. A batch is everything
of (after, until]; whoever asks for the same stretch again gets the same. In memory there is only each account's running
day, which is made again from the tape where it is missing.

Acts are dated after everything that was given out: the feed never has to say something about the past. Whoever is
engaged before a morning trades from that morning on; so it does not matter how long the firm takes to say who trades
an account, and an account that the firm leaves to itself is traded by the house's trader.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Final
from uuid import UUID

from propfirm.adapters.simulator.book import (
    Act,
    Began,
    Book,
    Engaged,
    Opened,
    Progress,
    PutBack,
    Resumed,
    Stopped,
    Withdrawn,
)
from propfirm.adapters.simulator.cast import CAST, DEFAULT_SEED, HOUSE
from propfirm.adapters.simulator.day import Day, Trader, assigned, morning_of
from propfirm.adapters.simulator.tape import Tape, week_of
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.platforms import Batch, Happened, Told
from propfirm.application.ports.prices import Bar
from propfirm.domain.calendar.hours import EXCHANGE_ZONE
from propfirm.domain.calendar.instants import NS_PER_S, from_ns, to_ns
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.errors import Conflict, NotFound
from propfirm.domain.ids import AccountId
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import CashMoved
from propfirm.domain.rules.journal import Quoted
from propfirm.domain.rules.state import FAR

SPAN_MAX: Final = 6 * 3600 * NS_PER_S
"""A batch covers no more than this, however far the clock has run ahead."""
PACE_S: Final = 0.2
"""Real seconds between two looks at the clock."""
_AT: Final = attrgetter("event.at")


@dataclass(eq=False)
class OtherSeed(Conflict):
    """What has happened was drawn by the first seed; under another it would have been different."""

    code = "simulator.other-seed"
    title = "The simulated platform was begun with another seed: go on with that one, or begin anew (--reset)"
    begun: int
    asked: int


@dataclass(eq=False)
class NoSuchTrader(NotFound):
    code = "simulator.no-such-trader"
    title = "The cast has no trader of this name"
    trader: str
    known: tuple[str, ...]


@dataclass(eq=False)
class NoSuchPlatformAccount(NotFound):
    code = "simulator.no-such-account"
    title = "The platform has no account of this name"
    name: str


class Seat:
    """One account at the platform. day: the running one; None where nobody trades, or where it must be made again."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.halts: list[Stopped | Resumed] = []
        self.withdrawals: list[Withdrawn] = []
        self.put_back: list[PutBack] = []
        self.day: Day | None = None

    def is_stopped(self, at: int) -> bool:
        last = next((one for one in reversed(self.halts) if one.at < at), None)
        return isinstance(last, Stopped)

    def money_moved(self, after: int, until: int) -> list[Happened]:
        taken = [
            CashMoved(0, one.at, "payout", Micros(-one.amount), gross=one.amount, reference=one.reference)
            for one in self.withdrawals
        ]
        amounts = {one.reference: one.amount for one in self.withdrawals}
        back = [
            CashMoved(0, one.at, "adjustment", amounts[one.reference], reference=one.reference)
            for one in self.put_back
            if one.reference in amounts
        ]
        return [one for one in (*taken, *back) if after < one.at <= until]


class SimulatedPlatform:
    """Fills ``Platform`` and ``Feed``."""

    name = "simulator"

    def __init__(
        self,
        folder: Path,
        bars: Sequence[Bar],
        contracts: Mapping[str, Contract],
        table: SessionTable,
        clock: Clock,
        seed: int | None = None,
        cast: Mapping[str, Trader] = CAST,
    ) -> None:
        """folder: for what it remembers. The tape begins in the week of the clock's time, the first time.

        seed: None for the one it was begun with, the default the first time. Raises OtherSeed, and what ``Book``
        raises.
        """
        self._clock = clock
        self._cast = cast
        self._book = Book(folder)
        if not self._book.acts:
            self._book.write(Began(DEFAULT_SEED if seed is None else seed, week_of(clock.now()).isoformat()))
        begun = self._book.acts[0]
        assert isinstance(begun, Began)  # noqa: S101 - the first act of every book, written two lines above
        if seed not in {None, begun.seed}:
            raise OtherSeed(begun.seed, seed)
        self.seed = begun.seed
        self.tape = Tape(bars, contracts, table, date.fromisoformat(begun.week))
        before = Progress(self.tape.begins - 1, self.tape.begins - 1)
        self._progress = self._book.progress() or before
        self._seats: dict[str, Seat] = {}
        self._engaged: dict[UUID, list[Engaged]] = {}
        for act in self._book.acts:
            self._apply(act)

    # -- Platform --

    async def open(self, account: AccountId, run: int, balance: Micros) -> str:
        name = f"SIM-{account}-{run}"
        if name not in self._seats:
            self._do(Opened(name, account, run, balance, self._present()))
        return name

    async def withdraw(self, platform_account: str, reference: str, amount: Micros) -> None:
        """Raises NoSuchPlatformAccount."""
        seat = self._seat(platform_account)
        known = {one.reference for one in seat.withdrawals} | {one.reference for one in seat.put_back}
        if reference not in known:
            self._do(Withdrawn(platform_account, reference, amount, self._present()))

    async def put_back(self, platform_account: str, reference: str) -> None:
        """Raises NoSuchPlatformAccount."""
        if all(one.reference != reference for one in self._seat(platform_account).put_back):
            self._do(PutBack(platform_account, reference, self._present()))

    async def stop(self, platform_account: str) -> None:
        """Raises NoSuchPlatformAccount."""
        if not self._seat(platform_account).is_stopped(FAR):
            self._do(Stopped(platform_account, self._present()))

    async def resume(self, platform_account: str) -> None:
        """From the next morning on, as with whoever is engaged. Raises NoSuchPlatformAccount."""
        if self._seat(platform_account).is_stopped(FAR):
            self._do(Resumed(platform_account, self._present()))

    # -- who trades --

    def engage(self, account: AccountId, trader: str | None) -> None:
        """This trader of the cast trades the account's runs from the next morning on; None: nobody does.

        Raises NoSuchTrader. Before the account is opened at the platform as well as after.
        """
        if trader is not None and trader not in self._cast:
            raise NoSuchTrader(trader, tuple(self._cast))
        before = self._engaged.get(account)
        if before is None or before[-1].trader != trader:
            self._do(Engaged(account, trader, self._present()))

    # -- Feed --

    async def batches(self) -> AsyncIterator[Batch]:
        """See the port. What was given out and not acknowledged comes first, as it was."""
        for seat in self._seats.values():
            seat.day = None
        progress = self._progress
        if progress.given > progress.acknowledged:
            yield self.between(progress.acknowledged, progress.given)
        while True:
            after = self._progress.given
            until = min(to_ns(self._clock.now()), after + SPAN_MAX)
            if until > after:
                self._reach(Progress(self._progress.acknowledged, until))
                yield self.between(after, until)
            if until < after + SPAN_MAX:
                await asyncio.sleep(PACE_S)

    async def acknowledge(self, batch: Batch) -> None:
        if batch.until > self._progress.acknowledged:
            self._reach(Progress(batch.until, self._progress.given))

    def between(self, after: int, until: int) -> Batch:
        """Everything of (after, until]. ``after`` is where the last one ended, or the first since ``batches`` began."""
        quotes, days = self.tape.quotes(after, until), _begun(after, until)
        told: list[Told] = []
        for name, seat in self._seats.items():
            told.extend(Told(name, event) for event in seat.money_moved(after, until))
            for day in days:
                told.extend(Told(name, event) for event in self._traded(seat, day, after, quotes))
        told.sort(key=_AT)
        return Batch(until, tuple(quotes), tuple(told))

    def _traded(self, seat: Seat, date_: date, after: int, quotes: Sequence[Quoted]) -> Iterator[Happened]:
        """What the seat's trader of this date does at those of the quotes that belong to its session."""
        day = self._day(seat, date_, after)
        if day is None:
            return
        for quoted in quotes:
            if quoted.symbol == day.symbol and day.session.opens <= quoted.at < day.session.closes:
                yield from day.see(quoted, stopped=seat.is_stopped(quoted.at))

    def _day(self, seat: Seat, date_: date, after: int) -> Day | None:
        """The seat's day as it is after the quotes up to and including ``after``. None: nobody trades on this date."""
        if seat.day is not None and seat.day.session.day == date_:
            return seat.day
        seat.day = None
        morning = morning_of(date_)
        trader = self._trader(seat.opened.account, morning)
        if trader is None or seat.opened.at >= morning or seat.is_stopped(morning):
            return None
        session = self.tape.session(trader.root, date_)
        if session is None:
            return None
        opened = seat.opened
        assignment = assigned(self.seed, trader, opened.name, opened.run, opened.balance, date_)
        seat.day = day = Day(assignment, self.tape.recorded[trader.root], session)
        for quoted in self.tape.quotes(session.opens - 1, after):
            if quoted.symbol == day.symbol and quoted.at < session.closes:
                for _ in day.see(quoted, stopped=seat.is_stopped(quoted.at)):
                    pass  # it was told before
        return day

    def _trader(self, account: UUID, morning: int) -> Trader | None:
        """Who trades the account on the day of this morning."""
        name: str | None = HOUSE
        for engaged in self._engaged.get(account, ()):
            if engaged.at < morning:
                name = engaged.trader
        return None if name is None else self._cast[name]

    # -- acts --

    def _present(self) -> int:
        """Later than everything that was given out."""
        return max(to_ns(self._clock.now()), self._progress.given + 1)

    def _do(self, act: Act) -> None:
        self._book.write(act)
        self._apply(act)

    def _apply(self, act: Act) -> None:
        match act:
            case Opened():
                self._seats[act.name] = Seat(act)
            case Engaged():
                self._engaged.setdefault(act.account, []).append(act)
            case Withdrawn():
                self._seats[act.name].withdrawals.append(act)
            case PutBack():
                self._seats[act.name].put_back.append(act)
            case Stopped() | Resumed():
                self._seats[act.name].halts.append(act)
            case Began():
                pass

    def _seat(self, name: str) -> Seat:
        try:
            return self._seats[name]
        except KeyError:
            raise NoSuchPlatformAccount(name) from None

    def _reach(self, progress: Progress) -> None:
        self._book.reach(progress)
        self._progress = progress


def _begun(after: int, until: int) -> list[date]:
    """The dates in Chicago on which instants of (after, until] lie, and whose morning has come by then: who trades on
    a date is settled in its morning, and not before."""
    first, last = (from_ns(at).astimezone(EXCHANGE_ZONE).date() for at in (after + 1, until))
    dates = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in dates if morning_of(day) <= until]
