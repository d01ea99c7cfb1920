"""The demo's people act beside the people who try it, and do not undo what these decided."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.queries.accounts import PostgresAccountQueries
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.adapters.sandbox.checkouts import SandboxCheckouts
from propfirm.application.purchases.buy_challenge import OpenCheckout, PlaceOrder
from propfirm.domain.ids import AccountId
from propfirm.domain.payouts.request import Payout
from propfirm.entrypoints.demo.director import LOOK_S, RESPECT, Director, Doings, Part
from tests.integration.firm import BOSS, Firm, HandClock

pytestmark = pytest.mark.anyio
PATIENCE_S = 60.0


class Quiet:
    """A platform on which nobody trades."""

    def engage(self, account: AccountId, trader: str | None) -> None: ...


@asynccontextmanager
async def directed(engine: AsyncEngine, firm: Firm) -> AsyncIterator[None]:
    """Ann is one of the demo's people."""
    checkouts = SandboxCheckouts(engine, firm.clock, firm.clock, "http://shop.test")
    doings = Doings(
        place_order=lambda: PlaceOrder(firm.work, firm.clock, firm.ids, checkouts.name),
        open_checkout=lambda: OpenCheckout(firm.work, firm.clock, checkouts),
        checkouts=checkouts,
        accounts=PostgresAccountQueries(engine),
        quote=lambda: firm.quote,
        ask=lambda: firm.request,
        approve=lambda: firm.approve,
        reject=lambda: firm.reject,
        work=firm.work,
        clock=firm.clock,
    )
    director = Director(doings, Quiet(), [Part("ann", firm.ann, "funded-50k")], BOSS, lambda _: None)
    await director.open()
    running = asyncio.create_task(director.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def states(firm: Firm) -> list[str]:
    async with firm.work.begin() as tx:
        found: list[Payout] = list(await tx.payouts.of_account(firm.account))
    return [type(one).__name__ for one in found]


async def test_what_a_person_rejected_is_neither_asked_for_again_nor_approved_for_a_day(engine: AsyncEngine) -> None:
    clock = HandClock()
    firm = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    await firm.fund()
    await firm.earn(80)
    refused = await firm.ask(1_000)
    await firm.reject(BOSS, refused.claim.id, "min_amount", "Ann is to wait")
    await firm.judge()
    async with directed(engine, firm):
        await asyncio.sleep(4 * LOOK_S)
        assert await states(firm) == ["Rejected"]
        await firm.ask(500)
        await asyncio.sleep(4 * LOOK_S)
        assert await states(firm) == ["Rejected", "Requested"]
        clock.forward(RESPECT + timedelta(minutes=1))
        async with asyncio.timeout(PATIENCE_S):
            while await states(firm) != ["Rejected", "Approved"]:  # noqa: ASYNC110 - it happens in the database
                await asyncio.sleep(LOOK_S)
