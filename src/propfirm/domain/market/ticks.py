"""Price text to ticks at the speed of a dictionary, for files with a million rows."""

from __future__ import annotations

from typing import Final

from propfirm.domain.market.contracts import VALUE_MAX, Contract, OffTick
from propfirm.domain.money import parse_scaled, show

REMEMBERED_MAX: Final = 65_536
"""Distinct price texts kept: a contract trades at a few thousand prices in a month."""


class TickParser(dict[str, int]):
    """``ticks["1313.7"]`` is the whole number of ticks of that price of ``contract``.

    It is a dictionary that computes what it does not hold, so that a price seen before costs one look-up. Only plain
    decimals are prices: no exponents, underscores, signs or spaces around. Raises OffTick for these, for every price
    that is not a positive multiple of the tick, and for one at which a contract would be worth more than ``VALUE_MAX``.

    most: the highest price there is, in ticks.
    """

    __slots__ = ("_contract", "_places", "_size", "most")

    def __init__(self, contract: Contract) -> None:
        super().__init__()
        self.most = VALUE_MAX // contract.tick_value
        self._contract = contract
        self._places = len(contract.tick_size.partition(".")[2])
        self._size = parse_scaled(contract.tick_size, self._places)

    def __missing__(self, price: str) -> int:
        try:
            ticks, rest = divmod(parse_scaled(price, self._places), self._size)
        except ValueError:
            ticks, rest = 0, 0
        if rest or ticks <= 0 or not price[0].isdigit():
            root, size = self._contract.root, self._contract.tick_size
            msg = f"{price[:40]!r} is no price of {root}, whose prices are positive multiples of {size}"
            raise OffTick(msg)
        if ticks > self.most:
            msg = (
                f"{price[:40]!r} is no price of {self._contract.root}: no contract is worth more than {show(VALUE_MAX)}"
            )
            raise OffTick(msg)
        if len(self) >= REMEMBERED_MAX:
            self.clear()
        self[price] = ticks
        return ticks
