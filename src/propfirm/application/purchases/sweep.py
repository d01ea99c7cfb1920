"""What the provider said and nobody heard, and what was paid and never given, is found by looking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from propfirm.application.ports.clock import Clock
from propfirm.application.ports.payments import CheckoutDeclined, CheckoutOpen, Checkouts
from propfirm.application.ports.work import UnitOfWork
from propfirm.application.purchases.settle import SettlePurchase
from propfirm.application.sweeping import each
from propfirm.domain.ids import PurchaseId
from propfirm.domain.purchases.purchase import Declined, Paid, Purchase

QUIET: Final = timedelta(minutes=1)
"""Messages and jobs have had their chance by then. Real time, as everything that waits for other machines."""


@dataclass(frozen=True, slots=True)
class SweepPurchases:
    """deliver: gives what was paid for; doing it again changes nothing. Raises ExceptionGroup."""

    work: UnitOfWork
    wall: Clock
    checkouts: Checkouts
    settle: SettlePurchase
    deliver: Callable[[PurchaseId], Awaitable[None]]

    async def __call__(self) -> None:
        async with self.work.begin() as tx:
            unfinished = await tx.purchases.unfinished(self.wall.now() - QUIET)
        await each(unfinished, self._heal)

    async def _heal(self, one: Purchase) -> None:
        order = one.order
        if order.provider != self.checkouts.name:
            return
        if isinstance(one, Paid):
            await self.deliver(order.id)
            return
        news = await self.checkouts.look(order)
        known = isinstance(one, Declined) and isinstance(news, CheckoutDeclined)
        if not known and not isinstance(news, CheckoutOpen):
            await self.settle(order.id, news, None)
