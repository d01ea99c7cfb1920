"""How an account or an appeal says no. Every refusal carries the figures that support is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from propfirm.domain.errors import Conflict, Forbidden, NotFound, Refused
from propfirm.domain.evaluation.facts import Binding, Verdict
from propfirm.domain.ids import AccountId, AppealId, PersonId
from propfirm.domain.money import Cents, Micros
from propfirm.domain.payouts.transfer import Lacking

# ---------------------------------------------------------------- both life-cycles


@dataclass(eq=False)
class NotInThisState(Conflict):
    """No edge leads out of this state by this command."""

    code = "evaluation.not-in-this-state"
    title = "This cannot be done in the present state"
    state: str
    command: str


@dataclass(eq=False)
class ReasonMissing(Refused):
    code = "evaluation.reason-missing"
    title = "This act needs a reason in words"
    command: str


@dataclass(eq=False)
class FourEyes(Forbidden):
    """first: who acted before, or whose account it is; second: who wants to act now. None is the system."""

    code = "evaluation.four-eyes"
    title = "This needs a second person, who is not the account's owner"
    first: PersonId | None
    second: PersonId | None


@dataclass(eq=False)
class NoSuchHold(Conflict):
    """Nothing was lifted. placed: the causes of the holds that there are."""

    code = "evaluation.no-such-hold"
    title = "The account has no hold of this cause, or no longer"
    cause: str
    placed: tuple[str, ...]


@dataclass(eq=False)
class TooEarly(Refused):
    """A timer rang too early."""

    code = "evaluation.too-early"
    title = "The time for this has not come"
    until: datetime
    now: datetime


# ---------------------------------------------------------------- the account


@dataclass(eq=False)
class NoSuchAccount(NotFound):
    code = "account.unknown"
    title = "There is no such account"
    command: str


@dataclass(eq=False)
class AlreadyOpen(Conflict):
    code = "account.already-open"
    title = "This account was opened from another purchase or for another person"
    account: AccountId


@dataclass(eq=False)
class WrongProgram(Conflict):
    """The caller brought another program version than the one that the account is bound to."""

    code = "account.wrong-program"
    title = "The account is bound to another program version"
    bound: Binding
    program: str
    version: int


@dataclass(eq=False)
class RunMovedOn(Conflict):
    """The act was meant for another run (a stage, attempted once) than the present one."""

    code = "account.run-moved-on"
    title = "The account has moved on to another run"
    meant: int
    present: int


@dataclass(eq=False)
class NoSuchRun(Conflict):
    code = "account.no-such-run"
    title = "The account has not begun this run"
    judged: int
    present: int


@dataclass(eq=False)
class NotABreach(Refused):
    """The finding is a lock, a strike or a warning, or another finding on the same event decided."""

    code = "account.not-a-breach"
    title = "This finding does not end a stage"
    rule: str
    outcome: str
    decided: bool


@dataclass(eq=False)
class VerdictStands(Conflict):
    """The first recorded verdict of a run stands; only an appeal changes it."""

    code = "account.verdict-stands"
    title = "This run has another verdict already"
    recorded: Verdict
    offered: Verdict


@dataclass(eq=False)
class FeeNotPaid(Refused):
    code = "account.fee-not-paid"
    title = "The fee has not been paid in full"
    due: Cents
    paid: Cents


@dataclass(eq=False)
class OfferOver(Refused):
    code = "account.offer-over"
    title = "The time to activate has run out"
    until: datetime
    accepted_at: datetime


@dataclass(eq=False)
class OfferNotAccepted(Conflict):
    """The trader has yet to accept the stage: pay its activation fee, or say yes within the window."""

    code = "account.offer-not-accepted"
    title = "The trader has not accepted the stage yet"
    fee: Cents
    until: datetime | None


@dataclass(eq=False)
class StageOfOtherKind(Refused):
    """Activate is for evaluation stages, Fund for funded ones."""

    code = "account.stage-of-other-kind"
    title = "The stage is not of the kind that this act begins"
    stage: str
    kind: str


@dataclass(eq=False)
class LastStage(Refused):
    code = "account.last-stage"
    title = "The program has no stage after this one"
    stage: str


@dataclass(eq=False)
class StageMissing(Refused):
    """stage: the name, or the kind, that was looked for."""

    code = "account.stage-missing"
    title = "The program version has no such stage"
    program: str
    version: int
    stage: str


@dataclass(eq=False)
class NoReset(Refused):
    code = "account.no-reset"
    title = "The program sells no reset of this stage"
    stage: str


@dataclass(eq=False)
class NoResetsLeft(Refused):
    code = "account.no-resets-left"
    title = "All resets of this stage are used up"
    used: int
    most: int


@dataclass(eq=False)
class NotASubscription(Refused):
    code = "account.not-a-subscription"
    title = "The stage is paid once, not by the month"
    stage: str


@dataclass(eq=False)
class RebillDoesNotRestart(Refused):
    code = "account.rebill-does-not-restart"
    title = "Under this program a new billing period does not revive a failed account"
    stage: str


@dataclass(eq=False)
class OnHold(Conflict):
    """A failed account keeps its holds (a payment dispute, say): no fresh start before they are lifted."""

    code = "account.on-hold"
    title = "The account is on hold"
    causes: tuple[str, ...]


@dataclass(eq=False)
class AppealOpen(Conflict):
    code = "account.appeal-open"
    title = "An appeal against the verdict is open"
    appeal: AppealId


@dataclass(eq=False)
class VerdictFinal(Conflict):
    code = "account.verdict-final"
    title = "An appeal against this verdict has been decided"
    appeal: AppealId


@dataclass(eq=False)
class NotTheOpenAppeal(Conflict):
    code = "account.not-the-open-appeal"
    title = "This is not the appeal that is open against the verdict"
    asked: AppealId
    open: AppealId | None


@dataclass(eq=False)
class CorrectedStateTooOld(Refused):
    """A corrected state must reach at least to the event of the verdict that it corrects."""

    code = "account.corrected-state-too-old"
    title = "The corrected state ends before the verdict"
    seq: int
    verdict_seq: int


@dataclass(eq=False)
class OtherProgram(Refused):
    code = "account.other-program"
    title = "This is not a version of the expected program"
    expected: str
    given: str


@dataclass(eq=False)
class ConsentMissing(Refused):
    """The consent is another person's, or to another program version."""

    code = "account.consent-missing"
    title = "The trader has not consented to this program version"
    owner: PersonId
    to: Binding
    consented_by: PersonId
    consented_to: Binding


@dataclass(eq=False)
class NoGrowth(Refused):
    code = "account.no-growth"
    title = "The account does not grow under this program"
    stage: str


@dataclass(eq=False)
class GrowthNotEarned(Refused):
    code = "account.growth-not-earned"
    title = "The account has not earned the next size yet"
    payouts_needed: int
    payouts: int
    profit_needed: Micros
    profit: Micros


@dataclass(eq=False)
class NoTransfer(Refused):
    code = "account.no-transfer"
    title = "The program transfers nothing from this stage"
    stage: str


@dataclass(eq=False)
class TransferNotEarned(Refused):
    code = "account.transfer-not-earned"
    title = "The account has not come to the point where it is transferred"
    lacking: tuple[Lacking, ...]


@dataclass(eq=False)
class BalanceMissing(Refused):
    code = "account.balance-missing"
    title = "The firm decides the balance to transfer, and has not said it"
    stage: str


@dataclass(eq=False)
class BalanceByRule(Refused):
    """by_rule None: the stage starts with its own balance."""

    code = "account.balance-by-rule"
    title = "The terms give the balance to transfer; it cannot be chosen"
    by_rule: Micros | None
    given: Micros | None


@dataclass(eq=False)
class NotAmongTransferred(Refused):
    code = "account.not-among-transferred"
    title = "The balances to transfer do not include this account's own"
    account: AccountId


@dataclass(eq=False)
class BalancesMiscounted(Refused):
    """Each account that goes along is closed, and its balance moves: so many accounts, so many balances."""

    code = "account.balances-miscounted"
    title = "There is not one balance to transfer for each account"
    accounts: int
    balances: int


# ---------------------------------------------------------------- the appeal


@dataclass(eq=False)
class NoSuchAppeal(NotFound):
    code = "appeal.unknown"
    title = "There is no such appeal"
    command: str


@dataclass(eq=False)
class AlreadyFiled(Conflict):
    code = "appeal.already-filed"
    title = "This appeal was filed about another verdict"
    appeal: AppealId


@dataclass(eq=False)
class NotTheOwner(Forbidden):
    code = "appeal.not-the-owner"
    title = "Only the trader whose account it is may do this"
    owner: PersonId
    by: PersonId


@dataclass(eq=False)
class AppealTooLate(Refused):
    code = "appeal.too-late"
    title = "The time to appeal against this verdict has run out"
    until: datetime
    now: datetime


@dataclass(eq=False)
class OtherSemantics(Refused):
    """Evidence is re-run under the semantics that the verdict was found under; else it proves nothing about it."""

    code = "appeal.other-semantics"
    title = "The evidence was re-run under other engine semantics than the verdict's"
    verdict: int
    rerun: int


@dataclass(eq=False)
class AgainstTheEvidence(Refused):
    code = "appeal.against-the-evidence"
    title = "A decision against the re-run of the evidence needs an explicit reason for it"
    decision: str
    rerun: str


@dataclass(eq=False)
class ProposalPending(Conflict):
    code = "appeal.proposal-pending"
    title = "Another proposal awaits its second reviewer"
    by: PersonId


@dataclass(eq=False)
class ProposalChanged(Conflict):
    """The second reviewer answers a proposal other than the one that is there now."""

    code = "appeal.proposal-changed"
    title = "The proposal is not the one that was read"
    by: PersonId


@dataclass(eq=False)
class StillMatters(Refused):
    """An appeal lapses only with the purchase behind its account: no timer and no person can let it lapse."""

    code = "appeal.still-matters"
    title = "The purchase behind the account was not reversed"
    cause: str


class ImpossibleHistory(Exception):
    """A bug, not a refusal: the event cannot follow the state, so the stored history is not one of ours."""
