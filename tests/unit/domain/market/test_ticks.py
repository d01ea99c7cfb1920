from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.adapters.resources.contracts import load_contracts
from propfirm.domain.market import ticks as ticks_module
from propfirm.domain.market.contracts import VALUE_MAX, OffTick, to_price
from propfirm.domain.market.ticks import TickParser

REGISTRY = load_contracts()
ROOTS = st.sampled_from(sorted(REGISTRY.contracts))


@given(st.data(), ROOTS)
def test_a_price_of_whole_ticks_reads_back_as_these_ticks(data: st.DataObject, root: str) -> None:
    contract = REGISTRY.root(root)
    count = data.draw(st.integers(1, VALUE_MAX // contract.tick_value))
    assert TickParser(contract)[to_price(contract, count)] == count


@pytest.mark.parametrize("root", sorted(REGISTRY.contracts))
def test_no_price_makes_a_contract_dearer_than_ten_million(root: str) -> None:
    contract = REGISTRY.root(root)
    most = VALUE_MAX // contract.tick_value
    assert TickParser(contract)[to_price(contract, most)] == most
    with pytest.raises(OffTick, match="no contract is worth more than 10,000,000"):
        TickParser(contract)[to_price(contract, most + 1)]


@given(ROOTS, st.integers(1, 10_000_000), st.integers(1, 99))
def test_a_price_between_two_ticks_is_refused(root: str, count: int, hundredths: int) -> None:
    contract = REGISTRY.root(root)
    price = f"{Decimal(contract.tick_size) * (count * 100 + hundredths) / 100:f}"
    with pytest.raises(OffTick):
        TickParser(contract)[price]


@pytest.mark.parametrize(
    ("root", "price", "count"),
    [
        ("ZN", "110.515625", 7073),
        ("ZN", "110.5", 7072),
        ("ZT", "102.00390625", 26113),
        ("6J", "0.0067015", 13403),
        ("6J", "0.006701500", 13403),
        ("ES", "6050.250000000", 24201),
        ("ES", "0006050.25", 24201),
        ("YM", "43210", 43210),
        ("YM", "43210.0", 43210),
        ("NKD", "38005", 7601),
    ],
)
def test_prices_are_read_exactly(root: str, price: str, count: int) -> None:
    assert TickParser(REGISTRY.root(root))[price] == count


@pytest.mark.parametrize(
    ("root", "price"),
    [
        ("ZN", "110.51"),
        ("ZN", "110.015"),
        ("ZN", "110'165"),
        ("ZT", "102.0039"),
        ("6J", "0.0067014"),
        ("6J", "0.00670151"),
        ("ES", "6050.30"),
        ("ES", "0"),
        ("ES", "0.00"),
        ("ES", "-6050.25"),
        ("ES", "+6050.25"),
        ("ES", ""),
        ("ES", " 6050.25"),
        ("ES", "6,050.25"),
        ("ES", "6_050.25"),
        ("ES", "6.05025e3"),
        ("ES", "NaN"),
        ("ES", "Infinity"),
        ("ES", "6050."),
        ("ES", "\u0666\u0660\u0665\u0660"),
        ("ES", "9" * 5000),
    ],
)
def test_what_is_no_price_of_the_contract_is_refused(root: str, price: str) -> None:
    with pytest.raises(OffTick, match=root):
        TickParser(REGISTRY.root(root))[price]


def test_a_parser_remembers_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks_module, "REMEMBERED_MAX", 10)
    contract = REGISTRY.root("YM")
    parser = TickParser(contract)
    for count in range(1, 100):
        assert parser[str(count)] == count
        assert len(parser) <= 10
