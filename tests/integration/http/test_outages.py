"""The database is not there, or goes away: clients are asked to come back, and nothing is done by halves."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import psycopg
import pytest
from dependency_injector.providers import Object
from psycopg import sql
from sqlalchemy import text

from propfirm.adapters.postgres import engine
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Secret, Settings
from tests.integration.http.conftest import PASSWORD, Till, key, registered
from tests.integration.http.problems import problem
from tests.integration.http.test_looking import bearer
from tests.integration.postgres.test_desk import trading
from tests.integration.postgres.test_queries import owner_of

pytestmark = pytest.mark.anyio
LOGIN = {"email": "ann@example.com", "password": PASSWORD}


def container(database: str, connections: int = 20) -> ServiceContainer:
    secret = Secret("one key of thirty-two bytes at least")
    settings = Settings(database_url=Secret(database), jwt_secret=secret, connections=connections)
    return ServiceContainer(settings=Object(settings), checkouts=Object(Till()))


def speaking_to(made: ServiceContainer) -> httpx.AsyncClient:
    app: Any = made.http()
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://localhost"
    )


async def test_without_its_database_the_service_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async with speaking_to(container("postgresql://ann@127.0.0.1:1/nowhere")) as client:
        assert (await client.get("/health")).status_code == 200
        for path in ("/ready", "/v1/auth/login"):
            answer = await client.request(
                "GET" if path == "/ready" else "POST", path, json=LOGIN if "v1" in path else None
            )
            problem(answer, 503, "service-unavailable")
            assert answer.headers["retry-after"]
    assert "127.0.0.1" not in caplog.text


async def test_a_database_without_our_tables_is_not_ready(client: httpx.AsyncClient, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("update alembic_version set version_num = '0000'")
    problem(await client.get("/ready"), 503, "service-unavailable")


async def test_cut_connections_are_answered_with_come_back_and_then_heal(
    client: httpx.AsyncClient, database: str
) -> None:
    await registered(client)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'propfirm'")
    statuses = [(await client.post("/v1/auth/login", json=LOGIN)).status_code for _ in range(30)]
    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 200


async def test_who_finds_all_connections_taken_is_asked_to_come_back(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = container(database, connections=4)
    monkeypatch.setattr(made.engine().pool, "_timeout", 0.2)
    async with speaking_to(made) as client:
        held = [await made.engine().connect() for _ in range(4)]
        body = {**LOGIN, "name": "Ann"}
        same = key()
        problem(await client.post("/v1/auth/register", json=body, headers=same), 503, "service-unavailable")
        await asyncio.gather(*(connection.close() for connection in held))
        assert (await client.post("/v1/auth/register", json=body, headers=same)).status_code == 201
    async with made.engine().connect() as connection:
        assert await connection.scalar(text("select count(*) from users")) == 1
    await made.engine().dispose()


@pytest.mark.parametrize("table", ["accounts", "risk_states"])
async def test_a_table_that_somebody_holds_is_answered_with_come_back_however_it_is_read(
    database: str, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", "100ms")
    made = container(database)
    account = await trading(made.work())
    headers = bearer(made, await owner_of(made.work(), account), "trader")
    url = f"/v1/accounts/{account}/progress"
    async with speaking_to(made) as client:
        with psycopg.connect(database) as connection:
            connection.execute(sql.SQL("lock table {}").format(sql.Identifier(table)))
            answer = await client.get(url, headers=headers)
            problem(answer, 503, "service-unavailable")
            assert answer.headers["retry-after"]
        assert (await client.get(url, headers=headers)).status_code == 200
    await made.engine().dispose()
