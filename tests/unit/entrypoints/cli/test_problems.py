from pathlib import Path

import pytest

from propfirm.application.ports.inputs import BadInput, Problem
from propfirm.application.ports.programs import BadProgramFile, UnknownProgram
from propfirm.application.proofs.refusals import BadBundle
from propfirm.domain.catalogue.document import Problem as Misspelt
from propfirm.domain.errors import Refused
from propfirm.domain.rules.terms import NoSuchStage
from propfirm.entrypoints.cli import files
from propfirm.entrypoints.cli.files import read_whole
from propfirm.entrypoints.cli.problems import BadFile, lines

ROWS = (Problem(3, "price", "is no price"), Problem(0, "", "the file is empty"))


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (BadInput("a.csv", ROWS), ["a.csv: row 3, column price: is no price", "a.csv: the file is empty"]),
        (BadInput("a.csv", ROWS[:1], 7), ["a.csv: row 3, column price: is no price", "a.csv: and 7 more problems"]),
        (BadProgramFile("a.toml", (Misspelt("stages[0].x", "is unknown"),)), ["a.toml: stages[0].x: is unknown"]),
        (UnknownProgram("x"), ["there is no program 'x'"]),
        (UnknownProgram("x", ("y", "z")), ["there is no program 'x'; did you mean y or z?"]),
        (BadFile(Path("a"), "is bad"), ["a: is bad"]),
        (BadBundle("no JSON"), ["This is not a proof bundle: no JSON"]),
        (NoSuchStage("p", "s", ("one", "two")), ["p has no stage 's'; it has one, two"]),
    ],
)
def test_every_problem_has_its_line_with_its_place(refusal: Refused, told: list[str]) -> None:
    assert list(lines(refusal)) == told


def test_a_file_larger_than_any_of_its_kind_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SIZE_MAX", 1024 * 1024)
    path = tmp_path / "big"
    path.write_bytes(bytes(1024 * 1024))
    assert len(read_whole(path)) == 1024 * 1024
    path.write_bytes(bytes(1024 * 1024 + 1))
    with pytest.raises(BadFile, match="is larger than 1 MiB"):
        read_whole(path)
