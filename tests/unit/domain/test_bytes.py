"""Every value of the domain goes to bytes and comes back as it was: journals, proofs and tables rest on it."""

import pkgutil
from importlib import import_module
from inspect import getmembers, isclass
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

import propfirm.domain
from propfirm.domain.ledger.accounts import LedgerAccount
from propfirm.domain.ledger.transfers import Entry, Transfer
from propfirm.domain.money import Cents
from tests.strategies.structs import structs

VALUES = sorted(
    {
        value
        for module in pkgutil.walk_packages(propfirm.domain.__path__, "propfirm.domain.")
        for _, value in getmembers(import_module(module.name), isclass)
        if issubclass(value, Struct) and value.__module__.startswith("propfirm.domain.")
        if value.__struct_config__.frozen and not value.__name__.startswith("_")  # no drafts, no bases of others
    },
    key=lambda value: (value.__module__, value.__name__),
)
NUMBERS = st.integers(-(2**62), 2**62)
LEDGER_ACCOUNTS = structs(LedgerAccount, NUMBERS)
BALANCED = st.builds(
    lambda one, other, amount: (Entry(one, Cents(amount)), Entry(other, Cents(-amount))),
    LEDGER_ACCOUNTS,
    LEDGER_ACCOUNTS,
    NUMBERS.filter(bool),
)
GIVEN: dict[type[Struct], dict[str, st.SearchStrategy[Any]]] = {Transfer: {"entries": BALANCED}}
"""Fields that cannot hold just anything of their type."""


@pytest.mark.thorough
@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value.__module__}.{value.__name__}")
@settings(max_examples=5)
@given(data=st.data())
def test_every_value_comes_back_from_bytes(value: type[Struct], data: st.DataObject) -> None:
    drawn = data.draw(structs(value, NUMBERS, **GIVEN.get(value, {})))
    for codec in (msgspec.json, msgspec.msgpack):
        assert codec.decode(codec.encode(drawn), type=value) == drawn


def test_the_values_are_found() -> None:
    assert len(VALUES) > 100
