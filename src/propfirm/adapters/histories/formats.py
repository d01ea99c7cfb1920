"""The export formats: how each is known by its header, and what its rows say.

Headers are those that programs reading the real exports expect (collected in November 2026). Columns not named here
are ignored. A format is recognised when all of its ``columns`` are there; the more particular formats come first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from propfirm.adapters.histories.cells import Cells, Named, Names
from propfirm.application.ports.histories import ImportedFill
from propfirm.domain.money import MICROS_PER_CENT, Micros


class Reading(Struct, frozen=True):
    """What one row says. skipped: why it holds no fill. differs: the profit that the platform wrote beside a trade is
    not the one that its prices give, so one of the two is not what we take it for. averaged: its price was an average
    between two ticks. unpriced: fills whose fee the file leaves open."""

    fills: tuple[ImportedFill, ...] = ()
    skipped: str = ""
    differs: bool = False
    averaged: bool = False
    unpriced: tuple[str, ...] = ()


class Format(Struct, frozen=True):
    """columns: required, each under one of its names. notes: what everybody must know who uses this format. trades: a
    row is a closed trade."""

    name: str
    columns: tuple[Names, ...]
    read: Callable[[Cells], Reading]
    trades: bool = False
    notes: tuple[str, ...] = ()


def _executed(
    cells: Cells, identity: str, at: int, contract: Named | None, signed: int, ticks: int, fee: Micros | None
) -> Reading:
    if contract is None or not cells.sound:
        return Reading()
    fill = ImportedFill(
        at=at,
        symbol=contract.symbol,
        root=contract.contract.root,
        quantity=signed,
        price=ticks,
        fee=fee or Micros(0),
        execution=identity,
        row=cells.row,
    )
    return Reading((fill,), unpriced=(identity,) if fee is None else ())


class _Leg(Struct, frozen=True):
    at: int
    ticks: int


def _closed(
    cells: Cells,
    identity: str,
    contract: Named | None,
    signed: int,
    entry: _Leg,
    exit_: _Leg,
    fee: Micros | None,
    profit: Names = (),
) -> Reading:
    """A trade as its two fills. signed: the entry's contracts. fee: of the round turn; the exit bears the odd micro.
    profit: the column in which the platform wrote the trade's gross result."""
    if exit_.at < entry.at and cells.sound:
        cells.wrong("", "the trade ends before it begins")
    if contract is None or not cells.sound:
        return Reading()
    half = Micros((fee or 0) // 2)
    opening = _executed(cells, f"{identity}:entry", entry.at, contract, signed, entry.ticks, half)
    closing = _executed(cells, f"{identity}:exit", exit_.at, contract, -signed, exit_.ticks, Micros((fee or 0) - half))
    fills = opening.fills + closing.fills
    stated = cells.money(profit)
    computed = (exit_.ticks - entry.ticks) * signed * contract.contract.tick_value
    return Reading(
        fills,
        differs=stated is not None and abs(stated - computed) >= MICROS_PER_CENT,
        unpriced=tuple(fill.execution for fill in fills) if fee is None else (),
    )


def _summed(cells: Cells, *columns: Names) -> Micros | None:
    """None where no column says anything."""
    costs = [cost for column in columns if (cost := cells.cost(column)) is not None]
    return Micros(sum(costs)) if costs else None


# ---------------------------------------------------------------------------------------------------- our own

OWN_TIME: Final = ("time", "timestamp")
OWN_QUANTITY: Final = ("quantity", "qty")
OWN_EXECUTION: Final = ("execution_id", "id")
OWN_FEE: Final = ("fee", "commission")


def _own_fill(cells: Cells) -> Reading:
    identity = cells.identity(OWN_EXECUTION)
    at = cells.instant(OWN_TIME)
    contract = cells.contract("symbol", at)
    bought = cells.bought("side")
    quantity = cells.quantity(OWN_QUANTITY)
    ticks = cells.price("price", contract)
    return _executed(cells, identity, at, contract, quantity if bought else -quantity, ticks, cells.cost(OWN_FEE))


def _own_trade(cells: Cells) -> Reading:
    identity = cells.identity("trade_id") if cells.has("trade_id") else f"row{cells.row}"
    entered, left = cells.instant("entry_time"), cells.instant("exit_time")
    contract = cells.contract("symbol", entered)
    bought = cells.bought("side")
    quantity = cells.quantity(OWN_QUANTITY)
    entry = _Leg(entered, cells.price("entry_price", contract))
    exit_ = _Leg(left, cells.price("exit_price", contract))
    return _closed(cells, identity, contract, quantity if bought else -quantity, entry, exit_, cells.cost(OWN_FEE))


# --------------------------------------------------------------------------------------------------- TopstepX


def _topstepx(cells: Cells) -> Reading:
    """Fees and Commissions are for the round turn; PnL is before both."""
    identity = cells.identity("Id")
    entered, left = cells.instant("EnteredAt"), cells.instant("ExitedAt")
    contract = cells.contract("ContractName", entered)
    bought = cells.bought("Type")
    quantity = cells.quantity("Size")
    entry = _Leg(entered, cells.price("EntryPrice", contract))
    exit_ = _Leg(left, cells.price("ExitPrice", contract))
    fee = _summed(cells, "Fees", "Commissions")
    return _closed(cells, identity, contract, quantity if bought else -quantity, entry, exit_, fee, "PnL")


# -------------------------------------------------------------------------------------------------- Tradovate

FILL_TIME: Final = ("_timestamp", "timestamp")
FILL_ID: Final = ("Fill ID", "_id")
ORDER_ID: Final = ("Order ID", "orderId")
FILLED: Final = ("filledQty", "Filled Qty")
FILL_AVERAGE: Final = ("avgPrice", "Avg Fill Price")


def _tradovate_fill(cells: Cells) -> Reading:
    if cells.text(("_active", "active")).casefold() == "false":
        return Reading(skipped="busted executions")
    identity = cells.identity(FILL_ID)
    at = cells.instant(FILL_TIME, with_offset=True)
    contract = cells.contract("Contract", at)
    bought = cells.bought("B/S")
    quantity = cells.quantity("Quantity")
    ticks = cells.price("Price", contract)
    return _executed(cells, identity, at, contract, quantity if bought else -quantity, ticks, cells.cost("commission"))


def _tradovate_performance(cells: Cells) -> Reading:
    return _tradovate_pair(
        cells,
        None,
        symbol="symbol",
        fills=("buyFillId", "sellFillId"),
        quantity="qty",
        prices=("buyPrice", "sellPrice"),
        times=("boughtTimestamp", "soldTimestamp"),
        profit="pnl",
    )


def _tradovate_position(cells: Cells) -> Reading:
    if not cells.text("Pair ID") and not cells.text("Paired Qty"):
        return Reading(skipped="positions without a closing fill")
    return _tradovate_pair(
        cells,
        cells.identity("Pair ID"),
        symbol="Contract",
        fills=("Buy Fill ID", "Sell Fill ID"),
        quantity="Paired Qty",
        prices=("Buy Price", "Sell Price"),
        times=("Bought Timestamp", "Sold Timestamp"),
        profit="P/L",
    )


def _tradovate_pair(
    cells: Cells,
    pair: str | None,
    *,
    symbol: str,
    fills: tuple[str, str],
    quantity: str,
    prices: tuple[str, str],
    times: tuple[str, str],
    profit: str,
) -> Reading:
    """A buy and a sell that close each other: what was first opened. Within one second the lower fill id was first."""
    buy, sell = cells.identity(fills[0]), cells.identity(fills[1])
    bought, sold = cells.instant(times[0]), cells.instant(times[1])
    contract = cells.contract(symbol, min(bought, sold))
    size = cells.quantity(quantity)
    buying, selling = _Leg(bought, cells.price(prices[0], contract)), _Leg(sold, cells.price(prices[1], contract))
    identity = f"{buy}-{sell}" if pair is None else pair
    if (bought, len(buy), buy) <= (sold, len(sell), sell):
        return _closed(cells, identity, contract, size, buying, selling, None, profit)
    return _closed(cells, identity, contract, -size, selling, buying, None, profit)


def _tradovate_order(cells: Cells) -> Reading:
    return _order(cells, ORDER_ID, "Fill Time", "Contract", "B/S", FILLED, FILL_AVERAGE)


def _order(
    cells: Cells, identity: Names, time: Names, symbol: Names, side: Names, filled: Names, average: Names
) -> Reading:
    """An order with its filled quantity and average price: one fill, or two on the neighbouring ticks."""
    if cells.text(filled) in {"", "0"}:
        return Reading(skipped="orders without a fill")
    name = cells.identity(identity)
    at = cells.instant(time)
    contract = cells.contract(symbol, at)
    sign = 1 if cells.bought(side) else -1
    parts = cells.average(average, contract, cells.quantity(filled))
    names = [name] if len(parts) == 1 else [f"{name}:{part}" for part in range(1, len(parts) + 1)]
    readings = [
        _executed(cells, part, at, contract, sign * quantity, ticks, None)
        for part, (quantity, ticks) in zip(names, parts, strict=True)
    ]
    fills = tuple(fill for reading in readings for fill in reading.fills)
    return Reading(fills, averaged=len(fills) > 1, unpriced=tuple(fill.execution for fill in fills))


# ----------------------------------------------------------------------------------------------- NinjaTrader 8


def _ninjatrader_execution(cells: Cells) -> Reading:
    identity = cells.identity("ID")
    at = cells.instant("Time")
    contract = cells.contract("Instrument", at)
    bought = cells.bought("Action")
    quantity = cells.quantity("Quantity")
    ticks = cells.price("Price", contract)
    return _executed(cells, identity, at, contract, quantity if bought else -quantity, ticks, cells.cost("Commission"))


def _ninjatrader_trade(cells: Cells) -> Reading:
    """Its fees are for the round turn."""
    identity = cells.identity("Trade number")
    entered, left = cells.instant("Entry time"), cells.instant("Exit time")
    contract = cells.contract("Instrument", entered)
    bought = cells.bought("Market pos.")
    quantity = cells.quantity(("Qty", "Quantity"))
    entry = _Leg(entered, cells.price("Entry price", contract))
    exit_ = _Leg(left, cells.price("Exit price", contract))
    fee = _summed(cells, "Commission", "Clearing Fee", "Exchange Fee", "IP Fee", "NFA Fee")
    return _closed(cells, identity, contract, quantity if bought else -quantity, entry, exit_, fee)


# ---------------------------------------------------------------------------------------------------- Rithmic

RITHMIC_SIDE: Final = ("Side", "Buy/Sell", "Buys/Sells")


def _rithmic_order(cells: Cells) -> Reading:
    return _order(cells, "Order Number", "Fill Time", "Symbol", RITHMIC_SIDE, "Qty Filled", "Avg Fill Price")


FORMATS: Final[tuple[Format, ...]] = (
    Format(
        "TopstepX trades",
        (
            "Id",
            "ContractName",
            "EnteredAt",
            "ExitedAt",
            "EntryPrice",
            "ExitPrice",
            "Fees",
            "Size",
            "Type",
        ),
        _topstepx,
        trades=True,
    ),
    Format(
        "Tradovate Performance",
        (
            "symbol",
            "buyFillId",
            "sellFillId",
            "qty",
            "buyPrice",
            "sellPrice",
            "boughtTimestamp",
            "soldTimestamp",
        ),
        _tradovate_performance,
        trades=True,
    ),
    Format(
        "Tradovate Position History",
        (
            "Contract",
            "Pair ID",
            "Buy Fill ID",
            "Sell Fill ID",
            "Paired Qty",
            "Buy Price",
            "Sell Price",
            "Bought Timestamp",
            "Sold Timestamp",
        ),
        _tradovate_position,
        trades=True,
    ),
    Format(
        "Tradovate Fills",
        (FILL_TIME, FILL_ID, "B/S", "Quantity", "Price", "Contract"),
        _tradovate_fill,
    ),
    Format(
        "Tradovate Orders",
        (ORDER_ID, "B/S", "Contract", FILLED, FILL_AVERAGE, "Fill Time"),
        _tradovate_order,
        notes=("an order is one fill, at the time of its last one",),
    ),
    Format(
        "NinjaTrader 8 Executions",
        ("Instrument", "Action", "Quantity", "Price", "Time", "ID", "E/X"),
        _ninjatrader_execution,
    ),
    Format(
        "NinjaTrader 8 Trade Performance",
        (
            "Trade number",
            "Instrument",
            "Market pos.",
            ("Qty", "Quantity"),
            "Entry price",
            "Exit price",
            "Entry time",
            "Exit time",
        ),
        _ninjatrader_trade,
        trades=True,
    ),
    Format(
        "Rithmic order history",
        ("Order Number", "Symbol", "Qty Filled", "Avg Fill Price", RITHMIC_SIDE, "Fill Time"),
        _rithmic_order,
        notes=("an order is one fill, at the time of its last one",),
    ),
    Format(
        "propfirm fills",
        (OWN_TIME, "symbol", "side", OWN_QUANTITY, "price", OWN_EXECUTION),
        _own_fill,
    ),
    Format(
        "propfirm closed trades",
        ("symbol", "side", OWN_QUANTITY, "entry_time", "entry_price", "exit_time", "exit_price"),
        _own_trade,
        trades=True,
    ),
)
