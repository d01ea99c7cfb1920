"""Lists and reports come from the reader; whatever decides about money and verdicts reads the writer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from dependency_injector.providers import Object

from propfirm.adapters.embedded_postgres.server import EmbeddedPostgres
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Secret, Settings
from tests.integration.conftest import TEMPLATE, run
from tests.integration.http.test_looking import Firm, firm

pytestmark = pytest.mark.anyio
__all__ = ["firm"]

LISTS = ("/v1/admin/users", "/v1/admin/accounts", "/v1/admin/violations", "/v1/accounts")
DECIDED = ("/progress", "/what-if", "/proof")


@pytest.fixture
def behind(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A replica to which nothing has come yet."""
    run(postgres, f"create database behind template {TEMPLATE} strategy wal_log")
    yield postgres.url("behind")
    run(postgres, "drop database behind with (force)")


@pytest.fixture
async def container(database: str, behind: str) -> AsyncIterator[ServiceContainer]:
    secret = Secret("one key of thirty-two bytes at least")
    settings = Settings(database_url=Secret(database), reader_url=Secret(behind), jwt_secret=secret)
    made = ServiceContainer(settings=Object(settings))
    yield made
    made.passwords().close()
    await made.reader().dispose()
    await made.engine().dispose()


async def test_lists_show_what_the_reader_has(client: httpx.AsyncClient, firm: Firm) -> None:
    for path in LISTS:
        answer = await client.get(path, headers=firm.trader if path == "/v1/accounts" else firm.support)
        assert answer.status_code == 200, path
        assert answer.json()["items"] == [], path


async def test_verdicts_and_money_are_read_where_they_are_written(client: httpx.AsyncClient, firm: Firm) -> None:
    for path in DECIDED:
        answer = await client.get(f"/v1/accounts/{firm.account}{path}", headers=firm.trader)
        assert answer.status_code == 200, path
    quote = await client.get(f"/v1/accounts/{firm.account}/payout-quote", headers=firm.trader)
    assert quote.status_code in {200, 409}, "the account is known, whatever there is to say of it"
