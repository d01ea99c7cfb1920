"""Why there is no database."""

from __future__ import annotations


class PostgresUnavailable(Exception):
    """The server could not be made or started; the text says what to do about it."""


class AlreadyRunning(PostgresUnavailable):
    """Another process owns this folder's server."""
