"""The provider's own account of what it took: told payment by payment, and sent back once, whatever it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.sandbox.bank import LATE_S
from propfirm.adapters.sandbox.checkouts import payment_of
from propfirm.adapters.sandbox.messages import PROVIDER
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.payments import (
    Answer,
    Charge,
    Disbursed,
    Refused,
    SentBack,
    Unavailable,
    Unseen,
)
from propfirm.domain.ids import PurchaseId
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import Receipt

UNKNOWN_PAYMENT: Final = "no_such_payment"
OTHER_AMOUNT: Final = "amount_differs"
CLOSED: Final = "card_closed"
ALREADY: Final = "already_refunded"

# The payment is locked: of two who send it back at once, one waits and sees what the other did.
_CHARGE: Final = text("""
select c.amount_cents, c.currency, p.refunds as mood,
    exists (select from sandbox_refunds r where r.payment = c.reference and r.outcome = 'paid') as gone
from sandbox_charges c join sandbox_checkouts p using (purchase_id)
where c.reference = :payment for update of c
""")
_SEND: Final = text("""
insert into sandbox_refunds (key, payment, outcome, reference, at)
values (:key, :payment, :outcome, :reference, :at) on conflict (key) do nothing
""")
_FIND: Final = text("select outcome, reference from sandbox_refunds where key = :key")
_CHARGES: Final = text("""
select * from sandbox_charges where taken_at >= :since order by taken_at, number
""")
_SENT: Final = text("""
select r.key, r.payment, r.reference, c.amount_cents
from sandbox_refunds r join sandbox_charges c on c.reference = r.payment
where r.outcome = 'paid' order by r.at, r.key
""")
_EVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class SandboxTakings:
    """Fills ``Takings``."""

    engine: AsyncEngine
    clock: Clock
    late_s: float = LATE_S
    name: str = PROVIDER

    async def send_back(self, key: str, receipt: Receipt) -> Answer:
        async with self.engine.begin() as connection:
            charge = (await connection.execute(_CHARGE, {"payment": receipt.reference})).mappings().one_or_none()
            if charge is None:
                return Refused(UNKNOWN_PAYMENT)
            mood = charge["mood"]
            if mood == "down":
                raise Unavailable
            if (charge["amount_cents"], charge["currency"]) != (receipt.amount, receipt.currency):
                refusal = OTHER_AMOUNT
            elif charge["gone"]:
                refusal = ALREADY
            else:
                refusal = CLOSED if mood == "refuse" else ""
            await connection.execute(
                _SEND,
                {
                    "key": key,
                    "payment": receipt.reference,
                    "outcome": "refused" if refusal else "paid",
                    "reference": refusal or f"ref_{uuid4().hex}",
                    "at": self.clock.now(),
                },
            )
            outcome, reference = (await connection.execute(_FIND, {"key": key})).one()
        if mood == "late":
            await asyncio.sleep(self.late_s)
        if mood == "lose":
            raise Unavailable
        return _answer(outcome, reference)

    async def find(self, key: str) -> Answer | Unseen:
        async with self.engine.connect() as connection:
            known = (await connection.execute(_FIND, {"key": key})).one_or_none()
        return Unseen() if known is None else _answer(*known)

    async def charges(self, since: datetime | None = None) -> Sequence[Charge]:
        async with self.engine.connect() as connection:
            rows = (await connection.execute(_CHARGES, {"since": since or _EVER})).mappings()
            return [Charge(PurchaseId(row["purchase_id"]), payment_of(row).receipt(), row["taken_at"]) for row in rows]

    async def sent_back(self) -> Sequence[SentBack]:
        async with self.engine.connect() as connection:
            return [
                SentBack(key, payment, reference, Cents(amount))
                for key, payment, reference, amount in await connection.execute(_SENT)
            ]


def _answer(outcome: str, reference: str) -> Answer:
    return Disbursed(reference) if outcome == "paid" else Refused(reference)
