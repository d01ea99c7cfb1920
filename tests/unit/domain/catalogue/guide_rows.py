"""The tables of docs/programs.md as the code has them: a row for every parameter of the vocabulary."""

from typing import Any, Final, NamedTuple, get_args, get_origin

from msgspec import Struct

from propfirm.domain.catalogue import spelling
from propfirm.domain.catalogue.document import _Field, _fields, _Place, _size_keys, _spelling, _value
from propfirm.domain.catalogue.program import Outcome, Program, Size
from propfirm.domain.catalogue.toml_text import inline

KINDS: Final = {
    spelling.MONEY: "money",
    spelling.SIGNED_MONEY: "money, may be negative",
    spelling.PRICE: "money",
    spelling.RATE: "rate",
    spelling.NUMBER: "number",
    spelling.COUNT: "count",
    spelling.ORDINAL: "count",
    spelling.FLAG: "`true`, `false`",
    spelling.TEXT: "text",
    spelling.NAME: "text",
    spelling.SLUG: "text",
    spelling.ZONE: "zone",
    spelling.TIME: "time",
    spelling.DATE: "date",
}


class Row(NamedTuple):
    """A parameter: its path below the table, the keys that spell it, and how the page tells values and default."""

    field: str
    keys: tuple[str, ...]
    values: str
    default: str

    @property
    def attribute(self) -> str:
        return self.field.rpartition(".")[2]

    @property
    def is_block(self) -> bool:
        return self.values in ("table", "tables")


def rows(tables: tuple[str, ...]) -> dict[str, tuple[Row, ...]]:
    """By table. A block without a table of its own stands in that of the block around it, with dotted keys."""
    found: dict[str, list[Row]] = {name: [] for name in tables}
    _collect(Program, "program", "", tables, found)
    return {name: tuple(rows) for name, rows in found.items()}


def _collect(cls: type[Struct], table: str, prefix: str, tables: tuple[str, ...], found: dict[str, list[Row]]) -> None:
    for field in _fields(cls):
        name = f"{prefix}{field.name}"
        keys = _size_keys(field.name) if field.hint is Size else (field.name,)
        place = _Place(cls, field.name, field.hint, "", "", "")
        row = Row(name, tuple(f"{prefix}{key}" for key in keys), _values(place), _default(cls, field, place))
        found[table].append(row)
        block = _block(field.hint)
        if block is not None and field.name in tables:
            _collect(block, field.name, "", tables, found)
        elif block is not None:
            _collect(block, table, f"{name}.", tables, found)


def _block(hint: Any) -> type[Struct] | None:
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, Struct) and kind is not Size:
            return kind
    return None


def _values(place: _Place) -> str:
    hint = place.hint
    if hint is Size:
        return "money or rate"
    if get_origin(hint) is tuple:
        inner = _values(place._replace(hint=get_args(hint)[0]))
        return "tables" if inner == "table" else f"list: {inner}"
    if get_origin(hint) is dict:
        return f"name to {_values(place._replace(hint=get_args(hint)[1]))}"
    if _block(hint) is not None:
        return "table"
    if get_args(hint) == get_args(Outcome):
        return "outcome"
    how = _spelling(place)
    return KINDS[how] if how in KINDS else ", ".join(f"`{word}`" for word in get_args(hint))


def _default(cls: type[Struct], field: _Field, place: _Place) -> str:
    if field.required:
        return ""
    if field.default is None:
        return "none"
    if isinstance(field.default, Struct):
        return "its defaults" if field.default == type(field.default)() else "everything allowed"
    if field.default in ((), {}):
        return "none"
    return f"`{inline(_value(place, field.default, complete=True))}`"
