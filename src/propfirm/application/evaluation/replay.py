"""Every verdict derived again from the journal, and held against what was recorded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.application.evaluation.journalled import ChangedQuote, Derived, Journalled
from propfirm.application.evaluation.runs import Runs
from propfirm.application.ports.calculator import Calculator
from propfirm.application.ports.work import Risk, Shown, Transaction, UnitOfWork
from propfirm.domain.audit.seals import SealedRun, told_at
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.engine import OutOfSequence
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.journal import Checkpoint, Entry, Gap, chained
from propfirm.domain.rules.records import DayTaken, Record, TradeEnded

Difference: TypeAlias = Literal["chain", "quotes", "gap", "seal", "findings", "state", "figures"]
"""The first that did not hold: an entry or a price is not as it was written, something is missing, it is not what was
sealed, the engine says other things, it ends elsewhere, or a trade, a snapshot or a figure that is shown is another."""


class Replayed(Struct, frozen=True):
    """One run. difference: None where everything is the same."""

    account: AccountId
    run: int
    events: int
    findings: int
    verdict: str
    difference: Difference | None
    detail: str = ""


class Written(Struct, frozen=True):
    """A run as it stands in the database, once as its journal has it and once as it was recorded.

    stage: its name. links: of the entries. leaves: what was sealed of it. records, shown: what people are shown.
    """

    account: AccountId
    run: int
    stage: str
    journalled: Journalled
    links: Sequence[str]
    risk: Risk | None
    findings: Sequence[Finding]
    leaves: Sequence[SealedRun]
    records: Sequence[Record]
    shown: Shown | None

    def replayed(self) -> Replayed:
        entries, recorded = self.journalled.stretch.entries, self.findings
        if self.risk is None:
            lost = bool(entries or recorded or self.leaves or self.records)
            says = "there is none" if lost else f"{self.stage} has seen no event yet"
            return Replayed(self.account, self.run, 0, len(recorded), "open", "state" if lost else None, says)
        state = self.risk.checkpoint.state
        expected = list(chained("", entries))
        difference: Difference | None
        if expected != list(self.links) or (self.links and self.risk.head != self.links[-1]):
            difference, detail = _first(expected, self.links, "chain")
        else:
            difference, detail = self._derived(self.risk.checkpoint)
        return Replayed(self.account, self.run, state.seq, len(recorded), state.verdict, difference, detail)

    def _derived(self, kept: Checkpoint) -> tuple[Difference | None, str]:
        try:
            derived = self.journalled.derived()
        except ChangedQuote as changed:
            return "quotes", str(changed)
        except (Gap, OutOfSequence) as gap:
            return "gap", str(gap)
        told = told_at(derived.events, [leaf.events for leaf in self.leaves])
        for leaf, link in _ends(self.journalled.stretch.entries, self.links, self.leaves):
            if (link, told.get(leaf.events)) != (leaf.head, leaf.told):
                return "seal", f"events 1 to {leaf.events} are not those that were sealed"
        if list(derived.findings) != list(self.findings):
            return _first(derived.findings, self.findings, "findings")
        if derived.state != kept.state:
            return "state", f"after event {kept.state.seq}"
        if derived.ended != kept.ended:
            return "state", "at the event that ended it"
        return self._figures(derived)

    def _figures(self, derived: Derived) -> tuple[Difference | None, str]:
        """The trading days are told by findings; the database compares those."""
        for kind, what in ((TradeEnded, "trade"), (DayTaken, "snapshot")):
            expected = [one for one in derived.records if isinstance(one, kind)]
            kept = [one for one in self.records if isinstance(one, kind)]
            if expected != kept:
                difference, where = _first(expected, kept, "figures")
                return difference, f"{what} {where}"
        should = Shown.of(derived.state, derived.ended)
        return (None, "") if self.shown == should else ("figures", f"shown is {self.shown}, and it stands at {should}")


@dataclass(frozen=True, slots=True)
class ReplayRuns:
    """Reads only. One transaction a run, so that a long replay holds nobody up.

    work: each of its transactions sees one moment.
    """

    work: UnitOfWork
    runs: Runs
    calculator: Calculator

    async def known(self, account: AccountId | None = None) -> Sequence[tuple[AccountId, int]]:
        async with self.work.begin() as tx:
            return await tx.accounts.runs(account)

    async def __call__(self, account: AccountId, run: int) -> Replayed:
        """Raises NotFound, CalculatorBusy."""
        async with self.calculator.turn():
            async with self.work.begin() as tx:
                written = await self._read(tx, account, run)
            return await self.calculator(written.replayed)

    async def _read(self, tx: Transaction, account: AccountId, run: int) -> Written:
        begun = await self.runs.begun(tx, account, run)
        return Written(
            account,
            run,
            begun.beginning.stage,
            await self.runs.journalled(tx, account, run),
            await tx.journal.links(account, run),
            await tx.journal.risk(account, run),
            await tx.journal.findings(account, run),
            [leaf for _, leaf in await tx.seals.of_run(account, run)],
            await tx.journal.records(account, run),
            await tx.journal.shown(account, run),
        )


def _ends(
    entries: Sequence[Entry], links: Sequence[str], leaves: Sequence[SealedRun]
) -> Sequence[tuple[SealedRun, str]]:
    """Each leaf with the link of the last entry among its events, "" where there is none."""
    numbers = [entry.event.seq for entry in entries]
    return [(leaf, ("", *links)[bisect_right(numbers, leaf.events)]) for leaf in leaves]


def _first(expected: Sequence[object], told: Sequence[object], what: Difference) -> tuple[Difference, str]:
    """Which one of a list differs first."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(expected, told, strict=False)))
    return what, f"number {same + 1} of {len(told)}"
