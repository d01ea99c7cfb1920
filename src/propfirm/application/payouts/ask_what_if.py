"""Before a trader acts: how far from everything, and what a payout now would do. The same figures as ``what-if`` of a
recorded history."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from propfirm.application.evaluation.progress import Stand, stand
from propfirm.application.evaluation.runs import Runs
from propfirm.application.payouts.survey import Survey
from propfirm.application.ports.work import UnitOfWork
from propfirm.application.simulation.what_if import Distances, Missing, distances, in_words, over
from propfirm.domain.ids import AccountId, PersonId
from propfirm.domain.money import Cents
from propfirm.domain.payouts.quote import Quote


class Outlook(Struct, frozen=True):
    """distances: None once the run is over. quote: None where the stage pays nothing, or nobody trades it yet; note
    says why. missing: the quote's, in words."""

    distances: Distances | None
    quote: Quote | None
    missing: tuple[Missing, ...]
    note: str


@dataclass(frozen=True, slots=True)
class AskOutlook:
    """snapshot: a unit of work that sees one moment of the writer."""

    snapshot: UnitOfWork
    runs: Runs
    survey: Survey

    async def __call__(self, owner: PersonId | None, account: AccountId, payout: Cents | None = None) -> Outlook:
        """payout: gross; None for the most that is on offer. Raises NotFound."""
        async with self.snapshot.begin() as tx:
            found = await stand(tx, self.runs, owner, account)
            if found.state.verdict != "open":
                return Outlook(None, None, (), over(found.terms, found.state))
            apart = distances(found.terms, found.state, self.runs.contracts)
            if found.terms.stage.payout is None or not found.begun:
                return Outlook(apart, None, (), _pays_nothing(found))
            answer = (await self.survey(tx, found.account)).quote(payout)
        return Outlook(apart, answer, in_words(answer), "")


def _pays_nothing(found: Stand) -> str:
    if found.terms.stage.payout is not None:
        return "nobody trades this stage yet"
    paying = next((stage.name for stage in found.program.stages if stage.payout is not None), None)
    return f"the stage {found.terms.stage.name} pays nothing" + (f"; {paying} does" if paying else "")
