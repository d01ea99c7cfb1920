"""A payment for which nothing is given goes back, whole and once.

Theory of operation
-------------------
    Owed      nothing is given for the payment: attempt *n* is to be handed to the provider, or its answer to be heard
    Unknown   the provider gave no usable answer to attempt *n*: it may have sent the money back
    Refused   the provider refused attempt *n*, proven; a person looks before the next one
    Returned  the provider confirms that the money went back: the end

What goes back, to whom and from which payment is settled when the debt arises and never changes; nobody can take a
debt back. So no attempt is claimed before it is made, as one of a payout is: whoever makes it says the same under the
same key, and the provider does it once. The attempt's number rises only over a proof that the last one sent nothing.

The same news twice is ``[]``. Order of checks: (1) there is a refund; (2) the attempt; (3) the state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import Struct

from propfirm.domain.errors import Conflict, NotFound
from propfirm.domain.ids import PersonId, PurchaseId, RefundId
from propfirm.domain.purchases.purchase import Receipt

Cause: TypeAlias = Literal["undeliverable", "paid_again", "amount_mismatched"]
"""undeliverable: what was ordered cannot be given any more. paid_again: the order was paid by another payment.
amount_mismatched: another amount or currency than the order's."""


class Debt(Struct, frozen=True):
    """receipt: the payment, all of which goes back. reason: the refusal's code where it is undeliverable, else the
    cause again."""

    id: RefundId
    purchase: PurchaseId
    buyer: PersonId
    provider: str
    receipt: Receipt
    cause: Cause
    reason: str
    owed_at: datetime


# ---------------------------------------------------------------- states


class Owed(Struct, frozen=True, tag="owed"):
    debt: Debt
    attempt: int
    since: datetime


class Unknown(Struct, frozen=True, tag="unknown"):
    debt: Debt
    attempt: int
    since: datetime


class Refused(Struct, frozen=True, tag="refused"):
    debt: Debt
    attempt: int
    since: datetime
    reason: str


class Returned(Struct, frozen=True, tag="returned"):
    """reference: the provider's own name of the refund."""

    debt: Debt
    attempt: int
    since: datetime
    reference: str


Refund: TypeAlias = Owed | Unknown | Refused | Returned

# ---------------------------------------------------------------- commands


class Owe(Struct, frozen=True, tag="owe"):
    debt: Debt


class Lose(Struct, frozen=True, tag="lose"):
    """The provider gave no usable answer."""

    attempt: int


class Confirm(Struct, frozen=True, tag="confirm"):
    attempt: int
    reference: str


class Refuse(Struct, frozen=True, tag="refuse"):
    """The provider's proof that nothing was sent back under the attempt's key, and that nothing will be."""

    attempt: int
    reason: str


class Retry(Struct, frozen=True, tag="retry"):
    """A person has looked why ``attempt`` was refused."""

    attempt: int


Act: TypeAlias = Lose | Confirm | Refuse | Retry
Command: TypeAlias = Owe | Act

# ---------------------------------------------------------------- events


class RefundOwed(Struct, frozen=True, tag="refund_owed"):
    at: datetime
    debt: Debt


class RefundLost(Struct, frozen=True, tag="refund_lost"):
    at: datetime
    attempt: int


class RefundReturned(Struct, frozen=True, tag="refund_returned"):
    at: datetime
    attempt: int
    reference: str


class RefundRefused(Struct, frozen=True, tag="refund_refused"):
    at: datetime
    attempt: int
    reason: str


class RefundRetried(Struct, frozen=True, tag="refund_retried"):
    """attempt: the next one."""

    at: datetime
    attempt: int


Event: TypeAlias = RefundOwed | RefundLost | RefundReturned | RefundRefused | RefundRetried

EDGES: Final[frozenset[tuple[str, str, str]]] = frozenset(
    {
        ("-", "RefundOwed", "Owed"),
        ("Owed", "RefundLost", "Unknown"),
        ("Owed", "RefundReturned", "Returned"),
        ("Unknown", "RefundReturned", "Returned"),
        ("Owed", "RefundRefused", "Refused"),
        ("Unknown", "RefundRefused", "Refused"),
        ("Refused", "RefundRetried", "Owed"),
    }
)
"""State before (``-``: there is none yet), event, state after. Held equal to ``decide`` and ``evolve`` by a test."""

# ---------------------------------------------------------------- refusals


@dataclass(eq=False)
class NoSuchRefund(NotFound):
    code = "refund.not-found"
    title = "There is no such refund"
    command: str


@dataclass(eq=False)
class OtherAttempt(Conflict):
    """News of an attempt that is not the current one, and that says otherwise than what is known."""

    code = "refund.other-attempt"
    title = "This is not the refund's current attempt"
    current: int
    told: int


@dataclass(eq=False)
class WrongState(Conflict):
    code = "refund.wrong-state"
    title = "The refund's state does not allow this"
    state: str
    command: str


# ---------------------------------------------------------------- judgement


def decide(refund: Refund | None, command: Command, now: datetime) -> list[Event]:
    """What happens. Empty: it has happened already. Raises a refusal, in the order of the module's docstring."""
    if isinstance(command, Owe):
        if refund is None:
            return [RefundOwed(now, command.debt)]
        if refund.debt == command.debt:
            return []
        raise WrongState(_name(refund), "Owe")
    if refund is None:
        raise NoSuchRefund(type(command).__name__)
    if isinstance(command, Retry) and isinstance(refund, Owed) and refund.attempt == command.attempt + 1:
        return []
    if command.attempt != refund.attempt:
        raise OtherAttempt(refund.attempt, command.attempt)
    return _judge(refund, command, now)


def _judge(refund: Refund, act: Act, now: datetime) -> list[Event]:
    match refund, act:
        case Owed(), Lose():
            return [RefundLost(now, act.attempt)]
        case ((Unknown() | Refused() | Returned()), Lose()):
            return []  # somebody else has heard the answer, or heard none as well
        case ((Owed() | Unknown()), Confirm()):
            return [RefundReturned(now, act.attempt, act.reference)]
        case ((Owed() | Unknown()), Refuse()):
            return [RefundRefused(now, act.attempt, act.reason)]
        case Returned(reference=known), Confirm(reference=told) if known == told:
            return []
        case Refused(reason=known), Refuse(reason=told) if known == told:
            return []
        case Refused(), Retry():
            return [RefundRetried(now, act.attempt + 1)]
        case _:
            raise WrongState(_name(refund), type(act).__name__)


def _name(refund: Refund) -> str:
    return type(refund).__name__.lower()


# ---------------------------------------------------------------- movement


def evolve(refund: Refund | None, event: Event) -> Refund:
    """The refund after ``event``, which ``decide`` gave for it."""
    if isinstance(event, RefundOwed):
        return Owed(event.debt, 1, event.at)
    if refund is None:
        raise NoSuchRefund(type(event).__name__)
    debt = refund.debt
    match event:
        case RefundLost():
            return Unknown(debt, event.attempt, event.at)
        case RefundReturned():
            return Returned(debt, event.attempt, event.at, event.reference)
        case RefundRefused():
            return Refused(debt, event.attempt, event.at, event.reason)
        case RefundRetried():
            return Owed(debt, event.attempt, event.at)
        case _:
            assert_never(event)
