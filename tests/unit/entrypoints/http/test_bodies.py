"""Whatever is sent, a body is read as it stands or refused: nothing else ever happens."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from propfirm.domain.errors import Refused
from propfirm.entrypoints.http.bodies import DEPTH_MAX, check, read
from propfirm.entrypoints.http.refusals import Fault, Invalid, MalformedBody, TooLong, UnknownField


class Leg(Struct, frozen=True, forbid_unknown_fields=True):
    at: int
    tags: list[str] = []


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    amount_minor: Annotated[int, Meta(ge=1, le=10**12)]
    name: Annotated[str, Meta(max_length=5)] = ""
    legs: list[Leg] = []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with suppress(Refused):
        read(raw, Order)


@given(json_values)
def test_any_json_is_read_or_refused_and_what_is_read_was_meant(value: Any) -> None:
    raw = json.dumps(value).encode()
    try:
        found = read(raw, Order)
    except Refused:
        return
    assert msgspec.to_builtins(found) == {"name": "", "legs": [], **value}


@given(json_values)
def test_what_passes_the_check_is_the_same_for_every_reader(value: Any) -> None:
    raw = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        check(raw)
    except Refused:
        return
    assert msgspec.json.decode(raw) == json.loads(raw)


@pytest.mark.parametrize(
    ("changed", "refusal", "detail", "pointer"),
    [
        ({"amount_minor": 0}, Invalid, "Expected int >= 1", "/amount_minor"),
        ({"amount_minor": 10**12 + 1}, Invalid, "Expected int <= 1000000000000", "/amount_minor"),
        ({"amount_minor": "100"}, Invalid, "Expected int, got str", "/amount_minor"),
        ({"amount_minor": 1.0}, Invalid, "Expected int, got float", "/amount_minor"),
        ({"amount_minor": True}, Invalid, "Expected int, got bool", "/amount_minor"),
        ({"name": "abcdef"}, TooLong, "Expected str of length <= 5", "/name"),
        ({"legs": [{"at": 1}, {"at": ""}]}, Invalid, "Expected int, got str", "/legs/1/at"),
        ({"legs": [{"at": 1, "x/y~": 1}]}, UnknownField, "this field is not known", "/legs/0/x~1y~0"),
        ({"legs": [{}]}, Invalid, "it is missing", "/legs/0/at"),
        ({"legs": [{"at": 1, "tags": [1]}]}, Invalid, "Expected str, got int", "/legs/0/tags/0"),
    ],
    ids=str,
)
def test_a_fault_is_told_with_its_place(
    changed: dict[str, Any], refusal: type[Refused], detail: str, pointer: str
) -> None:
    with pytest.raises(refusal) as refused:
        read(json.dumps({"amount_minor": 1, **changed}).encode(), Order)
    assert getattr(refused.value, "errors", None) == (Fault(detail, pointer=pointer),)


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "1E+999", "NaN", "Infinity", "-Infinity", "01", "+1", ".5", "0x1"]
)
def test_a_number_that_is_none_is_no_json(number: str) -> None:
    with pytest.raises(MalformedBody):
        read(f'{{"amount_minor":{number}}}'.encode(), Order)


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 1_000, 200_000])
def test_depth_has_an_end(depth: int) -> None:
    with pytest.raises(MalformedBody):
        check(b"[" * depth + b"]" * depth)
    check(b"[" * (DEPTH_MAX - 1) + b"]" * (DEPTH_MAX - 1))
