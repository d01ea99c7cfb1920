"""What people entrust to the firm stays out of its log: passwords and their hashes, tokens, addresses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.engine import passes
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.procrastinate.worker import JobWorker
from propfirm.application.ports.jobs import Sweep
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import PersonId
from propfirm.entrypoints.service_container import ServiceContainer
from tests.integration.firm import MONDAY, Ids
from tests.integration.http.conftest import client, container, key  # noqa: F401 - fixtures

pytestmark = pytest.mark.anyio

EMAIL = "canary-of-the-mine@example.com"
PASSWORD = "canary sings in the mine"  # noqa: S105 - it has to be found where it must not be
HASH = "$argon2id$canary"
REFUSE = "alter table users add constraint ck_users_never check (name <> 'Never') not valid"


def held_back(caplog: pytest.LogCaptureFixture, *secrets: str) -> None:
    """Every record as a handler writes it, with its traceback and its arguments."""
    written = caplog.text + "".join(repr(record.args) for record in caplog.records)
    assert [one for one in ("canary", "argon2id", *secrets) if one in written] == []


async def execute(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement))


async def test_of_people_who_register_and_sign_in_nothing_is_in_the_log(
    client: httpx.AsyncClient,  # noqa: F811 - the fixture
    container: ServiceContainer,  # noqa: F811 - as above
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    person = {"email": EMAIL, "name": "Ann", "password": PASSWORD}
    register, login = "/v1/auth/register", "/v1/auth/login"
    statuses = [(await client.post(register, json=person, headers=key())).status_code for _ in range(2)]
    assert statuses == [201, 409]
    wrong = await client.post(login, json={"email": EMAIL, "password": f"{PASSWORD}?"})
    assert wrong.status_code == 401
    token = str((await client.post(login, json={"email": EMAIL, "password": PASSWORD})).json()["access_token"])
    for shown in (token, f"{token}x"):
        await client.get("/v1/accounts", headers={"Authorization": f"Bearer {shown}"})
    await execute(container.engine(), REFUSE)
    other = {**person, "email": f"other-{EMAIL}", "name": "Never"}
    assert (await client.post(register, json=other, headers=key())).status_code == 500
    held_back(caplog, token, token.rpartition(".")[2])
    assert "sqlstate=23514 constraint=ck_users_never" in caplog.text


@pytest.mark.breaks  # a job that failed is what verify names
async def test_a_job_and_a_sweep_that_fail_on_a_person_tell_which_rule_they_broke_and_nothing_of_the_person(
    database: str, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    work, ids, tried = PostgresUnitOfWork(engine), Ids(), set[str]()

    # In capitals, which the table does not take.
    person = Person(PersonId(ids.new()), EMAIL.upper(), "canary", "trader", HASH, MONDAY)

    async def add(name: str) -> None:
        tried.add(name)
        async with work.begin() as tx:
            await tx.people.add(person)

    async def job(_arguments: Mapping[str, str]) -> None:
        await add("job")

    async def sweep() -> None:
        await add("sweep")

    async with work.begin() as tx:
        await tx.jobs.enqueue("job", "one", {})
    worker = asyncio.create_task(JobWorker(database, {"job": job}, [Sweep("sweep", 9, sweep)], passes=passes).run())
    async with asyncio.timeout(10):
        while await _status(engine) != "failed" or len(tried) < 2:  # noqa: ASYNC110 - the worker knows nothing of us
            await asyncio.sleep(0.02)
    worker.cancel()
    await asyncio.wait([worker])
    held_back(caplog, EMAIL.upper())
    assert caplog.text.count("sqlstate=23514 constraint=ck_users_email_lower") >= 2


@pytest.mark.parametrize(
    "statement",
    [
        "select cast(:canary as text)::uuid",  # the server's words quote what was given
        "select cast(:canary as integer)",  # the driver's do
    ],
)
async def test_what_a_column_cannot_take_is_not_quoted(engine: AsyncEngine, statement: str) -> None:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as refusal:
            await connection.execute(text(statement), {"canary": "canary"})
    seen: BaseException | None = refusal.value
    while seen is not None:
        assert "canary'" not in f"{seen!s} {seen!r}"
        assert '"canary"' not in f"{seen!s} {seen!r}"
        seen = seen.__cause__ or seen.__context__


async def test_a_broken_rule_is_named_and_keeps_its_sqlstate(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(IntegrityError) as refusal:
            await connection.execute(text("insert into users (id) values (gen_random_uuid())"))
    assert getattr(refusal.value.orig, "sqlstate", None) == "23502"
    assert 'null value in column "email"' in str(refusal.value)
    assert "(sqlstate=23502 constraint=)" in str(refusal.value)


async def _status(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        found: str | None = await connection.scalar(text("select status::text from procrastinate_jobs"))
    return found
