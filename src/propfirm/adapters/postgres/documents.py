"""Values to JSON columns and back. A stored tag is never renamed; what cannot be read is a bug and crashes."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_json(value: object) -> Any:  # noqa: ANN401 - JSON is whatever it is
    """Plain lists, dicts, strings and numbers, as JSONB takes them."""
    return msgspec.to_builtins(value, str_keys=True)


def from_json(document: object, kind: Any) -> Any:  # noqa: ANN401 - a union is no type that mypy can name
    """The inverse of ``to_json``. kind: the type or union that was written."""
    return msgspec.convert(document, kind, str_keys=True)


def dump(document: object) -> str:
    """JSON text for the driver."""
    return msgspec.json.encode(document).decode()


def load(text: str | bytes) -> object:
    return msgspec.json.decode(text)
