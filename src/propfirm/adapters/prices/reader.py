"""Prices from CSV files, row by row.

The loops over ticks are written for speed: a row costs a few look-ups in dictionaries and no object but its tuple.
They take no notice of what is wrong; at the first row that does not go through them, ``_Rows.refuse`` reads that row
and all behind it again, slowly, to say what is wrong with each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final, NoReturn

from propfirm.adapters.prices.clock import MINUTE_CHARS, NS_PER_MINUTE, Tails, minute_ns
from propfirm.adapters.prices.layouts import ASK_OHLC, BID_OHLC, LAYOUTS, OHLC, Layout
from propfirm.application.ports.prices import Bar, BarStream, PriceStream, Quote, Tick, TickStream
from propfirm.application.tables import Problems, Table, shown
from propfirm.domain.calendar.instants import NS_PER_S
from propfirm.domain.market.contracts import OffTick
from propfirm.domain.market.registry import Registry, UnknownSymbol
from propfirm.domain.market.ticks import TickParser

BACKWARDS_MAX: Final = NS_PER_S
"""Feeds merge several sources: a tick this late takes the time of the one before it. A later one is a problem."""

FLAGS: Final = ("0", "1")
"""Good and suspicious trades."""
EVENTS: Final = ("Q", "T")
"""A quote, and a trade among quotes."""

FLAGGED: Final = "left out, trades flagged as suspicious"
BESIDE_QUOTES: Final = "left out, trades beside quotes"
ONE_SIDED: Final = "left out, quotes with an empty or zero side"
CROSSED: Final = "left out, crossed quotes"
LATE: Final = "late by up to a second, given the time of the row before"
INCOMPLETE: Final = "left out, bars with only some of their prices"
CROSSED_BARS: Final = "left out, bars with crossed quotes"
PRICELESS: Final = "left out, bars without prices"


@dataclass(frozen=True, slots=True)
class CsvPrices:
    """The layouts of ``layouts.LAYOUTS``, our own among them."""

    registry: Registry

    def open(self, path: Path, symbol: str | None = None) -> PriceStream:
        problems = Problems(str(path))
        with problems.of_opening():
            if path.is_fifo():
                problems.end(0, "this is a pipe: prices are read twice, so write them into a file first")
            stream = path.open("rb")
        with stream:
            header = Table(stream, problems).header
        layout = _recognised(header, problems)
        twice = [name for name, count in Counter(header).items() if name and count > 1]
        if twice:
            problems.end(1, f"columns are there twice: {', '.join(map(shown, twice))}")
        if layout.symbol in header and symbol is not None:
            problems.end(1, f"the contracts are in column {layout.symbol}; none can be named for the whole file")
        if layout.symbol not in header and symbol is None:
            problems.end(1, "no column tells the contract: name it with the file")
        if symbol is not None:
            try:
                self.registry.find(symbol)
            except UnknownSymbol:
                problems.end(0, f"{shown(symbol)} names no known contract")
        rows = _Rows(path, header, layout, symbol, self.registry, problems)
        match layout.kind:
            case "trades" | "quotes":
                return TickStream(layout.name, _ticks(rows), rows.oddities)
            case "bars":
                return BarStream(layout.name, _bars(rows), rows.oddities)


def _recognised(header: Sequence[str], problems: Problems) -> Layout:
    missing = [(layout, [name for name in layout.columns if name not in header]) for layout in LAYOUTS]
    for layout, lacking in missing:
        if not lacking:
            return layout
    known = "; ".join(f"{layout.name}: {','.join(layout.columns)}" for layout in LAYOUTS)
    nearest, lacking = min(missing, key=lambda each: len(each[1]) / len(each[0].columns))
    reason = f"no known file of prices has this header. Known are {known}"
    if len(lacking) < len(nearest.columns):
        reason += f"; nearest is {nearest.name}, which also needs {', '.join(lacking)}"
    return problems.end(1, reason)


class _Contracts(dict[str, tuple[str, str, TickParser]]):
    """Canonical symbol, root and prices by the name in the file. Raises UnknownSymbol. ``day`` decides decades."""

    __slots__ = ("_parsers", "_registry", "day")

    def __init__(self, registry: Registry) -> None:
        super().__init__()
        self.day: date | None = None
        self._registry = registry
        self._parsers: dict[str, TickParser] = {}

    def __missing__(self, text: str) -> tuple[str, str, TickParser]:
        symbol, contract = self._registry.find(text, self.day)
        parser = self._parsers.setdefault(contract.root, TickParser(contract))
        self[text] = symbol, contract.root, parser
        return self[text]

    def turn_to(self, minute: str) -> None:
        """What ESZ3 means is asked anew each year, so that files of many years have no one decade."""
        day = date(int(minute[:4]), int(minute[5:7]), int(minute[8:10]))
        if self.day is None or self.day.year != day.year:
            self.day = day
            self.clear()


class _Rows:
    """One file, and what the loops over it share. Its rows end in the name of the contract where the file has none."""

    def __init__(
        self,
        path: Path,
        header: tuple[str, ...],
        layout: Layout,
        symbol: str | None,
        registry: Registry,
        problems: Problems,
    ) -> None:
        self.layout = layout
        self.width = len(header) + (symbol is not None)
        self.places = {name: place for place, name in enumerate(header)}
        self.places.setdefault(layout.symbol, len(header))
        self.contracts = _Contracts(registry)
        self.tails = Tails(utc=layout.utc)
        self.oddities: Counter[str] = Counter()
        self.problems = problems
        self._path = path
        self._header = header
        self._given = symbol
        self._table: Table

    @contextmanager
    def reading(self) -> Iterator[Iterator[list[str]]]:
        """The rows, while the file is open."""
        with self.problems.of_opening():
            stream = self._path.open("rb")
        with stream:
            self._table = table = Table(stream, self.problems)
            if table.header != self._header:
                self.problems.end(1, "the file has changed since it was opened")
            yield table.rows if self._given is None else ([*row, self._given] for row in table.rows)

    def wrong(self, column: str, reason: str) -> None:
        self.problems.add(self._table.line, column, reason)

    def whole(self, row: list[str]) -> bool:
        if len(row) == self.width:
            return True
        given = self._given is not None
        self.wrong("", f"{len(row) - given} cells where the header has {self.width - given}")
        return False

    def at(self, row: list[str], column: str) -> int:
        """The time in a cell; 0 and a problem if it is none."""
        text = row[self.places[column]]
        minute = text[:MINUTE_CHARS]
        try:
            at = minute_ns(minute) + self.tails[text[MINUTE_CHARS:]]
        except ValueError as reason:
            self.wrong(column, f"{shown(text)}: {reason}")
            return 0
        self.contracts.turn_to(minute)
        return at

    def contract(self, row: list[str]) -> tuple[str, str, TickParser] | None:
        text = row[self.places[self.layout.symbol]]
        try:
            return self.contracts[text]
        except UnknownSymbol:
            self.wrong(self.layout.symbol, f"{shown(text)} names no known contract")
            return None

    def price(self, row: list[str], column: str, ticks: TickParser) -> int:
        try:
            return ticks[row[self.places[column]]]
        except OffTick as reason:
            self.wrong(column, str(reason))
            return 0

    def oneof(self, row: list[str], column: str, allowed: tuple[str, str]) -> None:
        if (text := row[self.places[column]]) not in allowed:
            self.wrong(column, f"{shown(text)} is neither {allowed[0]} nor {allowed[1]}")

    def refuse(self, bad: list[str], rest: Iterator[list[str]], last: int) -> NoReturn:
        """Says what is wrong with this tick, and with those behind it. last: time of the row before, 0 for none."""
        for row in chain([bad], rest):
            if self.whole(row):
                last = max(last, self._judged(row, last))
            if self.problems.full:
                break
        self.problems.refuse()

    def _judged(self, row: list[str], last: int) -> int:
        layout = self.layout
        if layout.flag:
            self.oneof(row, layout.flag, FLAGS)
        if layout.event:
            self.oneof(row, layout.event, EVENTS)
        if self.left_out(row):
            return 0
        at = self.at(row, layout.time)
        if at and last - at > BACKWARDS_MAX:
            self.wrong(layout.time, f"{shown(row[self.places[layout.time]])} is before the row before")
        if contract := self.contract(row):
            for column in ("price",) if layout.kind == "trades" else ("bid", "ask"):
                if layout.kind == "trades" or not _nothing(row[self.places[column]]):
                    self.price(row, column, contract[2])
        return at

    def left_out(self, row: list[str]) -> bool:
        """Suspicious trades, and trades beside quotes: no other cell of theirs is looked at."""
        layout = self.layout
        return bool(
            (layout.flag and row[self.places[layout.flag]] == FLAGS[1])
            or (layout.event and row[self.places[layout.event]] == EVENTS[1])
        )


def _nothing(price: str) -> bool:
    """Empty or zero, as feeds write a side of the book without orders."""
    return not price.strip("0.")


def _one_sided(bid: str, ask: str, ticks: dict[str, int]) -> bool:
    """A quote without one or both of its sides, and nothing wrong with the other."""
    try:
        return len([ticks[side] for side in (bid, ask) if not _nothing(side)]) < 2
    except OffTick:
        return False


def _ticks(rows: _Rows) -> Iterator[Tick]:  # noqa: PLR0915 - a call per row would cost more than the row
    """Trades and quotes in one loop, a trade being a quote with one price for both sides.

    What is as in the row before, as so much is, is not looked up again: the minute, the time, the contract.
    Where trades stand among quotes the quotes count: positions are valued by those.
    """
    layout, contracts, tails, width, oddities = rows.layout, rows.contracts, rows.tails, rows.width, rows.oddities
    quoted = layout.kind == "quotes"
    time, contract = rows.places[layout.time], rows.places[layout.symbol]
    bid, ask = (rows.places["bid"], rows.places["ask"]) if quoted else (rows.places["price"],) * 2
    marked = layout.flag or layout.event
    mark, marks = (rows.places[marked], FLAGS if layout.flag else EVENTS) if marked else (-1, FLAGS)
    good, odd = marks
    minute = written = name = None
    start = now = last = 0
    symbol = root = ""
    ticks: dict[str, int] = {}
    with rows.reading() as reading:
        for row in reading:
            if len(row) != width:
                rows.refuse(row, reading, last)
            if mark >= 0 and row[mark] != good:
                if row[mark] != odd:
                    rows.refuse(row, reading, last)
                oddities[BESIDE_QUOTES if quoted else FLAGGED] += 1
                continue
            try:
                if row[time] != written:
                    written = row[time]
                    if written[:MINUTE_CHARS] != minute:
                        minute = written[:MINUTE_CHARS]
                        start = minute_ns(minute)
                        contracts.turn_to(minute)
                        name = None
                    now = start + tails[written[MINUTE_CHARS:]]
                if row[contract] != name:
                    name = row[contract]
                    symbol, root, ticks = contracts[name]
                asked = bidden = ticks[row[bid]]
                if quoted:
                    asked = ticks[row[ask]]
            except OffTick:
                if not (quoted and _one_sided(row[bid], row[ask], ticks)):
                    rows.refuse(row, reading, last)
                oddities[ONE_SIDED] += 1
                continue
            except (ValueError, UnknownSymbol):
                rows.refuse(row, reading, last)
            if now >= last:
                last = now
            elif last - now <= BACKWARDS_MAX:
                oddities[LATE] += 1
            else:
                rows.refuse(row, reading, last)
            if bidden > asked:
                oddities[CROSSED] += 1
                continue
            yield last, symbol, root, bidden, asked


def _bars(rows: _Rows) -> Iterator[Bar]:
    """Few enough to be read the careful way at once."""
    last = 0
    ends: dict[str, int] = {}
    problems = rows.problems
    with rows.reading() as reading:
        for row in reading:
            if rows.whole(row):
                last, bar = _bar(rows, row, last, ends)
                if bar is not None and not problems.count:
                    yield bar
            if problems.full:
                break
    if problems.count:
        problems.refuse()


def _bar(rows: _Rows, row: list[str], last: int, ends: dict[str, int]) -> tuple[int, Bar | None]:
    """The later of this start and the last one; the bar unless it is odd or bad. ends: of the last bar by contract."""
    layout = rows.layout
    at = rows.at(row, layout.time)
    contract = rows.contract(row)
    if contract is None or not at:
        return last, None
    symbol, root, ticks = contract
    start = at - NS_PER_MINUTE if layout.time_is_end else at
    end = rows.at(row, layout.end) if layout.end in rows.places else start + NS_PER_MINUTE
    if end and end <= start:
        rows.wrong(layout.end, "the bar ends before it begins")
    if start < max(last, ends.get(symbol, 0)):
        rows.wrong(layout.time, f"{shown(row[rows.places[layout.time]])} lies inside or before an earlier bar")
    ends[symbol] = max(end, ends.get(symbol, 0))
    trades = _side(rows, row, OHLC, ticks)
    bids = _side(rows, row, BID_OHLC, ticks) if layout.quoted else ()
    asks = _side(rows, row, ASK_OHLC, ticks) if layout.quoted else ()
    reason, pairs = _paired(trades, bids, asks)
    if reason:
        rows.oddities[reason] += 1
        return max(start, last), None
    return max(start, last), Bar(start, end, symbol, root, *pairs)


def _side(rows: _Rows, row: list[str], columns: tuple[str, ...], ticks: TickParser) -> tuple[int, ...]:
    """Open, high, low, close in ticks, 0 for empty or zero cells; nothing at all if all four are."""
    side = [0 if _nothing(row[rows.places[column]]) else rows.price(row, column, ticks) for column in columns]
    open_, high, low, close = side
    if all(side) and not low <= min(open_, close) <= max(open_, close) <= high:
        rows.wrong(columns[1], "high and low do not enclose open and close")
    return tuple(side) if any(side) else ()


def _paired(trades: tuple[int, ...], bids: tuple[int, ...], asks: tuple[int, ...]) -> tuple[str, tuple[Quote, ...]]:
    """Why the bar is left out, or its four quotes: bids with asks if there are any, else the trades as both."""
    below, above = (bids, asks) if bids or asks else (trades, trades)
    if not below and not above:
        return PRICELESS, ()
    if not (below and above and all(below) and all(above)):
        return INCOMPLETE, ()
    pairs = tuple(zip(below, above, strict=True))
    return (CROSSED_BARS, ()) if any(bid > ask for bid, ask in pairs) else ("", pairs)
