"""A cursor is good for the list that gave it, and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.entrypoints.http.pages import Cursors
from propfirm.entrypoints.http.refusals import InvalidCursor

CURSORS = Cursors(b"k" * 32)


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=4))
def test_a_position_comes_back_as_it_was(of: str, position: list[str]) -> None:
    assert CURSORS.read(of, CURSORS.write(of, *position)) == tuple(position)


def test_no_cursor_is_the_beginning() -> None:
    assert CURSORS.read("payouts:ann", None) is None


@pytest.mark.parametrize("of", ["payouts:bob", "accounts:ann", "payouts:ann:state=sent", ""])
def test_the_cursor_of_another_list_or_person_or_filter_is_refused(of: str) -> None:
    with pytest.raises(InvalidCursor):
        CURSORS.read(of, CURSORS.write("payouts:ann", "2026-03-02", "7"))


def test_the_cursor_of_another_firm_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        CURSORS.read("payouts:ann", Cursors(b"o" * 32).write("payouts:ann", "7"))


@given(st.text(max_size=80))
def test_no_text_is_a_cursor_by_chance(text: str) -> None:
    with pytest.raises(InvalidCursor):
        CURSORS.read("payouts:ann", text)


@given(st.data())
def test_a_cursor_that_was_touched_is_refused(data: st.DataObject) -> None:
    cursor = CURSORS.write("payouts:ann", "2026-03-02T12:00:00Z", "01890000-0000-7000-8000-000000000001")
    place = data.draw(st.integers(0, len(cursor) - 2))  # the last letter has bits that mean nothing
    letter = data.draw(st.sampled_from("AQgw-_ä= \n").filter(lambda one: one != cursor[place]))
    for touched in (cursor[:place] + letter + cursor[place + 1 :], cursor[:place]):
        with pytest.raises(InvalidCursor):
            CURSORS.read("payouts:ann", touched)
