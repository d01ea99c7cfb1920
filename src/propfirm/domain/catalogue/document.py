"""Reads a program document (a parsed TOML mapping) into a ``Program``, and writes one back.

The types of ``program.py`` are the grammar: their names are the keys, their annotations the kinds of values. What a
document spells differently stands in the tables below. Every problem is told, not the first one only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from propfirm.domain.catalogue import spelling
from propfirm.domain.catalogue.program import (
    Behaviour,
    Clock,
    MaxLoss,
    PayoutTerms,
    PositionLimit,
    Program,
    ScalingTier,
    Schedule,
    Size,
    Split,
    SplitStep,
    Stage,
)
from propfirm.domain.catalogue.spelling import Spelling
from propfirm.domain.errors import Refused
from propfirm.domain.money import Cents, Micros, Ppm

S = TypeVar("S", bound=Struct)

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML takes without quotes."""


class Problem(Struct, frozen=True, order=True):
    """What is wrong at one place of a document. path: ``stages[0].max_loss.amount``, empty for the whole document."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


@dataclass(eq=False)
class BadDocument(Refused):
    """All problems of one document, in its own order."""

    code = "catalogue.bad-document"
    title = "The program document cannot be read"
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return f"{self.title}: {'; '.join(map(str, self.problems))}"


# ------------------------------------------------------------ the grammar

_BY_TYPE: Final[Mapping[object, Spelling]] = {
    Micros: spelling.MONEY,
    Cents: spelling.PRICE,
    Ppm: spelling.RATE,
    int: spelling.COUNT,
    bool: spelling.FLAG,
    str: spelling.TEXT,
    time: spelling.TIME,
    date: spelling.DATE,
}

_BY_FIELD: Final[Mapping[tuple[type[Struct], str], Spelling]] = {
    (Program, "id"): spelling.SLUG,
    (Program, "version"): spelling.ORDINAL,
    (Program, "name"): spelling.NAME,
    (Clock, "zone"): spelling.ZONE,
    (Stage, "name"): spelling.NAME,
    (MaxLoss, "lock_value"): spelling.SIGNED_MONEY,
    (ScalingTier, "start"): spelling.SIGNED_MONEY,
    (PayoutTerms, "min_balance"): spelling.SIGNED_MONEY,
    (Schedule, "cutoff_zone"): spelling.ZONE,
    (PositionLimit, "max"): spelling.NUMBER,
    (PositionLimit, "weights"): spelling.NUMBER,
    (ScalingTier, "max"): spelling.NUMBER,
    (Behaviour, "stop_target_ratio"): spelling.NUMBER,
}

_NEVER: Final[Mapping[tuple[type[Struct], str], str]] = {(Stage, "warn_at"): "never"}
"""Optional fields that are on by default, and the word that turns them off."""


class _Field(NamedTuple):
    name: str
    hint: Any
    """The annotation, without ``| None``."""
    optional: bool
    required: bool
    default: Any


@cache
def _fields(cls: type[Struct]) -> tuple[_Field, ...]:
    hints = get_type_hints(cls)
    found = []
    for field in msgspec.structs.fields(cls):
        hint = hints[field.name]
        optional = get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)
        if optional:
            (hint,) = (arm for arm in get_args(hint) if arm is not NoneType)
        default = (
            field.default_factory() if field.default is msgspec.NODEFAULT and not field.required else field.default
        )
        found.append(_Field(field.name, hint, optional, field.required, default))
    return tuple(found)


def _size_keys(field: str) -> tuple[str, str]:
    """A size is written inline in its rule: as ``amount`` or ``pct``, or under the field's own name."""
    return ("amount", "pct") if field == "size" else (field, f"{field}_pct")


@cache
def _keys(cls: type[Struct]) -> tuple[str, ...]:
    """The keys that a table of this kind may hold."""
    return tuple(
        key for field in _fields(cls) for key in (_size_keys(field.name) if field.hint is Size else (field.name,))
    )


class _Place(NamedTuple):
    """Where a value stands. kind: of the table that holds it; kind_above: of the table around that one."""

    owner: type[Struct]
    field: str
    hint: Any
    path: str
    kind: object
    kind_above: object


def _spelling(place: _Place) -> Spelling:
    """How the single value at this place is spelled."""
    if place.owner is SplitStep and place.field == "start":
        return spelling.MONEY if place.kind_above == "by_lifetime_marginal" else spelling.COUNT
    if (place.owner, place.field) in _BY_FIELD:
        return _BY_FIELD[place.owner, place.field]
    if get_origin(place.hint) is Literal:
        return spelling.choice(get_args(place.hint))
    return _BY_TYPE[place.hint]


# ------------------------------------------------------------ reading

_BAD: Final = object()
"""Stands for a value with a problem that has been told."""


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, path: str, reason: str) -> object:
        self.problems.append(Problem(path, reason))
        return _BAD

    def table(self, cls: type[S], raw: object, path: str, kind_above: object = None) -> S:
        """The struct that ``raw`` describes, or _BAD."""
        if cls is Split and isinstance(raw, str):
            return cast("S", Split("flat", (SplitStep(0, cast("Ppm", self.single(spelling.RATE, raw, path))),)))
        if not isinstance(raw, Mapping):
            return cast("S", self.wrong(path, f"must be a table, not {spelling.kind_of(raw)}"))
        before = len(self.problems)
        for key in raw:
            if key not in _keys(cls):
                self.wrong(_join(path, key), _unknown(key, cls))
        values: dict[str, object] = {}
        for field in _fields(cls):
            place = _Place(cls, field.name, field.hint, _join(path, field.name), _kind(raw.get("kind")), kind_above)
            if field.hint is Size:
                values[field.name] = self.size(field.name, raw, path)
            elif field.name not in raw:
                if field.required:
                    self.wrong(place.path, "is missing")
            elif field.optional and raw[field.name] == _NEVER.get((cls, field.name)):
                values[field.name] = None
            else:
                values[field.name] = self.value(place, raw[field.name])
        return cls(**values) if len(self.problems) == before else cast("S", _BAD)

    def size(self, field: str, raw: Mapping[str, object], path: str) -> object:
        amount, pct = _size_keys(field)
        match amount in raw, pct in raw:
            case True, False:
                return Size(amount=cast("Micros", self.single(spelling.MONEY, raw[amount], _join(path, amount))))
            case False, True:
                return Size(pct=cast("Ppm", self.single(spelling.RATE, raw[pct], _join(path, pct))))
            case True, True:
                return self.wrong(_join(path, amount), f"give {amount} or {pct}, not both")
            case _:
                return self.wrong(_join(path, amount), f"is missing: give {amount} or {pct}")

    def value(self, place: _Place, raw: object) -> object:
        if get_origin(place.hint) is dict:
            return self.mapping(place, raw)
        if get_origin(place.hint) is tuple:
            return self.items(place, raw)
        if _is_struct(place.hint):
            return self.table(place.hint, raw, place.path, place.kind)
        return self.single(_spelling(place), raw, place.path)

    def items(self, place: _Place, raw: object) -> object:
        if not isinstance(raw, list):
            return self.wrong(place.path, f"must be a list, not {spelling.kind_of(raw)}")
        hint = get_args(place.hint)[0]
        return tuple(
            self.value(place._replace(hint=hint, path=f"{place.path}[{number}]"), item)
            for number, item in enumerate(raw)
        )

    def mapping(self, place: _Place, raw: object) -> object:
        if not isinstance(raw, Mapping):
            return self.wrong(place.path, f"must be a table, not {spelling.kind_of(raw)}")
        hint = get_args(place.hint)[1]
        return {
            self.single(spelling.NAME, key, place.path): self.value(
                place._replace(hint=hint, path=_join(place.path, key)), item
            )
            for key, item in raw.items()
        }

    def single(self, how: Spelling, raw: object, path: str) -> object:
        try:
            return how.read(raw)
        except ValueError as reason:
            return self.wrong(path, str(reason))


def _is_struct(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, Struct)


def _kind(raw: object) -> str:
    return raw if isinstance(raw, str) else ""


def _join(path: str, key: str) -> str:
    word = key if _BARE.fullmatch(key) else f'"{key}"'
    return f"{path}.{word}" if path else word


def _unknown(key: str, cls: type[Struct]) -> str:
    near = get_close_matches(key, _keys(cls), n=1, cutoff=0.6)
    return "is not known here" + (f"; did you mean {near[0]}?" if near else f"; known: {', '.join(_keys(cls))}")


def read(document: Mapping[str, object]) -> Program:
    """The program that a parsed TOML document describes. Raises BadDocument with every problem.

    It only reads: whether the rules make sense together is for ``linter.lint`` to say.
    """
    reader = _Reader()
    program = reader.table(Program, document, "")
    if reader.problems:
        raise BadDocument(tuple(reader.problems))
    return program


# ------------------------------------------------------------ writing


def to_document(program: Program, *, complete: bool = False) -> dict[str, object]:
    """The document that ``read`` takes back. Without what is as by default, unless ``complete``."""
    return _table(program, complete=complete)


def _table(struct: Struct, *, complete: bool, kind_above: object = None) -> dict[str, object]:
    cls = type(struct)
    document: dict[str, object] = {}
    for field in _fields(cls):
        value = getattr(struct, field.name)
        if isinstance(value, Size):
            document |= _size(field.name, value)
        elif value is None:
            if field.default is not None:
                document[field.name] = _NEVER[cls, field.name]
        elif field.required or complete or value != field.default:
            place = _Place(cls, field.name, field.hint, "", getattr(struct, "kind", ""), kind_above)
            document[field.name] = _value(place, value, complete=complete)
    return document


def _size(field: str, size: Size) -> dict[str, object]:
    amount, pct = _size_keys(field)
    written = {}
    if size.amount is not None:
        written[amount] = spelling.MONEY.write(size.amount)
    if size.pct is not None:
        written[pct] = spelling.RATE.write(size.pct)
    return written


def _value(place: _Place, value: object, *, complete: bool) -> object:
    match value:
        case dict():
            inner = place._replace(hint=get_args(place.hint)[1])
            return {key: _value(inner, item, complete=complete) for key, item in value.items()}
        case tuple():
            inner = place._replace(hint=get_args(place.hint)[0])
            return [_value(inner, item, complete=complete) for item in value]
        case Split("flat", (SplitStep(0, rate),), "account") if not complete:
            return spelling.RATE.write(rate)
        case Struct():
            return _table(value, complete=complete, kind_above=place.kind)
        case _:
            return _spelling(place).write(value)


def canonical(program: Program) -> bytes:
    """The one byte string of a program: JSON with sorted keys, every value in its integer unit. It is what is stored
    and hashed; a change of a default in ``program.py`` does not touch it."""
    return msgspec.json.encode(program, order="sorted")


def fingerprint(program: Program) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(program)).hexdigest()
