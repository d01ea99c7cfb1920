"""A real Postgres for the tests that need one: a server a worker, a database a test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.embedded_postgres.server import EmbeddedPostgres
from propfirm.adapters.postgres import migrate
from propfirm.adapters.postgres.engine import make_engine
from propfirm.adapters.system.ownership import Ownership
from tests.integration import locks
from tests.integration.verified import Silent, Tomorrow, verify_of

TEMPLATE = "propfirm_template"
# A crash of the machine costs a test run nothing; waiting for the disk costs every test.
HURRIED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The server, with a database that has every table and nothing in them."""
    # Where root runs the tests, the server's user must get in: no folder of pytest's own lets it.
    folder = Path(tempfile.mkdtemp(prefix="propfirm-test-"))
    folder.chmod(0o755)
    try:
        with EmbeddedPostgres(
            folder / "state", Ownership(folder / "state"), HURRIED, system_folder=folder / "system"
        ) as server:
            run(server, f"create database {TEMPLATE}")
            migrate.upgrade(server.url(TEMPLATE))
            yield server
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def database(postgres: EmbeddedPostgres, _numbers: Iterator[int]) -> Iterator[str]:
    """The URL of a database of this test's own, with every table."""
    name = f"test_{next(_numbers)}"
    run(postgres, f"create database {name} template {TEMPLATE} strategy wal_log")
    yield postgres.url(name)
    run(postgres, f"drop database {name} with (force)")


@pytest.fixture
async def engine(database: str, request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    """After the test every invariant of the firm must hold, whatever was done through it, and rows were locked in one
    order: whoever keeps to it never waits in a circle."""
    made = make_engine(database, connections=4, name="test")
    try:
        with locks.seen(made) as slips:
            yield made
        assert slips == []
        if request.node.get_closest_marker("breaks") is None:
            wall = None if request.node.get_closest_marker("settled") is None else Tomorrow()
            assert await verify_of(made, wall)(Silent()) == []
    finally:
        await made.dispose()


def run(server: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(statement)
