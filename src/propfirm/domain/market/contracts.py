"""What a contract is: how its prices become ticks and its ticks become micro-dollars."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.money import MICROS_PER_DOLLAR, Micros, Ppm

Group: TypeAlias = Literal["equity_index", "energy", "metals", "fx", "rates", "grains", "livestock", "crypto"]
SizeClass: TypeAlias = Literal["full", "mini", "micro"]

VALUE_MAX: Final = Micros(10_000_000 * MICROS_PER_DOLLAR)
"""Of one contract: twenty times what the dearest that was ever listed has cost. With it no sum leaves 64 bits."""


class Contract(Struct, frozen=True):
    """One futures product. tick_size: in the unit the exchange quotes, a plain decimal string.

    tick_value: micro-dollars for one tick of one contract. weight: of one contract against a position limit in minis,
    in millionths, unless the plan says otherwise. size_class: the key of plan weights. product: the full-size product
    of the family (MES and ES are both ES): news scopes and hedging rules look at it.
    """

    root: str
    name: str
    exchange: str
    group: Group
    tick_size: str
    tick_value: Micros
    size_class: SizeClass
    weight: Ppm
    product: str
    months: str
    """Listed delivery month codes, e.g. ``HMUZ``."""
    fee_per_side: Micros | None = None
    """Example commission and exchange fee per contract and side; sample data, None where not seen."""


class OffTick(ValueError):
    """A price that is not a whole number of ticks, not a plain positive decimal, or beyond ``VALUE_MAX``."""


def to_price(contract: Contract, ticks: int) -> str:
    """Whole ticks to the quoted price, with the tick's own number of decimals."""
    return f"{Decimal(contract.tick_size) * ticks:f}"
