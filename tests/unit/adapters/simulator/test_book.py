"""What the simulated platform finds of itself after a crash, and what is not its own."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from propfirm.adapters.simulator.book import ACTS, Began, Book
from propfirm.application.ports.state import StateDamaged

BEGAN = Began(7, "2026-01-25")
LINE = msgspec.json.encode(BEGAN) + b"\n"


@pytest.mark.parametrize("length", range(len(LINE)))
def test_a_first_line_that_a_crash_cut_short_is_written_anew(tmp_path: Path, length: int) -> None:
    (tmp_path / ACTS).write_bytes(LINE[:length])
    book = Book(tmp_path)
    assert book.acts == []
    book.write(BEGAN)
    assert (tmp_path / ACTS).read_bytes() == LINE
    assert Book(tmp_path).acts == [BEGAN]


@pytest.mark.parametrize("content", [b"x", b"\n", b"garbage\n", b"{}\n", LINE + LINE, b"\xff", LINE + b"x\n"])
def test_what_no_platform_of_ours_wrote_is_not_taken_for_a_beginning(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ACTS).write_bytes(content)
    with pytest.raises(StateDamaged):
        Book(tmp_path)
