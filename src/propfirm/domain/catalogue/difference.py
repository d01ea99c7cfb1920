"""What changed between two programs, or two versions of one, in the spelling of their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from propfirm.domain.catalogue.document import to_document
from propfirm.domain.catalogue.program import Program
from propfirm.domain.catalogue.toml_text import flat, inline


class Change(Struct, frozen=True):
    """path: into the document, with stages by name: ``stages.funded.max_loss.amount``. None: it is not there."""

    path: str
    before: str | None
    after: str | None


def diff(before: Program, after: Program) -> tuple[Change, ...]:
    """Every value that differs, in the order of the documents; empty if and only if the programs are equal.

    Of a block that only one of them has, what is as by default is left out.
    """
    old, new = _Spelled(before), _Spelled(after)
    return tuple(
        Change(path, old.values.get(path), new.values.get(path))
        for path in _merged(list(old.values), list(new.values))
        if old.values.get(path) != new.values.get(path) and old.tells(path, new) and new.tells(path, old)
    )


class _Spelled:
    """A program as flat paths and values. said: the paths that it holds itself, not by default."""

    def __init__(self, program: Program) -> None:
        self.values = dict(_leaves("", to_document(program, complete=True)))
        self.said = dict(_leaves("", to_document(program)))

    def tells(self, path: str, other: _Spelled) -> bool:
        """False for a value that only this one has, and only by default."""
        if path not in self.values or path in other.values:
            return True
        return path in self.said or any(path.startswith(f"{whole}.") for whole in self.said)


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case Mapping():
            if not value:
                yield path, "{}"
            for key, item in value.items():
                yield from _leaves(f"{path}.{key}" if path else key, item)
        case list() if value and all(isinstance(item, Mapping) for item in value):
            for number, item in enumerate(value):
                yield from _leaves(_element(path, number, item, value), item)
        case list():
            yield path, flat(value)
        case _:
            yield path, inline(value)


def _element(path: str, number: int, item: object, among: list[object]) -> str:
    """A stage is named, so that one put between others does not move them; other elements are counted."""
    names = [one.get("name") for one in among if isinstance(one, Mapping)]
    name = item.get("name") if isinstance(item, Mapping) else None
    return f"{path}.{name}" if isinstance(name, str) and names.count(name) == 1 else f"{path}[{number}]"


def _merged(old: list[str], new: list[str]) -> list[str]:
    """The paths of both, each where its own document has it."""
    shared = set(old) & set(new)
    merged: dict[str, None] = {}
    waiting = iter(new)
    for path in old:
        if path in shared and path not in merged:
            for other in waiting:
                merged[other] = None
                if other == path:
                    break
        merged[path] = None
    return list(merged | dict.fromkeys(new))
