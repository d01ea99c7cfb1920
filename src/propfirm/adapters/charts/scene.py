"""What stands in the picture and where: figures and words only, no drawing.

Heights are dollars and places are trading time, both as floats: from here on they are ink, not money.
"""

from __future__ import annotations

import math
import textwrap
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from propfirm.application.printable import printable
from propfirm.application.simulation.report import CurvePoint, Entry, Report
from propfirm.application.simulation.trading_time import FOLD_MIN, TradingTime
from propfirm.application.simulation.words import GATES, RULES, figures, zone_name
from propfirm.domain.calendar.instants import NS_PER_S, from_ns
from propfirm.domain.money import MICROS_PER_DOLLAR, Micros, show, show_most
from propfirm.domain.rules.findings import Evidence, FloorMoved, Hit, Passed, Rule, TargetMet, Warned

LineKind: TypeAlias = Literal["equity", "floor", "day_floor", "target", "start"]
MarkerKind: TypeAlias = Literal["breach", "pass", "lock", "hit", "warning", "target", "floor_lock"]

LOUDNESS: Final[Sequence[MarkerKind]] = ("breach", "pass", "lock", "floor_lock", "target", "hit", "warning")
HOURS_UP_TO_DAYS: Final = 2
"""So many days or fewer have their hours named as well."""
DAYS_NAMED_MAX: Final = 12
"""Of more days only the first of each week has its name."""
DAYS_DRAWN_MAX: Final = 70
"""Of more days only the months have borders and names."""
REST_MAX: Final = 0.5
"""What follows the end of the stage is cut off where it is longer than this part of what came before ..."""
REST_SHOWN: Final = 0.25
"""... and then so much of it is shown, but never less than two folds."""
MILLIONS_FROM: Final = 10_000_000
"""Dollars from which amounts at the edges are told in millions: there is no room for more digits."""
HOURS_MAX: Final = 14
HOUR_STEPS_NS: Final = tuple(minutes * 60 * NS_PER_S for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720))
DAY_NAME_WIDTH: Final = 0.072
HOUR_WIDTH: Final = 0.04
"""Of the axis, air included."""
SIDE: Final = 0.012
"""Free space before the first and behind the last price, as a part of the width."""
REASON_CHARS: Final = 178
MARGIN: Final = 0.06
LABELLED_MAX: Final = 9
LEVELS: Final[Mapping[Rule, str]] = {
    "max_loss": "max-loss floor",
    "daily_loss": "day floor",
    "personal_loss": "personal day floor",
    "daily_cap": "daily cap",
}


class Line(NamedTuple):
    kind: LineKind
    name: str
    figure: str
    x: list[float]
    y: list[float]
    last: float


class Marker(NamedTuple):
    kind: MarkerKind
    x: float
    y: float
    label: str
    loud: bool


class Scene:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._zone = ZoneInfo(report.subject.zone)
        whole = report.curve or (_only_point(report),)
        self._curve = _until_soon_after(whole, _ending(report))
        self._is_cut = len(self._curve) < len(whole)
        self._days_shown = tuple(day for day in report.days if day.opened_at <= self._curve[-1].at)
        self._time = TradingTime([point.at for point in self._curve])
        self.verdict = report.verdict
        self.has_prices = bool(report.subject.price_files)
        self.x = [float(place) for place in self._time.places]
        self.low = [_dollars(point.low) for point in self._curve]
        self.high = [_dollars(point.high) for point in self._curve]
        # An account that lived for a minute still gets half an hour of width.
        width = max(self.x[-1], FOLD_MIN)
        self._begin, self._end = -width * SIDE, width * (1 + SIDE)
        self.x_range = (self._begin, self._end)
        self.lines = tuple(self._lines())
        self.y_range = self._heights()
        self.markers = tuple(self._markers())
        self.borders, self.ticks = self._days()
        self.folds = tuple(self._folds())

    # -- words --

    @property
    def title(self) -> str:
        return printable(self._report.headline)

    @property
    def subtitle(self) -> str:
        subject = self._report.subject
        words = [
            f"{subject.name} ({subject.program}, version {subject.version})",
            f"stage {subject.stage}",
            self._period(),
        ]
        if not self.has_prices:
            words.append("no prices given: closed profit only")
        elif self._report.counts.get("bars") or self._report.doubts:
            what = "bars" if self._report.counts.get("bars") else "prices in doubt"
            words.append(f"{what} read {'adversely' if subject.reading == 'adverse' else 'favourably'}")
        return printable(" \N{MIDDLE DOT} ".join(words))

    def _period(self) -> str:
        """``3 March 2025``, ``3 to 28 March 2025``, ``3 March 2025 to 3 March 2026``."""
        days = [day.day for day in self._report.days] or [self._local(self._curve[0].at).date()]
        first, last = days[0], days[-1]
        end = f"{last.day} {last:%B %Y}"
        if first == last:
            return end
        begin = f" {first:%B}" if (first.month, first.year) != (last.month, last.year) else ""
        year = f" {first.year}" if first.year != last.year else ""
        return f"{first.day}{begin}{year} to {end}"

    @property
    def reason(self) -> str:
        told = (self._report.reason, *self._report.reservations)
        reason = printable(". ".join(text[:1].upper() + text[1:] for text in told))
        return "\n".join(textwrap.wrap(reason, REASON_CHARS, max_lines=2, placeholder=" ..."))

    @property
    def footer(self) -> str:
        subject = self._report.subject
        prices = f"prices {', '.join(subject.price_files)}" if self.has_prices else "no prices"
        silent = "hours without a price" if self.has_prices else "hours without an execution"
        text = f"history {subject.history_file}, {prices}. Times are {subject.zone}; {silent} are folded."
        if self._is_cut:
            text = f"Not drawn: what follows the end of the stage, to {self._when(self._report.curve[-1].at)}; {text}"
        return printable(textwrap.shorten(text, 200, placeholder=" ..."))

    @staticmethod
    def dollars(value: float) -> str:
        if abs(value) >= MILLIONS_FROM:
            return f"{'−' if value < 0 else ''}${abs(value) / 1e6:,.8g}M"
        cents = "" if value == int(value) else ".2f"
        return f"{'−' if value < 0 else ''}${abs(value):,{cents or '.0f'}}"

    # -- lines --

    def line(self, kind: LineKind) -> Line:
        return next(line for line in self.lines if line.kind == kind)

    def _lines(self) -> Iterator[Line]:
        report = self._report
        curve, standing = self._curve, report.standing
        begin = self._days_shown[0].start_balance if self._days_shown else report.subject.starting_balance
        # The account begins with its balance, a moment before the first price moved it.
        through = [self._begin, *self.x, self._end]
        closes = [_dollars(point.close) for point in curve]
        heights = [_dollars(begin), *closes, closes[-1]]
        ending = len(through) if not self.has_prices else -1
        yield Line("equity", "Equity", _brief(curve[-1].close), through[:ending], heights[:ending], closes[-1])
        floors = [_dollars(point.floor) for point in curve]
        yield Line(
            "floor", "Max-loss floor", _brief(curve[-1].floor), through, [floors[0], *floors, floors[-1]], floors[-1]
        )
        day_floors = [point.day_floor for point in curve]
        if (last := next((level for level in reversed(day_floors) if level is not None), None)) is not None:
            x, y = _broken(through, [day_floors[0], *day_floors, day_floors[-1]])
            yield Line("day_floor", "Day floor", _brief(last), x, y, _dollars(last))
        start = report.subject.starting_balance
        yield self._level("start", "Start", start)
        if standing.target is not None:
            yield self._level("target", "Target", Micros(standing.balance - standing.profit + standing.target))

    def pieces(self, line: Line) -> tuple[Line, ...]:
        """Equity in two: as it was judged, and what the account went on to do when the verdict had fallen."""
        ending = next((marker.x for marker in self.markers if marker.loud), math.inf)
        cut = bisect_right(line.x, ending)
        if line.kind != "equity" or cut == len(line.x):
            return (line,)
        return line._replace(x=line.x[:cut], y=line.y[:cut]), line._replace(x=line.x[cut - 1 :], y=line.y[cut - 1 :])

    def _level(self, kind: LineKind, name: str, level: Micros) -> Line:
        height = _dollars(level)
        return Line(kind, name, _brief(level), [self._begin, self._end], [height, height], height)

    def _heights(self) -> tuple[float, float]:
        every = [*self.low, *self.high, *(height for line in self.lines for height in line.y if not math.isnan(height))]
        low, high = min(every), max(every)
        margin = max((high - low) * MARGIN, 1.0)
        return low - margin, high + margin

    # -- markers --

    def _markers(self) -> Iterator[Marker]:
        """The loudest first, so that their labels find room."""
        shown = (entry for entry in self._report.timeline if not self._is_cut or entry.at <= self._curve[-1].at)
        found = [marked for entry in shown if (marked := self._marked(entry)) is not None]
        found.sort(key=lambda marked: LOUDNESS.index(marked[0]))
        for number, (kind, entry, level, words) in enumerate(found):
            label = "\n".join((self._when(entry.at), *words)) if number < LABELLED_MAX else ""
            yield Marker(kind, float(self._time(entry.at)), _dollars(level), label, kind in ("breach", "pass"))

    def _marked(self, entry: Entry) -> tuple[MarkerKind, Entry, Micros, tuple[str, ...]] | None:
        match entry.finding:
            case Hit(rule=rule, evidence=evidence, decided=True, outcome=outcome):
                level, words = _measured(rule, evidence)
                if outcome == "fail":
                    return "breach", entry, level, words
                return "lock", entry, level, ("locked for the day", *words)
            case Hit(rule=rule, evidence=evidence) if entry.weight == "hit":
                return "hit", entry, *_measured(rule, evidence)
            case Warned(rule=rule, evidence=evidence):
                words = ("warning", f"{_dollar_sign(show_most(Micros(evidence.distance)))} above the {LEVELS[rule]}")
                return "warning", entry, Micros(evidence.actual), words
            case Passed(profit=profit, balance=balance):
                return "pass", entry, balance, (f"passed with {_money(profit)}",)
            case TargetMet(profit=profit, waiting=waiting) if waiting:
                level = Micros(self._report.subject.starting_balance + profit)
                missing = ", ".join(GATES[gate] for gate in waiting)
                return "target", entry, level, (f"target met with {_money(profit)}", f"missing: {missing}")
            case FloorMoved(locked=True, after=after):
                return "floor_lock", entry, after, (f"floor locked at {_money(after)}",)
            case _:
                return None

    # -- days --

    def _days(self) -> tuple[list[tuple[float, bool]], list[tuple[float, str]]]:
        """The borders between days (strong where a name stands), and what is written under the axis."""
        days = self._days_shown
        begins = [max(float(self._time(day.opened_at)), self._begin) for day in days]
        if len(days) > DAYS_DRAWN_MAX:
            return self._months(begins)
        weeks = [day.day.isocalendar()[:2] for day in days]
        named = [
            len(days) <= DAYS_NAMED_MAX or week != before for week, before in zip(weeks, [None, *weeks], strict=False)
        ]
        several = len({day.day.year for day in days}) > 1
        names = [
            (begin, end, f"{day.day:%a} {day.day.day} {day.day:%b}{f' {day.day.year}' if several else ''}")
            for day, begin, end, is_named in zip(days, begins, [*begins[1:], self._end], named, strict=False)
            if is_named
        ]
        borders = list(zip(begins, named, strict=True))[1:]
        if len(days) > HOURS_UP_TO_DAYS:
            return borders, list(self._apart(names))
        below = self._apart([(begin, end, f"\n{name}") for begin, end, name in names])
        ticks: dict[float, str] = {}  # a day's name may stand right below an hour: one tick, two lines
        for place, text in (*sorted(self._hours()), *below):
            whole = float(round(place))
            ticks[whole] = ticks.get(whole, "") + text
        return borders, list(ticks.items())

    def _months(self, begins: list[float]) -> tuple[list[tuple[float, bool]], list[tuple[float, str]]]:
        """As ``_days``, of a span in which days and weeks would be a hatching."""
        firsts: dict[tuple[int, int], tuple[float, str]] = {}
        for day, begin in zip(self._days_shown, begins, strict=True):
            firsts.setdefault((day.day.year, day.day.month), (begin, f"{day.day:%b} {day.day.year}"))
        months = list(firsts.values())
        ends = [*(begin for begin, _ in months[1:]), self._end]
        names = [(begin, end, name) for (begin, name), end in zip(months, ends, strict=True)]
        return [(begin, True) for begin, _ in months[1:]], list(self._apart(names))

    def _folds(self) -> Iterator[tuple[float, float]]:
        """Where hours are folded; none where there are so many that they would hide more than they tell."""
        if len(self._days_shown) > DAYS_NAMED_MAX:
            return
        touching = (self._end - self._begin) * SIDE
        begin = end = -math.inf
        for before, after in self._time.pauses:
            if self._time(before) > end + touching:
                if end > begin:
                    yield begin, end
                begin = float(self._time(before))
            end = float(self._time(after))
        if end > begin:
            yield begin, end

    def _apart(self, names: Iterable[tuple[float, float, str]]) -> Iterator[tuple[float, str]]:
        """Each name in the middle of its place, as many as do not touch."""
        before = -math.inf
        for begin, end, name in names:
            place = (begin + end) / 2
            if place - before >= (self._end - self._begin) * DAY_NAME_WIDTH:
                yield place, name
                before = place

    def _hours(self) -> Iterator[tuple[float, str]]:
        """Where trading goes on after a pause, and round local times, as many as read well. A time inside a pause has
        no place of its own."""
        first, last = self._curve[0].at, self._curve[-1].at
        span = max(last - first, FOLD_MIN)
        step = next((step for step in HOUR_STEPS_NS if span // step < HOURS_MAX), HOUR_STEPS_NS[-1])
        offset = self._local(first).utcoffset() or timedelta()
        shift = round(offset.total_seconds()) * NS_PER_S
        pauses = list(self._time.pauses)
        rounds = (
            at
            for at in range(first - (first + shift) % step, first + span + step, step)
            if not any(before < at < after for before, after in pauses)
        )
        taken: list[float] = []
        for at in chain((after for _, after in pauses), rounds):
            place = float(self._time(at))
            room = min((abs(place - other) for other in taken), default=math.inf)
            if self._begin <= place <= self._end and room >= (self._end - self._begin) * HOUR_WIDTH:
                yield place, f"{self._local(at):%H:%M}"
                taken.append(place)

    def _when(self, at: int) -> str:
        local = self._local(at)
        year = "" if local.year == self._local(self._curve[0].at).year else f" {local.year}"
        return f"{local.day} {local:%b}{year} {local:%H:%M:%S} {zone_name(local)}"

    def _local(self, at: int) -> datetime:
        return from_ns(at).astimezone(self._zone)


def _measured(rule: Rule, evidence: Evidence) -> tuple[Micros, tuple[str, ...]]:
    """The height of a hit, and its figures. Only for loss rules is the actual value one of the account's own."""
    if rule not in LEVELS:
        return evidence.equity, (RULES[rule], " against ".join(figures(evidence)))
    actual, limit = map(_dollar_sign, figures(evidence))
    return Micros(evidence.actual), (f"equity {actual}", f"{LEVELS[rule]} {limit}")


def _ending(report: Report) -> int | None:
    """When the stage was breached or passed."""
    for entry in report.timeline:
        match entry.finding:
            case Passed() | Hit(decided=True, outcome="fail"):
                return entry.at
            case _:
                pass
    return None


def _until_soon_after(curve: Sequence[CurvePoint], ending: int | None) -> Sequence[CurvePoint]:
    """Without a rest so long that the verdict could not be seen beside it."""
    if ending is None:
        return curve
    time = TradingTime([point.at for point in curve])
    lived, whole = time(ending), time.places[-1]
    if whole - lived <= max(REST_MAX * lived, 2 * FOLD_MIN):
        return curve
    last = lived + max(REST_SHOWN * lived, 2 * FOLD_MIN)
    return curve[: max(bisect_right(time.places, last), 1)]


def _only_point(report: Report) -> CurvePoint:
    """Of an account whose data ended before anything could be drawn."""
    now = report.standing
    return CurvePoint(now.at, now.equity, now.equity, now.equity, now.floor, now.day_floor, now.balance)


def _dollars(amount: Micros) -> float:
    return amount / MICROS_PER_DOLLAR


def _money(amount: Micros) -> str:
    return _dollar_sign(show(amount))


def _dollar_sign(text: str) -> str:
    return f"−${text[1:]}" if text.startswith("-") else f"${text}"


def _brief(amount: Micros) -> str:
    """For the edge of the picture."""
    dollars = _dollars(amount)
    return Scene.dollars(round(dollars, -4)) if abs(dollars) >= MILLIONS_FROM else _money(amount)


def _broken(places: list[float], levels: list[Micros | None]) -> tuple[list[float], list[float]]:
    """A stepped line that is torn wherever its level changes or is not there: each day has its own floor."""
    x: list[float] = []
    y: list[float] = []
    before: Micros | None = None
    for place, level in zip(places, levels, strict=True):
        if level != before and before is not None:
            x += [place, place]
            y += [_dollars(before), math.nan]
        if level is not None:
            x.append(place)
            y.append(_dollars(level))
        before = level
    return x, y
