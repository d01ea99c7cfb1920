"""The proof of a run's verdict, made from the journal: anybody can derive it again from the file alone.

With it go the days' seals that the run was under, each with the way to its root: who has seen a root before can tell
that the events up to then were not written since.
"""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.evaluation.runs import Runs
from propfirm.application.ports.signing import Signer
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.application.proofs.builder import ProofBuilder
from propfirm.application.proofs.bundle import Header, SealedIn, Tables, final_standing
from propfirm.domain.audit import merkle
from propfirm.domain.audit.seals import hash_of
from propfirm.domain.ids import AccountId, PersonId


@dataclass(frozen=True, slots=True)
class ExportProof:
    """Raises NotFound, also where the account is not the owner's; Gap where the journal is not whole.

    work: sees one moment, so that a run which goes on meanwhile is proven as far as it went.
    """

    work: UnitOfWork
    runs: Runs
    contracts_version: str
    signer: Signer | None

    async def __call__(self, account: AccountId, run: int | None = None, owner: PersonId | None = None) -> bytes:
        """run: None for the current one."""
        async with self.work.begin() as tx:
            found = await tx.accounts.peek(account, owner=owner)
            run = found.enrolment.run if run is None else run
            begun = await self.runs.begun(tx, account, run)
            derived = await self.runs.derived(tx, account, run)
            seals = await _seals(tx, account, run)
        builder = ProofBuilder(
            Header.of(
                begun.program,
                begun.beginning.stage,
                self.runs.contracts,
                Tables(self.runs.sessions.version, self.runs.news.version, self.contracts_version),
                options=begun.terms.options,
                platform=begun.terms.platform,
            ).under(seals)
        )
        for event in derived.events:
            builder.add(event)
        return builder.seal(derived.findings, final_standing(begun.terms, derived.state), self.signer)


async def _seals(tx: Transaction, account: AccountId, run: int) -> tuple[SealedIn, ...]:
    found = list[SealedIn]()
    for sealed, leaf in await tx.seals.of_run(account, run):
        leaves = await tx.seals.leaves(sealed.seal.day)
        place = leaves.index(leaf)
        path = merkle.path([hash_of(one) for one in leaves], place)
        found.append(SealedIn(sealed.seal, sealed.signature, leaf, place, tuple(step.hex() for step in path)))
    return tuple(found)
