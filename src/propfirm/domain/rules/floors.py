"""Where the maximum-loss floor stands: its distance, its lock, its rise and when it is hit (semantics page, section 4).

The engine and the payout policy ask the same functions, so that the promise and the verdict cannot disagree.
"""

from __future__ import annotations

from msgspec import Struct

from propfirm.domain.catalogue.program import MaxLoss
from propfirm.domain.money import Micros


class Levels(Struct, frozen=True):
    """The figures of an account that profit or a payout can change, and the two that they are measured from.

    initial: nominal size (percentages); start: balance with which the stage began (0 where zero-based).
    payouts: approved in this stage so far.
    """

    initial: Micros
    start: Micros
    balance: Micros
    floor: Micros
    hwm: Micros
    payouts: int = 0


def allowance(rule: MaxLoss, initial: Micros, hwm: Micros) -> Micros:
    """A(h): how far the floor is below the high-water mark."""
    return rule.size.of(hwm if rule.pct_base == "hwm" else initial)


def lock_level(rule: MaxLoss, start: Micros) -> Micros | None:
    """The balance at which the floor stops rising, whatever triggers the lock. None: it never stops.

    A floor that rises with payouts only stops at the start even where no lock is named (prop-rules 4.1).
    """
    match rule.lock:
        case "none":
            return start if rule.mode == "trail_payout" else None
        case "start":
            return start
        case "start_plus":
            return Micros(start + rule.lock_value)
        case "at":
            return rule.lock_value


def cap(rule: MaxLoss, start: Micros, payouts: int) -> Micros | None:
    """The lock level in force: with ``lock_trigger = first_payout`` there is none before the first approved payout."""
    if rule.lock_trigger == "first_payout" and payouts == 0:
        return None
    return lock_level(rule, start)


def locked(rule: MaxLoss, levels: Levels) -> bool:
    """The floor has reached its cap and will not rise with the balance any more."""
    level = cap(rule, levels.start, levels.payouts)
    return level is not None and levels.floor >= level


def risen(rule: MaxLoss, levels: Levels, high: Micros) -> Levels:
    """After a new high-water mark, with the floor that it brings. Once locked, neither moves any more."""
    if high <= levels.hwm or locked(rule, levels):
        return levels
    floor, top = high - allowance(rule, levels.initial, high), cap(rule, levels.start, levels.payouts)
    floor = max(levels.floor, floor if top is None else min(floor, top))
    return Levels(levels.initial, levels.start, levels.balance, Micros(floor), high, levels.payouts)


def hit_at(floor: Micros, *, touch: bool) -> Micros:
    """The highest amount that hits this floor: the floor itself, or where touching is not enough, just below it."""
    return floor if touch else Micros(floor - 1)


def breached(value: Micros, floor: Micros, *, touch: bool) -> bool:
    return value <= hit_at(floor, touch=touch)
