"""The contracts that the firm knows, and the many ways in which platforms write their names.

A *root* names a product (``ES``), a *symbol* one delivery month of it (``ESZ23``). Platforms write one month in many
ways; ``Registry.find`` gives all of them one canonical form, and never gives two months the same one:

========================  =======================================================
``ESZ3``, ``/ESZ3``       exchange form, the year's last digit
``ESZ23``, ``ESZ2023``    the same with two or four digits
``CON.F.US.EP.Z23``       gateway form; it has product codes of its own (``EP`` is ES)
``ES DEC23``, ``ES 12-23``  month by name or number
``ES``, ``F.US.EP``       no month: the product itself
========================  =======================================================

The canonical form is the root, the month code and two digits of the year. A one-digit year stays as it is
(``ESZ3``) unless the caller says near which date it was written: then it is the year of that digit closest to it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, TypeVar, cast, get_args

from msgspec import Struct

from propfirm.domain.errors import NotFound, Refused
from propfirm.domain.market.contracts import Contract, Group, SizeClass
from propfirm.domain.money import ONE, Micros, Ppm, parse_scaled, usd

MONTHS: Final = "FGHJKMNQUVXZ"
"""Delivery month codes, January to December."""

COLUMNS: Final = (
    "symbol",
    "name",
    "exchange",
    "group",
    "tick_size",
    "tick_value_usd",
    "point_value_usd",
    "month_codes",
    "mini_of",
    "notional_units_per_full",
    "micros_per_mini_limit",
    "commission_per_side_usd_example",
)
"""What ``parse_contracts`` needs; other columns are for people."""

SYMBOL_MAX: Final = 32
PLACES: Final = 18
"""Decimals kept when tick size and point value are multiplied: more than any exchange quotes."""

GATEWAY_CODES: Final[Mapping[str, str]] = {
    "EP": "ES",
    "ENQ": "NQ",
    "CLE": "CL",
    "MCLE": "MCL",
    "NGE": "NG",
    "RBE": "RB",
    "HOE": "HO",
    "GCE": "GC",
    "SIE": "SI",
    "CPE": "HG",
    "PLE": "PL",
    "DA6": "6A",
    "BP6": "6B",
    "CA6": "6C",
    "EU6": "6E",
    "JY6": "6J",
    "SF6": "6S",
    "NE6": "6N",
    "TUA": "ZT",
    "FVA": "ZF",
    "TYA": "ZN",
    "TNA": "TN",
    "USA": "ZB",
    "ULA": "UB",
    "ZCE": "ZC",
    "ZSE": "ZS",
    "ZWA": "ZW",
    "ZME": "ZM",
    "ZLE": "ZL",
    "GLE": "LE",
}
"""Product codes of the gateway form that are not the exchange's own, as programs that trade through it list them."""

_MONTH_NAMES: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DELIVERY: Final = re.compile(rf"(?P<month>[{MONTHS}])(?P<year>\d|\d\d|\d{{4}})", re.ASCII)
_GATEWAY: Final = re.compile(
    rf"(?:CON\.)?F\.US\.(?P<code>[A-Z0-9]{{1,6}})(?:\.(?P<month>[{MONTHS}])(?P<year>\d|\d\d|\d{{4}}))?",
    re.ASCII,
)
_NAMED: Final = re.compile(
    rf"(?P<code>[A-Z0-9]{{1,6}}) +"
    rf"(?:(?P<name>{'|'.join(_MONTH_NAMES)}) ?|(?P<number>0?[1-9]|1[0-2])-)(?P<year>\d\d|\d{{4}})",
    re.ASCII,
)
_ROOT: Final = re.compile(r"[A-Z0-9]{1,6}", re.ASCII)
_LISTED: Final = re.compile(rf"[{MONTHS}](?:,[{MONTHS}])*")
_T = TypeVar("_T")


@dataclass(eq=False)
class UnknownSymbol(NotFound):
    """No contract of the registry is meant by this text, or it is not written in a known way."""

    code = "contract.unknown-symbol"
    title = "The symbol names no known contract"
    symbol: str


@dataclass(eq=False)
class BadContracts(Refused):
    """A contract table with mistakes. problems: one sentence each, all that were found."""

    code = "contracts.bad-table"
    title = "The contract table has mistakes"
    problems: tuple[str, ...]


class Registry(Struct, frozen=True):
    """The contracts by root. version: changes with any byte of the table, and stands in the evidence of verdicts."""

    version: str
    contracts: Mapping[str, Contract]

    def root(self, symbol: str) -> Contract:
        """The contract of an exact root. Raises UnknownSymbol."""
        contract = self.contracts.get(symbol)
        if contract is None:
            raise UnknownSymbol(symbol)
        return contract

    def find(self, text: str, near: date | None = None) -> tuple[str, Contract]:
        """The canonical symbol, and its contract, of a name in any form of the module's table; case does not matter.

        near: a date around which the name was in use; it decides the decade of a one-digit year. The month need not
        be among the contract's listed ones: exchanges list serial months too. Raises UnknownSymbol.
        """
        name = text.strip().upper() if len(text) <= SYMBOL_MAX and text.isascii() else ""
        code, month, year = self._taken_apart(name)
        contract = self.contracts.get(code)
        if contract is None:
            raise UnknownSymbol(text[:SYMBOL_MAX])
        if not month:
            return contract.root, contract
        return f"{contract.root}{month}{_year(year, MONTHS.index(month) + 1, near)}", contract

    def _taken_apart(self, name: str) -> tuple[str, str, str]:
        """Root, month code and digits of the year; the last two empty without a month, all empty if not a symbol."""
        if found := _GATEWAY.fullmatch(name):
            return GATEWAY_CODES.get(found["code"], found["code"]), found["month"] or "", found["year"] or ""
        if found := _NAMED.fullmatch(name):
            number = int(found["number"]) if found["number"] else _MONTH_NAMES.index(found["name"]) + 1
            return found["code"], MONTHS[number - 1], found["year"]
        bare = name.removeprefix("/")
        # The longest root wins, should one ever be another plus a month and a year.
        for length in range(len(bare), 0, -1):
            root, delivery = bare[:length], bare[length:]
            if root in self.contracts:
                if not delivery:
                    return root, "", ""
                if found := _DELIVERY.fullmatch(delivery):
                    return root, found["month"], found["year"]
        return "", "", ""


def _year(digits: str, month: int, near: date | None) -> str:
    if len(digits) > 1:
        return digits[-2:]
    if near is None:
        return digits
    first = near.year - near.year % 10 + int(digits) - 10
    # Of two years equally far away the later one: contracts are listed ahead, not behind.
    nearest = min((first + 20, first + 10, first), key=lambda year: abs((year - near.year) * 12 + month - near.month))
    return f"{nearest % 100:02d}"


def parse_contracts(text: str) -> Registry:
    """The registry of a contract table: CSV with a header and at least ``COLUMNS``.

    The weight of a contract is one over ``micros_per_mini_limit``, rounded down to the millionth. Where that says
    ``own weight`` (the firm sets one for that contract, and none was published) its true size counts instead: one
    over ``notional_units_per_full``. A contract is a *micro* when ten or more of it weigh as one of its full-size
    product, or when the exchange calls it so; all others are *mini*, the unit of position limits. Raises BadContracts
    with every mistake of the table.
    """
    reader = csv.DictReader(text.splitlines(), restkey="", restval="")
    if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
        raise BadContracts(tuple(f"column {column} is missing" for column in missing))
    problems: list[str] = []
    contracts: dict[str, Contract] = {}
    for row in reader:
        reading = _Row(row, f"row {reader.line_num}", problems)
        contract = reading.contract()
        if contract.root and contract.root in contracts:
            problems.append(f"row {reader.line_num}: {contract.root} is there twice")
        contracts[contract.root] = contract
    if not contracts:
        problems.append("there are no rows")
    if problems:
        raise BadContracts(tuple(problems))
    return Registry(f"contracts-{sha256(text.encode()).hexdigest()[:16]}", contracts)


class _Row:
    """One line of the table. Each bad cell is noted and stands for a harmless value, so that all are found."""

    def __init__(self, cells: dict[str, str], place: str, problems: list[str]) -> None:
        self._cells = cells
        self._place = place
        self._problems = problems

    def contract(self) -> Contract:
        if "" in self._cells:
            self._problems.append(f"{self._place} has more cells than the header")
        root = self._read("symbol", _matching(_ROOT), "")
        name = self._read("name", _filled, "")
        exchange = self._read("exchange", _filled, "")
        group: Group = self._read("group", _group, "energy")
        tick_size, tick_value = self._tick()
        weight = self._weight()
        mini_of = self._cells["mini_of"]
        micro = (bool(mini_of) and weight * 10 <= ONE) or name.startswith("Micro ")
        size_class: SizeClass = "micro" if micro else "mini"
        return Contract(
            root=root,
            name=name,
            exchange=exchange,
            group=group,
            tick_size=tick_size,
            tick_value=tick_value,
            size_class=size_class,
            weight=weight,
            product=mini_of or root,
            months=self._read("month_codes", _matching(_LISTED), "").replace(",", ""),
            fee_per_side=self._fee(),
        )

    def _tick(self) -> tuple[str, Micros]:
        size = self._read("tick_size", _positive, 0)
        value = self._read("tick_value_usd", _positive, 0)
        point = self._read("point_value_usd", _positive, 0)
        if size and value and point and size * point != value * 10**PLACES:
            self._problems.append(f"{self._place}: tick_value_usd is not tick_size x point_value_usd")
        return self._cells["tick_size"], self._read("tick_value_usd", usd, Micros(0)) if value else Micros(0)

    def _read(self, column: str, parse: Callable[[str], _T], otherwise: _T) -> _T:
        text = self._cells[column]
        try:
            return parse(text)
        except ValueError:
            self._problems.append(f"{self._place}: {column} cannot be {text[:40]!r}")
            return otherwise

    def _weight(self) -> Ppm:
        own = self._cells["micros_per_mini_limit"] == "own weight"
        return self._read("notional_units_per_full" if own else "micros_per_mini_limit", _one_over, ONE)

    def _fee(self) -> Micros | None:
        column = "commission_per_side_usd_example"
        return self._read(column, usd, Micros(0)) if self._cells[column] else None


def _one_over(text: str) -> Ppm:
    units = parse_scaled(text, 0)
    if not 1 <= units <= ONE:
        raise ValueError
    return Ppm(ONE // units)


def _positive(text: str) -> int:
    if (value := parse_scaled(text, PLACES)) <= 0:
        raise ValueError
    return value


def _filled(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def matching(text: str) -> str:
        if pattern.fullmatch(text) is None:
            raise ValueError
        return text

    return matching


def _group(text: str) -> Group:
    if text not in get_args(Group):
        raise ValueError
    return cast("Group", text)
