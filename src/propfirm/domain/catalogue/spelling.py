"""How single values are spelled in a program document: for founders, and never as a float.

Money is whole dollars (``2_000``) or a decimal string (``"2000.50"``), a rate is a string with a per-cent sign
(``"8 %"``) or a decimal fraction (``"0.08"``), a time of day is ``"17:00"`` or ``"15:10:00"``, a date is a TOML date.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from propfirm.domain.money import (
    MICROS_PER_CENT,
    MONEY_MAX,
    ONE,
    Micros,
    Ppm,
    exact,
    parse_scaled,
    show_rate,
)

COUNT_MAX: Final = 1_000_000_000
RATE_MAX: Final = Ppm(10 * ONE)
NUMBER_MAX: Final = Ppm(1_000_000 * ONE)
TEXT_MAX: Final = 2_000
PERCENT_PLACES: Final = 4
"""Of a per cent: a rate is millionths."""

_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_SLUG_MAX: Final = 64


class Spelling(NamedTuple):
    """One kind of value: from what a document holds and back. ``read`` raises ValueError with the reason."""

    read: Callable[[object], Any]
    write: Callable[[Any], object]


def kind_of(raw: object) -> str:
    """What a document holds, in the words of someone who wrote it."""
    match raw:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number with a point"
        case str():
            return "text"
        case dict():
            return "a table"
        case list():
            return "a list"
        case datetime():
            return "a date with a time"
        case date():
            return "a date"
        case time():
            return "a time"
        case _:
            return "something else"


def _must_be(what: str, raw: object) -> ValueError:
    return ValueError(f"must be {what}, not {kind_of(raw)}")


def _scaled(raw: object, places: int, example: str) -> int:
    """A whole number or a decimal string, times ten to the places."""
    match raw:
        case bool():
            raise _must_be(example, raw)
        case int():
            return raw * int(10**places)
        case str():
            return parse_scaled(raw, places)
        case float():
            msg = f"a float cannot hold every decimal exactly: write {example}"
            raise ValueError(msg)
        case _:
            raise _must_be(example, raw)


def _within(value: int, low: int, high: int, show: Callable[[int], str]) -> int:
    if not low <= value <= high:
        msg = f"must be between {show(low)} and {show(high)}, not {show(value)}"
        raise ValueError(msg)
    return value


def _money(low: int, places: int, micros: int) -> Spelling:
    """Money in units of ``micros`` micro-dollars, with so many places."""

    def show(value: int) -> str:
        return exact(Micros(value * micros))

    def read(raw: object) -> int:
        return _within(_scaled(raw, places, '2000 or "2000.50"'), low, MONEY_MAX // micros, show)

    def write(value: int) -> object:
        whole, rest = divmod(value, 10**places)
        return whole if rest == 0 else show(value)

    return Spelling(read, write)


def _whole_cents(low: int) -> Spelling:
    """Money that people see, in micro-dollars. More places, which older releases took, are still written."""
    cents, any_ = _money(low // MICROS_PER_CENT, 2, MICROS_PER_CENT), _money(low, 6, 1)
    return Spelling(lambda raw: cents.read(raw) * MICROS_PER_CENT, any_.write)


def _read_rate(raw: object) -> int:
    example = '"8 %" or "0.08"'
    match raw:
        case float():
            msg = f"a float cannot hold every decimal exactly: write {example}"
            raise ValueError(msg)
        case str() if raw.endswith("%"):
            return _within(parse_scaled(raw[:-1].rstrip(), PERCENT_PLACES), 0, RATE_MAX, show_rate_of)
        case str():
            value = parse_scaled(raw, 6)
            if value > ONE:
                msg = f'a fraction is at most 1: for {raw} per cent write "{raw} %"'
                raise ValueError(msg)
            return _within(value, 0, RATE_MAX, show_rate_of)
        case _:
            raise _must_be(example, raw)


def show_rate_of(value: int) -> str:
    return show_rate(Ppm(value))


def _plain(value: int) -> str:
    """Millionths as a plain decimal: ``500_000`` is ``0.5``."""
    return exact(Micros(value)).rstrip("0").rstrip(".")


def _read_number(raw: object) -> int:
    return _within(_scaled(raw, 6, '5 or "0.5"'), 0, NUMBER_MAX, _plain)


def _write_number(value: int) -> object:
    whole, rest = divmod(value, ONE)
    return whole if rest == 0 else _plain(value)


def _count(low: int) -> Spelling:
    def read(raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise _must_be("a whole number", raw)
        return _within(raw, low, COUNT_MAX, str)

    return Spelling(read, lambda value: value)


def _read_flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise _must_be("true or false", raw)
    return raw


def _read_text(raw: object) -> str:
    if not isinstance(raw, str):
        raise _must_be("text", raw)
    if len(raw) > TEXT_MAX:
        msg = f"is longer than {TEXT_MAX} characters"
        raise ValueError(msg)
    if not raw.isprintable():
        msg = "holds a line break or another character that cannot be printed"
        raise ValueError(msg)
    return raw


def _read_name(raw: object) -> str:
    text = _read_text(raw)
    if not text.strip():
        msg = "must not be empty"
        raise ValueError(msg)
    return text


def _read_zone(raw: object) -> str:
    text = _read_text(raw)
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, like "America"
        msg = f"there is no time zone {text!r}; one is America/Chicago"
        raise ValueError(msg) from None
    return text


def _read_slug(raw: object) -> str:
    text = _read_text(raw)
    if _SLUG.fullmatch(text) is None or len(text) > _SLUG_MAX:
        msg = f"{text!r} must be small letters, digits and single dashes, at most {_SLUG_MAX} of them"
        raise ValueError(msg)
    return text


def _read_time(raw: object) -> time:
    if isinstance(raw, time):
        if raw.microsecond:
            msg = "has a fraction of a second"
            raise ValueError(msg)
        return raw
    if not isinstance(raw, str):
        raise _must_be('a time of day like "17:00"', raw)
    match = _TIME.fullmatch(raw)
    if match is None:
        msg = f'{raw!r} is not a time of day like "17:00" or "15:10:00"'
        raise ValueError(msg)
    return time(int(match[1]), int(match[2]), int(match[3] or 0))


def _write_time(value: time) -> str:
    return value.isoformat("seconds" if value.second else "minutes")


def _read_date(raw: object) -> date:
    if isinstance(raw, datetime) or not isinstance(raw, date):
        raise _must_be("a date like 2026-01-31, without quotes", raw)
    return raw


def choice(words: tuple[str, ...]) -> Spelling:
    """One of these words."""

    def read(raw: object) -> str:
        if not isinstance(raw, str):
            raise _must_be(f"one of {', '.join(words)}", raw)
        if raw not in words:
            msg = f"{raw!r} is not one of {', '.join(words)}"
            raise ValueError(msg)
        return raw

    return Spelling(read, lambda value: value)


MONEY: Final = _whole_cents(0)
SIGNED_MONEY: Final = _whole_cents(-MONEY_MAX)
PRICE: Final = _money(0, 2, MICROS_PER_CENT)
"""Money in cents."""
RATE: Final = Spelling(_read_rate, show_rate_of)
NUMBER: Final = Spelling(_read_number, _write_number)
"""Millionths spelled as a plain number: units of a position, weights, a ratio."""
COUNT: Final = _count(0)
ORDINAL: Final = _count(1)
FLAG: Final = Spelling(_read_flag, lambda value: value)
TEXT: Final = Spelling(_read_text, lambda value: value)
NAME: Final = Spelling(_read_name, lambda value: value)
ZONE: Final = Spelling(_read_zone, lambda value: value)
SLUG: Final = Spelling(_read_slug, lambda value: value)
TIME: Final = Spelling(_read_time, _write_time)
DATE: Final = Spelling(_read_date, lambda value: value)
