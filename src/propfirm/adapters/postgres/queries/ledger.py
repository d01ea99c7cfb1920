"""The books in lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.queries.reading import Row, at_instant, behind, conditions, cut, read
from propfirm.application.ledger.queries import Held
from propfirm.application.paging import Place, Slice
from propfirm.domain.ids import TransferId
from propfirm.domain.ledger.accounts import LedgerAccount
from propfirm.domain.ledger.transfers import Entry, Transfer
from propfirm.domain.money import Cents

TRANSFERS: Final = """
select t.id, t.at, t.business, t.reference, t.currency, (
    select json_agg(json_build_array(e.kind, e.owner, e.amount_cents) order by e.place)
    from ledger_entries e where e.transfer_id = t.id) as entries
from ledger_transfers t
where {where}
order by t.at desc, t.id desc
limit :limit
"""

ABOUT: Final = "split_part(t.reference, ':', 1) = :about"

BALANCES: Final = """
select kind, owner, currency, sum(amount_cents)::bigint as cents from ledger_entries
group by kind, owner, currency order by kind, owner, currency
"""


@dataclass(frozen=True, slots=True)
class PostgresLedgerQueries:
    engine: AsyncEngine

    async def transfers(self, about: str | None, after: Place | None, limit: int) -> Slice[Transfer]:
        where, values = conditions(about=(ABOUT, about))
        page, more = behind("t.at", "t.id", after)
        sql = TRANSFERS.format(where=f"{where} and {page}")
        rows = await read(self.engine, sql, values | more | {"limit": limit + 1})
        found = cut(rows, limit, lambda row: at_instant(row, "at"))
        return Slice([_transfer(row) for row in found.rows], found.end)

    async def balances(self) -> Sequence[Held]:
        rows = await read(self.engine, BALANCES, {})
        return [Held(LedgerAccount(row["kind"], row["owner"]), Cents(row["cents"]), row["currency"]) for row in rows]


def _transfer(row: Row) -> Transfer:
    entries = tuple(Entry(LedgerAccount(kind, owner), Cents(cents)) for kind, owner, cents in row["entries"])
    return Transfer(TransferId(row["id"]), row["at"], row["business"], row["reference"], entries, row["currency"])
