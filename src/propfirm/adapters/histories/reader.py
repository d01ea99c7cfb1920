"""Histories from CSV files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import structs

from propfirm.adapters.histories.bounds import refuse_beyond
from propfirm.adapters.histories.cells import Cells, Names, columns, place_of
from propfirm.adapters.histories.deliveries import over
from propfirm.adapters.histories.formats import FORMATS, Format, Reading
from propfirm.application.ports.histories import DefaultFee, History, ImportedFill
from propfirm.application.tables import Problems, Table, shown
from propfirm.domain.calendar.instants import UnknownZone, named_zone
from propfirm.domain.market.registry import Registry
from propfirm.domain.money import Micros

MONTH_FIRST: Final = "dates with slashes are read month first"
CELL_MAX: Final = 256
ROWS_MAX: Final = 1_000_000
"""A history is held in memory, unlike prices; no trader has this many fills."""


@dataclass(frozen=True, slots=True)
class CsvHistories:
    """The export formats of ``formats.FORMATS``, our own among them."""

    registry: Registry

    def read(self, path: Path, zone: str | None = None, fees: DefaultFee = "none") -> History:
        problems = Problems(str(path))
        written_in = _zone(zone, problems)
        with problems.of_opening():
            stream = path.open("rb")
        with stream:
            table = Table(stream, problems)
            places = columns(table.header)
            format_ = _recognised(table.header, places, problems)
            cells = Cells(places, self.registry, written_in, problems)
            readings = _readings(table, format_, cells, problems)
        if problems.count:
            problems.refuse()
        notes = [MONTH_FIRST] if cells.slashes else []
        if cells.unlisted:
            notes.append(f"delivery months that the contract table does not list: {', '.join(sorted(cells.unlisted))}")
        if written_in is not None and not cells.zone_applied:
            notes.append(f"no time needs a zone: {zone} changed nothing")
        history = _history(format_, readings, notes, fees, self.registry)
        refuse_beyond(history.fills, self.registry, problems)
        return history


def _zone(name: str | None, problems: Problems) -> ZoneInfo | None:
    try:
        return None if name is None else named_zone(name)
    except UnknownZone:
        problems.end(0, f"there is no time zone {shown(name or '')}")


def _recognised(header: Sequence[str], places: dict[str, int], problems: Problems) -> Format:
    missing = [(format_, [c for c in format_.columns if place_of(c, places) is None]) for format_ in FORMATS]
    for format_, lacking in missing:
        if not lacking:
            twice = [name for name, count in Counter(header).items() if name and count > 1]
            if twice:
                problems.end(1, f"columns are there twice: {', '.join(map(shown, twice))}")
            return format_
    reason = f"no known format has this header. Known are {', '.join(format_.name for format_ in FORMATS)}"
    # The nearest in share of its columns, so that a format of many does not look far off for one typing error.
    nearest, lacking = min(missing, key=lambda each: len(each[1]) / len(each[0].columns))
    if len(lacking) < len(nearest.columns):
        reason += f"; nearest is {nearest.name}, which also needs {', '.join(map(_spelled, lacking))}"
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and separator in header[0]:
            reason += f"; cells must be separated by commas, not by {name}"
    return problems.end(1, reason)


def _spelled(names: Names) -> str:
    return names if isinstance(names, str) else " or ".join(names)


def _readings(table: Table, format_: Format, cells: Cells, problems: Problems) -> list[Reading]:
    width = len(table.header)
    while width and not table.header[width - 1]:
        width -= 1  # NinjaTrader ends its lines with a comma
    readings: list[Reading] = []
    first_row: dict[str, int] = {}
    accounts: set[str] = set()
    for row in table.rows:
        number = table.line
        if len(readings) >= ROWS_MAX:
            problems.end(number, f"more than {ROWS_MAX} rows")
        if len(row) < width or any(row[width:]):
            problems.add(number, "", f"{len(row)} cells where the header has {width}")
            continue
        if longest := [name for name, cell in zip(table.header, row, strict=False) if len(cell) > CELL_MAX]:
            problems.add(number, longest[0], f"longer than {CELL_MAX} characters")
            continue
        cells.turn_to(number, row)
        reading = format_.read(cells)
        for fill in reading.fills:
            if (first := first_row.setdefault(fill.execution, number)) != number:
                problems.add(number, "", f"execution {shown(fill.execution)} is already in row {first}")
        account = cells.text("Account")
        if account and account not in accounts:
            if accounts:
                cells.wrong("Account", f"{shown(account)} is another account: bring the history of one")
            accounts.add(account)
        readings.append(reading)
    return readings


def _history(
    format_: Format, readings: list[Reading], notes: list[str], fees: DefaultFee, registry: Registry
) -> History:
    notes.extend(format_.notes)
    skipped = Counter(reading.skipped for reading in readings if reading.skipped)
    notes.extend(f"rows left out, {reason}: {count}" for reason, count in sorted(skipped.items()))
    if averaged := sum(reading.averaged for reading in readings):
        notes.append(f"orders filled at several prices, whose exact cost is spread over two ticks: {averaged}")
    if differs := sum(reading.differs for reading in readings):
        notes.append(f"trades whose written profit is not the one that their prices give: {differs}")
    rows = [reading.fills for reading in readings if reading.fills]
    if not rows:
        notes.append("there are no fills")
    starts = [fills[0].at for fills in rows]
    if len(starts) > 1 and starts[0] > starts[-1] and all(a >= b for a, b in pairwise(starts)):
        # Sorting alone would leave rows of the same second in reverse.
        rows.reverse()
        notes.append("rows were written newest first")
    elif not format_.trades and any(a > b for a, b in pairwise(starts)):
        notes.append("rows were not in order of time and have been sorted")
    fills = sorted((fill for row in rows for fill in row), key=lambda fill: fill.at)
    if late := over(fills):
        symbols = ", ".join(sorted({fill.symbol for fill in late}))
        notes.append(f"executions after the delivery month of their contract ({symbols}): {len(late)}")
    unpriced = {execution for reading in readings for execution in reading.unpriced}
    if unpriced:
        fills, note = _priced(fills, unpriced, fees, registry)
        notes.append(note)
    elif fees == "example":
        notes.append("every fill has its fee in the file: the example fees changed nothing")
    return History(format_.name, tuple(fills), tuple(notes))


def _priced(
    fills: list[ImportedFill], unpriced: set[str], fees: DefaultFee, registry: Registry
) -> tuple[list[ImportedFill], str]:
    """The fills with a fee where the file says none, and what was done about it."""
    if fees == "none":
        return fills, f"fills without a fee in the file, which count as free: {len(unpriced)}"
    priced: list[ImportedFill] = []
    unknown: set[str] = set()
    for fill in fills:
        if fill.execution not in unpriced:
            priced.append(fill)
            continue
        per_side = registry.root(fill.root).fee_per_side
        if per_side is None:
            unknown.add(fill.root)
        priced.append(structs.replace(fill, fee=Micros((per_side or 0) * abs(fill.quantity))))
    note = f"fills without a fee in the file, which bear the example fee of their contract: {len(unpriced)}"
    return priced, note + (f" (none is known for {', '.join(sorted(unknown))})" if unknown else "")
