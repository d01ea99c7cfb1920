"""docs/programs.md is what founders work from: its examples must be sound and its lists complete."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from msgspec import Struct

from propfirm.domain.catalogue.document import _fields, _keys
from propfirm.domain.catalogue.family import read_all
from propfirm.domain.catalogue.linter import EVENTS, lint
from propfirm.domain.catalogue.program import Outcome, Program, Size
from tests.unit.domain.catalogue.test_linter import CASES

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


def blocks(cls: type[Struct]) -> Iterator[type[Struct]]:
    yield cls
    for field in _fields(cls):
        for hint in (field.hint, *get_args(field.hint)):
            if isinstance(hint, type) and issubclass(hint, Struct) and hint is not Size:
                yield from blocks(hint)


def spelled_words(hint: Any) -> tuple[str, ...]:
    return get_args(hint) if get_origin(hint) is not tuple and all(isinstance(a, str) for a in get_args(hint)) else ()


def test_every_key_is_explained() -> None:
    keys = {key for block in blocks(Program) for key in _keys(block)}
    known = WORDS | {part for word in WORDS for part in word.split(".")}
    assert keys - known == set()


def test_every_word_that_can_be_chosen_is_named() -> None:
    words = {word for block in blocks(Program) for field in _fields(block) for word in spelled_words(field.hint)}
    weekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    assert words - QUOTED - WORDS - weekdays == set()
    assert set(EVENTS) | set(get_args(Outcome)) <= WORDS


def test_every_contradiction_is_listed() -> None:
    assert {case.code for case in CASES} <= QUOTED
