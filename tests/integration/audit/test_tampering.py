"""Whoever rewrites history is named: by SQL, past every trigger, in whatever table; the invariant and the subject."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.desk import Desk
from propfirm.application.ports.platforms import Batch
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import PersonId
from tests.integration.audit.test_verify_money import tamper
from tests.integration.firm import BOSS, Firm, HandClock, Ids, join
from tests.integration.verified import RUNS, Silent, verify_of

pytestmark = pytest.mark.anyio

REVIEW: Final = (
    "insert into violation_reviews (account_id, run, seq, place, reviewer_id, decision, reason, at)"
    " select account_id, run, seq, place, $reviewer, 'cleared', 'it was nothing', now() from findings limit 1"
)
BETTER: Final = (
    "update program_versions set document = jsonb_set(document, '{stages,0,payout,split,steps,0,rate}', '1000000')"
)
VICTOR: Final = "(select id from users where email = 'victor@example.com')"


@pytest.fixture
async def firm(engine: AsyncEngine) -> Firm:
    """Ann has traded for two days and is paid; Victor is a trader too."""
    clock = HandClock()
    made = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    await made.fund()
    await made.earn(80)
    await made.desk.judge(Batch(clock.forward(timedelta(days=1))))
    await made.earn(20)
    asked = await made.ask(1_000)
    await made.approve(BOSS, asked.claim.id)
    await made.send(asked.claim.id, 1)
    await made.feed()
    async with made.work.begin() as tx:
        await join(tx, Person(PersonId(Ids().new()), "victor@example.com", "Victor", "trader", "", clock.now()))
    return made


async def subjects(firm: Firm, engine: AsyncEngine) -> dict[str, str]:
    """By what the tests below call them."""
    async with engine.connect() as connection:
        named = {
            "payout": await connection.scalar(text("select id from payouts")),
            "purchase": await connection.scalar(text("select id from purchases")),
            "victor": await connection.scalar(text(f"select {VICTOR}")),
        }
    return {
        "account": f"account:{firm.account}",
        "run": f"run:{firm.account}:1",
        "program": "program:funded-50k:1",
        "payout": f"payout:{named['payout']}",
        "purchase": f"purchase:{named['purchase']}",
        "victor": f"user:{named['victor']}",
        "boss": f"user:{BOSS.id}",
    }


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("statement", "invariant", "subject"),
    [
        # What the firm promised.
        (BETTER, "versions stand", "program"),
        ("update program_versions set fingerprint = repeat('0', 64)", "versions stand", "program"),
        ("update runs set fingerprint = repeat('0', 64)", "versions stand", "program"),
        # Whose it is, and where it stands, by the columns.
        ("update accounts set owner_id = $victor", "columns agree", "account"),
        ("update accounts set shard = 255 - shard", "columns agree", "account"),
        ("update payouts set owner_id = $victor", "columns agree", "payout"),
        ("update payouts set requested_at = now()", "columns agree", "payout"),
        ("update purchases set buyer_id = $victor", "columns agree", "purchase"),
        ("update runs set platform_account = 'another'", "columns agree", "run"),
        ("update runs set should = 'held'", "columns agree", "run"),
        ("update runs set should = null", "columns agree", "run"),
        ("update findings set action = 'warn' where kind = 'day_closed'", "columns agree", "run"),
        ("update findings set at_ns = at_ns + 1", "columns agree", "run"),
        ("update journal set at_ns = at_ns - 1 where kind = 'fill'", "columns agree", "run"),
        # What people are shown of a run.
        (
            "update trades set profit_micros = profit_micros + 1 where seq = (select min(seq) from trades)",
            "figures derive again",
            "run",
        ),
        ("delete from trades where seq = (select max(seq) from trades)", "figures derive again", "run"),
        (
            "insert into trades select account_id, run, 1, symbol, side, 1, 2, 1, 5, 0 from trades limit 1",
            "figures derive again",
            "run",
        ),
        ("update trading_days set profit_micros = 0", "figures derive again", "run"),
        ("update trading_days set qualifying = not qualifying", "figures derive again", "run"),
        ("delete from trading_days", "figures derive again", "run"),
        (
            "insert into trading_days select account_id, 1, '2026-02-27', 1, 1, 1, 1, 1, true, true from runs",
            "figures derive again",
            "run",
        ),
        ("update daily_snapshots set equity_micros = equity_micros + 1", "figures derive again", "run"),
        ("delete from daily_snapshots", "figures derive again", "run"),
        ("update risk_states set balance_micros = balance_micros + 1", "figures derive again", "run"),
        ("update risk_states set equity_micros = 0", "figures derive again", "run"),
        ("update risk_states set floor_micros = floor_micros - 1", "figures derive again", "run"),
        ("update risk_states set verdict = 'passed'", "figures derive again", "run"),
        ("delete from executions where seq = (select min(seq) from executions)", "executions are journalled", "run"),
        ("update executions set execution = 'x'||execution", "executions are journalled", "run"),
        (
            "insert into executions select account_id, source, 'z', run, 99 from executions limit 1",
            "executions are journalled",
            "run",
        ),
        # Who may.
        ("update users set role = 'admin' where email = 'victor@example.com'", "roles are on record", "victor"),
        (
            "update users set role = 'support' where email = 'boss@example.com'",
            "roles are on record",
            "boss",
        ),
        (REVIEW.replace("$reviewer", "$victor"), "reviews are on record", "account"),
        (REVIEW.replace("$reviewer", f"'{BOSS.id}'"), "reviews are on record", "account"),
    ],
)
async def test_whoever_rewrites_history_is_named(
    firm: Firm, engine: AsyncEngine, statement: str, invariant: str, subject: str
) -> None:
    named = await subjects(firm, engine)
    await tamper(engine, statement.replace("$victor", VICTOR).replace(":", "\\:"))
    found = {(one.invariant, one.subject) for one in await verify_of(engine)(Silent())}
    assert found == {(invariant, named[subject])}


async def test_where_nobody_does_nothing_is_named(firm: Firm, engine: AsyncEngine) -> None:
    assert await verify_of(engine)(Silent()) == []


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("update risk_states set ended = null", "verdicts derive again"),
        ("update risk_states set ended = null, ended_ns = null", "verdicts derive again"),
        ("update risk_states set ended = state", "verdicts derive again"),
        ("update risk_states set ended_ns = null", "figures derive again"),
        ("update risk_states set ended_ns = ended_ns + 1", "figures derive again"),
        ("update runs set should = 'trading', told = 'trading'", "columns agree"),
        ("update runs set should = 'trading', told = 'ended'", "columns agree"),
    ],
)
async def test_whoever_rewrites_the_end_of_a_run_is_named(engine: AsyncEngine, statement: str, invariant: str) -> None:
    clock = HandClock()
    lost = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    await lost.fund()
    await lost.earn(-60)
    await lost.earn(10)  # late news of the platform: it changes no verdict
    assert await verify_of(engine)(Silent()) == []
    await tamper(engine, statement)
    found = {(one.invariant, one.subject) for one in await verify_of(engine)(Silent())}
    assert found == {(invariant, f"run:{lost.account}:1")}


@pytest.mark.breaks
async def test_when_a_run_ended_is_kept_where_no_more_is_known_of_its_end(engine: AsyncEngine) -> None:
    clock = HandClock()
    lost = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    await lost.fund()
    await lost.earn(-60)
    stands = text("select ended_ns, seq from risk_states")
    async with engine.connect() as connection:
        ended, seq = (await connection.execute(stands)).one()
    await tamper(engine, "update risk_states set ended = null")
    lost.desk = Desk("tape", lost.work, clock, RUNS)
    await lost.earn(10)
    async with engine.connect() as connection:
        later = (await connection.execute(stands)).one()
    assert ended is not None
    assert later.ended_ns == ended
    assert later.seq > seq


@pytest.mark.parametrize(
    "statement",
    [
        "update program_versions set document = jsonb_set(document, '{name}', '\"Better\"')",
        "update program_versions set fingerprint = repeat('0', 64)",
        "update program_versions set status = 'draft'",
        "delete from program_versions",
        "truncate program_versions cascade",
        "update violation_reviews set decision = 'cleared'",
        "delete from violation_reviews",
        "truncate violation_reviews",
        "update inbox set body = ''",
        "delete from inbox",
    ],
)
async def test_what_is_written_for_good_is_guarded(firm: Firm, engine: AsyncEngine, statement: str) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with engine.begin() as connection:
            await connection.execute(text(statement.replace(":", "\\:")))
    assert getattr(refused.value.orig, "sqlstate", None) == "23001"  # restrict_violation


async def test_a_published_version_may_be_priced_and_retired_and_a_draft_written_over(
    firm: Firm, engine: AsyncEngine
) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("update program_versions set price_cents = 1, status = 'retired'"))
        await connection.execute(
            text(
                "insert into program_versions (program, version, status, fingerprint, document, changed_at)"
                " select 'draft', 1, 'draft', '', document, changed_at from program_versions"
            )
        )
        await connection.execute(text("update program_versions set fingerprint = 'x' where status = 'draft'"))
        await connection.execute(text("delete from program_versions where status = 'draft'"))
