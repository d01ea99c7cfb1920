"""Money in and money out: the payment provider's checkout, and the bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from propfirm.domain import errors
from propfirm.domain.ids import PayoutId, PersonId, PurchaseId
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import Order, Receipt


class CheckoutPaid(Struct, frozen=True, tag="paid"):
    receipt: Receipt


class CheckoutDeclined(Struct, frozen=True, tag="declined"):
    reason: str


class CheckoutOver(Struct, frozen=True, tag="over"):
    """It can no longer be paid."""


class CheckoutOpen(Struct, frozen=True, tag="open"):
    pass


CheckoutNews: TypeAlias = CheckoutPaid | CheckoutDeclined | CheckoutOver | CheckoutOpen


class Checkouts(Protocol):
    """The provider's payment page."""

    @property
    def name(self) -> str:
        """Of the provider, as the books know it."""
        ...

    async def open(self, order: Order, description: str) -> str:
        """The page's address. The order's id is the key: asked twice, the same page is given.

        Raises Unavailable; then the page may or may not be there.
        """
        ...

    async def look(self, order: Order) -> CheckoutNews:
        """What the provider knows of the order now. Raises Unavailable."""
        ...


class Notice(Struct, frozen=True):
    """A provider's message of its own accord. delivery: its own name of it. purchase: the order that it speaks of.

    news: None where it is of a kind that says nothing to us.
    """

    delivery: str
    purchase: PurchaseId
    news: CheckoutNews | None


@dataclass(eq=False)
class BadSignature(errors.Refused):
    """Whoever wrote it, the provider did not; or it was written too long ago, or in the future."""

    code = "hook.signature-invalid"
    title = "The message is not signed by the provider, or not now"
    reason: str


@dataclass(eq=False)
class BadNotice(errors.Refused):
    """Signed by the provider, and still no message of any kind that it documents."""

    code = "hook.malformed"
    title = "The message cannot be read"
    reason: str


class Notices(Protocol):
    """What the provider tells of its own accord, read from the raw bytes of its request."""

    @property
    def name(self) -> str:
        """Of the provider, as the books know it."""
        ...

    def read(self, body: bytes, signature: str) -> Notice:
        """Raises BadSignature, then BadNotice."""
        ...


class Disbursed(Struct, frozen=True, tag="disbursed"):
    """Money went out. reference: the bank's or provider's own name of that."""

    reference: str


class Refused(Struct, frozen=True, tag="refused"):
    """Proof that nothing was paid under this key, and that nothing will be."""

    reason: str


class Unseen(Struct, frozen=True, tag="unseen"):
    """The bank or provider has never seen this key."""


Answer: TypeAlias = Disbursed | Refused


class StatementLine(Struct, frozen=True):
    """A payment that the bank made for us."""

    key: str
    reference: str
    amount: Cents


class Bank(Protocol):
    """Pays traders. key: ``payout:{id}:{attempt}``; the same key never pays twice."""

    async def pay(self, key: str, payout: PayoutId, trader: PersonId, amount: Cents) -> Answer:
        """Raises Unavailable where the answer is not known: then nothing may be concluded."""
        ...

    async def find(self, key: str) -> Disbursed | Refused | Unseen:
        """What became of a key. Raises Unavailable."""
        ...

    async def statement(self) -> Sequence[StatementLine]:
        """Every payment that was made, oldest first. Raises Unavailable."""
        ...


class Charge(Struct, frozen=True):
    """A payment that the provider took for us, for this purchase. taken_at: by its own clock, in real time."""

    purchase: PurchaseId
    receipt: Receipt
    taken_at: datetime


class SentBack(Struct, frozen=True):
    """A refund that the provider made for us. payment, reference: its own names of the payment and of the refund."""

    key: str
    payment: str
    reference: str
    amount: Cents


class Takings(Protocol):
    """What the payment provider took for us, payment by payment, and how it is sent back.

    key: ``refund:{id}:{attempt}``; the same key never sends back twice.
    """

    @property
    def name(self) -> str:
        """Of the provider, as the books know it."""
        ...

    async def send_back(self, key: str, receipt: Receipt) -> Answer:
        """All of the payment. Raises Unavailable where the answer is not known: then nothing may be concluded."""
        ...

    async def find(self, key: str) -> Disbursed | Refused | Unseen:
        """What became of a key. Raises Unavailable."""
        ...

    async def charges(self, since: datetime | None = None) -> Sequence[Charge]:
        """Every payment that was taken from ``since`` on, in real time, oldest first. Raises Unavailable."""
        ...

    async def sent_back(self) -> Sequence[SentBack]:
        """Every payment that was sent back, oldest first. Raises Unavailable."""
        ...


class Unavailable(Exception):
    """A provider gave no usable answer: lost, late, broken. What it did is unknown."""


Counterparty: TypeAlias = Literal["bank", "payment provider"]


class Silent(Unavailable):
    """The same, where it matters which of them it was."""

    def __init__(self, who: Counterparty) -> None:
        super().__init__(who)
        self.who = who
