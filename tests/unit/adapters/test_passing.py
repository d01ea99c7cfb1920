"""Which errors of the database pass: whichever way they came, by SQLAlchemy or by the plain driver."""

from __future__ import annotations

import pytest
from asyncpg import exceptions as raw
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from propfirm.adapters.postgres.engine import passes

PASSING = [
    raw.QueryCanceledError("canceling statement due to statement timeout"),
    raw.LockNotAvailableError("canceling statement due to lock timeout"),
    raw.DeadlockDetectedError("deadlock detected"),
    raw.SerializationError("could not serialize access"),
    raw.TooManyConnectionsError("sorry, too many clients already"),
    raw.AdminShutdownError("terminating connection due to administrator command"),
    raw.CannotConnectNowError("the database system is starting up"),
    raw.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    raw.InterfaceError("cannot call Connection.fetch(): the underlying connection is closed"),
]
LASTING = [
    raw.UniqueViolationError("duplicate key value"),
    raw.UndefinedTableError("relation does not exist"),
    raw.InterfaceError("cannot perform operation: another operation is in progress"),
    raw.DataError("invalid input for query argument $1: 'the connection is closed'"),
    ValueError("connection is closed"),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_a_server_busy_or_gone_passes(error: Exception) -> None:
    assert passes(error)


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_what_would_be_the_same_tomorrow_does_not_pass(error: Exception) -> None:
    assert not passes(error)


@pytest.mark.parametrize("error", [*PASSING, *LASTING], ids=lambda error: type(error).__name__)
def test_sqlalchemys_word_for_an_error_changes_nothing(error: Exception) -> None:
    assert passes(DBAPIError("select 1", (), error)) is passes(error)


@pytest.mark.parametrize("error", [PoolExhausted(), ConnectionResetError(), TimeoutError()], ids=repr)
def test_nobody_answering_passes(error: Exception) -> None:
    assert passes(error)


def test_a_connection_that_sqlalchemy_gave_up_passes() -> None:
    assert passes(DBAPIError("select 1", (), RuntimeError(), connection_invalidated=True))
