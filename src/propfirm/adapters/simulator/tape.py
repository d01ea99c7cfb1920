"""The tape: recorded minute bars as a path of quotes, moved by whole weeks into the present, week after week.

Theory of operation
-------------------
**Path.** A bar tells four prices and not their order. Its quotes are the open, then the extreme *against* the bar's own
direction, then the other extreme, then the close, a quarter of the bar apart: low before high in a minute that closes
where it opened or above, high before low in one that closes below. So whoever is right about a minute is tried first,
and the rule looks at the bar alone, never at anybody's position. Bids and asks are the recorded ones; a quote that
repeats the one before it within its bar is left out.

**Weeks.** The recorded week is moved in Chicago wall time: a quote of Tuesday 09:30 is one of a Tuesday 09:30 in every
week, in summer and in winter. Clocks change on Sundays before the exchange opens, so one distance holds for a week.
The same week comes again without end.

**Sessions.** Hours are those of our own calendar, not of 2013: what falls outside a group's session of its new date is
left out. A holiday is silent, an early close ends the day, and after 16:00 nothing trades. Gold was recorded from
Sunday evening to Tuesday evening, and is quoted only then.

**Numbers.** Quotes of a contract count from 1 without gaps from the first week on. A week's first number follows from
the sessions of the weeks before it, so that any stretch can be had at any time, and is always the same.

The contracts keep the names under which they were recorded (``ESZ13``): nobody should take these prices for today's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Final

from msgspec import Struct

from propfirm.application.ports.prices import Bar, Quote
from propfirm.domain.calendar.exchange import Exchange
from propfirm.domain.calendar.hours import EXCHANGE_ZONE
from propfirm.domain.calendar.instants import from_ns, wall_ns
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.market.contracts import Contract
from propfirm.domain.rules.journal import Quoted

OPENING: Final = time(17)
"""Of the week, on Sunday. A recorded week is measured from here."""
EVE: Final = time(16, 30)
WEEK: Final = timedelta(weeks=1)
WEEKS_KEPT: Final = 3
_AT: Final = attrgetter("at")
_ORDER: Final = attrgetter("at", "symbol", "number")


def path(bar: Bar) -> Iterator[tuple[int, Quote]]:
    """The quotes of a bar with their times (ns)."""
    rises = sum(bar.close) >= sum(bar.open)
    against, along = (bar.low, bar.high) if rises else (bar.high, bar.low)
    quarter = (bar.end - bar.start) // 4
    yield bar.start, bar.open
    for place, (before, quote) in enumerate(pairwise((bar.open, against, along, bar.close)), start=1):
        if quote != before:
            yield bar.start + place * quarter, quote


def week_of(moment: datetime) -> date:
    """The Sunday, in Chicago, of the week that ``moment`` is in."""
    day = moment.astimezone(EXCHANGE_ZONE).date()
    return day - timedelta(days=day.isoweekday() % 7)


def eve_of(moment: datetime) -> datetime:
    """Half an hour before the week of ``moment`` opens: where a demo begins."""
    return from_ns(wall_ns(week_of(moment), EVE, EXCHANGE_ZONE))


class Recorded(Struct, frozen=True):
    """One contract's quotes. times: ns since the opening of its week, rising."""

    symbol: str
    contract: Contract
    times: Sequence[int]
    quotes: Sequence[Quote]


class Session(Struct, frozen=True):
    """Of one date: from the evening before to the close, [opens, closes) in ns."""

    day: date
    opens: int
    closes: int


class Tape:
    """Deterministic: the same bars, calendar and first week give the same quotes in any order of asking."""

    def __init__(
        self, bars: Iterable[Bar], contracts: Mapping[str, Contract], table: SessionTable, first: date
    ) -> None:
        """bars: of one week, those of a contract in order. contracts: by root. first: the Sunday it begins on."""
        self.first = first
        self.begins = wall_ns(first, OPENING, EXCHANGE_ZONE)
        self.recorded = {one.contract.root: one for one in _recorded(bars, contracts)}
        self._exchange = Exchange(table)
        self._numbers: list[dict[str, int]] = [{one.symbol: 1 for one in self.recorded.values()}]
        self._weeks: dict[int, tuple[Quoted, ...]] = {}

    def quotes(self, after: int, upto: int) -> list[Quoted]:
        """Those of (after, upto], by time, contract and number."""
        if upto < self.begins:
            return []
        found: list[Quoted] = []
        for number in range(self._week_at(after), self._week_at(upto) + 1):
            week = self._week(number)
            found.extend(week[bisect_right(week, after, key=_AT) : bisect_right(week, upto, key=_AT)])
        return found

    def session(self, root: str, day: date) -> Session | None:
        """When the contract's group trades for this date; None where it does not."""
        parts = self._exchange.session(self.recorded[root].contract.group, day)
        return Session(day, parts[0][0], parts[-1][1]) if parts else None

    def _week_at(self, at: int) -> int:
        return max(0, (week_of(from_ns(at)) - self.first) // WEEK)

    def _week(self, number: int) -> tuple[Quoted, ...]:
        known = self._weeks.get(number)
        if known is None:
            opening, firsts = self._opening(number), self._first_numbers(number)
            known = tuple(
                sorted(
                    (one for recorded in self.recorded.values() for one in self._moved(recorded, opening, firsts)),
                    key=_ORDER,
                )
            )
            if len(self._weeks) >= WEEKS_KEPT:
                del self._weeks[min(self._weeks)]
            self._weeks[number] = known
        return known

    def _moved(self, recorded: Recorded, opening: int, firsts: Mapping[str, int]) -> Iterator[Quoted]:
        number = firsts[recorded.symbol]
        for low, high in self._open_parts(recorded, opening):
            for time_, (bid, ask) in zip(recorded.times[low:high], recorded.quotes[low:high], strict=True):
                yield Quoted(recorded.symbol, number, opening + time_, bid, ask)
                number += 1

    def _open_parts(self, recorded: Recorded, opening: int) -> Iterator[tuple[int, int]]:
        """The recorded places, from and to, that fall into sessions of the week of this opening."""
        sunday = from_ns(opening).astimezone(EXCHANGE_ZONE).date()
        for n in range(1, 6):
            for opens, closes in self._exchange.session(recorded.contract.group, sunday + timedelta(days=n)):
                yield bisect_left(recorded.times, opens - opening), bisect_left(recorded.times, closes - opening)

    def _first_numbers(self, number: int) -> dict[str, int]:
        while len(self._numbers) <= number:
            opening, last = self._opening(len(self._numbers) - 1), self._numbers[-1]
            self._numbers.append(
                {
                    one.symbol: last[one.symbol] + sum(high - low for low, high in self._open_parts(one, opening))
                    for one in self.recorded.values()
                }
            )
        return self._numbers[number]

    def _opening(self, number: int) -> int:
        return wall_ns(self.first + number * WEEK, OPENING, EXCHANGE_ZONE)


def _recorded(bars: Iterable[Bar], contracts: Mapping[str, Contract]) -> Iterator[Recorded]:
    """The bars of each contract as its path, without what was quoted before the week opened."""
    by_symbol: dict[str, list[Bar]] = {}
    for bar in bars:
        by_symbol.setdefault(bar.symbol, []).append(bar)
    for symbol, own in sorted(by_symbol.items()):
        opening = wall_ns(week_of(from_ns(own[0].start)), OPENING, EXCHANGE_ZONE)
        moments = [(at - opening, quote) for bar in own for at, quote in path(bar) if at >= opening]
        yield Recorded(symbol, contracts[own[0].root], [at for at, _ in moments], [quote for _, quote in moments])
