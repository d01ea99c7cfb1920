"""The invariants of money and of the life-cycles: looked at as a whole, told one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from propfirm.application.payouts.send_payout import key_of
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.invariants import Histories, Invariants, Violation
from propfirm.application.ports.payments import Bank, Disbursed, StatementLine
from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import account as accounts
from propfirm.domain.evaluation import appeal as appeals
from propfirm.domain.evaluation.charts import ACCOUNT_EDGES, APPEAL_EDGES
from propfirm.domain.evaluation.refusals import ImpossibleHistory
from propfirm.domain.payouts import request
from propfirm.domain.purchases import purchase

S = TypeVar("S")
E = TypeVar("E")
Edges: TypeAlias = Collection[tuple[str, str, str]]
AtTheBank: TypeAlias = request.Sending | request.Unknown | request.Sent


@dataclass(frozen=True, slots=True)
class VerifyMoney:
    """Changes nothing. An empty answer: every invariant holds. Raises Unavailable where the bank does not answer."""

    invariants: Invariants
    histories: Histories
    bank: Bank
    clock: Clock

    async def __call__(self) -> list[Violation]:
        # Before our own histories: what the bank has paid by now we have claimed by then.
        statement = await self.bank.statement()
        found = list(await self.invariants.violated(self.clock.now()))
        handed_in = list[AtTheBank]()
        async for bought, happened in self.histories.purchases():
            found.extend(_legal(f"purchase:{bought.order.id}", bought, happened, purchase.evolve, purchase.EDGES))
        async for account, lived in self.histories.accounts():
            found.extend(_legal(f"account:{account.enrolment.id}", account, lived, accounts.evolve, ACCOUNT_EDGES))
        async for appeal, argued in self.histories.appeals():
            found.extend(_legal(f"appeal:{appeal.filing.id}", appeal, argued, appeals.evolve, APPEAL_EDGES))
        async for payout, moved in self.histories.payouts():
            found.extend(_legal(f"payout:{payout.claim.id}", payout, moved, request.evolve, request.EDGES))
            if isinstance(payout, AtTheBank):
                handed_in.append(payout)
        found.extend(await self._against_the_bank(handed_in, statement))
        return found

    async def _against_the_bank(
        self, handed_in: Sequence[AtTheBank], statement: Sequence[StatementLine]
    ) -> list[Violation]:
        """What we hold for paid is paid, once and so much; and the bank paid nothing that we never handed in."""
        ours = {key_of(one.claim.id, one.attempt): one for one in handed_in}
        theirs = {line.key: (line.reference, line.amount) for line in statement}
        found = list[Violation]()
        for key, one in ours.items():
            if isinstance(one, request.Sent) and theirs.get(key) != (one.disbursement, one.claim.trader):
                seen = theirs[key] if key in theirs else await self.bank.find(key)
                if seen != Disbursed(one.disbursement):
                    found.append(Violation("the bank agrees", key, f"we: {one.disbursement}, the bank: {seen}"))
        unknown = [line for line in statement if line.key not in ours]
        found.extend(Violation("the bank agrees", line.key, f"we: nothing, the bank: {line}") for line in unknown)
        return found


def _legal(
    subject: str, stored: S, happened: Sequence[E], evolve: Callable[[S | None, E], S], edges: Edges
) -> list[Violation]:
    """The events lead to the state that is stored, each by an edge of the life-cycle."""
    state: S | None = None
    for number, event in enumerate(happened, start=1):
        before = "-" if state is None else type(state).__name__
        try:
            state = evolve(state, event)
        except (Refused, ImpossibleHistory) as error:
            return [Violation("histories are legal", subject, f"event {number}: {error}")]
        edge = (before, type(event).__name__, type(state).__name__)
        if edge not in edges:
            return [Violation("histories are legal", subject, f"event {number}: {' -> '.join(edge)}")]
    if state != stored:
        return [Violation("histories are legal", subject, "the events lead to another state than the one stored")]
    return []
