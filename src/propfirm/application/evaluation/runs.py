"""Runs brought into memory: to be gone on with, or to be derived again from the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from operator import attrgetter
from typing import Final

from msgspec import Struct

from propfirm.application.ports.work import Beginning, Risk, Transaction
from propfirm.application.rules.live import LiveRun
from propfirm.domain.calendar.clock_events import Window, news_windows
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.calendar.news import NewsCalendar
from propfirm.domain.calendar.news_events import calendar_of
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.catalogue.program import Clock, Program
from propfirm.domain.errors import Conflict
from propfirm.domain.evaluation.facts import Binding
from propfirm.domain.ids import AccountId
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import Micros
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import Event
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.journal import Between, Checkpoint, Entry, Quoted, Weaver, broken_link, chained, woven
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Options, Terms, compile_terms


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


PAGE: Final = 500
"""Entries read together, with the prices between them."""


class Begun(Struct, frozen=True):
    """A run with the program version that it began under, and the terms that follow."""

    program: Program
    terms: Terms
    beginning: Beginning


class Derived(Struct, frozen=True):
    """What the journal alone gives: the events in full, what there was to say, and where the run stands."""

    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Runs:
    """Everything outside the journal that a run is judged with.

    What never changes is worked out once: the days of a clock, and the terms of a version that was sold.
    """

    contracts: Mapping[str, Contract]
    sessions: SessionTable
    news: NewsCalendar
    _days: dict[Clock, Sessions] = field(default_factory=dict, init=False, repr=False, compare=False)
    _terms: dict[tuple[Binding, str, Micros | None], tuple[Program, Terms]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    async def begun(self, tx: Transaction, account: AccountId, run: int) -> Begun:
        """Raises NotFound."""
        beginning = await tx.accounts.begun(account, run)
        key = beginning.bound, beginning.stage, beginning.balance
        known = self._terms.get(key)
        if known is None:
            program = (await tx.programs.get(beginning.bound.program, beginning.bound.version)).program
            options = Options(starting_balance=beginning.balance)
            terms = compile_terms(program, beginning.stage, self.contracts, options=options)
            known = self._terms[key] = (program, terms)
        return Begun(*known, beginning)

    async def resumed(self, tx: Transaction, account: AccountId, run: int) -> tuple[Begun, LiveRun, str]:
        """The run as it stands, prices since its last entry included, and the head of its journal."""
        begun = await self.begun(tx, account, run)
        # Before the state: whoever reads outside a snapshot must not value what was closed meanwhile at later prices.
        newest = {one.symbol: one.number for one in await tx.journal.latest()}
        risk = await tx.journal.risk(account, run)
        live = LiveRun(
            begun.terms,
            self._days_of(begun.program.clock),
            await self._windows(tx, begun.terms),
            to_ns(begun.beginning.at),
            None if risk is None else risk.checkpoint,
        )
        if risk is not None:
            for quoted in await _since(tx, live.held, risk.checkpoint, newest):
                live.quote(quoted)
        return begun, live, "" if risk is None else risk.head

    async def events(self, tx: Transaction, account: AccountId, run: int) -> Iterator[Event]:
        """Everything that the run was told, in full, by the journal. Raises ChangedQuote; Gap on the way."""
        entries = await tx.journal.entries(account, run)
        risk = await tx.journal.risk(account, run)
        last = {} if risk is None else risk.checkpoint.seen
        quotes = {symbol: await tx.journal.quotes(symbol, 0, upto) for symbol, upto in _newest(entries, last).items()}
        for symbol, path in quotes.items():
            if (wrong := broken_link(path, "")) is not None:
                raise ChangedQuote(symbol, wrong.number)

        def between(symbol: str, after: int, upto: int) -> Sequence[Quoted]:
            return quotes[symbol][after:upto]  # numbered from 1 without gaps

        return woven(entries, between, last)

    async def further(self, tx: Transaction, risk: Risk, weaver: Weaver, head: str) -> AsyncIterator[Event]:
        """As ``events``, on from where the weaver stands, a page at a time. Raises as ``events``, and ChangedEntry.

        head: the link of the last entry before.
        """
        link, full = head, True
        while full:
            entries = await tx.journal.entries(risk.account, risk.run, after=weaver.seq, most=PAGE)
            full = len(entries) == PAGE
            last = {} if full else risk.checkpoint.seen
            between = await _shown(tx, weaver.needs(entries, last))
            for entry in entries:
                for event in weaver.take(entry, between):
                    yield event
            for event in weaver.follow(last, between):
                yield event
            link = [link, *chained(link, entries)][-1]
        if link != risk.head:
            raise ChangedEntry(risk.account, risk.run)

    async def derived(self, tx: Transaction, account: AccountId, run: int) -> Derived:
        """The run from its first event on, by the journal. Raises NotFound, ChangedQuote, Gap."""
        begun = await self.begun(tx, account, run)
        state, events, findings = begin(begun.terms), list[Event](), list[Finding]()
        for event in await self.events(tx, account, run):
            state, said = step(begun.terms, state, event)
            events.append(event)
            findings.extend(said)
        return Derived(tuple(events), tuple(findings), state)

    async def before(self, tx: Transaction, account: AccountId, run: int, seq: int) -> State:
        """Where the run stood just before its event ``seq``. Raises as ``derived``."""
        begun = await self.begun(tx, account, run)
        state = begin(begun.terms)
        for event in (await self.derived(tx, account, run)).events[: seq - 1]:
            state, _ = step(begun.terms, state, event)
        return state

    def opening(self, program: Program, until: int) -> int:
        """When the program's trading day that ends then began (ns)."""
        return self._days_of(program.clock).day_at(until - 1).opens

    def _days_of(self, clock: Clock) -> Sessions:
        days = self._days.get(clock)
        if days is None:
            days = self._days[clock] = Sessions(clock, self.sessions)
        return days

    async def _windows(self, tx: Transaction, terms: Terms) -> tuple[Window, ...]:
        """By the list that the firm keeps up; while it keeps none of that feed, by the one that is shipped."""
        rule = terms.stage.news
        if rule is None:
            return ()
        kept = await tx.news.listed(rule.feed)
        releases = calendar_of(rule.feed, kept) if kept else self.news
        return news_windows(rule, releases) if rule.feed == releases.feed else ()


async def _shown(tx: Transaction, needs: Mapping[str, tuple[int, int]]) -> Between:
    """The quotes that are needed, each linked to the one before. Raises ChangedQuote."""
    paths = dict[str, tuple[int, Sequence[Quoted]]]()
    for symbol, (after, upto) in needs.items():
        path, before = await tx.journal.quotes(symbol, max(0, after - 1), upto), ""
        if after:
            if not path or path[0].number != after:
                raise ChangedQuote(symbol, after)
            path, before = path[1:], path[0].link
        if (wrong := broken_link(path, before)) is not None:
            raise ChangedQuote(symbol, wrong.number)
        paths[symbol] = after, path

    def between(symbol: str, after: int, upto: int) -> Sequence[Quoted]:
        first, path = paths[symbol]
        return path[after - first : upto - first]  # numbered without gaps

    return between


_instant = attrgetter("at", "symbol", "number")


def _newest(entries: Sequence[Entry], last: Mapping[str, int]) -> dict[str, int]:
    """The highest number of each contract that the run has seen."""
    newest = dict(last)
    for entry in entries:
        for symbol, number in entry.seen.items():
            newest[symbol] = max(number, newest.get(symbol, 0))
    return newest


async def _since(
    tx: Transaction, held: frozenset[str], checkpoint: Checkpoint, newest: Mapping[str, int]
) -> Sequence[Quoted]:
    """The quotes of what is held that came after the checkpoint, up to the newest of each contract, in order."""
    streams = [
        await tx.journal.quotes(symbol, checkpoint.seen.get(symbol, 0), newest[symbol])
        for symbol in sorted(held)
        if symbol in newest
    ]
    return list(merge(*streams, key=_instant))
