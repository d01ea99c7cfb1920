"""Questions that a state can answer without being fed: conditions, target, distances. Nothing here decides."""

from __future__ import annotations

from msgspec import Struct

from propfirm.domain.money import Micros, Ppm
from propfirm.domain.rules.consistency import compliant_days, max_best
from propfirm.domain.rules.draft import Draft, opened
from propfirm.domain.rules.findings import Gate
from propfirm.domain.rules.progress import consistency_in_force, consistency_window, gates, target_in_force
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms


def _looked_at(terms: Terms, state: State) -> Draft:
    return opened(terms, state, state.seq, state.at, doubt=False)


def conditions(terms: Terms, state: State) -> tuple[tuple[Gate, bool], ...]:
    """Every condition that this stage has for its pass (or payout), and whether it is met now."""
    draft = _looked_at(terms, state)
    found: list[tuple[Gate, bool]] = []
    target = target_in_force(draft)
    if target is not None:
        sticky = terms.stage.target is not None and terms.stage.target.sticky and draft.tally.progress.reached
        found.append(("target", sticky or draft.profit >= target))
        if terms.stage.on_pass.flat_required:
            found.append(("flat", not draft.positions))
    found.extend(gates(draft, at_snapshot=False))
    return tuple(found)


def target_now(terms: Terms, state: State) -> Micros | None:
    """The profit target with all that consistency has added to it; None in a stage without one."""
    return target_in_force(_looked_at(terms, state))


class Consistency(Struct, frozen=True):
    """What the consistency rule sees: best day or trade, and the profit of its window, today included; and its cap."""

    best: Micros
    total: Micros
    cap: Ppm


def consistency_now(terms: Terms, state: State) -> Consistency | None:
    """None where the stage has no such rule, or the account is free of it."""
    draft = _looked_at(terms, state)
    in_force = consistency_in_force(draft)
    if in_force is None:
        return None
    rule, cap = in_force
    window = consistency_window(draft, rule)
    return Consistency(window.best(rule.unit, draft.counted), Micros(draft.counted - window.start), cap)


class TodayLeft(Struct, frozen=True, kw_only=True):
    """What today must and may still earn within the consistency rule.

    possible: False where today alone cannot meet it, whatever it earns; both amounts are then None. least: 0 or less
    where nothing more is needed. most: below 0 where today is over already; None: no limit. raises_target: a day above
    it raises the target instead of blocking.
    """

    possible: bool
    least: Micros | None
    most: Micros | None
    raises_target: bool


def today_left(terms: Terms, state: State) -> TodayLeft | None:
    """None where no rule looks at days, or the account is free of it."""
    draft = _looked_at(terms, state)
    in_force = consistency_in_force(draft)
    if in_force is None or in_force[0].unit != "day":
        return None
    rule, cap = in_force
    window = consistency_window(draft, rule)
    today = draft.counted - window.day_base
    if rule.effect != "block":
        target = Micros((terms.target or 0) + draft.tally.progress.extension)
        return TodayLeft(possible=True, least=None, most=Micros(max_best(target, cap) - today), raises_target=True)
    days = compliant_days(
        Micros(window.day_base - window.start),
        window.best_day or Micros(0),
        cap,
        rule.cmp,
        target=(target_in_force(draft) or Micros(0)) if rule.denominator == "target" else None,
    )
    if days is None:
        return TodayLeft(possible=False, least=None, most=None, raises_target=False)
    most = None if days.most is None else Micros(days.most - today)
    return TodayLeft(possible=True, least=Micros(days.least - today), most=most, raises_target=False)


def room(state: State) -> Micros:
    """Equity above the highest of the floors in force; negative once past it."""
    day_floor = state.day_floor
    return Micros(state.equity - (state.floor if day_floor is None else max(state.floor, day_floor)))
