from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from propfirm.adapters.histories import reader
from propfirm.adapters.histories.reader import CsvHistories
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.application.ports.inputs import BadInput, Problem

FILES = Path(__file__).parents[3] / "data/histories"
READER = CsvHistories(load_contracts())
FILLS = "time,symbol,side,quantity,price,execution_id,fee\n"
GOOD = "2025-11-18T14:45:25Z,MNQZ5,buy,2,24500.25,a,0.74\n"
PERFORMANCE = (FILES / "tradovate_performance.csv").read_text("utf-8").splitlines()

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "history.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def problems(path: Path, zone: str | None = None) -> tuple[Problem, ...]:
    with pytest.raises(BadInput) as refusal:
        READER.read(path, zone)
    return refusal.value.problems


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        (
            "time",
            "2025-11-18T14:45:25",
            "the time has no zone: say in which one it was written, such as --zone America/Chicago",
        ),
        ("time", "yesterday", "not a date and time of a known form"),
        ("time", "", "not a date and time of a known form"),
        ("time", "2025-02-30T14:45:25Z", "no such time (day is out of range for month)"),
        ("time", "2025-11-18T24:45:25Z", "no such time (hour must be in 0..23)"),
        ("time", "11/18/2025 13:00 PM +00:00", "there is no 13 o'clock with AM or PM"),
        ("time", "2025-11-18T14:45:25+25:00", "no offset from UTC is as long as a day"),
        ("time", "1970-01-01T00:00:00Z", "nothing was traded at this time"),
        ("time", "0001-01-01T00:00:00+05:00", "nothing was traded at this time"),
        ("time", "9999-12-31T23:59:59-05:00", "nothing was traded at this time"),
        ("time", "2263-01-01T00:00:00Z", "nothing was traded at this time"),
        ("symbol", "MNQA5", "names no known contract"),
        ("symbol", "MNQF6", "MNQ has no such delivery month, only H, M, U, Z"),
        ("symbol", "", "names no known contract"),
        ("side", "hold", "is neither buy nor sell, long nor short"),
        ("quantity", "0", "is not a number of contracts from 1 to 10000"),
        ("quantity", "-2", "is not a number of contracts from 1 to 10000"),
        ("quantity", "1.5", "is not a number of contracts from 1 to 10000"),
        ("quantity", "1e1", "is not a number of contracts from 1 to 10000"),
        ("quantity", "10001", "is not a number of contracts from 1 to 10000"),
        ("quantity", "\u0662", "is not a number of contracts from 1 to 10000"),
        ("price", "24500.30", "is no price of MNQ, whose prices are positive multiples of 0.25"),
        ("price", "5000000.25", "is no price of MNQ: no contract is worth more than 10,000,000.00"),
        ("price", "NaN", "is no price of MNQ"),
        ("price", "inf", "is no price of MNQ"),
        ("price", "2.45e4", "is no price of MNQ"),
        ("price", "-24500.25", "is no price of MNQ"),
        ("price", "0", "is no price of MNQ"),
        ("price", "", "is no price of MNQ"),
        ("execution_id", "", "there is no id"),
        ("execution_id", "a\x07b", "is no id"),
        ("execution_id", "x" * 257, "longer than 256 characters"),
        ("fee", "-0.74", "is below zero: costs are written as positive amounts"),
        ("fee", "$(0.74)", "is below zero: costs are written as positive amounts"),
        ("fee", "1000000.01", "is beyond sense: no fee is above 1,000,000.00"),
        ("fee", "free", "is not an amount of dollars"),
        ("fee", "0.0000001", "is not an amount of dollars"),
        ("fee", "9999999999999", "is not an amount of dollars"),
        ("fee", "(0.74", "is not an amount of dollars"),
        ("fee", "1e-1", "is not an amount of dollars"),
    ],
)
def test_a_bad_cell_is_told_with_its_row_column_and_reason(write: Write, column: str, cell: str, reason: str) -> None:
    names = FILLS.strip().split(",")
    cells = GOOD.strip().split(",")
    cells[names.index(column)] = cell
    (problem,) = problems(write(FILLS + GOOD.replace(",a,", ",first,") + ",".join(cells) + "\n"))
    assert (problem.row, problem.column) == (3, column)
    assert reason in problem.reason
    assert len(problem.reason) < 200


def test_all_problems_of_a_file_are_told_at_once(write: Write) -> None:
    bad = "2025-11-18T14:45:25,XYZ,hold,0,nan,,free\n"
    found = problems(write(FILLS + bad + GOOD + bad))
    each = ["time", "symbol", "side", "quantity", "price", "execution_id", "fee"]
    assert sorted((problem.row, problem.column) for problem in found) == sorted(
        [(row, column) for row in (2, 4) for column in each]
    )


def test_after_a_hundred_problems_the_others_are_counted(write: Write) -> None:
    path = write(FILLS + "2025-11-18T14:45:25Z,MNQZ5,buy,2,24500.30,a,0.74\n" * 250)
    with pytest.raises(BadInput) as refusal:
        READER.read(path)
    assert (len(refusal.value.problems), refusal.value.more) == (100, 150)
    assert str(refusal.value).endswith("and 150 more")
    assert "row 2, column price: '24500.30' is no price of MNQ" in str(refusal.value)


def test_a_repeated_execution_is_refused_even_if_the_row_is_the_same(write: Write) -> None:
    assert problems(write(FILLS + GOOD + GOOD)) == (Problem(3, "", "execution 'a' is already in row 2"),)


def test_a_repeated_trade_is_refused(write: Write) -> None:
    text = "\n".join([PERFORMANCE[0], PERFORMANCE[1], PERFORMANCE[1]])
    assert [problem.row for problem in problems(write(text), "America/Chicago")] == [3, 3]


def test_a_trade_that_ends_before_it_begins_is_refused(write: Write) -> None:
    header = "symbol,side,quantity,entry_time,entry_price,exit_time,exit_price\n"
    row = "ESZ5,long,1,2025-11-18T14:45:25Z,6650.25,2025-11-18T14:45:24Z,6650.25\n"
    assert problems(write(header + row)) == (Problem(2, "", "the trade ends before it begins"),)


def test_two_accounts_in_one_file_are_refused(write: Write) -> None:
    text = (FILES / "tradovate_fills.csv").read_text("utf-8")
    second = text.splitlines()[1].replace("DEMO77", "DEMO78").replace("501,", "901,")
    (problem,) = problems(write(text + second))
    assert problem == Problem(5, "Account", "'DEMO78' is another account: bring the history of one")


@pytest.mark.parametrize(
    "name",
    [
        "tradovate_performance",
        "tradovate_position_history",
        "tradovate_orders",
        "ninjatrader_executions",
        "ninjatrader_trade_performance",
        "rithmic_orders",
    ],
)
def test_local_times_without_a_zone_are_never_guessed(name: str) -> None:
    found = problems(FILES / f"{name}.csv")
    assert all("has no zone" in problem.reason for problem in found)


def test_an_unknown_zone_is_refused() -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", "", "America"):
        (problem,) = problems(FILES / "tradovate_performance.csv", zone)
        assert problem.reason.startswith("there is no time zone")


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("03/08/2026 02:30:00", "in America/Chicago this time was never: clocks went forward"),
        ("11/01/2026 01:30:00", "in America/Chicago this time was twice: clocks went back"),
    ],
)
def test_the_hour_that_clocks_skip_or_repeat_is_refused(write: Write, time: str, reason: str) -> None:
    row = PERFORMANCE[1].replace("11/18/2025 08:45:25", time).replace("11/18/2025 08:52:10", time)
    found = problems(write(PERFORMANCE[0] + "\n" + row), "America/Chicago")
    assert [problem.reason for problem in found] == [f"{time!r}: {reason}"] * 2


def test_an_average_price_that_no_fills_can_have_is_refused(write: Write) -> None:
    text = (FILES / "tradovate_orders.csv").read_text("utf-8")
    for average in ("6650.30", "6650.3", "0.08", "6650.1"):
        (problem,) = problems(write(text.replace("6650.333333", average)), "America/Chicago")
        assert (problem.row, problem.column) == (2, "avgPrice")


def test_an_average_price_that_is_no_number_is_refused(write: Write) -> None:
    text = (FILES / "tradovate_orders.csv").read_text("utf-8")
    for average in ("6650.25.5", "6.65e3", "nan", "6651"):
        path = write(text.replace("6650.333333", average).replace("ESZ5", "ESZ5" if average != "6651" else "NKDZ5"))
        found = problems(path, "America/Chicago")
        assert (found[0].row, found[0].column) == (2, "avgPrice")


def test_an_average_price_of_an_unknown_contract_is_still_looked_at(write: Write) -> None:
    text = (FILES / "tradovate_orders.csv").read_text("utf-8").replace("ESZ5", "XXZ5")
    found = problems(write(text.replace("6650.333333", "x")), "America/Chicago")
    assert [(problem.row, problem.column) for problem in found] == [(2, "Contract"), (2, "avgPrice"), (4, "Contract")]


def test_rows_with_too_few_or_too_many_cells_are_refused(write: Write) -> None:
    found = problems(write(FILLS + GOOD.replace(",0.74", "") + GOOD.replace("0.74", "0.74,x")))
    assert found == (
        Problem(2, "", "6 cells where the header has 7"),
        Problem(3, "", "8 cells where the header has 7"),
    )


def test_an_unknown_header_names_the_formats_and_what_the_nearest_lacks(write: Write) -> None:
    (problem,) = problems(write("time,symbol,side,quantity,Price in $,execution_id\n"))
    assert problem.row == 1
    assert "Known are TopstepX trades, Tradovate Performance" in problem.reason
    assert problem.reason.endswith("nearest is propfirm fills, which also needs price")


def test_a_missing_column_with_several_names_is_told_by_all_of_them(write: Write) -> None:
    (problem,) = problems(write("symbol,side,quantity,price,time\n"))
    assert problem.reason.endswith("which also needs execution_id or id")


def test_other_separators_are_named(write: Write) -> None:
    assert "not by semicolons" in problems(write(FILLS.replace(",", ";")))[0].reason
    assert "not by tabs" in problems(write(FILLS.replace(",", "\t")))[0].reason


def test_a_column_that_is_there_twice_is_refused(write: Write) -> None:
    (problem,) = problems(write(FILLS.strip() + ",price\n"))
    assert problem == Problem(1, "", "columns are there twice: 'price'")


@pytest.mark.parametrize(
    ("content", "row", "reason"),
    [
        (b"", 0, "the file is empty"),
        (b"\n\n", 0, "the file is empty"),
        (b"\xef\xbb\xbf", 0, "the file is empty"),
        (FILLS.encode("utf-16"), 0, "the file is UTF-16: save it as UTF-8"),
        (FILLS.encode("utf-16-le"), 1, "a NUL byte"),
        (b"\x7fELF\x02\x01\x01\x00\x00", 1, "a NUL byte"),
        ((FILLS + GOOD).encode() + b"2025-11-18T14:45:25Z,MNQZ5\0", 3, "a NUL byte"),
        ((FILLS + GOOD).encode() + b"caf\xe9\n", 3, "byte 0xe9 is not UTF-8"),
        ((FILLS + '"' + GOOD * 3000).encode(), 2, "not a row of comma-separated cells"),
        ((FILLS + '"a"b,c\n').encode(), 2, "not a row of comma-separated cells"),
        (FILLS.replace("\n", "\r").encode() + GOOD.encode(), 1, "not a row of comma-separated cells"),
        (FILLS.encode() + b"x" * 400_000, 2, "this line is longer"),
        (FILLS.encode() + b"x" * 70_000 + b"\n", 2, "this line is longer"),
        (gzip.compress(FILLS.encode(), mtime=0)[:-9], 1, "the file is damaged or cut off"),
        (gzip.compress((FILLS + GOOD).encode(), mtime=0)[:12] + b"\0" * 30, 1, "the file is damaged or cut off"),
        (b"\x1f\x8b", 1, "the file is damaged or cut off"),
    ],
)
def test_a_file_that_is_no_table_says_where_it_ends_to_be_one(
    write: Write, content: bytes, row: int, reason: str
) -> None:
    (problem,) = problems(write(content))
    assert reason in problem.reason
    assert problem.row == row


def test_problems_found_before_the_end_of_a_damaged_file_are_kept(write: Write) -> None:
    bad = GOOD.replace("24500.25", "24500.30")
    for end in (b"x" * 70_000, b"\0", b"\xff"):
        found = problems(write((FILLS + bad).encode() + end))
        assert [problem.row for problem in found] == [2, 3]


def test_a_file_that_cannot_be_opened_is_told_by_its_name(tmp_path: Path) -> None:
    assert "no such file" in problems(tmp_path / "nowhere.csv")[0].reason
    assert "is a directory" in problems(tmp_path)[0].reason
    assert "no file has such a name" in problems(tmp_path / "a\0b")[0].reason
    with pytest.raises(BadInput, match=r"nowhere\.csv"):
        READER.read(tmp_path / "nowhere.csv")


def test_byte_order_mark_windows_lines_blank_lines_and_gzip_are_read(write: Write) -> None:
    plain = READER.read(write(FILLS + GOOD))
    assert READER.read(write(b"\xef\xbb\xbf" + (FILLS + GOOD).encode())) == plain
    assert READER.read(write((FILLS + GOOD).replace("\n", "\r\n"))) == plain
    assert READER.read(write((FILLS + GOOD).rstrip())) == plain
    assert READER.read(write(gzip.compress((FILLS + GOOD).encode(), mtime=0))) == plain
    spaced = READER.read(write("\n" + FILLS + "\n\n" + GOOD + "\n"))
    assert [fill.row for fill in spaced.fills] == [5]


def test_a_history_beyond_all_measure_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "ROWS_MAX", 3)
    rows = "".join(GOOD.replace(",a,", f",{number},") for number in range(4))
    assert problems(write(FILLS + rows)) == (Problem(5, "", "more than 3 rows"),)


# ------------------------------------------------------------------------------ whatever comes

WHOLE = {path.stem: path.read_bytes() for path in sorted(FILES.iterdir())}


@pytest.mark.thorough
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 30),
            st.one_of(
                st.binary(max_size=8),
                st.text(max_size=8).map(str.encode),
                st.sampled_from([b",", b"\n", b'"', b"\0", b"-", b"NaN", b"1e9", b"0", b"9" * 400, b"/", b":"]),
            ),
        ),
        max_size=4,
    ),
    st.sampled_from([None, "America/Chicago", "Mars"]),
    st.sampled_from(["none", "example"]),
)
def test_a_mangled_file_is_a_history_or_bad_input_and_nothing_else(
    tmp_path: Path, name: str, cuts: list[tuple[float, int, bytes]], zone: str | None, fees: str
) -> None:
    content = WHOLE[name]
    for where, length, instead in cuts:
        place = int(where * len(content))
        content = content[:place] + instead + content[place + length :]
    path = tmp_path / "mangled.csv"
    path.write_bytes(content)
    try:
        history = READER.read(path, zone, fees)  # type: ignore[arg-type]  # sampled from its two values
    except BadInput:
        return
    assert list(history.fills) == sorted(history.fills, key=lambda fill: fill.at)
    assert len({fill.execution for fill in history.fills}) == len(history.fills)
    assert all(fill.quantity and fill.price > 0 and fill.fee >= 0 for fill in history.fills)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_bad_input(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "noise.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        READER.read(path)


def test_a_path_without_a_name_is_told_as_it_was_given() -> None:
    with pytest.raises(BadInput) as refusal:
        CsvHistories(load_contracts()).read(Path())
    assert refusal.value.source == "."


def test_no_history_opens_more_contracts_than_any_account_holds(write: Write) -> None:
    rows = "".join(f"2025-11-18T14:45:{n:02}Z,MNQZ5,buy,10000,1.00,{n},\n" for n in range(11))
    (problem,) = problems(write(FILLS + rows))
    assert str(problem) == "row 12: with this fill 110000 contracts are open: no account holds more than 100000"


def test_contracts_held_in_several_symbols_are_counted_together(write: Write) -> None:
    symbols = ("MNQZ5", "MESZ5", "M2KZ5", "MYMZ5") * 3
    rows = "".join(f"2025-11-18T14:45:{n:02}Z,{s},sell,10000,1.00,{n},\n" for n, s in enumerate(symbols))
    (problem,) = problems(write(FILLS + rows))
    assert (problem.row, "110000 contracts are open" in problem.reason) == (12, True)


def test_the_fills_of_a_history_are_worth_no_more_than_any_sum_can_hold(write: Write) -> None:
    """Twenty fills of 10,000 contracts at nearly ten million dollars each are two million million."""
    sides = ("buy", "sell") * 10
    rows = "".join(f"2025-11-18T14:45:{n:02}Z,MNQZ5,{s},10000,4999999,{n},\n" for n, s in enumerate(sides))
    (problem,) = problems(write(FILLS + rows))
    assert str(problem).startswith("row 12: with this fill the history has moved more than 1,000,000,000,000.00")


def test_an_average_price_is_bounded_like_any_other(write: Write) -> None:
    header = "Order Number,Symbol,Qty Filled,Avg Fill Price,Side,Fill Time\n"
    row = "a,MNQZ5,3,9999999999.083333333,B,2025-11-18 14:45:25Z\n"
    (problem,) = problems(write(header + row))
    assert "9999999999.083333333" in problem.reason


def test_a_month_that_exchanges_may_list_beside_the_table_is_noted_not_refused(write: Write) -> None:
    history = READER.read(write(FILLS + "2025-11-18T14:45:25Z,GCF6,buy,1,4100.0,a,0.74\n"))
    assert "delivery months that the contract table does not list: GCF26" in history.notes


@pytest.mark.parametrize(
    ("symbol", "time", "is_late"),
    [
        ("ESH5", "2026-03-02", True),
        ("ESH26", "2026-03-31", False),
        ("ESH26", "2026-04-01", True),
        ("ES", "2026-03-02", False),
        ("ESZ25", "2025-12-31", False),
        ("ESZ25", "2026-01-01", True),
        ("ESZ99", "1999-12-31", False),
    ],
)
def test_executions_after_the_delivery_month_are_noted(write: Write, symbol: str, time: str, is_late: bool) -> None:
    history = READER.read(write(f"{FILLS}{time}T14:45:25Z,{symbol},buy,1,6000.25,a,0.74\n"))
    assert any("after the delivery month of their contract" in note for note in history.notes) == is_late
