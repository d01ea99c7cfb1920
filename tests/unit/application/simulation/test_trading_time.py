from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from propfirm.application.simulation.trading_time import FOLD_MIN, TradingTime

MINUTE = 60 * 1_000_000_000
HOUR = 60 * MINUTE

INSTANTS = st.lists(st.integers(0, 10**18), min_size=1, unique=True).map(sorted)


def test_a_weekend_is_as_wide_as_half_an_hour() -> None:
    friday, sunday = 100 * HOUR, 149 * HOUR
    minutes = [*range(friday - HOUR, friday, MINUTE), *range(sunday, sunday + HOUR, MINUTE)]
    time = TradingTime(minutes)
    assert time(sunday) - time(friday - MINUTE) == FOLD_MIN
    assert time(sunday + 10 * MINUTE) - time(sunday) == 10 * MINUTE


def test_sparse_fills_keep_their_distances_and_only_nights_are_folded() -> None:
    fills = [day * 24 * HOUR + hour * HOUR for day in range(3) for hour in (9, 11, 13)]
    time = TradingTime(fills)
    assert time(fills[1]) - time(fills[0]) == 2 * HOUR
    assert time(fills[3]) - time(fills[2]) == 8 * HOUR


@given(INSTANTS, st.lists(st.integers(-(10**15), 10**18)))
def test_later_is_never_drawn_to_the_left(instants: list[int], asked: list[int]) -> None:
    time = TradingTime(instants)
    assert all(time(earlier) <= time(later) for earlier, later in pairwise(sorted(asked)))
    assert [time(at) for at in instants] == list(time.places)
    assert time.places[0] == 0
