"""What came in once and must have its effect once: providers' deliveries, clients' requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Delete, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.tables import idempotency, inbox
from propfirm.application.ports.work import Answer, KeyUsedOtherwise, RequestInProgress
from propfirm.domain.ids import PersonId


def forgotten(after: timedelta) -> Delete:
    return delete(idempotency).where(idempotency.c.at < func.now() - after)


@dataclass(frozen=True, slots=True)
class PostgresInbox:
    connection: AsyncConnection

    async def first(self, provider: str, delivery: str, body: bytes) -> bool:
        row = {"provider": provider, "delivery": delivery, "body": body}
        done = await self.connection.execute(insert(inbox).values(row).on_conflict_do_nothing())
        return done.rowcount == 1

    async def same(self, provider: str, delivery: str, body: bytes) -> bool:
        query = select(inbox.c.body).where(inbox.c.provider == provider, inbox.c.delivery == delivery)
        return bool(await self.connection.scalar(query) == body)


@dataclass(frozen=True, slots=True)
class PostgresIdempotency:
    connection: AsyncConnection

    async def claim(self, who: PersonId, route: str, key: str, digest: str) -> Answer | None:
        c = idempotency.c
        row = {"user_id": who, "route": route, "key": key, "digest": digest}
        try:
            async with self.connection.begin_nested():
                # Another transaction that holds the key makes this wait for its end; not for long.
                await self.connection.exec_driver_sql("set local lock_timeout = '2s'")
                done = await self.connection.execute(insert(idempotency).values(row).on_conflict_do_nothing())
                # The setting would outlive the savepoint; what is done under the key waits as long as everybody else.
                await self.connection.exec_driver_sql("set local lock_timeout to default")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == "55P03":
                raise RequestInProgress(key) from None
            raise
        if done.rowcount == 1:
            return None
        query = select(idempotency).where(c.user_id == who, c.route == route, c.key == key).with_for_update()
        known = (await self.connection.execute(query)).mappings().one()
        if known["digest"] != digest:
            raise KeyUsedOtherwise(key)
        return Answer(known["status"], known["body"], known["location"])

    async def keep(self, who: PersonId, route: str, key: str, answer: Answer) -> None:
        c = idempotency.c
        await self.connection.execute(
            update(idempotency)
            .where(c.user_id == who, c.route == route, c.key == key)
            .values(status=answer.status, body=answer.body, location=answer.location)
        )

    async def forget(self, after: timedelta) -> int:
        done = await self.connection.execute(forgotten(after))
        return done.rowcount
