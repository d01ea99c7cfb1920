"""Finds what is contradictory in a program: rules that undo each other, that nobody can meet, or that do nothing.

A program without contradictions may still be a bad deal; that is for people to judge. Nothing here knows a firm. The
order is that of the document; each contradiction has a stable code. Payout terms have a module of their own,
``payout_linter``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from itertools import pairwise
from typing import Final

from propfirm.domain.catalogue.contradiction import Contradiction, Where
from propfirm.domain.catalogue.known import Known
from propfirm.domain.catalogue.payout_linter import payout_contradictions
from propfirm.domain.catalogue.phrases import RELEASES
from propfirm.domain.catalogue.program import SIZE_CLASSES, Behaviour, Consistency, Outcome, Program, Stage, Transfer
from propfirm.domain.money import ONE, Micros, Ppm, portion, show, show_rate

RULES: Final[Mapping[str, Callable[[Stage], bool]]] = {
    "max_loss": lambda stage: stage.max_loss is not None,
    "daily_loss": lambda stage: stage.daily_loss is not None,
    "personal_loss": lambda stage: stage.daily_loss is not None and stage.daily_loss.personal,
    "daily_cap": lambda stage: stage.daily_loss is not None and stage.daily_loss.upper_cap is not None,
    "position": lambda stage: stage.position is not None,
    "sub_cap": lambda stage: stage.position is not None and bool(stage.position.sub_caps),
    "scaling": lambda stage: stage.scaling is not None,
    "overnight": lambda stage: not stage.times.overnight,
    "weekend": lambda stage: not stage.times.weekend,
    "holidays": lambda stage: not stage.times.holidays,
    "closed_time": lambda stage: not (stage.times.overnight and stage.times.weekend and stage.times.holidays),
    "blackout": lambda stage: bool(stage.times.blackout),
    "limit_up_down": lambda stage: stage.times.limit_up_down == "forfeit_profit",
    "news": lambda stage: stage.news is not None,
    "stop_required": lambda stage: stage.behaviour is not None and stage.behaviour.stop_required,
    "risk_per_position": lambda stage: (
        stage.behaviour is not None and stage.behaviour.max_risk_per_position is not None
    ),
    "mae": lambda stage: stage.behaviour is not None and stage.behaviour.mae is not None,
    "stop_target_ratio": lambda stage: stage.behaviour is not None and stage.behaviour.stop_target_ratio is not None,
    "hedging": lambda stage: stage.behaviour is not None and stage.behaviour.hedging == "forbidden",
    "hft": lambda stage: stage.behaviour is not None and stage.behaviour.hft is not None,
    "locked_day": lambda stage: stage.daily_loss is not None,
    "inactivity": lambda stage: stage.inactivity is not None,
    "time_limit": lambda stage: stage.time_limit_days is not None,
}
"""The rules that strikes may count, and whether a stage has each of them."""

_ABOUT_THE_ACCOUNT: Final = (
    "max_loss",
    "daily_loss",
    "personal_loss",
    "daily_cap",
    "inactivity",
    "time_limit",
)
"""Rules that judge a whole account."""

_ABOUT_A_TRADE: Final[frozenset[Outcome]] = frozenset(("reject_order", "close_offending", "strip_profit"))
"""Outcomes that need one order or one position: the loss of a whole account has neither."""

_LONGEST_WEEKEND_DAYS: Final = 4
"""From a Friday's trade to a Tuesday's roll, over a Monday holiday."""

_DAY_S: Final = 86_400
_HALF_A_DAY_S: Final = _DAY_S // 2

_STEPS: Final = ("evaluation", "verification", "sim_funded", "live")
"""Kinds of stages in the order in which a trader meets them."""


DAYS_MAX: Final = 1_000
"""Trading days that a stage may ask for: four years of them."""


def lint(program: Program, known: Known | None = None) -> tuple[Contradiction, ...]:
    """Everything contradictory in the program; empty if it can be published.

    known: what the names in it may refer to; None = not asked.
    """
    return tuple(_all(program, known))


def _all(program: Program, known: Known | None) -> Iterator[Contradiction]:
    yield from _program(program)
    yield from _clock(program)
    yield from _limits(program)
    yield from _order_of_stages(program)
    for number, stage in enumerate(program.stages):
        where = Where(program, stage, f"stages[{number}]")
        yield from _kind(where)
        yield from _sale(where)
        yield from _max_loss_size(where)
        yield from _max_loss_lock(where)
        yield from _daily_loss(where)
        yield from _upper_cap(where)
        yield from _target(where)
        yield from _days(where)
        yield from _within_the_time(where)
        yield from _consistency(where)
        yield from _windows(where)
        yield from _position(where)
        yield from _size_keys(where, known)
        yield from _scaling(where)
        yield from _times(where)
        yield from _news(where)
        yield from _news_names(where, known)
        yield from _behaviour(where)
        yield from _excursion(where)
        yield from _inactivity(where)
        yield from payout_contradictions(where)
        yield from _after(where, known)
        yield from _strikes(where)
        yield from _warning(where)


# ------------------------------------------------------------ the whole program


def _program(program: Program) -> Iterator[Contradiction]:
    if program.starting_balance <= 0:
        yield Contradiction("program.size", "starting_balance", "an account of nothing cannot be traded")


def _clock(program: Program) -> Iterator[Contradiction]:
    clock = program.clock
    into_day = {
        name: (_seconds(value) - _seconds(clock.day_roll)) % _DAY_S or _DAY_S
        for name, value in (("eod_snapshot", clock.eod_snapshot), ("flat_by", clock.flat_by))
        if value is not None
    }
    figures = (("day_roll", str(clock.day_roll)), ("eod_snapshot", str(clock.eod_snapshot)))
    if into_day["eod_snapshot"] < _HALF_A_DAY_S:
        reason = "the end-of-day snapshot would be taken when the day has hardly begun: after the roll, not before it"
        yield Contradiction("clock.snapshot", "clock.eod_snapshot", reason, figures)
    if into_day.get("flat_by", _DAY_S) < _HALF_A_DAY_S:
        reason = "positions would have to be closed when the day has hardly begun: after the roll, not before it"
        yield Contradiction("clock.flat-by", "clock.flat_by", reason, (*figures, ("flat_by", str(clock.flat_by))))
    if clock.halt_margin_s >= _HALF_A_DAY_S:
        reason = "positions would have to be closed half a day before an early halt"
        yield Contradiction("clock.halt-margin", "clock.halt_margin_s", reason)
    if clock.flat_grace_s and clock.flat_by is None:
        reason = "there is no flat_by after which it could be granted"
        yield Contradiction("clock.grace", "clock.flat_grace_s", reason)
    elif into_day.get("flat_by", 0) + clock.flat_grace_s > _DAY_S:
        reason = "the grace would last into the next trading day"
        yield Contradiction("clock.grace", "clock.flat_grace_s", reason, (*figures, ("flat_by", str(clock.flat_by))))


def _seconds(value: time) -> int:
    return value.hour * 3600 + value.minute * 60 + value.second


def _limits(program: Program) -> Iterator[Contradiction]:
    limits = program.limits
    if limits.accounts is not None and limits.accounts <= 0:
        yield Contradiction("limits.accounts", "limits.accounts", "nobody could hold an account")
    for name in ("allocation_evaluation", "allocation_funded"):
        most = getattr(limits, name)
        if most is not None and most < program.starting_balance:
            figures = (("allocation", show(most)), ("starting_balance", show(program.starting_balance)))
            reason = "not even one account of this size would fit"
            yield Contradiction("limits.allocation", f"limits.{name}", reason, figures)
    if limits.household and limits.accounts is None:
        reason = "a household shares a number of accounts, but no number is given"
        yield Contradiction("limits.household", "limits.household", reason)
    capped = any(stage.max_accounts is not None for stage in program.stages)
    unlimited = (limits.accounts, limits.allocation_evaluation, limits.allocation_funded) == (None, None, None)
    if limits.queue_when_full and unlimited and not capped:
        yield Contradiction("limits.queue", "limits.queue_when_full", "nothing is limited, so nobody would ever wait")


def _order_of_stages(program: Program) -> Iterator[Contradiction]:
    names = [stage.name for stage in program.stages]
    if not names:
        yield Contradiction("stages.none", "stages", "a program needs at least one stage")
    for name, times in Counter(names).items():
        if times > 1:
            yield Contradiction("stages.repeated", "stages", f"{times} stages are called {name!r}")
    following = {stage.name: stage.next_stage for stage in program.stages}
    kinds = {stage.name: stage.kind for stage in program.stages}
    for number, stage in enumerate(program.stages):
        path = f"stages[{number}].next_stage"
        if stage.next_stage is not None and stage.next_stage not in following:
            yield Contradiction("stages.unknown-next", path, f"there is no stage {stage.next_stage!r}")
        kind_after = kinds.get(stage.next_stage or "", stage.kind)
        if _STEPS.index(kind_after) < _STEPS.index(stage.kind):
            reason = f"a {stage.kind} stage leads back to one of kind {kind_after}"
            yield Contradiction("stages.backward", path, reason)
        if _leads_back(stage.name, following):
            yield Contradiction("stages.loop", path, f"passing on from {stage.name!r} leads back to it")
        if number and stage.name not in following.values():
            reason = f"no stage leads to {stage.name!r}"
            yield Contradiction("stages.unreachable", f"stages[{number}].name", reason)


def _leads_back(name: str, following: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    here = following[name]
    while here is not None and here not in seen:
        if here == name:
            return True
        seen.add(here)
        here = following.get(here)
    return False


# ------------------------------------------------------------ what a stage is and costs


def _kind(where: Where) -> Iterator[Contradiction]:
    stage = where.stage
    if stage.zero_based and stage.starting_balance is not None:
        yield where.no("stage.zero-based", "starting_balance", "a zero-based account starts at 0, not at a balance")
    if stage.starting_balance is not None and stage.starting_balance <= 0:
        yield where.no("stage.starting-balance", "starting_balance", "a stage cannot start with nothing to lose")
    if not where.pays and stage.target is None:
        yield where.no(
            "stage.no-target", "target", f"this {stage.kind} has no profit target, so it can never be passed"
        )
    if stage.target is not None and stage.next_stage is None:
        yield where.no("stage.leads-nowhere", "next_stage", "the target can be met, but no stage follows the pass")
    if where.pays and stage.payout is None:
        yield where.no("stage.no-payout", "payout", f"a {stage.kind} stage without payout terms pays nobody")
    if not where.pays and stage.payout is not None:
        yield where.no("stage.never-pays", "payout", f"this {stage.kind} pays nothing, so payout terms do nothing here")


def _sale(where: Where) -> Iterator[Contradiction]:
    stage = where.stage
    for name in ("time_limit_days", "activation_days", "max_accounts"):
        value = getattr(stage, name)
        if value is not None and value <= 0:
            yield where.no("stage.none-at-all", name, "must be at least 1, or be left out", value=str(value))
    most = where.program.limits.accounts
    if most is not None and stage.max_accounts is not None and stage.max_accounts > most:
        reason = "nobody may hold so many accounts of the program"
        figures = {"max_accounts": str(stage.max_accounts), "accounts": str(most)}
        yield where.no("stage.max-accounts", "max_accounts", reason, **figures)
    if stage.time_limit_days is not None and stage.target is None:
        yield where.no("stage.time-limit", "time_limit_days", "there is no target to reach in that time")
    if stage.reset is not None and stage.reset.max is not None and stage.reset.max <= 0:
        yield where.no("stage.none-at-all", "reset.max", "resets are on sale, but none is allowed")
    if stage.on_rebill is not None and stage.billing != "monthly":
        yield where.no("stage.rebill", "on_rebill", "the stage is paid once and never bills again")
    if (stage.activation_fee or stage.activation_days is not None) and stage.next_stage is None:
        yield where.no("stage.activation", "activation_fee", "no stage follows that could be activated")


# ------------------------------------------------------------ losses


def _max_loss_size(where: Where) -> Iterator[Contradiction]:
    loss = where.stage.max_loss
    amount, start = where.drawdown, where.initial if where.stage.zero_based else where.start
    path = where.size_key("max_loss", loss.size)
    if amount <= 0:
        yield where.no("max-loss.nothing", path, "the account would be lost before its first trade")
    elif amount >= start:
        reason = "the floor would be at or below zero: the whole account could be lost first"
        yield where.no("max-loss.whole-account", path, reason, max_loss=show(amount), size=show(start))
    if loss.pct_base == "hwm":
        if loss.size.pct is None:
            yield where.no("max-loss.base", "max_loss.pct_base", "an amount of money has no base; give pct")
        if loss.mode in ("static", "trail_payout"):
            yield where.no("max-loss.base", "max_loss.pct_base", f"a {loss.mode} floor never follows a high-water mark")
        if where.stage.zero_based:
            reason = "the high-water mark of a zero-based account starts at 0, and a rate of 0 leaves no room at all"
            yield where.no("max-loss.base", "max_loss.pct_base", reason)
    if loss.mode == "trail_payout" and not where.pays:
        yield where.no("max-loss.mode", "max_loss.mode", "this floor moves with payouts, and the stage has none")
    yield from _outcome(where, "max_loss.outcome", loss.outcome)


def _max_loss_lock(where: Where) -> Iterator[Contradiction]:
    loss = where.stage.max_loss
    if loss.mode == "static" and loss.lock != "none":
        yield where.no("max-loss.lock-static", "max_loss.lock", "a static floor never moves, so nothing can stop it")
    if loss.lock_value and loss.lock not in ("start_plus", "at"):
        yield where.no("max-loss.lock-value", "max_loss.lock_value", f"lock {loss.lock!r} takes no value")
    level = loss.lock_value if loss.lock == "at" else Micros(where.start + loss.lock_value)
    if loss.lock in ("start_plus", "at") and level < where.start:
        reason = "the floor would stop below the starting balance and never secure it"
        yield where.no(
            "max-loss.lock-below-start", "max_loss.lock_value", reason, lock=show(level), start=show(where.start)
        )
    if loss.lock_trigger == "first_payout" and (loss.lock == "none" or not where.pays):
        missing = "there is no lock" if loss.lock == "none" else "the stage has no payouts"
        yield where.no("max-loss.lock-trigger", "max_loss.lock_trigger", f"the first payout locks nothing: {missing}")


def _daily_loss(where: Where) -> Iterator[Contradiction]:
    daily = where.stage.daily_loss
    if daily is None:
        return
    limit, path = where.money(daily.size), where.size_key("daily_loss", daily.size)
    if limit <= 0:
        yield where.no("daily-loss.nothing", path, "every day would end before its first trade")
    if limit > where.drawdown:
        reason = "the daily limit is above the maximum loss, which always ends the account first"
        figures = {"daily_loss": show(limit), "max_loss": show(where.drawdown)}
        yield where.no("daily-loss.above-max-loss", path, reason, **figures)
    if daily.pct_base == "reference":
        if daily.size.pct is None:
            yield where.no("daily-loss.base", "daily_loss.pct_base", "an amount of money has no base; give pct")
        if where.stage.zero_based:
            reason = "the reference of a zero-based account starts at 0, and a rate of 0 leaves no room at all"
            yield where.no("daily-loss.base", "daily_loss.pct_base", reason)
    yield from _outcome(where, "daily_loss.outcome", daily.outcome)


def _upper_cap(where: Where) -> Iterator[Contradiction]:
    daily = where.stage.daily_loss
    if daily is None or daily.upper_cap is None:
        return
    if daily.upper_cap.pct <= 0:
        yield where.no("daily-cap.nothing", "daily_loss.upper_cap.pct", "every day would end before its first trade")
    yield from _outcome(where, "daily_loss.upper_cap.outcome", daily.upper_cap.outcome)
    qualifying = where.stage.days.qualifying
    if qualifying is not None and daily.upper_cap.outcome in ("lock_day", "fail"):
        least, most = where.money(qualifying.min_profit), portion(where.initial, daily.upper_cap.pct)
        if least > most:
            reason = "the day ends at the upper cap, before its profit could qualify"
            path = where.size_key("days.qualifying", qualifying.min_profit, "min_profit")
            yield where.no("days.above-cap", path, reason, min_profit=show(least), cap=show(most))


def _outcome(where: Where, path: str, outcome: Outcome) -> Iterator[Contradiction]:
    """Of a rule that looks at the whole account."""
    if outcome in _ABOUT_A_TRADE:
        reason = f"{outcome} needs one order or position to act on, and this rule judges the whole account"
        yield where.no("outcome.no-trade", path, reason)


# ------------------------------------------------------------ passing


def _target(where: Where) -> Iterator[Contradiction]:
    target = where.stage.target
    if target is None:
        return
    if where.money(target.size) <= 0:
        yield where.no("target.nothing", where.size_key("target", target.size), "the stage is passed before it begins")


def _days(where: Where) -> Iterator[Contradiction]:
    days, qualifying = where.stage.days, where.stage.days.qualifying
    counts = [("days.min_trading", days.min_trading)]
    if qualifying is not None:
        counts.append(("days.qualifying.count", qualifying.count))
    for path, count in counts:
        if count > DAYS_MAX:
            reason = f"{count} days are more than anybody trades in one stage: at most {DAYS_MAX}"
            yield where.no("days.beyond-sense", path, reason, asked=str(count), most=str(DAYS_MAX))
    if qualifying is None:
        return
    if qualifying.count <= 0:
        yield where.no("days.nothing", "days.qualifying.count", "must be at least 1, or the block be left out")
    if where.money(qualifying.min_profit) <= 0:
        path = where.size_key("days.qualifying", qualifying.min_profit, "min_profit")
        yield where.no("days.nothing", path, "a day without a trade would qualify")


def _within_the_time(where: Where) -> Iterator[Contradiction]:
    """Every condition of the pass that needs more trading days than the time limit holds."""
    stage, limit = where.stage, where.stage.time_limit_days
    if limit is None or limit <= 0 or stage.target is None:
        return
    most = where.trading_days(limit)
    target = where.money(stage.target.size)
    needs = [("days.min_trading", stage.days.min_trading, "trading days are required")]
    if stage.days.qualifying is not None:
        needs.append(("days.qualifying.count", stage.days.qualifying.count, "qualifying days are required"))
    if stage.consistency is not None and stage.consistency.unit == "day":
        needs.append(
            (
                "consistency.cap",
                _fewest_days(stage.consistency),
                "days are the fewest that keep the best one within its share",
            )
        )
    upper = stage.daily_loss.upper_cap if stage.daily_loss is not None else None
    if upper is not None and upper.outcome in ("lock_day", "fail") and portion(where.initial, upper.pct) > 0:
        needed = -(-target // portion(where.initial, upper.pct))
        needs.append(("daily_loss.upper_cap.pct", needed, "days at the upper cap are needed for the target"))
    for path, days, what in needs:
        if days > most:
            reason = f"{days} {what}, but the time limit of {limit} calendar days holds at most {most} trading days"
            yield where.no("target.out-of-time", path, reason, needed=str(days), possible=str(most))


def _fewest_days(consistency: Consistency) -> int:
    """With n equal days the best one is a share of 1 / n; it cannot be less."""
    cap = consistency.caps_by_payout[0] if consistency.caps_by_payout else consistency.cap
    if cap is None or cap <= 0:
        return 0
    return -(-ONE // cap) if consistency.cmp == "lte" else ONE // cap + 1


def _consistency(where: Where) -> Iterator[Contradiction]:
    rule = where.stage.consistency
    if rule is None:
        return
    caps = rule.caps_by_payout or (() if rule.cap is None else (rule.cap,))
    if not caps:
        yield where.no("consistency.no-cap", "consistency.cap", "the share that the best day may have is missing")
    if rule.cap is not None and rule.caps_by_payout:
        reason = "there is one cap for all payouts and one for each of them; give one of the two"
        yield where.no("consistency.two-caps", "consistency.caps_by_payout", reason)
    if any(not 0 < cap <= ONE for cap in caps):
        path = "consistency.caps_by_payout" if rule.caps_by_payout else "consistency.cap"
        reason = "a share of the profit is above 0 % and at most 100 %"
        yield where.no("consistency.cap", path, reason, caps=", ".join(map(show_rate, caps)))
    for name, given in (("caps_by_payout", bool(rule.caps_by_payout)), ("until_payout_no", rule.until_payout_no)):
        if given and not where.pays:
            yield where.no("consistency.no-payouts", f"consistency.{name}", "the stage has no payouts to count")
    if rule.until_payout_no is not None and rule.until_payout_no < max(1, len(rule.caps_by_payout)):
        reason = "the rule ends before the caps that it lists"
        yield where.no("consistency.until", "consistency.until_payout_no", reason)
    last = where.last_payout
    if last is not None and rule.until_payout_no is not None and rule.until_payout_no >= last:
        reason = "no payout comes after it that could be free of the rule"
        yield where.no("consistency.until", "consistency.until_payout_no", reason, max_count=str(last))
    if last is not None and len(rule.caps_by_payout) > last:
        reason = "there are more caps than payouts"
        yield where.no("consistency.never", "consistency.caps_by_payout", reason, max_count=str(last))
    yield from _consistency_and_target(where, rule, caps)


def _consistency_and_target(where: Where, rule: Consistency, caps: tuple[Ppm, ...]) -> Iterator[Contradiction]:
    target, qualifying = where.stage.target, where.stage.days.qualifying
    if target is None:
        if rule.denominator == "target":
            yield where.no(
                "consistency.no-target", "consistency.denominator", "the stage has no target to compare with"
            )
        if rule.effect != "block":
            yield where.no("consistency.no-target", "consistency.effect", "the stage has no target to extend")
    elif rule.denominator == "target" and rule.effect == "block" and qualifying is not None and caps:
        least, most = where.money(qualifying.min_profit), portion(where.money(target.size), min(caps))
        if least > most:
            reason = "every day that qualifies is already more than its share of the target"
            figures = {"min_profit": show(least), "share": show(most)}
            yield where.no("consistency.qualifying-breaks", "consistency.cap", reason, **figures)


def _windows(where: Where) -> Iterator[Contradiction]:
    """What counts since the last payout, in a stage that pays nothing."""
    days, consistency = where.stage.days, where.stage.consistency
    windows: dict[str, str] = {"days.min_trading_scope": days.min_trading_scope}
    if days.qualifying is not None:
        windows["days.qualifying.scope"] = days.qualifying.scope
    if consistency is not None:
        windows["consistency.window"] = consistency.window
    for path, window in windows.items():
        if window == "cycle" and not where.pays:
            yield where.no("window.no-payouts", path, "it counts since the last payout, and the stage has none")


# ------------------------------------------------------------ sizes


def _position(where: Where) -> Iterator[Contradiction]:
    position = where.stage.position
    if position is None:
        return
    lightest = where.lightest
    if position.max < lightest:
        reason = "not even one of the lightest contracts may be held"
        yield where.no("position.too-small", "position.max", reason, max=units(position.max), lightest=units(lightest))


def _size_keys(where: Where, known: Known | None) -> Iterator[Contradiction]:
    position = where.stage.position
    if position is None:
        return
    for name, keys in (("weights", position.weights), ("sub_caps", position.sub_caps)):
        for key, value in keys.items():
            path = f"position.{name}.{key}"
            if value <= 0:
                yield where.no("position.nothing", path, "must be above 0")
            if key not in SIZE_CLASSES and known is not None and key not in known.contracts:
                reason = f"{key!r} is neither a size class ({', '.join(SIZE_CLASSES)}) nor a known contract"
                yield where.no("position.key", path, reason)
    if known is None or position.netting != "gross":
        return
    for key, cap in position.sub_caps.items():
        contract = known.contracts.get(key)
        if contract is not None and cap * position.weight(key, contract.size_class, contract.weight) > position.max:
            reason = "so many contracts are above the position limit, which is always hit first"
            yield where.no("position.sub-cap", f"position.sub_caps.{key}", reason, max=units(position.max))


def _scaling(where: Where) -> Iterator[Contradiction]:
    scaling, position = where.stage.scaling, where.stage.position
    if scaling is None:
        return
    tiers = scaling.tiers
    origin = where.start if scaling.metric == "balance" else Micros(0)
    if not tiers or tiers[0].start > origin:
        reason = "the first tier is missing: nothing says how much may be held at the start"
        yield where.no("scaling.no-first-tier", "scaling.tiers", reason, start=show(origin))
    for number, (lower, higher) in enumerate(pairwise(tiers), start=1):
        path = f"scaling.tiers[{number}]"
        if higher.start <= lower.start:
            yield where.no("scaling.not-rising", f"{path}.start", "each tier must begin above the one before it")
        if higher.max < lower.max:
            yield where.no("scaling.not-rising", f"{path}.max", "more profit would allow less than before")
    lightest = where.lightest
    for number, tier in enumerate(tiers):
        path = f"scaling.tiers[{number}].max"
        if tier.max < lightest:
            yield where.no("scaling.too-small", path, "not even one of the lightest contracts may be held")
        if position is not None and tier.max > position.max:
            figures = {"tier": units(tier.max), "max": units(position.max)}
            yield where.no("scaling.above-max", path, "the tier is above the position limit", **figures)


# ------------------------------------------------------------ times and news


def _times(where: Where) -> Iterator[Contradiction]:
    times = where.stage.times
    if where.program.clock.flat_by is None:
        for name in ("overnight", "weekend", "holidays"):
            if not getattr(times, name):
                reason = "positions may not be held, but clock.flat_by does not say when they must be closed"
                yield where.no("times.no-flat-by", f"times.{name}", reason)
    for name in ("weekend", "holidays"):
        if getattr(times, name) and not times.overnight:
            reason = "no position may be held overnight, so none is left to hold over more than a night"
            yield where.no("times.no-overnight", f"times.{name}", reason)
    for number, blackout in enumerate(times.blackout):
        path = f"times.blackout[{number}]"
        if blackout.start >= blackout.end:
            reason = "must end after it begins; write two blackouts for one over midnight"
            figures = {"start": str(blackout.start), "end": str(blackout.end)}
            yield where.no("times.blackout", f"{path}.end", reason, **figures)
        if not blackout.days or len(set(blackout.days)) < len(blackout.days):
            yield where.no("times.blackout", f"{path}.days", "must name at least one day, and each day once")


def _news(where: Where) -> Iterator[Contradiction]:
    news = where.stage.news
    if news is None:
        return
    if not news.events:
        yield where.no("news.no-events", "news.events", "the rule names no releases, so it never applies")
    for event, products in news.events.items():
        if event not in RELEASES:
            reason = f"{event!r} is no category of releases; known: {', '.join(RELEASES)}"
            yield where.no("news.unknown-event", f"news.events.{event}", reason)
        if not products:
            reason = 'touches no product; write ["*"] for all of them'
            yield where.no("news.no-products", f"news.events.{event}", reason)
        if len(set(products)) < len(products) or ("*" in products and len(products) > 1):
            reason = "names each product once; * stands for all of them, alone"
            yield where.no("news.repeated-product", f"news.events.{event}", reason)
    if news.before_s + news.after_s <= 0:
        yield where.no("news.no-window", "news.after_s", "the window has no length: before_s and after_s are both 0")
    if news.exempt_if_held_s is not None and news.exempt_if_held_s <= 0:
        yield where.no("news.all-exempt", "news.exempt_if_held_s", "every position would be exempt from the rule")
    if news.mode == "strip_profit" and news.outcome != "strip_profit":
        reason = f"the mode strips the profit, the outcome says {news.outcome}; for another outcome use no_execution"
        yield where.no("news.outcome", "news.outcome", reason)


def _news_names(where: Where, known: Known | None) -> Iterator[Contradiction]:
    """What a news rule calls by a name of its own."""
    news = where.stage.news
    if news is None or known is None:
        return
    for event, products in news.events.items():
        for product in products:
            if product != "*" and not known.has_product(product):
                yield where.no("news.unknown-product", f"news.events.{event}", f"there is no product {product!r}")
    if news.feed not in known.releases:
        reason = f"there is no list of releases {news.feed!r}; known: {', '.join(sorted(known.releases))}"
        yield where.no("news.unknown-feed", "news.feed", reason)


# ------------------------------------------------------------ behaviour and inactivity


def _behaviour(where: Where) -> Iterator[Contradiction]:
    rule = where.stage.behaviour
    if rule is None:
        return
    if rule == Behaviour(outcome=rule.outcome, min_hold_edge=rule.min_hold_edge):
        yield where.no("behaviour.nothing", "behaviour", "the block forbids nothing")
    if rule.stop_required_within_s is not None and not rule.stop_required:
        yield where.no("behaviour.stop", "behaviour.stop_required_within_s", "no stop is required")
    yield from _holding(where, rule)
    risk = rule.max_risk_per_position
    if risk is not None and not 0 < risk.pct <= ONE:
        path = "behaviour.max_risk_per_position.pct"
        yield where.no("behaviour.risk", path, "must be above 0 % and at most 100 %", pct=show_rate(risk.pct))
    if rule.stop_target_ratio is not None and rule.stop_target_ratio <= 0:
        yield where.no("behaviour.ratio", "behaviour.stop_target_ratio", "no stop at all would be near enough")
    if rule.hft is not None and rule.hft.max_trades_per_s <= 0:
        yield where.no("behaviour.hft", "behaviour.hft.max_trades_per_s", "every execution would be one too many")
    if rule.hedging_scope != "product" and rule.hedging == "allowed":
        yield where.no("behaviour.hedging", "behaviour.hedging_scope", "hedging is allowed, whatever it is")


def _holding(where: Where, rule: Behaviour) -> Iterator[Contradiction]:
    """How long trades must be held, and how many of them."""
    shares = {"min_hold_share_trades": rule.min_hold_share_trades, "min_hold_share_profit": rule.min_hold_share_profit}
    for name, share in shares.items():
        if share is None:
            continue
        if rule.min_hold_s is None:
            yield where.no(
                "behaviour.hold", f"behaviour.{name}", "min_hold_s does not say how long is held long enough"
            )
        if share <= 0 and rule.min_hold_edge == "gte":
            yield where.no("behaviour.share", f"behaviour.{name}", "every part is at least none of it")
        if share > ONE or (share == ONE and rule.min_hold_edge == "gt"):
            reason = "no part can be more than all of it" if share == ONE else "no part can be above 100 %"
            yield where.no("behaviour.share", f"behaviour.{name}", reason, share=show_rate(share))
    if rule.min_hold_s is not None and rule.min_hold_s <= 0:
        yield where.no("behaviour.hold", "behaviour.min_hold_s", "every trade is held for longer than no time")
    if rule.min_hold_s is not None and set(shares.values()) == {None}:
        reason = "a least holding time judges nothing without min_hold_share_trades or min_hold_share_profit"
        yield where.no("behaviour.hold", "behaviour.min_hold_s", reason)
    if rule.min_hold_ticks is not None and rule.min_hold_s is None:
        yield where.no("behaviour.hold", "behaviour.min_hold_ticks", "there is no min_hold_s that it could soften")


def _excursion(where: Where) -> Iterator[Contradiction]:
    rule = where.stage.behaviour.mae if where.stage.behaviour is not None else None
    if rule is None:
        return
    if not 0 < rule.pct <= ONE:
        yield where.no("mae.pct", "behaviour.mae.pct", "must be above 0 % and at most 100 %", pct=show_rate(rule.pct))
    if (rule.pct_raised is None) != (rule.raised_from is None):
        yield where.no("mae.raised", "behaviour.mae.pct_raised", "pct_raised and raised_from need each other")
    elif rule.pct_raised is not None and rule.pct_raised <= rule.pct:
        figures = {"pct": show_rate(rule.pct), "pct_raised": show_rate(rule.pct_raised)}
        yield where.no("mae.raised", "behaviour.mae.pct_raised", "the raised rate is not above the first", **figures)
    if rule.low_profit_below and rule.base != "start_of_day_profit":
        yield where.no("mae.low-profit", "behaviour.mae.low_profit_below", f"the base {rule.base!r} asks for no profit")


def _inactivity(where: Where) -> Iterator[Contradiction]:
    rule = where.stage.inactivity
    if rule is None:
        return
    if rule.days is None and rule.per_week is None:
        yield where.no("inactivity.nothing", "inactivity.days", "give days or per_week")
    if rule.per_week is not None and rule.per_week <= 0:
        yield where.no("inactivity.nothing", "inactivity.per_week", "nobody can trade less than never")
    gap = _LONGEST_WEEKEND_DAYS if where.program.clock.calendar == "cme" else 1
    if rule.days is not None and rule.days <= gap:
        reason = f"there are up to {gap} days from one trading day to the next: who trades every day would be inactive"
        yield where.no("inactivity.every-week", "inactivity.days", reason, days=str(rule.days))
    limit = where.stage.time_limit_days
    if rule.days is not None and limit is not None and rule.days > limit:
        reason = "the time limit ends the stage before anybody has been inactive for so long"
        yield where.no("inactivity.never", "inactivity.days", reason, days=str(rule.days), time_limit_days=str(limit))
    yield from _outcome(where, "inactivity.outcome", rule.outcome)


# ------------------------------------------------------------ what follows, strikes, warnings


def _after(where: Where, known: Known | None) -> Iterator[Contradiction]:
    transfer, growth, payout = where.stage.transfer, where.stage.growth, where.stage.payout
    if transfer is not None and where.stage.kind != "live":
        reason = f"it is the balance with which a live stage starts; this is an account of kind {where.stage.kind!r}"
        yield where.no("transfer.not-live", "transfer.rule", reason)
    elif transfer is not None:
        yield from _transfer(where, transfer)
    if growth is None:
        return
    if growth.after_payouts <= 0:
        yield where.no("growth.nothing", "growth.after_payouts", "the account would have outgrown itself at once")
    if payout is None:
        yield where.no("growth.no-payouts", "growth.after_payouts", "the stage has no payouts to count")
    elif payout.max_count is not None and payout.max_count < growth.after_payouts:
        reason = "the account is closed before it has had so many payouts"
        figures = {"after_payouts": str(growth.after_payouts), "max_count": str(payout.max_count)}
        yield where.no("growth.never", "growth.after_payouts", reason, **figures)
    if growth.to == where.program.id:
        yield where.no("growth.itself", "growth.to", "the account would grow into the program that it is in")
    elif known is not None and growth.to not in known.programs:
        yield where.no("growth.unknown", "growth.to", f"there is no program {growth.to!r}")


def _transfer(where: Where, transfer: Transfer) -> Iterator[Contradiction]:
    before = [stage for stage in where.program.stages if stage.next_stage == where.stage.name]
    paid = [stage.payout for stage in before if stage.payout is not None]
    if not paid:
        reason = "no stage before this one pays, so there is no funded balance to transfer"
        yield where.no("transfer.from-nothing", "transfer.rule", reason)
    elif transfer.after_payouts is not None and all(
        terms.max_count is not None and terms.max_count < transfer.after_payouts for terms in paid
    ):
        reason = "the stage before it never pays so often"
        yield where.no("transfer.never", "transfer.after_payouts", reason, after_payouts=str(transfer.after_payouts))


def _strikes(where: Where) -> Iterator[Contradiction]:
    stage = where.stage
    counted = [strikes.rule for strikes in stage.strikes]
    for number, strikes in enumerate(stage.strikes):
        path = f"strikes[{number}]"
        if strikes.rule not in RULES:
            reason = f"there is no rule {strikes.rule!r}; known: {', '.join(RULES)}"
            yield where.no("strikes.unknown-rule", f"{path}.rule", reason)
        elif not RULES[strikes.rule](stage):
            yield where.no("strikes.no-such-rule", f"{path}.rule", f"the stage has no rule {strikes.rule!r} to count")
        if strikes.rule in counted[:number]:
            yield where.no("strikes.twice", f"{path}.rule", f"the strikes of {strikes.rule!r} are given twice")
        if not strikes.actions or "strike" in strikes.actions:
            reason = "each strike needs an action of its own, which cannot be another strike"
            yield where.no("strikes.actions", f"{path}.actions", reason)
        if strikes.rule in _ABOUT_THE_ACCOUNT:
            for place, action in enumerate(strikes.actions):
                yield from _outcome(where, f"{path}.actions[{place}]", action)
        if strikes.window_days is not None and strikes.window_days <= 0:
            yield where.no("strikes.window", f"{path}.window_days", "no strike would ever count; leave out for life")
    for path, rules, outcome in _outcomes(stage):
        if outcome == "strike" and not any(rule in counted for rule in rules):
            reason = "a strike is counted, but strikes do not say what follows"
            yield where.no("strikes.missing", path, reason)


def _outcomes(stage: Stage) -> Iterator[tuple[str, tuple[str, ...], Outcome]]:
    """Each outcome of the stage: where it stands, the rules whose hits have it, and what it is."""
    yield "max_loss.outcome", ("max_loss",), stage.max_loss.outcome
    if stage.daily_loss is not None:
        yield "daily_loss.outcome", ("daily_loss",), stage.daily_loss.outcome
        if stage.daily_loss.upper_cap is not None:
            yield "daily_loss.upper_cap.outcome", ("daily_cap",), stage.daily_loss.upper_cap.outcome
    if stage.position is not None:
        yield "position.outcome", ("position", "sub_cap", "scaling"), stage.position.outcome
    closed = ("overnight", "weekend", "holidays", "closed_time", "blackout")
    yield "times.outcome", closed, stage.times.outcome
    if stage.news is not None:
        yield "news.outcome", ("news",), stage.news.outcome
    if stage.behaviour is not None:
        judged = ("stop_required", "risk_per_position", "stop_target_ratio", "hedging")
        yield "behaviour.outcome", judged, stage.behaviour.outcome
        if stage.behaviour.mae is not None:
            yield "behaviour.mae.outcome", ("mae",), stage.behaviour.mae.outcome
        if stage.behaviour.hft is not None:
            yield "behaviour.hft.outcome", ("hft",), stage.behaviour.hft.outcome
    if stage.inactivity is not None:
        yield "inactivity.outcome", ("inactivity",), stage.inactivity.outcome


def _warning(where: Where) -> Iterator[Contradiction]:
    share = where.stage.warn_at
    if share is not None and not 0 < share < ONE:
        reason = "a warning must come after something is used up and before all of it is"
        yield where.no("warning.share", "warn_at", reason, warn_at=show_rate(share))


def units(value: Ppm) -> str:
    return show(Micros(value)).rstrip("0").rstrip(".")
