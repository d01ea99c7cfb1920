"""Prices of a fill's own minute, second or instant: on either side of it (semantics page, section 15)."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.application.ports.prices import Bar, Tick
from propfirm.application.simulation.report import Reading
from propfirm.application.simulation.run import Simulated
from propfirm.application.simulation.summary import summary
from propfirm.domain.catalogue.program import DailyLoss, PositionLimit, Size
from propfirm.domain.money import Ppm, usd
from propfirm.domain.rules.events import Fill, Mark
from tests.unit.application.simulation.desk import (
    MINUTE,
    PRICE,
    SECOND,
    TUESDAY,
    Pages,
    Sheet,
    bar,
    evaluation,
    hits,
    intraday,
    run,
    static,
    tick,
)

READINGS: Final[tuple[Reading, ...]] = ("adverse", "favourable")
MS: Final = SECOND // 1000
EXIT: Final = TUESDAY + 10 * MINUTE
MINUTELY: Final = "minute lie (ESH6) is not known"
TO_THE_MINUTE: Final = Sheet().fill(TUESDAY, 1).fill(EXIT, -1)


def tape(*moves: tuple[int, int]) -> list[Tick]:
    """Ticks of ES by their instant and their distance from PRICE."""
    return [tick(at, PRICE + move) for at, move in moves]


def both(sheet: Sheet, prices: Sequence[Tick | Bar], **terms: object) -> tuple[Simulated, Simulated]:
    adverse, kind = (run(sheet, prices, reading=reading, **terms) for reading in READINGS)  # type: ignore[arg-type]  # keywords of ``run``
    return adverse, kind


def test_a_loss_in_the_minute_of_an_exit_falls_on_the_position_only_against_the_account() -> None:
    ticks = tape((TUESDAY - 1, 0), (TUESDAY + MINUTE, 0), (EXIT, 0), (EXIT + 30_500 * MS, -200), (EXIT + MINUTE, 0))
    adverse, kind = both(TO_THE_MINUTE, ticks)
    assert [(hit.rule, hit.doubt, hit.at) for hit in hits(adverse)] == [("max_loss", True, EXIT)]
    assert hits(adverse)[0].evidence.actual == usd("47500")
    assert (hits(kind), kind.account.state.verdict) == ([], "open")
    for ended, how in ((adverse, "against"), (kind, "in favour of")):
        assert ("(in doubt)" in summary(ended).reason) == (ended is adverse)
        assert summary(ended).doubts == (
            f"3 March 2026 10:10:00 CT: on which side of a fill the prices of its {MINUTELY}; read {how} the account",
        )


def test_the_same_facts_as_ticks_and_as_bars_have_the_same_verdict() -> None:
    ticks = tape((TUESDAY - 1, 0), (EXIT, 0), (EXIT + 30_500 * MS, -200), (EXIT + MINUTE, 0))
    bars = [
        bar(TUESDAY - MINUTE, PRICE, PRICE, open_=PRICE, close=PRICE),
        bar(EXIT, PRICE - 200, PRICE, open_=PRICE, close=PRICE - 200),
    ]
    for by_ticks, by_bars in zip(both(TO_THE_MINUTE, ticks), both(TO_THE_MINUTE, bars), strict=True):
        assert by_ticks.account.state.verdict == by_bars.account.state.verdict
        assert [hit.doubt for hit in hits(by_ticks)] == [hit.doubt for hit in hits(by_bars)]


def test_a_loss_in_the_minute_of_an_entry_keeps_its_own_time() -> None:
    low = TUESDAY + 30_500 * MS
    ticks = tape((TUESDAY - 1, 0), (low, -200), (low + SECOND, 0), (TUESDAY + MINUTE, 0), (EXIT, 0))
    adverse, kind = both(TO_THE_MINUTE, ticks)
    assert [(hit.rule, hit.doubt, hit.at) for hit in hits(adverse)] == [("max_loss", True, low)]
    assert kind.account.state.verdict == "open"


def test_a_loss_at_which_the_minute_of_an_entry_ends_is_certain() -> None:
    low = TUESDAY + 59_999 * MS
    for ended in both(TO_THE_MINUTE, tape((TUESDAY - 1, 0), (low, -200), (EXIT - MS, 0), (EXIT, 0))):
        assert [(hit.rule, hit.at, hit.doubt) for hit in hits(ended)] == [("max_loss", low, False)]
        assert ended.materials.doubts == ()


def test_between_an_entry_and_an_exit_of_one_minute_the_low_may_have_fallen() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY, -1)
    adverse, kind = both(sheet, tape((TUESDAY - 1, 0), (TUESDAY + 20 * SECOND, -200), (TUESDAY + 30 * SECOND, 0)))
    assert [(hit.rule, hit.doubt, hit.at) for hit in hits(adverse)] == [("max_loss", True, TUESDAY)]
    assert hits(kind) == []


def test_prices_that_reach_no_threshold_are_in_no_doubt_and_stand_at_their_own_times() -> None:
    journal = Pages()
    ticks = tape((TUESDAY - 1, 0), (TUESDAY + 30 * SECOND, -3), (EXIT, 2), (EXIT + 30 * SECOND, -9))
    ended = run(TO_THE_MINUTE, ticks, journal=journal, stage=evaluation(static(), warn_at=None))
    assert ended.materials.doubts == ()
    marks = [(one.at, one.bid - PRICE) for one in journal.events if isinstance(one, Mark)]
    assert (TUESDAY + 30 * SECOND, -3) in marks
    assert all(not one.doubt for one in journal.events if isinstance(one, Mark | Fill))


def test_the_order_that_ticks_do_tell_is_kept() -> None:
    """Low, then high: a trail that the high raises never sees the low, whatever side of the entry they are on."""
    ticks = tape((TUESDAY - 1, 0), (TUESDAY + 20 * SECOND, -80), (TUESDAY + 40 * SECOND, 100), (EXIT, 0))
    for ended in both(TO_THE_MINUTE, ticks, stage=evaluation(intraday())):
        assert hits(ended) == []
    bars = [
        bar(TUESDAY - MINUTE, PRICE, PRICE, open_=PRICE, close=PRICE),
        bar(TUESDAY, PRICE - 80, PRICE + 100, open_=PRICE, close=PRICE + 100),
        bar(EXIT, PRICE, PRICE, open_=PRICE, close=PRICE),
    ]
    assert [hit.doubt for hit in hits(both(TO_THE_MINUTE, bars, stage=evaluation(intraday()))[0])] == [True]


def test_a_fill_meets_the_quote_of_its_minute_that_is_nearest_to_its_price() -> None:
    """Bought at 30 seconds past, 200 ticks above where the minute began: that is no loss of 200 ticks."""
    sheet = Sheet().fill(TUESDAY, 1, PRICE + 200).fill(EXIT, -1, PRICE + 200)
    ticks = tape((TUESDAY - 1, 0), (TUESDAY + 30 * SECOND, 200), (EXIT, 200))
    for ended in both(sheet, ticks):
        assert (hits(ended), ended.account.state.equity) == ([], usd("50000"))


def test_at_one_instant_of_the_same_millisecond_either_side_is_tried_too() -> None:
    sheet = Sheet().fill(TUESDAY + MS, 1).fill(EXIT + MS, -1)
    adverse, kind = both(sheet, tape((TUESDAY, 0), (EXIT, 0), (EXIT + MS, -200), (EXIT + SECOND, 0)))
    assert [(hit.rule, hit.doubt, hit.at) for hit in hits(adverse)] == [("max_loss", True, EXIT + MS)]
    assert kind.account.state.verdict == "open"
    assert "the prices of its millisecond lie" in summary(kind).doubts[0]
    exact = Sheet().fill(TUESDAY + 1, 1).fill(EXIT + MS + 1, -1, PRICE - 200)
    assert not hits(
        run(exact, tape((TUESDAY, 0), (EXIT + MS, -159), (EXIT + MS + 2, -200)), stage=evaluation(static("9999")))
    )


def test_a_breach_that_price_and_fill_of_one_instant_both_make_is_in_no_doubt() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 3 * SECOND, -1, PRICE - 200)
    for ended in both(sheet, tape((TUESDAY, 0), (TUESDAY + 3 * SECOND, -200))):
        assert [(hit.rule, hit.doubt) for hit in hits(ended)] == [("max_loss", False)]
        assert ended.materials.doubts == ()


def test_a_hit_of_size_is_certain_where_prices_of_its_second_decide_nothing() -> None:
    stage = evaluation(position=PositionLimit(Ppm(1_000_000), outcome="warn"), warn_at=None)
    ended = run(Sheet().fill(TUESDAY, 2), tape((TUESDAY, 0), (TUESDAY + 300 * MS, 7)), stage=stage)
    assert [(hit.rule, hit.doubt) for hit in hits(ended)] == [("position", False)]


def test_another_contract_keeps_its_times_beside_a_fill_in_doubt() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY, 1, 9000, "GCJ6").fill(EXIT, -1)
    gold = [tick(TUESDAY - 1, 9000, symbol="GCJ6"), tick(EXIT + 40 * SECOND, 8950, symbol="GCJ6")]
    es = tape((TUESDAY - 1, 0), (EXIT - 1, 0), (EXIT + 30 * SECOND, -130), (EXIT + MINUTE, 0))
    stage = evaluation(daily_loss=DailyLoss(Size(amount=usd("1600"))), warn_at=None)
    ended = run(sheet, sorted(es + gold, key=lambda row: row[0]), stage=stage)
    assert [(hit.rule, hit.at, hit.doubt) for hit in hits(ended)] == [("daily_loss", EXIT, True)]
    assert ended.account.state.equity == usd("49500")


@pytest.mark.parametrize("seconds", [5, 20])
def test_bars_shorter_than_the_units_of_the_history_are_one_bar_beside_its_fills(seconds: int) -> None:
    bars = [bar(TUESDAY - MINUTE, PRICE, PRICE, open_=PRICE, close=PRICE)]
    for at in (TUESDAY, EXIT):
        for start in range(at, at + MINUTE, seconds * SECOND):
            low = PRICE - 200 if start == EXIT + 40 * SECOND else PRICE
            bars.append(bar(start, low, PRICE, open_=PRICE, close=PRICE, seconds=seconds))
    adverse, kind = both(TO_THE_MINUTE, bars)
    assert [(hit.rule, hit.doubt) for hit in hits(adverse)] == [("max_loss", True)]
    assert kind.account.state.verdict == "open"
    assert kind.account.state.balance == usd("50000")


@given(
    st.lists(st.tuples(st.integers(0, 179), st.integers(-250, 250)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from((1, -1, 2, -2))), min_size=1, max_size=4),
)
def test_favourable_is_never_worse_than_adverse_and_both_agree_where_nothing_was_in_doubt(
    prices: list[tuple[int, int]], traded: list[tuple[int, int]]
) -> None:
    moves = [(TUESDAY + second * SECOND + 1, move) for second, move in sorted(prices)]
    ticks = tape((TUESDAY - 1, 0), *moves, (TUESDAY + 3 * MINUTE, 0))
    sheet = Sheet()
    for minute, quantity in sorted(traded):
        sheet.fill(TUESDAY + minute * MINUTE, quantity, _shown(ticks, TUESDAY + minute * MINUTE))
    adverse, kind = both(sheet, ticks, stage=evaluation(static(), warn_at=None))
    assert (adverse.account.state.verdict == "breached") >= (kind.account.state.verdict == "breached")
    if not adverse.materials.doubts:
        assert [(hit.rule, hit.at) for hit in hits(adverse)] == [(hit.rule, hit.at) for hit in hits(kind)]
        assert adverse.account.state.balance == kind.account.state.balance
    assert adverse.account.state.core.positions == kind.account.state.core.positions or adverse.materials.doubts


def _shown(ticks: list[Tick], at: int) -> int:
    return [row[3] for row in ticks if row[0] < at][-1]
