"""Writes a program document as TOML text, always the same way. The standard library only reads TOML.

Covers what ``document.to_document`` makes: text, whole numbers, true and false, dates, lists, tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\"}


def to_toml(document: Mapping[str, object]) -> str:
    """The document as TOML, keys in its own order, single values before tables."""
    return "\n".join(_table(document, ())).strip("\n") + "\n"


def _table(table: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    nested = {key: value for key, value in table.items() if _is_nested(value)}
    yield from (f"{_key(key)} = {inline(value)}" for key, value in table.items() if key not in nested)
    for key, value in nested.items():
        name = ".".join(map(_key, (*path, key)))
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]", *_table(value, (*path, key)))
        elif isinstance(value, list):
            for item in value:
                yield from ("", f"[[{name}]]", *_table(item, (*path, key)))


def _is_nested(value: object) -> bool:
    """Tables stand on their own, and so do lists of tables that hold tables; a list of flat tables fits in lines."""
    if isinstance(value, list):
        tables = [item for item in value if isinstance(item, Mapping)]
        return len(tables) == len(value) and any(_is_nested(inner) for table in tables for inner in table.values())
    return isinstance(value, Mapping)


def inline(value: object) -> str:
    """One value as TOML spells it: ``2_000``, ``"8 %"``, ``[1, 2]``. Raises TypeError for what TOML has not."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:_}"
        case str():
            return f'"{_escaped(value)}"'
        case date():
            return value.isoformat()
        case list() if any(isinstance(item, Mapping) for item in value) or len(flat(value)) > _WIDTH:
            return "".join(("[\n", *(f"    {inline(item)},\n" for item in value), "]"))
        case list():
            return flat(value)
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {inline(item)}" for key, item in value.items()) + " }"
        case _:
            msg = f"{type(value).__name__} has no place in a program document"
            raise TypeError(msg)


_WIDTH: Final = 100


def flat(value: list[object]) -> str:
    """A list in one line, however long."""
    return f"[{', '.join(map(inline, value))}]"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else f'"{_escaped(key)}"'


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in text)
