"""What is on sale, and what the firm has written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.programs import from_row
from propfirm.adapters.postgres.queries.reading import Row, conditions, cut, read
from propfirm.application.catalogue.queries import Offer, VersionLine
from propfirm.application.paging import Place, Slice
from propfirm.application.ports.work import Listing, ProgramStatus
from propfirm.domain.calendar.instants import from_ns, to_ns
from propfirm.domain.errors import NotFound

ON_SALE: Final = """
select * from (
    select distinct on (program) program, version, status, fingerprint, price_cents, document, changed_at
    from program_versions where status = 'published' {where}
    order by program, version desc
) as newest
where price_cents is not null and not exists (
    select from program_versions v
    where v.program = newest.program and v.version > newest.version and v.status = 'retired'
)
order by (document ->> 'starting_balance')::bigint, program
"""

VERSIONS: Final = """
select program, version, document ->> 'name' as name, status,
    (document ->> 'starting_balance')::bigint as starting_balance, price_cents, fingerprint, changed_at
from program_versions
where {where}
order by changed_at desc, program desc, version desc
limit :limit
"""

LISTING: Final = "select * from program_versions where program = :program and version = :version"


@dataclass(frozen=True, slots=True)
class PostgresProgramQueries:
    engine: AsyncEngine

    async def on_sale(self) -> Sequence[Offer]:
        rows = await read(self.engine, ON_SALE.format(where=""), {})
        return [_offer(from_row(row)) for row in rows]

    async def offered(self, program: str) -> Listing:
        rows = await read(self.engine, ON_SALE.format(where="and program = :program"), {"program": program})
        if not rows:
            raise NotFound
        return from_row(rows[0])

    async def versions(
        self, *, program: str | None, status: ProgramStatus | None, after: Place | None, limit: int
    ) -> Slice[VersionLine]:
        where, values = conditions(program=("program = :program", program), status=("status = :status", status))
        if after is not None:
            name, _, version = after.id.rpartition("/")
            where += " and (changed_at, program, version) < (:after_at, :after_program, :after_version)"
            values |= {"after_at": from_ns(after.at), "after_program": name, "after_version": int(version)}
        rows = await read(self.engine, VERSIONS.format(where=where), values | {"limit": limit + 1})
        found = cut(rows, limit, lambda row: Place(to_ns(row["changed_at"]), f"{row['program']}/{row['version']}"))
        return Slice([_version(row) for row in found.rows], found.end)

    async def listing(self, program: str, version: int) -> Listing:
        rows = await read(self.engine, LISTING, {"program": program, "version": version})
        if not rows:
            raise NotFound
        return from_row(rows[0])


def _offer(listing: Listing) -> Offer:
    program = listing.program
    assert listing.price is not None  # noqa: S101 - the query leaves out what has no price
    return Offer(
        program.id,
        program.version,
        program.name,
        program.starting_balance,
        listing.price,
        program.currency,
        [stage.name for stage in program.stages],
    )


def _version(row: Row) -> VersionLine:
    return VersionLine(
        row["program"],
        row["version"],
        row["name"],
        row["status"],
        row["starting_balance"],
        row["price_cents"],
        row["fingerprint"],
        row["changed_at"],
    )
