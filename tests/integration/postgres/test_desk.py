"""The desk on a real journal: judged once, whatever crashes, and derived again by anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.calendar import load_news, load_session_table
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.application.evaluation.desk import Desk, QuoteMissing, UnknownRun
from propfirm.application.evaluation.export_proof import ExportProof
from propfirm.application.evaluation.moves import act
from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.evaluation.runs import Runs
from propfirm.application.ports.platforms import Batch, Told
from propfirm.application.ports.work import RunMovedOn
from propfirm.application.proofs.comparison import Same
from propfirm.application.proofs.verify import Complete, VerifyProof
from propfirm.domain.evaluation import commands, states
from propfirm.domain.ids import AccountId
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import Fill
from propfirm.domain.rules.journal import Quoted
from tests.integration.postgres.test_stores import PROGRAM, bought
from tests.integration.verified import CALCULATOR

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
START = int(NOON.timestamp()) * 10**9
SECOND = 10**9
NAME = "sim-1"


class Noon:
    def now(self) -> datetime:
        return NOON


@pytest.fixture
def work(engine: AsyncEngine) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(engine)


def desk_on(work: PostgresUnitOfWork) -> Desk:
    return Desk("tape", work, Noon(), Runs(load_contracts().contracts, load_session_table(), load_news()))


async def trading(work: PostgresUnitOfWork) -> AccountId:
    """A trader's account whose evaluation has begun."""
    _, _, account = await bought(work)
    async with work.begin() as tx:
        found = await tx.accounts.get(account)
        await act(tx, account, found, commands.Activate(NAME), PROGRAM, NOON)
    return account


def falling() -> list[Batch]:
    """Two contracts bought at the top of a market that falls until the floor of topstep-50k is behind it."""
    number, price, batches = 0, 24_000, list[Batch]()
    for n in range(30):
        quotes = list[Quoted]()
        for second in range(10):
            number += 1
            price -= 1
            quotes.append(Quoted("ESH26", number, START + (10 * n + second) * SECOND, price, price + 1))
        told: tuple[Told, ...] = ()
        if n == 1:
            at = START + 105 * SECOND // 10
            told = (Told(NAME, Fill(0, at, "x1", "ESH26", "ES", 2, price + 10, Micros(2_800_000))),)
        batches.append(Batch(START + (10 * n + 9) * SECOND, tuple(quotes), told))
    return batches


async def judged(work: PostgresUnitOfWork, account: AccountId) -> tuple[object, ...]:
    async with work.begin() as tx:
        risk = await tx.journal.risk(account, 1)
        assert risk is not None
        return (
            risk.head,
            risk.checkpoint.state.verdict,
            tuple(await tx.journal.entries(account, 1)),
            tuple(await tx.journal.findings(account, 1)),
        )


async def test_a_breach_fails_the_account_once_and_the_journal_alone_derives_it(work: PostgresUnitOfWork) -> None:
    account, desk = await trading(work), desk_on(work)
    ended = [one for batch in falling() for one in await desk.judge(batch)]
    assert [(one.account, one.verdict) for one in ended] == [(account, "breached")]
    async with work.begin() as tx:
        failed = await tx.accounts.peek(account)
        assert isinstance(failed, states.Failed)
        derived = (await desk.runs.journalled(tx, account, 1)).derived()
        assert list(derived.findings) == list(await tx.journal.findings(account, 1))
        risk = await tx.journal.risk(account, 1)
        assert risk is not None
        assert derived.state == risk.checkpoint.state
    assert failed.verdict.hit in derived.findings
    assert all(later.seq == one.seq + 1 for one, later in pairwise(derived.events))


@pytest.mark.parametrize("every", [1, 7])
async def test_a_desk_that_dies_between_batches_leaves_the_same_verdict(work: PostgresUnitOfWork, every: int) -> None:
    account, desk = await trading(work), desk_on(work)
    for n, batch in enumerate(falling()):
        if n % every == 0:
            desk = desk_on(work)
        await desk.judge(batch)
        await desk_on(work).judge(batch)  # and the batch comes again, to another
    told = await judged(work, account)
    assert told[1] == "breached"
    assert sum(type(one).__name__ == "Hit" for one in told[3]) == 1  # type: ignore[attr-defined]  # the findings


async def test_a_desk_that_dies_after_a_verdict_by_a_price_leaves_a_journal_without_a_gap(
    work: PostgresUnitOfWork,
) -> None:
    account, batches = await trading(work), falling()
    for batch in batches:
        await desk_on(work).judge(batch)
    at = batches[-1].until + SECOND
    closing = Fill(0, at, "x2", "ESH26", "ES", -2, 23_700, Micros(0))
    await desk_on(work).judge(Batch(at, told=(Told(NAME, closing),)))
    assert (await ReplayRuns(work, desk_on(work).runs, CALCULATOR)(account, 1)).difference is None


async def test_news_of_an_account_that_nobody_knows_yet_waits(work: PostgresUnitOfWork) -> None:
    desk, batches = desk_on(work), falling()
    await desk.judge(batches[0])
    with pytest.raises(UnknownRun):
        await desk.judge(batches[1])
    account = await trading(work)
    await desk.judge(batches[1])
    async with work.begin() as tx:
        assert [type(one.event).__name__ for one in await tx.journal.entries(account, 1)][-1] == "Fill"


async def test_a_desk_that_another_has_overtaken_reads_again_before_it_judges(work: PostgresUnitOfWork) -> None:
    account, one, other = await trading(work), desk_on(work), desk_on(work)
    batches = falling()
    await one.judge(batches[0])
    await other.judge(batches[0])
    await other.judge(batches[1])
    await one.judge(batches[1])
    for batch in batches[2:]:
        await one.judge(batch)
    assert (await judged(work, account))[1] == "breached"
    assert (await ReplayRuns(work, one.runs, CALCULATOR)(account, 1)).difference is None


async def test_a_run_that_has_gone_on_takes_nothing_from_who_did_not_see_it(work: PostgresUnitOfWork) -> None:
    account, desk = await trading(work), desk_on(work)
    await desk.judge(falling()[0])
    async with work.begin() as tx:
        risk = await tx.journal.risk(account, 1)
        assert risk is not None
        with pytest.raises(RunMovedOn):
            await tx.journal.write("another head", risk, (), ())


async def test_a_hole_in_the_prices_is_not_judged_past(work: PostgresUnitOfWork) -> None:
    await trading(work)
    desk, batches = desk_on(work), falling()
    await desk.judge(batches[0])
    with pytest.raises(QuoteMissing):
        await desk.judge(batches[2])
    await desk.judge(batches[1])
    await desk.judge(batches[2])


@pytest.mark.breaks
async def test_a_replay_says_the_same_until_somebody_changes_the_journal(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    replay = ReplayRuns(work, desk.runs, CALCULATOR)
    assert await replay.known() == [(account, 1)]
    same = await replay(account, 1)
    assert (same.verdict, same.difference) == ("breached", None)
    for statement, told in (
        ("update quotes set bid = bid + 100, ask = ask + 100 where number = 20", "quotes"),
        ("delete from quotes where number = 20", "quotes"),
        ("update journal set event = jsonb_set(event, '{6}', '1') where kind = 'fill'", "chain"),
    ):
        async with engine.begin() as connection:
            await connection.execute(text(statement))
        assert (await replay(account, 1)).difference == told, statement


async def test_the_proof_of_a_live_verdict_verifies_by_itself(work: PostgresUnitOfWork) -> None:
    account, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    proof = await ExportProof(work, desk.runs, load_contracts().version, None, CALCULATOR)(account, 1)
    told = VerifyProof(Ed25519Verifier())(proof)
    assert isinstance(told.sameness, Same)
    assert isinstance(told.completeness, Complete)
