"""The live board on a terminal; where nobody watches one, a line for everything that happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TextIO

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from propfirm.application.analytics.board import BoardRow, BoardView, Headline
from propfirm.application.printable import printable
from propfirm.domain.calendar.hours import EXCHANGE_ZONE
from propfirm.domain.money import Micros, show

STATES: Final = {
    "pending": "dim",
    "evaluating": "",
    "passed": "green",
    "funded": "bold green",
    "suspended": "yellow",
    "failed": "red",
    "closed": "dim",
}
WHEN: Final = "%a %d %b %H:%M"
WHEN_WIDTH: Final = 16
NAME_MAX: Final = 20
LINES_BESIDE: Final = 5
"""The time above the table, its head between two rules, and the line below that the terminal keeps."""


class Column(NamedTuple):
    """spared: the higher, the earlier it is left out where the screen is narrow; 0: never."""

    heading: str
    spared: int
    cell: Callable[[BoardRow], Text | Micros | None]
    right: bool = True


class TerminalBoard:
    """A ``Board`` on a stream. width: of its lines; None = that of the terminal."""

    def __init__(self, stream: TextIO, width: int | None = None) -> None:
        self._console = Console(
            file=stream, width=width, highlight=False, emoji=False, markup=False, legacy_windows=False
        )
        self._live: Live | None = None
        self._watched = self._console.is_terminal and not self._console.is_dumb_terminal
        fine = self._console.encoding.startswith("utf")
        self._box, self._none = (box.SIMPLE_HEAD, "–") if fine else (box.ASCII2, "-")

    def show(self, view: BoardView) -> None:
        if not self._watched:
            return
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False)
            self._live.start()
        self._live.update(self._drawn(view), refresh=True)

    def tell(self, headline: Headline) -> None:
        if not self._watched:
            self._console.print(_line(headline), soft_wrap=True)

    def announce(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _drawn(self, view: BoardView) -> Group:
        now = f"{view.now.astimezone(EXCHANGE_ZONE).strftime(WHEN)} in Chicago, by the demo's clock"
        parts: list[Text | Table] = [Text(now, style="bold"), self._fitting(view.rows)]
        if view.more:
            parts.append(Text("more accounts: propfirm accounts list", style="dim"))
        parts.append(self._news(view.headlines, self._console.height - len(view.rows) - len(parts) - LINES_BESIDE))
        return Group(*parts)

    def _fitting(self, rows: Sequence[BoardRow]) -> Table:
        """As many columns as the screen shows whole: a figure cut short would be another figure."""
        table = self._table(COLUMNS, rows)
        unbounded = self._console.options.update(max_width=UNBOUNDED)
        for spared in sorted({one.spared for one in COLUMNS if one.spared}, reverse=True):
            if Measurement.get(self._console, unbounded, table).maximum <= self._console.width:
                break
            table = self._table([one for one in COLUMNS if one.spared < spared], rows)
        return table

    def _table(self, columns: Sequence[Column], rows: Sequence[BoardRow]) -> Table:
        table = Table(box=self._box, padding=(0, 1, 0, 0), pad_edge=False)
        for one in columns:
            table.add_column(one.heading, justify="right" if one.right else "left", no_wrap=True)
        for row in rows:
            table.add_row(*(self._text(one.cell(row)) for one in columns))
        return table

    def _text(self, cell: Text | Micros | None) -> Text:
        if isinstance(cell, Text):
            return cell
        return Text(self._none if cell is None else show(cell))

    def _news(self, headlines: Sequence[Headline], lines: int) -> Table:
        """The newest of them, as far as the screen has room, each beside its time."""
        shown = list[tuple[str, Text]]()
        for one in reversed(headlines):
            text = Text(printable(one.text))
            lines -= len(text.wrap(self._console, max(1, self._console.width - WHEN_WIDTH - 2)))
            if lines < 0:
                break
            shown.append((_when(one), text))
        news = Table.grid(padding=(0, 2, 0, 0))
        news.add_column(width=WHEN_WIDTH, no_wrap=True)
        news.add_column()
        for when, text in reversed(shown):
            news.add_row(when, text)
        return news


def _when(headline: Headline) -> str:
    return headline.at.astimezone(EXCHANGE_ZONE).strftime(WHEN)


def _line(headline: Headline) -> Text:
    return Text(f"{_when(headline)}  {printable(headline.text)}")


def _short(name: str) -> str:
    """The end stays: it tells one account of a person from another."""
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 10]}..{name[-8:]}"


def _profit(row: BoardRow) -> Text:
    return Text(show(row.profit), style="green" if row.profit > 0 else "red" if row.profit < 0 else "")


def _open(row: BoardRow) -> Text | None:
    return Text(str(row.open_contracts)) if row.open_contracts else None


COLUMNS: Final = (
    Column("account", 0, lambda row: Text(_short(printable(row.name))), right=False),
    Column("program", 7, lambda row: Text(row.program), right=False),
    Column("stage", 8, lambda row: Text(row.stage), right=False),
    Column("state", 0, lambda row: Text(row.state, style=STATES[row.state]), right=False),
    Column("equity", 0, lambda row: row.equity),
    Column("profit", 2, _profit),
    Column("to floor", 1, lambda row: row.to_floor),
    Column("day limit", 3, lambda row: row.to_day_floor),
    Column("to target", 4, lambda row: row.to_target),
    Column("days", 6, lambda row: Text(str(row.trading_days))),
    Column("open", 5, _open),
)
UNBOUNDED: Final = 1_000
"""Wider than any screen: what the table would like."""
