"""When payouts may be asked for (prop-rules 4.12): the day that a request counts for, and the days that are open.

All dates are of the calendar in the zone that the schedule's cut-off names, never trading-day labels.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from msgspec.structs import replace

from propfirm.domain.catalogue.program import PayoutTerms, Schedule, Weekday
from propfirm.domain.payouts.standing import Standing

_WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def request_day(schedule: Schedule, standing: Standing) -> date:
    """The day that a request made now counts for: after the cut-off it is tomorrow's."""
    late = schedule.cutoff is not None and standing.local_time > schedule.cutoff
    return standing.today + timedelta(days=1) if late else standing.today


def old_enough_on(terms: PayoutTerms, standing: Standing) -> date:
    """The first day on which the account has the age that the terms ask for."""
    return standing.opened_on + timedelta(days=terms.min_account_age_days)


def open_from(schedule: Schedule, standing: Standing, day: date) -> date | None:
    """The first day, ``day`` or later, that the calendar opens for this account.

    None where trading decides and not the calendar: too few qualifying days, or not one trade to count days from.
    """
    n = schedule.n
    match schedule.kind:
        case "on_demand":
            return day
        case "every_n_days":
            since = standing.last_decision_day or standing.first_trade_day
            return None if since is None else max(day, since + timedelta(days=n or 0))
        case "weekday":
            last = standing.last_decision_day
            return _next_weekday(schedule.weekday, day if last is None else max(day, last + timedelta(days=1)))
        case "n_per_month":
            return _month_after(day) if n is not None and _approved(standing, day) >= n else day
        case "after_n_qualifying":
            return day if standing.qualifying_cycle >= (n or 0) else None


def open_again(schedule: Schedule, standing: Standing, approved: date, earliest: date | None = None) -> date | None:
    """The first day that is open after a payout approved on that day; None where trading decides.

    earliest: the day from which everything but the calendar admits one.
    """
    count = _approved(standing, approved) + 1
    paid = replace(standing, today=approved, last_decision_day=approved, approved_this_month=count, qualifying_cycle=0)
    return open_from(schedule, paid, approved if earliest is None else max(approved, earliest))


def _next_weekday(weekday: Weekday | None, day: date) -> date:
    """That weekday on or after day; without a weekday, day itself."""
    if weekday is None:
        return day
    return day + timedelta(days=(_WEEKDAYS.index(weekday) - day.weekday()) % 7)


def _approved(standing: Standing, day: date) -> int:
    """Payouts approved so far in the calendar month of day, which is today or later."""
    this_month = (day.year, day.month) == (standing.today.year, standing.today.month)
    return standing.approved_this_month if this_month else 0


def _month_after(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
