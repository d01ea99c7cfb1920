"""Transfers as they were booked, newest first, and what every account holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from propfirm.application.paging import Place, Slice
from propfirm.domain.ledger.accounts import LedgerAccount
from propfirm.domain.ledger.transfers import Transfer
from propfirm.domain.money import Cents


class Held(Struct, frozen=True):
    """balance: signed cents, a debit positive."""

    account: LedgerAccount
    balance: Cents
    currency: str


class LedgerQueries(Protocol):
    """Of the writer: this is about money."""

    async def transfers(self, about: str | None, after: Place | None, limit: int) -> Slice[Transfer]:
        """about: the id of a purchase or payout, whatever the attempt."""
        ...

    async def balances(self) -> Sequence[Held]:
        """Every account that was ever booked on, by kind, owner and currency."""
        ...
