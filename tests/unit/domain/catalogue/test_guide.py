"""docs/programs.md is what founders work from: its examples must be sound and its lists complete."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from propfirm.domain.catalogue.family import read_all
from propfirm.domain.catalogue.linter import lint
from propfirm.domain.catalogue.phrases import RELEASES
from propfirm.domain.catalogue.program import Outcome
from tests.unit.domain.catalogue.guide_rows import rows
from tests.unit.domain.catalogue.test_linter import CASES

SOURCE = Path(__file__).parents[4] / "src" / "propfirm"
GUIDE = (Path(__file__).parents[4] / "docs" / "programs.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
QUOTED = set(re.findall(r"`([^`\n]+)`", GUIDE))
WORDS = {word for quoted in QUOTED for word in re.findall(r"[A-Za-z0-9_.-]+", quoted)}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split("\n", 1)[0])
def test_every_example_is_a_program_that_makes_sense(example: str) -> None:
    for program in read_all(tomllib.loads(example)):
        assert lint(program) == ()


def test_the_mistake_of_the_walk_through_is_told_as_it_says() -> None:
    walked = EXAMPLES[1].replace(
        'daily_loss = { pct = "2 %", outcome = "lock_day" }', 'daily_loss = { pct = "5 %" }', 1
    )
    (program,) = read_all(tomllib.loads(walked))
    (found,) = lint(program)
    assert str(found) in GUIDE.replace("\n", " ")


TABLES = {
    name.strip("`"): [[cell.strip() for cell in line[2:-1].split(" |")] for line in lines.splitlines()[2:]]
    for name, lines in re.findall(r"^### (?:The )?(\S+).*\n((?:\|.*\n)+)", GUIDE, re.MULTILINE)
}
PARAMETERS = rows(tuple(TABLES))


@pytest.mark.parametrize("table", TABLES)
def test_a_table_says_of_each_parameter_what_the_code_says(table: str) -> None:
    told = [tuple(line[:3]) for line in TABLES[table]]
    assert told == [(" or ".join(f"`{key}`" for key in row.keys), row.values, row.default) for row in PARAMETERS[table]]


@pytest.mark.parametrize("table", TABLES)
def test_the_package_that_acts_on_a_parameter_does_read_it(table: str) -> None:
    for line, row in zip(TABLES[table], PARAMETERS[table], strict=True):
        assert (line[3] == "") == row.is_block
        if not row.is_block:
            folder = SOURCE / line[3] if line[3].startswith("application/") else SOURCE / "domain" / line[3]
            modules = (module.read_text("utf-8") for module in folder.glob("*.py"))
            assert any(re.search(rf"\.{row.attribute}\b", module) for module in modules), (table, row.field)


def test_every_category_of_releases_and_every_outcome_is_named() -> None:
    assert set(RELEASES) | set(get_args(Outcome)) <= WORDS


def test_every_contradiction_is_listed() -> None:
    assert {case.code for case in CASES} <= QUOTED
