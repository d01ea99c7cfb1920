"""Questions that a state can answer without being fed: conditions, target, distances. Nothing here decides."""

from __future__ import annotations

from msgspec import Struct

from propfirm.domain.money import Micros
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
    """What the consistency rule sees: best day or trade, and the profit of its window, today included."""

    best: Micros
    total: Micros


def consistency_now(terms: Terms, state: State) -> Consistency | None:
    """None where the stage has no such rule, or the account is free of it."""
    draft = _looked_at(terms, state)
    rule = consistency_in_force(draft)
    if rule is None:
        return None
    window = consistency_window(draft, rule)
    return Consistency(window.best(rule.unit, draft.counted), Micros(draft.counted - window.start))


def room(state: State) -> Micros:
    """Equity above the higher of the floors in force; negative once past it."""
    floors = [state.floor]
    if state.day_floor is not None:
        floors.append(state.day_floor)
    return Micros(state.equity - max(floors))
