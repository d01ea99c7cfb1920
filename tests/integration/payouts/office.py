"""A firm whose staff hold accounts, let them go, and decide over payouts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.queries.figures import PostgresFigureQueries
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.hold_account import HoldAccount
from propfirm.application.evaluation.moves import act
from propfirm.application.payouts.send_payout import FreePayouts, PutBack
from propfirm.domain.evaluation import commands
from propfirm.domain.evaluation.states import ClosureCause, HoldCause
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import PersonId
from propfirm.domain.money import Micros
from propfirm.domain.payouts.request import Payout
from tests.integration.firm import BOSS, Firm, HandClock, program

ADA: Final = Staff(PersonId(UUID(int=2)), "admin")


class Office:
    """A firm, and those of its staff who hold accounts and let them go."""

    def __init__(self, engine: AsyncEngine) -> None:
        clock = HandClock()
        self.engine = engine
        self.firm = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock, late_s=0.05), clock)
        self.holds = HoldAccount(self.firm.work, clock)
        self.free = FreePayouts(self.firm.work)
        self.put_back = PutBack(self.firm.work, clock, self.firm.ids, self.firm.platform)

    async def hold(self, cause: HoldCause = "risk_review") -> None:
        await self.holds.suspend(BOSS, self.firm.account, cause, "Somebody must look")

    async def lift(self, cause: HoldCause = "risk_review") -> None:
        await self.holds.resume(ADA, self.firm.account, cause, "It was nothing")

    async def close(self, cause: ClosureCause) -> None:
        async with self.firm.work.begin() as tx:
            account, closing = await tx.accounts.get(self.firm.account), commands.Close(cause, "It is over", BOSS.id)
            await act(tx, self.firm.account, account, closing, program(), self.firm.clock.now())

    async def say_of_ann(self, situation: str) -> None:
        async with self.engine.begin() as connection:
            change = text("update users set situation = :situation where id = :ann")
            await connection.execute(change, {"situation": situation, "ann": self.firm.ann.id})

    async def jobs(self, task: str) -> list[dict[str, str]]:
        async with self.engine.connect() as connection:
            query = text("select args from procrastinate_jobs where task_name = :task order by id")
            return list(await connection.scalars(query, {"task": task}))

    async def sweep(self) -> None:
        self.firm.wall.forward(timedelta(minutes=2))
        await self.firm.sweep()

    async def approved(self) -> Payout:
        await self.firm.fund()
        await self.firm.earn(60)
        asked = await self.firm.ask(1_000)
        return await self.firm.approve(BOSS, asked.claim.id)

    async def returned(self) -> Payout:
        payout = await self.approved()
        await self.firm.bank.instruct(self.firm.ann.id, "refuse")
        await self.firm.send(payout.claim.id, 1)
        await self.firm.bank.instruct(self.firm.ann.id, "pay")
        return await self.firm.payout(payout)

    async def seen_held(self) -> int:
        """What the staff sees on the dashboard."""
        return (await PostgresFigureQueries(self.engine).figures(self.firm.clock.now())).payouts_held

    async def paid(self) -> list[tuple[str, int]]:
        return [(line.key, line.amount) for line in await self.firm.bank.statement()]

    async def balance(self) -> Micros:
        """As the engine has it."""
        async with self.firm.work.begin() as tx:
            risk = await tx.journal.risk(self.firm.account, 1)
        assert risk is not None
        return risk.checkpoint.state.balance
