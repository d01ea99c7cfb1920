"""What the product says about a worked example, and the ways to read the example's own texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, TypeAlias, TypeVar

from msgspec import Struct

from propfirm.application.rules.case_grammar import BreachWhen
from propfirm.domain.calendar.instants import named_zone, parse_instant, wall_ns
from propfirm.domain.catalogue.program import Comparison
from propfirm.domain.errors import Refused
from propfirm.domain.money import MICROS_PER_CENT, ONE, Cents, Micros, Ppm, ratio, to_cents, usd

T = TypeVar("T")

YEARS: Final = range(1971, 2262)
_WALL: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?", re.ASCII)
_TIME_OF_DAY: Final = re.compile(r"\d\d:\d\d(?::\d\d)?", re.ASCII)


@dataclass(eq=False)
class CannotJudge(Refused):
    """The example leaves something open that the product needs, or says it in a way that the product cannot hold."""

    code = "cases.cannot-judge"
    title = "The example cannot be judged"
    reason: str


class Amount(Struct, frozen=True):
    """A decimal, in millionths: of a dollar, a unit or a percent."""

    millionths: int


Figure: TypeAlias = "Amount | bool | int | date | tuple[Figure, ...] | None"
"""None: the product says that there is none."""

Figures: TypeAlias = Mapping[str, Figure]
"""By expected key."""

Readings: TypeAlias = tuple[Figures, ...]
"""The figures, once for each reading that the example leaves open."""


def comparisons(word: BreachWhen) -> tuple[Comparison, ...]:
    """What a published wording may mean."""
    match word:
        case "at_or_below":
            return ("touch",)
        case "below":
            return ("below",)
        case "unspecified":
            return ("below", "touch")


def amounts(values: Sequence[int]) -> tuple[Amount, ...]:
    return tuple(Amount(value) for value in values)


def money(text: str) -> Micros:
    try:
        return usd(text)
    except ValueError as error:
        raise CannotJudge(str(error)) from None


def cents(text: str) -> Cents:
    """An amount that is paid: it has no part of a cent."""
    amount = money(text)
    paid = to_cents(amount)
    if paid * MICROS_PER_CENT != amount:
        raise CannotJudge(f"{text} has a part of a cent")
    return paid


def rate(text: str) -> Ppm:
    try:
        return ratio(text)
    except ValueError as error:
        raise CannotJudge(str(error)) from None


def share_of_profit(text: str) -> Ppm:
    """A cap that a best day can be divided by."""
    cap = rate(text)
    if cap <= 0:
        raise CannotJudge(f"a share of {text} allows no day at all")
    return cap


def whole(count: int) -> Ppm:
    """So many units."""
    return Ppm(count * ONE)


def one_of(amount: str | None, pct: str | None, names: str) -> tuple[Micros | None, Ppm | None]:
    """An amount or a rate, exactly one of them."""
    if (amount is None) == (pct is None):
        raise CannotJudge(f"exactly one of {names} is needed")
    return (None if amount is None else money(amount), None if pct is None else rate(pct))


def needed(value: T | None, name: str) -> T:
    if value is None:
        raise CannotJudge(f"{name} is needed")
    return value


def last(items: Sequence[T], what: str) -> T:
    if not items:
        raise CannotJudge(f"there is no {what}")
    return items[-1]


def utc(text: str) -> int:
    """The instant that a key of this name tells: it may leave out the zone, which it says itself, and seconds."""
    bare = text.removesuffix("Z")
    if _WALL.fullmatch(bare):
        return wall(bare, "UTC")
    try:
        at = parse_instant(text)
    except ValueError as error:
        raise CannotJudge(str(error)) from None
    if int(text[:4]) not in YEARS:
        raise CannotJudge(f"{text} is before 1971 or after 2261")
    return at


def wall(text: str, zone: str) -> int:
    """The instant of a wall time like ``2025-03-03T15:10:00``. Raises UnknownZone."""
    try:
        moment = datetime.fromisoformat(text) if _WALL.fullmatch(text) else None
    except ValueError:
        moment = None  # 2025-02-30 has the form of a date and is none
    if moment is None:
        raise CannotJudge(f"{text[:40]!r} is not a wall time like 2025-03-03T15:10:00")
    if moment.year not in YEARS:
        raise CannotJudge(f"{text} is before 1971 or after 2261")
    return wall_ns(moment.date(), moment.time(), named_zone(zone))


def time_of_day(text: str) -> time:
    try:
        if _TIME_OF_DAY.fullmatch(text):
            return time.fromisoformat(text)
    except ValueError:
        pass  # 25:00 has the form of a time and is none
    raise CannotJudge(f"{text[:40]!r} is not a time like 15:10 or 15:10:00")
