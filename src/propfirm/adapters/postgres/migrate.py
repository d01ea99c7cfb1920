"""Brings a database to a version of the tables and says where it is. One migrator at a time, whoever starts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from propfirm.domain.errors import Conflict, NotFound, Refused

LOCK: Final = 0x70_72_6F_70
"""The advisory lock of migrators: the letters of the product."""

LOCK_TIMEOUT: Final = "2s"
"""A step that cannot have its locks gives up rather than stand in front of everybody else's; it is run again later."""

CONNECT_TIMEOUT_S: Final = 4


@dataclass(eq=False)
class DatabaseUnreachable(Refused):
    """reason: the driver's, which names host, user and database, never the password."""

    code = "database.unreachable"
    title = "The database cannot be reached"
    reason: str

    def __str__(self) -> str:
        return f"{self.title}: {self.reason}"


@dataclass(eq=False)
class TablesInUse(Conflict):
    """waited: for their locks. Nothing of the step was done."""

    code = "database.tables-in-use"
    title = "Somebody works on the tables: run the migration again a little later"
    waited: str


@dataclass(eq=False)
class UnknownStep(NotFound):
    code = "database.unknown-step"
    title = "There is no such migration, or the database is behind it"
    revision: str


def upgrade(url: str, revision: str = "head") -> None:
    """Runs every missing step, each in its own transaction. A run that was cut off goes on where it was."""
    with _exclusive(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Goes back to ``revision``; ``base`` removes every table. What the steps hold is lost. Raises UnknownStep."""
    with _exclusive(url) as connection:
        try:
            command.downgrade(_config(connection), revision)
        except CommandError as error:
            raise UnknownStep(revision) from error


def current(url: str) -> str | None:
    """The newest step that the database has; None for an empty one."""
    with connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The newest step that this code knows."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    if head is None:
        msg = "the package ships no migrations"
        raise RuntimeError(msg)
    return head


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    patience = conninfo_to_dict(url).get("connect_timeout", CONNECT_TIMEOUT_S)
    connect = partial(psycopg.connect, url, connect_timeout=patience)
    engine = create_engine("postgresql+psycopg://", poolclass=NullPool, creator=connect)
    try:
        try:
            connection = engine.connect()
        except OperationalError as error:
            raise DatabaseUnreachable(" ".join(str(error.orig).split())) from None
        with connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _exclusive(url: str) -> Iterator[Connection]:
    """Raises TablesInUse, when a step could not have its locks; the steps before it stay."""
    # The lock has a connection of its own: it is held over all steps, and goes with it however this process ends.
    with connected(url) as guard, connected(url) as connection:
        guard.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
        guard.commit()
        connection.execute(text("select set_config('lock_timeout', :limit, false)"), {"limit": LOCK_TIMEOUT})
        connection.commit()
        try:
            yield connection
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise TablesInUse(LOCK_TIMEOUT) from error
            raise


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "propfirm.adapters.postgres:migrations")
    config.attributes["connection"] = connection
    return config
