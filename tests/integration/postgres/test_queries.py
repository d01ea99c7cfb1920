"""What people look at says what happened, page by page, and only of what is theirs."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.adapters.postgres.queries.accounts import PostgresAccountQueries
from propfirm.adapters.postgres.queries.figures import PostgresFigureQueries
from propfirm.adapters.postgres.queries.people import PostgresPeopleQueries
from propfirm.adapters.postgres.queries.programs import PostgresProgramQueries
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.analytics.board import LookAtBoard
from propfirm.application.evaluation.activities import TellActivities
from propfirm.application.evaluation.export_proof import ExportProof
from propfirm.application.evaluation.progress import LookAtProgress
from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.paging import Place, Slice
from propfirm.application.ports.platforms import Batch, Told
from propfirm.application.proofs.verify import VerifyProof
from propfirm.domain.catalogue.program import PositionLimit
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import AccountId, PersonId
from propfirm.domain.money import ONE, Micros, Ppm, usd
from propfirm.domain.rules.events import Fill
from propfirm.domain.rules.journal import Quoted
from tests.integration.firm import Firm, HandClock
from tests.integration.postgres.test_desk import NAME, NOON, SECOND, START, Noon, desk_on, falling, trading
from tests.integration.postgres.test_stores import PROGRAM, bought, person
from tests.integration.verified import CALCULATOR

pytestmark = pytest.mark.anyio
DAY = 24 * 3600 * SECOND


@pytest.fixture
def work(engine: AsyncEngine) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(engine)


@pytest.fixture
def snapshot(engine: AsyncEngine) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(engine.execution_options(isolation_level="REPEATABLE READ"))


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresAccountQueries:
    return PostgresAccountQueries(engine)


async def owner_of(work: PostgresUnitOfWork, account: AccountId) -> PersonId:
    async with work.begin() as tx:
        return (await tx.accounts.peek(account)).enrolment.owner


def fill(n: int, at: int, quantity: int, price: int) -> Told:
    return Told(NAME, Fill(0, at, f"x{n}", "ESH26", "ES", quantity, price, Micros(1_400_000)))


def three_trades() -> list[Batch]:
    """Won 50 dollars, lost 25, and bought once more, held; fees of 1.40 a side. Then a week goes by."""
    batches = []
    for n, (quantity, price) in enumerate([(1, 24_000), (-1, 24_004), (-1, 24_004), (1, 24_006), (1, 24_000)]):
        at = START + n * SECOND
        batches.append(
            Batch(at + 1, (Quoted("ESH26", n + 1, at, price - 1, price),), (fill(n, at + 1, quantity, price),))
        )
    return batches


async def paged(read: object) -> list[object]:
    """Everything that a list gives, two at a time."""
    rows: list[object] = []
    after: Place | None = None
    while True:
        part: Slice[object] = await read(after, 2)  # type: ignore[operator]  # a query with its first arguments given
        assert len(part.rows) <= 2
        rows += part.rows
        if part.end is None:
            return rows
        after = part.end


async def test_a_failed_account_shows_the_hit_that_ended_it_and_its_whole_story(
    work: PostgresUnitOfWork, queries: PostgresAccountQueries
) -> None:
    account, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    ann = await owner_of(work, account)
    line = await queries.account(ann, account)
    assert (line.state, line.program, line.email) == ("failed", PROGRAM.id, "ann@example.com")
    assert (await queries.accounts(ann, state=None, program=None, after=None, limit=5)).rows == [line]
    assert (await queries.accounts(ann, state="funded", program=None, after=None, limit=5)).rows == []
    (violation,) = (await queries.violations(ann, account, None, 5)).rows
    assert (violation.hit.rule, violation.hit.decided, violation.review) == ("max_loss", True, None)
    assert (await queries.all_violations(rule="max_loss", reviewed=False, after=None, limit=5)).rows == [violation]
    assert (await queries.all_violations(rule=None, reviewed=True, after=None, limit=5)).rows == []
    tell = TellActivities(queries, work, desk.runs)
    told = await paged(lambda after, limit: tell(ann, account, after, limit))
    assert told == list((await tell(ann, account, None, 100)).rows)
    kinds = [one.kind for one in told]  # type: ignore[attr-defined]  # activities
    assert {"account_opened", "account_activated", "account_breached", "hit"} <= set(kinds)
    assert any("fell below the floor" in one.text or "touched the floor" in one.text for one in told)  # type: ignore[attr-defined]  # as above


async def test_the_board_tells_what_happens_after_it_began_and_tells_it_once(
    work: PostgresUnitOfWork, snapshot: PostgresUnitOfWork, queries: PostgresAccountQueries
) -> None:
    _, desk = await trading(work), desk_on(work)

    def board() -> LookAtBoard:
        tell = TellActivities(queries, work, desk.runs)
        return LookAtBoard(queries, LookAtProgress(snapshot, Noon(), desk.runs), tell, Noon())

    look = board()
    await look.begin()
    assert await look.headlines() == []
    for batch in falling():
        await desk.judge(batch)
    texts = {one.text for one in await look.headlines()}
    assert len(texts) == 2
    assert any(text.startswith("ann: run 1 failed") for text in texts)
    assert await look.headlines() == []
    restarted = board()
    await restarted.begin()
    assert await restarted.headlines() == []


async def test_after_the_end_the_figures_are_those_of_the_verdict_and_what_came_later_says_so(
    work: PostgresUnitOfWork, snapshot: PostgresUnitOfWork, queries: PostgresAccountQueries
) -> None:
    account, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    ann = await owner_of(work, account)
    look = LookAtProgress(snapshot, Noon(), desk.runs)
    (violation,) = (await queries.violations(ann, account, None, 5)).rows
    evidence = violation.hit.evidence
    for n, quantity, price in ((1, -2, 24_400), (2, 1, 24_400), (3, -1, 24_500)):  # stopped late, and luckily
        at = START + (400 + n) * SECOND
        quoted = Quoted("ESH26", 300 + n, at, price, price)
        await desk.judge(Batch(at, (quoted,), (fill(10 + n, at, quantity, price),)))

    told = await look(ann, account)
    line = await queries.account(ann, account)
    assert (told.standing.equity, told.standing.balance) == (evidence.equity, evidence.balance)
    assert (line.equity, line.balance) == (evidence.equity, evidence.balance)
    assert evidence.equity < told.standing.floor
    loss = next(one for one in told.rules if one.rule == "max_loss")
    assert (loss.standing, loss.actual) == ("hit", evidence.actual)
    later = told.after_the_end
    assert later is not None
    assert later.balance == later.equity > told.standing.floor
    assert (told.standing.open_contracts, later.open_contracts) == (2, 0)
    assert later.moved == later.equity - evidence.equity

    trades = (await queries.trades(ann, account, None, 5)).rows
    assert [one.after_the_end for one in trades] == [True, False]
    figures = await queries.statistics(ann, account, None)
    assert (figures.trades, figures.profit) == (1, trades[1].profit)
    assert (figures.trades_after_the_end, figures.profit_after_the_end) == (1, trades[0].profit)
    assert (await ReplayRuns(work, desk.runs, CALCULATOR)(account, 1)).difference is None


async def test_trades_days_and_statistics_add_up(work: PostgresUnitOfWork, queries: PostgresAccountQueries) -> None:
    account, desk = await trading(work), desk_on(work)
    for batch in three_trades():
        await desk.judge(batch)
    await desk.judge(Batch(START + 7 * DAY))
    ann = await owner_of(work, account)
    trades = await paged(lambda after, limit: queries.trades(ann, account, after, limit))
    assert [(one.side, one.profit) for one in trades] == [  # type: ignore[attr-defined]  # trades
        ("short", usd("-27.80")),
        ("long", usd("47.20")),
    ]
    days = await paged(lambda after, limit: queries.days(ann, account, after, limit))
    assert [f"{one.day:%a}" for one in days] == ["Fri", "Thu", "Wed", "Tue", "Mon"]  # type: ignore[attr-defined]  # days
    assert days[-1].profit == usd("18.00")  # type: ignore[attr-defined]  # both trades and the fee of the third's begin
    assert all(one.snapshot_balance == one.end_balance for one in days)  # type: ignore[attr-defined]  # as above
    figures = await queries.statistics(ann, account, None)
    assert (figures.trades, figures.wins, figures.losses, figures.win_rate) == (2, 1, 1, 500_000)
    assert figures.profit == usd("19.40")
    assert (figures.largest_win, figures.average_loss, figures.traded_days) == (usd("47.20"), usd("-27.80"), 1)


async def test_what_is_another_persons_is_not_there(
    work: PostgresUnitOfWork, snapshot: PostgresUnitOfWork, queries: PostgresAccountQueries
) -> None:
    account, runs = await trading(work), desk_on(work).runs
    stranger = PersonId(uuid4())
    asked = [
        queries.account(stranger, account),
        queries.activities(stranger, account, None, 5),
        queries.violations(stranger, account, None, 5),
        queries.statistics(stranger, account, None),
        queries.days(stranger, account, None, 5),
        queries.trades(stranger, account, None, 5),
        queries.appeals(stranger, account),
        LookAtProgress(snapshot, Noon(), runs)(stranger, account),
        ExportProof(snapshot, runs, "1", None, CALCULATOR)(account, owner=stranger),
    ]
    for one in asked:
        with pytest.raises(NotFound):
            await one
    assert (await queries.accounts(stranger, state=None, program=None, after=None, limit=5)).rows == []


async def test_progress_counts_prices_that_no_entry_has_told_yet(
    work: PostgresUnitOfWork, snapshot: PostgresUnitOfWork
) -> None:
    account, desk = await trading(work), desk_on(work)
    for batch in three_trades():
        await desk.judge(batch)
    await desk.judge(Batch(START + 9 * SECOND, (Quoted("ESH26", 6, START + 9 * SECOND, 23_960, 23_961),)))
    told = await LookAtProgress(snapshot, Noon(), desk.runs)(await owner_of(work, account), account)
    assert told.standing.equity == usd("50000") + usd("18.00") - usd("500")
    loss = next(one for one in told.rules if one.rule == "max_loss")
    assert loss.left == told.standing.equity - told.standing.floor
    assert told.begun
    assert told.day_ends is not None


async def test_of_several_caps_progress_marks_those_that_were_hit_today(
    engine: AsyncEngine, snapshot: PostgresUnitOfWork
) -> None:
    clock = HandClock()
    firm = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    caps = {"micro": 20, "ES": 2, "NQ": 2}
    await firm.fund(position=PositionLimit(Ppm(50 * ONE), sub_caps=caps, outcome="warn"))

    async def hit() -> list[str]:
        told = await LookAtProgress(snapshot, clock, firm.desk.runs)(firm.ann.id, firm.account)
        return [one.symbol for one in told.rules if one.rule == "sub_cap" and one.standing == "hit"]

    await firm.trade(3, 24_000)
    assert await hit() == ["ES"]
    await firm.trade(-3, 24_000)
    clock.forward(timedelta(days=1))
    await firm.judge()
    assert await hit() == []
    at = clock.forward(timedelta(seconds=1))
    await firm.judge(Told(firm.at_platform, Fill(0, at, "micros", "MESH26", "MES", 21, 24_000, Micros(0))))
    assert await hit() == ["micro"]


async def test_an_account_that_nobody_trades_yet_shows_the_rules_that_wait_for_it(
    work: PostgresUnitOfWork, snapshot: PostgresUnitOfWork
) -> None:
    ann, _, account = await bought(work)
    told = await LookAtProgress(snapshot, Noon(), desk_on(work).runs)(ann.id, account)
    assert not told.begun
    assert told.standing.balance == PROGRAM.starting_balance
    assert {"max_loss", "target"} <= {one.rule for one in told.rules}


async def test_the_proof_of_a_verdict_is_verified_by_a_stranger(
    work: PostgresUnitOfWork, snapshot: PostgresUnitOfWork
) -> None:
    account, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    prove = ExportProof(snapshot, desk.runs, load_contracts().version, None, CALCULATOR)
    bundle = await prove(account, owner=await owner_of(work, account))
    assert VerifyProof(Ed25519Verifier())(bundle).holds
    with pytest.raises(NotFound):
        await prove(account, 2)


async def test_people_and_programs_are_listed_page_by_page(work: PostgresUnitOfWork, engine: AsyncEngine) -> None:
    await trading(work)
    async with work.begin() as tx:
        for n in range(5):
            await tx.people.add(person(f"p{n}@example.com"))
    people = PostgresPeopleQueries(engine)
    all_of_them = await paged(lambda after, limit: people.people(role=None, email=None, after=after, limit=limit))
    assert len({one.id for one in all_of_them}) == 6  # type: ignore[attr-defined]  # people
    assert sum(one.accounts for one in all_of_them) == 1  # type: ignore[attr-defined]  # as above
    (found,) = (await people.people(role="trader", email="P3@", after=None, limit=9)).rows
    assert await people.person(found.id) == found
    programs = PostgresProgramQueries(engine)
    assert [(one.program, one.price) for one in await programs.on_sale()] == [(PROGRAM.id, 14_900)]
    assert (await programs.offered(PROGRAM.id)).program == PROGRAM
    with pytest.raises(NotFound):
        await programs.offered("nothing")
    (line,) = (await programs.versions(program=None, status="published", after=None, limit=9)).rows
    assert line.name == PROGRAM.name


async def test_the_firm_at_a_glance_counts_what_happened_today(work: PostgresUnitOfWork, engine: AsyncEngine) -> None:
    _, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    figures = PostgresFigureQueries(engine)
    today = await figures.figures(NOON)
    assert (today.accounts, today.people, today.breaches_today) == ({"failed": 1}, 1, 1)
    assert (await figures.figures(NOON + timedelta(days=1))).breaches_today == 0
