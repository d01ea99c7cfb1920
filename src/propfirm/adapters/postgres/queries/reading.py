"""What every query needs: a connection of its own, the condition that a page begins with, and where it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from propfirm.application.paging import Place, Slice
from propfirm.domain.calendar.instants import from_ns, to_ns
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import AccountId, PersonId

Row = Mapping[str, Any]
T = TypeVar("T")


def conditions(**wanted: tuple[str, object]) -> tuple[str, dict[str, object]]:
    """``name=(sql, value)`` for every filter: those whose value is None are left out, so that each query that runs is
    one that an index can serve."""
    kept = {name: (sql, value) for name, (sql, value) in wanted.items() if value is not None}
    return " and ".join(sql for sql, _ in kept.values()) or "true", {name: value for name, (_, value) in kept.items()}


def behind(at: str, id_: str, after: Place | None) -> tuple[str, dict[str, object]]:
    """The condition of a page, on a column of times and one of ids."""
    if after is None:
        return "true", {}
    return f"({at}, {id_}) < (:after_at, :after_id)", {"after_at": from_ns(after.at), "after_id": UUID(after.id)}


def cut(rows: Sequence[T], limit: int, place: Callable[[T], Place]) -> Slice[T]:
    """rows: one more than the limit was asked for, to know whether there are more."""
    shown = rows[:limit]
    return Slice(shown, place(shown[-1]) if len(rows) > limit else None)


def at_instant(row: Row, column: str) -> Place:
    return Place(to_ns(row[column]), str(row["id"]))


async def fetch(connection: AsyncConnection, sql: str, values: Mapping[str, object]) -> Sequence[Row]:
    found = await connection.execute(text(sql), dict(values))
    return [dict(row) for row in found.mappings()]


async def read(engine: AsyncEngine, sql: str, values: Mapping[str, object]) -> Sequence[Row]:
    async with engine.connect() as connection:
        return await fetch(connection, sql, values)


_OWNED = "select run from accounts where id = :account and (cast(:owner as uuid) is null or owner_id = :owner)"


async def owned(connection: AsyncConnection, owner: PersonId | None, account: AccountId) -> int:
    """The account's current run. Raises NotFound where it is not there, or not the owner's."""
    found = await fetch(connection, _OWNED, {"account": account, "owner": owner})
    if not found:
        raise NotFound
    run: int = found[0]["run"]
    return run
