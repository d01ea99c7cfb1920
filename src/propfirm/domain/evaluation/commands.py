"""What people, the platform, the engine and the clock ask of an account. Imperatives; never stored."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.evaluation.facts import Breach, Consent, CorrectedState, Edition, Pass, Payment
from propfirm.domain.evaluation.states import ClosureCause, HoldCause
from propfirm.domain.ids import AccountId, AppealId, PersonId, PurchaseId
from propfirm.domain.money import Micros
from propfirm.domain.payouts.transfer import Record
from propfirm.domain.rules import findings


class Open(Struct, frozen=True, tag="open"):
    """From a paid purchase of the program given to ``decide``; fingerprint: of its document."""

    id: AccountId
    owner: PersonId
    purchase: PurchaseId
    fingerprint: str


class Accept(Struct, frozen=True, tag="accept"):
    """The trader takes up a granted stage. A payment made in time is in time, however late its webhook; one that finds
    the account closed or suspended is refused, so that it can be refunded or told again."""

    payment: Payment | None


class Activate(Struct, frozen=True, tag="activate"):
    """The platform's account for an evaluation or verification stage exists."""

    platform_account: str


class Fund(Struct, frozen=True, tag="fund"):
    """The platform's account for a sim-funded or live stage exists."""

    platform_account: str


class RecordBreach(Struct, frozen=True, tag="record_breach"):
    breach: Breach


class RecordPass(Struct, frozen=True, tag="record_pass"):
    verdict: Pass


def record(finding: findings.Finding, run: int, semantics: int) -> RecordBreach | RecordPass | None:
    """What the engine's finding asks to be recorded: the end of the run, when it happened or by a correction."""
    correction = finding.seq if isinstance(finding, findings.Corrected) else 0
    match findings.decider([finding]):
        case findings.Hit() as hit:
            return RecordBreach(Breach(run, hit, semantics, correction))
        case findings.Passed() as passed:
            return RecordPass(Pass(run, passed, semantics, correction))
        case None:
            return None


class Advance(Struct, frozen=True, tag="advance"):
    """The firm grants the stage after ``run``, which was passed. That the person's limits allow it was seen before."""

    run: int


class Suspend(Struct, frozen=True, tag="suspend"):
    cause: HoldCause
    reason: str
    by: PersonId | None


class Resume(Struct, frozen=True, tag="resume"):
    """Lifts the hold of one cause. What a person placed, another person lifts; what the system placed, also the
    system may; the owner never."""

    cause: HoldCause
    reason: str
    by: PersonId | None


class Reset(Struct, frozen=True, tag="reset"):
    """A fresh attempt at the stage that failed as ``run``. current: the latest edition of the program; the terms
    bought say whether it counts."""

    run: int
    payment: Payment | None
    current: Edition


class Rebill(Struct, frozen=True, tag="rebill"):
    """The subscription was paid for another period."""

    payment: Payment


class Expire(Struct, frozen=True, tag="expire"):
    """The timer of the activation window rang. Finding nothing to expire is no error."""


class Close(Struct, frozen=True, tag="close"):
    cause: ClosureCause
    reason: str
    by: PersonId | None


class GrowTo(Struct, frozen=True, tag="grow_to"):
    """Up to the next account size. payouts and profit: approved payouts and profit of ``run`` so far."""

    run: int
    to: Edition
    payouts: int
    profit: Micros
    consent: Consent


class Transfer(Struct, frozen=True, tag="transfer"):
    """From ``run`` into the live stage. accounts: this one and those that go with it, whose ``record`` it is; the
    caller closes the others, as ``transferred``. balance: only where the firm decides it.
    """

    run: int
    accounts: tuple[AccountId, ...]
    record: Record
    balance: Micros | None
    reason: str
    by: PersonId


class MoveProgramVersion(Struct, frozen=True, tag="move_program_version"):
    """To another version of the same program; the run goes on under it."""

    to: Edition
    consent: Consent
    reason: str
    by: PersonId


class HoldForAppeal(Struct, frozen=True, tag="hold_for_appeal"):
    """An appeal against the verdict was filed (see ``appeal.py``)."""

    appeal: AppealId


class SettleAppeal(Struct, frozen=True, tag="settle_appeal"):
    """The appeal ended and the verdict stays. After a withdrawal another may be filed, after ``upheld`` none."""

    appeal: AppealId
    outcome: Literal["upheld", "withdrawn"]


class Reinstate(Struct, frozen=True, tag="reinstate"):
    """The appeal named in ``corrected`` was overturned by these two. The stage goes on from the corrected state."""

    corrected: CorrectedState
    first: PersonId
    second: PersonId


Act: TypeAlias = (
    Accept
    | Activate
    | Fund
    | RecordBreach
    | RecordPass
    | Advance
    | Suspend
    | Resume
    | Reset
    | Rebill
    | Expire
    | Close
    | GrowTo
    | Transfer
    | MoveProgramVersion
    | HoldForAppeal
    | SettleAppeal
    | Reinstate
)
"""What is done with an account that there is."""

Command: TypeAlias = Open | Act
