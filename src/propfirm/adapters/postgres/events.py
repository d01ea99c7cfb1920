"""The events behind an aggregate: appended in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Table, exists, func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import to_json


class Dated(Protocol):
    @property
    def at(self) -> datetime: ...


async def append(connection: AsyncConnection, table: Table, owner: UUID, new: Sequence[Dated]) -> None:
    """Numbers go on from the last one; the caller holds the aggregate's lock, so nobody else is writing them."""
    if not new:
        return
    key = next(iter(table.primary_key.columns))
    last = await connection.scalar(select(func.max(table.c.number)).where(key == owner)) or 0
    rows = [
        {key.name: owner, "number": last + n, "at": event.at, "event": to_json(event)}
        for n, event in enumerate(new, start=1)
    ]
    await connection.execute(insert(table), rows)


def quiet_since(owner: Table, table: Table, quiet: datetime | None) -> ColumnElement[bool]:
    """Nothing was recorded of the aggregate from then on, in real time. None: no matter when."""
    if quiet is None:
        return true()
    key = next(iter(table.primary_key.columns))
    return ~exists().where(key == owner.c.id, table.c.recorded_at >= quiet)
