"""Worked examples of a simulated exchange on top-of-book quotes: balance and equity after each quote, by hand.

A market order acts on the quote that it arrives with: a purchase at its ask, a sale at its bid. Money in dollars.
The same orders on NautilusTrader 1.221.0 gave the same fills and final balances.
"""

from typing import Final

import pytest
from msgspec import Struct
from msgspec.structs import replace

from propfirm.application.ports.prices import Tick
from propfirm.domain.market.positions import Method
from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.state import State
from tests.unit.application.simulation.desk import SECOND, TUESDAY, Pages, Sheet, evaluation, run, static, tick


class After(Struct, frozen=True):
    """Expected once a quote was seen and the order on it was filled. average, fifo: realised so far, before fees."""

    position: int
    average: str
    fifo: str
    fees: str
    open_profit: str


class Case(Struct, frozen=True):
    """quotes: bid and ask; orders: contracts at each of them, 0 for none."""

    symbol: str
    fee: str
    quotes: tuple[tuple[str, str], ...]
    orders: tuple[int, ...]
    after: tuple[After, ...]


CASES: Final = {
    "scale in, partial close": Case(
        "MESH6",
        "0.37",
        (("4999.75", "5000.00"), ("5002.75", "5003.00"), ("5006.00", "5006.25"), ("5001.00", "5001.25")),
        (1, 2, -1, -2),
        (
            After(1, "0", "0", "0.37", "-1.25"),
            After(3, "0", "0", "1.11", "11.25"),
            After(2, "20", "30", "1.48", "40.00"),
            After(0, "10", "10", "2.22", "0"),
        ),
    ),
    "reversal": Case(
        "NQH6",
        "1.40",
        (("20000.00", "20000.25"), ("20010.00", "20010.25"), ("20004.00", "20004.25")),
        (2, -5, 3),
        (
            After(2, "0", "0", "2.80", "-10.00"),
            After(-3, "390", "390", "9.80", "-15.00"),
            After(0, "735", "735", "14.00", "0"),
        ),
    ),
    "open position marked to market": Case(
        "MESH6",
        "0.37",
        (("5000.00", "5000.25"), ("4998.00", "4998.25")),
        (3, 0),
        (After(3, "0", "0", "1.11", "-3.75"), After(3, "0", "0", "1.11", "-33.75")),
    ),
}


def in_ticks(price: str) -> int:
    return usd(price) // usd("0.25")


def lived(case: Case, method: Method) -> list[State]:
    """The account after each quote with its order."""
    sheet, ticks = Sheet(), list[Tick]()
    for n, ((bid, ask), quantity) in enumerate(zip(case.quotes, case.orders, strict=True)):
        at = TUESDAY + n * SECOND
        ticks.append(tick(at, in_ticks(bid), in_ticks(ask), case.symbol))
        if quantity:
            sheet.fill(at, quantity, in_ticks(ask if quantity > 0 else bid), case.symbol)
    sheet.fills = [replace(fill, fee=Micros(usd(case.fee) * abs(fill.quantity))) for fill in sheet.fills]
    pages = Pages()
    ended = run(sheet, ticks, stage=evaluation(static("9999")), method=method, journal=pages)
    state, by_time = begin(ended.terms), dict[int, State]()
    for event in pages.events:
        state, _ = step(ended.terms, state, event)
        by_time[event.at] = state
    return [by_time[at] for at, *_ in ticks]


@pytest.mark.parametrize("method", ["average", "fifo"])
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_balance_and_equity_after_each_quote_are_those_of_the_worked_example(case: Case, method: Method) -> None:
    """The methods agree when flat and realise differently on the way; equity is the same under both."""
    for state, expected in zip(lived(case, method), case.after, strict=True):
        before_fees = expected.average if method == "average" else expected.fifo
        assert state.balance == usd("50000") + usd(before_fees) - usd(expected.fees)
        assert sum(held.position.quantity for held in state.core.positions) == expected.position
        worth = usd(expected.average) - usd(expected.fees) + usd(expected.open_profit)
        assert state.equity == usd("50000") + worth
