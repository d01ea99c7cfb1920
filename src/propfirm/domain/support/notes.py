"""Notes of the staff. They are never changed or removed; a wrong one is followed by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from msgspec import Struct

from propfirm.domain.errors import Refused
from propfirm.domain.ids import NoteId, PersonId

About: TypeAlias = Literal["person", "account"]
TEXT_MAX: Final = 10_000


class Note(Struct, frozen=True):
    id: NoteId
    about: About
    subject: UUID
    author: PersonId
    text: str
    at: datetime


@dataclass(eq=False)
class BadNote(Refused):
    code = "support.bad-note"
    title = "A note has 1 to 10,000 characters"
    length: int


def note_text(text: str) -> str:
    """Raises BadNote."""
    found = text.strip()
    if not 1 <= len(found) <= TEXT_MAX:
        raise BadNote(len(found))
    return found
