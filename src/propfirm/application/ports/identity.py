"""Passwords and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from propfirm.domain.identity.people import Role
from propfirm.domain.ids import PersonId


class Passwords(Protocol):
    """Slow on purpose, and never in the event loop's own thread."""

    async def hash(self, password: str) -> str: ...

    async def fits(self, password: str, hashed: str | None) -> bool:
        """Whether the hash is of this password. None, for somebody who does not exist, takes as long and is no."""
        ...


class Pass(Struct, frozen=True):
    """A token's content: who, as what, until when (real time, not the demo's)."""

    person: PersonId
    role: Role
    until: datetime


class Tokens(Protocol):
    def issue(self, person: PersonId, role: Role) -> tuple[str, Pass]: ...

    def read(self, token: str) -> Pass | None:
        """None: not one of ours, altered, or over."""
        ...
