"""The releases that news rules look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.tables import news_events
from propfirm.domain.calendar.news_events import NewsEvent
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import NewsEventId


def to_row(event: NewsEvent) -> dict[str, object]:
    return {
        "id": event.id,
        "feed": event.feed,
        "name": event.name,
        "category": event.category,
        "release_at": event.release_at,
        "cancelled": event.cancelled,
        "changed_at": event.changed_at,
    }


def from_row(row: Mapping[str, Any]) -> NewsEvent:
    return NewsEvent(
        id=NewsEventId(row["id"]),
        feed=row["feed"],
        category=row["category"],
        name=row["name"],
        release_at=row["release_at"],
        changed_at=row["changed_at"],
        cancelled=row["cancelled"],
    )


@dataclass(frozen=True, slots=True)
class PostgresNewsEvents:
    connection: AsyncConnection

    async def get(self, id: NewsEventId) -> NewsEvent:  # noqa: A002 - the field's name
        query = select(news_events).where(news_events.c.id == id).with_for_update(key_share=True)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def of_feed(self, feed: str) -> Sequence[NewsEvent]:
        # A new release has no row to lock yet, so the feed's name is locked.
        await self.connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"news:{feed}"))))
        return await self.listed(feed)

    async def listed(self, feed: str) -> Sequence[NewsEvent]:
        query = select(news_events).where(news_events.c.feed == feed).order_by(news_events.c.release_at)
        return [from_row(dict(row)) for row in (await self.connection.execute(query)).mappings()]

    async def edition(self) -> str:
        changed_at, number = (
            await self.connection.execute(select(func.max(news_events.c.changed_at), func.count()))
        ).one()
        return f"{changed_at} {number}"

    async def put(self, event: NewsEvent) -> None:
        row = to_row(event)
        write = insert(news_events).values(row)
        changed = {name: row[name] for name in ("name", "release_at", "cancelled", "changed_at")}
        await self.connection.execute(write.on_conflict_do_update(index_elements=[news_events.c.id], set_=changed))
