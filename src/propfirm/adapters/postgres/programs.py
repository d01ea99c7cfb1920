"""The firm's own programs, version by version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import from_json, to_json
from propfirm.adapters.postgres.tables import program_versions
from propfirm.application.ports.work import Listing
from propfirm.domain.catalogue.program import Program
from propfirm.domain.errors import Conflict, NotFound
from propfirm.domain.evaluation.facts import Edition


def to_row(listing: Listing) -> dict[str, object]:
    return {
        "program": listing.program.id,
        "version": listing.program.version,
        "status": listing.status,
        "fingerprint": listing.edition.fingerprint,
        "price_cents": listing.price,
        "document": to_json(listing.program),
        "changed_at": listing.changed_at,
    }


def from_row(row: Mapping[str, Any]) -> Listing:
    program: Program = from_json(row["document"], Program)
    return Listing(Edition(program, row["fingerprint"]), row["status"], row["price_cents"], row["changed_at"])


@dataclass(eq=False)
class PublishedForGood(Conflict):
    code = "program.published"
    title = "A published version never changes: publish the next one"
    program: str
    version: int


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    connection: AsyncConnection

    async def get(self, program: str, version: int) -> Listing:
        c = program_versions.c
        query = select(program_versions).where(c.program == program, c.version == version)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def on_sale(self, program: str) -> Listing | None:
        c = program_versions.c
        query = (
            select(program_versions)
            .where(c.program == program, c.status != "draft")
            .order_by(c.version.desc())
            .limit(1)
        )
        row = (await self.connection.execute(query)).mappings().one_or_none()
        newest = None if row is None else from_row(dict(row))
        return newest if newest is not None and newest.status == "published" and newest.price is not None else None

    async def versions(self, program: str) -> Sequence[Listing]:
        # The first version has no row to lock yet, so the program's name is locked.
        await self.connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"program:{program}"))))
        c = program_versions.c
        query = select(program_versions).where(c.program == program).order_by(c.version)
        return [from_row(dict(row)) for row in (await self.connection.execute(query)).mappings()]

    async def ids(self) -> frozenset[str]:
        return frozenset(await self.connection.scalars(select(program_versions.c.program).distinct()))

    async def put(self, listing: Listing) -> None:
        row, c = to_row(listing), program_versions.c
        write = insert(program_versions).values(row)
        write = write.on_conflict_do_update(
            index_elements=[c.program, c.version],
            set_={name: write.excluded[name] for name in row if name not in {"program", "version", "document"}}
            # As it was published: newer code may spell the same document otherwise.
            | {"document": case((c.status == "draft", write.excluded.document), else_=c.document)},
            where=(c.status == "draft") | (c.fingerprint == write.excluded.fingerprint),
        )
        done = await self.connection.execute(write)
        if done.rowcount != 1:
            raise PublishedForGood(listing.program.id, listing.program.version)
