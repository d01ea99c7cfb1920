from __future__ import annotations

import csv
import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.application import tables
from propfirm.application.ports.inputs import PROBLEMS_MAX, BadInput
from propfirm.application.tables import Problems, Table, shown


def table(content: bytes) -> Table:
    return Table(io.BufferedReader(io.BytesIO(content)), Problems("table.csv"))


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1), st.integers(1, 200), st.booleans())
def test_a_table_reads_as_the_csv_module_wrote_it_whatever_the_size_of_a_block(
    rows: list[list[str]], block: int, packed: bool
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["first", "second"], *rows])
    content = text.getvalue().encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "BLOCK", block)
        read = table(gzip.compress(content, mtime=0) if packed else content)
        assert read.header == ("first", "second")
        assert [(read.line, row) for row in read.rows] == [(line, row) for line, row in enumerate(rows, 2)]


def test_lines_are_counted_across_blank_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BLOCK", 7)
    read = table(b"\n\nname\n\na\n\n\nb\n\n")
    assert read.line == 3
    assert [(read.line, row) for row in read.rows] == [(5, ["a"]), (8, ["b"])]


def test_what_ends_the_reading_is_told_even_after_a_hundred_problems() -> None:
    problems = Problems("table.csv")
    for row in range(PROBLEMS_MAX + 5):
        problems.add(row, "", "wrong")
    with pytest.raises(BadInput) as refusal:
        problems.end(999, "the end")
    assert len(refusal.value.problems) == PROBLEMS_MAX
    assert (refusal.value.problems[-1].row, refusal.value.more) == (999, 6)


def test_a_cell_in_a_message_is_short_and_harmless() -> None:
    assert shown("\x1b[31m") == r"'\x1b[31m'"
    assert len(shown("x" * 10_000)) < 60
