"""The four words for "no" that the domain knows; HTTP statuses and exit codes are given to them at the edges."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(eq=False)
class Refused(Exception):
    """The domain understood and says no. Subclasses are dataclasses: their fields are the facts.

    ``code`` is stable and machine-readable, ``title`` is for people. Neither carries secrets.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was refused"

    def __str__(self) -> str:
        facts = ", ".join(f"{f.name}={getattr(self, f.name)}" for f in fields(self))
        return f"{self.title} ({facts})" if facts else self.title


class NotFound(Refused):
    code = "not-found"
    title = "There is no such thing"


class Conflict(Refused):
    code = "conflict"
    title = "The state has moved on"


class Forbidden(Refused):
    code = "forbidden"
    title = "Not allowed"
