"""Lists, newest first, a slice at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Place(Struct, frozen=True):
    """A row's place in its list. at: ns since 1970 UTC; id: tells rows of one instant apart."""

    at: int
    id: str


class Slice(Struct, Generic[T], frozen=True):
    """end: the place of the last row, where there are more behind it."""

    rows: Sequence[T]
    end: Place | None = None
