"""The equities at which the account's rules speak next: what lies strictly between them needs no judging.

Equity is linear in the price, and every rule that a mark can touch is a threshold on equity. So the nearest threshold
on each side is enough. Thresholds are computed when floor, day or limits have changed, not with every event; they only
tell that nothing is to be done and never decide: the rules do, in losses and behaviour.
"""

from __future__ import annotations

from propfirm.domain.catalogue.program import Outcome
from propfirm.domain.money import Micros, portion
from propfirm.domain.rules.draft import Draft
from propfirm.domain.rules.findings import Rule
from propfirm.domain.rules.floors import hit_at
from propfirm.domain.rules.state import FAR, Day, DayLimits, Floor, Snapshot, Thresholds
from propfirm.domain.rules.terms import Terms


def thresholds_of(draft: Draft) -> Thresholds:
    """Of the draft as it is now."""
    floor, day, limits = draft.basis
    if floor is not draft.floor or day is not draft.day or limits is not draft.limits:
        floor, day, limits = draft.basis = draft.floor, draft.day, draft.limits
        draft.thresholds = thresholds(draft.terms, floor, day, limits, draft.tally.snapshot)
    return draft.thresholds


def is_quiet(draft: Draft) -> bool:
    """Is there nothing to judge, raise or warn of at this equity? A maximum loss on the balance is always judged.

    So it stays for the rest of the event, whatever else is hit: hits make limits and warnings fall silent, none speak.
    Only a floor that is raised (which follows equity, or a closed balance) asks anew.
    """
    floor, day, limits = draft.basis
    same = floor is draft.floor and day is draft.day and limits is draft.limits
    known = draft.thresholds if same else thresholds_of(draft)
    return known.lo < draft.equity < known.hi and draft.terms.max_on_equity


def thresholds(
    terms: Terms, floor: Floor, day: Day | None, limits: DayLimits | None, snapshot: Snapshot | None
) -> Thresholds:
    """snapshot: the last one before or on this day; it is taken together with a change of the day."""
    room = terms.drawdown_at(floor.high)
    overall, daily = _warning_levels(terms, floor, room, day, limits)
    lo, hi = loss_level(terms, floor, day, limits), _above(terms, day, limits)
    if terms.stage.max_loss.mode == "trail_intraday" and not floor.locked:
        hi = min(hi, floor.high + 1)
    if overall is not None:
        lo = max(lo, overall)
    if daily is not None:
        lo = max(lo, daily)
    return Thresholds(lo, hi, overall, daily, _excursion(terms, room, day, snapshot))


def still_judged(day: Day | None, rule: Rule, outcome: Outcome) -> bool:
    """A loss limit is hit once a day; one that locks the day is not judged while the day is locked."""
    if outcome == "fail" or day is None:
        return True
    return rule not in day.seen and not (outcome == "lock_day" and day.locked)


def loss_level(terms: Terms, floor: Floor, day: Day | None, limits: DayLimits | None) -> int:
    """The highest equity at which a loss limit is hit, of those that are still judged; -FAR where none can be."""
    rule, daily, level = terms.stage.max_loss, terms.stage.daily_loss, -FAR
    if rule.measure == "equity" and still_judged(day, "max_loss", rule.outcome):
        level = hit_at(floor.level, touch=terms.max_touch)
    if limits is None:
        return level
    if daily is not None and limits.floor is not None and still_judged(day, "daily_loss", daily.outcome):
        level = max(level, hit_at(limits.floor, touch=terms.daily_touch))
    if limits.personal is not None and still_judged(day, "personal_loss", "lock_day"):
        level = max(level, limits.personal)
    return level


def _above(terms: Terms, day: Day | None, limits: DayLimits | None) -> int:
    """Strictly below this equity there is no new high of the day that moves its floor, and no cap is reached."""
    daily, level = terms.stage.daily_loss, FAR
    if limits is None or daily is None:
        return level
    if daily.trail == "day_equity_high":
        level = limits.high + 1
    capped = daily.upper_cap is not None and still_judged(day, "daily_cap", daily.upper_cap.outcome)
    return min(level, limits.cap) if capped and limits.cap is not None else level


def _warning_levels(
    terms: Terms, floor: Floor, room: Micros, day: Day | None, limits: DayLimits | None
) -> tuple[Micros | None, Micros | None]:
    """The equities at or below which maximum loss and daily loss warn; None where they cannot (any more today).

    room: the drawdown amount, between floor and high-water mark.
    """
    warn_at = terms.stage.warn_at
    if day is None or warn_at is None:
        return None, None
    overall: Micros | None = None
    if "max_loss" not in day.warned and "max_loss" not in day.seen:
        overall = Micros(floor.level + room - portion(room, warn_at))
    daily: Micros | None = None
    told = "daily_loss" in day.warned or "daily_loss" in day.seen or day.locked
    if not told and limits is not None and limits.floor is not None and limits.limit is not None:
        daily = Micros(limits.floor + limits.limit - portion(limits.limit, warn_at))
    return overall, daily


def _excursion(terms: Terms, room: Micros, day: Day | None, snapshot: Snapshot | None) -> Micros | None:
    """The open loss above which a position breaks the adverse-excursion rule; None where there is no such rule."""
    behaviour = terms.stage.behaviour
    rule = behaviour.mae if behaviour is not None else None
    if rule is None or day is None:
        return None
    match rule.base:
        case "initial":
            base = terms.initial
        case "drawdown":
            base = room
        case _:
            base = Micros(day.start_balance - terms.start)
            if base <= rule.low_profit_below:
                base = room
    pct = rule.pct
    last_profit = None if snapshot is None else snapshot.balance - terms.start
    if rule.pct_raised is not None and rule.raised_from is not None and last_profit is not None:
        pct = rule.pct_raised if last_profit > rule.raised_from else pct
    return portion(base, pct)
