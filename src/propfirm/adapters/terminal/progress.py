"""A bar on standard error while long work goes on."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class TerminalProgress:
    """A ``Progress`` that people see: silent where the stream is not a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, legacy_windows=False)
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def begin(self, label: str, total: int | None) -> None:
        self.end()
        if not self._console.is_terminal or self._console.is_dumb_terminal:
            return
        columns = (
            SpinnerColumn("dots" if self._console.encoding.startswith("utf") else "line"),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:,}"),
            TimeElapsedColumn(),
            *([] if total is None else [TimeRemainingColumn()]),
        )
        self._bar = Progress(*columns, console=self._console, transient=True)
        self._task = self._bar.add_task(label, total=total)
        self._bar.start()

    def advance(self, n: int) -> None:
        if self._bar is not None:
            self._bar.advance(self._task, n)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
