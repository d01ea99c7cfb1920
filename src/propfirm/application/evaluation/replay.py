"""Every verdict derived again from the journal, and held against what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.application.evaluation.runs import ChangedQuote, Runs
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.engine import OutOfSequence
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.journal import Gap, chained
from propfirm.domain.rules.state import State

Difference: TypeAlias = Literal["chain", "quotes", "gap", "findings", "state"]
"""The first that did not hold: an entry or a price is not as it was written, something is missing, the engine says
other things, or it ends elsewhere."""


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
        if risk is None:
            begun = await self.runs.begun(tx, account, run)
            lost = bool(entries or recorded)
            says = "there is none" if lost else f"{begun.beginning.stage} has seen no event yet"
            return Replayed(account, run, 0, len(recorded), "open", "state" if lost else None, says)
        state = risk.checkpoint.state
        links = await tx.journal.links(account, run)
        expected = list(chained("", entries))
        difference: Difference | None
        if expected != list(links) or (links and risk.head != links[-1]):
            difference, detail = _first(expected, links, "chain")
        else:
            difference, detail = await self._derive(tx, account, run, state, recorded)
        return Replayed(account, run, state.seq, len(recorded), state.verdict, difference, detail)

    async def _derive(
        self, tx: Transaction, account: AccountId, run: int, state: State, recorded: Sequence[Finding]
    ) -> tuple[Difference | None, str]:
        try:
            derived = await self.runs.derived(tx, account, run)
        except ChangedQuote as changed:
            return "quotes", str(changed)
        except (Gap, OutOfSequence) as gap:
            return "gap", str(gap)
        if list(derived.findings) != list(recorded):
            return _first(derived.findings, recorded, "findings")
        if derived.state != state:
            return "state", f"after event {state.seq}"
        return None, ""


def _first(expected: Sequence[object], told: Sequence[object], what: Difference) -> tuple[Difference, str]:
    """Which one of a list differs first."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(expected, told, strict=False)))
    return what, f"number {same + 1} of {len(told)}"
