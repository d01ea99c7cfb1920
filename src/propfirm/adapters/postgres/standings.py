"""What people are now: asked with every request, so those who wait share one query."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.tables import users
from propfirm.domain.identity.people import Role
from propfirm.domain.ids import PersonId

FRESH_S: Final = 1.0
KNOWN_MAX: Final = 10_000


class PostgresStandings:
    """A ``Standings``. now: seconds of any clock that never goes back."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._now = now
        self._known: dict[PersonId, tuple[float, Role | None]] = {}
        self._asked: dict[PersonId, asyncio.Future[Role | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def role(self, person: PersonId) -> Role | None:
        known = self._known.get(person)
        if known is not None and self._now() < known[0]:
            return known[1]
        asked = self._asked.get(person)
        if asked is None:
            asked = self._asked[person] = asyncio.get_running_loop().create_future()
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
        # Shielded: one caller's cancellation must not take the answer from the others.
        return await asyncio.shield(asked)

    async def _ask(self) -> None:
        while self._asked:
            waiting, self._asked = self._asked, {}
            try:
                roles = await self._roles(list(waiting))
            except Exception as error:  # noqa: BLE001 - each of those who wait raises it
                for future in waiting.values():
                    future.set_exception(error)
                continue
            until = self._now() + FRESH_S
            if len(self._known) + len(waiting) > KNOWN_MAX:
                self._known.clear()
            for person, future in waiting.items():
                role = roles.get(person)
                self._known[person] = (until, role)
                future.set_result(role)

    async def _roles(self, people: list[PersonId]) -> dict[PersonId, Role]:
        query = select(users.c.id, users.c.role).where(users.c.id.in_(people), users.c.situation == "active")
        async with self._engine.connect() as connection:
            rows = await connection.execute(query)
        return {PersonId(id_): role for id_, role in rows}
