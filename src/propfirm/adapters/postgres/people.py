"""People."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.tables import users
from propfirm.domain.errors import NotFound
from propfirm.domain.identity.people import AddressTaken, Person
from propfirm.domain.ids import PersonId


def to_row(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "situation": person.situation,
        "password_hash": person.password_hash,
        "registered_at": person.registered_at,
    }


def from_row(row: Mapping[str, Any]) -> Person:
    return Person(
        id=PersonId(row["id"]),
        email=row["email"],
        name=row["name"],
        role=row["role"],
        password_hash=row["password_hash"],
        registered_at=row["registered_at"],
        situation=row["situation"],
    )


@dataclass(frozen=True, slots=True)
class PostgresPeople:
    connection: AsyncConnection

    async def add(self, person: Person) -> None:
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(users), to_row(person))
        except IntegrityError as error:
            if "uq_users_email" in str(error.orig):
                raise AddressTaken from None
            raise

    async def get(self, id: PersonId) -> Person:  # noqa: A002 - the field's name
        found = (
            await self.connection.execute(select(users).where(users.c.id == id).with_for_update(key_share=True))
        ).mappings()
        row = found.one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def peek(self, id: PersonId) -> Person:  # noqa: A002 - as above
        found = (await self.connection.execute(select(users).where(users.c.id == id))).mappings()
        row = found.one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def by_email(self, email: str) -> Person | None:
        found = (await self.connection.execute(select(users).where(users.c.email == email))).mappings()
        row = found.one_or_none()
        return None if row is None else from_row(dict(row))

    async def put(self, person: Person) -> None:
        done = await self.connection.execute(update(users).where(users.c.id == person.id).values(to_row(person)))
        if done.rowcount != 1:
            raise NotFound
