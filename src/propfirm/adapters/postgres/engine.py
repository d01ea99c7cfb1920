"""Connections: one engine a database and process, with its share of the server's connections."""

from __future__ import annotations

from typing import Final

from sqlalchemy.engine import make_url
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
