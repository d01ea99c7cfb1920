"""One document for a firm's whole range: a program that serves as the template, and what each size has of its own.

A family is a program document with one more table, ``[sizes]``. Its keys are the document's own keys, its stages are
named instead of counted, and every value is a list with one value for each size, like the table on a firm's page:

    [sizes]
    id = ["topstep-50k", "topstep-100k"]
    starting_balance = [50_000, 100_000]
    stages.combine.target.amount = [3_000, 6_000]

``"-"`` leaves that size as the template has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final, NamedTuple

from propfirm.domain.catalogue.document import BadDocument, Problem, read
from propfirm.domain.catalogue.program import Program
from propfirm.domain.catalogue.spelling import kind_of

SIZES: Final = "sizes"
AS_TEMPLATE: Final = "-"


class _Column(NamedTuple):
    """One line of the sizes table: where its values go, and the values."""

    keys: tuple[str, ...]
    values: list[object]

    @property
    def path(self) -> str:
        return ".".join((SIZES, *self.keys))


def expand(document: Mapping[str, object]) -> tuple[dict[str, object], ...]:
    """The program documents that this one holds: itself, or one for each size of a family.

    Raises BadDocument with every problem of the sizes table.
    """
    template = {key: value for key, value in document.items() if key != SIZES}
    if SIZES not in document:
        return (template,)
    problems: list[Problem] = []
    columns = list(_columns(document[SIZES], (), problems))
    count = next((len(column.values) for column in columns if column.keys == ("id",)), None)
    if count is None:
        raise BadDocument((*problems, Problem(f"{SIZES}.id", "is missing: the sizes need their ids")))
    problems += (
        Problem(column.path, f"has {len(column.values)} values for {count} sizes")
        for column in columns
        if len(column.values) != count
    )
    if problems:
        raise BadDocument(tuple(problems))
    expanded = tuple(deepcopy(template) for _ in range(count))
    barred = dict.fromkeys(
        column.path
        for column in columns
        for size, value in zip(expanded, column.values, strict=True)
        if value != AS_TEMPLATE and not _put(size, column.keys, value)
    )
    if barred:
        reason = "stands below something that is not a table, or in a stage that the template has not"
        raise BadDocument(tuple(Problem(path, reason) for path in barred))
    return expanded


def read_all(document: Mapping[str, object]) -> tuple[Program, ...]:
    """The programs that a document holds: one, or one for each size of a family.

    Raises BadDocument with the problems of all sizes: those of the template once, those of single sizes with their id
    before the path.
    """
    sizes = expand(document)
    programs: list[Program] = []
    problems: dict[Problem, list[str]] = {}
    for number, size in enumerate(sizes):
        try:
            programs.append(read(size))
        except BadDocument as bad:
            for problem in bad.problems:
                problems.setdefault(problem, []).append(str(size.get("id", f"size {number + 1}")))
    if problems:
        raise BadDocument(
            tuple(
                problem if len(ids) == len(sizes) else Problem(f"{name}: {problem.path}", problem.reason)
                for problem, ids in problems.items()
                for name in (ids[:1] if len(ids) == len(sizes) else ids)
            )
        )
    repeated = sorted({program.id for program in programs if sum(other.id == program.id for other in programs) > 1})
    if repeated:
        raise BadDocument(tuple(Problem(f"{SIZES}.id", f"{name!r} is used more than once") for name in repeated))
    return tuple(programs)


def _columns(table: object, keys: tuple[str, ...], problems: list[Problem]) -> Iterator[_Column]:
    match table:
        case Mapping():
            for key, value in table.items():
                yield from _columns(value, (*keys, key), problems)
        case list():
            yield _Column(keys, table)
        case _:
            path = ".".join((SIZES, *keys))
            problems.append(Problem(path, f"must be a list with one value for each size, not {kind_of(table)}"))


def _put(document: dict[str, Any], keys: tuple[str, ...], value: object) -> bool:
    """Sets the value at these keys, in new tables where there are none. False where the way is barred."""
    here: Any = document
    for key in keys[:-1]:
        if isinstance(here, list):
            here = next((stage for stage in here if isinstance(stage, dict) and stage.get("name") == key), None)
        elif isinstance(here, dict):
            here = here.setdefault(key, {})
        else:
            return False
    if not isinstance(here, dict):
        return False
    here[keys[-1]] = deepcopy(value)
    return True
