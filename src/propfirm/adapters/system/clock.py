"""Time of the wall, and names made from it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

_VERSION: Final = 7 << 76
_VARIANT: Final = 0b10 << 62


class RealClock:
    """A ``Clock`` with ``Hindsight``. A wall clock that is set back stands still until it has caught up."""

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

    def ago(self, real: timedelta) -> datetime | None:
        return self.now() - real


class Uuid7s:
    """``Ids`` of RFC 9562: 48 bits of real time in milliseconds, the rest random."""

    def new(self) -> UUID:
        chance = int.from_bytes(os.urandom(10))
        low, high = chance & ((1 << 62) - 1), (chance >> 62) & 0xFFF
        return UUID(int=(time.time_ns() // 1_000_000 << 80) | _VERSION | (high << 64) | _VARIANT | low)
