"""Time and fresh names, from outside: the core has neither."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """The time by which the firm lives: of the wall in production, of the demo where one runs."""

    def now(self) -> datetime:
        """Aware UTC; never goes back within one process."""
        ...


class Hindsight(Protocol):
    """The same clock looked back at, for whoever asks how long something has waited for a machine."""

    def ago(self, real: timedelta) -> datetime | None:
        """What it showed so much real time ago, aware UTC; None where it has not run all the time since."""
        ...


class Ids(Protocol):
    def new(self) -> UUID:
        """A UUID of version 7: later ones sort later."""
        ...
