"""Releases, and whom they touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.documents import dump
from propfirm.adapters.postgres.news import from_row
from propfirm.adapters.postgres.queries.reading import at_instant, behind, conditions, cut, read
from propfirm.application.market.queries import Bound
from propfirm.application.paging import Place, Slice
from propfirm.domain.calendar.news_events import NewsEvent
from propfirm.domain.evaluation.facts import Binding
from propfirm.domain.ids import AccountId, PersonId

EVENTS: Final = """
select * from news_events where {where} order by release_at desc, id desc limit :limit
"""

# The versions with such a rule are found in their documents (GIN), and their living accounts by those.
WATCHING: Final = """
select a.id, a.owner_id, a.state, a.stage, a.program, a.program_version, p.fingerprint
from program_versions p
join accounts a on (a.program, a.program_version) = (p.program, p.version)
where p.document @> cast(:pattern as jsonb) and a.state in ('pending', 'evaluating', 'funded', 'suspended')
order by a.opened_at, a.id
"""


@dataclass(frozen=True, slots=True)
class PostgresNewsQueries:
    engine: AsyncEngine

    async def events(self, feed: str | None, after: Place | None, limit: int) -> Slice[NewsEvent]:
        where, values = conditions(feed=("feed = :feed", feed))
        page, more = behind("release_at", "id", after)
        rows = await read(self.engine, EVENTS.format(where=f"{where} and {page}"), values | more | {"limit": limit + 1})
        found = cut(rows, limit, lambda row: at_instant(row, "release_at"))
        return Slice([from_row(row) for row in found.rows], found.end)

    async def watching(self, feed: str) -> Sequence[Bound]:
        pattern = dump({"stages": [{"news": {"feed": feed}}]})
        return [
            Bound(
                AccountId(row["id"]),
                PersonId(row["owner_id"]),
                row["state"],
                row["stage"],
                Binding(row["program"], row["program_version"], row["fingerprint"]),
            )
            for row in await read(self.engine, WATCHING, {"pattern": pattern})
        ]
