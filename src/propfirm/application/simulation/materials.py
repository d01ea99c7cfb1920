"""What a run leaves behind besides the account: how its inputs were read and where they left doubt."""

from __future__ import annotations

from msgspec import Struct

from propfirm.application.simulation.report import PriceHole
from propfirm.domain.calendar.news import NewsCalendar


class Doubt(Struct, frozen=True):
    """Prices that could be read in two ways that lead to different things. at: the start of their bar, or of the unit
    of time of a fill and its ticks."""

    at: int
    symbols: tuple[str, ...]
    what: str


class Materials(Struct, frozen=True):
    """How the inputs were read.

    streams: file name, recognised format and what was odd in its rows by reason, of each price file. priced: symbols
    that had prices. rows: ticks and bars that went by; bars: how many of them bars. resolution: how exactly the history
    tells time, in ns. holes: of prices, in order of time. shut: rows of executions at instants at which
    their product does not trade.
    """

    streams: tuple[tuple[str, str, dict[str, int]], ...]
    priced: frozenset[str]
    bars: int
    rows: int
    resolution: int
    shut: tuple[int, ...]
    holes: tuple[PriceHole, ...]
    doubts: tuple[Doubt, ...]
    news: NewsCalendar
    calendar_version: str
    contracts_version: str
