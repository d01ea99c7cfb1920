"""Each export format by one small file, written from the header that programs reading the real exports expect."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from propfirm.adapters.histories.reader import CsvHistories
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.application.ports.histories import History, ImportedFill
from propfirm.domain.calendar.instants import to_ns

FILES = Path(__file__).parents[3] / "data/histories"
CHICAGO = "America/Chicago"
READER = CsvHistories(load_contracts())


def read(name: str, zone: str | None = None) -> History:
    return READER.read(FILES / f"{name}.csv", zone)


def fill(at: str, symbol: str, quantity: int, price: int, fee: int, execution: str, row: int) -> ImportedFill:
    root = symbol[:-3]
    return ImportedFill(to_ns(datetime.fromisoformat(at)), symbol, root, quantity, price, fee, execution, row)  # type: ignore[arg-type]  # a plain int reads better than Micros(...) in every line


def test_topstepx_trades_share_their_costs_between_entry_and_exit() -> None:
    assert read("topstepx_trades") == History(
        "TopstepX trades",
        (
            fill("2025-11-18T14:45:25Z", "MNQZ25", 2, 98001, 1_240_000, "1701:entry", 2),
            fill("2025-11-18T14:52:10Z", "MNQZ25", -2, 98043, 1_240_001, "1701:exit", 2),
            fill("2025-11-18T15:01:02.5Z", "MESZ25", -1, 26601, 620_000, "1702:entry", 3),
            fill("2025-11-18T15:03:00Z", "MESZ25", 1, 26592, 620_000, "1702:exit", 3),
        ),
        ("dates with slashes are read month first",),
    )


def test_older_topstepx_files_without_commissions_are_read() -> None:
    assert read("topstepx_trades_older").fills == (
        fill("2024-10-01T14:30:00Z", "ESZ24", 1, 23001, 1_400_000, "9:entry", 2),
        fill("2024-10-01T14:31:00Z", "ESZ24", -1, 23005, 1_400_000, "9:exit", 2),
    )


def test_tradovate_performance_opens_with_whatever_came_first() -> None:
    history = read("tradovate_performance", CHICAGO)
    assert history.format == "Tradovate Performance"
    assert history.fills == (
        fill("2025-11-18T14:45:25Z", "MNQZ25", 1, 98001, 0, "9001-9004:entry", 2),
        fill("2025-11-18T14:52:10Z", "MNQZ25", -1, 98194, 0, "9001-9004:exit", 2),
        fill("2025-11-18T15:20:00Z", "MESZ25", -2, 26580, 0, "9010-9009:entry", 3),
        fill("2025-11-18T15:30:00Z", "MESZ25", 2, 26601, 0, "9010-9009:exit", 3),
        # both in one second: the lower fill id was first, so this was a short trade
        fill("2025-11-18T16:00:00Z", "ESZ25", -1, 26570, 0, "9021-9020:entry", 4),
        fill("2025-11-18T16:00:00Z", "ESZ25", 1, 26560, 0, "9021-9020:exit", 4),
    )
    assert history.notes == (
        "dates with slashes are read month first",
        "fills without a fee in the file, which count as free: 6",
    )


def test_tradovate_fills_leave_out_the_busted_ones() -> None:
    history = read("tradovate_fills")
    assert history == History(
        "Tradovate Fills",
        (
            fill("2025-11-18T14:45:25.123Z", "MNQZ25", 2, 98001, 740_000, "501", 2),
            fill("2025-11-18T14:52:10Z", "MNQZ25", -2, 98043, 0, "503", 4),
        ),
        (
            "rows left out, busted executions: 1",
            "fills without a fee in the file, which count as free: 1",
        ),
    )


def test_a_named_zone_does_not_move_the_utc_times_of_tradovate_fills() -> None:
    assert read("tradovate_fills", "Asia/Tokyo").fills == read("tradovate_fills").fills


def test_the_variant_of_tradovate_fills_without_underscores_is_read() -> None:
    assert read("tradovate_fills_variant").fills == (
        fill("2025-11-18T14:45:25.123Z", "MNQZ25", 2, 98001, 740_000, "501", 2),
    )


def test_a_tradovate_order_filled_at_several_prices_keeps_its_exact_cost() -> None:
    history = read("tradovate_orders", CHICAGO)
    assert history.format == "Tradovate Orders"
    assert history.fills == (
        fill("2025-11-18T14:45:25Z", "ESZ25", 2, 26601, 0, "401:1", 2),
        fill("2025-11-18T14:45:25Z", "ESZ25", 1, 26602, 0, "401:2", 2),
        fill("2025-11-18T14:52:10Z", "ESZ25", -3, 26605, 0, "403", 4),
    )
    assert "rows left out, orders without a fill: 1" in history.notes
    assert "orders filled at several prices, whose exact cost is spread over two ticks: 1" in history.notes


def test_tradovate_position_history_leaves_out_what_is_still_open() -> None:
    history = read("tradovate_position_history", CHICAGO)
    assert history.format == "Tradovate Position History"
    assert history.fills == (
        fill("2025-11-18T14:45:25Z", "MNQZ25", 1, 98001, 0, "601:entry", 2),
        fill("2025-11-18T14:52:10Z", "MNQZ25", -1, 98194, 0, "601:exit", 2),
    )
    assert "rows left out, positions without a closing fill: 1" in history.notes


def test_ninjatrader_executions_written_newest_first_are_turned_round() -> None:
    assert read("ninjatrader_executions", CHICAGO) == History(
        "NinjaTrader 8 Executions",
        (
            fill("2025-06-17T02:08:00Z", "MNQU25", 1, 87600, 370_000, "a1c9d", 3),
            fill("2025-06-17T02:15:00Z", "MNQU25", -1, 87801, 370_000, "b2f1e", 2),
        ),
        ("dates with slashes are read month first", "rows were written newest first"),
    )


def test_how_dates_are_read_is_said_only_where_they_are_written_with_slashes() -> None:
    assert not any("slashes" in note for note in read("tradovate_fills").notes)
    assert "slashes" in read("ninjatrader_executions", CHICAGO).notes[0]


def test_ninjatrader_trades_sum_their_fee_columns() -> None:
    history = read("ninjatrader_trade_performance", CHICAGO)
    assert history.format == "NinjaTrader 8 Trade Performance"
    assert history.fills == (
        fill("2026-01-15T15:00:00Z", "NQU26", -1, 92000, 2_140_000, "1:entry", 2),
        fill("2026-01-15T18:01:30Z", "NQU26", 1, 91961, 2_140_000, "1:exit", 2),
    )


def test_older_ninjatrader_trades_are_read() -> None:
    assert read("ninjatrader_trade_performance_older", CHICAGO).fills == (
        fill("2024-10-01T14:00:00Z", "ESZ24", 2, 23001, 2_060_000, "1:entry", 2),
        fill("2024-10-01T14:05:00Z", "ESZ24", -2, 23004, 2_060_000, "1:exit", 2),
    )


def test_rithmic_orders_are_matched_by_the_names_of_the_chosen_columns() -> None:
    history = read("rithmic_orders", CHICAGO)
    assert history.format == "Rithmic order history"
    assert history.fills == (
        fill("2025-11-18T14:45:25.12Z", "MNQZ25", 2, 98001, 0, "11111", 2),
        fill("2025-11-18T14:46:25.12Z", "MNQZ25", -1, 98001, 0, "11112:1", 3),
        fill("2025-11-18T14:46:25.12Z", "MNQZ25", -1, 98002, 0, "11112:2", 3),
    )


def test_our_own_fills_keep_nanoseconds() -> None:
    history = read("propfirm_fills")
    assert history.format == "propfirm fills"
    entry, exit_ = history.fills
    assert entry.at % 1_000_000_000 == 123_456_789
    assert (entry.quantity, entry.price, entry.fee, entry.execution) == (2, 98001, 740_000, "f-1")
    assert (exit_.symbol, exit_.quantity, exit_.fee) == ("MNQZ25", -2, 0)


def test_our_own_closed_trades_become_two_fills_each() -> None:
    assert read("propfirm_closed_trades").fills == (
        fill("2025-11-18T14:45:25Z", "ZNZ25", 1, 7073, 885_000, "t1:entry", 2),
        fill("2025-11-18T14:50:25Z", "6JZ25", -2, 13403, 0, "t2:entry", 3),
        fill("2025-11-18T15:00:25Z", "6JZ25", 2, 13401, 0, "t2:exit", 3),
        fill("2025-11-18T15:45:25Z", "ZNZ25", -1, 7074, 885_000, "t1:exit", 2),
    )


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.stem)
def test_every_format_is_one_history_whatever_the_order_of_its_columns(path: Path, tmp_path: Path) -> None:
    lines = [line.rstrip(",").split(",") for line in path.read_text("utf-8").splitlines() if '"' not in line]
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join(",".join(reversed(row + [""] * (len(lines[0]) - len(row)))) for row in lines), "utf-8")
    straight = tmp_path / "straight.csv"
    straight.write_text("\n".join(",".join(row) for row in lines), "utf-8")
    straight_rows = [row + [""] * (len(lines[0]) - len(row)) for row in lines]
    straight.write_text("\n".join(",".join(row) for row in straight_rows), "utf-8")
    assert READER.read(turned, CHICAGO) == READER.read(straight, CHICAGO)


def test_fees_that_the_file_leaves_open_can_be_the_contract_s_example_fee() -> None:
    history = READER.read(FILES / "tradovate_performance.csv", CHICAGO, "example")
    assert [fill.fee for fill in history.fills] == [370_000, 370_000, 740_000, 740_000, 1_400_000, 1_400_000]


def test_a_fee_in_the_file_is_never_replaced_by_the_example(tmp_path: Path) -> None:
    history = READER.read(FILES / "propfirm_fills.csv", None, "example")
    assert [fill.fee for fill in history.fills] == [740_000, 740_000]  # the second is 2 x 0.37, its cell being empty


def test_a_contract_without_an_example_fee_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cl.csv"
    path.write_text("time,symbol,side,quantity,price,execution_id\n2025-11-18T14:45:25Z,CLZ5,buy,1,60.01,a\n", "utf-8")
    history = READER.read(path, None, "example")
    assert history.fills[0].fee == 0
    assert history.notes == (
        "fills without a fee in the file, which bear the example fee of their contract: 1 (none is known for CL)",
    )


def test_a_profit_that_its_prices_do_not_give_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    text = (FILES / "topstepx_trades.csv").read_text("utf-8")
    path.write_text(text.replace(",42.000000000,", ",42.010000000,"), "utf-8")
    assert READER.read(path).notes[-1] == ("trades whose written profit is not the one that their prices give: 1")


def test_fills_out_of_order_are_sorted_and_equals_stay_as_they_stood(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    rows = [("10:00:01", "a"), ("10:00:03", "b"), ("10:00:01", "c"), ("10:00:03", "d"), ("10:00:02", "e")]
    path.write_text(
        "time,symbol,side,quantity,price,execution_id,fee\n"
        + "".join(f"2025-11-18T{at}Z,ES,buy,1,6650.25,{name},0\n" for at, name in rows),
        "utf-8",
    )
    history = READER.read(path)
    assert [fill.execution for fill in history.fills] == ["a", "c", "e", "b", "d"]
    assert history.notes == ("rows were not in order of time and have been sorted",)


def test_a_header_without_rows_is_an_empty_history(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    path.write_text("time,symbol,side,quantity,price,execution_id\n", "utf-8")
    assert READER.read(path) == History("propfirm fills", (), ("there are no fills",))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(20_000, 20_040), min_size=1, max_size=50), st.integers(6, 9))
def test_the_cost_of_an_order_is_recovered_from_its_average_price(
    tmp_path: Path, prices: list[int], digits: int
) -> None:
    average = Fraction(sum(prices), 4 * len(prices))
    text = f"{float(average):.{digits}f}"
    path = tmp_path / "orders.csv"
    path.write_text(
        "Account,Side,Symbol,Qty Filled,Avg Fill Price,Order Number,Fill Time\n"
        f"R1,B,ESZ5,{len(prices)},{text},1,2025-11-18 08:45:25\n",
        "utf-8",
    )
    fills = READER.read(path, CHICAGO).fills
    assert sum(fill.quantity for fill in fills) == len(prices)
    assert sum(fill.quantity * fill.price for fill in fills) == sum(prices)
    assert max(fill.price for fill in fills) - min(fill.price for fill in fills) <= 1


def test_a_zone_or_fees_that_change_nothing_are_said(tmp_path: Path) -> None:
    path = tmp_path / "fills.csv"
    header = "execution_id,time,symbol,side,quantity,price,fee\n"
    path.write_text(f"{header}a,2026-03-03T10:00:00-06:00,ESH6,buy,1,6800,1\n", "utf-8")
    assert READER.read(path).notes == ()
    assert READER.read(path, "America/Chicago", "example").notes == (
        "no time needs a zone: America/Chicago changed nothing",
        "every fill has its fee in the file: the example fees changed nothing",
    )
    path.write_text(f"{header}a,2026-03-03 10:00:00,ESH6,buy,1,6800,\n", "utf-8")
    (note,) = READER.read(path, "America/Chicago", "example").notes
    assert note.startswith("fills without a fee in the file")
