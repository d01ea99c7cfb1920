"""A report, for people at a terminal: the verdict first, then what it rests on, in figures and plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, Literal, NamedTuple, TextIO, TypeAlias
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from propfirm.adapters.terminal.chart import chart
from propfirm.adapters.terminal.glyphs import Glyphs, glyphs_for
from propfirm.application.printable import printable
from propfirm.application.simulation.report import DayRow, Entry, Report, Standing
from propfirm.application.simulation.words import zone_name
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.money import Micros, Ppm, half_up, show, show_apart, show_exact, show_least, show_most, show_rate

WIDTH_MAX: Final = 140
"""Lines longer than this are hard to read on any screen."""
WIDE_FROM: Final = 112
"""Columns from which the day table has all its figures."""
BAR_WIDTH: Final = 24
ENTRIES_MAX: Final = 60
TENTH: Final = 1_000
"""Of a percent, in millionths."""

ASCII_HEAD: Final = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
"""SIMPLE_HEAD; rich's own stand-in for it has a border around every cell."""

VERDICTS: Final = {"breached": ("BREACHED", "red"), "passed": ("PASSED", "green"), "open": ("STILL OPEN", "blue")}
WEIGHTS: Final = {"verdict": "bold", "hit": "red", "warning": "yellow", "milestone": "green", "note": ""}

Amount: TypeAlias = Micros | None


class Field(NamedTuple):
    """A column of the day table."""

    name: str
    cell: Callable[[DayRow], Text | str]
    justify: Literal["left", "right"] = "right"


class TerminalReports:
    """A ``ReportPrinter`` on a stream: coloured and as wide as the window where it is a terminal, plain text where not
    or where NO_COLOR is set, and ASCII where its encoding has nothing finer."""

    def __init__(self, stream: TextIO, width: int | None = None) -> None:
        """width: of the lines; None = that of the terminal, 80 where there is none."""
        console = Console(file=stream, width=width, highlight=False, emoji=False, markup=False, legacy_windows=False)
        console.width = min(console.width, WIDTH_MAX)
        self._console = console
        self._stream = stream
        self._glyphs: Glyphs = glyphs_for(console.encoding)

    def verdict(self, report: Report) -> None:
        with self._tidily():
            self._verdict(report)

    def show(self, report: Report) -> None:
        with self._tidily():
            self._everything(report)

    @contextmanager
    def _tidily(self) -> Iterator[None]:
        """Lines without the spaces that fill them up, so that they can be copied and compared."""
        with self._console.capture() as captured:
            yield
        self._stream.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())

    # -- parts --

    def _everything(self, report: Report) -> None:
        self._verdict(report)
        self._standing(report)
        self._chart(report)
        self._days(report)
        self._timeline(report)
        self._conditions(report.standing)
        self._list("In doubt: the data does not tell the order of prices", report.doubts)
        self._list("Not judged: this data cannot show it", report.unjudged)
        self._list("How the files were read", report.notes)
        self._subject(report)

    def _verdict(self, report: Report) -> None:
        word, colour = VERDICTS[report.verdict]
        text = Text()
        text.append(word, style=f"bold {colour}")
        text.append(f"   {printable(report.subject.name)}, stage {printable(report.subject.stage)}", style="bold")
        text.append(f"\n{_sentence(report.reason)}")
        for reservation in report.reservations:
            text.append(f"\n{_sentence(reservation)}", style="yellow")
        self._console.print(Panel(text, box=box.HEAVY, border_style=colour, padding=(0, 1)))

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Rule(Text(text, style="bold"), align="left", style="dim"))

    def _standing(self, report: Report) -> None:
        standing = report.standing
        if standing.ended_at is None:
            self._heading(f"Where the account stands ({self._when(report, standing.at)})")
        else:
            self._heading(f"The stage ended on {self._when(report, standing.ended_at)}")
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="left")
        table.add_column(justify="right")
        table.add_column(justify="left")
        equity, balance, _ = show_apart(standing.equity, standing.balance, standing.floor)
        profit, _ = show_apart(standing.profit, standing.target or Micros(0))
        money = f"balance {balance}, profit {'+' if standing.profit > 0 else ''}{profit}"
        later = "" if standing.ended_at is None else f", on {self._day_of(report, standing.at, with_year=True)}"
        table.add_row("Equity", equity, f"{money}{later}")
        table.add_row(
            "Maximum-loss floor",
            show_exact(standing.floor),
            "" if standing.to_floor is None else _room(standing.to_floor),
        )
        if standing.day_floor is not None and standing.to_day_floor is not None:
            table.add_row("Day floor", show_exact(standing.day_floor), _room(standing.to_day_floor))
        if standing.target is not None and standing.to_target is not None:
            table.add_row("Profit target", show_exact(standing.target), self._to_target(standing))
        table.add_row("High-water mark", show(standing.high_water_mark), "")
        qualifying = f"{standing.qualifying_days} qualifying; " if standing.qualifying_days else ""
        counts = f"{qualifying}{_count(standing.open_contracts, 'contract')} open"
        table.add_row("Trading days", str(standing.trading_days), counts)
        self._print(table)

    def _to_target(self, standing: Standing) -> Text:
        target, missing = standing.target or 0, standing.to_target or 0
        if not missing:
            return Text("reached", style="green")
        done = max(0, min(standing.profit * BAR_WIDTH // target, BAR_WIDTH)) if target > 0 else 0
        bar = self._glyphs.full * done + self._glyphs.empty * (BAR_WIDTH - done)
        return Text(f"{show_least(Micros(missing))} to go  ").append(bar, style="green")

    def _chart(self, report: Report) -> None:
        lines = list(chart(report, self._console.width - 2, self._glyphs))
        if lines:
            self._heading(f"Equity against every floor{self._year(report)}")
            for line in lines:
                self._print(line)

    def _days(self, report: Report) -> None:
        if not report.days:
            return
        self._heading(f"Day by day{self._year(report)}")
        gap = 1 if self._wide else 0
        lines = box.SIMPLE_HEAD if self._glyphs.braille else ASCII_HEAD
        table = Table(box=lines, padding=(0, gap, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
        fields = self._fields(report)
        for field in fields:
            table.add_column(field.name, justify=field.justify, overflow="fold")
        for day in report.days:
            table.add_row(*(field.cell(day) for field in fields))
        self._print(table)
        room = "room: equity above the nearest floor" if self._wide else "lowest: the day's least room above a floor"
        self._print(Text(f"counted: t trading day, q qualifying day; {room}", style="dim"))
        if any(day.share is not None for day in report.days):
            self._print(Text("of profit: the day's part of the profit made until its end", style="dim"))
        if not all(day.holidays_known for day in report.days):
            self._print(Text("* no holiday data: an ordinary session was assumed", style="dim"))

    def _fields(self, report: Report) -> list[Field]:
        has_day_floor = any(day.day_floor is not None for day in report.days)
        has_share = any(day.share is not None for day in report.days)
        several = len(_years(report)) > 1
        fields = [Field("day", lambda day: self._day(day, with_year=several), "left")]
        if self._wide:
            fields.append(Field("start", lambda day: show(day.start_balance)))
        fields.append(Field("end", lambda day: show(day.end_balance)))
        fields.append(Field("P&L", lambda day: _coloured(day.pnl)))
        fields.append(Field("floor", lambda day: show_exact(day.floor)))
        if has_day_floor:
            fields.append(Field("day floor", lambda day: self._or_dash(day.day_floor, show_exact)))
        if self._wide:
            fields.append(Field("room", lambda day: self._or_dash(day.room, show_most)))
        fields.append(Field("lowest room" if self._wide else "lowest", self._lowest))
        fields.append(Field("counted", self._counted))
        if has_share:
            fields.append(Field("of profit", self._share))
        return fields

    def _timeline(self, report: Report) -> None:
        entries = report.timeline
        if not entries:
            return
        self._heading(f"What happened{self._year(report)}")
        shown = _loudest(entries)
        several = len(_years(report)) > 1
        table = Table.grid(padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        before = ""
        for entry in shown:
            day = self._day_of(report, entry.at, with_year=several)
            text = Text(printable(entry.text), style=WEIGHTS[entry.weight])
            if entry.doubt:
                text.append(" (in doubt)", style="dim")
            table.add_row(Text(day if day != before else "", style="dim"), text)
            before = day
        self._print(table)
        if len(shown) < len(entries):
            self._print(Text(f"{len(entries) - len(shown)} more in --json", style="dim"))

    def _conditions(self, standing: Standing) -> None:
        if not standing.conditions:
            return
        self._heading("Conditions")
        table = Table.grid(padding=(0, 1))
        for condition in standing.conditions:
            sign = Text(self._glyphs.met, "bold green") if condition.met else Text(self._glyphs.missing, "bold red")
            table.add_row(sign, condition.gate.replace("_", " "), printable(condition.text))
        self._print(table)

    def _list(self, heading: str, lines: Sequence[str]) -> None:
        if not lines:
            return
        self._heading(heading)
        table = Table.grid(padding=(0, 1))
        for line in lines[:ENTRIES_MAX]:
            table.add_row(self._glyphs.dash, printable(line))
        self._print(table)
        if len(lines) > ENTRIES_MAX:
            self._print(Text(f"{len(lines) - ENTRIES_MAX} more in --json", style="dim"))

    def _subject(self, report: Report) -> None:
        subject = report.subject
        program = f"{subject.program} version {subject.version}, fingerprint {subject.fingerprint}"
        engine = f"engine semantics {subject.engine_semantics}, positions by {subject.method}"
        if subject.price_files:
            engine += f", prices in doubt read {'adversely' if subject.reading == 'adverse' else 'favourably'}"
        self._console.print()
        self._console.print(Text(printable(f"{program}; {engine}; times in {subject.zone}"), style="dim"))

    # -- small things --

    @property
    def _wide(self) -> bool:
        return self._console.width >= WIDE_FROM

    def _print(self, renderable: Table | Text) -> None:
        self._console.print(Padding(renderable, (0, 0, 0, 2), expand=False))

    def _year(self, report: Report) -> str:
        """Of the whole report, for a heading; nothing where each line has its own."""
        years = _years(report)
        return f", {years.pop()}" if len(years) == 1 else ""

    def _day(self, day: DayRow, *, with_year: bool) -> str:
        weekday = f"{day.day:%a} " if self._wide else ""
        year = f" {day.day.year}" if with_year else ""
        return f"{weekday}{day.day.day:>2} {day.day:%b}{year}{'' if day.holidays_known else '*'}"

    def _counted(self, day: DayRow) -> Text | str:
        signs = f"{'t' if day.traded else ''}{'q' if day.qualifying else ''}"
        return signs or self._glyphs.dash

    def _share(self, day: DayRow) -> str:
        """To a tenth of a percent."""
        return self._glyphs.dash if day.share is None else show_rate(Ppm(half_up(day.share, TENTH) * TENTH))

    def _lowest(self, day: DayRow) -> Text | str:
        return self._glyphs.dash if day.lowest_room is None else _alarmed(day.lowest_room)

    def _or_dash(self, amount: Amount, shown: Callable[[Micros], str]) -> str:
        return self._glyphs.dash if amount is None else shown(amount)

    def _day_of(self, report: Report, at: int, *, with_year: bool) -> str:
        local = _local(report, at)
        return f"{local:%a} {local.day:>2} {local:%b}{f' {local.year}' if with_year else ''}"

    def _when(self, report: Report, at: int) -> str:
        local = _local(report, at)
        return f"{self._day_of(report, at, with_year=True)} {local:%H:%M:%S} {zone_name(local)}"


def _local(report: Report, at: int) -> datetime:
    return from_ns(at).astimezone(ZoneInfo(report.subject.zone))


def _years(report: Report) -> set[int]:
    """Of all days and times that the report tells."""
    return {day.day.year for day in report.days} | {_local(report, entry.at).year for entry in report.timeline}


def _loudest(entries: Sequence[Entry]) -> Sequence[Entry]:
    """All, if they are few; else without the notes; and then the last ones, the verdict among them."""
    if len(entries) <= ENTRIES_MAX:
        return entries
    loud = [entry for entry in entries if entry.weight != "note"]
    verdict = [entry for entry in loud[:-ENTRIES_MAX] if entry.weight == "verdict"]
    return [*verdict, *loud[-ENTRIES_MAX:]]


def _sentence(text: str) -> str:
    return printable(text[:1].upper() + text[1:])


def _signed(amount: Micros) -> str:
    return f"+{show(amount)}" if amount > 0 else show(amount)


def _coloured(amount: Micros) -> Text:
    return Text(_signed(amount), style="green" if amount > 0 else "red" if amount < 0 else "dim")


def _alarmed(room: Micros) -> Text:
    return Text(show_most(room), style="bold red" if room <= 0 else "")


def _room(room: Micros) -> Text:
    if room > 0:
        return Text(f"{show_most(room)} above it")
    return Text("at the floor" if room == 0 else f"{show_least(Micros(-room))} below it", style="bold red")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
