"""People, as the staff looks at them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from propfirm.application.paging import Place, Slice
from propfirm.domain.identity.people import Role, Situation
from propfirm.domain.ids import PersonId


class PersonLine(Struct, frozen=True, kw_only=True):
    """accounts: how many they have, over or not."""

    id: PersonId
    email: str
    name: str
    role: Role
    situation: Situation
    registered_at: datetime
    accounts: int


class PeopleQueries(Protocol):
    async def people(
        self, *, role: Role | None, email: str | None, after: Place | None, limit: int
    ) -> Slice[PersonLine]:
        """By the time of their registration. email: how the address begins."""
        ...

    async def person(self, id: PersonId) -> PersonLine:  # noqa: A002 - the field's name
        """Raises NotFound."""
        ...
