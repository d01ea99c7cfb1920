"""Runs brought into memory: to be gone on with, or to be derived again from the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from operator import attrgetter

from msgspec import Struct

from propfirm.application.evaluation.journalled import Journalled, whole
from propfirm.application.ports.work import Beginning, Transaction
from propfirm.application.rules.live import LiveRun
from propfirm.domain.calendar.clock_events import Window, news_windows
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.calendar.news import NewsCalendar
from propfirm.domain.calendar.news_events import calendar_of
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.catalogue.program import Clock, Program
from propfirm.domain.evaluation.facts import Binding
from propfirm.domain.ids import AccountId
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import Micros
from propfirm.domain.rules.journal import Checkpoint, Quoted
from propfirm.domain.rules.terms import Options, Terms, compile_terms


class Begun(Struct, frozen=True):
    """A run with the program version that it began under, and the terms that follow."""

    program: Program
    terms: Terms
    beginning: Beginning


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

    async def journalled(self, tx: Transaction, account: AccountId, run: int) -> Journalled:
        """Everything that it takes to derive the run again. Raises NotFound."""
        return Journalled((await self.begun(tx, account, run)).terms, await whole(tx, account, run))

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


_instant = attrgetter("at", "symbol", "number")


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
