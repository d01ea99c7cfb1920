"""The bank: pays a key once, whatever it answers, and does not forget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.application.ports.clock import Clock
from propfirm.application.ports.payments import Answer, Disbursed, Refused, StatementLine, Unavailable, Unseen
from propfirm.application.ports.sandbox import Mood
from propfirm.domain.ids import PayoutId, PersonId
from propfirm.domain.money import Cents

LATE_S: Final = 2.0

_INSTRUCT: Final = text("""
insert into sandbox_bank_moods (trader_id, mood) values (:trader, :mood)
on conflict (trader_id) do update set mood = excluded.mood
""")
_MOOD: Final = text("select mood from sandbox_bank_moods where trader_id = :trader")
_PAY: Final = text("""
insert into sandbox_payments (key, payout_id, trader_id, amount_cents, outcome, reference, at)
values (:key, :payout, :trader, :amount, :outcome, :reference, :at) on conflict (key) do nothing
""")
_FIND: Final = text("select outcome, reference from sandbox_payments where key = :key")
_STATEMENT: Final = text("""
select key, reference, amount_cents from sandbox_payments where outcome = 'paid' order by at, key
""")


@dataclass(frozen=True, slots=True)
class SandboxBank:
    """Fills ``Bank`` and ``BankDesk``."""

    engine: AsyncEngine
    clock: Clock
    late_s: float = LATE_S

    async def instruct(self, trader: PersonId, mood: Mood) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(_INSTRUCT, {"trader": trader, "mood": mood})

    async def mood(self, trader: PersonId) -> Mood:
        async with self.engine.connect() as connection:
            found: Mood | None = await connection.scalar(_MOOD, {"trader": trader})
        return found or "pay"

    async def pay(self, key: str, payout: PayoutId, trader: PersonId, amount: Cents) -> Answer:
        async with self.engine.begin() as connection:
            mood = await connection.scalar(_MOOD, {"trader": trader})
            if mood == "down":
                raise Unavailable
            refused = mood == "refuse"
            await connection.execute(
                _PAY,
                {
                    "key": key,
                    "payout": payout,
                    "trader": trader,
                    "amount": amount,
                    "outcome": "refused" if refused else "paid",
                    "reference": "account_closed" if refused else f"trf_{uuid4().hex}",
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

    async def statement(self) -> Sequence[StatementLine]:
        async with self.engine.connect() as connection:
            return [StatementLine(*row) for row in await connection.execute(_STATEMENT)]


def _answer(outcome: str, reference: str) -> Answer:
    return Disbursed(reference) if outcome == "paid" else Refused(reference)
