"""Several use cases in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from propfirm.application.ports.work import Transaction


@dataclass(frozen=True, slots=True)
class Within:
    """A unit of work that has begun: what a use case begins in it becomes part of it."""

    transaction: Transaction

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        yield self.transaction
