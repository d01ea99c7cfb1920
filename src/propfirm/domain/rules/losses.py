"""Maximum loss, daily loss, the trader's own limit and the daily cap: when they are hit, move and warn.

Source: prop-rules sections 4.1, 4.2 and 5; semantics page sections 4, 5, 13.
"""

from __future__ import annotations

from propfirm.domain.money import Micros, portion
from propfirm.domain.rules.draft import Draft
from propfirm.domain.rules.findings import Evidence, FloorMoved, Rule, Warned
from propfirm.domain.rules.floors import breached, locked, risen
from propfirm.domain.rules.state import DayLimits, Floor
from propfirm.domain.rules.terms import Terms
from propfirm.domain.rules.thresholds import still_judged, thresholds_of


def judge(draft: Draft, *, balance_moved: bool = True) -> None:
    """Compares the account with the floors in force, in the order maximum loss, daily loss, personal limit, cap.

    balance_moved: False at a mark, which is no occasion to judge a maximum loss that is measured on the balance.
    """
    terms = draft.terms
    rule = terms.stage.max_loss
    on_equity = rule.measure == "equity"
    value = draft.equity if on_equity else draft.balance
    floor = draft.floor
    judged = on_equity or balance_moved
    if (
        judged
        and breached(value, floor.level, touch=terms.max_touch)
        and still_judged(draft.day, "max_loss", rule.outcome)
    ):
        evidence = _evidence(draft, floor.level, value, floor.high, floor.set_seq, floor.set_at)
        draft.hit("max_loss", rule.outcome, evidence)
    limits = draft.limits
    if limits is not None:
        _judge_day(draft, limits)


def _judge_day(draft: Draft, limits: DayLimits) -> None:
    terms, equity, daily = draft.terms, draft.equity, draft.terms.stage.daily_loss
    if (
        daily is not None
        and limits.floor is not None
        and breached(equity, limits.floor, touch=terms.daily_touch)
        and still_judged(draft.day, "daily_loss", daily.outcome)
    ):
        draft.hit("daily_loss", daily.outcome, _daily_evidence(draft, limits, limits.floor))
    if (
        limits.personal is not None
        and breached(equity, limits.personal, touch=True)
        and still_judged(draft.day, "personal_loss", "lock_day")
    ):
        draft.hit("personal_loss", "lock_day", _day_evidence(draft, limits, limits.personal))
    if daily is not None and daily.upper_cap is not None and limits.cap is not None and equity >= limits.cap:
        outcome = daily.upper_cap.outcome
        if still_judged(draft.day, "daily_cap", outcome):
            draft.hit("daily_cap", outcome, _day_evidence(draft, limits, limits.cap))


def _evidence(draft: Draft, limit: int, actual: int, basis: Micros, set_seq: int, set_at: int) -> Evidence:
    return Evidence(limit, actual, "usd", draft.equity, draft.balance, set_seq, set_at, basis)


def _daily_evidence(draft: Draft, limits: DayLimits, level: Micros) -> Evidence:
    """Of the program's daily floor, which may trail."""
    return _evidence(draft, level, draft.equity, limits.reference, limits.set_seq, limits.set_at)


def _day_evidence(draft: Draft, limits: DayLimits, level: Micros) -> Evidence:
    """Of the levels that stand all day."""
    return _evidence(draft, level, draft.equity, limits.reference, limits.since_seq, limits.since_at)


def day_limits(
    terms: Terms, *, balance: Micros, equity: Micros, snapshot_equity: Micros, seq: int, at: int
) -> DayLimits:
    """The limits of a day that begins now. snapshot_equity: at the last end-of-day snapshot."""
    rule = terms.stage.daily_loss
    match rule.reference if rule is not None else "balance":
        case "equity":
            reference = equity
        case "max":
            reference = max(balance, equity)
        case "prior_day_equity":
            reference = snapshot_equity
        case _:
            reference = balance
    limit = terms.daily_limit if terms.daily_rate is None else portion(reference, terms.daily_rate)
    own = terms.options.personal_daily_loss
    if own is not None and limit is not None and own >= limit:
        own = None
    return DayLimits(
        reference=reference,
        limit=limit,
        floor=None if limit is None else Micros(reference - limit),
        personal=None if own is None else Micros(reference - own),
        cap=None if terms.cap_gain is None else Micros(reference + terms.cap_gain),
        high=reference,
        since_seq=seq,
        since_at=at,
        set_seq=seq,
        set_at=at,
    )


def follow_equity(draft: Draft) -> None:
    """Step 7 for floors that follow equity: the intraday trail and a daily floor on the day's high."""
    floor = draft.floor
    if draft.equity > floor.high and not floor.locked and draft.terms.stage.max_loss.mode == "trail_intraday":
        raise_high(draft, draft.equity, report=False)
    follow_day(draft)


def follow_day(draft: Draft) -> None:
    """The daily floor that follows the day's highest equity."""
    limits, daily = draft.limits, draft.terms.stage.daily_loss
    if limits is not None and daily is not None and daily.trail == "day_equity_high" and draft.equity > limits.high:
        raised = None if limits.limit is None else Micros(draft.equity - limits.limit)
        if raised is not None and limits.floor is not None and raised > limits.floor:
            draft.limits = limits.raised(raised, draft.equity, draft.seq, draft.at)
        else:
            draft.limits = limits.with_high(draft.equity)


def raise_high(draft: Draft, high: Micros, *, report: bool) -> None:
    """A new high-water mark, and the floor that it brings."""
    rule, floor, before = draft.terms.stage.max_loss, draft.floor, draft.levels
    after = risen(rule, before, high)
    if after is before:
        return
    if after.floor > floor.level:
        draft.floor = Floor(after.floor, high, locked(rule, after), draft.seq, draft.at, floor.reported)
    else:
        draft.floor = floor.with_high(high)
    if report:
        tell_floor(draft)


def tell_floor(draft: Draft) -> None:
    """Reports where the floor is, if that was not told yet."""
    floor = draft.floor
    if floor.level != floor.reported:
        draft.findings.append(
            FloorMoved(draft.seq, draft.at, "max_loss", floor.reported, floor.level, floor.high, floor.locked)
        )
        draft.floor = floor.told()


def warn(draft: Draft) -> None:
    """Step 10: tells once a day that most of a limit is used up."""
    levels = thresholds_of(draft)
    overall, daily = levels.max_warning, levels.daily_warning
    if overall is not None and draft.equity <= overall:
        floor = draft.floor
        evidence = _evidence(draft, floor.level, draft.equity, floor.high, floor.set_seq, floor.set_at)
        _warned(draft, "max_loss", evidence)
    if daily is not None and draft.equity <= daily and draft.limits is not None and draft.limits.floor is not None:
        _warned(draft, "daily_loss", _daily_evidence(draft, draft.limits, draft.limits.floor))


def _warned(draft: Draft, rule: Rule, evidence: Evidence) -> None:
    draft.findings.append(Warned(draft.seq, draft.at, rule, evidence))
    if draft.day is not None:
        draft.day = draft.day.warned_of(rule)
