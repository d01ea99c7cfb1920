"""What a command may write over, and what it keeps until it is told otherwise."""

import shutil
from pathlib import Path

import pytest

from propfirm.entrypoints.cli.main import main

HISTORY = """\
time,symbol,side,quantity,price,execution_id,fee
2026-03-02T15:00:00Z,MESH6,buy,1,6000.25,1,2
2026-03-02T15:01:00Z,MESH6,sell,1,6001.25,2,2
"""
OTHER = HISTORY.replace("6001.25", "6002.25")

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("history.csv").write_text(HISTORY, "utf-8")
    Path("other.csv").write_text(OTHER, "utf-8")
    assert main(["keys", "create", "firm.pem"]) == 0


def judged(history: str, *outputs: str) -> int:
    return main(["simulate", history, "--program", "topstep-50k", "--quiet", *outputs])


SIGNED = ("--proof", "p.json", "--sign", "firm.pem")


def test_a_signed_proof_is_written_over_by_nothing_but_itself(capsys: Captured) -> None:
    assert judged("history.csv", *SIGNED) == 0
    signed = Path("p.json").read_bytes()
    assert judged("history.csv", *SIGNED) == 0
    assert judged("other.csv", *SIGNED) == 2
    assert judged("history.csv", "--proof", "p.json") == 2
    assert "p.json: differs from what would be written and is there already: --force" in capsys.readouterr().err
    assert Path("p.json").read_bytes() == signed
    assert judged("other.csv", *SIGNED, "--force") == 0
    assert Path("p.json").read_bytes() != signed


def test_an_unsigned_proof_gives_way_to_the_next_one() -> None:
    assert judged("history.csv", "--proof", "p.json") == 0
    assert judged("other.csv", "--proof", "p.json") == 0
    assert judged("history.csv", *SIGNED) == 0


@pytest.mark.parametrize("content", ["notes", "{}", '{"format":"other/1","signature":null}', "\udcff"])
def test_a_file_that_is_no_proof_is_kept(capsys: Captured, content: str) -> None:
    Path("p.json").write_bytes(content.encode(errors="surrogateescape"))
    assert judged("history.csv", "--proof", "p.json") == 2
    assert capsys.readouterr().err.startswith("p.json: holds something else than this command writes")
    assert judged("history.csv", "--proof", "p.json", "--force") == 0


def test_an_empty_file_is_nobodys() -> None:
    Path("p.json").touch()
    assert judged("history.csv", "--proof", "p.json") == 0


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["a.png", "a.svg"])
def test_a_picture_gives_way_to_a_picture_of_its_format_alone(capsys: Captured, name: str) -> None:
    assert judged("history.csv", "--chart", name) == 0
    assert judged("other.csv", "--chart", name) == 0
    shutil.copy("history.csv", name)
    assert judged("history.csv", "--chart", name) == 2
    assert name in capsys.readouterr().err
    assert Path(name).read_text("utf-8") == HISTORY


def test_a_changed_example_is_kept_unless_it_is_forced(capsys: Captured) -> None:
    assert main(["example", "week"]) == 0
    assert main(["example", "week"]) == 0
    changed = Path("week/es-week.csv")
    shipped = changed.read_bytes()
    changed.write_bytes(shipped + b"mine")
    assert main(["example", "week"]) == 2
    assert "es-week.csv: differs from what would be written" in capsys.readouterr().err
    assert changed.read_bytes() == shipped + b"mine"
    assert main(["example", "week", "--force"]) == 0
    assert changed.read_bytes() == shipped
