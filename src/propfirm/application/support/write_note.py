"""Somebody of the staff writes down what the next one should know."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import AccountId, NoteId, PersonId
from propfirm.domain.support.notes import About, Note, note_text


@dataclass(frozen=True, slots=True)
class WriteNote:
    """Raises BadNote, then NotFound where there is nobody and nothing that it is about."""

    work: UnitOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, staff: Staff, about: About, subject: UUID, text: str) -> Note:
        text = note_text(text)
        async with self.work.begin() as tx:
            if about == "person":
                await tx.people.get(PersonId(subject))
            else:
                await tx.accounts.peek(AccountId(subject))
            note = Note(NoteId(self.ids.new()), about, subject, staff.id, text, self.clock.now())
            await tx.notes.add(note)
            await tx.audit.record(staff, "note_written", f"{about}:{subject}", {"note": str(note.id)})
        return note
