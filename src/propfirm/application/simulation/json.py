"""The report for machines. ``docs/report-json.md`` is its promise, ``resources/report.schema.json`` its grammar.

The types of ``report.py`` decide: a field becomes what its annotation says, so that none can be forgotten. Money and
rates are decimal strings, because a JSON number is a float to many readers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from propfirm.application.simulation.report import Report
from propfirm.domain.calendar.instants import NS_PER_S, from_ns
from propfirm.domain.money import ONE, Cents, Micros, Ppm, exact, from_cents
from propfirm.domain.rules.findings import Evidence

Plain = dict[str, Any] | list[Any] | str | int | bool | None
Convert = Callable[[Any], Plain]

INSTANTS: Final = ("at", "set_at", "opened_at", "until", "ended_at")
"""Fields that hold nanoseconds since 1970 UTC; 0 is no instant."""


def to_json(report: Report) -> bytes:
    """One line of UTF-8 with a line end; equal reports give equal bytes."""
    return msgspec.json.encode(plain(report)) + b"\n"


def decimal(millionths: int) -> str:
    """A rate, a weight or a ratio, exactly: ``0.4``."""
    whole, rest = divmod(abs(millionths), ONE)
    fraction = f".{rest:06d}".rstrip("0").rstrip(".")
    return f"{'-' if millionths < 0 else ''}{whole}{fraction}"


def instant(at: int) -> str:
    """ISO 8601 in UTC, with three, six or nine digits of a second if it is not a whole one."""
    whole = f"{from_ns(at):%Y-%m-%dT%H:%M:%S}"
    fraction = f"{at % NS_PER_S:09d}"
    while fraction.endswith("000"):
        fraction = fraction[:-3]
    return f"{whole}{'.' if fraction else ''}{fraction}Z"


FIGURES: Final[Mapping[str, Callable[[Any], str]]] = {"usd": exact, "units": decimal, "ratio": decimal}
"""How figures of evidence are written, by unit; those of all others are whole numbers."""


def plain(value: Struct) -> Plain:
    """What a report, or any value of its kind, is in JSON."""
    if isinstance(value, Evidence):
        return _evidence(value)
    config = value.__struct_config__
    converted = [(field.encode_name, convert(getattr(value, field.name))) for field, convert in _plan(type(value))]
    if config.array_like:
        return [item for _, item in converted]
    return {config.tag_field: config.tag, **dict(converted)} if config.tag_field else dict(converted)


def _evidence(evidence: Evidence) -> Plain:
    """limit, actual and distance are in the unit that the evidence names, and strings in every unit."""
    figure = FIGURES.get(evidence.unit, str)
    plain = {field.encode_name: convert(getattr(evidence, field.name)) for field, convert in _plan(Evidence)}
    plain |= {"limit": figure(evidence.limit), "actual": figure(evidence.actual)}
    return {**plain, "distance": figure(evidence.distance)}


@cache
def _plan(cls: type[Struct]) -> tuple[tuple[FieldInfo, Convert], ...]:
    """Each field in its order, and what makes it plain."""
    hints = get_type_hints(cls)
    return tuple(
        (field, _instant_or_none if field.name in INSTANTS else _converter(hints[field.name])) for field in fields(cls)
    )


def _converter(hint: object) -> Convert:
    """For one annotation. Raises TypeError for what no report may hold, such as a float."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _of_union([arm for arm in arguments if arm is not NoneType])
    if origin is tuple and arguments[1:] == (...,):
        item = _converter(arguments[0])
        return lambda values: [item(value) for value in values]
    if hint is Micros:
        return exact
    if hint is Cents:
        return lambda cents: exact(from_cents(cents))
    if hint is Ppm:
        return decimal
    if hint is date:
        return date.isoformat
    if isinstance(hint, type) and issubclass(hint, Struct):
        return plain
    if hint in (int, str, bool) or origin is Literal or (origin is dict and arguments == (str, int)):
        return lambda value: value
    msg = f"a report cannot hold {hint}"
    raise TypeError(msg)


def _of_union(arms: list[object]) -> Convert:
    """Of Structs, told apart by their tags; or of one type and None."""
    if len(arms) > 1 and all(isinstance(arm, type) and issubclass(arm, Struct) for arm in arms):
        return plain
    (arm,) = arms
    convert = _converter(arm)
    return lambda value: None if value is None else convert(value)


def _instant_or_none(at: int) -> Plain:
    return instant(at) if at else None
