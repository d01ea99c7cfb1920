"""What happened to an account. Events are stored, in full past-tense names; a tag is never renamed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.evaluation.facts import Binding, Breach, Consent, CorrectedState, Pass
from propfirm.domain.evaluation.states import ClosureCause, Enrolment, Hold, HoldCause, Offer
from propfirm.domain.ids import AccountId, AppealId, PaymentId, PersonId
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import WindowsRestarted


class AccountOpened(Struct, frozen=True, tag="account_opened"):
    at: datetime
    enrolment: Enrolment


class OfferAccepted(Struct, frozen=True, tag="offer_accepted"):
    """at: when it was recorded; accepted_at: when the trader did it."""

    at: datetime
    accepted_at: datetime
    payment: PaymentId | None


class OfferLapsed(Struct, frozen=True, tag="offer_lapsed"):
    """Nobody took up the stage in its activation window: the account closes."""

    at: datetime
    offer: Offer


class AccountActivated(Struct, frozen=True, tag="account_activated"):
    at: datetime
    platform_account: str


class AccountFunded(Struct, frozen=True, tag="account_funded"):
    at: datetime
    platform_account: str


class AccountBreached(Struct, frozen=True, tag="account_breached"):
    """after_suspension: the deciding event is later than the suspension that the account was under."""

    at: datetime
    breach: Breach
    after_suspension: bool = False


class AccountExpired(Struct, frozen=True, tag="account_expired"):
    """As AccountBreached, by the time limit or by inactivity."""

    at: datetime
    breach: Breach
    after_suspension: bool = False


class StagePassed(Struct, frozen=True, tag="stage_passed"):
    at: datetime
    verdict: Pass


class StageGranted(Struct, frozen=True, tag="stage_granted"):
    """offer: None where the trader has nothing to pay and no window to keep."""

    at: datetime
    stage: str
    offer: Offer | None


class AccountSuspended(Struct, frozen=True, tag="account_suspended"):
    at: datetime
    hold: Hold


class HoldPlaced(Struct, frozen=True, tag="hold_placed"):
    """One more cause on an account that is suspended, or one on a failed account."""

    at: datetime
    hold: Hold


class HoldLifted(Struct, frozen=True, tag="hold_lifted"):
    """One cause less; others remain, or the account had failed."""

    at: datetime
    cause: HoldCause
    reason: str
    by: PersonId | None


class AccountResumed(Struct, frozen=True, tag="account_resumed"):
    """The last hold was lifted. offer: as it stands now, with the time of the suspension added to its window."""

    at: datetime
    cause: HoldCause
    reason: str
    by: PersonId | None
    offer: Offer | None = None


class AccountReset(Struct, frozen=True, tag="account_reset"):
    """bound: the version of the new run; another than before only if the terms sell resets at the current one."""

    at: datetime
    payment: PaymentId | None
    bound: Binding


class AccountRebilled(Struct, frozen=True, tag="account_rebilled"):
    """A living account was paid for. windows ``restarted``: consistency and day counters begin anew, balance stays."""

    at: datetime
    payment: PaymentId
    paid_at: datetime
    windows: Literal["kept", "restarted"]

    def for_engine(self, seq: int, at: int) -> WindowsRestarted | None:
        """What the engine is told as the run's event ``seq``, at an instant (ns) within a trading day."""
        return WindowsRestarted(seq, at, str(self.payment)) if self.windows == "restarted" else None


class AccountRestarted(Struct, frozen=True, tag="account_restarted"):
    """A rebill brought a failed account back to the start of its stage."""

    at: datetime
    payment: PaymentId
    paid_at: datetime


class AccountClosed(Struct, frozen=True, tag="account_closed"):
    at: datetime
    cause: ClosureCause
    reason: str
    by: PersonId | None


class AccountGrown(Struct, frozen=True, tag="account_grown"):
    at: datetime
    bound: Binding
    stage: str
    payouts: int
    consent: Consent


class AccountTransferred(Struct, frozen=True, tag="account_transferred"):
    """balance: as in ``states.Transferred``."""

    at: datetime
    stage: str
    balance: Micros | None
    accounts: tuple[AccountId, ...]
    reason: str
    by: PersonId


class ProgramVersionMoved(Struct, frozen=True, tag="program_version_moved"):
    at: datetime
    before: Binding
    after: Binding
    consent: Consent
    reason: str
    by: PersonId


class VerdictAppealed(Struct, frozen=True, tag="verdict_appealed"):
    at: datetime
    appeal: AppealId


class AppealSettled(Struct, frozen=True, tag="appeal_settled"):
    at: datetime
    appeal: AppealId
    outcome: Literal["upheld", "withdrawn"]


class AccountReinstated(Struct, frozen=True, tag="account_reinstated"):
    """The verdict was taken back. first, second: who decided so."""

    at: datetime
    corrected: CorrectedState
    first: PersonId
    second: PersonId


NextRun: TypeAlias = StageGranted | AccountReset | AccountRestarted | AccountGrown | AccountTransferred
"""Begins another run: the account is pending again."""

HoldMoved: TypeAlias = AccountSuspended | HoldPlaced | HoldLifted | AccountResumed

AppealMoved: TypeAlias = VerdictAppealed | AppealSettled | AccountReinstated
"""Of an appeal against the verdict of a failed account."""

Event: TypeAlias = (
    AccountOpened
    | OfferAccepted
    | OfferLapsed
    | AccountActivated
    | AccountFunded
    | AccountBreached
    | AccountExpired
    | StagePassed
    | NextRun
    | HoldMoved
    | AppealMoved
    | AccountRebilled
    | AccountClosed
    | ProgramVersionMoved
)
