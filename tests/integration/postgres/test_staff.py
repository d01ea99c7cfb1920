"""What the staff does: each act is written down, and none of them by one person alone where it takes two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.adapters.postgres.invariants import PostgresInvariants
from propfirm.adapters.postgres.queries.accounts import PostgresAccountQueries
from propfirm.adapters.postgres.queries.news import PostgresNewsQueries
from propfirm.adapters.postgres.queries.people import PostgresNoteQueries
from propfirm.adapters.postgres.queries.programs import PostgresProgramQueries
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.calendar import FEED, load_news
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.adapters.system.clock import RealClock
from propfirm.application.catalogue.check_program import CheckProgram
from propfirm.application.catalogue.write_programs import (
    BadPrice,
    Contradictory,
    DraftProgram,
    NotADraft,
    NotTheNextVersion,
    PriceProgram,
    PublishProgram,
    Retired,
    RetireProgram,
)
from propfirm.application.evaluation.appeals import (
    AnswerProposal,
    FileAppeal,
    ProposeDecision,
    SweepAppeals,
    WithdrawAppeal,
)
from propfirm.application.evaluation.desk import Verdict
from propfirm.application.evaluation.export_proof import ExportProof
from propfirm.application.evaluation.hold_account import HoldAccount
from propfirm.application.evaluation.progress import stand
from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.evaluation.review_violation import ReviewViolation
from propfirm.application.market.keep_news import KeepNews, TouchedByNews
from propfirm.application.ports.platforms import Batch, Told
from propfirm.application.proofs.verify import VerifyProof
from propfirm.application.support.write_note import WriteNote
from propfirm.domain.calendar.news_events import (
    ReleaseListed,
    ReleaseOver,
    ReleaseTooFar,
    ReleaseTooSoon,
    UnknownFeed,
    calendar_of,
)
from propfirm.domain.catalogue.program import News
from propfirm.domain.errors import Conflict, Forbidden, NotFound, Refused
from propfirm.domain.evaluation import appeal, states
from propfirm.domain.evaluation.refusals import AgainstTheEvidence, FourEyes, NoSuchHold
from propfirm.domain.evaluation.review import AlreadyReviewed, HitName
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import AccountId, PersonId
from propfirm.domain.money import Cents, Micros
from propfirm.domain.rules.events import Fill, WindowClosed, WindowOpened
from propfirm.domain.rules.findings import Hit
from propfirm.domain.rules.journal import Quoted
from tests.integration.firm import HandClock, join
from tests.integration.postgres.test_desk import NAME, NOON, SECOND, START, Noon, desk_on, falling, trading
from tests.integration.postgres.test_queries import owner_of
from tests.integration.postgres.test_stores import PROGRAM, person
from tests.integration.verified import CALCULATOR

pytestmark = pytest.mark.anyio
CHECK = CheckProgram(ShippedPrograms(), load_contracts(), load_news())


@dataclass(frozen=True, slots=True)
class Fresh:
    def new(self) -> UUID:
        return uuid4()


@dataclass(frozen=True, slots=True)
class At:
    moment: datetime

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def work(engine: AsyncEngine) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(engine)


async def hired(work: PostgresUnitOfWork, email: str) -> Staff:
    someone = replace(person(email), role="admin")
    async with work.begin() as tx:
        await join(tx, someone)
    return Staff(someone.id, "admin")


async def failed(work: PostgresUnitOfWork) -> tuple[AccountId, Trader]:
    account, desk = await trading(work), desk_on(work)
    for batch in falling():
        await desk.judge(batch)
    return account, Trader(await owner_of(work, account))


async def acts(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list(await connection.scalars(text("select act from audit where act <> 'registered' order by number")))


async def test_a_program_is_drafted_published_priced_and_retired(work: PostgresUnitOfWork, engine: AsyncEngine) -> None:
    admin, ours = await hired(work, "boss@example.com"), replace(PROGRAM, id="ours-50k", version=1)
    draft, publish = DraftProgram(work, Noon(), CHECK), PublishProgram(work, Noon(), CHECK)
    await draft(admin, ours)
    written_over, checked = await draft(admin, replace(ours, name="Ours"))
    assert (written_over.program.name, checked.contradictions) == ("Ours", ())
    published = await publish(admin, "ours-50k", 1)
    assert await publish(admin, "ours-50k", 1) == published
    with pytest.raises(NotADraft):
        await draft(admin, ours)
    with pytest.raises(NotTheNextVersion):
        await draft(admin, replace(ours, version=3))
    price = PriceProgram(work, Noon())
    with pytest.raises(BadPrice):
        await price(admin, "ours-50k", 1, Cents(0))
    assert (await price(admin, "ours-50k", 1, Cents(99_00))).price == 99_00
    async with work.begin() as tx:
        on_sale = await tx.programs.on_sale("ours-50k")
        assert on_sale is not None
        assert (on_sale.program.name, on_sale.price) == ("Ours", 99_00)
    retire = RetireProgram(work, Noon())
    assert (await retire(admin, "ours-50k", 1)).status == "retired"
    with pytest.raises(Retired):
        await publish(admin, "ours-50k", 1)
    done = await acts(engine)
    assert done == ["program_drafted"] * 2 + ["program_published", "program_priced", "program_retired"]
    priced = text("select details from audit where act = 'program_priced'")
    async with engine.connect() as connection:
        details = await connection.scalar(priced)
    assert (details["price_cents_before"], details["price_cents"]) == ("", "9900")


async def sold(work: PostgresUnitOfWork, program: str) -> tuple[int, int | None] | None:
    """Version and price on sale, as an order sees it and as everybody is shown it."""
    shown = [one for one in await PostgresProgramQueries(work.engine).on_sale() if one.program == program]
    async with work.begin() as tx:
        found = await tx.programs.on_sale(program)
    ordered = None if found is None else (found.program.version, found.price)
    assert [(one.version, one.price) for one in shown] == ([] if ordered is None else [ordered])
    return ordered


async def test_the_newest_version_that_is_no_draft_is_sold_or_none(work: PostgresUnitOfWork) -> None:
    admin, ours = await hired(work, "boss@example.com"), replace(PROGRAM, id="ours-50k")
    draft, publish = DraftProgram(work, Noon(), CHECK), PublishProgram(work, Noon(), CHECK)
    price, retire = PriceProgram(work, Noon()), RetireProgram(work, Noon())
    await draft(admin, replace(ours, version=1))
    await price(admin, "ours-50k", 1, Cents(99_00))
    assert await sold(work, "ours-50k") is None
    await publish(admin, "ours-50k", 1)
    await draft(admin, replace(ours, version=2))
    assert await sold(work, "ours-50k") == (1, 99_00), "the next one is a draft"
    await publish(admin, "ours-50k", 2)
    assert await sold(work, "ours-50k") is None, "the next one has no price yet"
    await price(admin, "ours-50k", 2, Cents(999_00))
    assert await sold(work, "ours-50k") == (2, 999_00)
    await retire(admin, "ours-50k", 2)
    assert await sold(work, "ours-50k") is None, "not the old one again, at its old price"
    await draft(admin, replace(ours, version=3))
    await publish(admin, "ours-50k", 3)
    await price(admin, "ours-50k", 3, Cents(149_00))
    await retire(admin, "ours-50k", 1)
    assert await sold(work, "ours-50k") == (3, 149_00)


async def test_a_program_that_contradicts_itself_stays_a_draft(work: PostgresUnitOfWork) -> None:
    admin = await hired(work, "boss@example.com")
    first = PROGRAM.stages[0]
    assert first.target is not None
    nothing = replace(first.target, size=replace(first.target.size, amount=Micros(0), pct=None))
    bad = replace(PROGRAM, id="bad-50k", version=1, stages=(replace(first, target=nothing), *PROGRAM.stages[1:]))
    _, checked = await DraftProgram(work, Noon(), CHECK)(admin, bad)
    assert checked.contradictions
    with pytest.raises(Contradictory) as refusal:
        await PublishProgram(work, Noon(), CHECK)(admin, "bad-50k", 1)
    assert refusal.value.contradictions == checked.contradictions
    async with work.begin() as tx:
        assert await tx.programs.on_sale("bad-50k") is None


async def test_notes_are_kept_about_people_and_accounts_that_there_are(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, trader = await failed(work)
    admin, write = await hired(work, "boss@example.com"), WriteNote(work, Noon(), Fresh())
    note = await write(admin, "account", account, "  called, was calm  ")
    assert note.text == "called, was calm"
    await write(admin, "person", trader.id, "asked for his money")
    with pytest.raises(NotFound):
        await write(admin, "person", uuid4(), "nobody")
    with pytest.raises(Refused):
        await write(admin, "account", account, "   ")
    notes = PostgresNoteQueries(engine)
    assert (await notes.notes("account", account, None, 9)).rows == [note]


async def test_a_violation_is_reviewed_once_and_not_by_its_trader(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, trader = await failed(work)
    admin, review = await hired(work, "boss@example.com"), ReviewViolation(work, Noon())
    queries = PostgresAccountQueries(engine)
    (violation,) = (await queries.violations(None, account, None, 5)).rows
    with pytest.raises(Forbidden):
        await review(Staff(trader.id, "admin"), violation.name, "cleared", "mine")
    with pytest.raises(NotFound):
        await review(admin, HitName(account, 1, 1, 7), "cleared", "there is none")
    await review(admin, violation.name, "confirmed", "the tape is clear")
    with pytest.raises(AlreadyReviewed):
        await review(admin, violation.name, "cleared", "on second thought")
    (again,) = (await queries.all_violations(rule=None, reviewed=True, after=None, limit=5)).rows
    assert again.review is not None
    assert (again.review.decision, again.review.by) == ("confirmed", admin.id)


async def test_a_review_stays_on_record_where_its_reviewer_is_an_admin_no_longer(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, _ = await failed(work)
    admin, other = await hired(work, "boss@example.com"), await hired(work, "other@example.com")
    (violation,) = (await PostgresAccountQueries(engine).violations(None, account, None, 5)).rows
    await ReviewViolation(work, Noon())(admin, violation.name, "confirmed", "the tape is clear")
    async with work.begin() as tx:
        await tx.audit.record(other, "appointed", f"person:{admin.id}", {"role": "support"})
    async with engine.begin() as connection:
        await connection.execute(text("update users set role = 'support' where id = :id"), {"id": admin.id})
    assert await PostgresInvariants(engine, RealClock()).violated(NOON) == []


@pytest.mark.breaks
async def test_a_hit_that_blocks_payouts_does_so_until_it_is_cleared(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, _ = await failed(work)
    admin, review = await hired(work, "boss@example.com"), ReviewViolation(work, Noon())
    (violation,) = (await PostgresAccountQueries(engine).violations(None, account, None, 5)).rows
    async with engine.begin() as connection:
        await connection.execute(text("update findings set action = 'block_payout' where kind = 'hit'"))
    async with work.begin() as tx:
        assert await tx.reviews.blocking(account, 1) == {"max_loss"}
    await review(admin, violation.name, "cleared", "a bad print")
    async with work.begin() as tx:
        assert await tx.reviews.blocking(account, 1) == frozenset()


async def test_what_one_person_suspends_another_lets_go_on(work: PostgresUnitOfWork, engine: AsyncEngine) -> None:
    account = await trading(work)
    one, other = await hired(work, "one@example.com"), await hired(work, "other@example.com")
    hold = HoldAccount(work, Noon())
    held = await hold.suspend(one, account, "conduct", "two people trade it")
    assert isinstance(held, states.Suspended)
    with pytest.raises(FourEyes):
        await hold.resume(one, account, "conduct", "never mind")
    assert isinstance(await hold.resume(other, account, "conduct", "one person, seen"), states.Evaluating)
    with pytest.raises(NoSuchHold):
        await hold.resume(other, account, "conduct", "again")
    assert await acts(engine) == ["account_suspended", "hold_lifted"]


async def test_of_a_hold_that_is_not_there_nothing_is_lifted_and_it_is_said(work: PostgresUnitOfWork) -> None:
    account = await trading(work)
    one, other = await hired(work, "one@example.com"), await hired(work, "other@example.com")
    hold = HoldAccount(work, Noon())
    await hold.suspend(one, account, "risk_review", "look at it")
    with pytest.raises(NoSuchHold) as refusal:
        await hold.resume(other, account, "platform", "it answers again")
    assert (refusal.value.cause, refusal.value.placed) == ("platform", ("risk_review",))


async def test_an_account_that_goes_on_after_a_hold_was_changed_then_and_not_before_it(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, queries = await trading(work), PostgresAccountQueries(engine)
    one, other = await hired(work, "one@example.com"), await hired(work, "other@example.com")
    clock = HandClock(NOON)
    hold = HoldAccount(work, clock)
    await hold.suspend(one, account, "conduct", "two people trade it")
    held = await queries.account(None, account)
    clock.forward(timedelta(hours=2))
    await hold.resume(other, account, "conduct", "one person, seen")
    assert (await queries.account(None, account)).changed_at == clock.now() > held.changed_at


def deciding(work: PostgresUnitOfWork, engine: AsyncEngine) -> tuple[ProposeDecision, AnswerProposal]:
    snapshot = PostgresUnitOfWork(engine.execution_options(isolation_level="REPEATABLE READ"))
    prove = ExportProof(snapshot, desk_on(work).runs, load_contracts().version, None, CALCULATOR)
    propose = ProposeDecision(work, Noon(), prove, VerifyProof(Ed25519Verifier()), CALCULATOR)
    return propose, AnswerProposal(work, Noon(), desk_on(work).runs, CALCULATOR)


async def test_an_appeal_is_decided_by_two_people_on_the_evidence_run_again(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, trader = await failed(work)
    one, other = await hired(work, "one@example.com"), await hired(work, "other@example.com")
    filed = await FileAppeal(work, Noon(), Fresh())(trader, account, "the price was wrong")
    with pytest.raises(Conflict):
        await FileAppeal(work, Noon(), Fresh())(trader, account, "and again")
    propose, answer = deciding(work, engine)
    id_ = filed.filing.id
    with pytest.raises(AgainstTheEvidence):
        await propose(one, id_, "overturn", "I believe the trader", None)
    with pytest.raises(FourEyes):
        await propose(Staff(trader.id, "admin"), id_, "uphold", "mine", None)
    proposed = await propose(one, id_, "uphold", "the tape is clear", None)
    assert isinstance(proposed, appeal.UnderReview)
    assert proposed.proposal.rerun.result == "same"
    with pytest.raises(FourEyes):
        await answer.confirm(one, id_)
    assert isinstance(await answer.confirm(other, id_), appeal.Upheld)
    async with work.begin() as tx:
        over = await tx.accounts.peek(account)
    assert isinstance(over, states.Failed)
    assert over.upheld == id_
    (line,) = await PostgresAccountQueries(engine).appeals(trader.id, account)
    assert (line.state, line.due_at) == ("upheld", None)


async def test_an_overturned_verdict_gives_the_account_back_on_hold(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, trader = await failed(work)
    one, other = await hired(work, "one@example.com"), await hired(work, "other@example.com")
    filed = await FileAppeal(work, Noon(), Fresh())(trader, account, "the price was wrong")
    propose, answer = deciding(work, engine)
    await propose(one, filed.filing.id, "overturn", "the exchange busted that print", "a busted print")
    reopened = await answer.decline(other, filed.filing.id, "show me the notice")
    assert isinstance(reopened, appeal.Filed)
    await propose(one, filed.filing.id, "overturn", "the exchange busted that print", "notice 12")
    assert isinstance(await answer.confirm(other, filed.filing.id), appeal.Overturned)
    async with work.begin() as tx:
        back = await tx.accounts.peek(account)
    assert isinstance(back, states.Suspended)
    assert isinstance(back.held, states.Evaluating)


async def test_after_an_overturned_verdict_the_same_run_is_judged_again_and_its_proof_holds(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, trader = await failed(work)
    one, other = await hired(work, "one@example.com"), await hired(work, "other@example.com")
    filed = await FileAppeal(work, Noon(), Fresh())(trader, account, "the price was wrong")
    propose, answer = deciding(work, engine)
    await propose(one, filed.filing.id, "overturn", "the exchange busted that print", "notice 12")
    await answer.confirm(other, filed.filing.id)
    desk = desk_on(work)

    def seconds(number: int) -> int:
        return START + (300 + number) * SECOND

    async def judge(number: int, price: int, quantity: int = 0) -> list[Verdict]:
        """A quote, and perhaps an execution at it."""
        quoted = Quoted("ESH26", 300 + number, seconds(number), price, price)
        fill = Fill(0, seconds(number), f"y{number}", "ESH26", "ES", quantity, price, Micros(0))
        return await desk.judge(Batch(seconds(number), (quoted,), (Told(NAME, fill),) if quantity else ()))

    async def verdict() -> tuple[str, Micros]:
        async with work.begin() as tx:
            risk = await tx.journal.risk(account, 1)
        assert risk is not None
        return risk.checkpoint.state.verdict, risk.checkpoint.state.balance

    await judge(1, 23_700)
    assert (await verdict())[0] == "breached", "not while a position is open, of which prices were not followed"
    await judge(2, 23_700, -2)
    assert (await verdict())[0] == "breached"
    await judge(3, 23_700)
    assert (await verdict())[0] == "open"
    await HoldAccount(work, Noon()).resume(other, account, "risk_review", "looked at")
    await judge(4, 23_700, 1)
    await judge(5, 23_900, -1)
    await judge(6, 23_900, 2)
    assert (await verdict())[0] == "open"
    (again,) = await judge(7, 23_000)
    assert again.verdict == "breached"
    async with work.begin() as tx:
        over = await tx.accounts.peek(account)
        first, second = [found for found in await tx.journal.findings(account, 1) if isinstance(found, Hit)]
        shown = await stand(tx, desk.runs, None, account)
    assert isinstance(over, states.Failed)
    assert over.verdict.hit == second
    assert filed.filing.verdict.hit == first, "a stored verdict never changes"
    assert shown.ended == second
    assert (await ReplayRuns(work, desk.runs, CALCULATOR)(account, 1)).difference is None
    proof = await ExportProof(work, desk.runs, load_contracts().version, None, CALCULATOR)(account, 1)
    assert VerifyProof(Ed25519Verifier())(proof).holds
    violated = await PostgresInvariants(engine, RealClock()).violated(NOON)
    assert [one.subject for one in violated if one.invariant == "verdicts stand alone"] == []


async def test_an_overturned_verdict_gives_back_what_was_lost_from_its_event_on(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, trader = await failed(work)
    one, other = await hired(work, "one@example.com"), await hired(work, "other@example.com")
    desk = desk_on(work)
    closing = Fill(0, START + 301 * SECOND, "y1", "ESH26", "ES", -2, 23_700, Micros(0))
    await desk.judge(Batch(START + 301 * SECOND, told=(Told(NAME, closing),)))
    filed = await FileAppeal(work, Noon(), Fresh())(trader, account, "the price was wrong")
    propose, answer = deciding(work, engine)
    await propose(one, filed.filing.id, "overturn", "the exchange busted that print", "notice 12")
    await answer.confirm(other, filed.filing.id)
    await desk.judge(Batch(START + 302 * SECOND))
    async with work.begin() as tx:
        risk = await tx.journal.risk(account, 1)
        before = (await desk.runs.journalled(tx, account, 1)).before(filed.filing.verdict.hit.seq)
    assert risk is not None
    state = risk.checkpoint.state
    assert (state.verdict, state.balance) == ("open", before.equity)
    assert state.balance > state.floor == before.floor


async def test_an_appeal_is_taken_back_by_its_trader_alone(work: PostgresUnitOfWork) -> None:
    account, trader = await failed(work)
    filed = await FileAppeal(work, Noon(), Fresh())(trader, account, "the price was wrong")
    withdraw = WithdrawAppeal(work, Noon())
    with pytest.raises(NotFound):
        await withdraw(Trader(PersonId(uuid4())), filed.filing.id)
    assert isinstance(await withdraw(trader, filed.filing.id), appeal.Withdrawn)


async def test_an_appeal_that_nobody_answers_is_told_on_and_never_decided_by_time(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, trader = await failed(work)
    filed = await FileAppeal(work, Noon(), Fresh())(trader, account, "the price was wrong")
    await SweepAppeals(work, Noon())()
    async with work.begin() as tx:
        assert await tx.appeals.get(filed.filing.id) == filed
    eight_days_on = At(NOON + timedelta(days=8))
    await SweepAppeals(work, eight_days_on)()
    await SweepAppeals(work, eight_days_on)()
    async with work.begin() as tx:
        waiting = await tx.appeals.get(filed.filing.id)
    assert isinstance(waiting, appeal.Filed)
    assert (waiting.escalations, waiting.due_at) == (1, NOON + timedelta(days=15))
    assert await acts(engine) == ["appeal_filed", "appeal_escalated"]


@pytest.mark.breaks
async def test_a_change_of_a_release_names_the_accounts_that_it_touches(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, admin = await trading(work), await hired(work, "boss@example.com")
    keep = KeepNews(work, Noon(), Fresh(), TouchedByNews(PostgresNewsQueries(engine), work), frozenset({FEED}))
    at = datetime(2026, 3, 11, 12, 30, tzinfo=UTC)
    rule = News(60, 120, "no_execution", {"CPI": ("ES",)}, feed=FEED)
    stages = tuple(replace(one, news=rule) for one in PROGRAM.stages)
    async with engine.begin() as connection:  # the account's program, as if it had been sold with such a rule
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(
            text("update program_versions set document = cast(:document as jsonb)"),
            {"document": _json(replace(PROGRAM, stages=stages))},
        )
    added = await keep.add(admin, FEED, "CPI", "Consumer Price Index", at)
    (touched,) = added.after
    assert (touched.account, touched.products) == (account, ("ES",))
    assert touched.closes - touched.opens == timedelta(minutes=3)
    assert (await keep.add(admin, FEED, "NFP", "Payrolls", at)).after == ()
    with pytest.raises(ReleaseListed):
        await keep.add(admin, FEED, "CPI", "CPI again", at + timedelta(hours=1))
    moved = await keep.move(admin, added.event.id, at + timedelta(days=1))
    assert [one.opens for one in (*moved.before, *moved.after)] == [
        touched.opens,
        touched.opens + timedelta(days=1),
    ]
    with pytest.raises(ReleaseTooSoon):
        await keep.move(admin, added.event.id, NOON)
    with pytest.raises(ReleaseTooFar):
        await keep.move(admin, added.event.id, NOON + timedelta(days=3_000))
    with pytest.raises(UnknownFeed):
        await keep.add(admin, "us-hihg-impact", "CPI", "Consumer Price Index", at)
    called_off = await keep.call_off(admin, added.event.id)
    assert (len(called_off.before), called_off.after) == (1, ())
    with pytest.raises(ReleaseOver):
        await keep.call_off(admin, added.event.id)
    async with work.begin() as tx:
        listed = calendar_of(FEED, await tx.news.of_feed(FEED))
    assert [one.name for one in listed.rows] == ["NFP 2026-03-11"]
    assert (await PostgresNewsQueries(engine).events(FEED, None, 9)).rows[0].id == added.event.id


@pytest.mark.breaks
async def test_a_release_that_is_listed_while_an_account_trades_opens_its_window(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    account, admin, desk = await trading(work), await hired(work, "boss@example.com"), desk_on(work)
    rule = News(60, 120, "no_execution", {"CPI": ("ES",)}, feed=FEED)
    async with engine.begin() as connection:  # the account's program, as if it had been sold with such a rule
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(
            text("update program_versions set document = cast(:document as jsonb)"),
            {"document": _json(replace(PROGRAM, stages=tuple(replace(one, news=rule) for one in PROGRAM.stages)))},
        )
    await desk.judge(Batch(START + SECOND))
    keep = KeepNews(work, Noon(), Fresh(), TouchedByNews(PostgresNewsQueries(engine), work), frozenset({FEED}))
    listed = await keep.add(admin, FEED, "CPI", "Consumer Price Index", NOON + timedelta(hours=2))
    await desk.judge(Batch(START + 3 * 3600 * SECOND))
    async with work.begin() as tx:
        entries = [one.event for one in await tx.journal.entries(account, 1)]
    opened = [one for one in entries if isinstance(one, WindowOpened)]
    assert [one.name for one in opened] == [listed.event.release.name]
    assert sum(isinstance(one, WindowClosed) for one in entries) == 1


def _json(program: object) -> str:
    return msgspec.json.encode(program).decode()
