"""What must always hold, as the database can tell it, and the histories by which the rest is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from propfirm.application.ports.work import Listing
from propfirm.domain.evaluation import appeal, events, states
from propfirm.domain.payouts import request
from propfirm.domain.purchases import purchase, refund

Invariant: TypeAlias = Literal[
    "transfers balance",
    "nobody owes the firm",
    "payouts are booked",
    "payouts are paid once",
    "the bank agrees",
    "purchases are booked",
    "refunds are booked",
    "refunds are made once",
    "the provider agrees",
    "purchases are delivered once",
    "nothing is stuck",
    "histories are legal",
    "columns agree",
    "versions stand",
    "roles are on record",
    "reviews are on record",
    "verdicts stand alone",
    "chains are whole",
    "verdicts derive again",
    "figures derive again",
    "executions are journalled",
    "seals are whole",
    "days are sealed",
]


class Violation(Struct, frozen=True):
    """subject: what it is about, as ``payout:<id>`` or ``run:<account>:<number>``. says: the figures."""

    invariant: Invariant
    subject: str
    says: str


class Invariants(Protocol):
    async def violated(self, now: datetime) -> Sequence[Violation]:
        """Everything that statements over whole tables find. now: by the firm's clock."""
        ...


Beside: TypeAlias = Sequence[str]
"""What is kept beside a value, to be searched by, and says something else than the value: one text each."""


class Histories(Protocol):
    """Each aggregate as it stands, with the events that led to it, in order. Read a page at a time."""

    def purchases(self) -> AsyncIterator[tuple[purchase.Purchase, Sequence[purchase.Event], Beside]]: ...

    def refunds(self) -> AsyncIterator[tuple[refund.Refund, Sequence[refund.Event], Beside]]: ...

    def payouts(self) -> AsyncIterator[tuple[request.Payout, Sequence[request.Event], Beside]]: ...

    def accounts(self) -> AsyncIterator[tuple[states.Account, Sequence[events.Event], Beside]]: ...

    def appeals(self) -> AsyncIterator[tuple[appeal.Appeal, Sequence[appeal.Event], Beside]]: ...

    def versions(self) -> AsyncIterator[tuple[Listing, frozenset[str], Beside]]:
        """Every version of a program, with each fingerprint that it was published, sold or traded under."""
        ...
