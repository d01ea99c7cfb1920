"""Amounts and rates as exact integers.

Inside an account every amount is an integer number of *micro-dollars* (``Micros``): some ticks are worth a fraction
of a cent. Money that leaves the account (payouts, ledger) is an integer number of *cents* (``Cents``). Rates are
integer *millionths* (``Ppm``): 4 % is 40_000. Nothing here is ever a float.
"""

from __future__ import annotations

import re
from typing import Final, NewType

Micros = NewType("Micros", int)
"""Millionths of a dollar, signed."""

Cents = NewType("Cents", int)
"""Hundredths of a dollar, signed."""

Ppm = NewType("Ppm", int)
"""Millionths: a rate, a weight or a share. 1.0 is 1_000_000."""

MICROS_PER_DOLLAR: Final = 1_000_000
MICROS_PER_CENT: Final = 10_000
ONE: Final = Ppm(1_000_000)
MONEY_MAX: Final = Micros(10**12 * MICROS_PER_DOLLAR)
"""A million million dollars: above every amount that a firm can mean, and eight bytes hold nine times as much."""

_DECIMAL: Final = re.compile(r"([+-]?)(\d{1,18})(?:\.(\d{1,18}))?", re.ASCII)


def parse_scaled(text: str, places: int) -> int:
    """The decimal ``text`` times ten to the ``places``, exactly.

    Raises ValueError when it is not a plain decimal (no exponent, separators or spaces) or has more digits after the
    point than ``places`` can hold (trailing zeros are allowed).
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        msg = f"{text!r} is not a plain decimal number"
        raise ValueError(msg)
    sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
    if len(fraction) > places:
        msg = f"{text!r} has more than {places} digits after the point"
        raise ValueError(msg)
    value: int = int(whole) * 10**places + int(fraction.ljust(places, "0") or "0")
    return -value if sign == "-" else value


def usd(text: str) -> Micros:
    """Dollars as a decimal string, to micro-dollars: ``usd("2000.00")``. Raises ValueError."""
    return Micros(parse_scaled(text, 6))


def ratio(text: str) -> Ppm:
    """A decimal fraction to millionths: ``ratio("0.04")`` is 40_000. Raises ValueError."""
    return Ppm(parse_scaled(text, 6))


def portion(amount: Micros, rate: Ppm) -> Micros:
    """``rate`` of ``amount``, rounded toward minus infinity at the micro-dollar."""
    return Micros(amount * rate // ONE)


def half_up(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest integer, halves away from zero. denominator > 0."""
    quotient, rest = divmod(abs(numerator), denominator)
    rounded = quotient + (2 * rest >= denominator)
    return rounded if numerator >= 0 else -rounded


def to_cents(amount: Micros) -> Cents:
    """The one rounding at the account's border: toward minus infinity, so the house keeps the odd part of a cent."""
    return Cents(amount // MICROS_PER_CENT)


def from_cents(amount: Cents) -> Micros:
    return Micros(amount * MICROS_PER_CENT)


def show(amount: Micros) -> str:
    """For people: two places, half up, thousands separated, sign in front: ``-1,234.57``."""
    cents = half_up(amount, MICROS_PER_CENT)
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}.{rest:02d}"


def show_most(amount: Micros) -> str:
    """What may be done at most (earned, lost, taken): rounded down to the cent, so that doing it is allowed."""
    return show(Micros(amount // MICROS_PER_CENT * MICROS_PER_CENT))


def show_least(amount: Micros) -> str:
    """What must be reached at least (earned, kept): rounded up to the cent, so that reaching it is enough."""
    return show(Micros(-(-amount // MICROS_PER_CENT) * MICROS_PER_CENT))


def show_apart(*amounts: Micros) -> tuple[str, ...]:
    """Amounts that are compared: as ``show`` has them, but with all decimals where different ones would look alike."""
    shown = tuple(map(show, amounts))
    return shown if len(set(shown)) == len(set(amounts)) else tuple(map(show_exact, amounts))


def show_exact(amount: Micros) -> str:
    """For people: two places or as many as needed, thousands separated: ``-1,234.5678``."""
    whole, _, fraction = exact(Micros(abs(amount))).partition(".")
    return f"{'-' if amount < 0 else ''}{int(whole):,}.{fraction}"


def exact(amount: Micros) -> str:
    """For machines: plain decimal, two places or as many as needed: ``-1234.5678``."""
    whole, rest = divmod(abs(amount), MICROS_PER_DOLLAR)
    fraction = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if amount < 0 else ''}{whole}.{fraction}"


def show_rate(rate: Ppm) -> str:
    """For people: ``40_000`` is ``4 %``, ``12_500`` is ``1.25 %``."""
    whole, rest = divmod(abs(rate), 10_000)
    fraction = f"{rest:04d}".rstrip("0")
    return f"{'-' if rate < 0 else ''}{whole}{'.' + fraction if fraction else ''} %"
