"""The proof of a run's verdict, made from the journal: anybody can derive it again from the file alone.

With it go the days' seals that the run was under, each with the way to its root: who has seen a root before can tell
that the events up to then were not written since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from propfirm.application.evaluation.journalled import Journalled
from propfirm.application.evaluation.runs import Begun, Runs
from propfirm.application.ports.calculator import Calculator
from propfirm.application.ports.signing import Signer
from propfirm.application.ports.work import Sealed, UnitOfWork
from propfirm.application.proofs.builder import ProofBuilder
from propfirm.application.proofs.bundle import Header, SealedIn, Tables, final_standing
from propfirm.domain.audit import merkle
from propfirm.domain.audit.seals import Leaf, SealedRun, hash_of
from propfirm.domain.ids import AccountId, PersonId


@dataclass(frozen=True, slots=True)
class ExportProof:
    """Raises NotFound, also where the account is not the owner's; CalculatorBusy; Gap and ChangedQuote where the
    journal is not whole.

    work: each of its transactions sees one moment, so that a run which goes on meanwhile is proven as far as it went.
    """

    work: UnitOfWork
    runs: Runs
    contracts_version: str
    signer: Signer | None
    calculator: Calculator

    async def __call__(self, account: AccountId, run: int | None = None, owner: PersonId | None = None) -> bytes:
        """run: None for the current one."""
        async with self.work.begin() as tx:
            found = await tx.accounts.peek(account, owner=owner)
            run = found.enrolment.run if run is None else run
            begun = await self.runs.begun(tx, account, run)
        async with self.calculator.turn():
            async with self.work.begin() as tx:
                journalled = await self.runs.journalled(tx, account, run)
                places = [
                    _Place(sealed, leaf, await tx.seals.leaves(sealed.seal.day))
                    for sealed, leaf in await tx.seals.of_run(account, run)
                ]
            return await self.calculator(lambda: self._made(begun, journalled, places))

    def _made(self, begun: Begun, journalled: Journalled, places: Sequence[_Place]) -> bytes:
        derived = journalled.derived()
        builder = ProofBuilder(
            Header.of(
                begun.program,
                begun.beginning.stage,
                self.runs.contracts,
                Tables(self.runs.sessions.version, self.runs.news.version, self.contracts_version),
                options=begun.terms.options,
                platform=begun.terms.platform,
            ).under(tuple(one.sealed_in() for one in places))
        )
        for event in derived.events:
            builder.add(event)
        return builder.seal(derived.findings, final_standing(begun.terms, derived.state), self.signer)


class _Place(Struct, frozen=True):
    """A seal that the run was under, and all leaves of it."""

    sealed: Sealed
    leaf: SealedRun
    leaves: Sequence[Leaf]

    def sealed_in(self) -> SealedIn:
        place = self.leaves.index(self.leaf)
        path = merkle.path([hash_of(one) for one in self.leaves], place)
        return SealedIn(self.sealed.seal, self.sealed.signature, self.leaf, place, tuple(step.hex() for step in path))
