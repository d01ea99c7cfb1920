"""The screen: between which equities, and until when, a mark of the one open position can change nothing.

Equity is linear in the price, and every rule that a mark can touch is a threshold on equity. So the nearest threshold
on each side is enough, and ``step`` answers a quiet mark with three comparisons. Whatever is not strictly inside goes
the whole way through the rules: the screen never decides.
"""

from __future__ import annotations

from propfirm.domain.rules.behaviour import excursion_limit
from propfirm.domain.rules.draft import Draft
from propfirm.domain.rules.losses import still_judged, warning_levels
from propfirm.domain.rules.state import FAR, UNQUOTED, Core, Held, State

UNSCREENED = ("", 0, 0, 0, 0, 0)


def seal(draft: Draft) -> State:
    """The draft as the next state, with its screen."""
    bid = ask = 0
    screen: tuple[str, int, int, int, int, int] = UNSCREENED
    if len(draft.positions) == 1 and not draft.metered and draft.terms.platform.mark == "exit_side":
        held = draft.positions[0]
        bid, ask = draft.quotes.get(held.symbol, (UNQUOTED, UNQUOTED))
        screen = _screen(draft, held)
    return State(
        draft.seq,
        draft.at,
        draft.equity,
        bid,
        ask,
        Core(
            *screen,
            draft.balance,
            draft.cash,
            draft.fees,
            draft.metered,
            draft.positions,
            draft.quotes,
            draft.floor,
            draft.day,
            draft.limits,
            draft.stage_window,
            draft.cycle_window,
            draft.counters,
            draft.progress,
            draft.snapshot,
            draft.tier,
            draft.next_tier,
            draft.windows,
            draft.working,
            draft.limit_moves,
            draft.recent,
            draft.strikes,
            draft.review,
            draft.verdict,
        ),
    )


def _screen(draft: Draft, held: Held) -> tuple[str, int, int, int, int, int]:
    position = held.position
    mult = held.contract.tick_value * position.quantity
    base = draft.balance - position.open_cost
    until = draft.day.until if draft.day is not None else 0
    if draft.verdict != "open":
        return held.symbol, mult, base, -FAR, FAR, until
    lo, hi = _bounds(draft)
    excursion = excursion_limit(draft, held)
    if excursion is not None:
        lo = max(lo, draft.balance - excursion - 1)
    return held.symbol, mult, base, lo, hi, min(until, held.trade.stop_due)


def _bounds(draft: Draft) -> tuple[int, int]:
    """Strictly between these equities no loss limit, floor, high, cap or warning is reached."""
    terms, stage, day, limits = draft.terms, draft.terms.stage, draft.day, draft.limits
    lo, hi = -FAR, FAR
    rule, floor = stage.max_loss, draft.floor
    if rule.measure == "equity" and still_judged(day, "max_loss", rule.outcome):
        lo = floor.level if terms.max_touch else floor.level - 1
    if rule.mode == "trail_intraday" and not floor.locked:
        hi = floor.high + 1
    daily = stage.daily_loss
    if limits is not None:
        if daily is not None and limits.floor is not None and still_judged(day, "daily_loss", daily.outcome):
            lo = max(lo, limits.floor if terms.daily_touch else limits.floor - 1)
        if limits.personal is not None and still_judged(day, "personal_loss", "lock_day"):
            lo = max(lo, limits.personal)
        if daily is not None and daily.trail == "day_equity_high":
            hi = min(hi, limits.high + 1)
        if (
            daily is not None
            and daily.upper_cap is not None
            and limits.cap is not None
            and still_judged(day, "daily_cap", daily.upper_cap.outcome)
        ):
            hi = min(hi, limits.cap)
    for level in warning_levels(draft):
        if level is not None:
            lo = max(lo, level)
    return lo, hi
