"""Bars: what they leave open, and how it is read (semantics page, section 15)."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.application.ports.prices import Bar
from propfirm.application.simulation.bars import moments
from propfirm.application.simulation.report import Reading
from propfirm.application.simulation.run import Simulated
from propfirm.application.simulation.summary import summary
from propfirm.domain.catalogue.program import DailyLoss, PositionLimit, Program, Size
from propfirm.domain.money import Ppm, usd
from propfirm.domain.rules.events import Mark
from propfirm.domain.rules.findings import Hit
from propfirm.domain.rules.state import SEVERITY
from tests.strategies.short_programs import short_programs
from tests.unit.application.simulation.desk import (
    ES_TICK,
    MINUTE,
    PRICE,
    SECOND,
    TUESDAY,
    Pages,
    Sheet,
    bar,
    chicago,
    evaluation,
    hits,
    intraday,
    run,
    static,
    tick,
)

READINGS: Final[tuple[Reading, ...]] = ("adverse", "favourable")
HELD: Final = Sheet().fill(TUESDAY - SECOND, 1)
"""One ES, bought before the bars begin."""


def quiet_bar(start: int, symbol: str = "ESH6") -> Bar:
    return bar(start, PRICE, PRICE, symbol, open_=PRICE, close=PRICE)


BEFORE: Final = quiet_bar(TUESDAY - MINUTE)


def verdicts(sheet: Sheet, bars: Sequence[Bar], **terms: object) -> list[str]:
    return [run(sheet, bars, reading=reading, **terms).account.state.verdict for reading in READINGS]  # type: ignore[arg-type]  # keywords of ``run``


# -- the order of high and low --


def test_an_intraday_trail_makes_the_order_of_high_and_low_matter() -> None:
    """High first: the floor rises by 1,250 to 49,250, and the low at 49,000 is past it. Low first: it never is."""
    bars = [BEFORE, bar(TUESDAY, PRICE - 80, PRICE + 100, open_=PRICE, close=PRICE)]
    adverse, kind = (run(HELD, bars, stage=evaluation(intraday()), reading=reading) for reading in READINGS)
    (hit,) = hits(adverse)
    assert (hit.rule, hit.doubt, hit.decided) == ("max_loss", True, True)
    assert (hit.evidence.limit, hit.evidence.actual) == (usd("49250"), usd("49000"))
    assert (kind.account.state.verdict, kind.account.state.floor) == ("open", usd("49250"))
    assert hits(kind) == []
    for ended, how in ((adverse, "against"), (kind, "in favour of")):
        assert summary(ended).doubts == (
            f"3 March 2026 10:00:00 CT: the order of high and low (ESH6) is not known; read {how} the account",
        )


def test_an_order_that_cannot_matter_is_no_doubt_even_where_a_floor_is_hit() -> None:
    bars = [BEFORE, bar(TUESDAY, PRICE - 160, PRICE + 100, open_=PRICE, close=PRICE)]
    for reading in READINGS:
        ended = run(HELD, bars, stage=evaluation(static()), reading=reading)
        (hit,) = hits(ended)
        assert (hit.doubt, hit.evidence.actual) == (False, usd("48000"))
        assert summary(ended).doubts == ()


def test_a_high_that_would_raise_the_floor_after_the_low_leaves_only_the_floor_in_doubt() -> None:
    """The low breaches either way: with the floor where it was, or where the high has put it."""
    bars = [BEFORE, bar(TUESDAY, PRICE - 170, PRICE + 100, open_=PRICE, close=PRICE)]
    adverse, kind = (hits(run(HELD, bars, stage=evaluation(intraday()), reading=reading))[0] for reading in READINGS)
    assert (adverse.evidence.limit, kind.evidence.limit) == (usd("49250"), usd("48000"))
    assert adverse.doubt
    assert kind.doubt


def test_a_daily_cap_and_a_daily_limit_in_one_bar_are_read_against_the_account() -> None:
    """Whichever comes first locks the day; adverse is the one that leaves less."""
    stage = evaluation(daily_loss=DailyLoss(Size(amount=usd("500")), trail="day_equity_high", outcome="fail"))
    bars = [BEFORE, bar(TUESDAY, PRICE - 30, PRICE + 30, open_=PRICE, close=PRICE)]
    assert verdicts(HELD, bars, stage=stage) == ["breached", "open"]


def test_a_short_position_is_hurt_by_the_high() -> None:
    sheet = Sheet().fill(TUESDAY - SECOND, -1)
    bars = [BEFORE, bar(TUESDAY, PRICE - 100, PRICE + 80, open_=PRICE, close=PRICE)]
    assert verdicts(sheet, bars, stage=evaluation(intraday())) == ["breached", "open"]


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), min_size=1, max_size=6), st.sampled_from((1, -1)))
def test_bars_that_reach_no_threshold_are_never_in_doubt(widths: list[tuple[int, int]], quantity: int) -> None:
    stage = evaluation(static(), daily_loss=DailyLoss(Size(amount=usd("1200"))), warn_at=None)
    bars = [BEFORE]
    bars += [
        bar(TUESDAY + n * MINUTE, PRICE - low, PRICE + high, open_=PRICE, close=PRICE)
        for n, (low, high) in enumerate(widths)
    ]
    ended = run(Sheet().fill(TUESDAY - SECOND, quantity), bars, stage=stage)
    assert ended.materials.doubts == ()
    assert hits(ended) == []


# -- several contracts --


def test_two_contracts_whose_lows_breach_only_together_are_in_doubt() -> None:
    """A minute does not tell whether both lows fell at once: 1,250 each against a limit of 2,000."""
    sheet = Sheet().fill(TUESDAY - SECOND, 1).fill(TUESDAY - SECOND, 1, symbol="ESM6")
    bars = [BEFORE, quiet_bar(TUESDAY - MINUTE, "ESM6")]
    bars += [bar(TUESDAY, PRICE - 100, PRICE, symbol, open_=PRICE, close=PRICE) for symbol in ("ESH6", "ESM6")]
    adverse, kind = (run(sheet, bars, reading=reading) for reading in READINGS)
    assert [(hit.rule, hit.doubt) for hit in hits(adverse)] == [("max_loss", True)]
    assert hits(adverse)[0].evidence.actual == usd("50000") - 200 * ES_TICK
    assert kind.account.state.verdict == "open"
    assert "the order of high and low (ESH6, ESM6)" in summary(kind).doubts[0]


def test_two_contracts_of_which_one_alone_breaches_are_in_no_doubt_about_the_verdict() -> None:
    sheet = Sheet().fill(TUESDAY - SECOND, 1).fill(TUESDAY - SECOND, 1, symbol="ESM6")
    bars = [BEFORE, quiet_bar(TUESDAY - MINUTE, "ESM6")]
    bars += [bar(TUESDAY, PRICE - 170, PRICE, open_=PRICE, close=PRICE), quiet_bar(TUESDAY, "ESM6")]
    assert verdicts(sheet, bars) == ["breached", "breached"]


# -- a fill inside a bar --


def test_a_low_beside_an_entry_is_taken_to_fall_after_it_only_against_the_account() -> None:
    sheet = Sheet().fill(TUESDAY + 30 * SECOND, 1, PRICE)
    bars = [bar(TUESDAY, PRICE - 200, PRICE, open_=PRICE, close=PRICE)]
    adverse, kind = (run(sheet, bars, reading=reading) for reading in READINGS)
    assert [(hit.rule, hit.doubt, hit.at) for hit in hits(adverse)] == [("max_loss", True, TUESDAY + 30 * SECOND)]
    assert (hits(kind), kind.account.state.verdict) == ([], "open")
    for ended in (adverse, kind):
        (doubt,) = summary(ended).doubts
        assert doubt.startswith(
            "3 March 2026 10:00:00 CT: on which side of a fill high and low lie (ESH6) is not known"
        )


def test_a_low_beside_an_exit_is_taken_to_fall_before_it_only_against_the_account() -> None:
    sheet = Sheet().fill(TUESDAY - SECOND, 1).fill(TUESDAY + 30 * SECOND, -1)
    bars = [BEFORE, bar(TUESDAY, PRICE - 200, PRICE, open_=PRICE, close=PRICE)]
    adverse, kind = (run(sheet, bars, reading=reading) for reading in READINGS)
    assert [(hit.rule, hit.doubt, hit.at) for hit in hits(adverse)] == [("max_loss", True, TUESDAY)]
    assert hits(kind) == []


def test_between_two_fills_of_a_bar_the_low_may_have_fallen_too() -> None:
    sheet = Sheet().fill(TUESDAY + 20 * SECOND, 1).fill(TUESDAY + 40 * SECOND, -1)
    bars = [bar(TUESDAY, PRICE - 200, PRICE, open_=PRICE, close=PRICE)]
    assert verdicts(sheet, bars) == ["breached", "open"]


def test_a_fill_in_a_quiet_bar_is_in_no_doubt() -> None:
    stage = evaluation(position=PositionLimit(Ppm(1_000_000), outcome="warn"))
    sheet = Sheet().fill(TUESDAY + 20 * SECOND, 1).fill(TUESDAY + 40 * SECOND, 1)
    ended = run(sheet, [quiet_bar(TUESDAY)], stage=stage)
    assert [(hit.rule, hit.doubt) for hit in hits(ended)] == [("position", False)]
    assert ended.materials.doubts == ()


def test_a_fill_that_only_the_assumed_price_breaches_carries_the_doubt() -> None:
    """The low leaves ten dollars of room; the fee of the next fill uses them up, if the low still stands."""
    sheet = Sheet().fill(TUESDAY - SECOND, 2).fill(TUESDAY + 30 * SECOND, -1, PRICE - 79, fee="15")
    bars = [BEFORE, bar(TUESDAY, PRICE - 79, PRICE, open_=PRICE, close=PRICE)]
    stage = evaluation(static("1985"), warn_at=None)
    adverse, kind = (run(sheet, bars, stage=stage, reading=reading) for reading in READINGS)
    assert [(hit.rule, hit.at, hit.doubt) for hit in hits(adverse)] == [("max_loss", TUESDAY + 30 * SECOND, True)]
    assert kind.account.state.verdict == "open"
    assert len(summary(kind).doubts) == len(summary(adverse).doubts) == 1


def test_a_fill_under_a_floor_that_only_the_assumed_high_has_raised_carries_the_doubt() -> None:
    """The high lifts the trail to five dollars under the entry; the fee of the next fill is six."""
    sheet = Sheet().fill(TUESDAY - SECOND, 1).fill(TUESDAY + 30 * SECOND, 1, fee="6")
    bars = [BEFORE, bar(TUESDAY, PRICE, PRICE + 40, open_=PRICE, close=PRICE)]
    stage = evaluation(intraday("505"), warn_at=None)
    adverse, kind = (run(sheet, bars, stage=stage, reading=reading) for reading in READINGS)
    assert [(hit.rule, hit.at, hit.doubt) for hit in hits(adverse)] == [("max_loss", TUESDAY + 30 * SECOND, True)]
    assert kind.account.state.verdict == "open"


def test_a_contract_held_through_the_whole_bar_has_its_extremes_in_either_reading() -> None:
    """The fill was in gold; the low of ES fell on the ES position whenever it was."""
    sheet = Sheet().fill(TUESDAY - SECOND, 1).fill(TUESDAY + 30 * SECOND, 1, 9000, "GCJ6")
    bars = [BEFORE, bar(TUESDAY, PRICE - 200, PRICE, open_=PRICE, close=PRICE)]
    assert verdicts(sheet, bars) == ["breached", "breached"]


def test_a_fill_at_the_very_begin_of_a_bar_is_inside_it_and_one_at_its_end_is_not() -> None:
    low = bar(TUESDAY, PRICE - 200, PRICE, open_=PRICE, close=PRICE)
    after = quiet_bar(TUESDAY + MINUTE)
    assert verdicts(Sheet().fill(TUESDAY, 1), [BEFORE, low, after]) == ["breached", "open"]
    assert verdicts(Sheet().fill(TUESDAY + MINUTE, 1), [BEFORE, low, after]) == ["open", "open"]


# -- time --


def test_a_bar_is_played_open_extremes_in_its_middle_and_close_just_before_its_end() -> None:
    journal = Pages()
    run(HELD, [BEFORE, bar(TUESDAY, PRICE - 3, PRICE + 5, open_=PRICE + 1, close=PRICE + 2)], journal=journal)
    marks = [
        (one.at - TUESDAY, one.bid - PRICE) for one in journal.events if isinstance(one, Mark) and one.at >= TUESDAY
    ]
    assert marks == [(0, 1), (30 * SECOND, 5), (30 * SECOND, -3), (MINUTE - 1, 2)]


def test_ticks_and_bars_of_different_length_mix_in_order_of_time() -> None:
    sheet = (
        Sheet()
        .fill(TUESDAY - SECOND, 1)
        .fill(TUESDAY - SECOND, 1, symbol="GCJ6")
        .fill(TUESDAY - SECOND, 1, symbol="NQH6")
    )
    es = [BEFORE, *(quiet_bar(TUESDAY + n * MINUTE) for n in range(10))]
    gold = [
        bar(TUESDAY + n * 5 * MINUTE, PRICE - 2, PRICE + 2, "GCJ6", open_=PRICE, close=PRICE + 1 + n, seconds=300)
        for n in (-1, 0, 1)
    ]
    nasdaq = [tick(TUESDAY - MINUTE + n * 7 * SECOND, PRICE + n % 2, symbol="NQH6") for n in range(90)]
    ended = run(sheet, es, gold, nasdaq)
    assert ended.materials.bars == 14
    assert ended.materials.rows == 104
    # Gold closed two ticks up (10.00 each), Nasdaq one (5.00) or none.
    assert ended.account.state.equity in {usd("50020"), usd("50025")}


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=12),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=12),
)
def test_moments_of_overlapping_bars_come_in_order_and_none_is_lost(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    def stream(rows: list[tuple[int, int]], symbol: str) -> list[Bar]:
        return [bar(start * SECOND, 1, 2, symbol, open_=1, close=2, seconds=length) for start, length in sorted(rows)]

    streams = stream(first, "ESH6"), stream(second, "GCJ6")
    found = list(moments(streams))
    assert [one.at for one in found] == sorted(one.at for one in found)
    for part in ("open", "extremes", "close"):
        played = [one for moment in found if moment.part == part for one in moment.span.bars]
        assert sorted(played, key=repr) == sorted([*streams[0], *streams[1]], key=repr)
    for moment in found:
        assert {(one.start, one.end) for one in moment.span.bars} == {(moment.span.start, moment.span.end)}


def test_an_hour_over_the_roll_has_its_extremes_on_the_new_day() -> None:
    """Its middle is the roll itself, and the clock comes first."""
    start = chicago("2026-03-03 16:30:00")
    limited = evaluation(intraday(), daily_loss=DailyLoss(Size(amount=usd("500"))))
    hour = bar(start, PRICE - 45, PRICE + 9, open_=PRICE, close=PRICE, seconds=3600)
    sheet = Sheet().fill(start - SECOND, 1)
    for reading in READINGS:
        ended = run(sheet, [quiet_bar(start - MINUTE), hour], stage=limited, reading=reading)
        assert [(hit.rule, hit.at) for hit in hits(ended)] == [("daily_loss", chicago("2026-03-03 17:00:00"))]
        assert ended.account.state.day == date(2026, 3, 4)


# -- favourable is kind --


_BARS: Final = st.lists(
    st.tuples(st.integers(-60, 60), st.integers(0, 90), st.integers(0, 90), st.integers(-40, 40)),
    min_size=2,
    max_size=6,
)
_FILLS: Final = st.lists(
    st.tuples(st.integers(-90, 330), st.sampled_from((1, -1, 2, -3)), st.sampled_from(("ESH6", "ESM6"))),
    min_size=1,
    max_size=6,
)


def severity(run: Simulated) -> int:
    """The verdict first, then the most severe hit."""
    worst = max((SEVERITY[hit.outcome] for hit in hits(run)), default=-1)
    return worst if run.account.state.verdict != "breached" else 100


@pytest.mark.thorough
@settings(max_examples=150)
@given(_BARS, _BARS, _FILLS, short_programs)
def test_the_favourable_reading_is_never_more_severe_than_the_adverse_one(
    es: list[tuple[int, int, int, int]],
    other: list[tuple[int, int, int, int]],
    fills: list[tuple[int, int, str]],
    program: Program,
) -> None:
    stage = program.stages[0]
    # A strike counts judgings, and what is read against the account may spend it on a smaller hit.
    program = replace(program, stages=(replace(stage, strikes=()),))
    streams: list[list[Bar]] = []
    for symbol, rows in (("ESH6", es), ("ESM6", other)):
        bars, price = [bar(TUESDAY - 2 * MINUTE, 1, 2 * PRICE, symbol, open_=PRICE, close=PRICE, seconds=60)], PRICE
        for n, (gap, up, down, move) in enumerate(rows):
            opened = price + gap
            price = opened + max(-down, min(up, move))
            bars.append(bar(TUESDAY + (n - 1) * MINUTE, opened - down, opened + up, symbol, open_=opened, close=price))
        streams.append(bars)
    sheet = Sheet()
    for second, quantity, symbol in sorted(fills):
        at = TUESDAY + second * SECOND
        played = streams[symbol == "ESM6"]
        inside = [one for one in played if one.start <= at < one.end]
        price = inside[0].open[0] if inside else played[-1].close[0] if at >= played[-1].end else PRICE
        if inside or at - played[-1].end < MINUTE:
            sheet.fill(at, quantity, price, symbol)
    if not sheet.fills:
        sheet.fill(TUESDAY - 60 * SECOND, 1, streams[0][1].open[0])
    adverse, kind = (run(sheet, *streams, of=program, reading=reading) for reading in READINGS)
    assert severity(kind) <= severity(adverse)
    in_doubt = [hit for hit in hits(adverse) if hit.doubt]
    assert adverse.materials.doubts or not in_doubt
    if not adverse.materials.doubts:
        assert [_bare(hit) for hit in hits(adverse)] == [_bare(hit) for hit in hits(kind)]


def _bare(hit: Hit) -> tuple[object, ...]:
    return hit.rule, hit.outcome, hit.decided, hit.evidence.limit
