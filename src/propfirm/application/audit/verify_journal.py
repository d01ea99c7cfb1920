"""The journal held against itself and its seals: every chain linked again, every verdict derived again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from propfirm.application.audit.seal_days import unsealed
from propfirm.application.evaluation.replay import Difference, ReplayRuns
from propfirm.application.ports.clock import Hindsight
from propfirm.application.ports.invariants import Invariant, Violation
from propfirm.application.ports.progress import Progress
from propfirm.application.ports.signing import Verifier, key_id
from propfirm.application.ports.work import Sealed, Transaction, UnitOfWork
from propfirm.domain.audit.seals import Leaf, Seal, SealedPrices, SealedRun
from propfirm.domain.calendar.instants import ONE_DAY
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.journal import broken_link

PAGE: Final = 10_000
"""Quotes looked at together."""

GRACE: Final = timedelta(hours=1)
"""Real time, in which a day that is over is sealed: the worker looks every ten seconds, and takes minutes at most.

A firm that was off for longer is told of until the first look after its start; a demo is not, its clock stood.
"""

BROKEN: Final[Mapping[Difference, Invariant]] = {
    "chain": "chains are whole",
    "quotes": "chains are whole",
    "gap": "verdicts derive again",
    "seal": "seals are whole",
    "findings": "verdicts derive again",
    "state": "verdicts derive again",
    "figures": "figures derive again",
}


@dataclass(frozen=True, slots=True)
class VerifyJournal:
    """Changes nothing. An empty answer: all of it holds.

    Which keys are the firm's is not asked here: whoever may write to the database may sign with a key of their own.
    ``verify-proof --key`` asks, of what has left the house.

    work: each of its transactions sees one moment, so that a firm at work is not told as broken. passes: which failures
    are of the database at this moment and say nothing of the journal; they are raised. clock: the firm's, by which days
    end.
    """

    work: UnitOfWork
    replay: ReplayRuns
    signatures: Verifier
    passes: Callable[[Exception], bool]
    clock: Hindsight

    async def __call__(self, progress: Progress) -> list[Violation]:
        found, leaves = await self._seals(progress)
        found.extend(await self._unsealed())
        found.extend(await self._prices(progress, [one for one in leaves if isinstance(one, SealedPrices)]))
        known = await self.replay.known()
        lost = sorted({(one.account, one.run) for one in leaves if isinstance(one, SealedRun)}.difference(known))
        found.extend(_unkept(f"run:{account}:{run}", "it was sealed and is not there") for account, run in lost)
        progress.begin("runs", len(known))
        for account, run in known:
            found.extend(await self._run(account, run))
            progress.advance(1)
        progress.end()
        return found

    async def _seals(self, progress: Progress) -> tuple[list[Violation], list[Leaf]]:
        """Each over its leaves, signed as it says, and following the one of the day before. With it: all leaves."""
        found, gathered = list[Violation](), list[Leaf]()
        async with self.work.begin() as tx:
            seals = await tx.seals.all()
            progress.begin("seals", len(seals))
            before: Seal | None = None
            for sealed in seals:
                leaves = await tx.seals.leaves(sealed.seal.day)
                says = "; ".join(self._wrong(sealed, leaves, before))
                if says:
                    found.append(_unkept(f"seal:{sealed.seal.day}", says))
                gathered.extend(leaves)
                before = sealed.seal
                progress.advance(1)
        progress.end()
        return found, gathered

    def _wrong(self, sealed: Sealed, leaves: Sequence[Leaf], before: Seal | None) -> Iterator[str]:
        seal, signature = sealed.seal, sealed.signature
        derived = Seal.over(seal.day, seal.at, leaves, before)
        if (seal.leaves, seal.root) != (derived.leaves, derived.root):
            yield "its root is not that of its leaves"
        if seal.previous != derived.previous or (before is not None and seal.day != before.day + ONE_DAY):
            yield "it does not follow the seal of the day before"
        if signature is not None and not (
            signature.key_id == key_id(signature.public_key)
            and self.signatures.verify(signature.public_key, seal.message, signature.value)
        ):
            yield f"it is not what the key {signature.key_id} signed"

    async def _unsealed(self) -> Sequence[Violation]:
        """A demo's clock ends a day in seconds, and stands while the demo is off: what was over before the grace of
        real time should be sealed, and where the clock has not run for so long, nothing is told."""
        then = self.clock.ago(GRACE)
        if then is None:
            return ()
        async with self.work.begin() as tx:
            days = await unsealed(tx, then)
        if not days:
            return ()
        says = "it ended more than an hour ago and nobody has sealed it"
        more = f", nor {len(days) - 1} after it" if len(days) > 1 else ""
        return [Violation("days are sealed", f"seal:{days[0]}", says + more)]

    async def _prices(self, progress: Progress, sealed: Sequence[SealedPrices]) -> list[Violation]:
        """Every price that was ever journalled, in order, whether or not a run has met it; and every one sealed."""
        ends = dict[str, dict[int, str]]()
        for leaf in sealed:
            ends.setdefault(leaf.symbol, {})[leaf.prices] = leaf.head
        found = list[Violation]()
        async with self.work.begin() as tx:
            newest = {one.symbol: one.number for one in await tx.journal.latest()}
            progress.begin("prices", sum(newest.values()))
            for symbol in sorted(newest.keys() | ends.keys()):
                wrong = await self._contract(progress, tx, symbol, newest.get(symbol, 0), ends.get(symbol, {}))
                found.extend(wrong)
        progress.end()
        return found

    async def _contract(
        self, progress: Progress, tx: Transaction, symbol: str, last: int, ends: dict[int, str]
    ) -> list[Violation]:
        """ends: by number, the links that were sealed."""
        subject, link = f"prices:{symbol}", ""
        for after in range(0, last, PAGE):
            page = await tx.journal.quotes(symbol, after, after + PAGE)
            if (wrong := broken_link(page, link)) is not None:
                says = f"price {wrong.number} of {last} does not follow from the one before"
                return [Violation("chains are whole", subject, says)]
            for one in page:
                if ends.get(one.number) == one.link:
                    del ends[one.number]
            link = page[-1].link if page else link
            progress.advance(len(page))
        if not ends:
            return []
        return [_unkept(subject, f"what was sealed as price {', '.join(map(str, sorted(ends)))} is not there")]

    async def _run(self, account: AccountId, run: int) -> list[Violation]:
        subject = f"run:{account}:{run}"
        try:
            told = await self.replay(account, run)
        except Exception as error:  # the engine trusts the journal; this one may hold anything
            if self.passes(error):
                raise
            says = f"it cannot be replayed ({type(error).__name__}: {error})"
            return [Violation("verdicts derive again", subject, says)]
        if told.difference is None:
            return []
        return [Violation(BROKEN[told.difference], subject, f"{told.difference}: {told.detail}")]


def _unkept(subject: str, says: str) -> Violation:
    return Violation("seals are whole", subject, says)
