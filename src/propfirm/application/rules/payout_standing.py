"""From an account's risk state to what the payout policy asks about it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from msgspec import Struct

from propfirm.domain.money import Micros
from propfirm.domain.payouts.standing import Standing, Trades
from propfirm.domain.rules.floors import Levels
from propfirm.domain.rules.inquiry import consistency_now, target_now
from propfirm.domain.rules.state import State, profit_of, qualifying_days
from propfirm.domain.rules.terms import Terms

FRIDAY = 4


class Record(Struct, frozen=True, kw_only=True):
    """What the risk state does not remember. now and all dates are of the calendar, in the zone of the schedule's
    cut-off: a trading-day label would be Monday's on Friday evening already.

    withdrawn: gross of this stage's approved payouts; lifetime: gross of all stages (account or person, as the terms
    say); approved_this_month: payouts in now's calendar month; put_back: payouts of this stage that the engine has
    heard of and that were rejected after all; last_payout_balance: what the last one left.
    """

    now: datetime
    opened_on: date
    first_trade_day: date | None = None
    last_decision_day: date | None = None
    withdrawn: Micros = Micros(0)
    lifetime: Micros = Micros(0)
    approved_this_month: int = 0
    put_back: int = 0
    last_payout_balance: Micros | None = None


def standing_of(terms: Terms, state: State, record: Record) -> Standing:
    """The account at the moment of asking. Pure. Schedule and age go by the calendar, counters by trading days."""
    core = state.core
    counters, activity = core.counters, core.activity
    profit = profit_of(terms, state)
    seen = consistency_now(terms, state)
    in_cycle = terms.stage.days.min_trading_scope == "cycle"
    return Standing(
        levels=Levels(terms.initial, terms.start, state.balance, state.floor, state.hwm, counters.payouts),
        equity=state.equity,
        today=record.now.date(),
        opened_on=record.opened_on,
        flat=not core.positions,
        profit=profit,
        withdrawn=record.withdrawn,
        stripped=counters.stripped,
        cycle_profit=Micros(profit - counters.cycle_profit_start),
        best=seen.best if seen is not None else Micros(0),
        window_profit=seen.total if seen is not None else profit,
        target=target_now(terms, state),
        qualifying_days=qualifying_days(terms, state),
        qualifying_cycle=counters.qualifying_cycle,
        qualifying_lifetime=counters.qualifying_lifetime,
        trading_days=counters.cycle_trading_days if in_cycle else counters.trading_days,
        trades=Trades(activity.trades, activity.trades_held, activity.trades_profit, activity.trades_held_profit),
        lifetime=record.lifetime,
        local_time=record.now.time(),
        first_trade_day=record.first_trade_day,
        last_decision_day=record.last_decision_day,
        approved_this_month=record.approved_this_month,
        business_days_old=_business_days(record.opened_on, record.now.date()),
        put_back=record.put_back,
        last_payout_balance=record.last_payout_balance,
        review=core.review,
    )


def _business_days(first: date, last: date) -> int:
    """Weekdays after ``first`` up to and including ``last``."""
    return sum((first + timedelta(days=n)).weekday() <= FRIDAY for n in range(1, (last - first).days + 1))
