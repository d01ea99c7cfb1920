import io

import pytest

from propfirm.adapters.terminal.progress import TerminalProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def work(progress: TerminalProgress, total: int | None) -> None:
    progress.begin("judging", total)
    progress.advance(1_000)
    progress.end()


@pytest.mark.parametrize("total", [None, 2_000])
def test_people_see_what_is_being_done_and_how_far_it_is(total: int | None) -> None:
    terminal = Terminal()
    work(TerminalProgress(terminal), total)
    assert "judging" in terminal.getvalue()
    assert "1,000" in terminal.getvalue()


def test_a_file_sees_nothing() -> None:
    stream = io.StringIO()
    work(TerminalProgress(stream), 2_000)
    assert stream.getvalue() == ""


def test_a_dumb_terminal_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    work(TerminalProgress(terminal), None)
    assert terminal.getvalue() == ""


def test_progress_that_never_began_can_advance_and_end() -> None:
    terminal = Terminal()
    progress = TerminalProgress(terminal)
    progress.advance(1)
    progress.end()
    assert terminal.getvalue() == ""


def test_a_second_piece_of_work_takes_the_place_of_the_first() -> None:
    terminal = Terminal()
    progress = TerminalProgress(terminal)
    progress.begin("reading", None)
    work(progress, 10)
    assert terminal.getvalue().rindex("judging") > terminal.getvalue().rindex("reading")
