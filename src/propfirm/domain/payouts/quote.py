"""The answer to "may I take money out, how much, and what happens then?" for one account.

Pure: the same stage, standing and papers give the same quote. It promises nothing that the engine would not do:
what a payout leaves is computed by the engine's own ``rules.payout_effect``.

More profit never makes less available, with three exceptions: where the trader's part is capped and the buffer may be
entered, more profit means a better split, so that the capped part is a smaller gross amount; profit of today is
available before the end-of-day snapshot, but not all of it after the floor has followed it; and a floor that a payout
has lowered makes up for it with the next high, by more than that high is worth.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.catalogue.program import PayoutTerms, Stage
from propfirm.domain.money import Cents, Micros
from propfirm.domain.payouts.amount import Obstacle, Shares, available, obstacle, outcome, shares
from propfirm.domain.payouts.conditions import Condition, minimum, missing, next_target
from propfirm.domain.payouts.schedule import old_enough_on, open_again, open_from, request_day
from propfirm.domain.payouts.standing import Papers, Standing
from propfirm.domain.rules.floors import Levels

Counter: TypeAlias = Literal["cycle_profit", "trading_days", "qualifying_days", "consistency", "schedule"]
"""What counts since the last payout and therefore begins again when this one is approved, in this order."""

Follows: TypeAlias = Literal["continues", "closes", "next_stage"]


class After(Struct, frozen=True):
    """The account once this payout is approved.

    room: of the judged figure (equity or balance) above the floor. restarts: at approval, not at the request.
    next_day: the calendar's first open day after an approval on the day the request counts for; None where trading
    decides, or none follows. next_target: balance that the next payout asks for, if the terms set one.
    """

    levels: Levels
    room: Micros
    breached: bool
    restarts: tuple[Counter, ...]
    follows: Follows
    next_day: date | None
    next_target: Micros | None


class Quote(Struct, frozen=True):
    """eligible: nothing is failing, the amount asked for included.

    available: the largest gross amount whatever else fails; limited_by: what stops a cent more (None: no payouts).
    counts_for: the day that a request made now counts for. opens: the first day that calendar and age admit; None
    where trading decides. amount: what was asked for, else what is available; shares and after are of this amount,
    None where it is not positive.
    """

    eligible: bool
    failing: tuple[Condition, ...]
    available: Cents
    least: Cents
    limited_by: Obstacle | None
    counts_for: date
    opens: date | None
    amount: Cents
    shares: Shares | None
    after: After | None


def quote(stage: Stage, standing: Standing, papers: Papers, asked: Cents | None = None) -> Quote:
    """What ``standing`` allows under the stage's payout terms; with ``asked``, also whether that amount may be paid."""
    failing = missing(stage, standing, papers, asked)
    terms = stage.payout
    if terms is None:
        nothing = Cents(0)
        return Quote(
            eligible=False,
            failing=failing,
            available=nothing,
            least=nothing,
            limited_by=None,
            counts_for=standing.today,
            opens=None,
            amount=nothing if asked is None else asked,
            shares=None,
            after=None,
        )
    most = available(stage, terms, standing)
    amount = most if asked is None else asked
    day = request_day(terms.schedule, standing)
    divided = shares(terms, standing, amount) if amount > 0 else None
    return Quote(
        eligible=not failing,
        failing=failing,
        available=most,
        least=minimum(terms),
        limited_by=obstacle(stage, terms, standing, Cents(most + 1)),
        counts_for=day,
        opens=open_from(terms.schedule, standing, max(day, old_enough_on(terms, standing))),
        amount=amount,
        shares=divided,
        after=None if divided is None else _after(stage, terms, standing, divided, day),
    )


def _after(stage: Stage, terms: PayoutTerms, standing: Standing, divided: Shares, day: date) -> After:
    left = outcome(stage, terms, standing, divided)
    follows: Follows = "continues"
    if terms.max_count is not None and standing.made + 1 >= terms.max_count:
        follows = "next_stage" if terms.after_max_count == "next_stage" else "closes"
    if terms.inside_buffer.close and divided.inside_buffer:
        follows = "closes"
    ends = follows != "continues"
    return After(
        levels=left.levels,
        room=left.room,
        breached=left.breached,
        restarts=_restarts(stage, terms),
        follows=follows,
        next_day=None if ends else open_again(terms.schedule, standing, day),
        next_target=None if ends else next_target(terms, standing.number + 1, left.levels.balance),
    )


def _restarts(stage: Stage, terms: PayoutTerms) -> tuple[Counter, ...]:
    days, kind = stage.days, terms.schedule.kind
    in_cycle = days.qualifying is not None and days.qualifying.scope == "cycle"
    restarts: dict[Counter, bool] = {
        "cycle_profit": terms.min_cycle_profit > 0,
        "trading_days": days.min_trading > 0 and days.min_trading_scope == "cycle",
        "qualifying_days": in_cycle or kind == "after_n_qualifying",
        "consistency": stage.consistency is not None and stage.consistency.window == "cycle",
        "schedule": kind == "every_n_days",
    }
    return tuple(counter for counter, begins_again in restarts.items() if begins_again)
