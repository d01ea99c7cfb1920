import csv
import gzip
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from itertools import count, islice

import pytest
from msgspec import structs

from propfirm.application.proofs import builder, bundle
from propfirm.application.proofs.builder import JournalWriter, ProofBuilder
from propfirm.application.proofs.bundle import CHUNK_BYTES_MAX
from propfirm.application.proofs.chain import genesis
from propfirm.application.proofs.codec import EVENTS_MAX
from propfirm.application.proofs.refusals import Unprovable
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import Event, LimitMove, Mark
from tests.unit.application.proofs.cases import HEADER, document, judged, story

FINDINGS, STANDING = judged(story())
MINUTE = 60 * 10**9
WEEK = 7 * 1440 * MINUTE


def marks(number: int) -> Iterator[Event]:
    return (Mark(seq, seq * MINUTE, "ESH25", 23_400 + seq * 7 % 11, 23_411) for seq in range(1, number + 1))


def ticks(price: str) -> int:
    return int(Decimal(price) * 4)


def real_marks() -> Iterator[Event]:
    """The shipped week of ES, week after week a little higher: each minute as four marks, the last one at its end."""
    table = resources.files("propfirm.resources") / "market" / "ES_ESZ3_1min_2013-10-06_2013-10-11.csv.gz"
    with table.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as text:
        rows = [row for row in csv.DictReader(text) if row["bid_open"] and row["ask_open"]]
    moments = ("open", "high", "low", "close")
    quotes = [[(ticks(row[f"bid_{moment}"]), ticks(row[f"ask_{moment}"])) for moment in moments] for row in rows]
    seq = count(1)
    for week in count():
        for minute, quote in enumerate(quotes):
            at = week * WEEK + minute * MINUTE
            for pause, (bid, ask) in zip((0, MINUTE // 3, MINUTE // 2, MINUTE - 1), quote, strict=True):
                yield Mark(next(seq), at + pause, "ESZ13", bid + 37 * week, ask + 37 * week)


@pytest.mark.thorough
def test_a_month_of_real_minutes_makes_a_small_proof() -> None:
    """Thirty trading days of 23 hours, four marks a minute."""
    building = ProofBuilder(HEADER)
    for mark in islice(real_marks(), 30 * 1380 * 4):
        building.add(mark)
    assert len(building.seal(FINDINGS, STANDING)) < 200_000


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_marks() -> None:
    building = ProofBuilder(HEADER)
    for mark in marks(EVENTS_MAX):
        building.add(mark)
    tracemalloc.start()
    for mark in marks(20 * EVENTS_MAX):
        building.add(mark)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize(("number", "chunks"), [(1, [1]), (4096, [4096]), (4097, [4096, 1]), (9000, [4096, 4096, 808])])
def test_events_are_written_by_the_thousand_as_they_come(number: int, chunks: list[int]) -> None:
    journal = JournalWriter(genesis(b"{}"))
    for mark in marks(number):
        journal.add(mark)
    journal.flush()
    assert [chunk.events for chunk in journal.chunks] == chunks
    assert [(chunk.first, chunk.last) for chunk in journal.chunks][-1] == (number - chunks[-1] + 1, number)
    assert (journal.events, journal.last) == (number, number)
    assert journal.chain == journal.chunks[-1].link


def test_events_too_long_for_one_chunk_are_spread_over_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "CHUNK_BYTES_MAX", 100)
    journal = JournalWriter(genesis(b"{}"))
    for seq in range(1, 10):
        journal.add(LimitMove(seq, 0, "ESH25", on=True))
    journal.flush()
    assert sum(chunk.events for chunk in journal.chunks) == 9
    assert max(chunk.size for chunk in journal.chunks) <= 100
    assert [chunk.first for chunk in journal.chunks[1:]] == [chunk.last + 1 for chunk in journal.chunks[:-1]]


def test_an_event_too_long_for_any_chunk_is_refused() -> None:
    building = ProofBuilder(HEADER)
    building.add(LimitMove(1, 0, "ESH25", on=True))
    building.add(LimitMove(2, 0, "x" * CHUNK_BYTES_MAX, on=True))
    with pytest.raises(Unprovable) as refusal:
        building.seal((), STANDING)
    assert refusal.value.seq == 2


def test_a_bundle_that_nobody_would_read_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "FILE_MAX", 1000)
    with pytest.raises(Unprovable, match="more than 1000"):
        ProofBuilder(HEADER).seal((), STANDING)


def test_a_figure_beyond_64_bits_is_not_written() -> None:
    """It would be a proof that no verifier reads."""
    with pytest.raises(Unprovable, match=r"standing\.profit is beyond 64 bits"):
        ProofBuilder(HEADER).seal((), structs.replace(STANDING, profit=Micros(1 << 63)))


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [("JOURNAL_MAX", 1, "more than 1 events"), ("SYMBOLS_MAX", 1, "about more than 1 contracts")],
)
def test_more_than_a_verifier_reads_is_not_written(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str
) -> None:
    monkeypatch.setattr(builder, limit, value)
    journal = JournalWriter(genesis(b"{}"))
    journal.add(Mark(1, 0, "ESH25", 23_400, 23_401))
    journal.add(Mark(2, 0, "MESH25", 23_400, 23_401))
    with pytest.raises(Unprovable, match=reason):
        journal.flush()


def test_a_bundle_names_the_release_and_the_engine_that_made_it() -> None:
    header = document(ProofBuilder(HEADER).seal((), STANDING))["header"]
    assert (header["semantics"], header["package"]) == (HEADER.semantics, HEADER.package)
    assert [contract["root"] for contract in header["contracts"]] == ["ES", "MES"]
