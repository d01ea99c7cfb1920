"""Every verdict derived again from the journal, and held against what was recorded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.application.evaluation.runs import ChangedQuote, Runs
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.domain.audit.seals import SealedRun, told_at
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.engine import OutOfSequence
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.journal import Entry, Gap, chained
from propfirm.domain.rules.state import State

Difference: TypeAlias = Literal["chain", "quotes", "gap", "seal", "findings", "state"]
"""The first that did not hold: an entry or a price is not as it was written, something is missing, it is not what was
sealed, the engine says other things, or it ends elsewhere."""


class Replayed(Struct, frozen=True):
    """One run. difference: None where everything is the same."""

    account: AccountId
    run: int
    events: int
    findings: int
    verdict: str
    difference: Difference | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReplayRuns:
    """Reads only. One transaction a run, so that a long replay holds nobody up."""

    work: UnitOfWork
    runs: Runs

    async def known(self, account: AccountId | None = None) -> Sequence[tuple[AccountId, int]]:
        async with self.work.begin() as tx:
            return await tx.accounts.runs(account)

    async def __call__(self, account: AccountId, run: int) -> Replayed:
        """Raises NotFound."""
        async with self.work.begin() as tx:
            return await self._compare(tx, account, run)

    async def _compare(self, tx: Transaction, account: AccountId, run: int) -> Replayed:
        risk = await tx.journal.risk(account, run)
        recorded = await tx.journal.findings(account, run)
        entries = await tx.journal.entries(account, run)
        seals = await tx.seals.of_run(account, run)
        if risk is None:
            begun = await self.runs.begun(tx, account, run)
            lost = bool(entries or recorded or seals)
            says = "there is none" if lost else f"{begun.beginning.stage} has seen no event yet"
            return Replayed(account, run, 0, len(recorded), "open", "state" if lost else None, says)
        state = risk.checkpoint.state
        links = await tx.journal.links(account, run)
        expected = list(chained("", entries))
        difference: Difference | None
        if expected != list(links) or (links and risk.head != links[-1]):
            difference, detail = _first(expected, links, "chain")
        else:
            ends = _ends(entries, links, [leaf for _, leaf in seals])
            difference, detail = await self._derive(tx, account, run, state, recorded, ends)
        return Replayed(account, run, state.seq, len(recorded), state.verdict, difference, detail)

    async def _derive(
        self,
        tx: Transaction,
        account: AccountId,
        run: int,
        state: State,
        recorded: Sequence[Finding],
        ends: Sequence[tuple[SealedRun, str]],
    ) -> tuple[Difference | None, str]:
        """ends: what was sealed of the run, with the journal's link there."""
        try:
            derived = await self.runs.derived(tx, account, run)
        except ChangedQuote as changed:
            return "quotes", str(changed)
        except (Gap, OutOfSequence) as gap:
            return "gap", str(gap)
        told = told_at(derived.events, [leaf.events for leaf, _ in ends])
        for leaf, link in ends:
            if (link, told.get(leaf.events)) != (leaf.head, leaf.told):
                return "seal", f"events 1 to {leaf.events} are not those that were sealed"
        if list(derived.findings) != list(recorded):
            return _first(derived.findings, recorded, "findings")
        if derived.state != state:
            return "state", f"after event {state.seq}"
        return None, ""


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
