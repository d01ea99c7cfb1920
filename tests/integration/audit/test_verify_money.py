"""Whatever is tampered with is named; a firm at work has nothing to be named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.adapters.sandbox.takings import SandboxTakings
from propfirm.application.audit.verify_money import VerifyMoney
from propfirm.application.payouts.send_payout import key_of
from propfirm.application.ports.payments import Silent, Unavailable
from propfirm.domain.payouts.request import Payout, Sending
from tests.integration.firm import BOSS, Firm, HandClock
from tests.integration.verified import Hurried, Tomorrow, verify_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def firm(engine: AsyncEngine) -> Firm:
    clock = HandClock()
    made = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    await made.fund()
    await made.earn(80)
    return made


@pytest.fixture
def verify(engine: AsyncEngine, firm: Firm) -> VerifyMoney:
    return verify_of(engine, firm.wall).money


async def paid(firm: Firm) -> Payout:
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.send(asked.claim.id, 1)
    await firm.feed()
    return asked


async def tamper(engine: AsyncEngine, *statements: str) -> None:
    """As somebody who may do everything would."""
    async with engine.begin() as connection:
        await connection.execute(text("set session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement))
        await connection.execute(text("set session_replication_role = origin"))


async def test_a_payout_breaks_nothing_at_any_step_of_its_way(firm: Firm, verify: VerifyMoney) -> None:
    await paid(firm)
    assert await verify() == []
    asked = await firm.ask(500)
    assert await verify() == []
    await firm.approve(BOSS, asked.claim.id)
    assert await verify() == []
    await firm.bank.instruct(firm.ann.id, "lose")
    with pytest.raises(Unavailable):
        await firm.send(asked.claim.id, 1)
    assert await verify() == []
    await firm.bank.instruct(firm.ann.id, "pay")
    await firm.send(asked.claim.id, 1)
    await firm.feed()
    assert await verify() == []
    refused = await firm.ask(300)
    await firm.approve(BOSS, refused.claim.id)
    await firm.bank.instruct(firm.ann.id, "refuse")
    await firm.send(refused.claim.id, 1)
    assert await verify() == []


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("statement", "invariants"),
    [
        (
            "update ledger_entries set amount_cents = amount_cents + 1 where kind = 'bank'",
            {"transfers balance", "payouts are booked"},
        ),
        (
            "delete from ledger_entries where kind = 'payout_expense' or owner <> '' and amount_cents = -90000",
            {"transfers balance", "nobody owes the firm", "payouts are booked"},
        ),
        ("update payouts set state = 'approved'", {"payouts are booked", "payouts are paid once"}),
        ("insert into disbursements select payout_id, 2, 'returned', null from disbursements", set[str]()),
        ("update disbursements set state = 'returned'", {"payouts are paid once"}),
        ("delete from sandbox_payments", {"the bank agrees"}),
        ("update sandbox_payments set amount_cents = 1", {"the bank agrees"}),
        ("update sandbox_payments set key = key || '0'", {"the bank agrees"}),
        ("update purchases set price_cents = 1", {"purchases are booked"}),
        ("update ledger_transfers set reference = 'x' where business = 'purchase_paid'", {"purchases are booked"}),
        ("update purchases set state = 'paid'", {"purchases are delivered once"}),
        ("delete from payout_events where number = 2", {"histories are legal"}),
        ("update payout_events set number = number + 10 where number = 1", {"histories are legal"}),
        ("delete from account_events", {"histories are legal"}),
        ("""update payouts set document = jsonb_set(document, '{claim,trader}', '1')""", {"histories are legal"}),
        (
            "insert into procrastinate_jobs (queue_name, task_name, status) values ('firm', 'x', 'failed')",
            {"nothing is stuck"},
        ),
        (
            """insert into findings select id, 1, n, 9, 0, 'hit', 'max_loss', 'fail', '{"decided": true}'
            from accounts, generate_series(1, 2) n""",
            {"verdicts stand alone"},
        ),
        (
            """insert into findings select id, 1, 1, n + 9, 0, 'hit', 'news', 'warn', '{"decided": false}'
            from accounts, generate_series(1, 2) n""",
            {"verdicts stand alone"},
        ),
    ],
)
async def test_what_was_tampered_with_is_named(
    firm: Firm, verify: VerifyMoney, engine: AsyncEngine, statement: str, invariants: set[str]
) -> None:
    await paid(firm)
    await tamper(engine, statement.replace(":", "\\:"))
    assert {one.invariant for one in await verify()} >= invariants
    if not invariants:
        assert await verify() == []


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("where", "name", "who"),
    [
        (SandboxBank, "statement", "bank"),
        (SandboxBank, "find", "bank"),
        (SandboxTakings, "charges", "payment provider"),
        (SandboxTakings, "sent_back", "payment provider"),
    ],
)
async def test_who_is_silent_is_named(
    firm: Firm,
    verify: VerifyMoney,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
    where: type,
    name: str,
    who: str,
) -> None:
    async def says_nothing(*given: object) -> object:
        raise Unavailable

    await paid(firm)
    await tamper(engine, "delete from sandbox_payments")  # so that the bank is asked of the payment by its key
    monkeypatch.setattr(where, name, says_nothing)
    with pytest.raises(Silent) as silence:
        await verify()
    assert silence.value.who == who


async def test_a_payout_that_is_unknown_for_a_day_is_told(firm: Firm, verify: VerifyMoney, engine: AsyncEngine) -> None:
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.bank.instruct(firm.ann.id, "down")
    with pytest.raises(Unavailable):
        await firm.send(asked.claim.id, 1)
    assert await verify() == []
    firm.clock.forward(timedelta(days=30))
    assert await verify() == [], "the firm's clock may run fast"
    firm.wall.forward(timedelta(hours=25))
    assert [one.invariant for one in await verify()] == ["nothing is stuck"]


class Killed(BaseException):
    """As by the operating system: nothing is caught, nothing is noted."""


async def test_a_payout_whose_sender_died_and_that_nobody_went_on_with_for_a_day_is_told(
    firm: Firm, verify: VerifyMoney, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*given: object) -> None:
        raise Killed

    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    monkeypatch.setattr(SandboxBank, "pay", dies)
    with pytest.raises(Killed):
        await firm.send(asked.claim.id, 1)
    assert isinstance(await firm.payout(asked), Sending)
    firm.wall.forward(timedelta(hours=23))
    assert await verify() == []
    firm.wall.forward(timedelta(hours=2))
    assert [(one.invariant, one.subject) for one in await verify()] == [
        ("nothing is stuck", f"payout:{asked.claim.id}")
    ]


@pytest.mark.breaks
@pytest.mark.parametrize(("minutes", "told"), [(50, list[str]()), (70, ["nothing is stuck"])])
async def test_a_job_that_has_been_done_for_an_hour_is_told(
    verify: VerifyMoney, engine: AsyncEngine, minutes: int, told: list[str]
) -> None:
    await tamper(
        engine,
        "insert into procrastinate_jobs (queue_name, task_name, status) values ('firm', 'x', 'doing')",
        "insert into procrastinate_events (job_id, type, at)"  # noqa: S608 - a number of our own
        f" select id, 'started', now() - interval '{minutes} minutes' from procrastinate_jobs where task_name = 'x'",
    )
    assert [one.invariant for one in await verify()] == told


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("status", "event", "told"),
    [("todo", "deferred", list[str]()), ("doing", "started", list[str]()), ("failed", "failed", ["nothing is stuck"])],
)
async def test_what_waits_for_a_firm_that_is_off_is_not_stuck(
    firm: Firm, engine: AsyncEngine, status: str, event: str, told: list[str]
) -> None:
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.bank.instruct(firm.ann.id, "down")
    with pytest.raises(Unavailable):
        await firm.send(asked.claim.id, 1)
    await tamper(
        engine,
        "delete from procrastinate_jobs",
        f"insert into procrastinate_jobs (queue_name, task_name, status) values ('firm', 'x', '{status}')",  # noqa: S608 - words of our own
        "delete from procrastinate_events",
        "insert into procrastinate_events (job_id, type, at)"  # noqa: S608 - as above
        f" select id, '{event}', now() - interval '1 day' from procrastinate_jobs",
    )
    running, off = verify_of(engine, Tomorrow()).money, verify_of(engine, Tomorrow(), Hurried()).money
    assert {one.subject.split(":")[0] for one in await running()} == {"payout", "job"}
    assert [one.invariant for one in await off()] == told


@pytest.mark.breaks
async def test_a_payment_of_the_bank_that_nobody_handed_in_is_told(
    firm: Firm, verify: VerifyMoney, engine: AsyncEngine
) -> None:
    asked = await firm.ask(1_000)
    await firm.bank.pay(key_of(asked.claim.id, 1), asked.claim.id, firm.ann.id, asked.claim.trader)
    assert [one.subject for one in await verify()] == [key_of(asked.claim.id, 1)]
