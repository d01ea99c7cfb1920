"""What several operations ask: whose things, and where a page begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from propfirm.application.paging import Place, Slice
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import PersonId
from propfirm.entrypoints.http.pages import Cursors, Page

TEXT_MAX: Final = 20_000

T = TypeVar("T")
V = TypeVar("V")


def owner(person: Trader | Staff) -> PersonId | None:
    """Whose things may be looked at: a trader's own, and everybody's for the staff."""
    return person.id if isinstance(person, Trader) else None


def place(cursors: Cursors, of: str, cursor: str | None) -> Place | None:
    """Where a page begins. of: whose list, of what, by which filters. Raises InvalidCursor."""
    position = cursors.read(of, cursor)
    return None if position is None else Place(int(position[0]), position[1])


def page(cursors: Cursors, of: str, found: Slice[T], show: Callable[[T], V]) -> Page[V]:
    end = found.end
    following = None if end is None else cursors.write(of, str(end.at), end.id)
    return Page([show(row) for row in found.rows], following)
