"""Files: prices read, histories judged, bundles made and verified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import perf_counter

from propfirm.adapters.prices.reader import CsvPrices
from propfirm.adapters.resources.contracts import load_contracts

TICKS, FILLS = 1_000_000, 1_000
BUNDLE_DAYS = 30
TICK = Decimal("0.25")
MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
SEED = 20260302


def write_ticks(prices: Path, history: Path) -> None:
    """A random walk of ES, one price every 20 ms, with a trader in and out FILLS times at prices of the walk."""
    random = Random(SEED)
    ticks, held = 20_000, 0
    with prices.open("w") as out, history.open("w") as fills:
        out.write("time,symbol,price\n")
        fills.write("time,symbol,side,quantity,price,execution_id,fee\n")
        for row in range(TICKS):
            ticks += random.choice((-1, 0, 1))
            moment = MONDAY + timedelta(milliseconds=20 * row)
            stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
            out.write(f"{stamp},ESH6,{ticks * TICK:.2f}\n")
            if row % (TICKS // FILLS) == TICKS // FILLS // 2:
                side = "sell" if held else "buy"
                held = 1 - held
                fills.write(f"{stamp},ESH6,{side},1,{ticks * TICK:.2f},E{row},1.40\n")


def write_bars(prices: Path, history: Path) -> None:
    """BUNDLE_DAYS trading days of one-minute quote bars, with one contract held from open to flat-by each day."""
    random = Random(SEED)
    with prices.open("w") as out, history.open("w") as fills:
        out.write("time,symbol,open,high,low,close\n")
        fills.write("time,symbol,side,quantity,price,execution_id,fee\n")
        ticks, days, midnight = 20_000, 0, MONDAY.replace(hour=0)
        while days < BUNDLE_DAYS:
            if midnight.weekday() < 5:
                days += 1
                for minute in range(60, 21 * 60):
                    moment = midnight + timedelta(minutes=minute)
                    path = [ticks]
                    path.extend(path[-1] + random.randint(-3, 3) for _ in range(6))
                    ticks = path[-1]
                    ohlc = (path[0], max(path), min(path), path[-1])
                    out.write(f"{moment:%Y-%m-%dT%H:%M:%SZ},ESH6,{','.join(f'{one * TICK:.2f}' for one in ohlc)}\n")
                    if minute in (61, 20 * 60):
                        side = "buy" if minute == 61 else "sell"
                        price = path[0] * TICK
                        fills.write(f"{moment:%Y-%m-%dT%H:%M:%SZ},ESH6,{side},1,{price:.2f},E{days}{side},1.40\n")
            midnight += timedelta(days=1)


def rows(folder: Path) -> Iterator[str]:
    """Uses the files that ``process.rows`` needs too, and leaves them in the folder."""
    write_ticks(folder / "ticks.csv", folder / "fills.csv")
    write_bars(folder / "bars.csv", folder / "month.csv")
    yield from _reading(folder / "ticks.csv")


def _reading(prices: Path) -> Iterator[str]:
    began = perf_counter()
    count = sum(1 for _ in CsvPrices(load_contracts()).open(prices))
    took = perf_counter() - began
    yield f"| reading {count:,} prices | {took:.2f} s, {took / count * 1e6:.2f} us a row | |"
