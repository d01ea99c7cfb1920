"""Notes and the record of who did what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.tables import admin_notes, audit
from propfirm.domain.audit.acts import Act
from propfirm.domain.identity.actors import Actor, Staff, System, Trader, Via
from propfirm.domain.support.notes import Note


@dataclass(frozen=True, slots=True)
class PostgresNotes:
    connection: AsyncConnection

    async def add(self, note: Note) -> None:
        row = {
            "id": note.id,
            "about": note.about,
            "subject_id": note.subject,
            "author_id": note.author,
            "text": note.text,
            "at": note.at,
        }
        await self.connection.execute(insert(admin_notes), row)


@dataclass(frozen=True, slots=True)
class PostgresAudit:
    connection: AsyncConnection

    async def record(self, actor: Actor, act: Act, subject: str, details: Mapping[str, str]) -> None:
        kind, who, via = _named(actor)
        row = {
            "actor": kind,
            "actor_id": who,
            "act": act,
            "subject": subject,
            "details": dict(details),
            "channel": via.channel,
            "shell": via.shell,
        }
        await self.connection.execute(insert(audit), row)


def _named(actor: Actor) -> tuple[str, str, Via]:
    match actor:
        case Trader():
            return "trader", str(actor.id), actor.via
        case Staff():
            return actor.role, str(actor.id), actor.via
        case System():
            return "system", actor.part, Via("system")
        case _:
            assert_never(actor)
