"""The one spelling of a JSON value: sorted keys, no spaces, whole numbers of 64 bits, shortest escapes.

Hashes are taken over it, so that two people who mean the same write the same bytes.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from propfirm.application.proofs.refusals import BadBundle

DEPTH_MAX: Final = 64
"""Levels of nesting; a program needs nine."""
INT_MIN: Final = -(1 << 63)
INT_MAX: Final = (1 << 63) - 1


def encode(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def parse(content: bytes, what: str) -> object:
    """The JSON value as plain lists, dicts, strings, ints, bools and None. Raises BadBundle naming ``what``.

    The spelling is not judged: ``encode(parse(content)) == content`` says whether it is the canonical one.
    """
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = f"{what} cannot be read as JSON ({error})"
        raise BadBundle(reason) from error
    except RecursionError:
        reason = f"{what} is nested deeper than {DEPTH_MAX} levels"
        raise BadBundle(reason) from None
    _check(value, what, 0)
    return value


def _check(value: object, path: str, depth: int) -> None:
    if depth > DEPTH_MAX:
        reason = f"{path[:80]} is nested deeper than {DEPTH_MAX} levels"
        raise BadBundle(reason)
    match value:
        case dict():
            for key, inner in value.items():
                _check(inner, f"{path}.{key}", depth + 1)
        case list():
            for index, inner in enumerate(value):
                if isinstance(inner, dict | list | int | float):
                    _check(inner, f"{path}[{index}]", depth + 1)
        case bool():
            pass
        case int():
            if not INT_MIN <= value <= INT_MAX:
                reason = f"{path} is beyond 64 bits"
                raise BadBundle(reason)
        case float():
            reason = f"{path} is not a whole number"
            raise BadBundle(reason)
        case _:
            pass


class Misread(Struct, frozen=True):
    """unknown: this release has no such field. respelled: the value is known, but written in another way."""

    path: str
    kind: Literal["unknown", "respelled"]


Plain: TypeAlias = object
"""A parsed JSON value."""


def misread(told: Plain, understood: Plain, path: str) -> Misread | None:
    """The first place where ``told`` says something that is not in ``understood``, which was made from it.

    What is only in ``understood`` is a default of a field younger than the file, and no difference: an object may have
    more keys, a list (a positional event) more items at its end.
    """
    match told, understood:
        case dict(), dict():
            for key, value in told.items():
                if key not in understood:
                    return Misread(f"{path}.{key}", "unknown")
                if found := misread(value, understood[key], f"{path}.{key}"):
                    return found
            return None
        case list(), list():
            if len(told) > len(understood):
                return Misread(f"{path}[{len(understood)}]", "unknown")
            for index, (one, other) in enumerate(zip(told, understood, strict=False)):
                if found := misread(one, other, f"{path}[{index}]"):
                    return found
            return None
        case _:
            same = type(told) is type(understood) and told == understood
            return None if same else Misread(path, "respelled")
