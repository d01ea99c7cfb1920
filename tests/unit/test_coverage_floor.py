"""The gate of .ci/run: it must be able to close."""

import json
from pathlib import Path

import pytest

from tools.coverage_floor import main


def report(folder: Path, branches: tuple[int, int], statements: tuple[int, int] = (100, 100)) -> Path:
    inside = {
        "covered_branches": branches[0],
        "num_branches": branches[1],
        "covered_lines": statements[0],
        "num_statements": statements[1],
    }
    bare = {"covered_branches": 0, "num_branches": 50, "covered_lines": 0, "num_statements": 50}
    path = folder / "coverage.json"
    files = {"src/core/a.py": {"summary": inside}, "src/core_of_another/b.py": {"summary": bare}}
    path.write_text(json.dumps({"files": files}), "utf-8")
    return path


@pytest.mark.parametrize(
    ("branches", "statements", "code"),
    [
        ((98, 100), (100, 100), 0),
        ((97, 100), (100, 100), 1),
        ((100, 100), (97, 100), 1),
        ((0, 0), (100, 100), 0),
        ((0, 0), (0, 0), 1),
    ],
)
def test_the_gate_opens_at_the_floor_and_not_below(
    branches: tuple[int, int], statements: tuple[int, int], code: int, tmp_path: Path
) -> None:
    assert main(report(tmp_path, branches, statements), "src/core", 98) == code


def test_a_folder_that_nobody_measured_is_a_failure(tmp_path: Path) -> None:
    assert main(report(tmp_path, (1, 1)), "src/elsewhere", 98) == 1
