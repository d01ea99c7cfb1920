"""The journal is held against itself: whoever changes, drops or adds anything is named, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.appeals import FileAppeal
from propfirm.application.ports.platforms import Batch, Told
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import Fill
from propfirm.domain.rules.journal import Quoted
from tests.integration.audit.test_verify_money import tamper
from tests.integration.firm import Firm, HandClock
from tests.integration.verified import verify_of

pytestmark = pytest.mark.anyio


class Watched:
    """Progress as it was told: what, of how many, and how many were done."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int | None, int]] = []
        self._now: tuple[str, int | None, int] | None = None

    def begin(self, label: str, total: int | None) -> None:
        self._now = label, total, 0

    def advance(self, n: int) -> None:
        assert self._now is not None
        label, total, done = self._now
        self._now = label, total, done + n

    def end(self) -> None:
        if self._now is not None:
            self.told.append(self._now)
        self._now = None


@pytest.fixture
async def firm(engine: AsyncEngine) -> Firm:
    clock = HandClock()
    made = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    await made.fund()
    await traded(made, 1)
    return made


async def traded(firm: Firm, first: int, minutes: int = 20) -> None:
    """One contract, held over prices that rise; the price numbered ``first`` is the next of its contract."""
    for minute in range(minutes):
        at = firm.clock.forward(timedelta(minutes=1))
        price = 24_000 + 4 * minute
        quoted = Quoted("ESH26", first + minute, at, price, price + 1)
        told: tuple[Told, ...] = ()
        if minute in (2, minutes - 3):
            quantity = 1 if minute == 2 else -1
            told = (Told("kept-1", Fill(0, at, f"x{at}", "ESH26", "ES", quantity, price, Micros(0))),)
        await firm.desk.judge(Batch(at, (quoted,), told))


async def test_a_firm_at_work_has_nothing_to_be_named_and_says_how_far_it_has_looked(
    firm: Firm, engine: AsyncEngine
) -> None:
    progress = Watched()
    assert await verify_of(engine)(progress) == []
    assert progress.told == [("money", None, 0), ("seals", 0, 0), ("prices", 20, 20), ("runs", 1, 1)]


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("statement", "invariant", "subject"),
    [
        ("update quotes set bid = bid - 1 where number = 7", "chains are whole", "prices:ESH26"),
        ("update quotes set link = repeat('0', 64) where number = 20", "chains are whole", "prices:ESH26"),
        ("delete from quotes where number = 1", "chains are whole", "prices:ESH26"),
        ("delete from quotes where number = 7", "chains are whole", "prices:ESH26"),
        ("update journal set link = repeat('0', 64) where seq = 1", "chains are whole", "run"),
        ("update journal set event = jsonb_set(event, '{7}', '23999') where kind = 'fill'", "chains are whole", "run"),
        ("update journal set event = '[\"no event\"]' where kind = 'fill'", "verdicts derive again", "run"),
        ("delete from journal where seq = 1", "chains are whole", "run"),
        ("update risk_states set head = repeat('0', 64)", "chains are whole", "run"),
        ("update risk_states set state = '\\x90'", "verdicts derive again", "run"),
        ("delete from risk_states", "verdicts derive again", "run"),
        ("delete from findings where place = 0", "verdicts derive again", "run"),
        ("update findings set finding = jsonb_set(finding, '{at}', '1')", "verdicts derive again", "run"),
        ("delete from runs", "verdicts derive again", "run"),
        ("delete from account_events where number = 2", "histories are legal", "account"),
    ],
)
async def test_whoever_changes_the_journal_is_named(
    firm: Firm, engine: AsyncEngine, statement: str, invariant: str, subject: str
) -> None:
    named = {"run": f"run:{firm.account}:1", "account": f"account:{firm.account}"}
    await tamper(engine, statement.replace(":", "\\:"))
    told = {(one.invariant, one.subject) for one in await verify_of(engine)(Watched())}
    assert (invariant, named.get(subject, subject)) in told


@pytest.mark.breaks
async def test_an_appeal_is_held_to_its_edges(firm: Firm, engine: AsyncEngine) -> None:
    await firm.earn(-60)
    filed = await FileAppeal(firm.work, firm.clock, firm.ids)(firm.ann, firm.account, "The price was wrong.")
    assert await verify_of(engine)(Watched()) == []
    await tamper(engine, "update appeal_events set event = jsonb_set(event, '{type}', '\"appeal_lapsed\"')")
    (told,) = await verify_of(engine)(Watched())
    assert (told.invariant, told.subject) == ("histories are legal", f"appeal:{filed.filing.id}")
