"""Payouts in lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.payouts import from_row
from propfirm.adapters.postgres.queries.reading import at_instant, behind, conditions, cut, read
from propfirm.application.paging import Place, Slice
from propfirm.application.payouts.queries import PayoutState
from propfirm.domain.ids import PersonId
from propfirm.domain.payouts.request import Payout

PAYOUTS: Final = """
select id, document, requested_at from payouts
where {where}
order by requested_at desc, id desc
limit :limit
"""


@dataclass(frozen=True, slots=True)
class PostgresPayoutQueries:
    """engine: of the writer: this is about money."""

    engine: AsyncEngine

    async def payouts(
        self, owner: PersonId | None, *, state: PayoutState | None, after: Place | None, limit: int
    ) -> Slice[Payout]:
        where, values = conditions(owner=("owner_id = :owner", owner), state=("state = :state", state))
        page, more = behind("requested_at", "id", after)
        rows = await read(
            self.engine, PAYOUTS.format(where=f"{where} and {page}"), values | more | {"limit": limit + 1}
        )
        found = cut(rows, limit, lambda row: at_instant(row, "requested_at"))
        return Slice([from_row(row) for row in found.rows], found.end)
