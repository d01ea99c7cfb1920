"""One price, one byte: what a change of the inputs must change, and what it must not."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from propfirm.application.ports.inputs import BadInput
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.rules.findings import Hit
from tests.integration.simulation.shipped import CONTAINER, HISTORY, PRICES, Silent, request, simulated

MINUTE = "2013-10-07T13:40:00Z"
"""The example is short four contracts then, sold at 1669.25: 200 dollars a point."""


def history_without_fees(folder: Path) -> Path:
    """Fees end in cents, and no equity would lie exactly on a floor."""
    with HISTORY.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    path = folder / "history.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows({**row, "fee": "0"} for row in rows)
    return path


def prices_with(folder: Path, *minutes: str, **cells: str) -> Path:
    """The shipped prices with other cells in these minutes."""
    with gzip.open(PRICES, "rt", encoding="utf-8") as lines:
        rows = [row | cells if row["bar_start_utc"] in minutes else row for row in csv.DictReader(lines)]
    path = folder / "prices.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("ask_high", "touching", "below"),
    [
        ("1679.00", "passed", "passed"),  # a tick short of the floor: the week goes on as it did
        ("1679.25", "breached", "passed"),  # equity 48,000.00 exactly at the floor
        ("1679.50", "breached", "breached"),  # a tick past it
    ],
)
def test_one_high_of_one_minute_decides_between_touch_and_below(
    tmp_path: Path, ask_high: str, touching: str, below: str
) -> None:
    history, prices = history_without_fees(tmp_path), prices_with(tmp_path, MINUTE, ask_high=ask_high)
    for program, verdict in (("tpt-50k", touching), ("topstep-50k", below)):
        run = simulated(program, prices, history=history)
        assert run.account.state.verdict == verdict
        if verdict == "breached":
            (hit,) = [one for one in run.account.findings if isinstance(one, Hit) and one.decided]
            assert from_ns(hit.at).isoformat() == "2013-10-07T13:40:30+00:00"
            assert hit.evidence.limit == 48_000_000_000
            assert hit.evidence.actual == 50_000_000_000 - round((float(ask_high) - 1669.25) * 200) * 1_000_000
            assert not hit.doubt


def test_a_price_of_a_minute_without_a_position_decides_nothing(tmp_path: Path) -> None:
    flat = prices_with(tmp_path, "2013-10-07T13:20:00Z", ask_high="1999.00", bid_low="1.00")
    assert simulated("tpt-50k", flat).account.findings == simulated("tpt-50k").account.findings


def test_a_price_under_a_fill_that_no_longer_shows_it_refuses_the_history(tmp_path: Path) -> None:
    """The second fill bought at 1673, the ask at which its minute opened. Its time may mean any second of the minute,
    so that the minutes on both sides speak for it too."""
    cells = {f"{side}_{name}": "1690" for side in ("bid", "ask") for name in ("open", "high", "low", "close")}
    around = [f"2013-10-07T13:{minute}:00Z" for minute in (47, 48, 49, 50)]
    with pytest.raises(BadInput) as refusal:
        simulated("tpt-50k", prices_with(tmp_path, *around, **cells))
    assert [(one.row, one.column) for one in refusal.value.problems] == [(3, "price")]
    simulated("tpt-50k", prices_with(tmp_path, *around[:3], **cells))


# -- proofs --


def proof(history: Path = HISTORY, prices: Path = PRICES) -> dict[str, Any]:
    outcome = CONTAINER.simulate()(request("apex-intraday-50k", prices, history=history, proof=True), Silent())
    assert outcome.proof is not None
    parsed: dict[str, Any] = json.loads(outcome.proof)
    return parsed


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("5.60", "5.61", 1),
        lambda text: text.replace("E001", "F001"),
        lambda text: text.replace("ESZ3", "ESZ13", 1),  # another name of the same contract: nothing else changes
    ],
)
def test_any_byte_of_the_history_changes_the_head_of_the_proof(change: Callable[[str], str], tmp_path: Path) -> None:
    other = tmp_path / HISTORY.name
    other.write_text(change(HISTORY.read_text("utf-8")), encoding="utf-8")
    assert proof(other)["seal"]["head"] != proof()["seal"]["head"]


def test_any_byte_of_the_prices_changes_the_head_of_the_proof(tmp_path: Path) -> None:
    same_prices = tmp_path / PRICES.name
    same_prices.write_bytes(gzip.compress(gzip.decompress(PRICES.read_bytes()), 1, mtime=1))
    one, other = proof(), proof(prices=same_prices)
    assert one["seal"]["head"] != other["seal"]["head"]
    assert one["findings"] == other["findings"]


def test_the_same_inputs_give_the_same_proof_to_the_byte() -> None:
    assert proof() == proof()


def test_the_proof_of_the_example_verifies_and_says_how_its_bars_were_read() -> None:
    bundle = proof()
    assert bundle["header"]["bars"] == "adverse"
    outcome = CONTAINER.simulate()(request("apex-intraday-50k", None, proof=True), Silent())
    assert outcome.proof is not None
    assert json.loads(outcome.proof)["header"]["bars"] is None
