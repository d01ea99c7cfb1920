"""Old code runs beside a new database while a release rolls out: a step may add, and only a later one takes away.

The first steps make the tables of an empty database and may do as they like; those after them are read here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

VERSIONS = Path(__file__).parents[2] / "src" / "propfirm" / "adapters" / "postgres" / "migrations" / "versions"
FOUNDATION: Final = ("m0001", "m0002", "m0003")

FORBIDDEN: Final = {
    r"\bdrop\s+(column|table)\b": "takes away what old code still reads: expand, migrate, and contract a release later",
    r"\brename\b": "renames what old code still reads: add the new name, migrate, and contract a release later",
    r"\bset\s+not\s+null\b": "fails on rows that lack it, after locking: list them first, and validate a constraint",
    r"\badd\s+(constraint\s+\w+\s+)?unique\b": "fails on rows that are double, after locking: list them first",
    r"\bcreate\s+unique\s+index\b(?!\s+concurrently)": "holds up every writer: create it concurrently",
}
CONTRACTS: Final = "CONTRACTS"
"""A step that takes away says so: ``CONTRACTS = "0007"`` names the step of an earlier release that made it needless."""


def problems(source: str) -> Iterator[str]:
    """What is wrong with the way up of one step."""
    tree = ast.parse(source)
    declared = any(
        isinstance(one, ast.Assign) and any(isinstance(to, ast.Name) and to.id == CONTRACTS for to in one.targets)
        for one in tree.body
    )
    texts = [
        one.value for one in ast.walk(_way_up(tree)) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    calls = [one.attr for one in ast.walk(_way_up(tree)) if isinstance(one, ast.Attribute)]
    said = "\n".join([*texts, *(name.replace("_", " ") for name in calls)]).lower()
    if not declared:
        yield from (reason for pattern, reason in FORBIDDEN.items() if re.search(pattern, said))


def _way_up(tree: ast.Module) -> ast.Module:
    """Everything but the way down."""
    kept = [one for one in tree.body if not (isinstance(one, ast.FunctionDef) and one.name == "downgrade")]
    return ast.Module(kept, [])


def test_no_step_takes_away_what_old_code_reads() -> None:
    later = [one for one in sorted(VERSIONS.glob("m*.py")) if not one.name.startswith(FOUNDATION)]
    assert {one.name: list(problems(one.read_text("utf-8"))) for one in later} == {one.name: [] for one in later}


@pytest.mark.parametrize(
    "act",
    [
        "op.execute('alter table users drop column email')",
        "op.drop_column('users', 'email')",
        "op.execute('ALTER TABLE users RENAME COLUMN email TO mail')",
        "op.execute('alter table users alter email set not null')",
        "op.execute('alter table users add constraint one unique (email)')",
        "op.execute('create unique index one on users (email)')",
    ],
)
def test_the_lint_finds_what_it_is_for(act: str) -> None:
    step = f"from alembic import op\ndef upgrade():\n    {act}\ndef downgrade():\n    pass\n"
    assert list(problems(step))
    assert list(problems(f"CONTRACTS = '0004'\n{step}")) == []


def test_a_step_that_only_adds_is_fine_whatever_its_way_back_does() -> None:
    step = "def upgrade():\n    op.add_column('users', x)\ndef downgrade():\n    op.drop_column('users', 'x')\n"
    assert list(problems(step)) == []
