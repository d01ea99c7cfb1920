"""The time axis of pictures: trading hours side by side, nights and weekends folded away."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final

FOLD_MIN: Final = 30 * 60 * 1_000_000_000
"""Nanoseconds. A pause is drawn at least this wide, so that sessions stay apart."""
FOLD_STEPS: Final = 4
"""A pause is longer than so many ordinary steps."""


class TradingTime:
    """Maps instants to places on the axis: as far apart as in time, but a pause is no wider than ``fold``.

    Between the given instants nothing was seen: no trading, or a hole in the data. Places are nanoseconds of
    trading time since the first of them; they never fall when time goes on.
    """

    def __init__(self, instants: Sequence[int]) -> None:
        """instants: rising, at least one."""
        steps = [later - earlier for earlier, later in pairwise(instants)]
        usual = sorted(steps)[len(steps) // 2] if steps else 0
        self.fold = max(FOLD_MIN, FOLD_STEPS * usual)
        self._instants = instants
        self._places = list(accumulate((min(step, self.fold) for step in steps), initial=0))

    def __call__(self, at: int) -> int:
        before = max(bisect_right(self._instants, at) - 1, 0)
        since = at - self._instants[before]
        return self._places[before] + max(min(since, self.fold), -self.fold)

    @property
    def pauses(self) -> Iterator[tuple[int, int]]:
        """The instants before and after every pause that is folded."""
        return ((earlier, later) for earlier, later in pairwise(self._instants) if later - earlier > self.fold)

    @property
    def places(self) -> Sequence[int]:
        """Of the given instants."""
        return self._places
