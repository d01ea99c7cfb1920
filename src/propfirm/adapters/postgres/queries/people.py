"""People and notes about them, for the staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.queries.reading import Row, at_instant, behind, conditions, cut, read
from propfirm.application.identity.queries import PersonLine
from propfirm.application.paging import Place, Slice
from propfirm.domain.errors import NotFound
from propfirm.domain.identity.people import Role
from propfirm.domain.ids import NoteId, PersonId
from propfirm.domain.support.notes import About, Note

# Nobody's password hash leaves by a list.
PEOPLE: Final = """
select id, email, name, role, situation, registered_at,
    (select count(*) from accounts where owner_id = users.id) as accounts
from users
where {where}
order by registered_at desc, id desc
limit :limit
"""

NOTES: Final = """
select id, about, subject_id, author_id, text, at from admin_notes
where about = :about and subject_id = :subject and {where}
order by at desc, id desc
limit :limit
"""


@dataclass(frozen=True, slots=True)
class PostgresPeopleQueries:
    engine: AsyncEngine

    async def people(
        self, *, role: Role | None, email: str | None, after: Place | None, limit: int
    ) -> Slice[PersonLine]:
        where, values = conditions(
            role=("role = :role", role), email=("starts_with(email, lower(:email))", email or None)
        )
        page, more = behind("registered_at", "id", after)
        sql = PEOPLE.format(where=f"{where} and {page}")
        rows = await read(self.engine, sql, values | more | {"limit": limit + 1})
        found = cut(rows, limit, lambda row: at_instant(row, "registered_at"))
        return Slice([_person(row) for row in found.rows], found.end)

    async def person(self, id: PersonId) -> PersonLine:  # noqa: A002 - the field's name
        rows = await read(self.engine, PEOPLE.format(where="id = :id"), {"id": id, "limit": 1})
        if not rows:
            raise NotFound
        return _person(rows[0])


@dataclass(frozen=True, slots=True)
class PostgresNoteQueries:
    engine: AsyncEngine

    async def notes(self, about: About, subject: UUID, after: Place | None, limit: int) -> Slice[Note]:
        page, more = behind("at", "id", after)
        values = more | {"about": about, "subject": subject, "limit": limit + 1}
        rows = await read(self.engine, NOTES.format(where=page), values)
        found = cut(rows, limit, lambda row: at_instant(row, "at"))
        return Slice([_note(row) for row in found.rows], found.end)


def _person(row: Row) -> PersonLine:
    return PersonLine(**{**row, "id": PersonId(row["id"])})


def _note(row: Row) -> Note:
    author = PersonId(row["author_id"])
    return Note(NoteId(row["id"]), row["about"], row["subject_id"], author, row["text"], row["at"])
