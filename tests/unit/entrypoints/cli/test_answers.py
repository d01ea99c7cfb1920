"""Tables and facts for people: every value in the form that its field's name tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from msgspec import Struct

from propfirm.entrypoints.cli.answers import cell, columns, duration, facts, put


class Deep(Struct, frozen=True):
    reason: str


class Row(Struct, frozen=True):
    name: str
    paid_minor: int | None
    more: Deep | None = None
    parts: Sequence[Deep] = ()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("x", None, "-"),
        ("x", "", "-"),
        ("x", True, "yes"),
        ("x", False, "no"),
        ("x", 1234, "1234"),
        ("paid_minor", 123456, "1,234.56"),
        ("paid_minor", -1, "-0.01"),
        ("resets_in_s", 3_725, "1h 2m"),
        ("x", "50000.00", "50,000.00"),
        ("x", "-1234.5678", "-1,234.5678"),
        ("x", "12", "12"),
        ("x", datetime(2026, 3, 2, 12, 0, 1, 999, timezone(timedelta(hours=-6))), "2026-03-02T18:00:01Z"),
        ("x", date(2026, 3, 2), "2026-03-02"),
        ("x", [], "-"),
        ("x", ("a", "b"), "a, b"),
        ("x", {"failed": 1, "funded": 2}, "failed 1, funded 2"),
        ("x", "bell\a and\nline", "bell\\x07 and\\nline"),
        ("x", ["\x1b[2J"], "\\x1b[2J"),
        ("x", {"\x1b": 1}, "\\x1b 1"),
    ],
)
def test_a_value_is_told_as_people_read_it(field: str, value: object, told: str) -> None:
    assert cell(field, value) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (3_600, "1h"), (90_061, "1d 1h"), (86_460, "1d 1m"), (-120, "-2m")],
)
def test_a_duration_has_its_two_largest_units(seconds: int, told: str) -> None:
    assert duration(seconds) == told


def test_figures_stand_to_the_right_and_words_to_the_left() -> None:
    rows = [Row("Ann", 100_00, Deep("late")), Row("Bartholomew", None)]
    assert list(columns(rows, "name", "paid_minor", "more.reason")) == [
        "NAME           PAID  REASON",
        "Ann          100.00  late",
        "Bartholomew       -  -",
    ]
    assert list(columns([], "name", "more.reason")) == ["NAME  REASON"]


def test_what_lies_deeper_stands_below_its_name() -> None:
    row = Row("Ann", 1, Deep("late"), (Deep("one"), Deep("two")))
    assert list(facts(row)) == [
        "name   Ann",
        "paid   0.01",
        "more",
        "  reason  late",
        "parts",
        "  REASON",
        "  one",
        "  two",
    ]
    assert list(facts(row, "more", "parts")) == ["name  Ann", "paid  0.01"]


def test_an_answer_is_lines_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    row = Row("Ann", 1)
    put(row, facts(row, "more", "parts"), json=False)
    put([datetime(2026, 3, 2, tzinfo=UTC)], (), json=True)
    assert capsys.readouterr().out == 'name  Ann\npaid  0.01\n[\n  "2026-03-02T00:00:00Z"\n]\n'


class Waiting(Struct):
    payouts_waiting: int
    payouts_waiting_minor: int


def test_a_count_and_a_sum_of_the_same_are_told_apart() -> None:
    assert list(facts(Waiting(2, 150_00))) == [
        "payouts waiting             2",
        "payouts waiting in dollars  150.00",
    ]


class Line(Struct):
    id: str
    balance: str


def test_a_table_that_the_terminal_is_too_narrow_for_is_told_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Line("a" * 36, "50000.00"), Line("b" * 36, "123456.78")]
    monkeypatch.setenv("COLUMNS", "60")
    assert len(list(columns(rows, "id", "balance"))) == 3, "it fits"
    monkeypatch.setenv("COLUMNS", "40")
    told = list(columns(rows, "id", "balance"))
    assert told[:2] == [f"ID       {'a' * 36}", "BALANCE  50,000.00"]
    assert "BALANCE  123,456.78" in told
