"""What is on sale, and what the firm has written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from propfirm.application.paging import Place, Slice
from propfirm.application.ports.work import Listing, ProgramStatus
from propfirm.domain.money import Cents, Micros


class Offer(Struct, frozen=True):
    """A program that can be bought now."""

    program: str
    version: int
    name: str
    starting_balance: Micros
    price: Cents
    currency: str
    stages: Sequence[str]


class VersionLine(Struct, frozen=True):
    """price: None while it has none."""

    program: str
    version: int
    name: str
    status: ProgramStatus
    starting_balance: Micros
    price: Cents | None
    fingerprint: str
    changed_at: datetime


class ProgramQueries(Protocol):
    async def on_sale(self) -> Sequence[Offer]:
        """By account size, then by id."""
        ...

    async def offered(self, program: str) -> Listing:
        """The version that is on sale. Raises NotFound."""
        ...

    async def versions(
        self, *, program: str | None, status: ProgramStatus | None, after: Place | None, limit: int
    ) -> Slice[VersionLine]:
        """By the time of their last change."""
        ...

    async def listing(self, program: str, version: int) -> Listing:
        """Raises NotFound."""
        ...
