"""Contradictions in payout terms: payouts that nobody can have, that always breach, or rules that do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from propfirm.domain.catalogue.contradiction import Contradiction, Where
from propfirm.domain.catalogue.program import PayoutTerms
from propfirm.domain.money import ONE, Micros, portion, show, show_rate

_NEEDS_N: Final = ("every_n_days", "n_per_month", "after_n_qualifying")
_DAYS_OF_MONTH: Final = 31
_FIRST_STEP: Final = {"flat": 1, "by_payout": 1, "by_lifetime_marginal": 0, "by_age": 0}
"""Where the first step of a split may begin at the latest."""


def payout_contradictions(where: Where) -> Iterator[Contradiction]:
    terms = where.stage.payout
    if terms is None:
        return
    yield from _split(where, terms)
    yield from _schedule(where, terms)
    yield from _caps(where, terms)
    yield from _cap_ladder(where, terms)
    yield from _buffer(where, terms)
    yield from _count(where, terms)
    yield from _floor(where, terms)
    yield from _deadlock(where, terms)
    yield from _room(where, terms)
    yield from _within_the_target(where, terms)


def _split(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    steps = terms.split.steps
    if not steps or steps[0].start > _FIRST_STEP[terms.split.kind]:
        reason = "the first step is missing: nothing says how the first payout is split"
        yield where.no("split.no-first-step", "payout.split.steps", reason)
    if terms.split.kind == "flat" and len(steps) > 1:
        yield where.no("split.flat", "payout.split.steps", "a flat split has one step")
    for number, (lower, higher) in enumerate(pairwise(steps), start=1):
        if higher.start <= lower.start:
            path = f"payout.split.steps[{number}].start"
            yield where.no("split.not-rising", path, "each step must begin after the one before it")
    if terms.split.scope == "person" and terms.split.kind != "by_lifetime_marginal":
        reason = f"a split of kind {terms.split.kind} adds up no lifetime amount, whoever it is of"
        yield where.no("split.scope", "payout.split.scope", reason)
    yield from _split_by_payout(where, terms)
    for number, step in enumerate(steps):
        path = f"payout.split.steps[{number}].rate"
        if step.rate <= 0:
            yield where.no("split.nothing", path, "the trader would receive nothing of such a payout")
        if step.rate > ONE:
            yield where.no("split.rate", path, "must be at most 100 %", rate=show_rate(step.rate))


def _split_by_payout(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    """Steps for payouts that never are."""
    if terms.split.kind != "by_payout":
        return
    starts = [step.start for step in terms.split.steps]
    if len(starts) > 1 and starts[1] <= 1:
        yield where.no("split.never", "payout.split.steps[0].start", "the next step holds from the first payout on")
    for number, start in enumerate(starts):
        if terms.max_count is not None and start > terms.max_count > 0:
            reason = "the account never has so many payouts"
            figures = {"start": str(start), "max_count": str(terms.max_count)}
            yield where.no("split.never", f"payout.split.steps[{number}].start", reason, **figures)


def _schedule(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    schedule = terms.schedule
    if schedule.kind in _NEEDS_N and (schedule.n is None or schedule.n <= 0):
        yield where.no("schedule.n", "payout.schedule.n", f"{schedule.kind} needs a number n of at least 1")
    if schedule.kind == "n_per_month" and schedule.n is not None and schedule.n > _DAYS_OF_MONTH:
        yield where.no("schedule.n", "payout.schedule.n", "no month has so many days", n=str(schedule.n))
    if schedule.kind not in _NEEDS_N and schedule.n is not None:
        yield where.no("schedule.n", "payout.schedule.n", f"{schedule.kind} counts nothing")
    if (schedule.kind == "weekday") != (schedule.weekday is not None):
        reason = "weekday is missing" if schedule.kind == "weekday" else f"{schedule.kind} is not bound to a weekday"
        yield where.no("schedule.weekday", "payout.schedule.weekday", reason)
    if schedule.kind == "after_n_qualifying" and where.stage.days.qualifying is None:
        yield where.no(
            "schedule.no-qualifying-days", "payout.schedule.kind", "days.qualifying does not say which count"
        )
    if schedule.cutoff_zone is not None and schedule.cutoff is None:
        yield where.no("schedule.cutoff", "payout.schedule.cutoff_zone", "there is no cut-off time")


def _caps(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    least = terms.min_amount
    for number, cap in enumerate(terms.amount_caps):
        if cap < least or cap <= 0:
            reason = "no amount is both above the minimum and below this cap, and no later payout comes before it"
            figures = {"min_amount": show(least), "cap": show(cap)}
            yield where.no("payout.cap-below-minimum", f"payout.amount_caps[{number}]", reason, **figures)
    if terms.trader_cap is not None:
        received = max((portion(least, step.rate) for step in terms.split.steps), default=Micros(0))
        if terms.trader_cap <= 0 or received > terms.trader_cap:
            reason = "the trader's share of the smallest payout is above the most that they may receive"
            figures = {"share": show(received), "trader_cap": show(terms.trader_cap)}
            yield where.no("payout.cap-below-minimum", "payout.trader_cap", reason, **figures)
    if terms.pct_cap is not None:
        if not 0 < terms.pct_cap.value <= ONE:
            reason = "must be above 0 % and at most 100 %"
            yield where.no("payout.pct-cap", "payout.pct_cap.value", reason, value=show_rate(terms.pct_cap.value))
        yield from _lifted(where, "payout.pct_cap.until_qualifying_days", terms.pct_cap.until_qualifying_days)


def _cap_ladder(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    steps = len(terms.amount_caps)
    if terms.max_count is not None and steps > 1 and steps != terms.max_count:
        reason = "the ladder has another number of steps than there are payouts; one step alone holds for all of them"
        figures = {"steps": str(steps), "max_count": str(terms.max_count)}
        yield where.no("payout.cap-ladder", "payout.amount_caps", reason, **figures)
    for name in ("caps_until_payout_no", "caps_until_qualifying_days"):
        if getattr(terms, name) is not None and not steps:
            yield where.no("payout.caps-until", f"payout.{name}", "there are no amount_caps that could end")
    if terms.caps_until_payout_no is not None and terms.caps_until_payout_no < steps:
        reason = "the caps end before the last step of their ladder"
        yield where.no("payout.caps-until", "payout.caps_until_payout_no", reason)
    last = terms.max_count
    if last is not None and terms.caps_until_payout_no is not None and terms.caps_until_payout_no >= last:
        reason = "no payout comes after it that could be without caps"
        yield where.no("payout.caps-until", "payout.caps_until_payout_no", reason, max_count=str(last))
    yield from _lifted(where, "payout.caps_until_qualifying_days", terms.caps_until_qualifying_days)


def _lifted(where: Where, path: str, after_days: int | None) -> Iterator[Contradiction]:
    """A cap that ends after so many qualifying days."""
    if after_days is None:
        return
    if where.stage.days.qualifying is None:
        yield where.no("payout.no-qualifying-days", path, "days.qualifying does not say which days count")
    if after_days <= 0:
        yield where.no("payout.caps-until", path, "the cap ends before the first payout")


def _buffer(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    buffer, inside = terms.buffer, terms.inside_buffer
    if buffer is not None:
        if buffer.amount <= 0:
            yield where.no("buffer.nothing", "payout.buffer.amount", "a buffer keeps something, or is left out")
        if buffer.until_payout_no is not None and buffer.until_payout_no <= 0:
            yield where.no("buffer.until", "payout.buffer.until_payout_no", "the buffer ends before the first payout")
        if buffer.keep_after and buffer.until_payout_no is None:
            yield where.no(
                "buffer.until", "payout.buffer.keep_after", "the buffer never ends, so nothing comes after it"
            )
        last = terms.max_count
        if buffer.until_payout_no is not None and last is not None and buffer.until_payout_no >= last:
            reason = "no payout comes after it that could be without the buffer"
            yield where.no("buffer.until", "payout.buffer.until_payout_no", reason, max_count=str(last))
    if inside.mode == "forbid":
        if inside != type(inside)():
            reason = "profit inside the buffer may not be withdrawn, so nothing more can be said of it"
            yield where.no("buffer.inside", "payout.inside_buffer", reason)
        return
    if buffer is None:
        yield where.no("buffer.inside", "payout.inside_buffer.mode", "there is no buffer to be inside of")
    if inside.split is None:
        yield where.no("buffer.inside", "payout.inside_buffer.split", "is missing: how is such a payout split?")
    if (inside.split_later is None) != (inside.split_later_after_days is None):
        reason = "split_later and split_later_after_days need each other"
        yield where.no("buffer.inside", "payout.inside_buffer.split_later", reason)
    for name in ("split", "split_later", "max_share"):
        rate = getattr(inside, name)
        path = f"payout.inside_buffer.{name}"
        if rate is not None and rate <= 0:
            yield where.no("split.nothing", path, "the trader would receive nothing of such a payout")
        if rate is not None and rate > ONE:
            yield where.no("split.rate", path, "must be at most 100 %", rate=show_rate(rate))


def _count(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    if len(set(terms.requires)) < len(terms.requires):
        yield where.no("payout.requires", "payout.requires", "must name each paper once")
    if terms.max_count is not None and terms.max_count <= 0:
        yield where.no("payout.none-at-all", "payout.max_count", "no payout would be allowed")
    if terms.after_max_count == "next_stage":
        if terms.max_count is None:
            yield where.no("payout.after-last", "payout.after_max_count", "there is no last payout")
        if where.stage.next_stage is None:
            yield where.no("payout.after-last", "payout.after_max_count", "no stage follows this one")
    if terms.dynamic_target:
        if terms.max_count is not None and len(terms.dynamic_target) > terms.max_count:
            reason = "there are more targets than payouts"
            yield where.no("payout.dynamic-target", "payout.dynamic_target", reason)
        if any(rate <= 0 for rate in terms.dynamic_target) or where.stage.zero_based:
            reason = "the target would be 0: a rate of nothing, or of the balance of a zero-based account"
            yield where.no("payout.dynamic-target", "payout.dynamic_target", reason)


def _floor(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    if terms.floor_effect == "set_to_zero" and not where.stage.zero_based:
        reason = "a floor of 0 is below every floor of an account that does not start at 0"
        yield where.no("payout.floor-at-zero", "payout.floor_effect", reason)
    if terms.floor_effect_value and terms.floor_effect != "set_to_start_plus":
        reason = f"floor_effect {terms.floor_effect!r} takes no value"
        yield where.no("payout.floor-value", "payout.floor_effect_value", reason)
    if terms.floor_effect_first_only and terms.floor_effect == "unchanged":
        yield where.no("payout.floor-value", "payout.floor_effect_first_only", "no payout does anything to the floor")
    loss = where.stage.max_loss
    if terms.hwm_effect == "reduce" and loss.mode in ("static", "trail_payout"):
        yield where.no("payout.hwm-effect", "payout.hwm_effect", f"a {loss.mode} floor follows no high-water mark")
    if terms.floor_effect == "reset_cycle":
        if terms.hwm_effect == "reduce" and not terms.floor_effect_first_only:
            reason = "each payout sets the high-water mark to the balance that is left, so it reduces nothing"
            yield where.no("payout.hwm-effect", "payout.hwm_effect", reason)
        if loss.lock_trigger == "first_payout":
            reason = "the first payout locks the floor for good, so none can measure the maximum loss anew"
            yield where.no("payout.reset-locked", "payout.floor_effect", reason)


def _deadlock(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    """Payouts that wait for a lock which only a payout can bring."""
    loss = where.stage.max_loss
    if not terms.floor_locked_required:
        return
    if loss.lock == "none" or loss.mode == "static":
        reason = "payouts wait until the floor is locked, and it never is"
    elif loss.lock_trigger == "first_payout" or loss.mode == "trail_payout":
        reason = "payouts wait until the floor is locked, and only a payout could lock it"
    else:
        return
    yield where.no("payout.never-locked", "payout.floor_locked_required", reason)


def _room(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    """Payouts that always breach: where the floor follows the profit without end, profit makes no room.

    Between the balance and such a floor lies the maximum loss at most. A payout takes its amount out of that room, and
    what is kept must stay.
    """
    loss = where.stage.max_loss
    follows = loss.mode in ("trail_eod", "trail_closed", "trail_intraday")
    endless = follows and (loss.lock == "none" or loss.lock_trigger == "first_payout")
    if not endless or loss.pct_base == "hwm" or terms.floor_effect == "reset_cycle":
        return
    room = where.drawdown
    left = room - max(terms.min_amount, 1) - terms.keep
    if left < 0 or (left == 0 and loss.cmp == "touch" and terms.keep == 0):
        figures = {"room": show(room), "min_amount": show(terms.min_amount), "keep": show(terms.keep)}
        reason = "every payout would breach: the floor follows the profit, and the smallest payout uses up all room"
        yield where.no("payout.always-breaches", "payout.min_amount", reason, **figures)


def _within_the_target(where: Where, terms: PayoutTerms) -> Iterator[Contradiction]:
    """A stage with a target ends when it is reached: payouts that need more profit never come."""
    if where.stage.target is None:
        return
    target = where.money(where.stage.target.size)
    floor_above = terms.floor_effect_value if terms.floor_effect == "set_to_start_plus" else Micros(0)
    raised = terms.floor_effect in ("set_to_start", "set_to_start_plus")
    cap = terms.pct_cap
    of_profit = cap is not None and cap.base == "profit" and cap.until_qualifying_days is None and cap.value > 0
    needs = {
        "payout.pct_cap": -(-terms.min_amount * ONE // cap.value) if cap is not None and of_profit else 0,
        "payout.buffer.amount": (terms.buffer.amount if terms.buffer is not None else Micros(0)) + terms.min_amount,
        "payout.min_cycle_profit": terms.min_cycle_profit,
        "payout.min_balance": (terms.min_balance or where.start) - where.start,
        "payout.floor_effect": floor_above + terms.min_amount + terms.keep if raised else 0,
    }
    for path, need in needs.items():
        if need > target or (path == "payout.floor_effect" and need == target):
            reason = "needs more profit than the target, at which the stage ends"
            figures = {"needed": show(Micros(need)), "target": show(target)}
            yield where.no("payout.out-of-reach", path, reason, **figures)
