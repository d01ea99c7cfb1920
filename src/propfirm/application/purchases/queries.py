"""Refunds, newest first."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from propfirm.application.paging import Place, Slice
from propfirm.domain.purchases.refund import Refund

RefundState: TypeAlias = Literal["owed", "unknown", "refused", "returned"]


class RefundQueries(Protocol):
    """Of the writer: this is about money."""

    async def refunds(self, *, state: RefundState | None, after: Place | None, limit: int) -> Slice[Refund]: ...
