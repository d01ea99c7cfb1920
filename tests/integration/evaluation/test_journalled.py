"""What a run costs to derive goes by the run; what it saw is held against the chain all the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.adapters.postgres.journal import PostgresJournal
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.export_proof import ExportProof
from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.ports.platforms import Batch
from propfirm.application.proofs.verify import VerifyProof
from propfirm.domain.rules.journal import NEAR, Quoted
from tests.integration.audit.test_verify_money import tamper
from tests.integration.firm import Firm, HandClock
from tests.integration.verified import CALCULATOR

pytestmark = pytest.mark.anyio
OLD, LAST = 1_000, 2_012
assert OLD > NEAR + 10


@pytest.fixture
async def firm(engine: AsyncEngine) -> Firm:
    """Ann held a contract over ten prices, when the contract had ``OLD``; and again when it had ``OLD`` more."""
    clock = HandClock()
    made = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
    await made.fund()
    await shown(made, 1, OLD)
    await made.trade(1, 24_000)
    await shown(made, OLD + 1, OLD + 10)
    await made.trade(-1, 24_000)
    await shown(made, OLD + 11, 2 * OLD + 10)
    await made.trade(1, 24_000)
    await shown(made, 2 * OLD + 11, LAST)
    await made.trade(-1, 24_000)
    await shown(made, LAST + 1, LAST + 3)
    return made


async def shown(firm: Firm, first: int, last: int) -> None:
    prices = list[Quoted]()
    for number in range(first, last + 1):
        at = firm.clock.forward(timedelta(seconds=1))
        prices.append(Quoted("ESH26", number, at, 24_000, 24_001))
    await firm.desk.judge(Batch(prices[-1].at, tuple(prices)))


async def test_no_price_is_read_that_the_run_did_not_meet_but_the_one_before(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[int]()
    quotes = PostgresJournal.quotes

    async def noting(self: PostgresJournal, symbol: str, after: int, upto: int) -> Sequence[Quoted]:
        found = await quotes(self, symbol, after, upto)
        read.extend(one.number for one in found)
        return found

    monkeypatch.setattr(PostgresJournal, "quotes", noting)
    assert (await ReplayRuns(firm.work, firm.desk.runs, CALCULATOR)(firm.account, 1)).difference is None
    assert read == [*range(OLD - 1, OLD + 11), *range(2 * OLD + 9, LAST + 1)]
    proof = await ExportProof(firm.work, firm.desk.runs, load_contracts().version, None, CALCULATOR)(firm.account)
    monkeypatch.undo()
    assert VerifyProof(Ed25519Verifier())(proof).holds


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("update quotes set bid = bid + 1 where number = 1000", 1000),
        ("update quotes set at_ns = at_ns + 1 where number = 1005", 1005),
        ("delete from quotes where number = 1005", 1006),
        ("update quotes set link = 'ab' where number = 999", 1000),
        ("delete from quotes where number = 999", 999),
        ("update quotes set ask = ask + 1 where number = 2012", 2012),
    ],
)
async def test_a_change_of_a_price_that_the_run_met_is_named(
    firm: Firm, engine: AsyncEngine, change: str, number: int
) -> None:
    await tamper(engine, change)
    told = await ReplayRuns(firm.work, firm.desk.runs, CALCULATOR)(firm.account, 1)
    assert (told.difference, str(number) in told.detail) == ("quotes", True), told
