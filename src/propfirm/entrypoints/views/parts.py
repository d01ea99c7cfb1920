"""What several shapes are made of: amounts, ratios, instants."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.money import Micros, exact

Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]+\.[0-9]{2,6}$",
        description="US dollars, exact: two decimals or as many as there are",
        examples=["50000.00"],
    ),
]
Ratio = Annotated[str, Meta(description="A share or factor, exact to the millionth", examples=["0.4"])]


def amount(value: Micros | None) -> str | None:
    return None if value is None else exact(value)


def moment(at: int | None) -> datetime | None:
    """Nanoseconds to UTC; 0 is no instant."""
    return from_ns(at) if at else None
