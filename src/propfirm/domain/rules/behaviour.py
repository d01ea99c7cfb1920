"""How the account trades: open loss of a position, stops, risk, hedging, pace. Prop-rules 4.10, semantics section 9."""

from __future__ import annotations

from typing import Final

from propfirm.domain.catalogue.program import Behaviour, Outcome
from propfirm.domain.market.positions import apply_fill
from propfirm.domain.money import ONE, portion
from propfirm.domain.rules.draft import Draft
from propfirm.domain.rules.events import Fill, WorkingOrder
from propfirm.domain.rules.findings import Evidence, Rule, Unit
from propfirm.domain.rules.state import FAR, Held
from propfirm.domain.rules.terms import ContractTerms
from propfirm.domain.rules.thresholds import thresholds_of

SECOND: Final = 1_000_000_000


def judge_conduct(draft: Draft, event: Fill, contract: ContractTerms, *, opened: int, hedged_before: int) -> None:
    """Everything here that a fill can bring about. opened: how many of its contracts opened."""
    behaviour, symbol = draft.terms.stage.behaviour, event.symbol
    if behaviour is None:
        return
    if draft.terms.hedging_forbidden and len(draft.positions) > 1:
        judge_hedging(draft, symbol, contract, hedged_before)
    if behaviour.stop_required:
        if opened:
            want_stop(draft, symbol)
        judge_deadlines(draft)
    if draft.around.working:
        judge_orders(draft, (symbol,))
    if behaviour.hft is not None:
        judge_pace(draft, symbol)
    if behaviour.mae is not None:
        judge_excursion(draft, symbol)


def judge_excursion(draft: Draft, symbol: str) -> None:
    """Open loss of the position in ``symbol``."""
    held = draft.position(symbol)
    if held is None or "mae" in held.trade.seen:
        return
    limit, behaviour = thresholds_of(draft).excursion, draft.terms.stage.behaviour
    if limit is None or behaviour is None or behaviour.mae is None:
        return
    if len(draft.positions) == 1 and not draft.metered:
        loss: int = draft.balance - draft.equity  # all of it is this position's
    else:
        loss = -draft.open_profit(held)
    if loss > limit:
        hit_trade(draft, held, "mae", behaviour.mae.outcome, limit, loss, "usd")


def hit_trade(draft: Draft, held: Held, rule: Rule, outcome: Outcome, limit: int, actual: int, unit: Unit) -> None:
    """A hit that a trade can have only once."""
    draft.hold(held.with_trade(held.trade.saw(rule)))
    draft.hit(rule, outcome, Evidence(limit, actual, unit, draft.equity, draft.balance, symbol=held.symbol))


def closing_orders(draft: Draft, held: Held) -> tuple[WorkingOrder, ...]:
    """Working orders that would reduce this position."""
    long = held.position.quantity > 0
    return tuple(
        order for order in draft.around.working if order.symbol == held.symbol and (order.quantity < 0) == long
    )


def covered(draft: Draft, held: Held) -> int:
    """Contracts in stops on the closing side."""
    return sum(abs(order.quantity) for order in closing_orders(draft, held) if order.stop is not None)


def is_protected(draft: Draft, held: Held) -> bool:
    return covered(draft, held) >= abs(held.position.quantity)


def _unprotected(draft: Draft, held: Held, outcome: Outcome) -> None:
    contracts = abs(held.position.quantity)
    hit_trade(draft, held, "stop_required", outcome, contracts, covered(draft, held), "contracts")


def want_stop(draft: Draft, symbol: str) -> None:
    """After an opening fill: a stop now, or a deadline for one."""
    behaviour, held = draft.terms.stage.behaviour, draft.position(symbol)
    if behaviour is None or not behaviour.stop_required or held is None or "stop_required" in held.trade.seen:
        return
    if is_protected(draft, held):
        return
    if behaviour.stop_required_within_s is None:
        _unprotected(draft, held, behaviour.outcome)
    elif held.trade.stop_due == FAR:
        due = draft.at + behaviour.stop_required_within_s * SECOND
        draft.hold(held.with_trade(held.trade.stop_wanted(due)))


def judge_deadlines(draft: Draft) -> None:
    """Positions whose time to place a stop has run out by now."""
    behaviour = draft.terms.stage.behaviour
    if behaviour is None or behaviour.stop_required_within_s is None:
        return
    for held in draft.positions:
        due = held.trade.stop_due
        if due > draft.at:
            continue
        settled = held.with_trade(held.trade.stop_wanted(FAR))
        if is_protected(draft, held):
            draft.hold(settled)
        else:
            _unprotected(draft, settled, behaviour.outcome)


def judge_orders(draft: Draft, symbols: tuple[str, ...]) -> None:
    """Risk to the stops of these positions, then stop against target of each."""
    behaviour = draft.terms.stage.behaviour
    if behaviour is None:
        return
    if behaviour.max_risk_per_position is not None:
        for symbol in symbols:
            held = draft.position(symbol)
            if held is not None and "risk_per_position" not in held.trade.seen:
                _judge_risk(draft, held, behaviour)
    if behaviour.stop_target_ratio is not None:
        for symbol in symbols:
            held = draft.position(symbol)
            if held is not None and "stop_target_ratio" not in held.trade.seen:
                _judge_ratio(draft, held, behaviour)


def _judge_risk(draft: Draft, held: Held, behaviour: Behaviour) -> None:
    cap = behaviour.max_risk_per_position
    if cap is None:
        return
    base = {"initial": draft.terms.initial, "balance": draft.balance, "equity": draft.equity}[cap.base]
    long = held.position.quantity > 0
    stops = [order for order in closing_orders(draft, held) if order.stop is not None]
    if not stops:
        return
    stops.sort(key=lambda order: -(order.stop or 0) if long else (order.stop or 0))
    loss, rest = 0, held.position
    for order in stops:
        quantity = min(abs(order.quantity), abs(rest.quantity))
        applied = apply_fill(
            rest,
            -quantity if long else quantity,
            order.stop or 0,
            held.contract.tick_value,
            draft.terms.platform.method,
        )
        loss -= applied.realised
        if applied.position is None:
            break
        rest = applied.position
    limit = portion(base, cap.pct)
    if loss > limit:
        hit_trade(draft, held, "risk_per_position", behaviour.outcome, limit, loss, "usd")


def _judge_ratio(draft: Draft, held: Held, behaviour: Behaviour) -> None:
    ratio = behaviour.stop_target_ratio
    orders = closing_orders(draft, held)
    stops = [order.stop for order in orders if order.stop is not None]
    limits = [order.limit for order in orders if order.limit is not None and order.stop is None]
    if ratio is None or not stops or not limits:
        return
    position, tick_value = held.position, held.contract.tick_value
    long = position.quantity > 0
    furthest = min(stops) if long else max(stops)
    nearest = min(limits) if long else max(limits)
    risk = position.open_cost - furthest * tick_value * position.quantity
    reward = nearest * tick_value * position.quantity - position.open_cost
    if risk * ONE > ratio * reward:
        actual = risk * ONE // reward if reward > 0 else 0
        hit_trade(draft, held, "stop_target_ratio", behaviour.outcome, ratio, actual, "ratio")


def hedged(draft: Draft, contract: ContractTerms) -> int:
    """Contracts held against one another, as the program understands hedging, in the reach of this contract.

    ``product`` and ``group``: the smaller of the long and the short side. ``mixed_sizes``: that, or if it is more, the
    contracts outside the size class that holds most.
    """
    behaviour = draft.terms.stage.behaviour
    if behaviour is None or behaviour.hedging == "allowed":
        return 0
    scope = behaviour.hedging_scope
    long = short = 0
    by_class: dict[str, int] = {}
    for held in draft.positions:
        one = held.contract
        if one.group == contract.group if scope == "group" else one.product == contract.product:
            quantity = held.position.quantity
            long, short = long + max(quantity, 0), short + max(-quantity, 0)
            by_class[one.size_class] = by_class.get(one.size_class, 0) + abs(quantity)
    against = min(long, short)
    if scope == "mixed_sizes" and by_class:
        against = max(against, sum(by_class.values()) - max(by_class.values()))
    return against


def judge_hedging(draft: Draft, symbol: str, contract: ContractTerms, before: int) -> None:
    """A hedge that this fill brought about. before: ``hedged`` before it."""
    behaviour = draft.terms.stage.behaviour
    now = hedged(draft, contract)
    if behaviour is not None and now and not before:
        evidence = Evidence(0, now, "contracts", draft.equity, draft.balance, symbol=symbol)
        draft.hit("hedging", behaviour.outcome, evidence)


def judge_pace(draft: Draft, symbol: str) -> None:
    """Executions within one second of event time, this one included."""
    behaviour = draft.terms.stage.behaviour
    rate = behaviour.hft if behaviour is not None else None
    if rate is None:
        return
    recent = (*(at for at in draft.activity.recent if at > draft.at - SECOND), draft.at)
    draft.activity = draft.activity.at_pace(recent)
    if len(recent) > rate.max_trades_per_s:
        evidence = Evidence(
            rate.max_trades_per_s, len(recent), "per_second", draft.equity, draft.balance, symbol=symbol
        )
        draft.hit("hft", rate.outcome, evidence)
