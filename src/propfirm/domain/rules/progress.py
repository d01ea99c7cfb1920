"""Days, consistency, target and pass: what brings a stage nearer its end. Prop-rules 4.3 to 4.5, 4.10, 4.11."""

from __future__ import annotations

from typing import Final, Literal

from propfirm.domain.catalogue.program import Behaviour, Consistency
from propfirm.domain.money import ONE, Micros, Ppm
from propfirm.domain.rules.consistency import cap_in_force, extended_target, met
from propfirm.domain.rules.draft import Draft
from propfirm.domain.rules.findings import (
    DayCounted,
    Evidence,
    Gate,
    GateMoved,
    Passed,
    ProfitStripped,
    TargetExtended,
    TargetMet,
)
from propfirm.domain.rules.state import Held, Window

SECOND: Final = 1_000_000_000


def count_trading_day(draft: Draft) -> None:
    """The day's first execution makes it a trading day."""
    day = draft.day
    if day is None or day.traded:
        return
    draft.day = day.trading()
    draft.tally = draft.tally.with_counters(draft.tally.counters.trading_day())
    draft.findings.append(DayCounted(draft.seq, draft.at, day.label, "trading", draft.tally.counters.trading_days))


def finish_trade(draft: Draft, ended: Held) -> None:
    """A symbol went flat: its trade counts, and its profit may not."""
    trade, stage = ended.trade, draft.terms.stage
    was_held = stage.behaviour is not None and _was_held(draft, ended, stage.behaviour)
    draft.activity = draft.activity.trade_over(trade.profit, held=was_held)
    if trade.tainted and trade.profit > 0:
        draft.tally = draft.tally.with_counters(draft.tally.counters.strip(trade.profit))
        draft.findings.append(ProfitStripped(draft.seq, draft.at, trade.taint, trade.profit))
    consistency = stage.consistency
    if consistency is not None and consistency.unit == "trade":
        counted = trade.profit if consistency.include_commissions else Micros(trade.profit + trade.fees)
        tally = draft.tally
        draft.tally = tally.with_windows(tally.stage_window.trade_over(counted), tally.cycle_window.trade_over(counted))


def _was_held(draft: Draft, ended: Held, behaviour: Behaviour) -> bool:
    """Held longer than the rule's time, or for a move of at least its ticks a contract."""
    if behaviour.min_hold_s is None:
        return False
    trade = ended.trade
    if draft.at - trade.opened > behaviour.min_hold_s * SECOND:
        return True
    if behaviour.min_hold_ticks is None:
        return False
    least = behaviour.min_hold_ticks * ended.contract.tick_value * trade.contracts
    return trade.profit + trade.fees >= least


def is_qualifying(draft: Draft, profit: int) -> bool:
    """Does the running day qualify, with this trading profit? A balance-delta day goes by its snapshot instead."""
    rule, least, day = draft.terms.stage.days.qualifying, draft.terms.qualifying_profit, draft.day
    if rule is None or least is None or day is None:
        return False
    if rule.measure == "balance_delta":
        return day.delta is not None and day.delta >= least
    return profit >= least


def cycle_day_profit(draft: Draft) -> int:
    """Today's profit since the cycle began, or since the roll."""
    return draft.profit - draft.tally.counters.cycle_day_base


def stage_day_profit(draft: Draft) -> int:
    """Today's profit since the stage's windows began, or since the roll."""
    return draft.profit - draft.tally.counters.stage_day_base


def consistency_in_force(draft: Draft) -> tuple[Consistency, Ppm] | None:
    """The stage's consistency rule with its cap, unless the account has had the payouts that end it."""
    rule = draft.terms.stage.consistency
    if rule is None:
        return None
    cap = cap_in_force(rule, draft.tally.counters.payouts)
    return None if cap is None else (rule, cap)


def consistency_window(draft: Draft, rule: Consistency) -> Window:
    return draft.tally.cycle_window if rule.window == "cycle" else draft.tally.stage_window


def target_in_force(draft: Draft) -> Micros | None:
    """The target with all that consistency has added, today's part included provisionally."""
    target = draft.terms.target
    if target is None:
        return None
    target = Micros(target + draft.tally.progress.extension)
    in_force = consistency_in_force(draft)
    if in_force is None or in_force[0].effect == "block":
        return target
    return Micros(target + extension_today(draft, *in_force, target))


def extension_today(draft: Draft, rule: Consistency, cap: Ppm, target: Micros) -> int:
    """What the running day (or the best day so far) adds to the target."""
    window = consistency_window(draft, rule)
    counted = draft.counted
    today = Micros(counted - window.day_base)
    day = today if rule.effect == "extend_excess" else window.best(rule.unit, counted)
    return extended_target(target, day, cap, rule.effect) - target


def is_consistent(draft: Draft, rule: Consistency, cap: Ppm) -> bool:
    window, counted = consistency_window(draft, rule), draft.counted
    whole = (target_in_force(draft) or Micros(0)) if rule.denominator == "target" else None
    return met(window.best(rule.unit, counted), Micros(counted - window.start), cap, rule.cmp, target=whole)


def gates(draft: Draft, *, at_snapshot: bool) -> list[tuple[Gate, bool]]:
    """The stage's conditions besides target and flat, each met or not, in the order in which they are reported."""
    stage, counters, activity = draft.terms.stage, draft.tally.counters, draft.activity
    found: list[tuple[Gate, bool]] = []
    if stage.days.min_trading > 0:
        in_cycle = stage.days.min_trading_scope == "cycle"
        days = counters.cycle_trading_days if in_cycle else counters.trading_days
        found.append(("min_trading_days", days >= stage.days.min_trading))
    qualifying = stage.days.qualifying
    if qualifying is not None:
        match qualifying.scope:
            case "stage":
                days, profit = counters.qualifying_stage, stage_day_profit(draft)
            case "cycle":
                days, profit = counters.qualifying_cycle, cycle_day_profit(draft)
            case _:
                days, profit = counters.qualifying_lifetime, draft.day_profit
        today = at_snapshot and is_qualifying(draft, profit)
        found.append(("qualifying_days", days + today >= qualifying.count))
    if stage.consistency is not None and stage.consistency.effect == "block":
        in_force = consistency_in_force(draft)
        found.append(("consistency", in_force is None or is_consistent(draft, *in_force)))
    behaviour = stage.behaviour
    if behaviour is not None and behaviour.min_hold_share_trades is not None:
        share = behaviour.min_hold_share_trades
        found.append(("min_hold_trades", _above(activity.trades_held, share, activity.trades, behaviour.min_hold_edge)))
    if behaviour is not None and behaviour.min_hold_share_profit is not None:
        share, held = behaviour.min_hold_share_profit, activity.trades_held_profit
        found.append(("min_hold_profit", _above(held, share, activity.trades_profit, behaviour.min_hold_edge)))
    return found


def _above(part: int, share: int, whole: int, edge: Literal["gt", "gte"]) -> bool:
    """Is part / whole above (or at) the share? Never where there is nothing to take a share of."""
    if whole <= 0:
        return False
    return part * ONE >= share * whole if edge == "gte" else part * ONE > share * whole


def report_gates(draft: Draft) -> None:
    """At the roll: which conditions opened or closed since the last one."""
    now = tuple(gate for gate, is_met in gates(draft, at_snapshot=False) if is_met)
    before = draft.tally.progress.open_gates
    if now == before:
        return
    for gate in sorted({*now, *before}):
        if (gate in now) != (gate in before):
            draft.findings.append(GateMoved(draft.seq, draft.at, gate, gate in now))
    draft.tally = draft.tally.with_progress(draft.tally.progress.gates_seen(now))


def judge_pass(draft: Draft, *, at_snapshot: bool = False) -> None:
    """Step 9. Nothing to do in a stage without target, or where the stage is over."""
    stage = draft.terms.stage
    if draft.terms.target is None or stage.target is None or draft.verdict != "open":
        return
    if stage.on_pass.at == "eod" and not at_snapshot:
        return
    progress, profit = draft.tally.progress, draft.profit
    if profit < draft.terms.target and not progress.met and not progress.reached:
        return  # far from it: the usual case, and extensions only raise the target
    target = target_in_force(draft) or Micros(0)
    reached = profit >= target or (stage.target.sticky and progress.reached)
    if not reached:
        if progress.met:
            draft.tally = draft.tally.with_progress(progress.judged(met=False))
        return
    waiting: list[Gate] = []
    if stage.on_pass.flat_required and draft.positions:
        waiting.append("flat")
    waiting.extend(gate for gate, is_met in gates(draft, at_snapshot=at_snapshot) if not is_met)
    if not progress.met:
        draft.findings.append(TargetMet(draft.seq, draft.at, target, profit, tuple(waiting)))
        draft.tally = draft.tally.with_progress(progress.judged(met=True))
    if not waiting:
        draft.verdict = "passed"
        draft.findings.append(Passed(draft.seq, draft.at, target, profit, draft.balance))


def close_counters(draft: Draft) -> bool:
    """The day is over: qualifying days, best days, an extended target. Says whether the day qualified."""
    day = draft.day
    if day is None:
        return False
    qualifies = {
        "stage": is_qualifying(draft, stage_day_profit(draft)),
        "cycle": is_qualifying(draft, cycle_day_profit(draft)),
        "lifetime": is_qualifying(draft, draft.day_profit),
    }
    rule = draft.terms.stage.days.qualifying
    counts = rule is not None and qualifies[rule.scope]
    if any(qualifies.values()):
        draft.tally = draft.tally.with_counters(draft.tally.counters.qualified(**qualifies))
    if counts:
        draft.findings.append(DayCounted(draft.seq, draft.at, day.label, "qualifying", _in_scope(draft)))
    close_windows(draft)
    return counts


def close_windows(draft: Draft) -> None:
    """The day is over for consistency: it may be the best one, and its excess extends the target."""
    _extend_target(draft)
    counted, tally = draft.counted, draft.tally
    draft.tally = tally.with_windows(tally.stage_window.day_over(counted), tally.cycle_window.day_over(counted))


def _in_scope(draft: Draft) -> int:
    rule = draft.terms.stage.days.qualifying
    match rule.scope if rule is not None else "stage":
        case "cycle":
            return draft.tally.counters.qualifying_cycle
        case "lifetime":
            return draft.tally.counters.qualifying_lifetime
        case _:
            return draft.tally.counters.qualifying_stage


def _extend_target(draft: Draft) -> None:
    in_force, target = consistency_in_force(draft), draft.terms.target
    if in_force is None or in_force[0].effect == "block" or target is None:
        return
    before = Micros(target + draft.tally.progress.extension)
    by = extension_today(draft, *in_force, before)
    if by > 0:
        draft.tally = draft.tally.with_progress(draft.tally.progress.extended(by))
        draft.findings.append(TargetExtended(draft.seq, draft.at, before, Micros(before + by)))


def judge_idleness(draft: Draft, fills_last_week: int | None) -> None:
    """At the roll: inactivity and the stage's time limit, in calendar days between trading-day labels.

    fills_last_week: where the roll begins a new ISO week and the week before was a whole one; else None.
    """
    day, counters, stage = draft.day, draft.tally.counters, draft.terms.stage
    if day is None or counters.first_day is None:
        return
    rule = stage.inactivity
    if rule is not None and rule.days is not None:
        idle = (day.label - max(draft.activity.last_fill_day or counters.first_day, counters.first_day)).days
        if idle >= rule.days:
            draft.hit("inactivity", rule.outcome, Evidence(rule.days, idle, "days", draft.equity, draft.balance))
            fills_last_week = None
    least = rule.per_week if rule is not None else None
    if rule is not None and least is not None and fills_last_week is not None and fills_last_week < least:
        evidence = Evidence(least, fills_last_week, "fills", draft.equity, draft.balance, note="per_week")
        draft.hit("inactivity", rule.outcome, evidence)
    if stage.time_limit_days is not None:
        age = (day.label - counters.first_day).days
        if age >= stage.time_limit_days:
            draft.hit("time_limit", "fail", Evidence(stage.time_limit_days, age, "days", draft.equity, draft.balance))
