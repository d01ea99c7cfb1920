"""The invariants of money and of the life-cycles: looked at as a whole, told one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias, TypeVar

from propfirm.application.payouts.send_payout import key_of
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.invariants import Beside, Histories, Invariants, Violation
from propfirm.application.ports.payments import (
    Bank,
    Charge,
    Counterparty,
    Disbursed,
    SentBack,
    Silent,
    StatementLine,
    Takings,
    Unavailable,
)
from propfirm.application.purchases.refund_payment import key_of as refund_key_of
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import account as accounts
from propfirm.domain.evaluation import appeal as appeals
from propfirm.domain.evaluation.charts import ACCOUNT_EDGES, APPEAL_EDGES
from propfirm.domain.evaluation.refusals import ImpossibleHistory
from propfirm.domain.ids import PurchaseId, RefundId
from propfirm.domain.payouts import request
from propfirm.domain.purchases import purchase, refund

S = TypeVar("S")
E = TypeVar("E")
Edges: TypeAlias = Collection[tuple[str, str, str]]
AtTheBank: TypeAlias = request.Sending | request.Unknown | request.Sent

IN_TIME: Final = timedelta(hours=24)
"""Real time. By then a payment at the provider was heard of, if its message was lost too."""


@dataclass(frozen=True, slots=True)
class Accounted:
    """What the firm knows of the provider's payments. receipts: by reference. unpaid: purchases that still ask the
    provider themselves."""

    receipts: dict[str, purchase.Receipt]
    unpaid: set[PurchaseId]
    refunds: dict[RefundId, refund.Refund]


@dataclass(frozen=True, slots=True)
class VerifyMoney:
    """Changes nothing. An empty answer: every invariant holds. Raises Silent where bank or provider is."""

    invariants: Invariants
    histories: Histories
    bank: Bank
    takings: Takings
    wall: Clock

    async def __call__(self) -> list[Violation]:
        # Before our own histories: what the bank has paid by now we have claimed by then, and what the provider has
        # sent back we have owed.
        with _answering("bank"):
            statement = await self.bank.statement()
        with _answering("payment provider"):
            taken, sent_back = await self.takings.charges(), await self.takings.sent_back()
        found = list(await self.invariants.violated(self.wall.now()))
        handed_in, ours = list[AtTheBank](), Accounted({}, set(), {})
        async for bought, happened, beside in self.histories.purchases():
            found.extend(
                _kept(f"purchase:{bought.order.id}", bought, happened, beside, purchase.evolve, purchase.EDGES)
            )
            if bought.order.provider == self.takings.name:
                _account_for(ours, bought)
        async for owed, told, beside in self.histories.refunds():
            found.extend(_kept(f"refund:{owed.debt.id}", owed, told, beside, refund.evolve, refund.EDGES))
            if owed.debt.provider == self.takings.name:
                ours.receipts[owed.debt.receipt.reference] = owed.debt.receipt
                ours.refunds[owed.debt.id] = owed
        async for account, lived, beside in self.histories.accounts():
            found.extend(
                _kept(f"account:{account.enrolment.id}", account, lived, beside, accounts.evolve, ACCOUNT_EDGES)
            )
        async for appeal, argued, beside in self.histories.appeals():
            found.extend(_kept(f"appeal:{appeal.filing.id}", appeal, argued, beside, appeals.evolve, APPEAL_EDGES))
        async for payout, moved, beside in self.histories.payouts():
            found.extend(_kept(f"payout:{payout.claim.id}", payout, moved, beside, request.evolve, request.EDGES))
            if isinstance(payout, AtTheBank):
                handed_in.append(payout)
        found.extend(await self._versions())
        with _answering("bank"):
            found.extend(await self._against_the_bank(handed_in, statement))
        with _answering("payment provider"):
            found.extend(await self._against_the_provider(ours, taken))
            found.extend(await self._against_what_was_sent_back(ours, sent_back))
        return found

    async def _versions(self) -> list[Violation]:
        """A version's document is the one that it was published as, sold as and traded by."""
        found = list[Violation]()
        async for listing, known, beside in self.histories.versions():
            subject = f"program:{listing.program.id}:{listing.program.version}"
            found.extend(_beside(subject, beside))
            derived = fingerprint(listing.program)
            if others := {listing.edition.fingerprint, *known} - {derived}:
                says = f"its document is {derived}, and it was {', '.join(sorted(others))}"
                found.append(Violation("versions stand", subject, says))
        return found

    async def _against_the_provider(self, ours: Accounted, taken: Sequence[Charge]) -> list[Violation]:
        """Every payment that the provider took is one that we know, so much; and we know of none that it never took.

        That each of ours is income or owed back or sent back, the books say.
        """
        theirs = {one.receipt.reference: one for one in taken}
        found = list[Violation]()
        if ours.receipts.keys() - theirs.keys():
            theirs |= {one.receipt.reference: one for one in await self.takings.charges()}  # paid since
        for reference, receipt in ours.receipts.items():
            seen = theirs[reference].receipt if reference in theirs else None
            if seen is None or (seen.amount, seen.currency) != (receipt.amount, receipt.currency):
                found.append(Violation("the provider agrees", f"payment:{reference}", f"we: {receipt}, it: {seen}"))
        late = self.wall.now() - IN_TIME
        unknown = [
            one
            for one in taken
            if one.receipt.reference not in ours.receipts and one.purchase not in ours.unpaid and one.taken_at < late
        ]
        found.extend(
            Violation("the provider agrees", f"payment:{one.receipt.reference}", f"we: nothing, it: {one}")
            for one in unknown
        )
        return found

    async def _against_what_was_sent_back(self, ours: Accounted, sent_back: Sequence[SentBack]) -> list[Violation]:
        """What we hold for sent back is, once and so much; and nothing else was."""
        theirs = {line.key: line for line in sent_back}
        keys = {refund_key_of(one.debt.id, one.attempt): one for one in ours.refunds.values()}
        found = list[Violation]()
        for key, one in keys.items():
            if not isinstance(one, refund.Returned):
                continue
            line = theirs.get(key)
            same = line is not None and (line.payment, line.reference, line.amount) == (
                one.debt.receipt.reference,
                one.reference,
                one.debt.receipt.amount,
            )
            if not same and (line is not None or await self.takings.find(key) != Disbursed(one.reference)):
                found.append(Violation("the provider agrees", key, f"we: {one.reference}, it: {line}"))
        unknown = [line for line in sent_back if line.key not in keys]
        found.extend(Violation("the provider agrees", line.key, f"we: nothing, it: {line}") for line in unknown)
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


@contextmanager
def _answering(who: Counterparty) -> Iterator[None]:
    """Raises Silent."""
    try:
        yield
    except Unavailable as silence:
        raise Silent(who) from silence


def _account_for(ours: Accounted, bought: purchase.Purchase) -> None:
    if isinstance(bought, purchase.Ordered | purchase.Declined):
        ours.unpaid.add(bought.order.id)
    elif not isinstance(bought, purchase.Lapsed) and bought.receipt.amount:  # of nothing it has nothing
        ours.receipts[bought.receipt.reference] = bought.receipt


def _kept(
    subject: str,
    stored: S,
    happened: Sequence[E],
    beside: Beside,
    evolve: Callable[[S | None, E], S],
    edges: Edges,
) -> list[Violation]:
    return [*_legal(subject, stored, happened, evolve, edges), *_beside(subject, beside)]


def _beside(subject: str, beside: Beside) -> list[Violation]:
    return [Violation("columns agree", subject, "; ".join(beside))] if beside else []


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
