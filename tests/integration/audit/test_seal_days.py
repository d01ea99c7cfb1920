"""The days of a firm are sealed once, whatever happens, and a change of what was sealed is named."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.adapters.postgres.journal import PostgresJournal
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.audit.seal_days import SealDays
from propfirm.application.evaluation import journalled
from propfirm.application.evaluation.export_proof import ExportProof
from propfirm.application.evaluation.journalled import ChangedEntry, ChangedQuote
from propfirm.application.ports.platforms import Batch, Told
from propfirm.application.ports.work import Sealed
from propfirm.application.proofs.verify import Authentic, VerifyProof
from propfirm.domain.audit.seals import SealedPrices, SealedRun
from propfirm.domain.ids import AccountId
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import Fill
from propfirm.domain.rules.journal import Entry, Quoted
from tests.integration.audit.test_verify_journal import traded
from tests.integration.audit.test_verify_money import tamper
from tests.integration.firm import Firm, HandClock
from tests.integration.verified import CALCULATOR, Silent, verify_of
from tests.unit.application.proofs.cases import SIGNER

pytestmark = pytest.mark.anyio
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
DAY = timedelta(days=1)


@pytest.fixture
async def firm(engine: AsyncEngine) -> Firm:
    clock = HandClock()
    made = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    await made.fund()
    await traded(made, 1)
    return made


def sealer(firm: Firm, engine: AsyncEngine, *, signed: bool = True) -> SealDays:
    snapshot = PostgresUnitOfWork(engine.execution_options(isolation_level="REPEATABLE READ"))
    return SealDays(firm.work, snapshot, firm.clock, SIGNER if signed else None, CALCULATOR)


async def kept(firm: Firm) -> list[Sealed]:
    async with firm.work.begin() as tx:
        return list(await tx.seals.all())


async def test_a_day_is_sealed_when_it_is_over_and_only_once(firm: Firm, engine: AsyncEngine) -> None:
    seal = sealer(firm, engine)
    assert await seal() == []
    firm.clock.forward(DAY / 4)
    (made,) = await seal()
    assert (made.seal.day, made.seal.previous, made.seal.late, made.seal.leaves) == (MONDAY, None, False, 2)
    assert await seal() == []
    assert await kept(firm) == [made]
    async with firm.work.begin() as tx:
        risk = await tx.journal.risk(firm.account, 1)
        run, prices = await tx.seals.leaves(MONDAY)
        (last,) = await tx.journal.latest()
        assert await tx.seals.of_run(firm.account, 1) == [(made, run)]
    assert risk is not None
    assert isinstance(run, SealedRun)
    assert (run.account, run.run, run.events, run.head) == (firm.account, 1, risk.checkpoint.state.seq, risk.head)
    assert prices == SealedPrices("ESH26", 20, last.link)


async def test_a_seal_follows_the_one_before_and_takes_what_went_on_since(firm: Firm, engine: AsyncEngine) -> None:
    seal = sealer(firm, engine)
    firm.clock.forward(DAY / 4)
    (first,) = await seal()
    await traded(firm, 21)
    firm.clock.forward(DAY)
    (second,) = await seal()
    firm.clock.forward(DAY)
    (third,) = await seal()
    assert [one.seal.previous for one in (second, third)] == [first.seal.digest(), second.seal.digest()]
    assert [one.seal.leaves for one in (first, second, third)] == [2, 2, 0]
    assert await verify_of(engine)(Silent()) == []


async def test_days_on_which_nobody_sealed_are_sealed_late_and_say_so(firm: Firm, engine: AsyncEngine) -> None:
    firm.clock.forward(2 * DAY + DAY / 4)
    made = await sealer(firm, engine)()
    told = [(one.seal.day, one.seal.late, one.seal.leaves) for one in made]
    assert told == [(MONDAY, True, 2), (TUESDAY, True, 0), (WEDNESDAY, False, 0)]
    assert await verify_of(engine)(Silent()) == []


@dataclass
class LongSince:
    """The past of a firm that has run for long: an hour ago its clock showed this."""

    showed: datetime

    def ago(self, real: timedelta) -> datetime | None:
        return self.showed if real <= timedelta(hours=1) else None


@pytest.mark.breaks
async def test_a_firm_that_has_stopped_sealing_is_told_an_hour_after_the_day(firm: Firm, engine: AsyncEngine) -> None:
    midnight = datetime(2026, 3, 3, tzinfo=UTC)

    async def unsealed(showed: datetime) -> list[tuple[str, str]]:
        told = await verify_of(engine, clock=LongSince(showed))(Silent())
        assert {one.invariant for one in told} <= {"days are sealed"}
        return [(one.subject, one.says) for one in told]

    says = "it ended more than an hour ago and nobody has sealed it"
    assert await unsealed(midnight - timedelta(microseconds=1)) == []
    assert await unsealed(midnight) == [("seal:2026-03-02", says)]
    assert await unsealed(midnight + 2 * DAY) == [("seal:2026-03-02", f"{says}, nor 2 after it")]
    firm.clock.forward(DAY / 4)
    await sealer(firm, engine)()
    assert await unsealed(midnight + DAY - timedelta(microseconds=1)) == []
    assert await unsealed(midnight + DAY) == [("seal:2026-03-03", says)]


async def test_a_firm_without_a_run_has_nothing_to_seal(engine: AsyncEngine) -> None:
    clock = HandClock()
    firm = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    clock.forward(3 * DAY)
    assert await sealer(firm, engine)() == []
    assert await verify_of(engine, clock=LongSince(clock.now()))(Silent()) == []


async def test_of_many_sealers_at_once_one_makes_the_seal(firm: Firm, engine: AsyncEngine) -> None:
    firm.clock.forward(DAY / 4)
    made = await asyncio.gather(*(sealer(firm, engine)() for _ in range(4)))
    assert sorted(map(len, made)) == [0, 0, 0, 1]
    assert [one.seal.day for one in await kept(firm)] == [MONDAY]
    assert await verify_of(engine)(Silent()) == []


async def test_a_firm_without_a_key_seals_without_a_signature(firm: Firm, engine: AsyncEngine) -> None:
    firm.clock.forward(DAY / 4)
    (made,) = await sealer(firm, engine, signed=False)()
    assert made.signature is None
    assert await kept(firm) == [made]
    assert await verify_of(engine)(Silent()) == []


async def test_a_run_whose_journal_is_broken_keeps_no_other_from_being_sealed(firm: Firm, engine: AsyncEngine) -> None:
    firm.clock.forward(DAY / 4)
    await tamper(engine, "update quotes set bid = bid - 1 where number = 7")
    with pytest.raises(ExceptionGroup) as told:
        await sealer(firm, engine)()
    assert told.group_contains(ChangedQuote)
    (made,) = await kept(firm)
    async with firm.work.begin() as tx:
        assert [type(one) for one in await tx.seals.leaves(made.seal.day)] == [SealedPrices]
    await tamper(engine, "update quotes set bid = bid + 1 where number = 7")
    firm.clock.forward(DAY)
    (made,) = await sealer(firm, engine)()
    async with firm.work.begin() as tx:
        assert [type(one) for one in await tx.seals.leaves(made.seal.day)] == [SealedRun]


async def test_a_day_costs_what_was_written_that_day_however_long_the_run(
    firm: Firm, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal, costs = sealer(firm, engine), list[tuple[int, int]]()
    for day in range(4):
        await traded(firm, 21 + 20 * day)
        firm.clock.forward(DAY)
        with monkeypatch.context() as spied:
            read = counted(spied)
            await seal()
        costs.append((read["entries"], read["quotes"]))
    assert costs[1:] == [costs[1]] * 3
    assert await verify_of(engine)(Silent()) == []


def counted(spied: pytest.MonkeyPatch) -> Counter[str]:
    """How many entries and prices are read from now on."""
    read, entries, quotes = Counter[str](), PostgresJournal.entries, PostgresJournal.quotes

    async def reading_entries(
        self: PostgresJournal, account: AccountId, run: int, *, after: int = 0, most: int | None = None
    ) -> Sequence[Entry]:
        found = await entries(self, account, run, after=after, most=most)
        read["entries"] += len(found)
        return found

    async def reading_quotes(self: PostgresJournal, symbol: str, after: int, upto: int) -> Sequence[Quoted]:
        found = await quotes(self, symbol, after, upto)
        read["quotes"] += len(found)
        return found

    spied.setattr(PostgresJournal, "entries", reading_entries)
    spied.setattr(PostgresJournal, "quotes", reading_quotes)
    return read


@pytest.mark.parametrize("page", [1, 2, 3, 500])
async def test_a_position_that_is_held_over_seals_is_gone_on_with(
    firm: Firm, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(journalled, "ENTRIES", page)
    monkeypatch.setattr(journalled, "QUOTES", page)
    seal, number = sealer(firm, engine), 20
    for day, quantity in enumerate((2, 0, -1, 0, -1, 1, 0, -1)):
        for minute in range(6):
            at, number = firm.clock.forward(timedelta(minutes=1)), number + 1
            quoted = Quoted("ESH26", number, at, 24_000 + minute, 24_001 + minute)
            fill = Fill(0, at, f"x{at}", "ESH26", "ES", quantity, 24_000 + minute, Micros(0))
            told = (Told("kept-1", fill),) if quantity and minute == day % 6 else ()
            await firm.desk.judge(Batch(at, (quoted,), told))
        firm.clock.forward(DAY)
        assert len(await seal()) == 1
    assert await verify_of(engine)(Silent()) == []


@pytest.mark.breaks
@pytest.mark.parametrize(
    "statement",
    [
        "update journal set event = jsonb_set(event, '{7}', '23999') where kind = 'fill' and at_ns > 1772496e12",
        # As after rewriting the past link by link: the new head follows from no head that was sealed.
        "update risk_states set head = repeat('0', 64)",
    ],
)
async def test_what_does_not_follow_from_the_last_leaf_is_not_sealed(
    firm: Firm, engine: AsyncEngine, statement: str
) -> None:
    seal = sealer(firm, engine)
    firm.clock.forward(DAY / 4)
    await seal()
    await traded(firm, 21)
    firm.clock.forward(DAY)
    await tamper(engine, statement)
    with pytest.raises(ExceptionGroup) as told:
        await seal()
    assert told.group_contains(ChangedEntry)
    assert [one.seal.leaves for one in await kept(firm)] == [2, 1]


@pytest.mark.breaks
async def test_what_is_under_a_seal_already_is_looked_at_by_verify(firm: Firm, engine: AsyncEngine) -> None:
    seal = sealer(firm, engine)
    firm.clock.forward(DAY / 4)
    await seal()
    await traded(firm, 21)
    firm.clock.forward(DAY)
    await tamper(engine, "update quotes set bid = bid - 1 where number = 7")
    await seal()
    told = await verify_of(engine)(Silent())
    run, prices = f"run:{firm.account}:1", "prices:ESH26"
    assert {(one.invariant, one.subject) for one in told} == {("chains are whole", run), ("chains are whole", prices)}


async def test_a_proof_takes_along_the_seals_that_its_run_was_under(firm: Firm, engine: AsyncEngine) -> None:
    seal = sealer(firm, engine)
    firm.clock.forward(DAY / 4)
    await seal()
    await traded(firm, 21)
    firm.clock.forward(DAY)
    await seal()
    await traded(firm, 41)  # and on, which no seal covers yet
    prove = ExportProof(seal.snapshot, firm.desk.runs, load_contracts().version, SIGNER, CALCULATOR)
    told = VerifyProof(Ed25519Verifier())(await prove(firm.account), public_key=SIGNER.public_key)
    assert told.holds, told.lines()
    assert [(one.day, one.wrong, type(one.authenticity)) for one in told.seals] == [
        (MONDAY, "", Authentic),
        (TUESDAY, "", Authentic),
    ]
    assert 0 < told.seals[0].events < told.seals[1].events


@pytest.mark.parametrize("table", ["seals", "sealed_chains"])
@pytest.mark.parametrize("act", ["update {} set day = day", "delete from {}", "truncate {} cascade"])
async def test_nobody_takes_a_seal_back(firm: Firm, engine: AsyncEngine, table: str, act: str) -> None:
    firm.clock.forward(DAY / 4)
    await sealer(firm, engine)()
    with pytest.raises(DBAPIError, match="appended only"):
        async with engine.begin() as connection:
            await connection.execute(text(act.format(table)))


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ("update seals set root = repeat('0', 64) where day = '2026-03-02'", "seal:2026-03-02"),
        ("update seals set leaves = 3 where day = '2026-03-02'", "seal:2026-03-02"),
        ("update seals set at = at + interval '1 second' where day = '2026-03-02'", "seal:2026-03-02"),
        ("update seals set previous = repeat('0', 64) where day = '2026-03-03'", "seal:2026-03-03"),
        ("update seals set signature = '\\x00' where day = '2026-03-03'", "seal:2026-03-03"),
        ("update seals set key_id = repeat('0', 16) where day = '2026-03-03'", "seal:2026-03-03"),
        ("delete from seals where day = '2026-03-02'", "seal:2026-03-03"),
        ("delete from sealed_chains where place = 0", "seal:2026-03-02"),
        ("update sealed_chains set upto = upto - 1 where symbol is not null", "seal:2026-03-02"),
        ("delete from quotes where number = 20", "prices:ESH26"),
        ("delete from quotes", "prices:ESH26"),
        ("delete from runs", "run"),
        ("update sealed_chains set told = repeat('0', 64) where told is not null", "run"),
        ("update sealed_chains set head = repeat('0', 64) where told is not null", "run"),
    ],
)
async def test_whoever_changes_what_was_sealed_is_named(
    firm: Firm, engine: AsyncEngine, statement: str, subject: str
) -> None:
    firm.clock.forward(DAY + DAY / 4)
    await sealer(firm, engine)()
    assert await verify_of(engine)(Silent()) == []
    await tamper(engine, statement.replace(":", "\\:"))
    named = f"run:{firm.account}:1" if subject == "run" else subject
    told = await verify_of(engine)(Silent())
    assert ("seals are whole", named) in {(one.invariant, one.subject) for one in told}


@pytest.mark.breaks
async def test_a_run_written_anew_from_the_beginning_does_not_fit_its_seal(firm: Firm, engine: AsyncEngine) -> None:
    """Every link, finding and figure is good: only the seal knows that it was another run."""
    firm.clock.forward(DAY / 4)
    await sealer(firm, engine)()
    await tamper(
        engine,
        "delete from quotes",
        "delete from journal",
        "delete from executions",
        "delete from findings",
        "delete from risk_states",
        "delete from feed_positions",
        "delete from trades",
        "delete from daily_snapshots",
        "delete from trading_days",
    )
    again = Firm(firm.work, firm.bank, HandClock(firm.clock.at))
    await traded(again, 1)
    told = {(one.invariant, one.subject) for one in await verify_of(engine)(Silent())}
    run, prices = f"run:{firm.account}:1", "prices:ESH26"
    assert told == {("seals are whole", run), ("seals are whole", prices)}
