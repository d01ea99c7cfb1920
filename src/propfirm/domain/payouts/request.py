"""The life of one payout, from the trader's request to money in their bank.

Theory of operation
-------------------
    Requested   asked for, the amount reserved: what is reserved cannot be asked for again
    Approved    a person of the firm said yes: the trader's share is owed, the account has moved
    Sending     claimed for attempt n and handed to the bank; nobody else may send it
    Unknown     the bank's answer to attempt n was lost: it may have been paid. Reconciled before any new attempt
    Sent        the bank confirms attempt n: over for good
    Returned    the bank refused attempt n, proven: owed as before; it is sent again once a person has looked
    Rejected    the firm said no, by a named rule, to a request or to what it had approved and the bank does not have:
                the reserve is free again, nothing is owed any more. What was approved may have left the account: it
                is to be put back there until that is recorded
    Cancelled   the trader took it back before a decision

Only a definite refusal of the bank frees an attempt: time-outs and broken answers are ``Unknown``, never a failure. So
the number of the attempt rises only over a proof that the last one paid nothing.

Order of checks, for every command: (1) there is a payout; (2) the state: it allows the act, or the act has happened
already and the answer is ``[]``; (3) people: nobody decides over their own payout; (4) the reason in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias, TypeVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.errors import Conflict, Forbidden, NotFound, Refused
from propfirm.domain.ids import AccountId, PayoutId, PersonId
from propfirm.domain.money import Cents

# ---------------------------------------------------------------- states


class Claim(Struct, frozen=True):
    """What every state knows. gross leaves the account, trader of it goes to the bank, the rest is the firm's.

    run: of the account, whose counters the payout belongs to. deduct: what leaves the balance, by the program's terms;
    inside_buffer: profit that the terms want to stay is among it. closes: the account is over once it was sent.
    """

    id: PayoutId
    account: AccountId
    owner: PersonId
    run: int
    gross: Cents
    trader: Cents
    requested_at: datetime
    deduct: Literal["gross", "trader_share"] = "gross"
    inside_buffer: bool = False
    closes: bool = False

    @property
    def taken(self) -> Cents:
        """What leaves the account's balance."""
        return self.gross if self.deduct == "gross" else self.trader


class Requested(Struct, frozen=True, tag="requested"):
    claim: Claim


class Approved(Struct, frozen=True, tag="approved"):
    claim: Claim
    by: PersonId
    since: datetime


class Sending(Struct, frozen=True, tag="sending"):
    claim: Claim
    attempt: int
    since: datetime


class Unknown(Struct, frozen=True, tag="unknown"):
    claim: Claim
    attempt: int
    since: datetime


class Sent(Struct, frozen=True, tag="sent"):
    """disbursement: the bank's own name of the payment."""

    claim: Claim
    attempt: int
    since: datetime
    disbursement: str


class Returned(Struct, frozen=True, tag="returned"):
    """again: who said that it is sent once more; None while nobody has."""

    claim: Claim
    attempt: int
    since: datetime
    reason: str
    again: PersonId | None = None


class Rejected(Struct, frozen=True, tag="rejected"):
    """to_put_back: it was approved before, and the platform has not put back yet what it may have taken out."""

    claim: Claim
    since: datetime
    by: PersonId
    rule: str
    reason: str
    to_put_back: bool = False


class Cancelled(Struct, frozen=True, tag="cancelled"):
    claim: Claim
    since: datetime


Payout: TypeAlias = Requested | Approved | Sending | Unknown | Sent | Returned | Rejected | Cancelled

# ---------------------------------------------------------------- commands


class Ask(Struct, frozen=True, tag="ask"):
    """claim: of a quote that found nothing failing, made in the same transaction."""

    claim: Claim


class Approve(Struct, frozen=True, tag="approve"):
    by: PersonId


class Reject(Struct, frozen=True, tag="reject"):
    """rule: the condition or rule that it fails, by its id in the program's vocabulary."""

    by: PersonId
    rule: str
    reason: str


class Cancel(Struct, frozen=True, tag="cancel"):
    pass


class RecordPutBack(Struct, frozen=True, tag="record_put_back"):
    """The platform has put back what a rejected payout took out of the account, or will never take anything out."""


class Resend(Struct, frozen=True, tag="resend"):
    """Somebody has looked why the bank refused: the next attempt may be made."""

    by: PersonId


class Send(Struct, frozen=True, tag="send"):
    """The worker claims the next attempt. That nothing holds the money was seen in the same transaction."""


class Confirm(Struct, frozen=True, tag="confirm"):
    """The bank says that ``attempt`` was paid."""

    attempt: int
    disbursement: str


class Return(Struct, frozen=True, tag="return"):
    """The bank says, provably, that ``attempt`` paid nothing."""

    attempt: int
    reason: str


class Lose(Struct, frozen=True, tag="lose"):
    """No usable answer to ``attempt``."""

    attempt: int


Act: TypeAlias = Approve | Reject | Cancel | RecordPutBack | Resend | Send | Confirm | Return | Lose
Command: TypeAlias = Ask | Act

# ---------------------------------------------------------------- events


class PayoutRequested(Struct, frozen=True, tag="payout_requested"):
    at: datetime
    claim: Claim


class PayoutApproved(Struct, frozen=True, tag="payout_approved"):
    at: datetime
    by: PersonId


class PayoutRejected(Struct, frozen=True, tag="payout_rejected"):
    at: datetime
    by: PersonId
    rule: str
    reason: str


class PayoutCancelled(Struct, frozen=True, tag="payout_cancelled"):
    at: datetime


class PayoutPutBack(Struct, frozen=True, tag="payout_put_back"):
    """Nothing of a rejected payout is missing from the account any more."""

    at: datetime


class PayoutClaimed(Struct, frozen=True, tag="payout_claimed"):
    """The worker has taken ``attempt``: from here on the bank may have it."""

    at: datetime
    attempt: int


class PayoutSent(Struct, frozen=True, tag="payout_sent"):
    at: datetime
    attempt: int
    disbursement: str


class PayoutReturned(Struct, frozen=True, tag="payout_returned"):
    at: datetime
    attempt: int
    reason: str


class PayoutResent(Struct, frozen=True, tag="payout_resent"):
    """attempt: the one that is to be made."""

    at: datetime
    by: PersonId
    attempt: int


class PayoutLost(Struct, frozen=True, tag="payout_lost"):
    at: datetime
    attempt: int


Event: TypeAlias = (
    PayoutRequested
    | PayoutApproved
    | PayoutRejected
    | PayoutCancelled
    | PayoutPutBack
    | PayoutClaimed
    | PayoutSent
    | PayoutReturned
    | PayoutResent
    | PayoutLost
)

EDGES: Final[frozenset[tuple[str, str, str]]] = frozenset(
    {
        ("-", "PayoutRequested", "Requested"),
        ("Requested", "PayoutApproved", "Approved"),
        ("Requested", "PayoutRejected", "Rejected"),
        ("Approved", "PayoutRejected", "Rejected"),
        ("Returned", "PayoutRejected", "Rejected"),
        ("Rejected", "PayoutPutBack", "Rejected"),
        ("Requested", "PayoutCancelled", "Cancelled"),
        ("Approved", "PayoutClaimed", "Sending"),
        ("Returned", "PayoutResent", "Returned"),
        ("Returned", "PayoutClaimed", "Sending"),
        ("Sending", "PayoutSent", "Sent"),
        ("Sending", "PayoutReturned", "Returned"),
        ("Sending", "PayoutLost", "Unknown"),
        ("Unknown", "PayoutSent", "Sent"),
        ("Unknown", "PayoutReturned", "Returned"),
    }
)
"""State before (``-``: there is none yet), event, state after. Held equal to ``decide`` and ``evolve`` by a test."""

# ---------------------------------------------------------------- refusals


@dataclass(eq=False)
class NoSuchPayout(NotFound):
    code = "payout.not-found"
    title = "There is no such payout"
    command: str


@dataclass(eq=False)
class WrongState(Conflict):
    code = "payout.wrong-state"
    title = "The payout's state does not allow this"
    state: str
    command: str


@dataclass(eq=False)
class WrongAttempt(Conflict):
    """An answer about another attempt than the one that is out: nothing is concluded from it."""

    code = "payout.wrong-attempt"
    title = "The answer is about another attempt"
    current: int
    told: int


@dataclass(eq=False)
class PaidTwice(Conflict):
    """The bank names another payment for an attempt that it had confirmed: somebody must look."""

    code = "payout.paid-twice"
    title = "The attempt was confirmed as another payment"
    known: str
    told: str


@dataclass(eq=False)
class OwnPayout(Forbidden):
    code = "payout.own"
    title = "Nobody decides over their own payout"
    by: PersonId


@dataclass(eq=False)
class ReasonMissing(Refused):
    code = "payout.reason-missing"
    title = "A rejection names the rule and says why"
    rule: str


# ---------------------------------------------------------------- judgement


def decide(payout: Payout | None, command: Command, now: datetime) -> list[Event]:
    """What happens. Empty: it has happened already. Raises a refusal, in the order of the module's docstring."""
    if isinstance(command, Ask):
        return _ask(payout, command, now)
    if payout is None:
        raise NoSuchPayout(type(command).__name__)
    match command:
        case Approve():
            return _approve(payout, command, now)
        case Reject():
            return _reject(payout, command, now)
        case Cancel():
            if isinstance(payout, Cancelled):
                return []
            _in(payout, Requested, command)
            return [PayoutCancelled(now)]
        case RecordPutBack():
            return [PayoutPutBack(now)] if _in(payout, Rejected, command).to_put_back else []
        case Resend():
            return _resend(payout, command, now)
        case Send():
            return _send(payout, command, now)
        case Confirm():
            return _confirm(payout, command, now)
        case Return():
            return _return(payout, command, now)
        case Lose():
            if isinstance(payout, Unknown) and payout.attempt == command.attempt:
                return []
            _about(_in(payout, Sending, command).attempt, command.attempt)
            return [PayoutLost(now, command.attempt)]
        case _:
            assert_never(command)


def _ask(payout: Payout | None, ask: Ask, now: datetime) -> list[Event]:
    if payout is None:
        return [PayoutRequested(now, ask.claim)]
    if payout.claim == ask.claim:
        return []
    raise WrongState(_name(payout), "Ask")


def _approve(payout: Payout, act: Approve, now: datetime) -> list[Event]:
    if isinstance(payout, Approved) and payout.by == act.by:
        return []
    _in(payout, Requested, act)
    if act.by == payout.claim.owner:
        raise OwnPayout(payout.claim.owner)
    return [PayoutApproved(now, act.by)]


def _reject(payout: Payout, act: Reject, now: datetime) -> list[Event]:
    if isinstance(payout, Rejected) and (payout.by, payout.rule, payout.reason) == (act.by, act.rule, act.reason):
        return []
    if not isinstance(payout, Requested | Approved | Returned):
        raise WrongState(_name(payout), type(act).__name__)
    if act.by == payout.claim.owner:
        raise OwnPayout(payout.claim.owner)
    if not act.rule.strip() or not act.reason.strip():
        raise ReasonMissing(act.rule)
    return [PayoutRejected(now, act.by, act.rule, act.reason)]


def _resend(payout: Payout, act: Resend, now: datetime) -> list[Event]:
    returned = _in(payout, Returned, act)
    if act.by == payout.claim.owner:
        raise OwnPayout(act.by)
    return [PayoutResent(now, act.by, returned.attempt + 1)] if returned.again is None else []


def next_attempt(payout: Payout) -> int | None:
    """The attempt that the bank is to hear of once nothing holds the money; None: none waits for it."""
    match payout:
        case Approved():
            return 1
        case Returned(again=by) if by is not None:
            return payout.attempt + 1
        case _:
            return None


def _send(payout: Payout, act: Send, now: datetime) -> list[Event]:
    attempt = next_attempt(payout)
    if attempt is None:
        raise WrongState(_name(payout), type(act).__name__)
    return [PayoutClaimed(now, attempt)]


def _confirm(payout: Payout, act: Confirm, now: datetime) -> list[Event]:
    if isinstance(payout, Sent):
        _about(payout.attempt, act.attempt)
        if payout.disbursement != act.disbursement:
            raise PaidTwice(payout.disbursement, act.disbursement)
        return []
    if not isinstance(payout, Sending | Unknown):
        raise WrongState(_name(payout), "Confirm")
    _about(payout.attempt, act.attempt)
    return [PayoutSent(now, act.attempt, act.disbursement)]


def _return(payout: Payout, act: Return, now: datetime) -> list[Event]:
    if isinstance(payout, Returned) and payout.attempt == act.attempt:
        return []
    if not isinstance(payout, Sending | Unknown):
        raise WrongState(_name(payout), "Return")
    _about(payout.attempt, act.attempt)
    return [PayoutReturned(now, act.attempt, act.reason)]


_Kind = TypeVar("_Kind", bound=Payout)


def _in(payout: Payout, kind: type[_Kind], act: Act) -> _Kind:
    if not isinstance(payout, kind):
        raise WrongState(_name(payout), type(act).__name__)
    return payout


def _about(current: int, told: int) -> None:
    if current != told:
        raise WrongAttempt(current, told)


def _name(payout: Payout) -> str:
    return type(payout).__name__.lower()


# ---------------------------------------------------------------- movement


def evolve(payout: Payout | None, event: Event) -> Payout:
    """The payout after ``event``, which ``decide`` gave for it."""
    if isinstance(event, PayoutRequested):
        return Requested(event.claim)
    if payout is None:
        raise NoSuchPayout(type(event).__name__)
    claim = payout.claim
    match event:
        case PayoutApproved():
            return Approved(claim, event.by, event.at)
        case PayoutRejected():
            approved = not isinstance(payout, Requested)
            return Rejected(claim, event.at, event.by, event.rule, event.reason, to_put_back=approved)
        case PayoutCancelled():
            return Cancelled(claim, event.at)
        case PayoutPutBack() if isinstance(payout, Rejected):
            return replace(payout, to_put_back=False)
        case PayoutClaimed():
            return Sending(claim, event.attempt, event.at)
        case PayoutSent():
            return Sent(claim, event.attempt, event.at, event.disbursement)
        case PayoutReturned():
            return Returned(claim, event.attempt, event.at, event.reason)
        case PayoutResent() if isinstance(payout, Returned):
            return replace(payout, again=event.by)
        case PayoutPutBack() | PayoutResent():
            raise WrongState(_name(payout), type(event).__name__)
        case PayoutLost():
            return Unknown(claim, event.attempt, event.at)
        case _:
            assert_never(event)
