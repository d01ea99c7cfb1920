"""Whether this code can serve from that database."""

from __future__ import annotations

import asyncio
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.migrate import newest

PATIENCE_S: Final = 3.0


class PostgresReadiness:
    """True: it answers soon, and has exactly the tables that this code knows."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known = newest()

    async def __call__(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_S), self._engine.connect() as connection:
                found = await connection.scalar(text("select version_num from alembic_version"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return bool(found == self._known)
