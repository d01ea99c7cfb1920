"""The screen: between which equities, and until when, a mark of the one open position can change nothing.

It is the account's thresholds with the position's own: ``step`` answers a quiet mark with three comparisons. Whatever
is not strictly inside goes the whole way through the rules: the screen never decides.
"""

from __future__ import annotations

from propfirm.domain.rules.draft import Draft
from propfirm.domain.rules.state import FAR, UNQUOTED, Core, State
from propfirm.domain.rules.thresholds import thresholds_of

UNSCREENED = ("", 0, 0, 0, 0, 0)


def seal(draft: Draft) -> State:
    """The draft as the next state, with its screen."""
    levels, positions, balance = thresholds_of(draft), draft.positions, draft.balance
    symbol, mult, base, lo, hi, until = UNSCREENED
    bid = ask = 0
    if len(positions) == 1 and not draft.metered and draft.terms.platform.mark == "exit_side":
        held = positions[0]
        symbol, position = held.symbol, held.position
        if symbol == draft.quoted:
            quotes, bid, ask = draft.quotes, draft.bid, draft.ask
        else:
            quotes = draft.all_quotes()
            bid, ask = quotes.get(symbol, (UNQUOTED, UNQUOTED))
        mult = held.contract.tick_value * position.quantity
        base = balance - position.open_cost
        until = draft.day.until if draft.day is not None else 0
        if draft.verdict != "open":
            lo, hi = -FAR, FAR
        else:
            lo, hi, trade = levels.lo, levels.hi, held.trade
            excursion = levels.excursion
            if excursion is not None and lo < balance - excursion - 1 and "mae" not in trade.seen:
                lo = balance - excursion - 1
            if trade.stop_due != FAR:
                until = min(until, trade.stop_due)
    else:
        quotes = draft.all_quotes()
    return State(
        draft.seq,
        draft.at,
        draft.equity,
        bid,
        ask,
        Core(
            symbol,
            mult,
            base,
            lo,
            hi,
            until,
            balance,
            draft.fees,
            draft.metered,
            positions,
            quotes,
            draft.floor,
            draft.day,
            draft.limits,
            draft.activity,
            draft.tally,
            draft.around,
            levels,
            draft.verdict,
        ),
    )
