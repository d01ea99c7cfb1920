"""What the staff sees first."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from propfirm.domain.money import Cents


class Figures(Struct, frozen=True, kw_only=True):
    """The firm at a glance. Money in cents; taken (less refunds), owed to traders, owed_back to buyers and paid_out by
    the books, in dollars; owed_back_foreign: of payments in other currencies, by currency.

    refunds_stuck: without an answer of the provider, or refused by it. accounts: by state. accounts_to_close: their
    last payout was made, and an open appeal keeps them. violations_to_review: those that block payouts.
    payouts_waiting: for the firm's yes or no. payouts_held: to be sent, and kept still by a hold.
    """

    accounts: dict[str, int]
    people: int
    purchases_today: int
    breaches_today: int
    passes_today: int
    violations_to_review: int
    appeals_open: int
    payouts_waiting: int
    payouts_waiting_amount: Cents
    payouts_unknown: int
    payouts_held: int
    accounts_to_close: int
    refunds_stuck: int
    taken: Cents
    owed: Cents
    owed_back: Cents
    owed_back_foreign: dict[str, Cents]
    paid_out: Cents


class FigureQueries(Protocol):
    async def figures(self, now: datetime) -> Figures:
        """now: the firm's time; today is the day of it in UTC."""
        ...
