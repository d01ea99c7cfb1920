"""An appeal against a verdict: the trader's right to have it looked at again, by two people and on the evidence.

Theory of operation
-------------------
    Filed        awaits a first reviewer's proposal
    UnderReview  the first has proposed, with a reason and the re-run of the evidence; awaits a second person
    Upheld       both say that the verdict stands
    Overturned   both say that it was wrong: the account is reinstated (``commands.Reinstate``)
    Withdrawn    the trader took it back; another may be filed while the time to appeal lasts
    Lapsed       the purchase behind the account was reversed, so there is nothing left to decide

The appeal and the account move in one transaction: filing goes with ``HoldForAppeal``, which also refuses a second
appeal; Upheld and Withdrawn with ``SettleAppeal``; Overturned with ``Reinstate``.

The timer never decides. When an appeal is not decided by its due date it is escalated: flagged, counted, and due again.
No silence of the firm's ends it against the trader, and none in the trader's favour without two people having looked.

Order of checks: (1) there is an appeal; (2) the state: it allows the act, or the act has happened and the answer is
``[]``; (3) who acts: the owner, or for reviewers four eyes: neither is the account's owner, and they are two; (4) time;
(5) the reason in words; (6) the evidence: re-run under the verdict's own engine semantics, and a decision against what
the re-run says (upholding after ``different``, overturning after ``same``) names its ``override``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, TypeAlias, TypeVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.evaluation import refusals
from propfirm.domain.evaluation.facts import Breach
from propfirm.domain.evaluation.states import Closed, Failed
from propfirm.domain.ids import AccountId, AppealId, PersonId

Decision: TypeAlias = Literal["uphold", "overturn"]

# ---------------------------------------------------------------- facts


class Rerun(Struct, frozen=True):
    """What re-deriving the verdict from its proof bundle gave. bundle_digest: SHA-256 of the bundle, in hex."""

    result: Literal["same", "different"]
    semantics: int
    bundle_digest: str


class Proposal(Struct, frozen=True):
    """override: why the decision goes against the re-run of the evidence, where it does."""

    by: PersonId
    decision: Decision
    reason: str
    rerun: Rerun
    override: str | None = None

    @property
    def against_the_evidence(self) -> bool:
        return (self.decision == "uphold") == (self.rerun.result == "different")


class Declined(Struct, frozen=True):
    """A proposal that the second reviewer did not agree with."""

    proposal: Proposal
    by: PersonId
    reason: str


class Filing(Struct, frozen=True):
    """What the appeal is about: what every state knows."""

    id: AppealId
    account: AccountId
    owner: PersonId
    verdict: Breach
    statement: str
    filed_at: datetime


# ---------------------------------------------------------------- states


class Filed(Struct, frozen=True, tag="filed"):
    """escalations: how often a due date has passed. declined: what was proposed so far and not agreed with."""

    filing: Filing
    due_at: datetime
    escalations: int = 0
    declined: tuple[Declined, ...] = ()

    def escalated(self, due_at: datetime) -> Filed:
        return replace(self, due_at=due_at, escalations=self.escalations + 1)


class UnderReview(Struct, frozen=True, tag="under_review"):
    """As Filed, with the proposal that a second person has to answer."""

    filing: Filing
    due_at: datetime
    proposal: Proposal
    escalations: int = 0
    declined: tuple[Declined, ...] = ()

    def escalated(self, due_at: datetime) -> UnderReview:
        return replace(self, due_at=due_at, escalations=self.escalations + 1)


class Upheld(Struct, frozen=True, tag="upheld"):
    filing: Filing
    decided_at: datetime
    proposal: Proposal
    second: PersonId


class Overturned(Struct, frozen=True, tag="overturned"):
    filing: Filing
    decided_at: datetime
    proposal: Proposal
    second: PersonId


class Withdrawn(Struct, frozen=True, tag="withdrawn"):
    filing: Filing
    withdrawn_at: datetime


class Lapsed(Struct, frozen=True, tag="lapsed"):
    filing: Filing
    lapsed_at: datetime


Appeal: TypeAlias = Filed | UnderReview | Upheld | Overturned | Withdrawn | Lapsed

# ---------------------------------------------------------------- commands


class File(Struct, frozen=True, tag="file"):
    """The trader appeals against the verdict of a failed account.

    window_days: time to appeal, from when the verdict was recorded. answer_days: until the appeal is first due.
    """

    id: AppealId
    by: PersonId
    against: Failed
    statement: str
    window_days: int
    answer_days: int


class Propose(Struct, frozen=True, tag="propose"):
    proposal: Proposal


class Confirm(Struct, frozen=True, tag="confirm"):
    """The second person agrees to exactly this proposal."""

    by: PersonId
    proposal: Proposal


class Decline(Struct, frozen=True, tag="decline"):
    """The second person does not agree to this proposal: the appeal is open again, and both reasons stay on it."""

    by: PersonId
    proposal: Proposal
    reason: str


class Withdraw(Struct, frozen=True, tag="withdraw"):
    by: PersonId


class Escalate(Struct, frozen=True, tag="escalate"):
    """The timer set for ``due_at`` rang. again_days: until the appeal is next due."""

    due_at: datetime
    again_days: int


class Lapse(Struct, frozen=True, tag="lapse"):
    """The account was closed."""

    account: Closed


Act: TypeAlias = Propose | Confirm | Decline | Withdraw | Escalate | Lapse
"""What is done with an appeal that there is."""

Command: TypeAlias = File | Act

# ---------------------------------------------------------------- events


class AppealFiled(Struct, frozen=True, tag="appeal_filed"):
    at: datetime
    filing: Filing
    due_at: datetime


class DecisionProposed(Struct, frozen=True, tag="decision_proposed"):
    at: datetime
    proposal: Proposal


class DecisionDeclined(Struct, frozen=True, tag="decision_declined"):
    at: datetime
    declined: Declined


class AppealUpheld(Struct, frozen=True, tag="appeal_upheld"):
    at: datetime
    proposal: Proposal
    second: PersonId


class AppealOverturned(Struct, frozen=True, tag="appeal_overturned"):
    at: datetime
    proposal: Proposal
    second: PersonId


class AppealWithdrawn(Struct, frozen=True, tag="appeal_withdrawn"):
    at: datetime


class AppealEscalated(Struct, frozen=True, tag="appeal_escalated"):
    """The due date passed without a decision. awaits: whose move it was."""

    at: datetime
    was_due_at: datetime
    due_at: datetime
    awaits: Literal["first_reviewer", "second_reviewer"]


class AppealLapsed(Struct, frozen=True, tag="appeal_lapsed"):
    at: datetime


Event: TypeAlias = (
    AppealFiled
    | DecisionProposed
    | DecisionDeclined
    | AppealUpheld
    | AppealOverturned
    | AppealWithdrawn
    | AppealEscalated
    | AppealLapsed
)

# ---------------------------------------------------------------- judgement


def decide(appeal: Appeal | None, command: Command, now: datetime) -> list[Event]:
    """What happens. Empty: it has happened already. Raises a refusal, in the order of the module's docstring."""
    if isinstance(command, File):
        return _file(appeal, command, now)
    if appeal is None:
        raise refusals.NoSuchAppeal(command=type(command).__name__)
    match command:
        case Propose():
            return _propose(appeal, command, now)
        case Confirm():
            return _confirm(appeal, command, now)
        case Decline():
            return _decline(appeal, command, now)
        case Withdraw():
            return _withdraw(appeal, command, now)
        case Escalate():
            return _escalate(appeal, command, now)
        case Lapse():
            return _lapse(appeal, command, now)
        case _:
            assert_never(command)


def _file(appeal: Appeal | None, file: File, now: datetime) -> list[Event]:
    failed = file.against
    enrolment = failed.enrolment
    if appeal is not None:
        if (appeal.filing.id, appeal.filing.account, appeal.filing.verdict) == (file.id, enrolment.id, failed.verdict):
            return []
        raise refusals.AlreadyFiled(appeal=appeal.filing.id)
    if file.by != enrolment.owner:
        raise refusals.NotTheOwner(owner=enrolment.owner, by=file.by)
    until = failed.since + timedelta(days=file.window_days)
    if now > until:
        raise refusals.AppealTooLate(until=until, now=now)
    _in_words(file.statement, file)
    filing = Filing(file.id, enrolment.id, enrolment.owner, failed.verdict, file.statement, now)
    return [AppealFiled(now, filing, now + timedelta(days=file.answer_days))]


def _propose(appeal: Appeal, propose: Propose, now: datetime) -> list[Event]:
    proposal = propose.proposal
    match appeal:
        case Filed():
            _not_the_owner(appeal.filing, proposal.by)
            _in_words(proposal.reason, propose)
            _by_the_evidence(appeal.filing, proposal)
            return [DecisionProposed(now, proposal)]
        case UnderReview():
            if proposal == appeal.proposal:
                return []
            raise refusals.ProposalPending(by=appeal.proposal.by)
        case Upheld() | Overturned() | Withdrawn() | Lapsed():
            raise _no(appeal, propose)
        case _:
            assert_never(appeal)


def _by_the_evidence(filing: Filing, proposal: Proposal) -> None:
    rerun = proposal.rerun
    if rerun.semantics != filing.verdict.semantics:
        raise refusals.OtherSemantics(verdict=filing.verdict.semantics, rerun=rerun.semantics)
    if proposal.against_the_evidence and not (proposal.override or "").strip():
        raise refusals.AgainstTheEvidence(decision=proposal.decision, rerun=rerun.result)


def _confirm(appeal: Appeal, confirm: Confirm, now: datetime) -> list[Event]:
    match appeal:
        case UnderReview():
            _second(appeal, confirm.proposal, confirm.by)
            decided = AppealUpheld if confirm.proposal.decision == "uphold" else AppealOverturned
            return [decided(now, confirm.proposal, confirm.by)]
        case Upheld() | Overturned() if (appeal.proposal, appeal.second) == (confirm.proposal, confirm.by):
            return []
        case Filed() | Upheld() | Overturned() | Withdrawn() | Lapsed():
            raise _no(appeal, confirm)
        case _:
            assert_never(appeal)


def _decline(appeal: Appeal, decline: Decline, now: datetime) -> list[Event]:
    declined = Declined(decline.proposal, decline.by, decline.reason)
    match appeal:
        case UnderReview():
            _second(appeal, decline.proposal, decline.by)
            _in_words(decline.reason, decline)
            return [DecisionDeclined(now, declined)]
        case Filed() if appeal.declined[-1:] == (declined,):
            return []
        case Filed() | Upheld() | Overturned() | Withdrawn() | Lapsed():
            raise _no(appeal, decline)
        case _:
            assert_never(appeal)


def _second(appeal: UnderReview, proposal: Proposal, by: PersonId) -> None:
    """Raises unless ``by`` may answer the pending proposal, and has read that one."""
    if proposal != appeal.proposal:
        raise refusals.ProposalChanged(by=appeal.proposal.by)
    _not_the_owner(appeal.filing, by)
    if by == proposal.by:
        raise refusals.FourEyes(first=proposal.by, second=by)


def _withdraw(appeal: Appeal, withdraw: Withdraw, now: datetime) -> list[Event]:
    match appeal:
        case Filed() | UnderReview():
            if withdraw.by != appeal.filing.owner:
                raise refusals.NotTheOwner(owner=appeal.filing.owner, by=withdraw.by)
            return [AppealWithdrawn(now)]
        case Withdrawn():
            return []
        case Upheld() | Overturned() | Lapsed():
            raise _no(appeal, withdraw)
        case _:
            assert_never(appeal)


def _escalate(appeal: Appeal, escalate: Escalate, now: datetime) -> list[Event]:
    match appeal:
        case Filed() | UnderReview():
            if escalate.due_at != appeal.due_at:
                return []  # An old timer: the appeal is due at another time by now.
            if now <= appeal.due_at:
                raise refusals.TooEarly(until=appeal.due_at, now=now)
            due_at = now + timedelta(days=escalate.again_days)
            awaits: Literal["first_reviewer", "second_reviewer"] = (
                "first_reviewer" if isinstance(appeal, Filed) else "second_reviewer"
            )
            return [AppealEscalated(now, appeal.due_at, due_at, awaits)]
        case Upheld() | Overturned() | Withdrawn() | Lapsed():
            return []
        case _:
            assert_never(appeal)


def _lapse(appeal: Appeal, lapse: Lapse, now: datetime) -> list[Event]:
    match appeal:
        case Filed() | UnderReview():
            cause = lapse.account.cause
            if lapse.account.enrolment.id != appeal.filing.account or cause != "purchase_reversed":
                raise refusals.StillMatters(cause=cause)
            return [AppealLapsed(now)]
        case Lapsed():
            return []
        case Upheld() | Overturned() | Withdrawn():
            raise _no(appeal, lapse)
        case _:
            assert_never(appeal)


def _no(appeal: Appeal, command: Command) -> refusals.NotInThisState:
    return refusals.NotInThisState(state=type(appeal).__name__, command=type(command).__name__)


def _in_words(text: str, command: Command) -> None:
    if not text.strip():
        raise refusals.ReasonMissing(command=type(command).__name__)


def _not_the_owner(filing: Filing, by: PersonId) -> None:
    if by == filing.owner:
        raise refusals.FourEyes(first=filing.owner, second=by)


# ---------------------------------------------------------------- movement


def evolve(appeal: Appeal | None, event: Event) -> Appeal:
    """The state after the event. Never refuses; raises ImpossibleHistory, a bug, as ``account.evolve`` does."""
    match event:
        case AppealFiled():
            if appeal is not None:
                raise _impossible(appeal, event)
            return Filed(event.filing, event.due_at)
        case DecisionProposed():
            was = _was(appeal, event, Filed)
            return UnderReview(was.filing, was.due_at, event.proposal, was.escalations, was.declined)
        case DecisionDeclined():
            read = _was(appeal, event, UnderReview)
            return Filed(read.filing, read.due_at, read.escalations, (*read.declined, event.declined))
        case AppealUpheld():
            return Upheld(_was(appeal, event, UnderReview).filing, event.at, event.proposal, event.second)
        case AppealOverturned():
            return Overturned(_was(appeal, event, UnderReview).filing, event.at, event.proposal, event.second)
        case AppealWithdrawn():
            return Withdrawn(_undecided(appeal, event).filing, event.at)
        case AppealEscalated():
            return _undecided(appeal, event).escalated(event.due_at)
        case AppealLapsed():
            return Lapsed(_undecided(appeal, event).filing, event.at)
        case _:
            assert_never(event)


_State = TypeVar("_State", bound=Appeal)


def _was(appeal: Appeal | None, event: Event, state: type[_State]) -> _State:
    if isinstance(appeal, state):
        return appeal
    raise _impossible(appeal, event)


def _undecided(appeal: Appeal | None, event: Event) -> Filed | UnderReview:
    if isinstance(appeal, Filed | UnderReview):
        return appeal
    raise _impossible(appeal, event)


def _impossible(appeal: Appeal | None, event: Event) -> refusals.ImpossibleHistory:
    return refusals.ImpossibleHistory(f"{type(event).__name__} cannot follow {type(appeal).__name__}")
