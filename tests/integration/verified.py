"""What a test's database is held to when the test is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.adapters.postgres.engine import passes
from propfirm.adapters.postgres.invariants import PostgresHistories, PostgresInvariants
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.calendar import load_news, load_session_table
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.adapters.sandbox.takings import SandboxTakings
from propfirm.adapters.system.calculator import OneThread
from propfirm.adapters.system.clock import RealClock
from propfirm.application.audit.verify import Verify
from propfirm.application.audit.verify_journal import VerifyJournal
from propfirm.application.audit.verify_money import VerifyMoney
from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.evaluation.runs import Runs
from propfirm.application.ports.clock import Clock, Hindsight

CALCULATOR: Final = OneThread(at_once=100)
"""Turns for everybody: to wait for one ties a calculator to one test's event loop."""
RUNS: Final = Runs(load_contracts().contracts, load_session_table(), load_news())


class Silent:
    """Progress that nobody watches."""

    def begin(self, label: str, total: int | None) -> None: ...
    def advance(self, n: int) -> None: ...
    def end(self) -> None: ...


class Tomorrow:
    """Real time, 25 hours on: what waits for a machine then has waited too long."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=25)


class Hurried:
    """The past of a firm's clock in a test's hand: no day of it was over an hour of real time ago."""

    def ago(self, real: timedelta) -> datetime | None:
        return None


def verify_of(engine: AsyncEngine, wall: Clock | None = None, clock: Hindsight | None = None) -> Verify:
    """Of this database. wall: real time by default, by which nothing in a test has waited too long yet. clock: the
    firm's; by default one that has always run, and of which no day was over an hour ago."""
    wall = wall or RealClock()
    still = engine.execution_options(isolation_level="REPEATABLE READ")
    snapshot = PostgresUnitOfWork(still)
    money = VerifyMoney(
        PostgresInvariants(still, clock or RealClock()),
        PostgresHistories(still),
        SandboxBank(engine, wall),
        SandboxTakings(engine, wall),
        wall,
    )
    replay = ReplayRuns(snapshot, RUNS, CALCULATOR)
    return Verify(money, VerifyJournal(snapshot, replay, Ed25519Verifier(), passes, clock or Hurried()))
