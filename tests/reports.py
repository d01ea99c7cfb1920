"""Synthetic reports for whatever shows reports: an account that walks at random, under rules worked out here.

The figures hang together as those of a real run do, but no engine made them: what shows reports needs none.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from propfirm.application.simulation.report import Condition, CurvePoint, DayRow, Entry, Report, Standing, Subject
from propfirm.domain.calendar.instants import from_ns, to_ns
from propfirm.domain.money import Micros, Ppm, show, usd
from propfirm.domain.rules.findings import Evidence, FloorMoved, Hit, Passed, Warned
from propfirm.domain.rules.state import Verdict

MINUTE = 60 * 1_000_000_000
START = usd("50000")
DRAWDOWN = usd("2000")
DAILY = usd("1000")
TARGET = usd("3000")
FIRST_DAY = date(2025, 3, 3)
ZONE = ZoneInfo("America/Chicago")


def trading_days(count: int) -> list[date]:
    days = (FIRST_DAY + timedelta(days=n) for n in range(count * 2 + 7))
    return [day for day in days if day.weekday() < 5][:count]


def opening(day: date) -> int:
    """The roll on the evening before; Monday's is on Sunday."""
    return to_ns(datetime.combine(day - timedelta(days=1), time(17), tzinfo=ZONE))


def walk(
    days: int = 10,
    seed: int = 1,
    *,
    drift: int = 0,
    step: int = 30,
    minutes: Sequence[int] = tuple(range(0, 1380, 5)),
    with_day_floor: bool = True,
    range_of_bars: int = 8,
) -> Report:
    """An account until its breach, its pass or the end of the days. drift, step, range_of_bars: whole dollars."""
    random = Random(seed)  # noqa: S311  # a picture needs no secret
    dollar = 1_000_000
    balance = equity = peak = int(START)
    floor = int(START - DRAWDOWN)
    curve: list[CurvePoint] = []
    rows: list[DayRow] = []
    timeline: list[Entry] = []
    verdict: Verdict = "open"
    headline, reason = "Still open: neither breached nor passed", ""
    seq = 0
    for day in trading_days(days):
        begins = opening(day)
        start = balance
        day_floor = balance - int(DAILY) if with_day_floor else None
        high = low = equity
        lowest = equity - max(floor, day_floor or floor)
        fills = 0
        warned = False
        for minute in minutes:
            seq += 1
            at = begins + minute * MINUTE
            move = int((random.gauss(0, 1) * step + drift) * 100) * (dollar // 100)
            equity += move
            wiggle = random.randrange(range_of_bars * 100 + 1) * (dollar // 100)
            lows, highs = equity - wiggle, equity + wiggle
            high, low = max(high, highs), min(low, lows)
            nearest = max(floor, day_floor or floor)
            lowest = min(lowest, lows - nearest)
            fills += random.random() < 0.02
            evidence = Evidence(nearest, lows, "usd", Micros(lows), Micros(balance), 1, begins, Micros(peak), "ESH25")
            if lows <= nearest:
                equity = lows
            curve.append(
                CurvePoint(
                    at,
                    Micros(lows),
                    Micros(highs),
                    Micros(equity),
                    Micros(floor),
                    None if day_floor is None else Micros(day_floor),
                    Micros(balance),
                )
            )
            if not warned and lows <= nearest + int(DAILY) // 5:
                warned = True
                text = f"{clock(at)} warning, maximum loss: equity {show(Micros(lows))} is {show(Micros(lows - nearest))} above the floor {show(Micros(nearest))}"
                timeline.append(Entry(at, seq, text, "warning", False, Warned(seq, at, "max_loss", evidence)))
            if lows <= nearest:
                verdict = "breached"
                headline = f"Breached: maximum loss on {clock(at)}"
                reason = (
                    f"{clock(at)}: equity {show(Micros(lows))} fell below the floor {show(Micros(nearest))}"
                    f" set on {day.day} {day:%B} by the end-of-day balance {show(Micros(peak))}: the account is breached"
                )
                hit = Hit(seq, at, "max_loss", "fail", evidence, decided=True, doubt=True)
                timeline.append(Entry(at, seq, reason, "verdict", True, hit))
                break
            if equity - int(START) >= TARGET:
                verdict = "passed"
                headline = f"Passed on {clock(at)}"
                profit = Micros(equity - START)
                reason = f"{clock(at)}: passed: closed profit {show(profit)} against a target of {show(TARGET)}, every condition met"
                passed = Passed(seq, at, TARGET, profit, Micros(equity))
                timeline.append(Entry(at, seq, reason, "verdict", False, passed))
                break
        balance = equity
        room = equity - max(floor, day_floor or floor)
        rows.append(
            DayRow(
                day=day,
                start_balance=Micros(start),
                end_balance=Micros(balance),
                end_equity=Micros(equity),
                pnl=Micros(balance - start),
                equity_high=Micros(high),
                equity_low=Micros(low),
                floor=Micros(floor),
                day_floor=None if day_floor is None else Micros(day_floor),
                room=Micros(room),
                lowest_room=Micros(lowest),
                traded=fills > 0,
                qualifying=balance - start >= 150 * dollar,
                fills=fills,
                share=Ppm((balance - start) * 1_000_000 // (balance - int(START))) if balance > START else None,
                holidays_known=True,
                opened_at=begins,
            )
        )
        if verdict != "open":
            break
        if balance > peak:
            peak = balance
            before, floor = floor, min(max(floor, peak - int(DRAWDOWN)), int(START))
            if floor != before:
                at, seq = curve[-1].at + MINUTE, seq + 1
                moved = FloorMoved(seq, at, "max_loss", Micros(before), Micros(floor), Micros(peak), floor == START)
                text = f"{clock(at)} the floor moved from {show(Micros(before))} to {show(Micros(floor))} (high-water mark {show(Micros(peak))})"
                timeline.append(Entry(at, seq, text, "note", False, moved))
    last = curve[-1]
    if verdict == "open":
        reason = f"equity {show(last.close)} is {show(rows[-1].room)} above the nearest floor; still missing: profit target, consistency"
    return Report(
        subject=subject(),
        verdict=verdict,
        headline=headline,
        reason=reason,
        standing=standing(rows, last, Micros(peak)),
        days=tuple(rows),
        timeline=tuple(timeline),
        curve=tuple(curve),
        doubts=("4 March 10:15:00 CT: the order of high and low (ESH25) is not known; read against the account",),
        unjudged=("remote execution: a history does not show where orders came from",),
        notes=("history fills.csv: read as tradovate-fills, 42 executions", "prices ES.csv: read as ohlc-bars"),
        counts={"fills": 42, "price_rows": len(curve), "bars": len(curve), "marks_judged": 4 * len(curve)},
    )


def clock(at: int) -> str:
    return f"{from_ns(at).astimezone(ZONE):%H:%M:%S} CT"


def subject() -> Subject:
    return Subject(
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
        calendar_version="2026-01",
        news_version="2026-01",
        contracts_version="1f00",
    )


def standing(rows: Sequence[DayRow], last: CurvePoint, peak: Micros) -> Standing:
    profit = Micros(rows[-1].end_balance - START)
    traded = sum(row.traded for row in rows)
    return Standing(
        at=last.at,
        balance=rows[-1].end_balance,
        equity=last.close,
        profit=profit,
        target=TARGET,
        to_target=Micros(max(0, TARGET - profit)),
        floor=last.floor,
        to_floor=Micros(last.close - last.floor),
        day_floor=last.day_floor,
        to_day_floor=None if last.day_floor is None else Micros(last.close - last.day_floor),
        high_water_mark=peak,
        trading_days=traded,
        qualifying_days=sum(row.qualifying for row in rows),
        open_contracts=0,
        conditions=(
            Condition("target", profit >= TARGET, f"closed profit {show(profit)} of {show(TARGET)}"),
            Condition("flat", True, "0 open positions"),
            Condition("min_trading_days", traded >= 2, f"{traded} of 2 trading days"),
            Condition("consistency", False, "best day 812.50 of 1,400.00 profit, at most 50 %"),
        ),
    )


def breached() -> Report:
    return walk(10, seed=4, drift=-1)


def passed() -> Report:
    return walk(10, seed=3, drift=2, with_day_floor=False)


def still_open() -> Report:
    return walk(8, seed=5, drift=0, step=12)


def a_month() -> Report:
    return walk(30, seed=9, drift=0, step=9)


def one_day() -> Report:
    return walk(1, seed=2, step=15)


def breached_at_once() -> Report:
    return walk(1, seed=2, drift=-2100)


def without_prices() -> Report:
    report = walk(10, seed=11, step=110, minutes=(930, 975, 1020, 1100), range_of_bars=0)
    return replace(report, subject=replace(report.subject, price_files=()))
