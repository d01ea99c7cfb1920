"""The best-day rule (prop-rules 4.5): how much of the profit may come from one day, or from one trade.

Verdicts compare exact integers. What is shown to people is rounded half up, and says so in its name or docstring.
``best`` is the best day (or trade) of the window, today included; ``total`` the window's profit; ``cap`` in millionths.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.catalogue.program import CapComparison, Consistency
from propfirm.domain.money import MICROS_PER_CENT, ONE, Cents, Micros, Ppm, half_up

Extension: TypeAlias = Literal["block", "extend_excess", "extend_ratio"]


def cap_in_force(rule: Consistency, payouts: int) -> Ppm | None:
    """The cap that the next payout (or the pass) is judged by, after this many payouts; None: it asks nothing more."""
    if rule.until_payout_no is not None and payouts >= rule.until_payout_no:
        return None
    caps = rule.caps_by_payout
    return caps[min(payouts, len(caps) - 1)] if caps else rule.cap


def met(best: Micros, total: Micros, cap: Ppm, cmp: CapComparison, *, target: Micros | None = None) -> bool:
    """The share of the best day is within the cap. target: what the share is taken of, in place of the total.

    Undefined while there is no profit, therefore not met. Without a winning day any profit will do.
    """
    if total <= 0:
        return False
    if best <= 0:
        return True
    part, whole = best * ONE, cap * (total if target is None else target)
    return part <= whole if cmp == "lte" else part < whole


def share(best: Micros, whole: Micros) -> int | None:
    """For people: the best day in hundredths of a percent of the whole, half up. None while there is no profit."""
    return half_up(best * 10_000, whole) if whole > 0 else None


def required_total(best: Micros, cap: Ppm) -> Cents:
    """For people: best / cap to the cent, half up (so it may be half a cent short; ``least_total`` is exact)."""
    return Cents(half_up(best * ONE, cap * MICROS_PER_CENT))


def shortfall(best: Micros, total: Micros, cap: Ppm) -> Cents:
    """For people: profit still missing for this best day, to the cent, half up. 0 if nothing is missing."""
    return Cents(max(0, half_up(best * ONE - cap * total, cap * MICROS_PER_CENT)))


def least_total(best: Micros, cap: Ppm, cmp: CapComparison) -> Micros:
    """The smallest total profit with which a best day > 0 is within the cap."""
    quotient, rest = divmod(best * ONE, cap)
    return Micros(quotient + (rest > 0 if cmp == "lte" else 1))


def max_best(whole: Micros, cap: Ppm, cmp: CapComparison = "lte") -> Micros:
    """The largest day that this whole (total or target) carries."""
    quotient, rest = divmod(whole * cap, ONE)
    return Micros(quotient if cmp == "lte" or rest > 0 else quotient - 1)


def max_compliant_day(prior: Micros, cap: Ppm, cmp: CapComparison = "lte") -> Micros | None:
    """The most that today may earn in all, after a profit of ``prior`` on the days before: cap x prior / (1 - cap).

    Valid when today is, or becomes, the best day. Zero or less: no winning day complies. None: every day does.
    """
    if cap > ONE:
        return None
    if cap == ONE:
        return None if prior > 0 or (prior == 0 and cmp == "lte") else Micros(0)
    quotient, rest = divmod(prior * cap, ONE - cap)
    return Micros(quotient if cmp == "lte" or rest > 0 else quotient - 1)


def headroom_today(prior: Micros, today: Micros, cap: Ppm, cmp: CapComparison = "lte") -> Micros | None:
    """How much more today may earn: (cap x prior - (1 - cap) x today) / (1 - cap). Negative: today is over already.

    ``prior`` leaves today out. None: no limit.
    """
    most = max_compliant_day(prior, cap, cmp)
    return None if most is None else Micros(most - today)


class DayRange(Struct, frozen=True):
    """Profits of one day, both ends included. most None: no limit."""

    least: Micros
    most: Micros | None


def compliant_days(
    prior: Micros, best: Micros, cap: Ppm, cmp: CapComparison, *, target: Micros | None = None
) -> DayRange | None:
    """All profits with which today would make the rule be met. None: today alone cannot.

    prior: profit of the window without today; best: its best day, 0 or less where none won. target: as in ``met``.
    """
    if target is None:
        least = least_total(best, cap, cmp) if best > 0 else Micros(1)
        most = max_compliant_day(prior, cap, cmp)
    else:
        least, most = Micros(1), max_best(target, cap, cmp)
        if best > max(most, 0):
            return None
    most = None if most is None else max(most, Micros(0))
    least = Micros(least - prior)
    return DayRange(least, most) if most is None or least <= most else None


def extended_target(target: Micros, day: Micros, cap: Ppm, effect: Extension) -> Micros:
    """The target after a day (or best trade) of this profit. target: in force until then, earlier extensions included.

    ``extend_excess`` adds what the day earned above cap x target; ``extend_ratio`` asks for day / cap, if that is more.
    """
    if day <= 0:
        return target
    match effect:
        case "block":
            return target
        case "extend_excess":
            return Micros(target + max(0, day - max_best(target, cap)))
        case "extend_ratio":
            return max(target, least_total(day, cap, "lte"))
