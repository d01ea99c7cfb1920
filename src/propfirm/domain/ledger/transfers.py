"""Transfers and what every one of them must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.errors import Conflict, Refused
from propfirm.domain.ids import TransferId
from propfirm.domain.ledger.accounts import LedgerAccount
from propfirm.domain.money import Cents

HOME: Final = "USD"
"""The firm's own currency: it sells and pays in no other. What comes in another is booked in that, and goes back."""

Business: TypeAlias = Literal[
    "purchase_paid",
    "purchase_given_up",
    "payment_unwanted",
    "refund_returned",
    "payout_approved",
    "payout_sent",
    "payout_confirmed",
    "payout_returned",
    "payout_written_off",
]
"""What a transfer records. With ``reference`` it is unique: the same act is booked once, however often it is told."""


class Entry(Struct, frozen=True):
    """amount: signed cents, a debit positive; never zero."""

    account: LedgerAccount
    amount: Cents


class Transfer(Struct, frozen=True):
    """Appended, never changed: what was wrong is put right by another transfer.

    reference: the id of the purchase or payout that it belongs to, with the refund or attempt where there can be
    several. currency: of every entry; amounts are in its hundredths, or in its smallest unit where it has none.
    """

    id: TransferId
    at: datetime
    business: Business
    reference: str
    entries: tuple[Entry, ...]
    currency: str = HOME

    def __post_init__(self) -> None:
        if reason := fault(self.entries):
            raise Unbalanced(self.business, self.reference, reason)

    def says_the_same_as(self, other: Transfer) -> bool:
        """Whether both book the same act with the same amounts; id and time are those of the telling."""
        return (self.business, self.reference, self.currency, Counter(self.entries)) == (
            other.business,
            other.reference,
            other.currency,
            Counter(other.entries),
        )


@dataclass(eq=False)
class Unbalanced(Refused):
    code = "ledger.unbalanced"
    title = "The entries of a transfer must be two or more, none zero, and sum to zero"
    business: Business
    reference: str
    reason: str


@dataclass(eq=False)
class BookedOtherwise(Conflict):
    """The act is in the books already, with other amounts."""

    code = "ledger.booked-otherwise"
    title = "The same act is booked already, with other amounts"
    business: Business
    reference: str


def fault(entries: tuple[Entry, ...]) -> str:
    """What is wrong with the entries of one transfer; "" if nothing."""
    if len(entries) < 2:
        return f"{len(entries)} entries"
    if any(entry.amount == 0 for entry in entries):
        return "an entry of zero"
    if total := sum(entry.amount for entry in entries):
        return f"they sum to {total} cents"
    return ""


def balances(transfers: Iterable[Transfer], currency: str = HOME) -> dict[LedgerAccount, Cents]:
    """What every account holds in this currency, in signed cents: accounts that were touched, zero included."""
    totals: dict[LedgerAccount, Cents] = {}
    for transfer in transfers:
        for entry in transfer.entries if transfer.currency == currency else ():
            totals[entry.account] = Cents(totals.get(entry.account, 0) + entry.amount)
    return totals
