"""The journal held against itself: every chain linked again, every verdict derived again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.ports.invariants import Invariant, Violation
from propfirm.application.ports.progress import Progress
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.journal import broken_link

PAGE: Final = 10_000
"""Quotes looked at together."""


@dataclass(frozen=True, slots=True)
class VerifyJournal:
    """Changes nothing. An empty answer: all of it holds.

    work: each of its transactions sees one moment, so that a firm at work is not told as broken.
    """

    work: UnitOfWork
    replay: ReplayRuns

    async def __call__(self, progress: Progress) -> list[Violation]:
        found = await self._quotes(progress)
        known = await self.replay.known()
        progress.begin("runs", len(known))
        for account, run in known:
            found.extend(await self._run(account, run))
            progress.advance(1)
        progress.end()
        return found

    async def _quotes(self, progress: Progress) -> list[Violation]:
        """Every price that was ever journalled, in order: whether or not a run has met it."""
        found = list[Violation]()
        async with self.work.begin() as tx:
            newest = await tx.journal.latest()
            progress.begin("prices", sum(one.number for one in newest))
            for last in newest:
                link = ""
                for after in range(0, last.number, PAGE):
                    page = await tx.journal.quotes(last.symbol, after, after + PAGE)
                    wrong = broken_link(page, link)
                    if wrong is not None:
                        says = f"price {wrong.number} of {last.number} does not follow from the one before"
                        found.append(Violation("chains are whole", f"quotes:{last.symbol}", says))
                        break
                    link = page[-1].link if page else link
                    progress.advance(len(page))
        progress.end()
        return found

    async def _run(self, account: AccountId, run: int) -> list[Violation]:
        subject = f"run:{account}:{run}"
        try:
            told = await self.replay(account, run)
        except Exception as error:  # noqa: BLE001 - the engine trusts the journal; this one may hold anything
            says = f"it cannot be replayed ({type(error).__name__}: {error})"
            return [Violation("verdicts derive again", subject, says)]
        if told.difference is None:
            return []
        broken: Invariant = "chains are whole" if told.difference in ("chain", "quotes") else "verdicts derive again"
        return [Violation(broken, subject, f"{told.difference}: {told.detail}")]
