"""Passwords and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from propfirm.domain.identity.people import Role
from propfirm.domain.ids import PersonId


class Passwords(Protocol):
    """Slow on purpose, and never in the event loop's own thread. Raises PasswordsBusy rather than let a queue grow."""

    async def hash(self, password: str) -> str: ...

    async def fits(self, password: str, hashed: str | None) -> bool:
        """Whether the hash is of this password. None, for somebody who does not exist, takes as long and is no."""
        ...


class PasswordsBusy(Exception):
    """More people wait for the hasher than it can serve soon: they had better come back."""


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


class Standings(Protocol):
    """What people are now, whatever their tokens say."""

    async def role(self, person: PersonId) -> Role | None:
        """At most a second old. None: there is no such person, or they may not sign in."""
        ...
