"""The live board on a terminal; where nobody watches one, a line for everything that happens."""

from __future__ import annotations

from typing import Final, TextIO

from rich import box
from rich.console import Console, Group
from rich.live import Live
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
        table = Table(box=self._box, pad_edge=False, expand=False)
        for heading in ("account", "program", "stage", "state"):
            table.add_column(heading, no_wrap=True)
        for heading in ("equity", "profit", "to floor", "to day limit", "to target", "days", "open"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in view.rows:
            table.add_row(*self._cells(row))
        now = f"{view.now.astimezone(EXCHANGE_ZONE).strftime(WHEN)} in Chicago, by the demo's clock"
        parts: list[Text | Table] = [Text(now, style="bold"), table]
        if view.more:
            parts.append(Text("older accounts are not shown", style="dim"))
        parts.extend(_line(one) for one in view.headlines)
        return Group(*parts)

    def _cells(self, row: BoardRow) -> list[Text]:
        profit = Text(show(row.profit), style="green" if row.profit > 0 else "red" if row.profit < 0 else "")
        return [
            Text(printable(row.name)),
            Text(row.program),
            Text(row.stage),
            Text(row.state, style=STATES[row.state]),
            Text(show(row.equity)),
            profit,
            self._amount(row.to_floor),
            self._amount(row.to_day_floor),
            self._amount(row.to_target),
            Text(str(row.trading_days)),
            Text(str(row.open_contracts) if row.open_contracts else self._none),
        ]

    def _amount(self, amount: Micros | None) -> Text:
        return Text(self._none if amount is None else show(amount))


def _line(headline: Headline) -> Text:
    at = headline.at.astimezone(EXCHANGE_ZONE).strftime(WHEN)
    return Text(f"{at}  {printable(headline.text)}")
