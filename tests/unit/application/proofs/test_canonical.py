import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.application.proofs.canonical import INT_MAX, INT_MIN, Misread, encode, misread, parse

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(INT_MIN, INT_MAX) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.thorough
@given(JSON)
def test_a_value_has_one_spelling_and_it_reads_back(value: Any) -> None:
    assert parse(encode(value), "it") == value
    assert encode(parse(encode(value), "it")) == encode(value)


@pytest.mark.thorough
@given(JSON)
def test_another_json_writer_spells_alike(value: Any) -> None:
    """Sorted by code points, which is the order of the UTF-8 bytes too."""
    assert encode(value) == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(JSON)
def test_nothing_is_misread_in_itself(value: Any) -> None:
    assert misread(value, value, "it") is None


@pytest.mark.parametrize(
    ("told", "understood", "path", "kind"),
    [
        ({"a": 1}, {}, "it.a", "unknown"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1]}, "c": 2}, "it.a.b[1]", "unknown"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3, 4]}}, "it.a.b[1]", "respelled"),
        ({"a": 1}, {"a": True}, "it.a", "respelled"),
        ([], {}, "it", "respelled"),
    ],
)
def test_the_first_place_that_says_more_is_named(told: object, understood: object, path: str, kind: Any) -> None:
    assert misread(told, understood, "it") == Misread(path, kind)


def test_what_is_only_understood_is_a_younger_default() -> None:
    assert misread({"a": [1]}, {"a": [1, 2], "b": 3}, "it") is None
