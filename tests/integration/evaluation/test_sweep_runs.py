"""A run whose job was lost is opened, stopped, resumed and ended all the same."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.migrations.versions.m0004_told import SHOULD
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.after_the_end import FinishRun
from propfirm.application.evaluation.desk import ENDED
from propfirm.application.evaluation.follow_hold import FollowHold
from propfirm.application.evaluation.hold_account import HoldAccount
from propfirm.application.evaluation.moves import HOLD, PROVISION
from propfirm.application.evaluation.sweep_runs import SweepRuns
from propfirm.domain.evaluation.states import (
    Account,
    Advanced,
    Evaluating,
    Funded,
    Hold,
    Offer,
    Passed,
    Pending,
    Suspended,
)
from propfirm.domain.identity.actors import Staff
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import PersonId
from propfirm.domain.money import Cents
from tests.integration.firm import BOSS, Firm, HandClock, join
from tests.unit.domain.evaluation.lives import passed

pytestmark = pytest.mark.anyio


@pytest.fixture
def firm(engine: AsyncEngine) -> Firm:
    clock = HandClock()
    return Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)


async def execute(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement))


async def lose(engine: AsyncEngine) -> None:
    await execute(engine, "delete from procrastinate_jobs")


async def waiting(engine: AsyncEngine) -> list[str]:
    query = text("select task_name from procrastinate_jobs where status = 'todo' order by id")
    async with engine.connect() as connection:
        return list(await connection.scalars(query))


async def swept(firm: Firm, engine: AsyncEngine) -> list[str]:
    """What is asked for after two looks, of which the second finds it waiting."""
    for _ in range(2):
        await SweepRuns(firm.work)()
    return await waiting(engine)


async def test_a_paid_account_is_opened(firm: Firm, engine: AsyncEngine) -> None:
    await firm.fund(begin=False)
    assert await waiting(engine) == [PROVISION]
    await lose(engine)
    assert await swept(firm, engine) == [PROVISION]


async def test_nothing_is_asked_for_where_all_is_as_it_should_be(firm: Firm, engine: AsyncEngine) -> None:
    await firm.fund()
    await lose(engine)
    assert await swept(firm, engine) == []


async def test_a_hold_is_followed_and_so_is_its_end(firm: Firm, engine: AsyncEngine) -> None:
    await firm.fund()
    other = Staff(PersonId(UUID(int=2)), "admin")
    async with firm.work.begin() as tx:
        await join(tx, Person(other.id, "other@example.com", "Other", "admin", "", firm.clock.now()))
    hold, follow = HoldAccount(firm.work, firm.clock), FollowHold(firm.work, firm.platform)
    await hold.suspend(BOSS, firm.account, "conduct", "two people trade it")
    for stopped in ({"kept-1"}, set[str]()):
        await lose(engine)
        assert await swept(firm, engine) == [HOLD]
        await follow(firm.account)
        assert firm.platform.stopped == stopped
        await lose(engine)
        assert await swept(firm, engine) == []
        if stopped:
            await hold.resume(other, firm.account, "conduct", "seen")


async def test_a_run_that_is_over_is_stopped(firm: Firm, engine: AsyncEngine) -> None:
    await firm.fund()
    await firm.earn(-200)
    await lose(engine)
    assert await swept(firm, engine) == [ENDED]
    await FinishRun(firm.work, firm.clock, firm.platform)(firm.account, 1, "kept-1")
    assert firm.platform.stopped == {"kept-1"}
    await lose(engine)
    assert await swept(firm, engine) == []


@pytest.mark.breaks  # the states are put there without the events that lead to them
async def test_what_follows_a_pass_waits_for_the_hold_on_it_and_no_longer(firm: Firm, engine: AsyncEngine) -> None:
    await firm.fund()
    await lose(engine)
    finish = FinishRun(firm.work, firm.clock, firm.platform)
    async with firm.work.begin() as tx:
        enrolment = (await tx.accounts.get(firm.account)).enrolment
    now = firm.clock.now()
    over = Passed(enrolment, now, verdict=passed())
    await put(firm, Suspended(over, now, (Hold("conduct", "two people trade it", BOSS.id, now),)))
    await finish(firm.account, 1, "kept-1")
    assert await swept(firm, engine) == []
    await put(firm, over)
    assert await swept(firm, engine) == [ENDED]
    await finish(firm.account, 1, "kept-1")  # there is no stage after it
    await lose(engine)
    assert await swept(firm, engine) == []


@pytest.mark.breaks  # as above
async def test_a_run_before_the_present_one_is_stopped_too(firm: Firm, engine: AsyncEngine) -> None:
    await firm.fund()
    await lose(engine)
    async with firm.work.begin() as tx:
        enrolment = (await tx.accounts.get(firm.account)).enrolment
    offer = Offer(Cents(149_00), None)
    await put(firm, Pending(enrolment.at_stage("funded", Advanced()), firm.clock.now(), offer))
    assert await swept(firm, engine) == [ENDED]
    await FinishRun(firm.work, firm.clock, firm.platform)(firm.account, 1, "kept-1")
    assert firm.platform.stopped == {"kept-1"}
    await lose(engine)
    assert await swept(firm, engine) == []


@pytest.mark.breaks  # as above
async def test_the_step_says_of_old_runs_what_the_code_says_of_new_ones(firm: Firm, engine: AsyncEngine) -> None:
    await firm.fund()
    async with firm.work.begin() as tx:
        trading = await tx.accounts.get(firm.account)
    now, enrolment = firm.clock.now(), trading.enrolment
    assert isinstance(trading, Evaluating | Funded)
    held, over = (Hold("conduct", "two people trade it", BOSS.id, now),), Passed(enrolment, now, verdict=passed())
    next_ = Pending(enrolment.at_stage("funded", Advanced()), now, Offer(Cents(149_00), None))
    told = list[str | None]()
    for state in (trading, Suspended(trading, now, held), over, Suspended(over, now, held), next_):
        await put(firm, state)
        said = await should(engine)
        await execute(engine, "update runs set should = null")
        await execute(engine, SHOULD)
        assert await should(engine) == said, state
        told.append(said)
    assert told == ["trading", "held", "ended", None, "ended"]


async def should(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        found: str | None = await connection.scalar(text("select should from runs"))
        return found


async def put(firm: Firm, state: Account) -> None:
    async with firm.work.begin() as tx:
        await tx.accounts.put(firm.account, state, [])


async def test_what_failed_is_tried_again_ever_later(firm: Firm, engine: AsyncEngine) -> None:
    await firm.fund(begin=False)
    for minutes in (2, 4, 8):
        await execute(engine, "update procrastinate_jobs set status = 'failed' where status = 'todo'")
        await aged(engine, 60 * minutes - 10)
        assert await swept(firm, engine) == []
        await aged(engine, 60 * minutes + 10)
        assert await swept(firm, engine) == [PROVISION]
    await lose(engine)  # a failed job is what verify names


async def aged(engine: AsyncEngine, seconds: int) -> None:
    """As if every job had failed so long ago."""
    statement = text("update procrastinate_events set at = now() - make_interval(secs => :seconds)")
    async with engine.begin() as connection:
        await connection.execute(statement, {"seconds": seconds})
