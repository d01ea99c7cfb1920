import io
import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from propfirm.adapters.terminal.report import TerminalReports
from propfirm.application.simulation.report import Report
from propfirm.domain.money import Micros, show, usd
from tests.reports import (
    EVERY_KIND,
    SUBJECT,
    a_month,
    breached,
    breached_at_once,
    one_day,
    passed,
    still_open,
    without_prices,
)


class Stream(io.StringIO):
    """A file or a terminal of a given encoding."""

    def __init__(self, *, tty: bool = False, encoding: str = "utf-8") -> None:
        super().__init__()
        self._tty, self._encoding = tty, encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a StringIO has none of its own
        return self._encoding

    def isatty(self) -> bool:
        return self._tty


def shown(report: Report, width: int = 80, *, tty: bool = False, encoding: str = "utf-8") -> str:
    stream = Stream(tty=tty, encoding=encoding)
    TerminalReports(stream, width=width).show(report)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize("make", EVERY_KIND)
@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_terminal(make: Callable[[], Report], width: int, encoding: str) -> None:
    text = shown(make(), width, encoding=encoding)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("make", EVERY_KIND)
def test_a_terminal_without_fine_characters_gets_ascii(make: Callable[[], Report]) -> None:
    assert shown(make(), encoding="ascii").isascii()


@pytest.mark.parametrize(("make", "word"), [(breached, "BREACHED"), (passed, "PASSED"), (still_open, "STILL OPEN")])
def test_the_verdict_and_its_reason_come_first(make: Callable[[], Report], word: str) -> None:
    lines = shown(make(), 140).splitlines()
    assert lines[1].startswith(f"┃ {word}   Topstep 50K, stage combine")
    assert make().reason[1:40] in lines[2]


def test_quiet_shows_the_verdict_and_nothing_else() -> None:
    stream = Stream()
    TerminalReports(stream, width=120).verdict(passed())
    assert len(stream.getvalue().splitlines()) == 4
    assert "PASSED" in stream.getvalue()


def test_a_file_gets_no_colour_and_no_trailing_spaces() -> None:
    text = shown(breached())
    assert "\x1b" not in text
    assert not re.search(r" $", text, re.MULTILINE)


def test_a_terminal_gets_colour() -> None:
    assert "\x1b[" in shown(breached(), tty=True)


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    colours = re.findall(r"\x1b\[([\d;]*)m", shown(breached(), tty=True))
    assert all(code in ("", "0", "1", "2") for codes in colours for code in codes.split(";"))


def test_the_distances_to_every_floor_are_told() -> None:
    standing = replace(still_open().standing, floor=usd("48000"), to_floor=usd("-7.21"), to_target=usd("1.50"))
    text = shown(replace(still_open(), standing=standing), 100)
    assert re.search(r"Maximum-loss floor +48,000\.00 +7\.21 below it", text)
    assert re.search(rf"Day floor +{show(still_open().standing.day_floor or Micros(0))} +[\d,.]+ above it", text)
    assert re.search(r"Profit target +3,000\.00 +1\.50 to go", text)


def test_a_reached_target_says_so() -> None:
    standing = replace(still_open().standing, to_target=Micros(0))
    assert re.search(r"Profit target +3,000\.00 +reached", shown(replace(still_open(), standing=standing)))


def test_a_balance_at_the_very_floor_says_so() -> None:
    standing = replace(still_open().standing, to_floor=Micros(0))
    assert "at the floor" in shown(replace(still_open(), standing=standing))


def test_a_wide_terminal_has_every_column_of_the_day_table() -> None:
    header = next(line for line in shown(still_open(), 140).splitlines() if "day floor" in line and "counted" in line)
    names = ["day", "start", "end", "P&L", "floor", "day floor", "room", "lowest room", "counted", "of profit"]
    assert re.split(r"\s{2,}", header.strip()) == names


def test_a_row_of_the_day_table_has_the_day_as_it_ended() -> None:
    rows = [line.split() for line in shown(breached(), 80).splitlines() if line.startswith("  12 Mar")]
    assert rows == [["12", "Mar", "47,992.79", "-210.23", "48,000.00", "47,203.02", "-7.21", "t"]]


def test_big_accounts_still_fit_into_eighty_columns() -> None:
    report = a_month()
    millions = tuple(
        replace(day, end_balance=Micros(day.end_balance + usd("250000")), floor=Micros(day.floor + usd("250000")))
        for day in report.days
    )
    text = shown(replace(report, days=millions), 80)
    assert all(show(day.end_balance) in text for day in millions)


def test_a_day_outside_the_holiday_table_is_marked_and_explained() -> None:
    report = one_day()
    text = shown(replace(report, days=tuple(replace(day, holidays_known=False) for day in report.days)))
    assert "3 Mar*" in text
    assert "no holiday data" in text


def test_the_timeline_tells_local_days_and_doubt() -> None:
    text = " ".join(shown(breached(), 80).split())
    assert "Tue 11 Mar 08:00:00 CT warning, maximum loss" in text
    assert "the account is breached (in doubt)" in text


def test_a_long_timeline_keeps_the_verdict_and_says_how_much_is_left_out() -> None:
    report = breached()
    note, verdict = replace(report.timeline[0], weight="note", text="a note"), report.timeline[-1]
    text = shown(replace(report, timeline=(verdict, *[report.timeline[0]] * 100, *[note] * 200)), 120)
    assert "fell below the floor" in text.split("What happened")[1]
    assert "a note" not in text
    assert "240 more in --json" in text


def test_many_doubts_are_counted_not_poured_out() -> None:
    text = shown(replace(still_open(), doubts=("bar",) * 75))
    assert text.count("– bar") == 60
    assert "15 more in --json" in text


def test_conditions_have_a_tick_or_a_cross() -> None:
    text = shown(still_open())
    assert re.search(r"✗ target +closed profit", text)
    assert re.search(r"✓ flat +0 open positions", text)


def test_parts_without_content_are_left_out() -> None:
    report = still_open()
    bare = replace(
        report,
        days=(),
        timeline=(),
        curve=(),
        doubts=(),
        unjudged=(),
        notes=(),
        standing=replace(
            report.standing, conditions=(), target=None, to_target=None, day_floor=None, to_day_floor=None
        ),
    )
    headings = re.findall(r"^(\w[^─]*?) ─", shown(bare), re.MULTILINE)
    assert [heading.split(" (")[0] for heading in headings] == ["Where the account stands"]


def test_a_file_cannot_paint_over_the_verdict() -> None:
    subject = replace(SUBJECT, name="\x1b[2J\x1b[HPASSED")
    report = replace(breached(), subject=subject, notes=("history \x1b]0;x\x07.csv",))
    assert "\x1b" not in shown(report)


def test_the_day_of_the_breach_in_the_first_minute_is_there() -> None:
    text = shown(breached_at_once())
    assert "✖" in text
    assert re.search(r" 3 Mar 47,969\.58", text)


@pytest.mark.parametrize(
    ("make", "legend"), [(breached, "✖ breach"), (passed, "★ pass"), (breached_at_once, "✖ breach")]
)
def test_the_chart_says_what_its_signs_mean_where_there_are_some(make: Callable[[], Report], legend: str) -> None:
    assert f"            {legend}" in shown(make())
    assert "★ pass" not in shown(still_open())


def test_the_chart_has_a_figure_at_the_floor_and_names_its_lines() -> None:
    text = shown(without_prices())
    assert re.search(r"48,454\.57│.*━", text)
    assert "━━ max-loss floor   ╌╌ day floor   ┄┄ target   ┈┈ start" in text


def test_a_pass_has_its_star_in_the_chart() -> None:
    assert "★" in shown(passed())


def test_the_year_stands_in_the_headings_or_where_there_are_several_in_every_line() -> None:
    report = passed()
    text = shown(report, 80)
    assert "Day by day, 2025" in text
    assert "What happened, 2025" in text
    first, *rest = report.days
    earlier = shown(replace(report, days=(replace(first, day=first.day.replace(year=2024)), *rest)), 80)
    assert earlier.count(f"{first.day:%b} 2024") == 2  # under the chart and in the table
    assert "Day by day," not in earlier


@pytest.mark.parametrize("make", [breached, passed])
def test_of_a_stage_that_has_ended_nothing_is_left_to_go(make: Callable[[], Report]) -> None:
    text = shown(make(), 120)
    assert "The stage ended on " in text
    assert not re.search("Where the account stands|to go|above it|below it|Conditions", text)


def test_figures_of_the_standing_never_look_alike_where_they_differ() -> None:
    standing = replace(still_open().standing, profit=usd("2999.996"), to_target=usd("0.004"))
    text = shown(replace(still_open(), standing=standing), 120)
    assert "profit +2,999.996" in text
    assert "0.01 to go" in text


def test_reservations_stand_beside_the_verdict() -> None:
    report = replace(passed(), reservations=("the history goes on as if the platform had not acted",))
    stream = Stream()
    TerminalReports(stream, width=120).verdict(report)
    assert "The history goes on as if the platform had not acted" in stream.getvalue()
