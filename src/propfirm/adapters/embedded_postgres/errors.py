"""Why there is no database."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.domain.errors import Refused


@dataclass(eq=False)
class PostgresUnavailable(Refused):
    """The server could not be made or started. reason: what happened, and where it helps, what to do about it."""

    code = "database.not-started"
    title = "The database could not be started"
    reason: str

    def __str__(self) -> str:
        return f"{self.title}: {self.reason}"


@dataclass(eq=False)
class AlreadyRunning(PostgresUnavailable):
    """Another process owns this folder's server."""

    code = "database.already-running"
    title = "Another process runs the database of this folder"
    reason: str
