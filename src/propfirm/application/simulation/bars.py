"""Bars: what is certain in them, what is not, and how the doubt is read (semantics page, section 15).

A bar tells its extremes but not their order, and not on which side of a fill they lie. Both readings are tried on the
frozen state, which costs nothing; where they lead to different things, the marks of the reading taken carry ``doubt``.
Of several contracts held at once a bar does not tell either whether their highs and lows fell together.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush, merge
from itertools import count, groupby
from operator import attrgetter
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from propfirm.application.ports.prices import Bar, Quote
from propfirm.application.simulation.report import Reading
from propfirm.domain.money import Micros
from propfirm.domain.rules.engine import step
from propfirm.domain.rules.events import Fill, Mark
from propfirm.domain.rules.findings import Finding, Hit, Warned
from propfirm.domain.rules.inquiry import room
from propfirm.domain.rules.state import SEVERITY, State
from propfirm.domain.rules.terms import Terms

# -- when --


class Span(Struct, eq=False):
    """The bars of all symbols over the same stretch of time.

    traded: symbols with a fill inside. doubt: its readings have led to different things.
    """

    start: int
    end: int
    bars: tuple[Bar, ...]
    traded: frozenset[str] = frozenset()
    doubt: bool = False


class Moment(Struct, frozen=True):
    """An instant at which a span is played: its open, its high and low in the middle, its close just before its end."""

    at: int
    part: Literal["open", "extremes", "close"]
    span: Span


def moments(streams: Sequence[Iterable[Bar]]) -> Iterator[Moment]:
    """Of all bars, in order of time. Spans may overlap: bars of different length tell of the same time."""
    waiting: list[tuple[int, int, Moment]] = []
    number = count()
    starts = groupby(merge(*streams, key=attrgetter("start")), key=attrgetter("start"))
    for start, together in starts:
        while waiting and waiting[0][0] < start:
            yield heappop(waiting)[-1]
        for end, bars in groupby(sorted(together, key=attrgetter("end")), key=attrgetter("end")):
            span = Span(start, end, tuple(bars))
            yield Moment(start, "open", span)
            heappush(waiting, ((start + end) // 2, next(number), Moment((start + end) // 2, "extremes", span)))
            heappush(waiting, (end - 1, next(number), Moment(end - 1, "close", span)))
    while waiting:
        yield heappop(waiting)[-1]


def joined(bars: Iterable[Bar], units: Mapping[int, Container[str]], unit: int) -> Iterator[Bar]:
    """Where the history tells time more coarsely than the bars, those of one unit of its clock are one bar: its fills
    may lie beside any of them. units: the contracts traded in a unit, by its beginning."""
    for number, together in groupby(bars, key=lambda bar: bar.start // unit):
        start = number * unit
        if start not in units:
            yield from together
            continue
        inside: dict[str, list[Bar]] = {}
        kept: list[Bar] = []
        for bar in together:
            if bar.symbol in units[start] and bar.end <= start + unit:
                inside.setdefault(bar.symbol, []).append(bar)
            else:
                kept.append(bar)
        kept += [_one(several, start, start + unit) for several in inside.values()]
        yield from sorted(kept, key=attrgetter("start"))


def _one(bars: Sequence[Bar], start: int, end: int) -> Bar:
    first = bars[0]
    high = max(bar.high[0] for bar in bars), max(bar.high[1] for bar in bars)
    low = min(bar.low[0] for bar in bars), min(bar.low[1] for bar in bars)
    return Bar(start, end, first.symbol, first.root, first.open, high, low, bars[-1].close)


# -- what --

Move: TypeAlias = tuple[str, Quote]
"""A symbol and the quote that it moves to."""


class Played(Struct, frozen=True):
    """Where events would lead, for comparison only: none of them is recorded."""

    state: State
    findings: tuple[Finding, ...] = ()

    @property
    def harm(self) -> tuple[int, int]:
        """Greater is worse for the account: by the most severe hit, then by the room that is left."""
        worst = max((SEVERITY[one.outcome] for one in self.findings if isinstance(one, Hit)), default=-1)
        return worst, -room(self.state)

    @property
    def ending(self) -> Finding | None:
        """The hit that ended the account, in substance."""
        return next((_in_substance(one) for one in self.findings if isinstance(one, Hit) and _ends(one)), None)


def play(terms: Terms, state: State, at: int, moves: Iterable[Move]) -> Played:
    findings: list[Finding] = []
    for symbol, (bid, ask) in moves:
        state, found = step(terms, state, Mark(state.seq + 1, at, symbol, bid, ask))
        findings.extend(found)
    return Played(state, tuple(findings))


def play_fill(terms: Terms, state: State, fill: Fill) -> Played:
    return Played(*step(terms, state, replace(fill, seq=state.seq + 1)))


def same(one: Played, other: Played) -> bool:
    """Did two readings lead to the same thing? Equity moves on with the next price, so it is not asked for."""
    a, b = one.state.core, other.state.core
    floors = (a.floor.level, a.floor.high, a.floor.locked) == (b.floor.level, b.floor.high, b.floor.locked)
    limits = (a.limits and (a.limits.floor, a.limits.high)) == (b.limits and (b.limits.floor, b.limits.high))
    trades = [held.trade for held in a.positions] == [held.trade for held in b.positions]
    rest = (a.verdict, a.day, a.progress, a.strikes, a.review) == (b.verdict, b.day, b.progress, b.strikes, b.review)
    return floors and limits and trades and rest and _told(one) == _told(other)


def _told(played: Played) -> list[Finding]:
    return [_in_substance(finding) for finding in played.findings]


def _ends(hit: Hit) -> bool:
    return hit.decided and hit.outcome == "fail"


def _in_substance(finding: Finding) -> Finding:
    """Without what differs between readings that agree: event numbers, and what the account was worth beside it all
    (a hit for its size says the same at any price; one of a loss limit has the equity as its actual figure)."""
    if isinstance(finding, Hit | Warned):
        evidence = replace(finding.evidence, set_seq=0, equity=Micros(0), balance=Micros(0))
        return replace(finding, seq=0, evidence=evidence)
    return replace(finding, seq=0)


def orders(state: State, bars: Iterable[Bar]) -> list[list[Move]]:
    """The ways in which high and low of the contracts held may have come: what favours the account first, what hurts
    it first, and, of several contracts, one after the other, each alone."""
    held = {one.symbol: one.position.quantity for one in state.core.positions}
    good: list[Move] = []
    bad: list[Move] = []
    alone: list[Move] = []
    for bar in bars:
        if bar.symbol in held:
            best, worst = (bar.high, bar.low) if held[bar.symbol] > 0 else (bar.low, bar.high)
            good.append((bar.symbol, best))
            bad.append((bar.symbol, worst))
            alone += [(bar.symbol, worst), (bar.symbol, best), (bar.symbol, bar.open)]
    found = [[*good, *bad], [*bad, *good]]
    return [*found, alone] if len(good) > 1 else found


def is_quiet(state: State, bars: Iterable[Bar]) -> bool:
    """Nothing in these bars reaches any threshold of the one open position: their order cannot matter."""
    core = state.core
    for bar in bars:
        if bar.symbol == core.symbol:
            ends = (bar.high[0], bar.low[0]) if core.mult > 0 else (bar.high[1], bar.low[1])
            return all(core.lo < core.base + core.mult * price < core.hi for price in ends)
    return False


def order_of(terms: Terms, state: State, at: int, bars: Sequence[Bar], reading: Reading) -> tuple[list[Move], bool]:
    """The extremes in the order in which they are to be played, and whether that order is an assumption.

    Adverse: the order with the most severe hit; among equals the one that leaves least room above the floors.
    """
    tried = orders(state, bars)
    if not tried[0] or is_quiet(state, bars):
        return tried[0], False
    ends = [(play(terms, state, at, moves), moves) for moves in tried]
    if all(same(end, ends[0][0]) for end, _ in ends):
        return tried[0], False
    choose = max if reading == "adverse" else min
    _, moves = choose(ends, key=lambda one: one[0].harm)
    return moves, True
