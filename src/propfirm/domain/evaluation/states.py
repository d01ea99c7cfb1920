"""The states of an account; each has exactly its facts. What they mean and what moves between them: ``account.py``."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.evaluation.facts import Binding, Breach, CorrectedState, Pass
from propfirm.domain.ids import AccountId, AppealId, PaymentId, PersonId, PurchaseId
from propfirm.domain.money import Cents, Micros

HoldCause: TypeAlias = Literal["payment_dispute", "risk_review", "identity", "conduct", "platform"]
ClosureCause: TypeAlias = Literal[
    "trader_request", "purchase_reversed", "misconduct", "completed", "transferred", "program_ended"
]
"""completed: the program's last payout was made. transferred: its balance went into another, live account."""

# ---------------------------------------------------------------- how a run began


class Bought(Struct, frozen=True, tag="bought"):
    """With the purchase of the account."""


class Advanced(Struct, frozen=True, tag="advanced"):
    """After a pass. activation: what paid the activation fee, once it is paid."""

    activation: PaymentId | None = None


class Restarted(Struct, frozen=True, tag="restarted"):
    """Fresh after a failure. payment: None where a reset is free."""

    payment: PaymentId | None


class Grown(Struct, frozen=True, tag="grown"):
    """Moved up from a smaller program, after this many payouts."""

    payouts: int


class Transferred(Struct, frozen=True, tag="transferred"):
    """Went on without a pass, from these accounts (its own among them). balance: None, the stage's own start."""

    balance: Micros | None
    accounts: tuple[AccountId, ...]


Entry: TypeAlias = Bought | Advanced | Restarted | Grown | Transferred


class Rebilled(Struct, frozen=True):
    """What was paid for the last period of a subscription, and when: what was paid before it is no news."""

    payment: PaymentId
    paid_at: datetime


class Enrolment(Struct, frozen=True):
    """Who is in which stage of which program, for which time: what every state knows.

    run: number of this run over the account's life, from 1. attempt: of this stage, from 1. resets_used: of this
    stage. rebilled: the last subscription payment.
    """

    id: AccountId
    owner: PersonId
    purchase: PurchaseId
    bound: Binding
    stage: str
    entry: Entry
    run: int = 1
    attempt: int = 1
    resets_used: int = 0
    rebilled: Rebilled | None = None

    def at_stage(self, stage: str, entry: Entry) -> Enrolment:
        return replace(self, stage=stage, entry=entry, run=self.run + 1, attempt=1, resets_used=0)

    def again(self, entry: Restarted) -> Enrolment:
        return replace(self, entry=entry, run=self.run + 1, attempt=self.attempt + 1)

    def after_reset(self) -> Enrolment:
        return replace(self, resets_used=self.resets_used + 1)

    def under(self, bound: Binding) -> Enrolment:
        return replace(self, bound=bound)

    def entered_by(self, entry: Entry) -> Enrolment:
        return replace(self, entry=entry)

    def rebilled_by(self, payment: PaymentId, paid_at: datetime) -> Enrolment:
        return replace(self, rebilled=Rebilled(payment, paid_at))


class Hold(Struct, frozen=True):
    """Why an account is kept still. by: the person, None where the system did it (a dispute webhook)."""

    cause: HoldCause
    reason: str
    by: PersonId | None
    placed_at: datetime


class Offer(Struct, frozen=True):
    """What the trader has to do before a granted stage is theirs: pay ``fee``, not later than ``until``."""

    fee: Cents
    until: datetime | None


# ---------------------------------------------------------------- states; ``since`` is when the state began


class _Living(Struct, frozen=True):
    enrolment: Enrolment
    since: datetime

    def enrolled(self, enrolment: Enrolment) -> Self:
        return replace(self, enrolment=enrolment)


class Pending(_Living, frozen=True, tag="pending"):
    """offer: None where the trader has done their part and only the platform's account is missing."""

    offer: Offer | None = None

    def offered(self, offer: Offer | None) -> Pending:
        return replace(self, offer=offer)


class Evaluating(_Living, frozen=True, tag="evaluating", kw_only=True):
    """platform_account: the trading platform's name of it. corrected: None where the engine's own state stands."""

    platform_account: str
    corrected: CorrectedState | None = None

    def reinstated(self, corrected: CorrectedState) -> Evaluating:
        return replace(self, corrected=corrected)


class Funded(_Living, frozen=True, tag="funded", kw_only=True):
    """platform_account and corrected as in Evaluating."""

    platform_account: str
    corrected: CorrectedState | None = None

    def reinstated(self, corrected: CorrectedState) -> Funded:
        return replace(self, corrected=corrected)


class Passed(_Living, frozen=True, tag="passed", kw_only=True):
    verdict: Pass


Trading: TypeAlias = Evaluating | Funded
Living: TypeAlias = Pending | Evaluating | Passed | Funded


class Suspended(Struct, frozen=True, tag="suspended"):
    """held: the state to go back to. holds: in the order placed, one a cause, never empty."""

    held: Living
    since: datetime
    holds: tuple[Hold, ...]

    @property
    def enrolment(self) -> Enrolment:
        return self.held.enrolment

    def holding(self, held: Living) -> Suspended:
        return replace(self, held=held)

    def on(self, holds: tuple[Hold, ...]) -> Suspended:
        return replace(self, holds=holds)


class Failed(Struct, frozen=True, tag="failed"):
    """ended: the state that the verdict ended, to go back to if it is overturned.

    appeal: the one that is open. upheld: the one that confirmed the verdict for good. withdrawn: those before it.
    """

    ended: Trading
    since: datetime
    verdict: Breach
    holds: tuple[Hold, ...] = ()
    appeal: AppealId | None = None
    upheld: AppealId | None = None
    withdrawn: tuple[AppealId, ...] = ()

    @property
    def enrolment(self) -> Enrolment:
        return self.ended.enrolment

    def on(self, holds: tuple[Hold, ...]) -> Failed:
        return replace(self, holds=holds)

    def appealed(self, appeal: AppealId) -> Failed:
        return replace(self, appeal=appeal)

    def upheld_by(self, appeal: AppealId) -> Failed:
        return replace(self, appeal=None, upheld=appeal)

    def without(self, appeal: AppealId) -> Failed:
        return replace(self, appeal=None, withdrawn=(*self.withdrawn, appeal))


class Closed(Struct, frozen=True, tag="closed"):
    """verdict: the breach that the account was closed with, if it had failed."""

    enrolment: Enrolment
    since: datetime
    cause: ClosureCause | Literal["offer_lapsed"]
    verdict: Breach | None = None


Account: TypeAlias = Pending | Evaluating | Passed | Funded | Suspended | Failed | Closed
