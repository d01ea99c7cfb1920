"""Connections: one engine a database and process, with its share of the server's connections."""

from __future__ import annotations

from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from propfirm.adapters.postgres.documents import dump, load

STATEMENT_TIMEOUT: Final = "15s"
LOCK_TIMEOUT: Final = "5s"
IDLE_TIMEOUT: Final = "30s"


def make_engine(url: str, *, connections: int, name: str) -> AsyncEngine:
    """Opens nothing yet. connections: at most so many at once. name: what the server's own lists show."""
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        json_serializer=dump,
        json_deserializer=load,
        connect_args={
            "timeout": 5,
            "server_settings": {
                "application_name": name,
                "timezone": "UTC",
                "statement_timeout": STATEMENT_TIMEOUT,
                "lock_timeout": LOCK_TIMEOUT,
                "idle_in_transaction_session_timeout": IDLE_TIMEOUT,
            },
        },
    )


PASSING: Final = frozenset({"40001", "40P01", "53300", "55P03", "57014", "57P01", "57P02", "57P03"})
"""SQLSTATEs of a server that is busy, full, going down or coming up, and of two who wanted each other's locks."""


def passes(error: Exception) -> bool:
    """Whether it lies in the server's state of the moment and not in what was asked: asked again, it may go well."""
    match error:
        case PoolExhausted() | ConnectionError() | TimeoutError():
            return True
        case DBAPIError():
            state = getattr(error.orig, "sqlstate", None) or ""
            return error.connection_invalidated or state in PASSING or state.startswith("08")
        case _:
            return False
