"""A trader's past executions, as trading platforms export them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from propfirm.domain.money import Micros

DefaultFee: TypeAlias = Literal["none", "example"]
"""What a fill costs where the export does not say: nothing, or the contract's example fee per side."""


class ImportedFill(Struct, frozen=True):
    """One execution. at: nanoseconds since 1970 UTC. symbol: canonical, with a two-digit year (``ESZ23``). quantity:
    contracts, positive bought. price: ticks. fee: of the whole fill, never negative. row: line of the file."""

    at: int
    symbol: str
    root: str
    quantity: int
    price: int
    fee: Micros
    execution: str
    row: int


class History(Struct, frozen=True):
    """fills: by time; among equals in the order of the file. Their execution ids are all different.

    format: name of the export format that was recognised. notes: sentences about what the file left open and how it
    was read, for the person who brought it.
    """

    format: str
    fills: tuple[ImportedFill, ...]
    notes: tuple[str, ...] = ()


class HistoryReader(Protocol):
    def read(self, path: Path, zone: str | None = None, fees: DefaultFee = "none") -> History:
        """The whole file or nothing. The format is recognised by its header.

        zone: name of the time zone in which times without an offset were written; it is never guessed. fees: for
        formats and cells that say nothing about fees. A closed trade becomes two fills, ``<trade>:entry`` and
        ``<trade>:exit``. Raises ``inputs.BadInput`` with every problem.
        """
        ...
