"""Profit and loss of one position, exactly. Semantics page, section 2."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.market.positions import Applied, Lot, Method, Position, apply_fill
from propfirm.domain.money import Micros

TICK = Micros(3)
methods: st.SearchStrategy[Method] = st.sampled_from(("fifo", "average"))
quantities = st.integers(-9, 9).filter(bool)
prices = st.integers(1, 500)
fills = st.lists(st.tuples(quantities, prices), max_size=12)


def after(
    *told: tuple[int, int], method: Method = "average", tick: Micros = TICK
) -> tuple[Position | None, list[Micros]]:
    """The position after these fills (quantity, price), and what each realised."""
    position: Position | None = None
    realised: list[Micros] = []
    for quantity, price in told:
        applied = apply_fill(position, quantity, price, tick, method)
        position = applied.position
        realised.append(applied.realised)
    return position, realised


@pytest.mark.parametrize("side", [1, -1])
def test_an_opening_fill_costs_its_price(side: int) -> None:
    assert apply_fill(None, 2 * side, 10, TICK, "average") == Applied(
        Position(2 * side, Micros(60 * side), 2), Micros(0), 0, 2
    )
    assert apply_fill(None, 2 * side, 10, TICK, "fifo") == Applied(
        Position(2 * side, Micros(60 * side), 2, (Lot(2, 10),)), Micros(0), 0, 2
    )


@pytest.mark.parametrize("side", [1, -1])
def test_adding_keeps_the_lots_or_adds_to_the_cost(side: int) -> None:
    assert after((2 * side, 10), (1 * side, 16), method="fifo")[0] == Position(
        3 * side, Micros(108 * side), 3, (Lot(2, 10), Lot(1, 16))
    )
    assert after((2 * side, 10), (1 * side, 16))[0] == Position(3 * side, Micros(108 * side), 3)


def test_first_in_first_out_closes_the_oldest_lots_and_parts_of_them() -> None:
    position, realised = after((2, 10), (2, 20), (-3, 30), method="fifo")
    assert (position, realised[-1]) == (Position(1, Micros(60), 1, (Lot(1, 20),)), (20 + 20 + 10) * 3)
    position, realised = after((-2, 10), (-2, 20), (1, 30), method="fifo")
    assert (position, realised[-1]) == (Position(-3, Micros(-150), 3, (Lot(1, 10), Lot(2, 20))), -60)
    position, realised = after((2, 10), (2, 20), (-2, 30), method="fifo")
    assert (position, realised[-1]) == (Position(2, Micros(120), 2, (Lot(2, 20),)), 120)


def test_average_cost_releases_its_share_of_the_basis() -> None:
    position, realised = after((1, 1), (2, 2), (-1, 10), tick=Micros(1))
    # 5 over 3 contracts: floor(5 x 1 / 3) = 1 leaves with the first, floor(5 x 2 / 3) = 3 in all with the second.
    assert (position, realised[-1]) == (Position(2, Micros(5), 3), 10 - 1)
    assert position is not None
    assert position.open_cost == 4
    again = apply_fill(position, -1, 10, Micros(1), "average")
    assert (again.realised, again.position) == (10 - 2, Position(1, Micros(5), 3))
    assert apply_fill(again.position, -1, 10, Micros(1), "average").realised == 10 - 2


def test_the_shares_of_a_short_basis_are_rounded_down_too() -> None:
    position, realised = after((-1, 1), (-2, 2), (1, 1), tick=Micros(1))
    # -5 over 3: floor(-5 / 3) = -2 leaves first.
    assert realised[-1] == 2 - 1
    assert position is not None
    assert position.open_cost == -3
    assert after((-1, 1), (-2, 2), (1, 1), (1, 1), tick=Micros(1))[1][-1] == 2 - 1
    assert after((-1, 1), (-2, 2), (1, 1), (1, 1), (1, 1), tick=Micros(1))[1][-1] == 1 - 1


def test_an_opening_fill_after_a_partial_close_makes_a_new_basis() -> None:
    position, _ = after((1, 1), (2, 2), (-1, 10), (1, 7), tick=Micros(1))
    assert position == Position(3, Micros(4 + 7), 3)


@pytest.mark.parametrize("method", ["fifo", "average"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_fill_through_zero_closes_then_opens_the_rest(method: Method, side: int) -> None:
    position = after((2 * side, 10), method=method)[0]
    applied = apply_fill(position, -5 * side, 20, TICK, method)
    assert (applied.realised, applied.closed, applied.opened) == (60 * side, 2, 3)
    assert applied.position is not None
    assert (applied.position.quantity, applied.position.open_cost) == (-3 * side, -180 * side)


@pytest.mark.parametrize("method", ["fifo", "average"])
def test_a_fill_that_closes_all_leaves_nothing(method: Method) -> None:
    assert apply_fill(after((2, 10), method=method)[0], -2, 11, TICK, method) == Applied(None, Micros(6), 2, 0)


def test_a_partial_close_says_how_many_contracts_closed() -> None:
    applied = apply_fill(after((5, 10))[0], -2, 11, TICK, "average")
    assert (applied.closed, applied.opened) == (2, 0)


def parts_of(quantity: int, cuts: list[int]) -> list[int]:
    """``quantity`` cut into fills of its own side."""
    side, rest, parts = (1 if quantity > 0 else -1), abs(quantity), []
    for cut in cuts:
        if rest > 1:
            part = 1 + cut % (rest - 1)
            parts.append(side * part)
            rest -= part
    return [*parts, side * rest]


@given(fills, quantities, prices, st.lists(st.integers(0, 9), max_size=6), methods)
def test_the_sum_over_any_split_of_a_fill_is_equal(
    before: list[tuple[int, int]], quantity: int, price: int, cuts: list[int], method: Method
) -> None:
    start = after(*before, method=method)[0]
    whole = apply_fill(start, quantity, price, TICK, method)
    position, realised, closed, opened = start, 0, 0, 0
    for part in parts_of(quantity, cuts):
        applied = apply_fill(position, part, price, TICK, method)
        position = applied.position
        realised, closed, opened = realised + applied.realised, closed + applied.closed, opened + applied.opened
    assert (realised, closed, opened) == (whole.realised, whole.closed, whole.opened)
    held = whole.position
    assert (position is None) == (held is None)
    if position is not None and held is not None:
        assert (position.quantity, position.open_cost) == (held.quantity, held.open_cost)


@given(fills, quantities, prices, st.lists(st.integers(0, 9), max_size=6), st.integers(1, 500), methods)
def test_a_split_makes_no_difference_to_what_the_rest_realises_later(
    before: list[tuple[int, int]], quantity: int, price: int, cuts: list[int], exit_price: int, method: Method
) -> None:
    start = after(*before, method=method)[0]
    whole = apply_fill(start, quantity, price, TICK, method).position
    position = start
    for part in parts_of(quantity, cuts):
        position = apply_fill(position, part, price, TICK, method).position
    while position is not None and whole is not None:
        one = -1 if position.quantity > 0 else 1
        left, right = (
            apply_fill(position, one, exit_price, TICK, method),
            apply_fill(whole, one, exit_price, TICK, method),
        )
        assert left.realised == right.realised
        position, whole = left.position, right.position
    assert position is whole is None


@given(fills, methods)
def test_realised_profit_and_open_cost_are_the_cash_that_flowed(told: list[tuple[int, int]], method: Method) -> None:
    position, realised = after(*told, method=method)
    paid = sum(quantity * price * TICK for quantity, price in told)
    assert sum(realised) == (position.open_cost if position else 0) - paid
    assert (position.quantity if position else 0) == sum(quantity for quantity, _ in told)


@given(fills, st.integers(1, 200).map(Micros))
def test_first_in_first_out_is_the_lots_one_by_one(told: list[tuple[int, int]], tick: Micros) -> None:
    queue: list[tuple[int, int]] = []  # side and price of each contract
    expected = 0
    for quantity, price in told:
        side = 1 if quantity > 0 else -1
        for _ in range(abs(quantity)):
            if queue and queue[0][0] == -side:
                held_side, entry = queue.pop(0)
                expected += held_side * (price - entry) * tick
            else:
                queue.append((side, price))
    position, realised = after(*told, method="fifo", tick=tick)
    assert sum(realised) == expected
    assert [lot.price for lot in (position.lots if position else ()) for _ in range(lot.quantity)] == [
        price for _, price in queue
    ]


@given(fills, quantities, prices)
def test_average_cost_is_within_a_micro_dollar_of_the_exact_average(
    told: list[tuple[int, int]], quantity: int, price: int
) -> None:
    position = after(*told)[0]
    if position is None or (position.quantity > 0) == (quantity > 0):
        return
    exact = Fraction(position.open_cost, abs(position.quantity))
    closing = min(abs(position.quantity), abs(quantity))
    applied = apply_fill(position, quantity, price, TICK, "average")
    side = 1 if position.quantity > 0 else -1
    assert abs(side * price * TICK * closing - exact * closing - applied.realised) < closing + 1
