"""The desk: every live run of this process, and one batch of the feed after another.

Theory of operation. ``judge`` feeds a batch to the runs in memory, and then commits in one transaction: the quotes,
each run's new entries, its state and its findings, and what follows from them in the account's life. Nothing is
told to anybody before that commit. Where it fails, the runs in memory are ahead of what is known for good, so they
are thrown away and read again: a batch that comes again finds them as they were before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge

from msgspec import Struct

from propfirm.application.evaluation.moves import act
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.platforms import Batch, Told
from propfirm.application.ports.work import Risk, Transaction, UnitOfWork
from propfirm.application.rules.live import Gain, LiveRun
from propfirm.domain.catalogue.program import Program
from propfirm.domain.evaluation import commands
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.events import Fill
from propfirm.domain.rules.journal import Quoted, chained
from propfirm.domain.rules.terms import ENGINE_SEMANTICS

ENDED = "evaluation.ended"
"""The job that stops a platform's account whose run is over and sees what comes next."""


class Watched(Struct):
    """One run at the desk. head: the last link of its journal."""

    account: AccountId
    run: int
    program: Program
    live: LiveRun
    head: str


class Verdict(Struct, frozen=True):
    """A run ended in this batch."""

    account: AccountId
    run: int
    verdict: str


@dataclass(slots=True)
class Desk:
    """runs: by the platform's name of the account."""

    work: UnitOfWork
    clock: Clock
    runs: dict[str, Watched] = field(default_factory=dict)
    latest: dict[str, Quoted] = field(default_factory=dict)
    _holders: dict[str, set[str]] = field(default_factory=dict)

    def watch(self, platform_account: str, watched: Watched) -> None:
        self.runs[platform_account] = watched
        for symbol in watched.live.held:
            self._holders.setdefault(symbol, set()).add(platform_account)

    async def judge(self, batch: Batch) -> list[Verdict]:
        """Raises what the transaction raises; then the desk is empty and must be filled again."""
        try:
            touched = self._feed(batch)
            async with self.work.begin() as tx:
                await tx.journal.quote(batch.quotes)
                ended = [one for name in touched for one in await self._commit(tx, name)]
        except BaseException:
            self.runs.clear()
            self._holders.clear()
            raise
        over = {(one.account, one.run) for one in ended}
        self.runs = {name: watched for name, watched in self.runs.items() if (watched.account, watched.run) not in over}
        return ended

    def _feed(self, batch: Batch) -> list[str]:
        """Names of the runs that the batch or the clock touched."""
        touched: dict[str, None] = {}
        for item in _in_order(batch):
            if isinstance(item, Quoted):
                self.latest[item.symbol] = item
                for name in self._holders.get(item.symbol, ()):
                    self.runs[name].live.quote(item)
                    touched[name] = None
            elif item.platform_account in self.runs:
                self._tell(item)
                touched[item.platform_account] = None
        for name, watched in self.runs.items():
            if watched.live.due <= batch.until:
                watched.live.clock_until(batch.until)
                touched[name] = None
        return list(touched)

    def _tell(self, told: Told) -> None:
        live, event = self.runs[told.platform_account].live, told.event
        before = live.held
        live.happen(event, self.latest.get(event.symbol) if isinstance(event, Fill) else None)
        for symbol in live.held - before:
            self._holders.setdefault(symbol, set()).add(told.platform_account)
        for symbol in before - live.held:
            self._holders[symbol].discard(told.platform_account)

    async def _commit(self, tx: Transaction, name: str) -> list[Verdict]:
        watched = self.runs[name]
        gain = watched.live.gain()
        if not gain.entries and not gain.findings:
            return []  # quiet prices alone: they are in the journal, and the state follows from them
        before = watched.head
        watched.head = next(reversed(list(chained(before, gain.entries))), before)
        risk = Risk(watched.account, watched.run, gain.checkpoint, watched.head)
        await tx.journal.write(before, risk, gain.entries, gain.findings)
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
        return [Verdict(watched.account, watched.run, gain.checkpoint.state.verdict)]


def _in_order(batch: Batch) -> Iterator[Quoted | Told]:
    """By time; at one instant prices first."""
    return merge(batch.quotes, batch.told, key=_instant)


def _instant(item: Quoted | Told) -> tuple[int, bool]:
    return (item.at, False) if isinstance(item, Quoted) else (item.event.at, True)
