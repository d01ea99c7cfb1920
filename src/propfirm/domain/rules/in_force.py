"""Every rule of a stage as it stands at this moment, in figures. Asked, not decided: the figures are those that the
engine itself would compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.money import ONE, Micros
from propfirm.domain.rules.draft import Draft, opened
from propfirm.domain.rules.exposure import exempt, exposures, touches, units_of
from propfirm.domain.rules.findings import Gate, Hit, Passed, Rule, Unit
from propfirm.domain.rules.inquiry import conditions, consistency_now, target_now
from propfirm.domain.rules.state import OpenWindow, State, profit_of, qualifying_days
from propfirm.domain.rules.terms import Terms

Standing: TypeAlias = Literal["kept", "near", "hit", "waiting", "met", "missing"]
"""kept, near (warned of today), hit (today, or for good); waiting: not in force at this moment; met, missing: of a
condition for the pass or the payout."""


IN_LINES: Final[frozenset[Rule]] = frozenset({"sub_cap", "inactivity"})
"""Rules with a line for each of their limits. The state knows that one was hit today, only the hit's note which."""


class RuleNow(Struct, frozen=True, kw_only=True):
    """limit, actual: as the engine compares them; None where a rule has no figure. left: how much until the limit, or
    until the condition is met; negative once past. Whether the limit itself is a hit already is the rule's own matter.
    resets_at: when (ns) its count or level begins anew."""

    rule: Rule | Gate
    standing: Standing
    unit: Unit
    limit: int | None = None
    actual: int | None = None
    left: int | None = None
    resets_at: int | None = None
    symbol: str = ""


def rules_now(
    terms: Terms, state: State, ended: Hit | Passed | None = None, hits: Sequence[Hit] = ()
) -> tuple[RuleNow, ...]:
    """In the order in which rules are judged; the conditions come last.

    ended: by what, where the stage is over; the state forgets it when its day rolls. hits: of the day that runs, of the
    rules of ``IN_LINES``; where none of a rule is given that was hit, each of its lines says so.
    """
    draft = opened(terms, state, state.seq, state.at, doubt=False)
    if isinstance(ended, Hit):
        hits = (*hits, ended)
        if draft.day is not None:
            draft.day = draft.day.saw(ended.rule)
    return (
        *_losses(draft),
        *_sizes(draft, hits),
        *_times(draft),
        *_conduct(draft),
        *_idleness(draft, hits),
        *(_condition(terms, state, gate, met=met) for gate, met in conditions(terms, state)),
    )


def _standing(draft: Draft, rule: Rule, *, here: bool = True) -> Standing:
    """here: where a rule has several lines, whether this is one that was hit."""
    day = draft.day
    if day is not None and rule in day.seen and here:
        return "hit"
    return "near" if day is not None and rule in day.warned else "kept"


def _is_hit(hits: Sequence[Hit], rule: Rule, line: str) -> bool:
    """line: by the note that its hits bear."""
    lines = {one.evidence.note for one in hits if one.rule == rule}
    return not lines or line in lines


def _rolls(draft: Draft) -> int | None:
    return None if draft.day is None else draft.day.until


def _losses(draft: Draft) -> Iterator[RuleNow]:
    terms, limits, equity = draft.terms, draft.limits, draft.equity
    value = equity if terms.max_on_equity else draft.balance
    yield _floor(draft, "max_loss", draft.floor.level, value, None)
    if limits is None:
        return
    if limits.floor is not None:
        yield _floor(draft, "daily_loss", limits.floor, equity, _rolls(draft))
    if limits.personal is not None:
        yield _floor(draft, "personal_loss", limits.personal, equity, _rolls(draft))
    if limits.cap is not None:
        yield _ceiling(draft, "daily_cap", limits.cap, equity, "usd", resets_at=_rolls(draft))


def _floor(draft: Draft, rule: Rule, level: Micros, value: Micros, resets_at: int | None) -> RuleNow:
    standing = _standing(draft, rule)
    return RuleNow(
        rule=rule, standing=standing, unit="usd", limit=level, actual=value, left=value - level, resets_at=resets_at
    )


def _ceiling(
    draft: Draft,
    rule: Rule,
    limit: int,
    actual: int,
    unit: Unit,
    *,
    symbol: str = "",
    resets_at: int | None = None,
    here: bool = True,
) -> RuleNow:
    return RuleNow(
        rule=rule,
        standing=_standing(draft, rule, here=here),
        unit=unit,
        limit=limit,
        actual=actual,
        left=limit - actual,
        resets_at=resets_at,
        symbol=symbol,
    )


def _sizes(draft: Draft, hits: Sequence[Hit]) -> Iterator[RuleNow]:
    held = exposures(draft, draft.positions, draft.around.working)
    units, position = units_of(draft, held), draft.terms.stage.position
    if draft.terms.unit_limit is not None:
        yield _ceiling(draft, "position", draft.terms.unit_limit, units, "units")
    for key, cap in (position.sub_caps if position is not None else {}).items():
        count = sum(one.contracts for one in held if any(name == key for name, _ in one.contract.sub_caps))
        here = _is_hit(hits, "sub_cap", key)
        yield _ceiling(draft, "sub_cap", cap, count, "contracts", symbol=key, here=here)
    if draft.tally.tier is not None:
        yield _ceiling(draft, "scaling", draft.tally.tier, units, "units", resets_at=_rolls(draft))


def _times(draft: Draft) -> Iterator[RuleNow]:
    """Hours, windows and price limits: in force only at times."""
    stage = draft.terms.stage
    over: dict[Rule, bool] = {
        "overnight": not stage.times.overnight,
        "weekend": stage.times.overnight and not stage.times.weekend,
        "holidays": stage.times.overnight and not stage.times.holidays,
    }
    closed = draft.day.closed if draft.day is not None else ()
    groups = {group for group, until in closed if draft.at < until}
    held = sum(abs(one.position.quantity) for one in draft.positions if one.contract.group in groups)
    for rule, forbidden in over.items():
        if forbidden:
            yield _at_times(draft, rule, held, in_force=bool(groups), until=_rolls(draft))
    if any(over.values()):
        yield _at_times(draft, "closed_time", None, in_force=bool(groups), until=_rolls(draft))
    windows = draft.around.windows
    if stage.times.blackout:
        yield _at_times(draft, "blackout", None, in_force=any(one.kind == "blackout" for one in windows))
    if stage.news is not None:
        releases = [one for one in windows if one.kind == "news"]
        to_close = _against(draft, releases) if stage.news.mode == "flat_required" else None
        yield _at_times(draft, "news", to_close, in_force=bool(releases))
    if stage.times.limit_up_down == "forfeit_profit":
        yield _at_times(draft, "limit_up_down", None, in_force=bool(draft.around.limit_moves))


def _against(draft: Draft, releases: list[OpenWindow]) -> int:
    """Contracts that these windows want flat."""
    return sum(
        abs(one.position.quantity)
        for one in draft.positions
        if any(touches(window, one.contract) and not exempt(draft, window, one) for window in releases)
    )


def _at_times(draft: Draft, rule: Rule, held: int | None, *, in_force: bool, until: int | None = None) -> RuleNow:
    """held: None where executions are forbidden, and nothing that is held can be past the limit."""
    standing = _standing(draft, rule)
    if standing == "kept" and not in_force:
        standing = "waiting"
    if held is None:
        return RuleNow(rule=rule, standing=standing, unit="contracts", resets_at=until)
    return RuleNow(rule=rule, standing=standing, unit="contracts", limit=0, actual=held, left=-held, resets_at=until)


def _conduct(draft: Draft) -> Iterator[RuleNow]:
    behaviour = draft.terms.stage.behaviour
    if behaviour is None:
        return
    if draft.thresholds.excursion is not None:
        worst = max((-draft.open_profit(one) for one in draft.positions), default=0)
        yield _ceiling(draft, "mae", draft.thresholds.excursion, max(0, worst), "usd", resets_at=_rolls(draft))
    if behaviour.hft is not None:
        recent = sum(at > draft.at - 1_000_000_000 for at in draft.activity.recent)
        yield _ceiling(draft, "hft", behaviour.hft.max_trades_per_s, recent, "per_second")
    without_figure: dict[Rule, bool] = {
        "stop_required": behaviour.stop_required,
        "risk_per_position": behaviour.max_risk_per_position is not None,
        "stop_target_ratio": behaviour.stop_target_ratio is not None,
        "hedging": behaviour.hedging == "forbidden",
    }
    for rule, there in without_figure.items():
        if there:
            yield RuleNow(rule=rule, standing=_standing(draft, rule), unit="contracts")


def _idleness(draft: Draft, hits: Sequence[Hit]) -> Iterator[RuleNow]:
    """As judged at the roll, in calendar days between labels of trading days."""
    stage, day, counters = draft.terms.stage, draft.day, draft.tally.counters
    if day is None or counters.first_day is None:
        return
    rule = stage.inactivity
    if rule is not None and rule.days is not None:
        idle = (day.label - max(draft.activity.last_fill_day or counters.first_day, counters.first_day)).days
        yield _ceiling(draft, "inactivity", rule.days, idle, "days", here=_is_hit(hits, "inactivity", ""))
    if rule is not None and rule.per_week is not None:
        fills = draft.activity.fills_this_week
        standing = _standing(draft, "inactivity", here=_is_hit(hits, "inactivity", "per_week"))
        left = max(0, rule.per_week - fills)
        yield RuleNow(rule="inactivity", standing=standing, unit="fills", limit=rule.per_week, actual=fills, left=left)
    if stage.time_limit_days is not None:
        age = (day.label - counters.first_day).days
        yield _ceiling(draft, "time_limit", stage.time_limit_days, age, "days")


def _condition(terms: Terms, state: State, gate: Gate, *, met: bool) -> RuleNow:
    limit, actual, unit = _figures(terms, state, gate)
    missing = None if limit is None or actual is None else _missing(gate, limit, actual)
    return RuleNow(rule=gate, standing="met" if met else "missing", unit=unit, limit=limit, actual=actual, left=missing)


def _missing(gate: Gate, limit: int, actual: int) -> int:
    """Of a cap what is above it, of anything else what is below it."""
    return max(0, actual - limit) if gate in {"flat", "consistency"} else max(0, limit - actual)


def _figures(terms: Terms, state: State, gate: Gate) -> tuple[int | None, int | None, Unit]:
    stage, core = terms.stage, state.core
    behaviour, activity = stage.behaviour, core.activity
    match gate:
        case "target":
            return target_now(terms, state), profit_of(terms, state), "usd"
        case "flat":
            return 0, sum(abs(one.position.quantity) for one in core.positions), "contracts"
        case "min_trading_days":
            cycle = stage.days.min_trading_scope == "cycle"
            done = core.counters.cycle_trading_days if cycle else core.counters.trading_days
            return stage.days.min_trading, done, "days"
        case "qualifying_days":
            rule = stage.days.qualifying
            return (None if rule is None else rule.count), qualifying_days(terms, state), "days"
        case "consistency":
            return (*_consistency(terms, state), "ratio")
        case "min_hold_trades":
            least = behaviour.min_hold_share_trades if behaviour is not None else None
            return least, _share(activity.trades_held, activity.trades), "ratio"
        case _:
            least = behaviour.min_hold_share_profit if behaviour is not None else None
            return least, _share(activity.trades_held_profit, activity.trades_profit), "ratio"


def _consistency(terms: Terms, state: State) -> tuple[int | None, int | None]:
    """The cap, and the best day's (or trade's) share, in millionths; no share while there is nothing to share."""
    seen, rule = consistency_now(terms, state), terms.stage.consistency
    if seen is None or rule is None:
        return None, None
    whole = target_now(terms, state) if rule.denominator == "target" else seen.total
    return seen.cap, _share(seen.best, whole or 0)


def _share(part: int, whole: int) -> int | None:
    return part * ONE // whole if whole > 0 else None
