"""A run as the journal has it: read in one transaction, and gone through after it.

Theory of operation. What is read are plain values: entries, and of each contract the prices that the run was told,
span by span, with the link of the price before each. So the transaction is over before anything is worked out, what it
costs goes by the run and not by the age of its contracts, and working it out needs neither the database nor the event
loop. Every price that is read is held against the chain; that the spans hang together, and that the chain is whole
where no run was looking, is what ``verify`` finds out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from propfirm.application.ports.work import Risk, Transaction
from propfirm.domain.errors import Conflict
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import Event
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.journal import Between, Entry, Quoted, Weaver, broken_link, chained
from propfirm.domain.rules.records import Record, recorded
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms

ENTRIES: Final = 500
QUOTES: Final = 5_000
"""So many are read in one go: the loop has other things to do in between, and no statement takes long."""


@dataclass(eq=False)
class ChangedQuote(Conflict):
    code = "journal.changed-quote"
    title = "A price in the journal is not as it was written, or one is missing before it"
    symbol: str
    number: int


@dataclass(eq=False)
class ChangedEntry(Conflict):
    code = "journal.changed-entry"
    title = "An entry of the journal is not as it was written, or the run does not stand where its entries lead"
    account: AccountId
    run: int


class Path(Struct, frozen=True):
    """Prices of one contract, numbered on from ``after``. before: the link of that one; "" before the first of all,
    None where it is missing."""

    after: int
    before: str | None
    quotes: Sequence[Quoted]


class Stretch(Struct, frozen=True):
    """Entries of a run, and the prices that it was told between them and after them, up to ``last``.

    paths: by contract, in order.
    """

    entries: Sequence[Entry]
    paths: Mapping[str, Sequence[Path]]
    last: Mapping[str, int]

    def events(self, weaver: Weaver) -> Iterator[Event]:
        """What the run was told, in full, on from where the weaver stands. Raises ChangedQuote; Gap on the way."""
        between = self._shown()
        for entry in self.entries:
            yield from weaver.take(entry, between)
        yield from weaver.follow(self.last, between)

    def head(self, before: str) -> str:
        """The link of the last entry, by what the entries say. before: that of the entry before the first."""
        return [before, *chained(before, self.entries)][-1]

    def _shown(self) -> Between:
        for symbol, paths in self.paths.items():
            for path in paths:
                if path.before is None:
                    raise ChangedQuote(symbol, path.after)
                if (wrong := broken_link(path.quotes, path.before)) is not None:
                    raise ChangedQuote(symbol, wrong.number)
        places = {symbol: [path.after for path in paths] for symbol, paths in self.paths.items()}

        def between(symbol: str, after: int, upto: int) -> Sequence[Quoted]:
            after = max(0, after)
            place = bisect_right(places.get(symbol, ()), after) - 1
            if place < 0 or upto <= after:
                return ()
            path = self.paths[symbol][place]
            return path.quotes[after - path.after : upto - path.after]  # numbered without gaps

        return between


class Derived(Struct, frozen=True):
    """What the journal alone gives: the events in full, what there was to say and to remember, where the run stands,
    and where it stood when it ended (None while it is open)."""

    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    records: tuple[Record, ...]
    state: State
    ended: State | None


class Journalled(Struct, frozen=True):
    """A run from its first event on, with the terms that it is judged by."""

    terms: Terms
    stretch: Stretch

    def derived(self) -> Derived:
        """Raises ChangedQuote, Gap."""
        state, events = begin(self.terms), list[Event]()
        findings, records = list[Finding](), list[Record]()
        ended: State | None = None
        for event in self.stretch.events(Weaver()):
            before = state
            state, said = step(self.terms, state, event)
            if state.verdict != before.verdict:
                ended = None if state.verdict == "open" else state
            events.append(event)
            findings.extend(said)
            if (record := recorded(self.terms, before, event, state)) is not None:
                records.append(record)
        return Derived(tuple(events), tuple(findings), tuple(records), state, ended)

    def before(self, seq: int) -> State:
        """Where the run stood just before its event ``seq``. Raises as ``derived``."""
        state = begin(self.terms)
        for event in self.stretch.events(Weaver()):
            if event.seq >= seq:
                break
            state, _ = step(self.terms, state, event)
        return state


async def whole(tx: Transaction, account: AccountId, run: int) -> Stretch:
    """All of the run. Of one that goes on meanwhile, outside a snapshot too, it is the beginning."""
    risk = await tx.journal.risk(account, run)  # before the entries: a price seen later than they are is not followed
    entries, more = list[Entry](), True
    while more:
        page = await tx.journal.entries(account, run, after=entries[-1].event.seq if entries else 0, most=ENTRIES)
        entries.extend(page)
        more = len(page) == ENTRIES
    last = {} if risk is None else risk.checkpoint.seen
    return Stretch(entries, await _paths(tx, Weaver(), entries, last), last)


async def further(tx: Transaction, risk: Risk, weaver: Weaver) -> tuple[Stretch, bool]:
    """The next entries after where the weaver stands, up to where the run stood; and whether there are more."""
    page = await tx.journal.entries(risk.account, risk.run, after=weaver.seq, most=ENTRIES)
    entries = [one for one in page if one.event.seq <= risk.checkpoint.state.seq]
    more = len(entries) == ENTRIES
    last = {} if more else risk.checkpoint.seen
    return Stretch(entries, await _paths(tx, weaver, entries, last), last), more


async def _paths(
    tx: Transaction, weaver: Weaver, entries: Sequence[Entry], last: Mapping[str, int]
) -> Mapping[str, Sequence[Path]]:
    needs = weaver.needs(entries, last)
    return {symbol: [await _path(tx, symbol, *span) for span in spans] for symbol, spans in needs.items()}


async def _path(tx: Transaction, symbol: str, after: int, upto: int) -> Path:
    quotes = list[Quoted]()
    for place in range(max(0, after - 1), upto, QUOTES):
        quotes.extend(await tx.journal.quotes(symbol, place, min(place + QUOTES, upto)))
    if not after:
        return Path(0, "", quotes)
    if not quotes or quotes[0].number != after:
        return Path(after, None, ())
    return Path(after, quotes[0].link, quotes[1:])
