"""A risk desk without files: histories and prices from memory, small programs, and a bare engine beside the weave."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from propfirm.adapters.resources.calendar import load_news, load_session_table
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.application.ports.histories import DefaultFee, History, ImportedFill
from propfirm.application.ports.prices import Bar, BarStream, PriceStream, Quote, Tick, TickStream
from propfirm.application.simulation.report import Reading
from propfirm.application.simulation.request import PriceFile, SimulationRequest
from propfirm.application.simulation.run import RunHistory, Simulated
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.catalogue.program import (
    Clock,
    Comparison,
    MaxLoss,
    Program,
    Size,
    Stage,
    Times,
)
from propfirm.domain.market.positions import Method
from propfirm.domain.money import usd
from propfirm.domain.rules.events import Event
from propfirm.domain.rules.findings import Finding, Hit

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
CHICAGO: Final = ZoneInfo("America/Chicago")
REGISTRY: Final = load_contracts()
ROOTS: Final = {"ESH6": "ES", "ESM6": "ES", "MESH6": "MES", "GCJ6": "GC", "NQH6": "NQ", "ESZ13": "ES"}
PRICE: Final = 20_000
"""Ticks: 5,000.00 of ES."""
ES_TICK: Final = usd("12.50")


def chicago(text: str) -> int:
    """``2026-03-03 10:00:00`` on the clock of the exchange, in ns."""
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=CHICAGO))


TUESDAY: Final = chicago("2026-03-03 10:00:00")
"""An ordinary trading day."""


class Sheet:
    """Writes a history: executions numbered as they come. Prices and times of fills at the caller's word."""

    def __init__(self) -> None:
        self.fills: list[ImportedFill] = []

    def fill(self, at: int, quantity: int, price: int = PRICE, symbol: str = "ESH6", fee: str = "0") -> "Sheet":
        row = len(self.fills) + 2
        self.fills.append(ImportedFill(at, symbol, ROOTS[symbol], quantity, price, usd(fee), f"E{row}", row))
        return self

    def history(self) -> History:
        return History("a sheet", tuple(sorted(self.fills, key=lambda fill: fill.at)))


def tick(at: int, bid: int, ask: int | None = None, symbol: str = "ESH6") -> Tick:
    return at, symbol, ROOTS[symbol], bid, bid if ask is None else ask


def bar(start: int, low: int, high: int, symbol: str = "ESH6", *, open_: int, close: int, seconds: int = 60) -> Bar:
    """Of trades: bid = ask throughout."""

    def both(price: int) -> Quote:
        return price, price

    end = start + seconds * SECOND
    return Bar(start, end, symbol, ROOTS[symbol], both(open_), both(high), both(low), both(close))


class SheetReader:
    """A ``HistoryReader`` with one history, whatever the path."""

    def __init__(self, history: History) -> None:
        self.history = history

    def read(self, path: Path, zone: str | None = None, fees: DefaultFee = "none") -> History:
        return self.history


class TapeReader:
    """A ``PriceReader`` of streams by name."""

    def __init__(self, streams: dict[str, PriceStream]) -> None:
        self.streams = streams

    def open(self, path: Path, symbol: str | None = None) -> PriceStream:
        return self.streams[path.name]


class Quiet:
    """Progress that nobody watches. told: rows so far; spans: how often work began and ended."""

    def __init__(self) -> None:
        self.told = 0
        self.began = 0
        self.ended = 0

    def begin(self, label: str, total: int | None) -> None:
        self.began += 1

    def advance(self, n: int) -> None:
        self.told += n

    def end(self) -> None:
        self.ended += 1


class Pages:
    """A journal that keeps every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        self.events.append(event)


def program(stage: Stage, clock: Clock | None = None) -> Program:
    return Program(
        id="desk-50k",
        version=1,
        name="Desk 50K",
        effective_from=date(2026, 1, 1),
        starting_balance=usd("50000"),
        clock=clock or Clock("America/Chicago", time(17), time(16), time(15, 10)),
        stages=(stage,),
    )


LENIENT: Final = Times(overnight=True, weekend=True, holidays=True)


def static(loss: str = "2000", cmp: Comparison = "touch") -> MaxLoss:
    return MaxLoss("static", Size(amount=usd(loss)), cmp=cmp)


def intraday(loss: str = "2000", cmp: Comparison = "touch") -> MaxLoss:
    return MaxLoss("trail_intraday", Size(amount=usd(loss)), cmp=cmp)


def evaluation(max_loss: MaxLoss | None = None, **rules: object) -> Stage:
    """A stage with this maximum loss, by default static 2,000, and no other rule unless it is given."""
    return replace(Stage("evaluation", "evaluation", max_loss or static(), times=LENIENT), **rules)


def run(
    sheet: Sheet,
    *streams: PriceStream | Sequence[Tick] | Sequence[Bar],
    stage: Stage | None = None,
    clock: Clock | None = None,
    reading: Reading = "adverse",
    method: Method = "average",
    progress: Quiet | None = None,
    of: Program | None = None,
    journal: Pages | None = None,
) -> Simulated:
    opened = {f"prices-{n}": stream(one) for n, one in enumerate(streams)}
    request = SimulationRequest(
        program=of or program(stage or evaluation(), clock),
        history=Path("history.csv"),
        prices=price_files(*opened),
        method=method,
        reading=reading,
    )
    pages = journal
    return desk(sheet, opened)(request, progress or Quiet(), (lambda _case: pages) if pages is not None else None)


def desk(sheet: Sheet, streams: dict[str, PriceStream]) -> RunHistory:
    return RunHistory(SheetReader(sheet.history()), TapeReader(streams), REGISTRY, load_session_table(), load_news())


def stream(rows: PriceStream | Sequence[Tick | Bar]) -> PriceStream:
    if isinstance(rows, TickStream | BarStream):
        return rows
    bars = [row for row in rows if isinstance(row, Bar)]
    ticks = [row for row in rows if not isinstance(row, Bar)]
    return BarStream("bars", iter(bars), {}) if bars else TickStream("ticks", iter(ticks), {})


def price_files(*names: str) -> tuple[PriceFile, ...]:
    return tuple(PriceFile(Path(name)) for name in names)


def hits(run: Simulated) -> list[Hit]:
    return [finding for finding in run.account.findings if isinstance(finding, Hit)]


def of_kind(run: Simulated, kind: type[Finding]) -> list[Finding]:
    return [finding for finding in run.account.findings if isinstance(finding, kind)]
