"""Refunds in lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.queries.reading import at_instant, behind, conditions, cut, read
from propfirm.adapters.postgres.refunds import from_row
from propfirm.application.paging import Place, Slice
from propfirm.application.purchases.queries import RefundState
from propfirm.domain.purchases.refund import Refund

REFUNDS: Final = """
select id, document, owed_at from refunds
where {where}
order by owed_at desc, id desc
limit :limit
"""


@dataclass(frozen=True, slots=True)
class PostgresRefundQueries:
    """engine: of the writer: this is about money."""

    engine: AsyncEngine

    async def refunds(self, *, state: RefundState | None, after: Place | None, limit: int) -> Slice[Refund]:
        where, values = conditions(state=("state = :state", state))
        page, more = behind("owed_at", "id", after)
        rows = await read(
            self.engine, REFUNDS.format(where=f"{where} and {page}"), values | more | {"limit": limit + 1}
        )
        found = cut(rows, limit, lambda row: at_instant(row, "owed_at"))
        return Slice([from_row(row) for row in found.rows], found.end)
