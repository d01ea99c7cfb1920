"""Payouts, newest first."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from propfirm.application.paging import Place, Slice
from propfirm.domain.ids import PersonId
from propfirm.domain.payouts.request import Payout

PayoutState: TypeAlias = Literal[
    "requested", "approved", "sending", "unknown", "sent", "returned", "rejected", "cancelled"
]


class PayoutQueries(Protocol):
    async def payouts(
        self, owner: PersonId | None, *, state: PayoutState | None, after: Place | None, limit: int
    ) -> Slice[Payout]:
        """owner: None where the staff asks."""
        ...
