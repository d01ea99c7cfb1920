"""What a verdict rests on, as it is kept: prices once per contract, and every account's own events with the numbers of
the prices that it had seen.

Theory of operation
-------------------
An account follows the quotes of the contracts that it holds, while its run is open. Before an event of its own,
``seen`` says for every contract held the number of the last quote applied; the quotes between two entries are
therefore known without being stored again for each account. A fill that opens a position says which quote it met,
which was applied just before it.

Quotes of several contracts are applied in order of (time, contract, number). So ``woven`` gives back exactly the events
that the live run fed to ``step``, numbers included, from the entries and the quotes alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.errors import Refused
from propfirm.domain.rules.events import Event, Fill, Mark
from propfirm.domain.rules.state import State


class Quoted(Struct, frozen=True):
    """A price that was shown. number: of its contract, from 1 without gaps. at: ns since 1970 UTC; bid, ask: ticks.

    link: of the contract's chain up to here, "" until it is journalled.
    """

    symbol: str
    number: int
    at: int
    bid: int
    ask: int
    link: str = ""

    def linked_to(self, before: str) -> Quoted:
        """As it is journalled. before: the link of the quote before, "" for the first."""
        content = f"{before}|{self.symbol}|{self.number}|{self.at}|{self.bid}|{self.ask}"
        link = hashlib.sha256(b"propfirm-quotes/1\n" + content.encode()).hexdigest()
        return replace(self, link=link)


class Entry(Struct, frozen=True):
    """An account's own event. seen: see above; contracts whose number changed since the entry before, and
    perhaps others that are held."""

    event: Event
    seen: Mapping[str, int]


class Checkpoint(Struct, frozen=True):
    """Where a run stands: everything that a restart needs. clock: every clock event up to here was applied (ns).

    seen: the number of the last quote applied, by contract. ended: the state at the event that ended the run, None
    while it is open; what came later moved nothing but money.
    """

    state: State
    seen: dict[str, int]
    clock: int
    ended: State | None = None


@dataclass(eq=False)
class Gap(Refused):
    """The journal is not whole: a quote or an event that was applied is not there."""

    code = "journal.gap"
    title = "The journal has a gap"
    before_seq: int
    found_seq: int


Between = Callable[[str, int, int], Iterable[Quoted]]
"""The quotes of a contract after one number up to and including another."""


Span: TypeAlias = tuple[int, int]
"""The quotes of a contract after one number up to and including another."""

NEAR: Final = 500
"""So many quotes more are read sooner than two spans are asked for apart."""


class Standing(Struct, frozen=True):
    """What is held of a contract, and the number of the last quote applied; 0 before the first."""

    quantity: int
    number: int


class Weaver:
    """Gives back a run's events in the order in which ``step`` took them: from its first one, or on from where another
    one stood."""

    def __init__(self, seq: int = 0, standings: Mapping[str, Standing] | None = None) -> None:
        """seq: of the last event that was given back. standings: by contract, as ``standings`` was after it."""
        known = standings or {}
        self.seq = seq
        self._seen = {symbol: one.number for symbol, one in known.items()}
        self._held = {symbol: one.quantity for symbol, one in known.items() if one.quantity}

    @property
    def standings(self) -> Mapping[str, Standing]:
        """Of every contract that the run has met so far."""
        met = self._seen.keys() | self._held.keys()
        return {symbol: Standing(self._held.get(symbol, 0), self._seen.get(symbol, 0)) for symbol in sorted(met)}

    def needs(self, entries: Iterable[Entry], last: Mapping[str, int]) -> Mapping[str, Sequence[Span]]:
        """Which quotes will be asked for, by contract, in order; and the few between two spans that are ``NEAR``."""
        seen, held, spans = dict(self._seen), dict(self._held), dict[str, list[Span]]()

        def need(symbol: str, after: int, upto: int) -> None:
            if after < upto:
                spans.setdefault(symbol, []).append((max(0, after), upto))

        for entry in entries:
            for symbol, number in entry.seen.items():
                need(symbol, seen.get(symbol, 0) if symbol in held else number - 1, number)
            seen.update(entry.seen)
            _hold(held, entry.event)
        for symbol in held:
            if symbol in last:
                need(symbol, seen.get(symbol, 0), last[symbol])
        return {symbol: _joined(several) for symbol, several in spans.items()}

    def take(self, entry: Entry, between: Between) -> Iterator[Event]:
        """The quotes that were applied before it, and its event. Raises Gap."""
        for quoted in _applied(entry, self._seen, self._held, between):
            yield self._mark(quoted)
        self._seen.update(entry.seen)
        self.seq += 1
        if entry.event.seq != self.seq:
            raise Gap(self.seq, entry.event.seq)
        yield entry.event
        _hold(self._held, entry.event)

    def follow(self, last: Mapping[str, int], between: Between) -> Iterator[Event]:
        """The quotes that were applied after the last entry. last: as for ``woven``."""
        for quoted in _followed(last, self._seen, self._held, between):
            yield self._mark(quoted)
        self._seen.update((symbol, last[symbol]) for symbol in self._held if symbol in last)

    def _mark(self, quoted: Quoted) -> Mark:
        self.seq += 1
        return marked(quoted, self.seq)


def woven(entries: Iterable[Entry], between: Between, last: Mapping[str, int]) -> Iterator[Event]:
    """Every event of the run in the order in which ``step`` took them, numbered from 1. Raises Gap.

    last: as the run's checkpoint says, the numbers of the last quotes applied, after its last entry too.
    """
    weaver = Weaver()
    for entry in entries:
        yield from weaver.take(entry, between)
    yield from weaver.follow(last, between)


def _joined(spans: Iterable[Span]) -> Sequence[Span]:
    """In order, each with those that touch it or begin near its end."""
    joined = list[Span]()
    for after, upto in sorted(spans):
        if joined and after - joined[-1][1] <= NEAR:
            joined[-1] = joined[-1][0], max(joined[-1][1], upto)
        else:
            joined.append((after, upto))
    return joined


def _hold(held: dict[str, int], event: Event) -> None:
    if isinstance(event, Fill):
        held[event.symbol] = held.get(event.symbol, 0) + event.quantity
        if not held[event.symbol]:
            del held[event.symbol]


def _applied(entry: Entry, seen: Mapping[str, int], held: Mapping[str, int], between: Between) -> Iterable[Quoted]:
    yield from _followed(entry.seen, seen, held, between)
    for symbol, number in entry.seen.items():
        if symbol not in held:
            # The quote that an opening fill met may be older than the last one applied: it counts at the fill's time.
            for quoted in between(symbol, number - 1, number):
                yield replace(quoted, at=entry.event.at)


def _followed(
    upto: Mapping[str, int], seen: Mapping[str, int], held: Mapping[str, int], between: Between
) -> list[Quoted]:
    """The quotes of what is held that were applied since, in their order."""
    quotes = [one for symbol in held if symbol in upto for one in between(symbol, seen.get(symbol, 0), upto[symbol])]
    return sorted(quotes, key=attrgetter("at", "symbol", "number"))


def broken_link(quotes: Iterable[Quoted], before: str) -> Quoted | None:
    """The first of a contract's quotes, in order, that is not as it was journalled; None if all are.

    before: the link of the quote before the first, "" where that is number 1.
    """
    for quoted in quotes:
        if quoted.linked_to(before).link != quoted.link:
            return quoted
        before = quoted.link
    return None


def marked(quoted: Quoted, seq: int) -> Mark:
    return Mark(seq, quoted.at, quoted.symbol, quoted.bid, quoted.ask)


def chained(before: str, entries: Iterable[Entry]) -> Iterator[str]:
    """The link of each entry: SHA-256 over the link before and the entry's canonical JSON, in hex.

    before: the last link, "" for a run's first entry. Whoever changes, drops or adds an entry changes every link after.
    """
    for entry in entries:
        content = msgspec.json.encode((entry.event, entry.seen), order="sorted")
        before = hashlib.sha256(b"propfirm-journal/1\n" + before.encode() + b"\n" + content).hexdigest()
        yield before
