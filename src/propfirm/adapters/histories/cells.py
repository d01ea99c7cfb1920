"""The cells of one row, read as what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.adapters.histories.deliveries import SERIAL, listed
from propfirm.adapters.histories.stamps import has_offset, instant
from propfirm.application.tables import Problems, shown
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.market.contracts import Contract, OffTick
from propfirm.domain.market.registry import Registry, UnknownSymbol
from propfirm.domain.market.ticks import TickParser
from propfirm.domain.money import MONEY_MAX, Micros, half_up, parse_scaled, show, usd

QUANTITY_MAX: Final = 10_000
"""Contracts in one fill: a hundred times what any program lets an account hold."""
FEE_MAX: Final = usd("1000000")
"""Of one fill or trade."""
PLACES: Final = 18

_QUANTITY: Final = re.compile(r"(\d{1,9})(?:\.0{1,9})?", re.ASCII)
_MONEY: Final = re.compile(
    r"(?P<minus>-?)(?P<open>\(?)\$?(?P<inner>\(?)(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,18})(?P<fraction>(?:\.\d{1,18})?)\)?",
    re.ASCII,
)
_LONG: Final = frozenset({"long", "buy", "b", "bought", "buy to cover", "buytocover"})
_SHORT: Final = frozenset({"short", "sell", "s", "sold", "sell short", "sellshort"})

Names = str | tuple[str, ...]


class Named(Struct, frozen=True):
    """A contract under its canonical symbol, with the parser of its prices."""

    symbol: str
    contract: Contract
    ticks: TickParser


def columns(header: Sequence[str]) -> dict[str, int]:
    """The place of each column by its name, and by its name in lower case unless another column is called so."""
    exact = {name: place for place, name in reversed([*enumerate(header)]) if name}
    folded = {name.casefold(): place for name, place in reversed(exact.items())}
    return folded | exact


def place_of(names: Names, places: Mapping[str, int]) -> tuple[str, int] | None:
    """The first of the names that is there, however it is written in capitals, and its place."""
    wanted = (names,) if isinstance(names, str) else names
    for spelling in (str, str.casefold):
        for name in wanted:
            if (place := places.get(spelling(name))) is not None:
                return name, place
    return None


class Cells:
    """One row after the other: ``turn_to`` it, then ask.

    A cell that cannot be read is noted as a problem and stands for a harmless value, so that the other cells of its row
    are read as well; whoever asked looks at ``sound`` before using any.
    """

    def __init__(
        self, places: Mapping[str, int], registry: Registry, zone: ZoneInfo | None, problems: Problems
    ) -> None:
        self.row = 0
        self.slashes = False
        """Some date so far was written with slashes."""
        self._cells: Sequence[str] = ()
        self._places = places
        self._found: dict[Names, tuple[str, int] | None] = {}
        self._registry = registry
        self._zone = zone
        self.zone_applied = False
        """Some time had no offset of its own, and was read in the zone that someone named."""
        self.unlisted: set[str] = set()
        """Symbols whose delivery month is not in the contract's table, though the exchange may have listed it."""
        self._problems = problems
        self._problems_before = 0
        self._known: dict[tuple[str, int], Named] = {}
        self._ticks: dict[str, TickParser] = {}

    def turn_to(self, row: int, cells: Sequence[str]) -> None:
        self.row = row
        self._cells = cells
        self._problems_before = self._problems.count

    @property
    def sound(self) -> bool:
        """No problem in this row so far."""
        return self._problems.count == self._problems_before

    def _place(self, names: Names) -> tuple[str, int] | None:
        if names not in self._found:
            self._found[names] = place_of(names, self._places)
        return self._found[names]

    def has(self, names: Names) -> bool:
        return self._place(names) is not None

    def text(self, names: Names) -> str:
        """Without the spaces around; empty where there is no such column."""
        found = self._place(names)
        return self._cells[found[1]].strip() if found else ""

    def wrong(self, names: Names, reason: str) -> None:
        found = self._place(names)
        self._problems.add(self.row, found[0] if found else "", reason)

    def identity(self, names: Names) -> str:
        """What names an execution, an order or a trade at the platform."""
        text = self.text(names)
        if not text or not text.isprintable():
            self.wrong(names, f"{shown(text)} is no id" if text else "there is no id")
        return text

    def instant(self, names: Names, *, with_offset: bool = False) -> int:
        """with_offset: the format writes this column with an offset, so no zone that someone named applies."""
        text, zone = self.text(names), None if with_offset else self._zone
        self.slashes = self.slashes or "/" in text
        if zone is not None and not self.zone_applied:
            self.zone_applied = not has_offset(text)
        try:
            return instant(text, zone)
        except ValueError as reason:
            self.wrong(names, f"{shown(text)}: {reason}")
            return 0

    def contract(self, names: Names, at: int) -> Named | None:
        """at: when it was traded, which says in which decade ``ESZ3`` is meant."""
        text = self.text(names)
        day = from_ns(at).date()
        known = self._known.get((text, day.year))
        if known is None:
            try:
                symbol, contract = self._registry.find(text, day if at else None)
            except UnknownSymbol:
                self.wrong(names, f"{shown(text)} names no known contract")
                return None
            if not listed(symbol, contract):
                if contract.group not in SERIAL:
                    months = ", ".join(contract.months)
                    self.wrong(names, f"{shown(text)}: {contract.root} has no such delivery month, only {months}")
                    return None
                self.unlisted.add(symbol)
            ticks = self._ticks.setdefault(contract.root, TickParser(contract))
            known = self._known[text, day.year] = Named(symbol, contract, ticks)
        return known

    def bought(self, names: Names) -> bool:
        """Of an execution: bought; of a trade: long."""
        text = self.text(names)
        side = text.casefold()
        if side not in _LONG | _SHORT:
            self.wrong(names, f"{shown(text)} is neither buy nor sell, long nor short")
        return side in _LONG

    def quantity(self, names: Names) -> int:
        """Whole contracts, at least one."""
        text = self.text(names)
        found = _QUANTITY.fullmatch(text)
        quantity = int(found[1]) if found else 0
        if not 1 <= quantity <= QUANTITY_MAX:
            self.wrong(names, f"{shown(text)} is not a number of contracts from 1 to {QUANTITY_MAX}")
        return quantity

    def price(self, names: Names, contract: Named | None) -> int:
        """In ticks. Without a contract only the form is looked at."""
        text = self.text(names)
        try:
            if contract is not None:
                return contract.ticks[text]
            parse_scaled(text, PLACES)
        except OffTick as reason:
            self.wrong(names, str(reason))
        except ValueError:
            self.wrong(names, f"{shown(text)} is not a price")
        return 0

    def average(self, names: Names, contract: Named | None, quantity: int) -> tuple[tuple[int, int], ...]:
        """(contracts, ticks) of an order that is told by its average price.

        An order filled at several prices has an average between two ticks. What the platform rounded away is less than
        a tick in the order's cost, so the cost is known exactly; it is kept by placing the contracts on the two
        neighbouring ticks. Where the digits are too few for that the price is a problem.
        """
        text = self.text(names)
        if contract is None or quantity <= 0 or "." not in text:
            return ((quantity, self.price(names, contract)),)
        try:
            cost = parse_scaled(text, PLACES) * quantity
            tick = parse_scaled(contract.contract.tick_size, PLACES)
        except ValueError:
            return ((quantity, self.price(names, contract)),)
        ticks = half_up(cost, tick)
        rounding = quantity * parse_scaled("1", PLACES - len(text.partition(".")[2]))
        low, more = divmod(ticks, quantity)
        if (
            more == 0
            or not 0 < low < contract.ticks.most
            or 2 * rounding >= tick
            or abs(cost - ticks * tick) > rounding
        ):
            return ((quantity, self.price(names, contract)),)
        return ((quantity - more, low), (more, low + 1))

    def cost(self, names: Names) -> Micros | None:
        """An amount paid, never below zero; None where the format has no such column or the cell is empty."""
        if not self.text(names):
            return None
        amount = self.money(names)
        if amount is None:
            self.wrong(names, f"{shown(self.text(names))} is not an amount of dollars")
        elif amount < 0:
            self.wrong(names, f"{shown(self.text(names))} is below zero: costs are written as positive amounts")
        elif amount > FEE_MAX:
            self.wrong(names, f"{shown(self.text(names))} is beyond sense: no fee is above {show(FEE_MAX)}")
        return amount

    def money(self, names: Names) -> Micros | None:
        """Dollars as platforms write them: ``$1,234.50``, ``$(52.00)``, ``-52``. None if it is not one."""
        found = _MONEY.fullmatch(text := self.text(names))
        if found is None or (bool(found["open"]) + bool(found["inner"]) != text.endswith(")")):
            return None
        try:
            amount = usd(found["whole"].replace(",", "") + found["fraction"])
        except ValueError:
            return None
        if amount > MONEY_MAX:
            return None
        return Micros(-amount) if found["minus"] or text.endswith(")") else amount
