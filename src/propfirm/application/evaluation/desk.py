"""The desk: every live run of this process, and one batch of the feed after another.

Theory of operation. ``judge`` works in one transaction: it brings the runs that are new, or that the batch speaks of,
to the desk; feeds the batch to them in memory; and writes the quotes, each run's new entries, its state and its
findings, and what follows from them in the account's life. Nothing is told to anybody before the commit. Where that
fails, the runs in memory are ahead of what is known for good, so they are thrown away and read again: a batch that
comes again finds them as they were before it. How far the feed was judged is written in the same transaction, so a
batch that comes again after its commit changes nothing. What the firm itself announces to a run (a payout was denied)
is heard with the batch whose time it is of, and taken away in that transaction too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from operator import attrgetter
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from propfirm.application.evaluation.moves import act
from propfirm.application.evaluation.runs import Runs
from propfirm.application.evaluation.told import as_booked
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.platforms import Batch, Told
from propfirm.application.ports.work import Risk, Transaction, UnitOfWork
from propfirm.application.rules.live import Gain, LiveRun
from propfirm.domain.catalogue.program import Program
from propfirm.domain.errors import Conflict, NotFound
from propfirm.domain.evaluation import commands
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.events import Fill, Reinstated
from propfirm.domain.rules.journal import Quoted, chained
from propfirm.domain.rules.terms import ENGINE_SEMANTICS

ENDED = "evaluation.ended"
"""The job that stops a platform's account whose run is over and sees what comes next."""

_AT: Final = attrgetter("event.at")


@dataclass(eq=False)
class UnknownRun(NotFound):
    """News of a platform's account that no run has been given yet. It will be told again: nothing is lost."""

    code = "platform.unknown-run"
    title = "No run is known by this name"
    platform_account: str


@dataclass(eq=False)
class QuoteMissing(Conflict):
    """A price without the one before it: nothing is judged past a hole."""

    code = "feed.quote-missing"
    title = "The feed has a hole, or the desk is behind"
    symbol: str
    expected: int
    told: int


class Watched(Struct):
    """One run at the desk. head: the last link of its journal. ended: its verdict was acted on."""

    account: AccountId
    run: int
    program: Program
    live: LiveRun
    head: str


class Verdict(Struct, frozen=True):
    """A run that ended in this batch."""

    account: AccountId
    run: int
    verdict: str
    platform_account: str


@dataclass(slots=True)
class Desk:
    """feed: the name of what it judges. watched: by the platform's name of the account.

    One desk at a time may hold a run: the journal's head tells.
    """

    feed: str
    work: UnitOfWork
    clock: Clock
    runs: Runs
    watched: dict[str, Watched] = field(default_factory=dict)
    _latest: dict[str, Quoted] = field(default_factory=dict)
    _holders: dict[str, set[str]] = field(default_factory=dict)
    _fresh: bool = True
    _news: str = ""

    async def judge(self, batch: Batch) -> list[Verdict]:
        """Raises UnknownRun, and what the transaction raises; then the desk is empty and fills itself again."""
        try:
            async with self.work.begin() as tx:
                if not await tx.journal.arrived(self.feed, batch.until):
                    self._clear()  # perhaps by another desk: what is in memory may be behind
                    return []
                told = [await as_booked(tx, one) for one in batch.told]
                announced = await tx.journal.announced(batch.until)
                await self._heed_news(tx)
                await self._gather(tx, (*told, *announced))
                announced = await self._put_off(tx, batch.until, told, announced)
                told.extend(map(self._not_before_now, announced))
                touched, quotes = self._feed(replace(batch, told=tuple(sorted(told, key=_AT))))
                await tx.journal.quote(quotes)
                ended = [one for name in touched for one in await self._write(tx, name)]
        except BaseException:
            self._clear()
            raise
        for name in touched:
            one = self.watched[name].live
            if one.state.verdict != "open" and not one.held:
                del self.watched[name]
        return ended

    def _clear(self) -> None:
        self.watched.clear()
        self._holders.clear()
        self._latest.clear()
        self._fresh = True

    async def _heed_news(self, tx: Transaction) -> None:
        """After a change of the list of releases every run is read again: its clock must ring at other times."""
        edition = await tx.news.edition()
        if edition != self._news:
            self._clear()
            self._news = edition

    async def _gather(self, tx: Transaction, news: Iterable[Told]) -> None:
        if self._fresh:
            self._latest.update({one.symbol: one for one in await tx.journal.latest()})
            self._fresh = False
        for name, account, run in await tx.accounts.trading():
            if name not in self.watched:
                await self._watch(tx, name, account, run)
        for told in news:
            name = told.platform_account
            if name not in self.watched:
                known = await tx.accounts.of_platform(name)
                if known is None:
                    raise UnknownRun(name)
                await self._watch(tx, name, *known)

    async def _watch(self, tx: Transaction, name: str, account: AccountId, run: int) -> None:
        begun, live, head = await self.runs.resumed(tx, account, run)
        self.watched[name] = Watched(account, run, begun.program, live, head)
        for symbol in live.held:
            self._holders.setdefault(symbol, set()).add(name)

    async def _put_off(
        self, tx: Transaction, until: int, told: Iterable[Told], announced: Iterable[Told]
    ) -> list[Told]:
        """A run that is over is opened again flat: prices are followed from then on, and none between is missing."""
        filled = {one.platform_account for one in told if isinstance(one.event, Fill)}
        now = list[Told]()
        for one in announced:
            watched = self.watched[one.platform_account]
            if isinstance(one.event, Reinstated) and (watched.live.held or one.platform_account in filled):
                later = replace(one.event, at=until + 1)
                await tx.journal.announce(watched.account, watched.run, later)
            else:
                now.append(one)
        return now

    def _not_before_now(self, told: Told) -> Told:
        """The firm's own word may be committed after the desk has judged past its time: it counts from there on."""
        at = max(told.event.at, self.watched[told.platform_account].live.state.at)
        return Told(told.platform_account, replace(told.event, at=at))

    def _feed(self, batch: Batch) -> tuple[list[str], list[Quoted]]:
        """Names of the runs that the batch or the clock touched, and the quotes as they are journalled."""
        touched: dict[str, None] = {}
        quotes: list[Quoted] = []
        for item in _in_order(batch):
            if isinstance(item, Quoted):
                known = self._latest.get(item.symbol, Quoted(item.symbol, 0, 0, 0, 0))
                if item.number != known.number + 1:
                    raise QuoteMissing(item.symbol, known.number + 1, item.number)
                quotes.append(item.linked_to(known.link))
                self._latest[item.symbol] = quotes[-1]
                for name in sorted(self._holders.get(item.symbol, ())):
                    self.watched[name].live.quote(item)
                    touched[name] = None
            else:
                self._tell(item)
                touched[item.platform_account] = None
        for name, watched in self.watched.items():
            if watched.live.due <= batch.until:
                watched.live.clock_until(batch.until)
                touched[name] = None
        return list(touched), quotes

    def _tell(self, told: Told) -> None:
        name, event = told.platform_account, told.event
        live = self.watched[name].live
        before = live.held
        live.happen(event, self._latest.get(event.symbol) if isinstance(event, Fill) else None)
        for symbol in live.held - before:
            self._holders.setdefault(symbol, set()).add(name)
        for symbol in before - live.held:
            self._holders[symbol].discard(name)

    async def _write(self, tx: Transaction, name: str) -> list[Verdict]:
        watched = self.watched[name]
        gain = watched.live.gain()
        if not gain.entries and not gain.findings:
            return []  # quiet prices alone: they are in the journal, and the state follows from them
        before = watched.head
        watched.head = _last(chained(before, gain.entries), before)
        risk = Risk(watched.account, watched.run, gain.checkpoint, watched.head)
        await tx.journal.write(before, risk, gain.entries, gain.findings, gain.records)
        return await self._record(tx, name, watched, gain)

    async def _record(self, tx: Transaction, name: str, watched: Watched, gain: Gain) -> list[Verdict]:
        """What the findings mean for the account's life."""
        asked = [
            one for found in gain.findings if (one := commands.record(found, watched.run, ENGINE_SEMANTICS)) is not None
        ]
        if not asked:
            return []
        account = await tx.accounts.get(watched.account)
        for command in asked:
            account, _ = await act(tx, watched.account, account, command, watched.program, self.clock.now())
        key = str(watched.account)
        await tx.jobs.enqueue(ENDED, key, {"account": key, "run": str(watched.run), "platform_account": name})
        return [Verdict(watched.account, watched.run, gain.checkpoint.state.verdict, name)]


def _last(links: Iterable[str], otherwise: str) -> str:
    last = otherwise
    for link in links:
        last = link
    return last


def _in_order(batch: Batch) -> Iterator[Quoted | Told]:
    """By time; at one instant prices first."""
    return merge(batch.quotes, batch.told, key=_instant)


def _instant(item: Quoted | Told) -> tuple[int, bool]:
    return (item.at, False) if isinstance(item, Quoted) else (item.event.at, True)
