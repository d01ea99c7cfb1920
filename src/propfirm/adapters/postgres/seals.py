"""The seals of the days, and the leaves under each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, assert_never

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import from_json, to_json
from propfirm.adapters.postgres.tables import runs, sealed_chains, seals
from propfirm.application.ports.signing import Signature
from propfirm.application.ports.work import MovedOn, Sealed, Standings
from propfirm.domain.audit.seals import Leaf, Seal, SealedPrices, SealedRun
from propfirm.domain.calendar.instants import from_ns, to_ns
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.journal import Standing

# A leaf from before its standings were kept is none to go on from.
MOVED: Final = """
select r.account_id, r.run, c.upto, c.head, c.told, c.standings
from risk_states r left join lateral (
    select upto, head, told, standings from sealed_chains c
    where (c.account_id, c.run) = (r.account_id, r.run) order by c.day desc limit 1
) c on true
where r.seq > coalesce(c.upto, 0)
order by r.account_id, r.run
"""


def to_row(sealed: Sealed) -> dict[str, object]:
    seal, signature = sealed.seal, sealed.signature
    return {
        "day": seal.day,
        "at": from_ns(seal.at),
        "leaves": seal.leaves,
        "root": seal.root,
        "previous": seal.previous,
        "key_id": None if signature is None else signature.key_id,
        "public_key": None if signature is None else signature.public_key,
        "signature": None if signature is None else signature.value,
    }


def from_row(row: Mapping[str, Any]) -> Sealed:
    signed = row["key_id"] is not None
    return Sealed(
        Seal(row["day"], to_ns(row["at"]), row["leaves"], row["root"], row["previous"]),
        Signature(row["key_id"], bytes(row["public_key"]), bytes(row["signature"])) if signed else None,
    )


def leaf_to_row(leaf: Leaf) -> dict[str, object]:
    match leaf:
        case SealedRun():
            subject: dict[str, object] = {"account_id": leaf.account, "run": leaf.run, "symbol": None}
            return subject | {"upto": leaf.events, "head": leaf.head, "told": leaf.told}
        case SealedPrices():
            subject = {"account_id": None, "run": None, "symbol": leaf.symbol}
            return subject | {"upto": leaf.prices, "head": leaf.head, "told": None}
        case _:
            assert_never(leaf)


def leaf_from_row(row: Mapping[str, Any]) -> Leaf:
    if row["symbol"] is not None:
        return SealedPrices(row["symbol"], row["upto"], row["head"])
    return SealedRun(AccountId(row["account_id"]), row["run"], row["upto"], row["head"], row["told"])


def _moved(row: Mapping[str, Any]) -> MovedOn:
    account, run = AccountId(row["account_id"]), row["run"]
    if row["standings"] is None:
        return MovedOn(account, run, None, {})
    leaf = SealedRun(account, run, row["upto"], row["head"], row["told"])
    return MovedOn(account, run, leaf, from_json(row["standings"], dict[str, Standing]))


@dataclass(frozen=True, slots=True)
class PostgresSeals:
    """Seals are kept to the microsecond, as the clock tells."""

    connection: AsyncConnection

    async def newest(self) -> Sealed | None:
        query = select(seals).order_by(seals.c.day.desc()).limit(1)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else from_row(dict(row))

    async def began(self) -> datetime | None:
        found: datetime | None = await self.connection.scalar(select(func.min(runs.c.begun_at)))
        return found

    async def moved(self) -> Sequence[MovedOn]:
        return [_moved(dict(row)) for row in (await self.connection.execute(text(MOVED))).mappings()]

    async def prices(self) -> Mapping[str, int]:
        c = sealed_chains.c
        query = select(c.symbol, func.max(c.upto).label("upto")).where(c.symbol.is_not(None)).group_by(c.symbol)
        return {row.symbol: row.upto for row in await self.connection.execute(query)}

    async def put(self, sealed: Sealed, leaves: Sequence[Leaf], standings: Standings) -> bool:
        done = await self.connection.execute(insert(seals).values(to_row(sealed)).on_conflict_do_nothing())
        if done.rowcount != 1:
            return False
        rows = [
            {
                "day": sealed.seal.day,
                "place": n,
                "standings": to_json(standings[one.account, one.run]) if isinstance(one, SealedRun) else None,
                **leaf_to_row(one),
            }
            for n, one in enumerate(leaves)
        ]
        if rows:
            await self.connection.execute(insert(sealed_chains), rows)
        return True

    async def all(self) -> Sequence[Sealed]:
        rows = (await self.connection.execute(select(seals).order_by(seals.c.day))).mappings()
        return [from_row(dict(row)) for row in rows]

    async def leaves(self, day: date) -> Sequence[Leaf]:
        c = sealed_chains.c
        rows = (await self.connection.execute(select(sealed_chains).where(c.day == day).order_by(c.place))).mappings()
        return [leaf_from_row(dict(row)) for row in rows]

    async def of_run(self, account: AccountId, run: int) -> Sequence[tuple[Sealed, SealedRun]]:
        c = sealed_chains.c
        query = (
            select(seals, c.upto, c.head, c.told)
            .join(sealed_chains, c.day == seals.c.day)
            .where(c.account_id == account, c.run == run)
            .order_by(seals.c.day)
        )
        return [
            (from_row(dict(row)), SealedRun(account, run, row["upto"], row["head"], row["told"]))
            for row in (await self.connection.execute(query)).mappings()
        ]
