"""How the command answers those who mistype it."""

import json
import os
from pathlib import Path

import pytest

from propfirm.adapters.system.files import measure_file
from propfirm.application.ports.inputs import BadInput
from propfirm.entrypoints.cli.main import main

HISTORY = """\
time,symbol,side,quantity,price,execution_id,fee
2026-03-02 09:00:00,MESH6,buy,1,6000.25,1,2
2026-03-02 09:01:00,MESH6,sell,1,6001.25,2,2
"""
JUDGE = ("simulate", "history.csv", "--program", "topstep-50k", "--json")

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("history.csv").write_text(HISTORY, "utf-8")


def run(capsys: Captured, *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, *capsys.readouterr()


def test_wrong_usage_is_told_in_two_lines(capsys: Captured) -> None:
    code, out, err = run(capsys, "simulate", "history.csv")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "usage: propfirm simulate ... (propfirm simulate --help)",
        "propfirm simulate: error: the following arguments are required: --program",
    ]


def test_a_history_that_prices_have_taken_is_asked_for_in_words(capsys: Captured) -> None:
    _, _, err = run(capsys, "simulate", "--program", "topstep-50k", "--prices", "a.csv", "history.csv")
    assert "HISTORY (--prices takes all files behind it: name HISTORY before it)" in err


@pytest.mark.parametrize("option", ["--chart", "--proof", "--program", "--zone"])
def test_an_option_of_one_value_is_refused_twice(capsys: Captured, option: str) -> None:
    value = {"--chart": "a.png", "--zone": "UTC"}.get(option, "topstep-50k")
    code, _, err = run(capsys, *JUDGE, option, value, option, value)
    assert (code, f"argument {option}: given twice" in err) == (2, True)


@pytest.mark.parametrize("zone", [("--zone", "-06:00"), ("--zone=-06:00",), ("--zone", "-06"), ("--zone", "-0600")])
def test_an_offset_is_a_zone(capsys: Captured, zone: tuple[str, ...]) -> None:
    _, offset, _ = run(capsys, *JUDGE, *zone)
    _, chicago, _ = run(capsys, *JUDGE, "--zone", "America/Chicago")
    assert json.loads(offset)["timeline"] == json.loads(chicago)["timeline"]


def test_a_cursor_may_begin_with_a_dash(capsys: Captured) -> None:
    _, _, dashed = run(capsys, "accounts", "list", "--after", "-" + "a" * 40, "--limit", "0")
    assert "--limit: '0' is no whole number" in dashed, "the cursor was taken"
    _, _, missing = run(capsys, "accounts", "list", "--after", "--limit", "5")
    assert "--after: expected one argument" in missing


@pytest.mark.parametrize("zone", ["-06:30", "-6", "+25:00"])
def test_an_offset_that_is_no_zone_is_refused(capsys: Captured, zone: str) -> None:
    code, _, err = run(capsys, *JUDGE, "--zone", zone)
    assert (code, f"there is no time zone {zone!r}" in err) == (2, True)


def test_files_are_named_as_they_were_given(capsys: Captured, tmp_path: Path) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    _, _, err = run(capsys, "simulate", str(folder), "--program", "topstep-50k")
    assert err.startswith(f"{folder}: ")
    (folder / "bad.csv").write_text("nothing", "utf-8")
    for given in ("sub/bad.csv", str(folder / "bad.csv")):
        _, _, err = run(capsys, "simulate", given, "--program", "topstep-50k")
        assert err.startswith(f"{given}: row 1: ")
        _, _, err = run(capsys, *JUDGE, "--zone", "UTC", "--prices", given)
        assert err.startswith(f"{given}: row 1: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_read_twice_cannot_be_a_pipe(capsys: Captured) -> None:
    os.mkfifo("pipe")
    code, _, err = run(capsys, *JUDGE, "--zone", "UTC", "--prices", "pipe=MESH6")
    assert (code, "pipe: this is a pipe: prices are read twice" in err) == (2, True)
    with pytest.raises(BadInput, match="a proof names files that can be read again"):
        measure_file(Path("pipe"), "propfirm fills")


# ------------------------------------------------------------ programs


def test_several_programs_are_checked_at_once_shipped_or_not(capsys: Captured) -> None:
    _, document, _ = run(capsys, "programs", "show", "topstep-50k", "--toml")
    Path("mine.toml").write_text(document.replace("50_000", "0"), "utf-8")
    code, out, _ = run(capsys, "programs", "check", "topstep-50k", "mine.toml", "apex-intraday-50k")
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines() if "ok," in line] == ["topstep-50k", "apex-intraday-50k"]
    assert "mine.toml: topstep-50k: starting_balance" in out


def test_a_program_that_is_written_as_a_document_is_the_same_program(capsys: Captured) -> None:
    _, document, _ = run(capsys, "programs", "show", "topstep-50k", "--toml")
    Path("mine.toml").write_text(document, "utf-8")
    code, out, _ = run(capsys, "programs", "diff", "topstep-50k", "mine.toml")
    assert (code, out) == (0, "no difference\n")


def test_an_unknown_program_is_no_file_either(capsys: Captured) -> None:
    code, _, err = run(capsys, "programs", "check", "topstep-51k")
    assert (code, err.startswith("there is no program 'topstep-51k'; did you mean topstep-50k")) == (2, True)
