"""Makes the shipped example history: fills at real prices by a simple strategy over a real week of ES.

Strategy, stated so that anyone can check it: four contracts of the E-mini S&P 500 (ESZ3), long while the mean of the
last 15 one-minute closes is above the mean of the last 120, short while it is not, from 08:30 until 15:00 Chicago time,
flat outside. A decision taken on one bar is filled at the open of the next: a purchase at its ask, a sale at its bid.
Fees are the example fees of the contract table, 1.40 a contract and side. Nothing was tuned to any program.

    .venv/bin/python tools/make_example.py > src/propfirm/resources/examples/es-week.csv
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import deque
from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal
from importlib import resources
from itertools import islice
from typing import TextIO
from zoneinfo import ZoneInfo

PRICES = resources.files("propfirm.resources") / "market" / "ES_ESZ3_1min_2013-10-06_2013-10-11.csv.gz"
CHICAGO = ZoneInfo("America/Chicago")
FAST, SLOW, CONTRACTS = 15, 120, 4
OPENS, CLOSES = time(8, 30), time(15)
FEE = Decimal("1.40")


def complete_bars(lines: TextIO) -> Iterator[dict[str, str]]:
    """Bars in which there was a trade and a quote on both sides."""
    return (row for row in csv.DictReader(lines) if row["close"] and row["bid_close"] and row["ask_close"])


def wanted(moment: datetime, closes: deque[Decimal]) -> int:
    """The position to hold after this bar."""
    if not OPENS <= moment.astimezone(CHICAGO).time() < CLOSES:
        return 0
    fast = sum(islice(closes, SLOW - FAST, SLOW), Decimal(0)) / FAST
    return CONTRACTS if fast > sum(closes, Decimal(0)) / SLOW else -CONTRACTS


def main() -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("time", "symbol", "side", "quantity", "price", "execution_id", "fee"))
    closes: deque[Decimal] = deque(maxlen=SLOW)
    held = order = number = 0
    with resources.as_file(PRICES) as path, gzip.open(path, "rt", encoding="utf-8") as lines:
        for bar in complete_bars(lines):
            if order:
                side, price = ("buy", bar["ask_open"]) if order > 0 else ("sell", bar["bid_open"])
                number += 1
                fee = abs(order) * FEE
                out.writerow((bar["bar_start_utc"], "ESZ3", side, abs(order), price, f"E{number:03d}", f"{fee:.2f}"))
                held += order
            closes.append(Decimal(bar["close"]))
            moment = datetime.fromisoformat(bar["bar_start_utc"])
            order = wanted(moment, closes) - held if len(closes) == SLOW else 0


if __name__ == "__main__":
    main()
