"""What several operations show: amounts, instants, pages, and whose things are asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final, TypeVar

from msgspec import Meta

from propfirm.application.paging import Place, Slice
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import PersonId
from propfirm.domain.money import Micros, exact
from propfirm.entrypoints.http.pages import Cursors, Page

Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]+\.[0-9]{2,6}$",
        description="US dollars, exact: two decimals or as many as there are",
        examples=["50000.00"],
    ),
]
Ratio = Annotated[str, Meta(description="A share or factor, exact to the millionth", examples=["0.4"])]
PRICE_MAX: Final = 2**53 - 1
TEXT_MAX: Final = 20_000

T = TypeVar("T")
V = TypeVar("V")


def amount(value: Micros | None) -> str | None:
    return None if value is None else exact(value)


def moment(at: int | None) -> datetime | None:
    """Nanoseconds to UTC; 0 is no instant."""
    return from_ns(at) if at else None


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
