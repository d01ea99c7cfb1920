"""What people said about hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.tables import findings, violation_reviews
from propfirm.domain.errors import NotFound
from propfirm.domain.evaluation.review import AlreadyReviewed, Review
from propfirm.domain.ids import AccountId, PersonId
from propfirm.domain.rules.findings import Rule

_BLOCKING: Final = text(
    "select distinct f.rule from findings f where f.account_id = :account and f.run = :run and f.kind = 'hit'"
    " and f.action = 'block_payout' and not exists (select from violation_reviews r where (r.account_id, r.run, r.seq,"
    " r.place) = (f.account_id, f.run, f.seq, f.place) and r.decision = 'cleared')"
)


@dataclass(frozen=True, slots=True)
class PostgresReviews:
    connection: AsyncConnection

    async def add(self, review: Review) -> None:
        hit, f, r = review.hit, findings.c, violation_reviews.c
        key = {"account_id": hit.account, "run": hit.run, "seq": hit.seq, "place": hit.place}
        named = [f[name] == value for name, value in key.items()]
        if await self.connection.scalar(select(f.kind).where(*named, f.kind == "hit")) is None:
            raise NotFound
        row = key | {"reviewer_id": review.by, "decision": review.decision, "reason": review.reason, "at": review.at}
        done = await self.connection.execute(insert(violation_reviews).values(row).on_conflict_do_nothing())
        if done.rowcount != 1:
            known = select(r.decision, r.reviewer_id).where(*(r[name] == value for name, value in key.items()))
            decision, by = (await self.connection.execute(known)).one()
            raise AlreadyReviewed(decision, PersonId(by))

    async def blocking(self, account: AccountId, run: int) -> frozenset[Rule]:
        return frozenset(await self.connection.scalars(_BLOCKING, {"account": account, "run": run}))
