"""Runs the README's tour as a reader would: the promise of the first ten minutes is a test."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
COMMAND_TIMEOUT_S = 120


def tour(text: str) -> str:
    """The part between the two marks. Raises ValueError without them."""
    _, start, rest = text.partition("<!-- tour:start -->")
    inside, end, _ = rest.partition("<!-- tour:end -->")
    if not (start and end):
        raise ValueError("the tour's marks are missing")
    return inside


def commands(text: str) -> Iterator[tuple[str, int]]:
    """Each `$ command` in the ```console blocks, with the exit code it promises (0, or a trailing `# exit N`)."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^\$ (.+)$", block, re.MULTILINE):
            promised = re.search(r"#\s*exit (\d+)\s*$", line)
            yield line, int(promised[1]) if promised else 0


def test_every_command_of_the_tour_ends_as_the_readme_says(tmp_path: Path) -> None:
    steps = list(commands(tour(README)))
    assert steps
    # `propfirm` is the one of this environment, whichever shell starts the tests.
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    for command, promised in steps:
        run = subprocess.run(
            ["bash", "-c", command],  # noqa: S607 - whichever bash the reader has
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        assert run.returncode == promised, f"$ {command}\n{run.stdout}{run.stderr}"


def test_a_tour_is_read_line_by_line() -> None:
    first = "```console\n$ one --x\noutput\n$ two  # exit 3\n```\n"
    text = first + "text\n```python\n$ no\n```\n" + "```console\n$ three # why\n```\n"
    assert list(commands(text)) == [("one --x", 0), ("two  # exit 3", 3), ("three # why", 0)]


def test_a_readme_without_a_tour_is_an_error() -> None:
    with pytest.raises(ValueError, match="marks"):
        tour("# propfirm")
