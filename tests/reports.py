"""Synthetic reports for whatever shows reports: an account that walks at random, under rules worked out here.

The figures hang together as those of a real run do, but no engine made them: what shows reports needs none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from propfirm.application.simulation.report import Condition, CurvePoint, DayRow, Entry, Report, Standing, Subject
from propfirm.domain.calendar.instants import from_ns, to_ns
from propfirm.domain.money import Micros, Ppm, show, usd
from propfirm.domain.rules.findings import Evidence, FloorMoved, Hit, Passed, Verdict, Warned

MINUTE = 60 * 1_000_000_000
CENT = 10_000
START = usd("50000")
DRAWDOWN = usd("2000")
DAILY = usd("1000")
TARGET = usd("3000")
QUALIFYING = usd("150")
FIRST_DAY = date(2025, 3, 3)
ZONE = ZoneInfo("America/Chicago")
EVERY_FIVE_MINUTES = tuple(range(0, 1380, 5))


def trading_days(count: int) -> list[date]:
    days = (FIRST_DAY + timedelta(days=n) for n in range(count * 2 + 7))
    return [day for day in days if day.weekday() < 5][:count]


def opening(day: date) -> int:
    """The roll on the evening before; Monday's is on Sunday."""
    return to_ns(datetime.combine(day - timedelta(days=1), time(17), tzinfo=ZONE))


def clock(at: int) -> str:
    return f"{from_ns(at).astimezone(ZONE):%H:%M:%S} CT"


@dataclass
class Walk:
    """An account until its breach, its pass or the end of its days. drift, step, bar: whole dollars a point."""

    days: int = 10
    seed: int = 1
    drift: int = 0
    step: int = 30
    bar: int = 8
    minutes: Sequence[int] = EVERY_FIVE_MINUTES
    with_day_floor: bool = True

    equity: int = START
    balance: int = START
    peak: int = START
    floor: int = START - DRAWDOWN
    day_floor: int | None = None
    seq: int = 0
    verdict: Verdict = "open"
    headline: str = "Still open: neither breached nor passed"
    reason: str = ""
    curve: list[CurvePoint] = field(default_factory=list)
    rows: list[DayRow] = field(default_factory=list)
    timeline: list[Entry] = field(default_factory=list)

    def report(self) -> Report:
        self.random = Random(self.seed)  # noqa: S311  # a picture needs no secret
        for day in trading_days(self.days):
            self._day(day)
            if self.verdict != "open":
                break
            self._raise_floor()
        if self.verdict == "open":
            room = show(Micros(self.equity - self.nearest))
            self.reason = (
                f"equity {show(Micros(self.equity))} is {room} above the nearest floor; missing: profit target"
            )
        return Report(
            subject=SUBJECT,
            verdict=self.verdict,
            headline=self.headline,
            reason=self.reason,
            reservations=(),
            standing=self._standing(),
            days=tuple(self.rows),
            timeline=tuple(self.timeline),
            curve=tuple(self.curve),
            doubts=(
                "4 March 2025 10:15:00 CT: the order of high and low (ESH25) is not known; read against the account",
            ),
            price_holes=(),
            unjudged=("remote execution: a history does not show where orders came from",),
            notes=("history fills.csv: read as tradovate-fills, 42 executions", "prices ES.csv: read as ohlc-bars"),
            counts={"fills": 42, "price_rows": len(self.curve)},
        )

    @property
    def nearest(self) -> int:
        return self.floor if self.day_floor is None else max(self.floor, self.day_floor)

    def _day(self, day: date) -> None:
        begins, start = opening(day), self.balance
        self.day_floor = start - DAILY if self.with_day_floor else None
        lows, highs, warned, fills = [self.equity], [self.equity], False, 0
        for minute in self.minutes:
            self.seq += 1
            at = begins + minute * MINUTE
            self.equity += int((self.random.gauss(0, 1) * self.step + self.drift) * 100) * CENT
            wiggle = self.random.randrange(self.bar * 100 + 1) * CENT
            low, high = self.equity - wiggle, self.equity + wiggle
            fills += self.random.random() < 0.02
            if low <= self.nearest:
                self.equity = low
            lows.append(low)
            highs.append(high)
            self._point(at, low, high)
            if not warned and low <= self.nearest + DAILY // 5:
                warned = True
                self._warn(at, low)
            self._judge(at, low)
            if self.verdict != "open":
                break
        self.balance = self.equity
        self._row(day, start, min(lows), max(highs), fills)

    def _point(self, at: int, low: int, high: int) -> None:
        day_floor = None if self.day_floor is None else Micros(self.day_floor)
        self.curve.append(
            CurvePoint(
                at, Micros(low), Micros(high), Micros(self.equity), Micros(self.floor), day_floor, Micros(self.balance)
            )
        )

    def _evidence(self, low: int) -> Evidence:
        return Evidence(
            self.nearest, low, "usd", Micros(low), Micros(self.balance), 1, opening(FIRST_DAY), START, "ESH25"
        )

    def _warn(self, at: int, low: int) -> None:
        text = f"{clock(at)} warning, maximum loss: equity {show(Micros(low))} is near {show(Micros(self.nearest))}"
        self.timeline.append(
            Entry(at, self.seq, text, "warning", False, Warned(self.seq, at, "max_loss", self._evidence(low)))
        )

    def _judge(self, at: int, low: int) -> None:
        profit = Micros(self.equity - START)
        if low <= self.nearest:
            self.verdict, self.headline = "breached", f"Breached: maximum loss on {clock(at)}"
            self.reason = (
                f"{clock(at)}: equity {show(Micros(low))} fell below the floor {show(Micros(self.nearest))}"
                f" set on 3 March by the end-of-day balance {show(Micros(self.peak))}: the account is breached"
            )
            hit = Hit(self.seq, at, "max_loss", "fail", self._evidence(low), decided=True, doubt=True)
            self.timeline.append(Entry(at, self.seq, self.reason, "verdict", True, hit))
        elif profit >= TARGET:
            self.verdict, self.headline = "passed", f"Passed on {clock(at)}"
            self.reason = f"{clock(at)}: passed: closed profit {show(profit)} against a target of {show(TARGET)}"
            passed = Passed(self.seq, at, TARGET, profit, Micros(self.equity))
            self.timeline.append(Entry(at, self.seq, self.reason, "verdict", False, passed))

    def _row(self, day: date, start: int, low: int, high: int, fills: int) -> None:
        pnl, profit = self.balance - start, self.balance - START
        self.rows.append(
            DayRow(
                day=day,
                start_balance=Micros(start),
                end_balance=Micros(self.balance),
                end_equity=Micros(self.equity),
                pnl=Micros(pnl),
                equity_high=Micros(high),
                equity_low=Micros(low),
                floor=Micros(self.floor),
                day_floor=None if self.day_floor is None else Micros(self.day_floor),
                room=Micros(self.equity - self.nearest) if self.verdict == "open" else None,
                lowest_room=Micros(low - self.nearest),
                traded=fills > 0,
                qualifying=pnl >= QUALIFYING,
                fills=fills,
                share=Ppm(pnl * 1_000_000 // profit) if profit > 0 else None,
                holidays_known=True,
                opened_at=opening(day),
            )
        )

    def _raise_floor(self) -> None:
        """At the end of the day, after a new highest balance."""
        if self.balance <= self.peak:
            return
        self.peak = self.balance
        before, self.floor = self.floor, min(max(self.floor, self.peak - DRAWDOWN), START)
        if self.floor != before:
            at, self.seq = self.curve[-1].at + MINUTE, self.seq + 1
            moved = FloorMoved(
                self.seq, at, "max_loss", Micros(before), Micros(self.floor), Micros(self.peak), self.floor == START
            )
            text = f"{clock(at)} the floor moved from {show(Micros(before))} to {show(Micros(self.floor))}"
            self.timeline.append(Entry(at, self.seq, text, "note", False, moved))

    def _standing(self) -> Standing:
        last, lives = self.curve[-1], self.verdict == "open"
        day_floor = last.day_floor if lives else None
        profit = Micros(self.balance - START)
        traded = sum(row.traded for row in self.rows)
        return Standing(
            at=last.at,
            ended_at=None if lives else last.at,
            balance=Micros(self.balance),
            equity=last.close,
            profit=profit,
            target=TARGET,
            to_target=Micros(max(0, TARGET - profit)) if lives else None,
            floor=last.floor,
            to_floor=Micros(last.close - last.floor) if lives else None,
            day_floor=day_floor,
            to_day_floor=None if day_floor is None else Micros(last.close - day_floor),
            high_water_mark=Micros(self.peak),
            trading_days=traded,
            qualifying_days=sum(row.qualifying for row in self.rows),
            open_contracts=0,
            conditions=(
                Condition("target", profit >= TARGET, f"closed profit {show(profit)} of {show(TARGET)}"),
                Condition("flat", True, "0 open positions"),
                Condition("consistency", False, "best day 812.50 of 1,400.00 profit, at most 50 %"),
            )
            if lives
            else (),
        )


SUBJECT = Subject(
    program="topstep-50k",
    version=1,
    fingerprint="9f2c4a",
    name="Topstep 50K",
    stage="combine",
    zone="America/Chicago",
    starting_balance=START,
    method="average",
    reading="adverse",
    history_format="tradovate-fills",
    history_file="fills.csv",
    price_files=("ES.csv",),
    engine_semantics=1,
    calendar_version="calendar-7cfd",
    news_version="us-high-impact-2026-72e8",
    contracts_version="contracts-f3dd",
)


def breached() -> Report:
    return Walk(10, seed=4, drift=-1).report()


def passed() -> Report:
    return Walk(10, seed=3, drift=2, with_day_floor=False).report()


def still_open() -> Report:
    return Walk(8, seed=5, step=12).report()


def a_month() -> Report:
    return Walk(30, seed=9, step=18, minutes=range(0, 1380, 30)).report()


def one_day() -> Report:
    return Walk(1, seed=2, step=15).report()


def breached_at_once() -> Report:
    return Walk(1, seed=2, drift=-2100).report()


def without_prices() -> Report:
    """Balances after fills only."""
    report = Walk(10, seed=11, step=110, minutes=(930, 975, 1020, 1100), bar=0).report()
    return replace(report, subject=replace(report.subject, price_files=()))


EVERY_KIND = (breached, passed, still_open, a_month, one_day, breached_at_once, without_prices)
