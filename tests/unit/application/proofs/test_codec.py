from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propfirm.application.proofs import canonical, codec
from propfirm.application.proofs.codec import LIMIT, pack, unpack
from propfirm.application.proofs.refusals import BadBundle, Unprovable
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import Event, Fill, FlatBy, LimitMove, Mark, Metric
from tests.strategies.structs import structs
from tests.unit.application.proofs.cases import story

KINDS = get_args(Event)
QUARTER = LIMIT // 4
"""So far out that differences of differences still have to fit."""
NUMBERS = st.one_of(st.integers(-300, 300), st.integers(-QUARTER, QUARTER), st.integers(0, 50).map(lambda n: n * 10**9))
SYMBOLS = st.sampled_from(["ESH25", "NQH25", "", "größer", "𝄞"])


def of(kind: Any) -> st.SearchStrategy[Any]:
    return structs(kind, NUMBERS, symbol=SYMBOLS) if "symbol" in kind.__struct_fields__ else structs(kind, NUMBERS)


EVENTS = st.lists(st.one_of(*map(of, KINDS)), min_size=1, max_size=20)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=30)
@given(data=st.data())
def test_events_of_every_kind_come_back_exactly(kind: Any, data: st.DataObject) -> None:
    events = data.draw(st.lists(of(kind), min_size=1, max_size=12))
    back = unpack(pack(events))
    assert back == events
    assert list(map(type, back)) == list(map(type, events))


@given(EVENTS)
def test_mixed_events_come_back_in_their_order(events: list[Event]) -> None:
    assert unpack(pack(events)) == events


@given(st.lists(of(Mark), min_size=1, max_size=60))
def test_truth_values_come_back_as_truth_values(marks: list[Event]) -> None:
    assert [type(mark.doubt) for mark in unpack(pack(marks)) if isinstance(mark, Mark)] == [bool] * len(marks)


def test_a_day_in_which_everything_happens_comes_back() -> None:
    events = story(corrected=True)
    assert tuple(unpack(pack(events))) == events


def steady(count: int) -> list[Event]:
    """One mark every fifteen seconds."""
    bids = (23_400 + seq * seq % 7 for seq in range(1, count + 1))
    return [Mark(seq, seq * 15_000_000_000, "ESH25", bid, bid + 1) for seq, bid in enumerate(bids, 1)]


def test_a_mark_of_a_calm_market_takes_little_more_than_a_byte() -> None:
    assert len(pack(steady(4096))) < 4096 * 1.02


def test_marks_of_several_symbols_are_told_apart_by_symbol() -> None:
    quiet = [Mark(seq, seq * 10**9, ("ESH25", "CLJ25")[seq % 2], (23_400, 6_800)[seq % 2], 0) for seq in range(1, 4001)]
    events: list[Event] = [msgspec.structs.replace(mark, ask=mark.bid + 1) for mark in quiet]
    assert unpack(pack(events)) == events
    assert len(pack(events)) < 2 * len(events), "no difference goes from one symbol to the other"


def test_the_extreme_numbers_fit_and_the_next_ones_are_refused() -> None:
    widest: list[Event] = [Mark(1, -LIMIT + 1, "", -LIMIT + 1, -LIMIT + 1), Mark(2, LIMIT, "", LIMIT, LIMIT)]
    assert unpack(pack(widest)) == widest
    for wrong in (
        Mark(7, LIMIT + 1, "", 0, 0),
        Mark(7, 0, "", -LIMIT, 0),
        Mark(7, 0, "", LIMIT, -LIMIT),
        Metric(7, 0, Micros(LIMIT + 1), Micros(0)),
        Fill(7, 0, "x", "ESH25", "ES", 1, 1 << 63, Micros(0)),
    ):
        with pytest.raises(Unprovable) as refusal:
            pack([*widest, *steady(30), wrong])
        assert refusal.value.seq == 7


def test_text_that_is_not_unicode_is_refused_with_the_event() -> None:
    for wrong in (Mark(2, 0, "\ud800", 1, 1), LimitMove(2, 0, "\ud800", on=True)):
        with pytest.raises(Unprovable) as refusal:
            pack([*steady(1), wrong])
        assert refusal.value.seq == 2


def rows(*told: object) -> bytes:
    """A chunk of nothing but rows."""
    written = canonical.encode(told)
    return bytes((len(told), 4, *([0, 0] if len(told) > 1 else []))) + bytes((len(written),)) + written


def test_a_row_of_an_older_release_may_lack_what_a_newer_one_added() -> None:
    whole = FlatBy(3, 5, ("energy",), "night")
    assert unpack(rows(["flat_by", 3, 5, ["energy"], "night"])) == [whole]
    assert unpack(rows(["limit_move", 1, 5, "ESH25", True], ["flat_by", 3, 5, ["energy"], "night"]))[1] == whole


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (["flat_by", 3, 5, [], "night", 0, "new"], "is not written as this format writes it"),
        (["mark", 3, 5, "ESH25", 1, 1, False], "a row is no event"),
        (["flat_by", 3, 5], "a row is no event"),
        (["flat_by", 3, 5.0, [], "night"], "is not a whole number"),
        (["roll", 1, 5, "2025-03-04T00:00:00", 9], "a row is no event"),
        (["limit_move", 1, 1 << 63, "ESH25", True], "is beyond 64 bits"),
    ],
)
def test_a_row_that_this_format_does_not_write_is_told(told: list[object], reason: str) -> None:
    with pytest.raises(BadBundle, match=reason):
        unpack(rows(told))


def test_a_row_in_another_spelling_is_told() -> None:
    written = b'[["limit_move", 1,5,"ESH25",true]]'
    with pytest.raises(BadBundle, match="not written as this format writes it"):
        unpack(bytes((1, 4, len(written))) + written)


ONE_MARK = pack([Mark(1, 2, "A", 3, 4)])
TWO_MARKS = pack([Mark(1, 2, "A", 3, 4), Mark(2, 9, "A", 3, 4)])


def test_a_chunk_is_laid_out_as_the_format_page_says() -> None:
    assert bytes((1, 0, 2, 4, 1, 1)) + b"A" + bytes((0, 6, 2, 0)) == ONE_MARK
    assert (
        bytes(
            (
                *(2, 0, 0, 0),  # two events, kinds: 0, all steps 0
                *(2, 0, 2),  # seq: 1, all steps 1
                *(4, 0, 14),  # at: 2, all steps 7
                *(1, 1, ord("A")),  # one symbol
                *(0, 0, 0),  # its number
                *(6, 0, 0, 2, 0, 0),  # bid, spread
                *(0, 0, 0),  # doubt
            )
        )
        == TWO_MARKS
    )


def test_differences_are_divided_by_what_divides_them_and_split_into_bytes() -> None:
    metrics: list[Event] = [
        Metric(1, 0, Micros(0), Micros(0)),
        Metric(2, 500 * 300, Micros(0), Micros(0)),
        Metric(3, 500 * 299, Micros(0), Micros(0)),
    ]
    at = bytes((0, 2)) + bytes((0xF4, 0x03)) + bytes((300 % 256, 0xFF, 300 // 256, 0xFF))
    assert pack(metrics) == bytes((3, 2, 0, 0, 2, 0, 2)) + at + bytes((0, 0, 0) * 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "ends in the middle"),
        (b"\x00", "not 0"),
        (b"\x81\x20", "not 4097"),
        (b"\xff" * 9 + b"\x01", "a chunk holds 1 to 4096"),
        (b"\xff" * 11, "longer than it need be"),
        (b"\x81\x00" + ONE_MARK[1:], "longer than it need be"),
        (ONE_MARK[:-1], "ends in the middle"),
        (ONE_MARK + b"\0", "goes on after its last event"),
        (b"\x01\x06" + ONE_MARK[2:], "unknown kind"),
        (ONE_MARK[:4] + b"\x02\x01A\x01B" + ONE_MARK[7:], "2 symbols for 1 marks"),
        (ONE_MARK[:6] + b"\xff" + ONE_MARK[7:], "not UTF-8"),
        (ONE_MARK[:7] + b"\x02" + ONE_MARK[8:], "a symbol that is not listed"),
        (ONE_MARK[:-1] + b"\x04", "a yes or no"),
        (b"\x01\x00" + b"\xff" * 9 + b"\x01" + ONE_MARK[3:], "beyond the numbers that a column holds"),
        (TWO_MARKS[:10] + b"\x02\x01A\x01B" + TWO_MARKS[13:], "the columns of a chunk are not written"),
        (b"\x02\x00\x03" + b"\x01" + b"\0" * 99, "numbers of 3 bytes"),
        (b"\x02\x00\x01\x01\x00" + TWO_MARKS[4:], "the columns of a chunk are not written"),
        (b"\x01\x04\x05" + b"[[]]\x20", "JSON|no event"),
        (b"\x02\x04\x00\x00\x02[]", "announces 2 rows and holds 0"),
    ],
)
def test_bytes_that_were_never_packed_are_told(content: bytes, reason: str) -> None:
    with pytest.raises(BadBundle, match=reason):
        unpack(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_events_or_a_bad_bundle(content: bytes) -> None:
    try:
        events = unpack(content)
    except BadBundle:
        return
    assert pack(events) == content


@given(EVENTS, st.data())
def test_no_two_byte_strings_are_the_same_events(events: list[Event], data: st.DataObject) -> None:
    content = bytearray(pack(events))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        back = unpack(bytes(content))
    except BadBundle:
        return
    assert repr(back) != repr(events)


def test_a_chunk_of_the_most_events_comes_back() -> None:
    events = steady(codec.EVENTS_MAX)
    assert unpack(pack(events)) == events
