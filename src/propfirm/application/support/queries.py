"""Notes, newest first."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from propfirm.application.paging import Place, Slice
from propfirm.domain.support.notes import About, Note


class NoteQueries(Protocol):
    async def notes(self, about: About, subject: UUID, after: Place | None, limit: int) -> Slice[Note]: ...
