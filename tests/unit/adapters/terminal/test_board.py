import io
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from propfirm.adapters.terminal.board import TerminalBoard
from propfirm.application.analytics.board import BoardRow, BoardView, Headline
from propfirm.domain.ids import AccountId
from propfirm.domain.money import Micros

NOW = datetime(2026, 11, 16, 20, 46, tzinfo=UTC)
ROW = BoardRow(
    account=AccountId(UUID(int=1)),
    name="grace",
    program="starter-50k",
    stage="challenge",
    state="evaluating",
    equity=Micros(51_234_500_000),
    profit=Micros(1_234_500_000),
    to_floor=Micros(6_234_500_000),
    to_day_floor=None,
    to_target=Micros(3_765_500_000),
    trading_days=3,
    open_contracts=5,
)


class Screen(io.StringIO):
    """A terminal, as far as programs ask."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_board_shows_every_account_and_what_happened_last() -> None:
    screen = Screen()
    board = TerminalBoard(screen, width=140)
    board.announce("propfirm runs")
    view = BoardView(
        NOW, [ROW, replace(ROW, name="victor", state="failed")], [Headline(NOW, "grace: asks for 1,442.00")]
    )
    board.show(view)
    board.close()
    shown = screen.getvalue()
    for word in ("propfirm runs", "grace", "victor", "51,234.50", "6,234.50", "3,765.50", "–", "asks for 1,442.00"):
        assert word in shown
    assert "Mon 16 Nov 14:46 in Chicago" in shown


@pytest.mark.parametrize(("width", "spared"), [(140, set()), (120, {"stage"}), (80, {"stage", "program", "days"})])
def test_where_the_screen_is_narrow_whole_columns_are_spared_and_no_figure_is_cut(width: int, spared: set[str]) -> None:
    screen = Screen()
    board = TerminalBoard(screen, width=width)
    rows = [ROW, replace(ROW, name="nadia", program="tradeday-intraday-50k", equity=Micros(104_721_200_000))]
    board.show(BoardView(NOW, rows, []))
    board.close()
    shown = screen.getvalue()
    headings = set(re.findall(r"to floor|day limit|to target|stage|program|days|open|equity|profit", shown))
    assert {"stage", "program", "days"} - headings == spared
    for figure in ("51,234.50", "104,721.20", "1,234.50", "6,234.50", "3,765.50"):
        assert figure in shown
    assert "…" not in shown


@pytest.mark.parametrize("width", [60, 48])
def test_on_a_very_narrow_screen_columns_go_before_any_figure_is_cut(width: int) -> None:
    screen = Screen()
    board = TerminalBoard(screen, width=width)
    rows = [ROW, replace(ROW, name="a-long-name-of-somebody-or-other 28b7", equity=Micros(104_721_200_000))]
    board.show(BoardView(NOW, rows, []))
    board.close()
    shown = screen.getvalue()
    assert "51,234.50" in shown
    assert "104,721.20" in shown
    assert "28b7" in shown, "the end of the name tells accounts apart"
    assert "…" not in shown


def test_the_newest_headlines_are_those_that_are_shown_where_the_screen_is_low(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LINES", "12")
    screen = Screen()
    board = TerminalBoard(screen, width=80)
    board.show(BoardView(NOW, [ROW], [Headline(NOW, f"grace: number {number}") for number in range(8)]))
    board.close()
    shown = screen.getvalue()
    assert set(re.findall(r"number (\d)", shown)) == {"4", "5", "6", "7"}
    assert "51,234.50" in shown


def test_where_nobody_watches_only_what_happens_is_told_a_line_each() -> None:
    stream = io.StringIO()
    board = TerminalBoard(stream)
    board.show(BoardView(NOW, [ROW], []))
    board.tell(Headline(NOW, "grace: run 1 passed\x1b[2J"))
    board.close()
    line = stream.getvalue()
    assert line.startswith("Mon 16 Nov 14:46  grace: run 1 passed")
    assert line.count("\n") == 1
    assert "\x1b" not in line, "names of people reach the terminal: no control characters"
