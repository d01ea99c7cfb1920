"""A provider tells of its own accord: made sure of, kept, and applied once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from propfirm.application.ports.payments import BadNotice, Notice, Notices
from propfirm.application.ports.work import UnitOfWork
from propfirm.application.purchases.settle import SettlePurchase
from propfirm.domain.audit.acts import Act
from propfirm.domain.errors import NotFound
from propfirm.domain.identity.actors import System

HOOKS = System("hooks")


@dataclass(frozen=True, slots=True)
class ReceiveNotice:
    """Raises BadSignature, BadNotice; whatever else it says, the provider need not say it again.

    Kept with a line in the record for somebody to look at: what cannot be read, what speaks of an order that is not
    ours.
    """

    work: UnitOfWork
    notices: Notices
    settle: SettlePurchase

    async def __call__(self, body: bytes, signature: str) -> None:
        try:
            notice = self.notices.read(body, signature)
        except BadNotice as error:
            digest = hashlib.sha256(body).hexdigest()
            await self._park(f"unreadable:{digest}", body, "notice_unreadable", {"reason": error.reason})
            raise
        if notice.news is None:
            await self._park(notice.delivery, body, "notice_ignored", {})
            return
        await self._settle(notice, body)

    async def _settle(self, notice: Notice, body: bytes) -> None:
        assert notice.news is not None  # noqa: S101 - the caller has seen to it
        try:
            await self.settle(notice.purchase, notice.news, (notice.delivery, body))
        except NotFound:
            await self._park(notice.delivery, body, "notice_orphaned", {"purchase": str(notice.purchase)})

    async def _park(self, delivery: str, body: bytes, act: Act, details: Mapping[str, str]) -> None:
        async with self.work.begin() as tx:
            if await tx.inbox.first(self.notices.name, delivery, body):
                await tx.audit.record(HOOKS, act, f"notice:{delivery}", details)
