"""What several operations ask: whose things, and where a page begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from propfirm.application.paging import Place, Slice
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import PersonId
from propfirm.entrypoints.http.dependencies import Given
from propfirm.entrypoints.http.pages import LIMIT_DEFAULT, Cursors, CursorText, Limit, Page
from propfirm.entrypoints.http.requests import AnyRequest, person

TEXT_MAX: Final = 20_000

T = TypeVar("T")
V = TypeVar("V")


def owner(who: Trader | Staff) -> PersonId | None:
    """Whose things may be looked at: a trader's own, and everybody's for the staff."""
    return who.id if isinstance(who, Trader) else None


@dataclass(frozen=True, slots=True)
class Paging:
    """The page that is asked for. of: whose list, of what, by which filters."""

    cursors: Cursors
    of: str
    after: Place | None
    limit: int

    def page(self, found: Slice[T], show: Callable[[T], V]) -> Page[V]:
        return page(self.cursors, self.of, found, show)


def paging(
    request: AnyRequest, cursors: Given[Cursors], limit: Limit = LIMIT_DEFAULT, cursor: CursorText = None
) -> Paging:
    """Of a list operation, by the request itself, so that none can leave out who asks or a filter. Raises
    InvalidCursor."""
    filters = sorted(one for one in request.query_params.multi_items() if one[0] not in {"limit", "cursor"})
    of = msgspec.json.encode((request.url.path, str(person(request).id), filters)).decode()
    return Paging(cursors, of, place(cursors, of, cursor), limit)


def place(cursors: Cursors, of: str, cursor: str | None) -> Place | None:
    """Where a page begins. of: whose list, of what, by which filters. Raises InvalidCursor."""
    position = cursors.read(of, cursor)
    return None if position is None else Place(int(position[0]), position[1])


def page(cursors: Cursors, of: str, found: Slice[T], show: Callable[[T], V]) -> Page[V]:
    end = found.end
    following = None if end is None else cursors.write(of, str(end.at), end.id)
    return Page([show(row) for row in found.rows], following)
