"""Figures and small phrases that the words about a program are made of."""

from __future__ import annotations

from datetime import time
from typing import Final

from propfirm.domain.catalogue.program import Outcome, Size, Weekday
from propfirm.domain.money import Micros, Ppm, exact, show_exact, show_rate

OUTCOMES: Final[dict[Outcome, str]] = {
    "fail": "everything is closed and the account is over",
    "lock_day": "everything is closed and you may trade again when the next day begins",
    "reject_order": "the order is refused and nothing else happens",
    "close_offending": "the position is closed and the account goes on",
    "strip_profit": "the profit of that trade does not count for payouts, and the account goes on",
    "block_payout": "the account goes on, but payouts wait for a review",
    "strike": "it is counted as a strike",
    "warn": "you get a notice and nothing else happens",
}

RELEASES: Final[dict[str, str]] = {
    "NFP": "US nonfarm payrolls",
    "CPI": "US consumer prices",
    "FOMC": "the Federal Reserve's rate decision",
    "FOMC_PRESS": "the Federal Reserve's press conference",
    "CRUDE_INVENTORIES": "US crude oil inventories",
    "TREASURY_AUCTION": "US Treasury auctions",
}
"""The categories of releases that a news rule may name."""

_WEEKDAYS: Final[dict[Weekday, str]] = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def usd(amount: Micros) -> str:
    """Cents, or as many places as an odd amount needs."""
    return show_exact(amount)


def rate(value: Ppm) -> str:
    return show_rate(value)


def sized(size: Size, base: Micros, base_name: str) -> str:
    """``4,000.00 (8 % of the account size)``, or the plain amount."""
    how = f" ({rate(size.pct)} of {base_name})" if size.pct is not None else ""
    return f"{usd(size.of(base))}{how}"


def units(value: Ppm, unit: str) -> str:
    """Millionths as a plain number with its unit: ``5 minis``, ``0.5 contracts``."""
    plain = exact(Micros(value)).rstrip("0").rstrip(".")
    if not unit:
        return plain
    return f"{plain} {unit}" if plain == "1" else f"{plain} {unit}s"


def number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def numbered(place: int) -> str:
    if 10 <= place % 100 <= 20:
        return f"{place}th"
    return f"{place}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th') }"


def days(count: int) -> str:
    return number(count, "calendar day")


def duration(seconds: int) -> str:
    """``2 minutes``, ``1 hour 30 seconds``."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [number(n, what) for n, what in ((hours, "hour"), (minutes, "minute"), (left, "second")) if n]
    return " ".join(parts) or "0 seconds"


def clock_time(value: time) -> str:
    return value.isoformat("seconds" if value.second else "minutes")


def weekday(day: Weekday) -> str:
    return _WEEKDAYS[day]


def words_and(parts: list[str], word: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}" if parts else "none"


def clause(sentence: str, condition: str) -> str:
    return f"{sentence}, {condition}." if condition else f"{sentence}."
