from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from propfirm.adapters.prices import clock
from propfirm.adapters.prices.clock import Tails, minute_ns
from propfirm.adapters.prices.reader import CsvPrices
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.application import tables
from propfirm.application.ports.inputs import BadInput, Problem
from propfirm.application.ports.prices import Bar, PriceStream, Tick
from propfirm.domain.calendar.instants import to_ns

RECORDED = Path(__file__).parents[3] / "data/market"
SAMPLES = Path(str(resources.files("propfirm.resources"))) / "market"
READER = CsvPrices(load_contracts())
TICKS = "time,symbol,price\n"
QUOTES = "time,symbol,bid,ask\n"
BARS = "time,symbol,open,high,low,close\n"
NOON = 1_763_467_200_000_000_000  # 2025-11-18T12:00:00Z
MINUTE = 60_000_000_000

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "prices.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def problems(path: Path, symbol: str | None = None) -> tuple[Problem, ...]:
    with pytest.raises(BadInput) as refusal:
        list(READER.open(path, symbol))
    return refusal.value.problems


def ticks(stream: PriceStream) -> list[Tick]:
    assert not stream.bars
    return list(stream)


def ns(text: str) -> int:
    return to_ns(datetime.fromisoformat(text))


def both(price: int) -> tuple[int, int]:
    return price, price


# ------------------------------------------------------------------------------ recorded prices


def test_the_shipped_week_of_es_is_read_as_bars_of_bid_and_ask() -> None:
    stream = READER.open(SAMPLES / "ES_ESZ3_1min_2013-10-06_2013-10-11.csv.gz")
    assert (stream.format, stream.bars) == ("minute bars of trades and quotes", True)
    bars = list(stream)
    assert bars[0] == Bar(
        ns("2013-10-06T19:00:00Z"),
        ns("2013-10-06T19:01:00Z"),
        "ESZ13",
        "ES",
        *[(6726, 6728)] * 4,
    )
    assert len(bars) == 7073 - 68 - 9
    assert stream.oddities == {
        "left out, bars with only some of their prices": 68,
        "left out, bars with crossed quotes": 9,
    }


def test_the_shipped_bars_of_gold_are_read() -> None:
    stream = READER.open(SAMPLES / "GC_GCZ3_1min_2013-10-07_2013-10-08.csv.gz")
    last = list(stream)[-1]
    assert last == Bar(
        ns("2013-10-08T23:59:00Z"),
        ns("2013-10-09T00:00:00Z"),
        "GCZ13",
        "GC",
        (13204, 13205),
        (13205, 13207),
        (13204, 13205),
        (13204, 13206),
    )


def test_the_shipped_trades_of_gold_are_read_as_ticks() -> None:
    stream = READER.open(SAMPLES / "GC_GCZ3_trades_2013-10-07.csv.gz")
    assert (stream.format, stream.bars) == ("trades with a suspicious flag", False)
    rows = ticks(stream)
    assert len(rows) == 39_702
    assert rows[0] == (ns("2013-10-07T00:00:00.276Z"), "GCZ13", "GC", 13137, 13137)
    assert rows[-1] == (ns("2013-10-07T23:59:52.934Z"), "GCZ13", "GC", 13234, 13234)
    assert stream.oddities == {}


def test_bars_that_bear_the_time_of_their_end_begin_a_minute_earlier() -> None:
    stream = READER.open(RECORDED / "6E_6EH4_1min_2024-01-01_2024-01-16.csv.gz", "6EH4")
    bars = list(stream)
    assert len(bars) == 14_899
    assert bars[0] == Bar(
        ns("2024-01-01T23:00:00Z"),
        ns("2024-01-01T23:01:00Z"),
        "6EH24",
        "6E",
        both(22152),
        both(22157),
        both(22152),
        both(22156),
    )


def test_quotes_count_where_trades_stand_among_them() -> None:
    stream = READER.open(RECORDED / "ES_ESU4_quotes_trades_2024-07-01.csv.gz", "ESU24")
    rows = ticks(stream)
    assert len(rows) == 2168
    assert rows[0] == (ns("2024-07-01T23:58:01Z") + 218_218_853, "ESU24", "ES", 22114, 22115)
    assert stream.oddities == {"left out, trades beside quotes": 120}


def test_a_file_without_a_contract_column_needs_the_contract_and_one_with_it_refuses_another() -> None:
    path = RECORDED / "6E_6EH4_1min_2024-01-01_2024-01-16.csv.gz"
    assert "no column tells the contract" in problems(path)[0].reason
    assert "'EURUSD' names no known contract" in problems(path, "EURUSD")[0].reason
    (problem,) = problems(SAMPLES / "GC_GCZ3_trades_2013-10-07.csv.gz", "GCZ3")
    assert "the contracts are in column contract" in problem.reason


# ------------------------------------------------------------------------------ our own formats


def test_a_last_trade_is_both_bid_and_ask(write: Write) -> None:
    stream = READER.open(write(TICKS + "2025-11-18T12:00:00.5Z,MNQZ5,24500.25\n"))
    assert list(stream) == [(NOON + 500_000_000, "MNQZ25", "MNQ", 98001, 98001)]
    assert stream.format == "propfirm ticks"


def test_quotes_of_several_contracts_may_share_a_file(write: Write) -> None:
    stream = READER.open(
        write(
            "ask,symbol,note,bid,time\n"
            "24500.50,MNQZ5,x,24500.25,2025-11-18T06:00:00-06:00\n"
            "110.53125,ZNZ25,,110.515625,2025-11-18 12:00:00.000000001Z\n"
            "24500.75,MNQZ5,x,24500.25,2025-11-18T12:01Z\n"
        )
    )
    assert list(stream) == [
        (NOON, "MNQZ25", "MNQ", 98001, 98002),
        (NOON + 1, "ZNZ25", "ZN", 7073, 7074),
        (NOON + MINUTE, "MNQZ25", "MNQ", 98001, 98003),
    ]


def test_our_own_bars_last_a_minute_unless_they_say_otherwise(write: Write) -> None:
    row = "2025-11-18T12:00:00Z,ESZ5,6650.25,6651.00,6650.00,6650.50"
    (bar,) = READER.open(write(BARS + row + "\n"))
    assert bar == Bar(NOON, NOON + MINUTE, "ESZ25", "ES", both(26601), both(26604), both(26600), both(26602))
    (hour,) = READER.open(write(BARS.replace("close", "close,end") + row + ",2025-11-18T13:00:00Z\n"))
    assert isinstance(hour, Bar)
    assert hour.end == NOON + 60 * MINUTE


def test_a_named_contract_stands_for_the_missing_column(write: Write) -> None:
    path = write("time,price\n2025-11-18T12:00:00Z,6650.25\n")
    assert list(READER.open(path, "ESZ5")) == [(NOON, "ESZ25", "ES", 26601, 26601)]


def test_the_decade_of_a_symbol_follows_the_rows(write: Write) -> None:
    rows = [f"{year}-12-01T12:00:00Z,ESZ{year % 10},1000\n" for year in (2009, 2013, 2019, 2023)]
    assert [tick[1] for tick in ticks(READER.open(write(TICKS + "".join(rows))))] == [
        "ESZ09",
        "ESZ13",
        "ESZ19",
        "ESZ23",
    ]


# ------------------------------------------------------------------------------ what is left out


def test_suspicious_trades_are_left_out_whatever_their_price(write: Write) -> None:
    stream = READER.open(
        write(
            "time_utc,contract,price,size,suspicious_flag\n"
            "2013-10-07T00:00:00.276Z,GCZ3,0.013,1,1\n"
            "2013-10-07T00:00:00.277,GCZ3,1313.6,1,0\n"
        )
    )
    assert [tick[3] for tick in ticks(stream)] == [13136]
    assert stream.oddities == {"left out, trades flagged as suspicious": 1}


def test_crossed_and_one_sided_quotes_are_left_out(write: Write) -> None:
    sides = [("10.00", "10.01"), ("10.02", "10.01"), ("0", "10.01"), ("10.00", ""), ("", "0.00"), ("10.01", "10.01")]
    stream = READER.open(write(QUOTES + "".join(f"2025-11-18T12:00:00Z,CLZ5,{bid},{ask}\n" for bid, ask in sides)))
    assert [tick[3:] for tick in ticks(stream)] == [(1000, 1001), (1001, 1001)]
    assert stream.oddities == {"left out, crossed quotes": 1, "left out, quotes with an empty or zero side": 3}


LEAN = (
    "bar_start_utc,contract,open,high,low,close,volume,bid_open,bid_high,bid_low,bid_close,bid_size,"
    "ask_open,ask_high,ask_low,ask_close,ask_size\n"
)
TRADED, BID, ASK = "1681.5,1682,1681.25,1681.5,7", "1681.25,1681.75,1681,1681.25,5", "1681.5,1682,1681.25,1681.5,9"
EMPTY = ",,,,0"


@pytest.mark.parametrize(
    ("cells", "first", "reason"),
    [
        (f"{TRADED},{BID},{ASK}", (6725, 6726), None),
        (f"{EMPTY},{BID},{ASK}", (6725, 6726), None),
        (f"{TRADED},{EMPTY},{EMPTY}", (6726, 6726), None),
        (f"{EMPTY},{EMPTY},{EMPTY}", None, "left out, bars without prices"),
        (f"{TRADED},{BID},{EMPTY}", None, "left out, bars with only some of their prices"),
        (f"{EMPTY},{EMPTY},{ASK}", None, "left out, bars with only some of their prices"),
        (f"{TRADED},,1681.75,1681,1681.25,5,{ASK}", None, "left out, bars with only some of their prices"),
        (f"{TRADED},0,1681.75,0,1681.25,5,{ASK}", None, "left out, bars with only some of their prices"),
        (f"{TRADED},{ASK},{BID}", None, "left out, bars with crossed quotes"),
    ],
)
def test_a_bar_needs_both_sides_of_its_quotes_or_none(
    write: Write, cells: str, first: tuple[int, int] | None, reason: str | None
) -> None:
    stream = READER.open(write(LEAN + f"2013-10-06T19:00:00Z,ESZ3,{cells}\n"))
    assert [bar.open for bar in stream if isinstance(bar, Bar)] == ([first] if first else [])
    assert stream.oddities == ({reason: 1} if reason else {})


def test_a_tick_a_little_late_takes_the_time_before_it(write: Write) -> None:
    stamps = ["12:00:01", "12:00:00", "12:00:00", "12:00:00.999", "12:00:02"]
    stream = READER.open(write(TICKS + "".join(f"2025-11-18T{stamp}Z,ES,6650.25\n" for stamp in stamps)))
    assert [tick[0] - NOON for tick in ticks(stream)] == [10**9] * 4 + [2 * 10**9]
    assert stream.oddities == {"late by up to a second, given the time of the row before": 3}


# ------------------------------------------------------------------------------ bad input

GOOD_TICK = "2025-11-18T12:00:00Z,MNQZ5,24500.25\n"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("2025-11-18T12:00:00,MNQZ5,24500.25", "time", "the time has no zone"),
        ("2025-11-18T12:00,MNQZ5,24500.25", "time", "the time has no zone"),
        ("2025-11-18,MNQZ5,24500.25", "time", "not a date and time"),
        ("noon,MNQZ5,24500.25", "time", "not a date and time"),
        (",MNQZ5,24500.25", "time", "not a date and time"),
        ("1763467200,MNQZ5,24500.25", "time", "not a date and time"),
        ("2025-02-29T12:00:00Z,MNQZ5,24500.25", "time", "no such time"),
        ("2025-11-18T12:00:60Z,MNQZ5,24500.25", "time", "not a date and time"),
        ("2025-11-18T12:00:00.0000000001Z,MNQZ5,24500.25", "time", "not a date and time"),
        ("2025-11-18T12:00:00+24:00,MNQZ5,24500.25", "time", "not a date and time"),
        ("1970-01-01T00:00:00Z,MNQZ5,24500.25", "time", "not in the years 1980 to 2261"),
        ("9999-12-31T23:59:59Z,MNQZ5,24500.25", "time", "not in the years"),
        ("2025-11-18T11:59:58.9Z,MNQZ5,24500.25", "time", "is before the row before"),
        ("2025-11-18T12:00:00Z,MNQ?5,24500.25", "symbol", "names no known contract"),
        ("2025-11-18T12:00:00Z,,24500.25", "symbol", "names no known contract"),
        ("2025-11-18T12:00:00Z,MNQZ5,24500.3", "price", "is no price of MNQ"),
        ("2025-11-18T12:00:00Z,MNQZ5,NaN", "price", "is no price of MNQ"),
        ("2025-11-18T12:00:00Z,MNQZ5,inf", "price", "is no price of MNQ"),
        ("2025-11-18T12:00:00Z,MNQZ5,2.45e4", "price", "is no price of MNQ"),
        ("2025-11-18T12:00:00Z,MNQZ5,0", "price", "is no price of MNQ"),
        ("2025-11-18T12:00:00Z,MNQZ5,", "price", "is no price of MNQ"),
        ("2025-11-18T12:00:00Z,MNQZ5,-1", "price", "is no price of MNQ"),
        ("2025-11-18T12:00:00Z,MNQZ5", "", "2 cells where the header has 3"),
        ("2025-11-18T12:00:00Z,MNQZ5,1,1", "", "4 cells where the header has 3"),
    ],
)
def test_a_bad_tick_is_told_with_its_row_column_and_reason(write: Write, row: str, column: str, reason: str) -> None:
    (problem,) = problems(write(TICKS + GOOD_TICK + "\n" + row + "\n"))
    assert (problem.row, problem.column) == (4, column)
    assert reason in problem.reason


def test_nothing_is_yielded_from_the_first_bad_row_on_and_the_others_are_named_too(write: Write) -> None:
    later = GOOD_TICK.replace("12:00:00", "12:00:05")
    bad = "2025-11-18T12:00:03Z,XX,1\n2025-11-18T12:00:04,ESZ5,1.1,\n2025-11-18T12:00,ESZ5,1.1\n"
    stream = READER.open(write(TICKS + GOOD_TICK + bad + later))
    rows = iter(stream)
    assert next(rows)
    with pytest.raises(BadInput) as refusal:
        next(rows)
    assert [(problem.row, problem.column) for problem in refusal.value.problems] == [
        (3, "symbol"),
        (4, ""),
        (5, "time"),
        (5, "price"),
    ]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("Q,10.001,10.01,", "bid"),
        ("Q,10.00,nan,", "ask"),
        ("Q,,nan,", "ask"),
        ("X,10.00,10.01,", "type"),
        (",10.00,10.01,", "type"),
    ],
)
def test_a_bad_quote_is_told_with_its_column(write: Write, cells: str, column: str) -> None:
    path = write(f"time_utc,type,bid,ask,price\n2025-11-18T12:00:00Z,{cells}\n")
    (problem,) = problems(path, "CLZ5")
    assert (problem.row, problem.column) == (2, column)


def test_a_flag_that_is_neither_good_nor_suspicious_is_a_problem(write: Write) -> None:
    path = write("time_utc,contract,price,suspicious_flag\n2025-11-18T12:00:00Z,CLZ5,10.01,2\n")
    assert problems(path) == (Problem(2, "suspicious_flag", "'2' is neither 0 nor 1"),)


def test_a_row_too_short_for_its_contract_is_told_so_when_the_contract_is_named(write: Write) -> None:
    path = write("time,price\n2025-11-18T12:00:00Z\n2025-11-18T12:00:00Z,10.01,10.01\n")
    assert [problem.reason for problem in problems(path, "CLZ5")] == [
        "1 cells where the header has 2",
        "3 cells where the header has 2",
    ]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("2025-11-18T12:00:59Z,ESZ5,1,1,1,1", "time", "lies inside or before an earlier bar"),
        ("2025-11-18T12:00:00Z,ESZ5,1,1,1,1", "time", "lies inside or before an earlier bar"),
        ("2025-11-18T11:00:00Z,NQZ5,1,1,1,1", "time", "lies inside or before an earlier bar"),
        ("2025-11-18T12:01:00,ESZ5,1,1,1,1", "time", "has no zone"),
        ("2025-11-18T12:01:00Z,ESZ5,1,1,1,1.1", "close", "is no price of ES"),
        ("2025-11-18T12:01:00Z,ESZ5,2,1,1,1", "high", "do not enclose"),
        ("2025-11-18T12:01:00Z,ESZ5,1,2,1.25,2", "high", "do not enclose"),
        ("2025-11-18T12:01:00Z,XXZ5,1,1,1,1", "symbol", "names no known contract"),
        ("2025-11-18T12:01:00Z,ESZ5,1,1,1", "", "5 cells where the header has 6"),
    ],
)
def test_a_bad_bar_is_told_with_its_row_column_and_reason(write: Write, row: str, column: str, reason: str) -> None:
    (problem,) = problems(write(BARS + "2025-11-18T12:00:00Z,ESZ5,1,1,1,1\n" + row + "\n"))
    assert (problem.row, problem.column) == (3, column)
    assert reason in problem.reason


def test_a_bar_that_ends_before_it_begins_is_a_problem(write: Write) -> None:
    path = write(BARS.replace("close", "close,end") + "2025-11-18T12:00:00Z,ESZ5,1,1,1,1,2025-11-18T12:00:00Z\n")
    assert problems(path) == (Problem(2, "end", "the bar ends before it begins"),)


def test_bars_of_two_contracts_may_begin_together(write: Write) -> None:
    rows = "2025-11-18T12:00:00Z,ESZ5,1,1,1,1\n2025-11-18T12:00:00Z,NQZ5,1,1,1,1\n"
    assert len(list(READER.open(write(BARS + rows)))) == 2


@pytest.mark.parametrize("header", [TICKS, BARS])
def test_reading_stops_at_the_hundredth_problem(write: Write, header: str) -> None:
    path = write(header + "x\n" * 100_000)
    with pytest.raises(BadInput) as refusal:
        list(READER.open(path))
    assert (len(refusal.value.problems), refusal.value.more) == (100, 0)


def test_an_unknown_header_names_what_is_known_and_what_the_nearest_lacks(write: Write) -> None:
    (problem,) = problems(write("time,symbol,last\n"))
    assert "propfirm ticks: time,price" in problem.reason
    assert problem.reason.endswith("nearest is propfirm ticks, which also needs price")
    assert "nearest" not in problems(write("a,b\n"))[0].reason


def test_a_column_that_is_there_twice_is_refused(write: Write) -> None:
    assert problems(write("time,symbol,price,price\n")) == (Problem(1, "", "columns are there twice: 'price'"),)


def test_a_file_that_cannot_be_opened_or_unpacked_says_so(write: Write, tmp_path: Path) -> None:
    assert "no such file" in problems(tmp_path / "nowhere.csv")[0].reason
    whole = gzip.compress((TICKS + GOOD_TICK * 50_000).encode(), 1, mtime=0)
    stream = READER.open(write(whole[:-200]))
    with pytest.raises(BadInput, match="damaged or cut off"):
        list(stream)


def test_a_file_that_was_changed_under_the_reader_is_refused(write: Write) -> None:
    stream = READER.open(write(TICKS + GOOD_TICK))
    write("time,price,symbol\n" + GOOD_TICK)
    with pytest.raises(BadInput, match="has changed"):
        list(stream)


def test_trades_beside_bad_quotes_are_not_looked_at(write: Write) -> None:
    rows = "".join(f"2025-11-18T12:00:00Z,{cells}\n" for cells in ("Q,x,10.01,", "T,x,x,x", "Q,10.00,x,"))
    assert [problem.row for problem in problems(write("time_utc,type,bid,ask,price\n" + rows), "CLZ5")] == [2, 4]


# ------------------------------------------------------------------------------ what must always hold


@pytest.mark.thorough
def test_a_long_file_takes_no_more_memory_than_a_short_one(write: Write) -> None:
    def peak(rows: int) -> int:
        path = write(gzip.compress((TICKS + GOOD_TICK * rows).encode(), 1, mtime=0))
        tracemalloc.start()
        count = sum(1 for _ in READER.open(path))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == rows
        return most

    assert peak(80_000) < 1.2 * peak(20_000)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3 * 10**11), st.integers(1, 40_000), st.sampled_from(["ESZ5", "MNQZ25"]))),
    st.integers(16, 400),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_ticks_come_out_as_they_were_written(
    tmp_path: Path, rows: list[tuple[int, int, str]], block: int, packed: bool, end: str
) -> None:
    rows = sorted(rows)
    lines = [
        f"{datetime.fromtimestamp((NOON + at) // 10**9, UTC):%Y-%m-%dT%H:%M:%S}.{at % 10**9:09d}Z,{symbol},{price / 4}"
        for at, price, symbol in rows
    ]
    content = end.join(["time,symbol,price", *lines]).encode()
    path = tmp_path / "ticks"
    path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "BLOCK", block)
        patch.setattr(clock, "REMEMBERED_MAX", 3)
        read = list(READER.open(path))
    roots = {"ESZ5": ("ESZ25", "ES"), "MNQZ25": ("MNQZ25", "MNQ")}
    assert read == [(NOON + at, *roots[symbol], price, price) for at, price, symbol in rows]


FIRST, LAST = datetime.fromisoformat("1980-01-02"), datetime.fromisoformat("2261-12-30")


@given(st.datetimes(FIRST, LAST), st.integers(-1439, 1439), st.integers(0, 999))
def test_a_time_with_an_offset_is_the_instant_it_names(wall: datetime, offset: int, nanoseconds: int) -> None:
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    zone = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    text = f"{wall:%Y-%m-%dT%H:%M:%S}.{wall.microsecond:06d}{nanoseconds:03d}{zone}"
    expected = to_ns(datetime.fromisoformat(f"{wall.isoformat()}{zone}")) + nanoseconds
    assert minute_ns(text[:16]) + Tails(utc=False)[text[16:]] == expected


SEEDS = [
    (TICKS + GOOD_TICK * 3, None),
    (QUOTES + "2025-11-18T12:00:00Z,CLZ5,10.00,10.01\n" * 2, None),
    (BARS + "2025-11-18T12:00:00Z,ESZ5,1,1,1,1\n2025-11-18T12:01:00Z,ESZ5,1,2,1,2\n", None),
    (BARS.replace("close", "close,end") + "2025-11-18T12:00:00Z,ESZ5,1,1,1,1,2025-11-18T13:00:00Z\n", None),
    ("time_utc,contract,price,size,suspicious_flag\n2013-10-07T00:00:00.276Z,GCZ3,1313.7,1,0\n" * 1, None),
    ("time_utc,type,bid,bid_size,ask,ask_size,price\n2025-11-18T12:00:00Z,Q,10.00,1,10.01,2,\n" * 1, "CLZ5"),
    ("timestamp_utc,open,high,low,close\n2024-01-01 23:01:00,1.1076,1.10785,1.1076,1.1078\n", "6EH4"),
    (LEAN + f"2013-10-06T19:00:00Z,ESZ3,{TRADED},{BID},{ASK}\n", None),
]


@pytest.mark.thorough
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 20),
            st.one_of(
                st.binary(max_size=6),
                st.text(max_size=6).map(str.encode),
                st.sampled_from([b",", b"\n", b'"', b"\0", b"NaN", b"0", b"", b"9" * 300, b"-", b"Z"]),
            ),
        ),
        max_size=4,
    ),
)
def test_a_mangled_file_is_prices_or_bad_input_and_nothing_else(
    tmp_path: Path, seed: tuple[str, str | None], cuts: list[tuple[float, int, bytes]]
) -> None:
    content, symbol = seed[0].encode(), seed[1]
    for where, length, instead in cuts:
        place = int(where * len(content))
        content = content[:place] + instead + content[place + length :]
    path = tmp_path / "mangled.csv"
    path.write_bytes(content)
    stream: PriceStream | None = None
    found: tuple[Problem, ...] | None = None
    last = 0
    try:
        stream = READER.open(path, symbol)
        for row in stream:
            at = row.start if isinstance(row, Bar) else row[0]
            sides = (row.open, row.high, row.low, row.close) if isinstance(row, Bar) else (row[3:],)
            assert at >= last
            assert all(0 < bid <= ask for bid, ask in sides)
            last = at
    except BadInput as refusal:
        found = refusal.problems
    assert found is None or len(found) > 0
