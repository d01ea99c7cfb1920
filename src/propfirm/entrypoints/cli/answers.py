"""Answers of the commands at the firm: for machines in the shapes of the API, for people in lines and columns."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from propfirm.application.printable import printable
from propfirm.domain.money import Cents, from_cents, show, show_exact, usd

NOTHING: Final = "-"
ENDLESS: Final = 1_000_000
"""Columns of what is no terminal, unless COLUMNS says otherwise."""
_AMOUNT: Final = re.compile(r"-?[0-9]+\.[0-9]{2,6}", re.ASCII)
_FIGURE: Final = re.compile(r"-|-?[0-9][0-9,]*(\.[0-9]+)?", re.ASCII)
_UNIT: Final = re.compile(r"_(minor|s)$")


def put(answer: object, lines: Iterable[str], *, json: bool) -> None:
    """lines: the same for people."""
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n")
        return
    for line in lines:
        print(line)


def columns(rows: Sequence[Struct], *fields: str) -> Iterator[str]:
    """A table. fields: of each row, dotted where they lie deeper. Figures stand to the right.

    On a terminal that is too narrow for it each row is told in lines of its own: no figure is cut.
    """
    cells = [[cell(field, _found(row, field)) for field in fields] for row in rows]
    heads = [_named(field.rpartition(".")[2]).upper() for field in fields]
    right = [all(_FIGURE.fullmatch(row[at]) for row in cells) for at in range(len(fields))]
    widths = [max(map(len, (heads[at], *(row[at] for row in cells)))) for at in range(len(fields))]
    if cells and sum(widths) + 2 * (len(widths) - 1) > shutil.get_terminal_size((ENDLESS, 24)).columns:
        yield from _one_by_one(heads, cells)
        return
    for row in (heads, *cells):
        padded = [
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(row, widths, right, strict=True)
        ]
        yield "  ".join(padded).rstrip()


def _one_by_one(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    width = max(map(len, heads))
    for number, row in enumerate(cells):
        if number:
            yield ""
        yield from (f"{head:<{width}}  {text}" for head, text in zip(heads, row, strict=True))


def facts(view: Struct, *without: str, indent: str = "") -> Iterator[str]:
    """A line a field; what lies deeper stands below its name. without: fields that are told otherwise."""
    titles = _titles([name for name in view.__struct_fields__ if name not in without])
    width = max(map(len, titles.values()), default=0)
    for name, title in titles.items():
        value = getattr(view, name)
        if isinstance(value, Struct):
            yield f"{indent}{title}"
            yield from facts(value, indent=f"{indent}  ")
        elif _are_structs(value):
            yield f"{indent}{title}"
            yield from (f"{indent}  {line}" for line in columns(value, *value[0].__struct_fields__))
        else:
            yield f"{indent}{title:<{width}}  {cell(name, value)}"


def cell(field: str, value: object) -> str:
    """A value as people read it. field: its name, whose end tells the unit: ``_minor`` cents, ``_s`` seconds."""
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case int() if field.endswith("_minor"):
            return show(from_cents(Cents(value)))
        case int() if field.endswith("_s"):
            return duration(value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case str() if _AMOUNT.fullmatch(value):
            return show_exact(usd(value))
        case dict():
            return ", ".join(f"{printable(str(key))} {one}" for key, one in value.items()) or NOTHING
        case list() | tuple():
            return ", ".join(printable(str(one)) for one in value) or NOTHING
        case _:
            return printable(str(value))


def duration(seconds: int) -> str:
    """The two largest units: ``2d 3h``, ``3h 20m``, ``20m``; less than a minute in seconds."""
    days, rest = divmod(abs(seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{n}{unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n] or [f"{rest}s"]
    return ("-" if seconds < 0 else "") + " ".join(parts[:2])


def _found(row: object, field: str) -> object:
    """None as soon as there is nothing deeper."""
    for name in field.split("."):
        row = None if row is None else getattr(row, name)
    return row


def _named(field: str) -> str:
    return _UNIT.sub("", field).replace("_", " ")


def _titles(names: Sequence[str]) -> dict[str, str]:
    """Each field as it is headed: a count and the sum of the same things are told apart."""
    sums = {one for one in names if one.endswith("_minor") and one.removesuffix("_minor") in names}
    return {one: f"{_named(one)} in dollars" if one in sums else _named(one) for one in names}


def _are_structs(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Struct)
