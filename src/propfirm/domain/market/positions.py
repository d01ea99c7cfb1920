"""Exact profit and loss of a position in one contract: first in first out, or average cost.

Costs and profits are integer micro-dollars. Under *average* a position keeps its basis (what the contracts cost when
the last one was added) and how much of it has been closed since: the cost that has left is always floor(C x k / Q), so
closing in one fill or in many releases the same sum. (Releasing floor(cost x q / Q) of what *remains* at each fill, the
naive way, depends on the split by a micro-dollar.)
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.money import Micros

Method: TypeAlias = Literal["fifo", "average"]
NOTHING: Final = Micros(0)


class Lot(Struct, frozen=True, gc=False, array_like=True):
    """Contracts opened by one fill and still open. quantity > 0, price in ticks."""

    quantity: int
    price: int


class Position(Struct, frozen=True, gc=False, array_like=True):
    """An open position. quantity is signed, never 0.

    average: cost (signed as the quantity) of the ``basis`` contracts from which ``quantity`` are left.
    fifo: ``lots`` in order of opening, with cost and basis those of the open lots.
    """

    quantity: int
    cost: Micros
    basis: int
    lots: tuple[Lot, ...] = ()

    @property
    def open_cost(self) -> Micros:
        """What the contracts still open cost, signed as the quantity."""
        closed = self.basis - abs(self.quantity)
        if closed == 0:
            return self.cost
        return Micros(self.cost - self.cost * closed // self.basis)


class Applied(Struct, frozen=True, gc=False):
    """A fill's effect. closed: contracts of it that closed (>= 0), opened: that opened. realised before fees."""

    position: Position | None
    realised: Micros
    closed: int
    opened: int


def apply_fill(position: Position | None, quantity: int, price: int, tick_value: Micros, method: Method) -> Applied:
    """One fill on one position. quantity signed and not 0, price in ticks. A fill through zero closes, then opens."""
    if position is None or (position.quantity > 0) == (quantity > 0):
        return Applied(_opened(position, quantity, price, tick_value, method), NOTHING, 0, abs(quantity))
    held = position.quantity
    left = held + quantity
    if left and (left > 0) == (quantity > 0):
        _, realised = _closed(position, held, price, tick_value, method)
        return Applied(_opened(None, left, price, tick_value, method), realised, abs(held), abs(left))
    rest, realised = _closed(position, -quantity, price, tick_value, method)
    return Applied(rest, realised, abs(quantity), 0)


def _opened(position: Position | None, quantity: int, price: int, tick_value: Micros, method: Method) -> Position:
    cost: Micros = price * tick_value * quantity  # type: ignore[assignment]  # an int is a Micros; see engine.step
    lot = (Lot(abs(quantity), price),) if method == "fifo" else ()
    if position is None:
        return Position(quantity, cost, abs(quantity), lot)
    total = position.quantity + quantity
    return Position(total, Micros(position.open_cost + cost), abs(total), position.lots + lot)


def _closed(
    position: Position, part: int, price: int, tick_value: Micros, method: Method
) -> tuple[Position | None, Micros]:
    """What stays of the position, and what is realised. part: contracts that leave, signed as the position."""
    left = position.quantity - part
    proceeds = price * tick_value * part
    if method == "fifo":
        lots, released = _take(position.lots, abs(part))
        released *= tick_value if part > 0 else -tick_value
        rest = Position(left, Micros(position.cost - released), abs(left), lots) if left else None
        return rest, Micros(proceeds - released)
    realised: Micros = proceeds - position.open_cost  # type: ignore[assignment]  # as above
    if not left:
        return None, realised
    rest = Position(left, position.cost, position.basis)
    return rest, Micros(realised + rest.open_cost)


def _take(lots: tuple[Lot, ...], quantity: int) -> tuple[tuple[Lot, ...], int]:
    """The oldest contracts leave: the lots that stay, and ticks x contracts of those that left."""
    released = 0
    for index, lot in enumerate(lots):
        if lot.quantity > quantity:
            stays = Lot(lot.quantity - quantity, lot.price)
            return (stays, *lots[index + 1 :]), released + lot.price * quantity
        released += lot.price * lot.quantity
        quantity -= lot.quantity
        if quantity == 0:
            return lots[index + 1 :], released
    return (), released
