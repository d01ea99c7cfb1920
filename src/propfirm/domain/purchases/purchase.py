"""The life of one purchase, from the order to what it bought.

Theory of operation
-------------------
    Ordered     priced by us and recorded, before anybody is asked for money
    Paid        the provider says, over its own signature, that exactly our price was paid
    Delivered   what was ordered is there: the account is open, the reset done
    Declined    the provider refused the last attempt; the checkout may still be paid, so this is not an end
    Lapsed      the checkout is over and nothing was paid
    Refunding   nothing is given for the payment, which is owed back: it was of another amount or currency than ours, or
                what was ordered cannot be given any more. From here nothing is delivered
    Refunded    the money went back

Payment is a fact about the world: it is recorded in every state in which it can arrive (a payment after Declined or
Lapsed is a payment), and either delivered or sent back, once. The same news twice is ``[]``. A further payment of the
same order changes nothing here: it is refused as ``PaidAgain`` and becomes a refund of its own (``refund``).

Order of checks: (1) there is a purchase; (2) the state: it allows the act, or the act has happened and the answer is
``[]``; (3) the money.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import Struct

from propfirm.domain.errors import Conflict, NotFound
from propfirm.domain.evaluation.facts import Binding
from propfirm.domain.ids import AccountId, PaymentId, PersonId, PurchaseId
from propfirm.domain.money import Cents

Currency: TypeAlias = Literal["USD"]

# ---------------------------------------------------------------- what is ordered


class Challenge(Struct, frozen=True, tag="challenge"):
    """A new account under this program version."""

    bound: Binding


class FreshAttempt(Struct, frozen=True, tag="reset"):
    """The stage that failed as ``run`` of the account, from its start."""

    account: AccountId
    run: int


class Activation(Struct, frozen=True, tag="activation"):
    """The fee of a granted stage, run ``run`` of the account."""

    account: AccountId
    run: int


Goods: TypeAlias = Challenge | FreshAttempt | Activation


class Order(Struct, frozen=True):
    """price: by our own list at ``placed_at``; nothing a client says changes it. provider: whose checkout it is."""

    id: PurchaseId
    buyer: PersonId
    goods: Goods
    price: Cents
    currency: Currency
    provider: str
    placed_at: datetime


class Receipt(Struct, frozen=True):
    """A payment as the provider told it. reference: the provider's own name of it; paid_at: the provider's time."""

    id: PaymentId
    reference: str
    amount: Cents
    currency: str
    paid_at: datetime


def nothing_due(order: Order, id: PaymentId) -> Receipt:  # noqa: A002 - the field's name
    """In place of a payment, of an order without a price: no provider is asked."""
    return Receipt(id, f"nothing_due_{order.id}", Cents(0), order.currency, order.placed_at)


# ---------------------------------------------------------------- states


class Ordered(Struct, frozen=True, tag="ordered"):
    """checkout: the provider's page, once it was made."""

    order: Order
    checkout: str | None = None


class Declined(Struct, frozen=True, tag="declined"):
    """checkout: the provider's page, where another card may pay."""

    order: Order
    reason: str
    checkout: str | None = None


class Lapsed(Struct, frozen=True, tag="lapsed"):
    order: Order
    since: datetime


class Paid(Struct, frozen=True, tag="paid"):
    order: Order
    receipt: Receipt


class Delivered(Struct, frozen=True, tag="delivered"):
    """account: what was opened, reset or activated."""

    order: Order
    receipt: Receipt
    account: AccountId
    since: datetime


class Refunding(Struct, frozen=True, tag="refunding"):
    """reason: the code of the refusal that kept it from being delivered, or ``MISMATCHED``."""

    order: Order
    receipt: Receipt
    reason: str
    since: datetime


class Refunded(Struct, frozen=True, tag="refunded"):
    """All of the receipt went back. reason: as before."""

    order: Order
    receipt: Receipt
    reason: str
    since: datetime


Purchase: TypeAlias = Ordered | Declined | Lapsed | Paid | Delivered | Refunding | Refunded

MISMATCHED: Final = "amount_mismatched"

# ---------------------------------------------------------------- commands


class Place(Struct, frozen=True, tag="place"):
    order: Order


class OfferCheckout(Struct, frozen=True, tag="offer_checkout"):
    checkout: str


class RecordPayment(Struct, frozen=True, tag="record_payment"):
    receipt: Receipt


class RecordDecline(Struct, frozen=True, tag="record_decline"):
    reason: str


class Lapse(Struct, frozen=True, tag="lapse"):
    """The provider says that the checkout is over, unpaid."""


class Deliver(Struct, frozen=True, tag="deliver"):
    account: AccountId


class GiveUp(Struct, frozen=True, tag="give_up"):
    """What was ordered cannot be given any more. reason: the code of the refusal."""

    reason: str


class ConfirmRefund(Struct, frozen=True, tag="confirm_refund"):
    """The provider confirms that the payment went back."""


Act: TypeAlias = OfferCheckout | RecordPayment | RecordDecline | Lapse | Deliver | GiveUp | ConfirmRefund
Command: TypeAlias = Place | Act

# ---------------------------------------------------------------- events


class PurchaseOrdered(Struct, frozen=True, tag="purchase_ordered"):
    at: datetime
    order: Order


class CheckoutOffered(Struct, frozen=True, tag="checkout_offered"):
    at: datetime
    checkout: str


class PurchasePaid(Struct, frozen=True, tag="purchase_paid"):
    at: datetime
    receipt: Receipt


class PaymentMismatched(Struct, frozen=True, tag="payment_mismatched"):
    """Another amount or currency than the order's."""

    at: datetime
    receipt: Receipt


class PaymentDeclined(Struct, frozen=True, tag="payment_declined"):
    at: datetime
    reason: str


class CheckoutLapsed(Struct, frozen=True, tag="checkout_lapsed"):
    at: datetime


class PurchaseDelivered(Struct, frozen=True, tag="purchase_delivered"):
    at: datetime
    account: AccountId


class PurchaseGivenUp(Struct, frozen=True, tag="purchase_given_up"):
    at: datetime
    reason: str


class PurchaseRefunded(Struct, frozen=True, tag="purchase_refunded"):
    at: datetime


Event: TypeAlias = (
    PurchaseOrdered
    | CheckoutOffered
    | PurchasePaid
    | PaymentMismatched
    | PaymentDeclined
    | CheckoutLapsed
    | PurchaseDelivered
    | PurchaseGivenUp
    | PurchaseRefunded
)

EDGES: Final[frozenset[tuple[str, str, str]]] = frozenset(
    {
        ("-", "PurchaseOrdered", "Ordered"),
        ("Ordered", "CheckoutOffered", "Ordered"),
        ("Declined", "CheckoutOffered", "Declined"),
        ("Ordered", "PaymentDeclined", "Declined"),
        ("Declined", "PaymentDeclined", "Declined"),
        ("Ordered", "CheckoutLapsed", "Lapsed"),
        ("Declined", "CheckoutLapsed", "Lapsed"),
        ("Ordered", "PurchasePaid", "Paid"),
        ("Declined", "PurchasePaid", "Paid"),
        ("Lapsed", "PurchasePaid", "Paid"),
        ("Ordered", "PaymentMismatched", "Refunding"),
        ("Declined", "PaymentMismatched", "Refunding"),
        ("Lapsed", "PaymentMismatched", "Refunding"),
        ("Paid", "PurchaseDelivered", "Delivered"),
        ("Paid", "PurchaseGivenUp", "Refunding"),
        ("Refunding", "PurchaseRefunded", "Refunded"),
    }
)
"""State before (``-``: there is none yet), event, state after. Held equal to ``decide`` and ``evolve`` by a test."""

# ---------------------------------------------------------------- refusals


@dataclass(eq=False)
class NoSuchPurchase(NotFound):
    code = "purchase.not-found"
    title = "There is no such purchase"
    command: str


@dataclass(eq=False)
class WrongState(Conflict):
    code = "purchase.wrong-state"
    title = "The purchase's state does not allow this"
    state: str
    command: str


@dataclass(eq=False)
class PaidAgain(Conflict):
    """A second payment for one order: it is owed back."""

    code = "purchase.paid-again"
    title = "The order was paid already, by another payment"
    known: str
    told: str


@dataclass(eq=False)
class ToldOtherwise(Conflict):
    """A payment that is known comes again with another amount: the first word stands, and somebody must look."""

    code = "purchase.told-otherwise"
    title = "The payment is known, with another amount"
    reference: str
    known: str
    told: str


# ---------------------------------------------------------------- judgement


def decide(purchase: Purchase | None, command: Command, now: datetime) -> list[Event]:
    """What happens. Empty: it has happened already. Raises a refusal, in the order of the module's docstring."""
    if isinstance(command, Place):
        if purchase is None:
            return [PurchaseOrdered(now, command.order)]
        if purchase.order == command.order:
            return []
        raise _wrong(purchase, command)
    if purchase is None:
        raise NoSuchPurchase(type(command).__name__)
    match command:
        case OfferCheckout():
            return _offer(purchase, command, now)
        case RecordPayment():
            return _pay(purchase, command.receipt, now)
        case RecordDecline():
            if isinstance(purchase, Ordered | Declined):
                return [PaymentDeclined(now, command.reason)]
            return []  # late news about an attempt: the purchase has gone on
        case Lapse():
            return [CheckoutLapsed(now)] if isinstance(purchase, Ordered | Declined) else []
        case Deliver():
            return _deliver(purchase, command, now)
        case GiveUp():
            return _give_up(purchase, command, now)
        case ConfirmRefund():
            return _confirm(purchase, command, now)
        case _:
            assert_never(command)


def _offer(purchase: Purchase, act: OfferCheckout, now: datetime) -> list[Event]:
    """The news that a card was refused may be there before the page is recorded."""
    if not isinstance(purchase, Ordered | Declined) or purchase.checkout not in {None, act.checkout}:
        raise _wrong(purchase, act)
    return [] if purchase.checkout == act.checkout else [CheckoutOffered(now, act.checkout)]


def _deliver(purchase: Purchase, act: Deliver, now: datetime) -> list[Event]:
    if isinstance(purchase, Delivered) and purchase.account == act.account:
        return []
    if not isinstance(purchase, Paid):
        raise _wrong(purchase, act)
    return [PurchaseDelivered(now, act.account)]


def _pay(purchase: Purchase, receipt: Receipt, now: datetime) -> list[Event]:
    if isinstance(purchase, Ordered | Declined | Lapsed):
        order = purchase.order
        if (receipt.amount, receipt.currency) != (order.price, order.currency):
            # Of nothing there is nothing to send back.
            return [PaymentMismatched(now, receipt), *([] if receipt.amount else [PurchaseRefunded(now)])]
        return [PurchasePaid(now, receipt)]
    if purchase.receipt.reference != receipt.reference:
        raise PaidAgain(purchase.receipt.reference, receipt.reference)
    compare(purchase.receipt, receipt)
    return []


def compare(known: Receipt, told: Receipt) -> None:
    """What is told again of one payment. Raises ToldOtherwise."""
    if (known.amount, known.currency) != (told.amount, told.currency):
        raise ToldOtherwise(known.reference, f"{known.amount} {known.currency}", f"{told.amount} {told.currency}")


def _give_up(purchase: Purchase, act: GiveUp, now: datetime) -> list[Event]:
    if isinstance(purchase, Refunding | Refunded) and purchase.reason == act.reason:
        return []
    if not isinstance(purchase, Paid):
        raise _wrong(purchase, act)
    return [PurchaseGivenUp(now, act.reason)]


def _confirm(purchase: Purchase, act: ConfirmRefund, now: datetime) -> list[Event]:
    if isinstance(purchase, Refunded):
        return []
    if not isinstance(purchase, Refunding):
        raise _wrong(purchase, act)
    return [PurchaseRefunded(now)]


def _wrong(purchase: Purchase, command: Command) -> WrongState:
    return WrongState(type(purchase).__name__.lower(), type(command).__name__)


# ---------------------------------------------------------------- movement


def evolve(purchase: Purchase | None, event: Event) -> Purchase:
    """The purchase after ``event``, which ``decide`` gave for it."""
    if isinstance(event, PurchaseOrdered):
        return Ordered(event.order)
    if purchase is None:
        raise NoSuchPurchase(type(event).__name__)
    order = purchase.order
    match event:
        case CheckoutOffered() if isinstance(purchase, Declined):
            return Declined(order, purchase.reason, event.checkout)
        case CheckoutOffered():
            return Ordered(order, event.checkout)
        case PurchasePaid():
            return Paid(order, event.receipt)
        case PaymentMismatched():
            return Refunding(order, event.receipt, MISMATCHED, event.at)
        case PaymentDeclined():
            page = purchase.checkout if isinstance(purchase, Ordered | Declined) else None
            return Declined(order, event.reason, page)
        case CheckoutLapsed():
            return Lapsed(order, event.at)
        case PurchaseDelivered() | PurchaseGivenUp() if isinstance(purchase, Paid):
            if isinstance(event, PurchaseDelivered):
                return Delivered(order, purchase.receipt, event.account, event.at)
            return Refunding(order, purchase.receipt, event.reason, event.at)
        case PurchaseRefunded() if isinstance(purchase, Refunding):
            return Refunded(order, purchase.receipt, purchase.reason, event.at)
        case PurchaseDelivered() | PurchaseGivenUp() | PurchaseRefunded():
            raise _wrong_event(purchase, event)
        case _:
            assert_never(event)


def _wrong_event(purchase: Purchase, event: Event) -> WrongState:
    return WrongState(type(purchase).__name__.lower(), type(event).__name__)
