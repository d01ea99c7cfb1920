"""What was approved can be taken back while the bank does not have it: nothing is owed for ever, nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Final, NoReturn
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.payouts.moves import PUT_BACK
from propfirm.application.payouts.send_payout import key_of
from propfirm.application.ports.jobs import Sweep
from propfirm.application.ports.payments import Unavailable
from propfirm.domain.errors import Refused
from propfirm.domain.evaluation.states import Closed
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import AccountId, PayoutId
from propfirm.domain.ledger import bookings
from propfirm.domain.money import Micros, usd
from propfirm.domain.payouts.request import (
    OwnPayout,
    Payout,
    Rejected,
    Requested,
    Returned,
    Sending,
    Sent,
    Unknown,
    WrongState,
)
from propfirm.domain.rules.events import CashMoved
from propfirm.entrypoints.worker.tasks import tasks_of
from tests.integration.firm import BOSS, TERMS, KeptPlatform
from tests.integration.payouts.office import ADA, Office
from tests.integration.procrastinate.test_worker import working
from tests.integration.verified import CALCULATOR, Silent, Tomorrow, verify_of

pytestmark = [pytest.mark.anyio, pytest.mark.settled]
WHY: Final = ("news", "Traded into a release")
NUMBERS = count(1)
"""Of accounts that share one database."""


@pytest.fixture
def office(engine: AsyncEngine) -> Office:
    return Office(engine)


async def owed(office: Office) -> dict[str, int]:
    """In dollars, what is not zero."""
    accounts = [bookings.EXPENSE, bookings.owed_to(office.firm.ann.id), bookings.IN_TRANSIT, bookings.BANK]
    async with office.firm.work.begin() as tx:
        held = {account.kind: await tx.ledger.balance(account) for account in accounts}
    return {kind: cents // 100 for kind, cents in held.items() if cents}


@pytest.mark.parametrize("way", ["approved", "returned", "to be sent again", "on hold"])
async def test_what_the_bank_does_not_have_can_be_rejected_and_is_owed_no_more(office: Office, way: str) -> None:
    firm = office.firm
    payout = await (office.approved() if way in {"approved", "on hold"} else office.returned())
    if way == "to be sent again":
        await firm.resend(BOSS, payout.claim.id)
    if way == "on hold":
        await office.hold()
    with pytest.raises(OwnPayout):
        await firm.reject(Staff(firm.ann.id, "admin"), payout.claim.id, *WHY)
    for _ in range(2):
        assert isinstance(await firm.reject(ADA, payout.claim.id, *WHY), Rejected)
    assert await owed(office) == {}
    assert await office.jobs(PUT_BACK) == [{"payout": str(payout.claim.id)}]
    for attempt in (1, 2):
        await firm.send(payout.claim.id, attempt)
    await office.sweep()
    assert isinstance(await firm.payout(payout), Rejected)
    assert await office.paid() == []
    for _ in range(2):
        await office.put_back(payout.claim.id)
    await firm.feed()
    assert await office.balance() == usd("53000")


async def test_a_request_that_is_rejected_has_nothing_to_put_back(office: Office) -> None:
    await office.firm.fund()
    await office.firm.earn(60)
    asked = await office.firm.ask(1_000)
    await office.firm.reject(BOSS, asked.claim.id, *WHY)
    assert await office.jobs(PUT_BACK) == []


async def rejected_and_lost(office: Office) -> PayoutId:
    """A payout that has left the balance, was rejected, and whose job to put it back is gone."""
    payout = await office.returned()
    await office.firm.feed()
    await office.firm.reject(BOSS, payout.claim.id, *WHY)
    async with office.engine.begin() as connection:
        await connection.execute(text("delete from procrastinate_jobs"))
    return payout.claim.id


def nothing_else() -> NoReturn:
    raise AssertionError("another job than those of the test")


async def test_what_the_worker_was_to_put_back_is_put_back_though_its_job_was_lost(
    office: Office, database: str
) -> None:
    firm, lost = office.firm, await rejected_and_lost(office)
    others = dict.fromkeys(("deliver", "provision", "finish", "hold", "send", "free", "refund"), nothing_else)
    tasks = tasks_of(**others, put_back=lambda: office.put_back)
    async with working(database, tasks, [Sweep("payouts", 0.05, firm.sweep)]), asyncio.timeout(20):
        while await to_put_back(office):  # noqa: ASYNC110 - it happens in a worker that knows nothing of us
            await asyncio.sleep(0.05)
    await firm.feed()
    assert await office.balance() == usd("53000")
    assert firm.platform.kept == {str(lost): firm.at_platform}
    for _ in range(2):
        await office.sweep()
    assert await office.jobs(PUT_BACK) == [], "what is put back is asked for no more"


async def to_put_back(office: Office) -> list[PayoutId]:
    async with office.firm.work.begin() as tx:
        return [one.id for one in await tx.payouts.to_put_back()]


async def test_a_put_back_is_asked_for_once_however_often_somebody_looks(office: Office) -> None:
    lost = await rejected_and_lost(office)
    for _ in range(3):
        await office.sweep()
    assert await office.jobs(PUT_BACK) == [{"payout": str(lost)}]
    await office.put_back(lost)
    assert await to_put_back(office) == []
    await office.firm.feed()


@pytest.mark.breaks
@pytest.mark.parametrize("asked", [False, True])
async def test_what_was_not_put_back_for_a_day_is_told(office: Office, asked: bool) -> None:
    """asked: the platform has said that it did it, and its feed tells of nothing."""
    lost = await rejected_and_lost(office)
    if asked:
        await office.put_back(lost)
    assert await verify_of(office.engine)(Silent()) == []
    told = await verify_of(office.engine, Tomorrow())(Silent())
    assert [(one.invariant, one.subject) for one in told] == [("nothing is stuck", f"payout:{lost}")]
    await office.put_back(lost)
    await office.firm.feed()
    assert await verify_of(office.engine, Tomorrow())(Silent()) == []


async def test_a_last_payout_that_was_put_back_can_be_asked_for_again_and_closes_the_account_then(
    office: Office,
) -> None:
    firm = office.firm
    await firm.fund(changed(TERMS, max_count=1))
    await firm.earn(60)
    first = await firm.ask(1_000)
    await firm.approve(BOSS, first.claim.id)
    await firm.bank.instruct(firm.ann.id, "refuse")
    await firm.send(first.claim.id, 1)
    await firm.feed()
    spent = await firm.quote(firm.ann.id, firm.account)
    assert [(one.limit, one.actual) for one in spent.failing if one.code == "payout_count"] == [(1, 1)]
    await firm.reject(BOSS, first.claim.id, *WHY)
    await office.put_back(first.claim.id)
    await firm.feed()
    assert (await firm.quote(firm.ann.id, firm.account)).failing == ()
    await firm.bank.instruct(firm.ann.id, "pay")
    second = await firm.ask(1_000)
    assert second.claim.closes
    await firm.approve(BOSS, second.claim.id)
    await firm.send(second.claim.id, 1)
    assert await office.paid() == [(key_of(second.claim.id, 1), 900_00)]
    async with firm.work.begin() as tx:
        assert isinstance(await tx.accounts.peek(firm.account), Closed)
    await firm.feed()
    quote = await firm.quote(firm.ann.id, firm.account)
    assert "payout_count" in {one.code for one in quote.failing}, "what was put back is given back once"
    assert await office.balance() == usd("52000")


async def test_after_a_rejection_the_same_money_can_be_asked_for_and_paid(office: Office) -> None:
    firm = office.firm
    first = await office.returned()
    await firm.reject(BOSS, first.claim.id, *WHY)
    await office.put_back(first.claim.id)
    await firm.feed()
    second = await firm.ask(1_000)
    await firm.approve(BOSS, second.claim.id)
    await firm.feed()
    quote = await firm.quote(firm.ann.id, firm.account)
    assert "pending_request" in {one.code for one in quote.failing}, "the second has not left the balance yet"
    await firm.send(second.claim.id, 1)
    await firm.feed()
    assert await office.balance() == usd("52000")
    assert await office.paid() == [(key_of(second.claim.id, 1), 900_00)]
    assert "pending_request" not in {one.code for one in (await firm.quote(firm.ann.id, firm.account)).failing}


async def test_the_run_is_told_of_a_rejection_that_comes_after_the_approval(office: Office) -> None:
    firm = office.firm
    await firm.fund(changed(TERMS, counter_reset="on_decision"))
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.reject(BOSS, asked.claim.id, *WHY)
    await firm.judge()
    await firm.judge()
    async with firm.work.begin() as tx:
        cash = [one.event for one in await tx.journal.entries(firm.account, 1) if isinstance(one.event, CashMoved)]
    assert [(one.kind, one.reference) for one in cash] == [("payout_denied", str(asked.claim.id))]
    await office.put_back(asked.claim.id)
    assert (await ReplayRuns(firm.work, firm.desk.runs, CALCULATOR)(firm.account, 1)).difference is None


@pytest.mark.parametrize("mood", ["pay", "lose"])
async def test_what_the_bank_may_have_is_not_rejected(office: Office, mood: str) -> None:
    payout, firm = await office.approved(), office.firm
    await firm.bank.instruct(firm.ann.id, "lose" if mood == "lose" else "pay")
    try:
        await firm.send(payout.claim.id, 1)
    except Unavailable:
        assert mood == "lose"
    with pytest.raises(WrongState):
        await firm.reject(BOSS, payout.claim.id, *WHY)
    await firm.send(payout.claim.id, 1)
    assert isinstance(await firm.payout(payout), Sent)


@dataclass(slots=True)
class RejectedMeanwhile(KeptPlatform):
    """The payout is rejected, and what it took is put back, before the platform hears of the withdrawal."""

    office: Office | None = None

    async def withdraw(self, platform_account: str, reference: str, amount: Micros) -> None:
        assert self.office is not None
        payout, firm = PayoutId(UUID(reference)), self.office.firm
        await firm.reject(BOSS, payout, *WHY)
        await self.office.put_back(payout)
        await firm.platform.withdraw(platform_account, reference, amount)


async def test_a_worker_that_takes_it_for_approved_withdraws_nothing_after_the_rejection(office: Office) -> None:
    payout, firm = await office.approved(), office.firm
    await replace(firm.send, platform=RejectedMeanwhile(office=office))(payout.claim.id, 1)
    assert firm.platform.withdrawn == {}
    assert isinstance(await firm.payout(payout), Rejected)
    assert await office.paid() == []


STEPS: Final = (
    *("ask", "cancel", "approve", "reject", "send", "resend", "put_back"),
    *("hold", "lift", "free", "sweep", "feed"),
    *("pay", "refuse", "lose"),
)


class Life:
    """One account, and what is done to its payouts in any order. payouts: those that were asked for."""

    def __init__(self, office: Office) -> None:
        self.office, self.firm = office, office.firm
        self.payouts: list[PayoutId] = []
        self.held, self.claimed = False, 0

    async def do(self, step: str) -> None:
        try:
            await self._do(step)
        except* (Refused, Unavailable):
            pass  # it may be asked for at any time; a sweep tells of several at once
        claimed = await self._claimed()
        assert claimed == self.claimed or not self.held, "claimed for the bank while a hold was on"
        self.claimed = claimed

    async def _do(self, step: str) -> None:
        firm, office = self.firm, self.office
        if step == "ask":
            self.payouts.append((await firm.ask(500)).claim.id)
        elif step in {"pay", "refuse", "lose"}:
            await firm.bank.instruct(firm.ann.id, step)  # type: ignore[arg-type]  # the three moods
        elif step in {"hold", "lift"}:
            await (office.hold() if step == "hold" else office.lift())
            self.held = step == "hold"
        elif step == "free":
            await office.free(firm.account)
        elif step in {"feed", "sweep"}:
            await (firm.feed() if step == "feed" else office.sweep())
        elif self.payouts:
            await self._decide(step, self.payouts[-1])

    async def _decide(self, step: str, last: PayoutId) -> None:
        firm = self.firm
        match step:
            case "approve":
                await firm.approve(BOSS, last)
            case "send":
                for attempt in range(1, 5):
                    await firm.send(last, attempt)
            case "resend":
                await firm.resend(BOSS, last)
            case "reject":
                await firm.reject(ADA, last, *WHY)
            case "cancel":
                await firm.cancel(firm.ann, last)
            case _:
                await self.office.put_back(last)

    async def _claimed(self) -> int:
        async with self.firm.work.begin() as tx:
            found = await tx.payouts.of_account(self.firm.account)
        return sum(one.attempt for one in found if isinstance(one, Sending | Unknown | Sent | Returned))

    async def now(self, id_: PayoutId) -> Payout:
        async with self.firm.work.begin() as tx:
            found = await tx.payouts.peek(id_)
        assert found is not None
        return found

    async def end(self) -> None:
        """Whatever is still open has a way out, and the money is where the payouts' states say."""
        for step in ("lift", "pay", "send", "put_back"):
            await self.do(step)
        for one in self.payouts:
            if isinstance(await self.now(one), Requested | Returned):
                await self.firm.reject(ADA, one, *WHY)
            await self.office.put_back(one)
        ended = [await self.now(one) for one in self.payouts]
        assert {type(one).__name__ for one in ended} <= {"Sent", "Rejected", "Cancelled"}
        await self.firm.feed()
        await self.firm.judge()
        sent = [one for one in ended if isinstance(one, Sent)]
        assert await self.office.balance() == usd("53000") - len(sent) * usd("500")
        mine = {key_of(one.claim.id, one.attempt): one.claim.trader for one in sent}
        paid = [line for line in await self.office.paid() if line[0].split(":")[1] in map(str, self.payouts)]
        assert sorted(paid) == sorted(mine.items())


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=14))
async def test_in_any_order_nothing_leaves_on_hold_or_twice_and_everything_has_an_end(
    engine: AsyncEngine, steps: list[str]
) -> None:
    office, number = Office(engine), next(NUMBERS)
    firm = office.firm
    async with firm.work.begin() as tx:
        known = await tx.people.by_email("ann@example.com")
    if known is not None:
        firm.ann = Trader(known.id)
    firm.account, firm.at_platform = AccountId(uuid4()), f"kept-{number}"
    firm.clock.forward(timedelta(seconds=200 * number))  # one feed tells them all: its time never goes back
    await firm.fund(known=known is not None)
    await firm.earn(60)
    life = Life(office)
    for step in ("ask", "approve", *steps):
        await life.do(step)
    await life.end()
