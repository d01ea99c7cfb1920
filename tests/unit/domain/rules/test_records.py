"""What is remembered of a run for the people who ask: ended trades and ended days, by hand-computed examples."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest

from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.events import Event
from propfirm.domain.rules.records import DayTaken, Record, TradeEnded, recorded
from propfirm.domain.rules.terms import Platform
from tests.unit.domain.rules.life import MONDAY, SECOND, TUESDAY, Life, loss, stage


class Remembered(Life):
    """A life with the record of its last event."""

    record: Record | None = None

    def tell(self, event: Event) -> Any:
        before = self.state
        said = super().tell(event)
        self.record = recorded(self.terms, before, event, self.state)
        return said


def life(platform: Platform | None = None, most: str = "40000") -> Remembered:
    one = Remembered(stage(loss(most)), platform=platform)
    one.day(MONDAY)
    one.at("08:00")
    return one


def test_a_snapshot_leaves_the_days_figures() -> None:
    one = life()
    one.buy(1, "5000", fee="2")
    one.mark("5100")
    one.at("23:50").snapshot()
    assert one.record == DayTaken(one.now, date(2026, 1, 5), usd("49998"), usd("50098"))


def test_nothing_but_snapshots_and_fills_leaves_a_record() -> None:
    one = life()
    assert one.record is None
    one.buy(1, "5000")
    one.mark("5100")
    assert one.record is None
    one.metric("50000")
    assert one.record is None
    one.day(TUESDAY)
    assert one.record is None


def test_a_trade_from_flat_to_flat() -> None:
    """Two bought at 5,000, one at 5,010; sold one at 5,006 and two at 5,020: 0.25 points are 12.50 dollars."""
    one = life()
    began = one.now
    one.buy(2, "5000", "ESH6", fee="4")
    assert one.record is None
    one.wait(seconds=10).buy(1, "5010", "ESH6", fee="2")
    assert one.record is None
    one.wait(seconds=10).sell(1, "5006", "ESH6", fee="2")
    assert one.record is None
    one.wait(seconds=10).sell(2, "5020", "ESH6", fee="4")
    assert one.record == TradeEnded(
        seq=one.state.seq,
        symbol="ESH6",
        side="long",
        opened=began,
        closed=began + 30 * SECOND,
        contracts=3,
        profit=usd("1788"),
        fees=usd("12"),
    )


def test_a_short_trade_beside_another_position() -> None:
    one = life()
    one.buy(1, "5000")
    one.sell(1, "5000", "ESH6", fee="2")
    one.buy(1, "5001", "ESH6", fee="2")
    assert one.record == TradeEnded(one.state.seq, "ESH6", "short", one.now, one.now, 1, Micros(-usd("54")), usd("4"))


@pytest.mark.parametrize("method", ["average", "fifo"])
def test_the_last_close_releases_what_the_platforms_method_has_left(method: Literal["average", "fifo"]) -> None:
    """Bought at 5,000 and 5,001, one sold at 5,001 (a profit of 25, or first in first out 50), the rest at 5,001.50."""
    one = life(Platform(method=method))
    one.buy(1, "5000", "ESH6")
    one.buy(1, "5001", "ESH6")
    one.sell(1, "5001", "ESH6")
    one.sell(1, "5001.5", "ESH6")
    record = one.record
    assert isinstance(record, TradeEnded)
    assert record.profit == usd("75")
    assert one.state.balance == usd("50075")


def test_a_fill_through_zero_ends_one_trade_with_its_share_of_the_fee_and_begins_the_next() -> None:
    """Of a fee of 10.00 for three contracts the two that close bear 6.666666."""
    one = life()
    began = one.now
    one.buy(2, "5000", "ESH6", fee="4")
    one.wait(seconds=1).sell(3, "5001", "ESH6", fee="10")
    assert one.record == TradeEnded(
        one.state.seq, "ESH6", "long", began, one.now, 2, Micros(usd("100") - usd("10.666666")), usd("10.666666")
    )
    turned = one.now
    one.wait(seconds=1).buy(1, "5001", "ESH6")
    assert one.record == TradeEnded(
        one.state.seq, "ESH6", "short", turned, one.now, 1, Micros(-usd("3.333334")), usd("3.333334")
    )


@pytest.mark.parametrize(
    ("settle", "price", "profit"),
    [("exact", "5000.005", "0.005"), ("per_fill", "5000.005", "0.01"), ("per_fill", "5000.004999", "0")],
)
def test_a_platform_that_rounds_each_fill_rounds_the_trade(
    settle: Literal["exact", "per_fill"], price: str, profit: str
) -> None:
    one = life(Platform(settle=settle))
    one.buy(1, "5000")
    one.sell(1, price)
    record = one.record
    assert isinstance(record, TradeEnded)
    assert record.profit == usd(profit)
    assert one.state.balance == Micros(usd("50000") + usd(profit))


def test_a_trade_that_ends_after_the_run_is_told_all_the_same() -> None:
    one = life(most="2000")
    one.buy(1, "5000", fee="1")
    assert one.mark("2000").rules == ("max_loss",)
    one.sell(1, "1900", fee="1")
    assert one.record == TradeEnded(one.state.seq, "DOL", "long", one.now, one.now, 1, Micros(-usd("3102")), usd("2"))
