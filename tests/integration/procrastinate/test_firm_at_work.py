"""The worker of the container carries a purchase from its payment to an account, and a payout to the bank."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from dependency_injector.providers import Object

from propfirm.application.ports.work import Listing
from propfirm.application.purchases.buy_challenge import ChallengeWish
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.evaluation.states import Funded
from propfirm.domain.identity.actors import Staff
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import AccountId, PersonId
from propfirm.domain.money import Cents
from propfirm.domain.payouts.request import Sent
from propfirm.domain.purchases.purchase import Delivered
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Secret, Settings
from tests.integration.firm import BOSS, Firm, HandClock, join, program

pytestmark = pytest.mark.anyio


@pytest.fixture
async def at_work(database: str) -> AsyncIterator[tuple[ServiceContainer, Firm]]:
    settings = Settings(database_url=Secret(database), jwt_secret=Secret("one key of thirty-two bytes at least"))
    clock = HandClock()
    made = ServiceContainer(settings=Object(settings), clock=Object(clock))
    firm = Firm(made.work(), made.bank(), clock)
    made.platform.override(Object(firm.platform))

    async def post(body: bytes, signature: str) -> bool:
        await made.receive_notice()(body, signature)
        return True

    made.hook.override(Object(post))
    worker = asyncio.create_task(made.worker().run())
    yield made, firm
    worker.cancel()
    await asyncio.wait([worker])
    await made.engine().dispose()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(15):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in a worker that knows nothing of us
            await asyncio.sleep(0.02)


async def test_what_is_paid_for_is_given_and_opened_on_the_platform(at_work: tuple[ServiceContainer, Firm]) -> None:
    container, firm = at_work
    sold = program()
    async with firm.work.begin() as tx:
        await tx.people.add(Person(firm.ann.id, "ann@example.com", "Ann", "trader", "", firm.clock.now()))
        listing = Listing(Edition(sold, fingerprint(sold)), "published", Cents(9_900), firm.clock.now())
        await tx.programs.put(listing)
    ordered = await container.place_order()(firm.ann, ChallengeWish(sold.id))
    await container.open_checkout()(firm.ann, ordered.order.id)
    await container.checkouts().press(ordered.order.id, "double")
    given = list[UUID]()

    async def delivered() -> bool:
        async with firm.work.begin() as tx:
            bought = await tx.purchases.get(ordered.order.id)
        if isinstance(bought, Delivered):
            given.append(bought.account)
        return isinstance(bought, Delivered)

    await until(delivered)

    async def funded() -> bool:
        async with firm.work.begin() as tx:
            return [account for _, account, _ in await tx.accounts.trading()] == given[:1]

    await until(funded)
    async with firm.work.begin() as tx:
        account = await tx.accounts.peek(AccountId(given[0]))
    assert isinstance(account, Funded)
    assert await container.verify_money()() == []


async def test_who_is_suspended_is_stopped_at_the_platform_until_the_last_hold_is_lifted(
    at_work: tuple[ServiceContainer, Firm],
) -> None:
    container, firm = at_work
    await firm.fund()
    other = Staff(PersonId(UUID(int=2)), "admin")
    async with firm.work.begin() as tx:
        await join(tx, Person(other.id, "other@example.com", "Other", "admin", "", firm.clock.now()))
    hold, stopped = container.hold_account(), firm.platform.stopped

    async def is_stopped() -> bool:
        return stopped == {"kept-1"}

    async def trades() -> bool:
        return not stopped

    await hold.suspend(BOSS, firm.account, "conduct", "two people trade it")
    await until(is_stopped)
    await hold.suspend(BOSS, firm.account, "identity", "and who are they")
    await hold.resume(other, firm.account, "conduct", "seen")
    assert await is_stopped()
    await hold.resume(other, firm.account, "identity", "known")
    await until(trades)
    await container.finish_run()(firm.account, 1, "kept-1")  # a job that comes late, of a verdict that was overturned
    assert await trades()


async def test_what_is_approved_is_sent(at_work: tuple[ServiceContainer, Firm]) -> None:
    container, firm = at_work
    await firm.fund()
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)

    async def sent() -> bool:
        return isinstance(await firm.payout(asked), Sent)

    await until(sent)
    assert list(firm.platform.withdrawn) == [str(asked.claim.id)]
    assert [line.amount for line in await container.bank().statement()] == [asked.claim.trader]
    assert await container.verify_money()() == []
