"""The habits of demo traders: plain rules over the prices of the day so far and the trader's own position.

A habit is a frozen value and one pure function, ``wish``. It is asked at the end of every minute and answers which
position it wants; the platform fills the difference at a later quote. Prices are bids in ticks, one for each minute
that had any since the session opened. No habit sees a clock, another trader, the account's program or a later price.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, assert_never

from msgspec import Struct


class Breakout(Struct, frozen=True):
    """Follows the price out of the range of the day's first minutes, with a stop and a target.

    minutes: how long the range is watched. stop, target: ticks from the entry. entries: so many trades a day.
    """

    minutes: int
    stop: int
    target: int
    entries: int = 1


class Reversion(Struct, frozen=True):
    """Sells what has risen and buys what has fallen, more of it the further it goes, until the price is back.

    minutes: of the mean. away: ticks from it at which a step is put on. steps: how many, each an equal part of the
    size. There is no stop: that is the point of it.
    """

    minutes: int
    away: int
    steps: int = 1


class Trend(Struct, frozen=True):
    """On the side of the fast mean of the slow one, first with a part and with one more for every ``step`` ticks won.

    fast, slow: minutes. parts: of the size; 1 enters at once with all.
    """

    fast: int
    slow: int
    parts: int = 1
    step: int = 0


class Conviction(Struct, frozen=True):
    """Takes the side of the day's first minutes with everything and keeps it until the day is over."""

    minutes: int


Habit: TypeAlias = Breakout | Reversion | Trend | Conviction


class View(Struct, frozen=True):
    """What a trader knows. prices: of the minutes since the session opened. opened: how many of them lie before the
    trader's own day begins. held: contracts, signed. entry: average price of what is held. entries: trades begun today.
    """

    prices: Sequence[int]
    opened: int
    held: int
    entry: int
    entries: int

    @property
    def won(self) -> int:
        """Ticks in favour of the position."""
        return (self.prices[-1] - self.entry) * (1 if self.held > 0 else -1)


class Wish(Struct, frozen=True):
    """position: contracts, signed. stop, limit: prices at which all of it is to be closed."""

    position: int
    stop: int | None = None
    limit: int | None = None


FLAT = Wish(0)


def wish(habit: Habit, view: View, size: int) -> Wish:
    """What the trader wants now. size: the most contracts that they hold."""
    match habit:
        case Breakout():
            return _breakout(habit, view, size)
        case Reversion():
            return _reversion(habit, view, size)
        case Trend():
            return _trend(habit, view, size)
        case Conviction():
            return _conviction(habit, view, size)
        case _:
            assert_never(habit)


def _breakout(habit: Breakout, view: View, size: int) -> Wish:
    if view.held:
        side = 1 if view.held > 0 else -1
        return Wish(view.held, view.entry - side * habit.stop, view.entry + side * habit.target)
    first = view.prices[view.opened : view.opened + habit.minutes]
    if len(view.prices) <= view.opened + habit.minutes or view.entries >= habit.entries:
        return FLAT
    if view.prices[-1] > max(first):
        return Wish(size)
    return Wish(-size) if view.prices[-1] < min(first) else FLAT


def _reversion(habit: Reversion, view: View, size: int) -> Wish:
    if len(view.prices) < habit.minutes:
        return FLAT
    recent = view.prices[-habit.minutes :]
    away = view.prices[-1] - sum(recent) // len(recent)
    if view.held and away * view.held > 0:
        return FLAT  # it has come back, to the other side of the mean
    steps = min(abs(away) // habit.away, habit.steps)
    wanted = size * steps // habit.steps
    if wanted <= abs(view.held):
        return Wish(view.held)
    return Wish(-wanted if away > 0 else wanted)


def _trend(habit: Trend, view: View, size: int) -> Wish:
    if len(view.prices) < habit.slow:
        return FLAT
    fast, slow = view.prices[-habit.fast :], view.prices[-habit.slow :]
    side = 1 if sum(fast) * habit.slow > sum(slow) * habit.fast else -1
    parts = 1
    if habit.step and view.held * side > 0:
        parts = min(habit.parts, 1 + max(0, view.won) // habit.step)
    wanted = max(1, size * parts // habit.parts)
    return Wish(side * (max(wanted, abs(view.held)) if view.held * side > 0 else wanted))


def _conviction(habit: Conviction, view: View, size: int) -> Wish:
    if view.held:
        return Wish(view.held)
    if view.entries or len(view.prices) <= view.opened + habit.minutes:
        return FLAT
    return Wish(size if view.prices[-1] >= view.prices[view.opened] else -size)
