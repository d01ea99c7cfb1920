"""The first day of the payout after this one: what a payout begins again takes trading days, and they have dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.calendar.sessions import Sessions, TradingDay
from propfirm.domain.catalogue.program import PayoutTerms
from propfirm.domain.money import ONE
from propfirm.domain.payouts.quote import Quote
from propfirm.domain.payouts.schedule import open_again
from propfirm.domain.payouts.standing import Standing
from propfirm.domain.rules.consistency import cap_in_force
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms


def following_day(
    terms: Terms, state: State, sessions: Sessions, standing: Standing, told: Quote, zone: ZoneInfo
) -> date | None:
    """The first day on which another payout may be asked for, if that of ``told`` is approved on the day it counts for
    and every trading day from now on is as good as it can be. None: none follows.

    zone: of the schedule's cut-off. A day that must have ended counts from the date of its roll, one on which trading
    is enough from the date that it bears.
    """
    payout, after = terms.stage.payout, told.after
    if payout is None or after is None or after.breached or after.follows != "continues":
        return None
    ready = max((told.counts_for, *_ready(terms, state, sessions, payout, zone)))
    if payout.schedule.kind == "after_n_qualifying":
        return ready
    return open_again(payout.schedule, standing, told.counts_for, ready)


def _ready(terms: Terms, state: State, sessions: Sessions, payout: PayoutTerms, zone: ZoneInfo) -> Iterator[date]:
    """When each counter that begins again can be full at the earliest."""
    days, rule, today = terms.stage.days, terms.stage.consistency, state.core.day
    if days.min_trading > 0 and days.min_trading_scope == "cycle":
        counted_already = today is not None and today.traded
        yield _nth(sessions, state, days.min_trading + counted_already).label
    qualifying = [payout.schedule.n or 0] if payout.schedule.kind == "after_n_qualifying" else []
    if days.qualifying is not None and days.qualifying.scope == "cycle":
        qualifying.append(days.qualifying.count)
    for count in qualifying:
        if count > 0:
            yield from_ns(_nth(sessions, state, count).until).astimezone(zone).date()
    if rule is None or (rule.window, rule.unit, rule.denominator, rule.effect) != ("cycle", "day", "total", "block"):
        return
    cap = cap_in_force(rule, state.core.counters.payouts + 1)
    if cap is not None and cap > 0:  # with n equal days the best one is a share of 1 / n; it cannot be less
        yield _nth(sessions, state, -(-ONE // cap) if rule.cmp == "lte" else ONE // cap + 1).label


def _nth(sessions: Sessions, state: State, number: int) -> TradingDay:
    """The trading day that runs is the first."""
    day = sessions.day_at(state.at)
    for _ in range(number - 1):
        day = sessions.next(day)
    return day
