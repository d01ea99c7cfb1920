"""Demo traders on the simulated platform, judged by the desk on a real Postgres, with crashes on both sides."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.calendar import load_news, load_session_table
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.adapters.simulator.cast import DEFAULT_SEED, STORIES, Story
from propfirm.adapters.simulator.platform import SPAN_MAX, SimulatedPlatform
from propfirm.adapters.simulator.tape import eve_of
from propfirm.adapters.system.clock import Uuid7s
from propfirm.application.evaluation.after_the_end import FinishRun
from propfirm.application.evaluation.desk import Desk, Verdict
from propfirm.application.evaluation.follow_hold import FollowHold
from propfirm.application.evaluation.hold_account import HoldAccount
from propfirm.application.evaluation.moves import act
from propfirm.application.evaluation.provision_run import ProvisionRun
from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.evaluation.runs import Runs
from propfirm.application.payouts.decide_payout import ApprovePayout
from propfirm.application.payouts.request_payout import PayoutAsk, QuotePayout, RequestPayout
from propfirm.application.payouts.send_payout import SendPayout
from propfirm.application.payouts.survey import NothingTraded, Survey
from propfirm.application.ports.work import Listing
from propfirm.domain.calendar.hours import EXCHANGE_ZONE
from propfirm.domain.calendar.instants import NS_PER_S, to_ns
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.evaluation import commands, states
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import AccountId, PersonId, PurchaseId
from propfirm.domain.money import Cents, Micros, from_cents
from propfirm.domain.purchases import purchase
from propfirm.domain.rules.events import Fill
from tests.integration.firm import BOSS, delivered, join, paid
from tests.integration.verified import CALCULATOR
from tools.find_demo_seed import CONTRACTS, Hand, recorded

pytestmark = pytest.mark.anyio
EVE: Final = eve_of(datetime(2026, 1, 28, tzinfo=UTC))
NAME: Final = "SIM-{}-{}"
STORY: Final = {story.end: story for story in STORIES}
SPAN: Final = timedelta(seconds=SPAN_MAX / NS_PER_S)


class Demo:
    """One trader of the cast, from the purchase on. ``restarted`` is the same after a ``kill -9``."""

    def __init__(self, work: PostgresUnitOfWork, folder: Path, clock: Hand, story: Story, account: AccountId) -> None:
        table = load_session_table()
        self.work, self.folder, self.clock, self.story, self.account = work, folder, clock, story, account
        self.platform = SimulatedPlatform(folder, recorded(), CONTRACTS.contracts, table, clock, DEFAULT_SEED)
        self.runs = Runs(CONTRACTS.contracts, table, load_news())
        self.desk = Desk("simulator", work, clock, self.runs)
        self.provision = ProvisionRun(work, clock, self.platform, CONTRACTS.contracts)
        self.finish = FinishRun(work, clock, self.platform)

    def restarted(self) -> Demo:
        return Demo(self.work, self.folder, self.clock, self.story, self.account)

    async def buy(self) -> None:
        program, now = ShippedPrograms().get(self.story.program), self.clock.now()
        edition, person, order_id = Edition(program, fingerprint(program)), PersonId(uuid4()), PurchaseId(uuid4())
        goods, price = purchase.Challenge(edition.binding), Cents(9_900)
        order = purchase.Order(order_id, person, goods, price, "USD", "sandbox", now)
        bought = await delivered(self.work.engine, order, self.account, now)
        async with self.work.begin() as tx:
            await tx.people.add(Person(person, "ann@example.com", "Ann", "trader", "", now))
            await join(tx, Person(BOSS.id, "boss@example.com", "Boss", BOSS.role, "", now))
            await tx.programs.put(Listing(edition, "published", price, now))
            await tx.purchases.put(*bought)
            await tx.ledger.post(paid(order, now))
            opening = commands.Open(self.account, person, order_id, edition.fingerprint)
            await act(tx, self.account, None, opening, program, now)
        self.platform.engage(self.account, self.story.trader)
        await self.provision(self.account)

    async def until_a_verdict(self, *, crash_at: int | None = None) -> Verdict:
        """crash_at: the batch that is committed and never acknowledged."""
        number = 0
        self.clock.moment += SPAN
        async for batch in self.platform.batches():
            ended = await self.desk.judge(batch)
            number += 1
            if number == crash_at:
                self.clock.moment -= SPAN
                return await self.restarted().until_a_verdict()
            await self.platform.acknowledge(batch)
            if ended:
                return ended[0]
            self.clock.moment += SPAN
            assert self.clock.moment < EVE + timedelta(weeks=1)
        raise AssertionError

    async def read(self, time: timedelta) -> set[str]:
        """The names of the platform's accounts that something was told of in this time."""
        self.clock.moment += time
        told = set[str]()
        async for batch in self.platform.batches():
            await self.desk.judge(batch)
            await self.platform.acknowledge(batch)
            told |= {one.platform_account for one in batch.told}
            if batch.until == to_ns(self.clock.moment):
                break
        return told

    async def position(self) -> int:
        """Contracts held, by the journal of the first run."""
        async with self.work.begin() as tx:
            entries = await tx.journal.entries(self.account, 1)
        return sum(one.event.quantity for one in entries if isinstance(one.event, Fill))

    async def balance(self, run: int) -> Micros:
        async with self.work.begin() as tx:
            risk = await tx.journal.risk(self.account, run)
        assert risk is not None
        return risk.checkpoint.state.balance

    async def state(self) -> states.Account:
        async with self.work.begin() as tx:
            return await tx.accounts.peek(self.account)


@pytest.fixture
def work(engine: AsyncEngine) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(engine)


@pytest.mark.parametrize("crash_at", [None, 1, 4, 6])
async def test_a_daily_limit_is_hit_once_whatever_crashes_and_the_platform_closes_the_account(
    work: PostgresUnitOfWork, tmp_path: Path, crash_at: int | None
) -> None:
    demo = Demo(work, tmp_path, Hand(EVE), STORY["daily_loss"], AccountId(uuid4()))
    await demo.buy()
    verdict = await demo.until_a_verdict(crash_at=crash_at)
    assert verdict.verdict == "breached"
    failed = await demo.state()
    assert isinstance(failed, states.Failed)
    tuesday = datetime(2026, 1, 27, 11, 25, 30, tzinfo=EXCHANGE_ZONE)
    assert (failed.verdict.hit.rule, failed.verdict.hit.at) == ("daily_loss", to_ns(tuesday))
    await demo.restarted().finish(demo.account, 1, NAME.format(demo.account, 1))
    after = demo.restarted()
    await after.read(timedelta(days=3))
    async with work.begin() as tx:
        fills = [one.event for one in await tx.journal.entries(demo.account, 1) if isinstance(one.event, Fill)]
    assert sum(one.quantity for one in fills) == 0
    assert fills[-1].at < to_ns(tuesday) + SPAN_MAX, "nothing was traded any more"
    assert (await ReplayRuns(work, after.runs, CALCULATOR)(demo.account, 1)).difference is None


async def test_a_suspended_account_is_closed_and_still_judged_and_traded_again_when_it_goes_on(
    work: PostgresUnitOfWork, tmp_path: Path
) -> None:
    demo = Demo(work, tmp_path, Hand(EVE), STORY["max_loss"], AccountId(uuid4()))
    await demo.buy()
    other = Staff(PersonId(uuid4()), "admin")
    hold, follow = HoldAccount(work, demo.clock), FollowHold(work, demo.platform)
    await demo.read(timedelta(hours=18, minutes=30))
    held = await demo.position()
    assert held
    await hold.suspend(BOSS, demo.account, "risk_review", "to be looked at")
    await follow(demo.account)
    await demo.read(timedelta(hours=1))
    assert await demo.position() == 0, "what closed it came while it was suspended, and was journalled"
    assert isinstance(await demo.state(), states.Suspended)
    assert not await demo.read(timedelta(hours=24)), "nobody trades it"
    await hold.resume(other, demo.account, "risk_review", "nothing was wrong")
    await follow(demo.account)
    assert await demo.read(timedelta(hours=24))
    assert (await ReplayRuns(work, demo.runs, CALCULATOR)(demo.account, 1)).difference is None


async def test_who_passes_is_traded_on_as_funded_and_paid_out_of_the_platforms_balance(
    work: PostgresUnitOfWork, engine: AsyncEngine, tmp_path: Path
) -> None:
    demo = Demo(work, tmp_path, Hand(EVE), STORY["paid"], AccountId(uuid4()))
    await demo.buy()
    assert (await demo.until_a_verdict()).verdict == "passed"
    await demo.finish(demo.account, 1, NAME.format(demo.account, 1))
    await demo.provision(demo.account)
    assert isinstance(await demo.state(), states.Funded)

    ann, survey = Trader((await demo.state()).enrolment.owner), Survey(demo.clock, demo.runs, CALCULATOR)
    quoted = None
    while quoted is None or not quoted.eligible:
        assert demo.clock.moment < EVE + timedelta(weeks=3)
        await demo.read(timedelta(hours=12))
        with suppress(NothingTraded):
            quoted = await QuotePayout(work, survey)(ann.id, demo.account)
    before = await demo.balance(2)

    bank, ids = SandboxBank(engine, demo.clock), Uuid7s()
    payout = await RequestPayout(work, demo.clock, ids, survey)(ann, PayoutAsk(demo.account, quoted.available))
    await ApprovePayout(work, demo.clock, ids, survey)(BOSS, payout.claim.id)
    await SendPayout(work, demo.clock, ids, demo.platform, bank)(payout.claim.id, 1)
    await demo.read(timedelta(hours=1))
    assert [line.amount for line in await bank.statement()] == [payout.claim.trader]
    assert await demo.balance(2) == before - from_cents(payout.claim.gross)
    for run in (1, 2):
        assert (await ReplayRuns(work, demo.runs, CALCULATOR)(demo.account, run)).difference is None
