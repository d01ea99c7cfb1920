"""What people ask about a run and no verdict needs, read off two states: ended trades, and the day's end."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.market.positions import apply_fill
from propfirm.domain.money import MICROS_PER_CENT, Micros, half_up
from propfirm.domain.rules.events import EodSnapshot, Event, Fill
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms


class TradeEnded(Struct, frozen=True, tag="trade_ended"):
    """A contract went flat at event ``seq``. contracts: opened in all. profit: realised, less fees. Times in ns."""

    seq: int
    symbol: str
    side: Literal["long", "short"]
    opened: int
    closed: int
    contracts: int
    profit: Micros
    fees: Micros


class DayTaken(Struct, frozen=True, tag="day_taken"):
    """The end-of-day snapshot of a trading day."""

    at: int
    day: date
    balance: Micros
    equity: Micros


Record: TypeAlias = TradeEnded | DayTaken


def recorded(terms: Terms, before: State, event: Event, after: State) -> Record | None:
    """What the event left to remember. before, after: the states around it, as ``step`` gave them."""
    if isinstance(event, EodSnapshot):
        return DayTaken(event.at, event.day, after.balance, after.equity)
    if isinstance(event, Fill):
        return _trade_ended(terms, before, event)
    return None


def _trade_ended(terms: Terms, before: State, fill: Fill) -> TradeEnded | None:
    """The engine's own booking of the fill's closing part, told also where the run is over and counts no trades."""
    held = next((one for one in before.core.positions if one.symbol == fill.symbol), None)
    if held is None:
        return None
    platform = terms.platform
    applied = apply_fill(held.position, fill.quantity, fill.price, held.contract.tick_value, platform.method)
    if not applied.closed or (applied.position is not None and not applied.opened):
        return None
    realised = applied.realised
    if platform.settle == "per_fill":
        realised = Micros(half_up(realised, MICROS_PER_CENT) * MICROS_PER_CENT)
    trade = held.trade.booked(realised, fill.fee * applied.closed // abs(fill.quantity))
    side: Literal["long", "short"] = "long" if held.position.quantity > 0 else "short"
    return TradeEnded(fill.seq, fill.symbol, side, trade.opened, fill.at, trade.contracts, trade.profit, trade.fees)
