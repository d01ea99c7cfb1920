"""The command line at a firm on a real Postgres, as a person runs it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import uuid4

import msgspec
import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.engine import make_engine
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.appeals import FileAppeal
from propfirm.domain.identity.actors import Trader
from propfirm.domain.identity.people import Role
from propfirm.domain.ids import AccountId, AppealId
from propfirm.entrypoints.cli.main import main
from tests.integration.firm import Firm, HandClock, Ids, join
from tests.integration.postgres.test_desk import Noon, desk_on, falling, trading
from tests.integration.postgres.test_stores import person

ADMIN, SECOND, SUPPORT, TRADER = (f"{name}@firm.example" for name in ("admin", "second", "support", "trader"))
ANN = "ann@example.com"
"""Whose account it is, of both firms."""

T = TypeVar("T")


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out, self.err
        return json.loads(self.out)

    def holds(self, shape: type[Any]) -> None:
        """What was printed is of this shape of the API, to the last field."""
        assert msgspec.to_builtins(msgspec.convert(self.json, shape, strict=False)) == self.json


class Command(Protocol):
    def __call__(self, *words: object) -> Ended: ...


@pytest.fixture
def at_the_firm(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("PROPFIRM_STATE", str(tmp_path / "state"))
    for variable in ("PROPFIRM_OPERATOR", "PROPFIRM_ADMIN_PASSWORD"):
        monkeypatch.delenv(variable, raising=False)
    return database


@pytest.fixture
def command(at_the_firm: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.delenv("COLUMNS", raising=False)  # the tests' runner sets it for itself

    def ended(*words: object) -> Ended:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:  # so ends argparse
            code = int(end.code or 0)
        return Ended(code, *capsys.readouterr())

    return ended


@dataclass(frozen=True)
class Funded:
    """Ann's funded account with a profit of 2,000 dollars."""

    account: AccountId


@dataclass(frozen=True)
class Failed:
    """Ann's account of topstep-50k, breached, and her appeal."""

    account: AccountId
    appeal: AppealId


@pytest.fixture
def staff(at_the_firm: str) -> None:
    async def hire(engine: AsyncEngine) -> None:
        roles: dict[str, Role] = {ADMIN: "admin", SECOND: "admin", SUPPORT: "support", TRADER: "trader"}
        async with PostgresUnitOfWork(engine).begin() as tx:
            for email, role in roles.items():
                await join(tx, replace(person(email), role=role))

    on(at_the_firm, hire)


@pytest.fixture
def funded(at_the_firm: str, staff: None) -> Funded:
    async def fund(engine: AsyncEngine) -> AccountId:
        clock = HandClock()
        firm = Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock), clock)
        await firm.fund()
        await firm.earn(40)
        return firm.account

    return Funded(on(at_the_firm, fund))


@pytest.fixture
def failed(at_the_firm: str, staff: None) -> Failed:
    async def fail(engine: AsyncEngine) -> Failed:
        work = PostgresUnitOfWork(engine)
        account, desk = await trading(work), desk_on(work)
        for batch in falling():
            await desk.judge(batch)
        async with work.begin() as tx:
            owner = (await tx.accounts.peek(account)).enrolment.owner
        filed = await FileAppeal(work, Noon(), Ids())(Trader(owner), account, "the price was wrong")
        return Failed(account, filed.filing.id)

    return on(at_the_firm, fail)


def on(url: str, use: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    async def used() -> T:
        engine = make_engine(url, connections=4, name="test")
        try:
            return await use(engine)
        finally:
            await engine.dispose()

    return asyncio.run(used())


def contents(url: str) -> dict[str, str | None]:
    """A digest of every table: what is the same before and after was not changed."""
    with psycopg.connect(url) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        digest = sql.SQL("select md5(string_agg(t::text, ',' order by t::text)) from {} t")
        return {
            name: (connection.execute(digest.format(sql.Identifier(name))).fetchone() or (None,))[0]
            for (name,) in names
        }


def audited(url: str) -> list[tuple[str, str]]:
    """Who did what, the staff's acts alone, in order: the act and the e-mail address of whom it names."""
    statement = "select a.act, u.email from audit a join users u on u.id::text = a.actor_id order by a.number"
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def details(url: str, act: str) -> dict[str, str]:
    """What the audit says of the latest of these acts."""
    statement = "select details from audit where act = %s order by number desc limit 1"
    with psycopg.connect(url) as connection:
        ((found,),) = connection.execute(statement, (act,)).fetchall()
    told: dict[str, str] = found
    return told


def unknown() -> str:
    return str(uuid4())
