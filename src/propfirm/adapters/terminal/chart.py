"""Equity against every floor, in characters.

Equity is drawn in braille dots, two by four a character; floors and levels are lines of characters behind it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from rich.text import Text

from propfirm.adapters.terminal.glyphs import Glyphs
from propfirm.application.simulation.report import CurvePoint, Report
from propfirm.application.simulation.trading_time import FOLD_MIN, TradingTime
from propfirm.domain.money import Micros, show
from propfirm.domain.rules.findings import Hit, Passed

ROWS: Final = 16
DOTS_UP: Final = 4
DOTS_ACROSS: Final = 2
BRAILLE: Final = 0x2800
DOT_BITS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Of one braille character: by column, from the top."""
LABEL_WIDTH: Final = 11
WIDTH_MIN: Final = 7
BORDERED_MIN: Final = 4
"""Columns of a day from which borders between days are drawn."""

STYLES: Final = {
    "equity": "bold bright_blue",
    "after": "dim bright_blue",
    "floor": "red",
    "day_floor": "yellow",
    "target": "green",
    "start": "dim",
    "border": "dim",
    "breach": "bold red",
    "passed": "bold green",
    "lock": "bold yellow",
}


class Cell(NamedTuple):
    glyph: str
    style: str


class Column(NamedTuple):
    """What one column of dots shows. low to high: equity; the floors as they are at its end."""

    low: Micros
    high: Micros
    floor: Micros
    day_floor: Micros | None


def chart(report: Report, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """Line by line, none wider than ``width`` characters."""
    columns = width - LABEL_WIDTH - 1
    if report.curve and columns >= WIDTH_MIN:
        yield from _Canvas(report, columns, glyphs).lines()


class _Canvas:
    def __init__(self, report: Report, columns: int, glyphs: Glyphs) -> None:
        self._report, self._glyphs, self._columns = report, glyphs, columns
        self._time = TradingTime([point.at for point in report.curve])
        self._span = max(self._time.places[-1], FOLD_MIN)
        dots = (self._dot(point.at) for point in report.curve)
        self._dots = list(_columns(report.curve, dots, columns * DOTS_ACROSS))
        standing, subject = report.standing, report.subject
        self._target = None if standing.target is None else Micros(standing.balance - standing.profit + standing.target)
        levels = [subject.starting_balance, *([] if self._target is None else [self._target])]
        for dot in self._dots:
            levels += [dot.low, dot.high, dot.floor, *([] if dot.day_floor is None else [dot.day_floor])]
        self._low, self._high = min(levels), max(*levels, Micros(min(levels) + 1))
        self._cells: dict[tuple[int, int], Cell] = {}
        """By (row from the top, column)."""

    # -- where things are --

    def _dot(self, at: int) -> int:
        """The column of dots of an instant."""
        last = self._columns * DOTS_ACROSS - 1
        return min(max(self._time(at), 0) * last // self._span, last)

    def _height(self, level: Micros, steps: int) -> int:
        """From 0 at the top to steps - 1 at the bottom."""
        return (self._high - level) * (steps - 1) // (self._high - self._low)

    def _put(self, level: Micros, column: int, glyph: str, style: str) -> None:
        self._cells[self._height(level, ROWS), column] = Cell(glyph, style)

    # -- layers, the later above the earlier --

    def lines(self) -> Iterator[Text]:
        self._borders()
        self._levels()
        self._equity()
        self._marks()
        labels = self._labels()
        for row in range(ROWS):
            line = Text(f"{labels.get(row, ''):>{LABEL_WIDTH}}{self._glyphs.border}", style="dim")
            for column in range(self._columns):
                cell = self._cells.get((row, column))
                line.append(cell.glyph if cell else " ", style=STYLES[cell.style] if cell else "")
            line.rstrip()
            yield line
        yield from self._axis()
        yield self._legend()
        if marks := self._marks_legend():
            yield marks

    def _borders(self) -> None:
        columns = self._day_columns()
        if len(columns) * BORDERED_MIN > self._columns:
            return  # they would hide more than they tell; the axis has them
        for column in columns[1:]:
            for row in range(ROWS):
                self._cells[row, column] = Cell(self._glyphs.border, "border")

    def _levels(self) -> None:
        for column in range(self._columns):
            self._put(self._report.subject.starting_balance, column, self._glyphs.start, "start")
            if self._target is not None:
                self._put(self._target, column, self._glyphs.target, "target")
        for column in range(self._columns):
            dot = self._dots[column * DOTS_ACROSS]
            if dot.day_floor is not None:
                self._put(dot.day_floor, column, self._glyphs.day_floor, "day_floor")
        for column in range(self._columns):
            self._put(self._dots[column * DOTS_ACROSS].floor, column, self._glyphs.floor, "floor")

    def _equity(self) -> None:
        steps = ROWS * DOTS_UP if self._glyphs.braille else ROWS
        ending = self._dot(self._report.curve[-1].at) // DOTS_ACROSS
        verdict = next((entry.at for entry in self._report.timeline if entry.weight == "verdict"), None)
        judged = ending if verdict is None else self._dot(verdict) // DOTS_ACROSS
        for column in range(ending + 1):
            bits: dict[int, int] = {}
            for side in range(DOTS_ACROSS):
                dot = self._dots[column * DOTS_ACROSS + side]
                for height in range(self._height(dot.high, steps), self._height(dot.low, steps) + 1):
                    row, up = divmod(height, DOTS_UP) if self._glyphs.braille else (height, 0)
                    bits[row] = bits.get(row, 0) | DOT_BITS[side][up]
            for row, dots in bits.items():
                glyph = chr(BRAILLE + dots) if self._glyphs.braille else self._glyphs.equity
                self._cells[row, column] = Cell(glyph, "equity" if column <= judged else "after")

    def _marks(self) -> None:
        for entry in self._report.timeline:
            column = self._dot(entry.at) // DOTS_ACROSS
            match entry.finding:
                case Hit(decided=True, outcome="fail", evidence=evidence):
                    self._put(self._inside(evidence.equity), column, self._glyphs.breach, "breach")
                case Hit(decided=True, evidence=evidence):
                    self._put(self._inside(evidence.equity), column, self._glyphs.lock, "lock")
                case Passed(balance=balance):
                    self._put(self._inside(balance), column, self._glyphs.passed, "passed")
                case _:
                    pass

    def _inside(self, level: Micros) -> Micros:
        return self._low if level < self._low else min(level, self._high)

    # -- around the picture --

    def _labels(self) -> dict[int, str]:
        """The figure at the left of some rows; of those that share a row the floor's is the one to know."""
        last = self._report.curve[-1]
        levels = [self._high, self._low, self._report.subject.starting_balance, last.close, last.floor]
        if self._target is not None:
            levels.insert(2, self._target)
        return {self._height(level, ROWS): show(level) for level in levels}

    def _day_columns(self) -> list[int]:
        return [self._dot(day.opened_at) // DOTS_ACROSS for day in self._report.days]

    def _axis(self) -> Iterator[Text]:
        line = [self._glyphs.axis] * self._columns
        for column in self._day_columns()[1:]:
            line[column] = self._glyphs.tick
        yield Text(" " * LABEL_WIDTH + self._glyphs.corner + "".join(line), style="dim")
        yield Text(" " * (LABEL_WIDTH + 1) + self._names(), style="dim")

    def _names(self) -> str:
        """Days at their beginning, as many as fit."""
        text = ""
        several = len({day.day.year for day in self._report.days}) > 1
        for day, column in zip(self._report.days, self._day_columns(), strict=True):
            name = f"{day.day.day} {day.day:%b}{f' {day.day.year}' if several else ''}"
            if column >= len(text) + bool(text) and column + len(name) <= self._columns:
                text = text.ljust(column) + name
        return text

    def _marks_legend(self) -> Text | None:
        glyphs = self._glyphs
        names = {
            "breach": (glyphs.breach, "breach"),
            "passed": (glyphs.passed, "pass"),
            "lock": (glyphs.lock, "locked"),
        }
        drawn = {cell.style for cell in self._cells.values()}
        shown = [(style, *names[style]) for style in names if style in drawn]
        return self._row(shown) if shown else None

    def _legend(self) -> Text:
        glyphs = self._glyphs
        shown = [("equity", glyphs.equity, "equity"), ("floor", glyphs.floor * 2, "max-loss floor")]
        if any(point.day_floor is not None for point in self._report.curve):
            shown.append(("day_floor", glyphs.day_floor * 2, "day floor"))
        if self._target is not None:
            shown.append(("target", glyphs.target * 2, "target"))
        shown.append(("start", glyphs.start * 2, "start"))
        return self._row(shown)

    @staticmethod
    def _row(shown: Iterable[tuple[str, str, str]]) -> Text:
        """style, glyph, name."""
        line = Text(" " * (LABEL_WIDTH + 1))
        for style, glyph, name in shown:
            line.append(glyph, style=STYLES[style]).append(f" {name}   ")
        line.rstrip()
        return line


def _columns(curve: Sequence[CurvePoint], dots: Iterable[int], count: int) -> Iterator[Column]:
    """One for each column of dots. dots: of each point. A column without points continues the one before it."""
    points = deque(zip(dots, curve, strict=True))
    close, floor, day_floor = curve[0].close, curve[0].floor, curve[0].day_floor
    for column in range(count):
        low = high = close  # so that the line hangs together
        while points and points[0][0] <= column:
            _, point = points.popleft()
            low, high = min(low, point.low), max(high, point.high)
            close, floor, day_floor = point.close, point.floor, point.day_floor
        yield Column(low, high, floor, day_floor)
