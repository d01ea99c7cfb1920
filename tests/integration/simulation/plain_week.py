"""The shipped week, judged by hand: cash flows in decimal dollars over the raw files, one contract, one pass.

Written from the published rules of the firms, for this history only: every fill stands at the begin of a minute, and
every day ends flat. It shares no code with the product.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

POINT: Final = 50
"""Dollars that a point of one E-mini S&P 500 is worth."""
SIDES: Final = [f"{side}_{name}" for side in ("bid", "ask") for name in ("open", "high", "low", "close")]


@dataclass(frozen=True)
class Terms:
    """Dollars. mode: how the maximum-loss floor moves. lock: where it stops. touch: equity at a floor is too low.

    cap: best day over all profit, at most.
    """

    loss: int
    start: int = 50_000
    mode: str = "eod"
    lock: int | None = None
    touch: bool = True
    daily: int | None = None
    daily_touch: bool = True
    daily_ends_it: bool = False
    target: int = 3_000
    days: int = 0
    cap: Decimal | None = None


@dataclass
class Day:
    label: date
    start: Decimal
    end: Decimal
    low: Decimal
    high: Decimal
    floor: Decimal
    day_floor: Decimal | None
    lowest_room: Decimal


@dataclass
class Week:
    """verdict with when, equity and floor of the deciding moment (profit and target of a pass). locks: when and at
    which equity a day was locked."""

    terms: Terms
    cash: Decimal = Decimal(0)
    held: int = 0
    bid: Decimal = Decimal(0)
    ask: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    floor: Decimal = Decimal(0)
    verdict: str = "open"
    decided: tuple[datetime, Decimal, Decimal] | None = None
    locks: list[tuple[datetime, Decimal]] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cash = self.high = Decimal(self.terms.start)
        self.floor = self.cash - self.terms.loss

    @property
    def equity(self) -> Decimal:
        return self.cash + self.held * (self.bid if self.held > 0 else self.ask) * POINT

    def judge(self, at: datetime) -> None:
        """Against both floors, then an intraday floor follows."""
        day, equity, terms = self.days[-1], self.equity, self.terms
        day.low, day.high = min(day.low, equity), max(day.high, equity)
        if self.verdict != "open":
            return
        floors = [self.floor] if day.day_floor is None else [self.floor, day.day_floor]
        day.lowest_room = min(day.lowest_room, equity - max(floors))
        if equity < self.floor or (terms.touch and equity == self.floor):
            self.verdict, self.decided = "breached", (at, equity, self.floor)
            return
        if day.day_floor is not None and (equity < day.day_floor or (terms.daily_touch and equity == day.day_floor)):
            if terms.daily_ends_it:
                self.verdict, self.decided = "breached", (at, equity, day.day_floor)
                return
            if day.label not in {when.date() for when, _ in self.locks}:
                self.locks.append((at, equity))
        if terms.mode == "intraday":
            self.follow(equity)

    def follow(self, high: Decimal) -> None:
        self.high = max(self.high, high)
        floor = self.high - self.terms.loss
        self.floor = max(self.floor, floor if self.terms.lock is None else min(floor, Decimal(self.terms.lock)))

    def quote(self, at: datetime, bid: str, ask: str) -> None:
        self.bid, self.ask = Decimal(bid), Decimal(ask)
        if self.held:
            self.judge(at)

    def extremes(self, at: datetime, bar: dict[str, str]) -> None:
        """What favours the position first: the worse order for a floor that follows equity."""
        for name in ("high", "low") if self.held > 0 else ("low", "high"):
            self.quote(at, bar[f"bid_{name}"], bar[f"ask_{name}"])

    def fill(self, at: datetime, quantity: int, price: str, fee: str) -> None:
        self.cash -= quantity * Decimal(price) * POINT + Decimal(fee)
        self.held += quantity
        self.judge(at)
        profit = self.cash - self.terms.start
        if self.verdict == "open" and not self.held and self.has_passed(profit):
            self.verdict, self.decided = "passed", (at, profit, Decimal(self.terms.target))

    def has_passed(self, profit: Decimal) -> bool:
        if profit < self.terms.target or len(self.days) < self.terms.days:
            return False
        ends = [*(day.end for day in self.days[:-1]), self.cash]
        best = max(end - day.start for day, end in zip(self.days, ends, strict=True))
        return self.terms.cap is None or best <= self.terms.cap * profit

    def begin_day(self, label: date) -> None:
        if self.days:
            self.end_day()
        daily = None if self.terms.daily is None else self.cash - self.terms.daily
        room = self.cash - max(self.floor, daily or self.floor)
        if self.verdict != "open":
            daily = self.days[-1].day_floor
        self.days.append(Day(label, self.cash, self.cash, self.cash, self.cash, self.floor, daily, room))

    def end_day(self) -> None:
        day = self.days[-1]
        if self.terms.mode == "eod" and self.verdict == "open":
            self.follow(self.cash)
        day.end, day.floor = self.cash, self.floor


def judged(terms: Terms, history: Path, prices: Path) -> Week:
    fills: dict[datetime, list[dict[str, str]]] = {}
    with history.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            fills.setdefault(datetime.fromisoformat(row["time"]), []).append(row)
    week = Week(terms)
    for bar in whole_bars(prices):
        at = datetime.fromisoformat(bar["bar_start_utc"]).astimezone(UTC)
        here = fills.get(at, [])
        if here and (not week.days or week.days[-1].label != at.date()):
            week.begin_day(at.date())
        if week.days:
            play(week, at, bar, here)
    week.end_day()
    return week


def play(week: Week, at: datetime, bar: dict[str, str], fills: list[dict[str, str]]) -> None:
    week.quote(at, bar["bid_open"], bar["ask_open"])
    if fills:
        week.extremes(at, bar)
        for fill in fills:
            quantity = int(fill["quantity"]) * (1 if fill["side"] == "buy" else -1)
            week.fill(at, quantity, fill["price"], fill["fee"])
            week.extremes(at, bar)
    else:
        week.extremes(at + timedelta(seconds=30), bar)
    week.quote(at + timedelta(minutes=1, microseconds=-1), bar["bid_close"], bar["ask_close"])


def whole_bars(path: Path) -> Iterator[dict[str, str]]:
    """With a bid and an ask throughout, none of them crossed."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for bar in csv.DictReader(lines):
            if all(bar[name] for name in SIDES):
                pairs = [
                    (Decimal(bar[f"bid_{name}"]), Decimal(bar[f"ask_{name}"]))
                    for name in ("open", "high", "low", "close")
                ]
                if all(bid <= ask for bid, ask in pairs):
                    yield bar
