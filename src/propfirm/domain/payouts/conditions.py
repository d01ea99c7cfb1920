"""Every condition of a payout that an account misses, each with its figures and the shortest way to meet it.

``missing`` lists them in the order of ``ORDER``, which is part of the contract: first what ends the matter, then
papers and people, then time, then trading, then money, last the amount asked for. Source: prop-rules 4.12.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

from msgspec import Struct

from propfirm.domain.catalogue.program import Consistency, PayoutTerms, Stage
from propfirm.domain.money import MICROS_PER_CENT, MICROS_PER_DOLLAR, ONE, Cents, Micros, Ppm, from_cents, portion
from propfirm.domain.payouts.amount import (
    available,
    missing_profit,
    obstacle,
    outcome,
    reserve,
    shares,
    within_reach,
)
from propfirm.domain.payouts.schedule import old_enough_on, open_from, request_day
from propfirm.domain.payouts.standing import Papers, Standing
from propfirm.domain.payouts.ways import (
    AskFor,
    Await,
    Earn,
    EarnHolding,
    GoFlat,
    HandIn,
    HoldTrades,
    NoWay,
    QualifyDays,
    TradeDays,
    TradeThenWait,
    WaitUntil,
    Way,
    sentence,
)
from propfirm.domain.rules.consistency import cap_in_force, least_total, max_best, met
from propfirm.domain.rules.floors import lock_level, locked

Code: TypeAlias = Literal[
    "no_payouts",
    "stage_over",
    "frozen",
    "kyc",
    "contract",
    "tax_form",
    "pending_request",
    "open_position",
    "review",
    "payout_count",
    "account_age",
    "schedule",
    "trading_days",
    "qualifying_days",
    "min_hold_trades",
    "min_hold_profit",
    "consistency",
    "cycle_profit",
    "min_balance",
    "payout_target",
    "floor_lock",
    "profit",
    "room",
    "min_amount",
    "asked_too_little",
    "asked_too_much",
    "would_breach",
]
ORDER: Final[tuple[Code, ...]] = get_args(Code)

Measure: TypeAlias = Literal["usd", "days", "share", "count", "date"]
"""Of limit and actual: micro-dollars, days, millionths, a number of things, ``date.toordinal``."""

ONE_CENT: Final = Cents(1)


class Condition(Struct, frozen=True):
    """A condition that is not met: what it asks for, what there is, and what to do. None: there is no figure."""

    code: Code
    way: Way
    limit: int | None = None
    actual: int | None = None
    measure: Measure = "count"

    @property
    def advice(self) -> str:
        return sentence(self.way)


def missing(stage: Stage, standing: Standing, papers: Papers, asked: Cents | None) -> tuple[Condition, ...]:
    """All conditions that are not met, in the order of ``ORDER``. Empty: the payout may be approved."""
    terms = stage.payout
    if terms is None:
        nothing = Condition("no_payouts", NoWay("this stage has no payouts"))
        return (nothing, *_account(papers))
    return (
        *_account(papers),
        *_papers(terms, papers),
        *_people(terms, standing, papers),
        *_calendar(terms, standing),
        *_trading(stage, terms, standing),
        *_consistency(stage, standing),
        *_profit(stage, terms, standing),
        *_amount(stage, terms, standing, asked),
    )


def minimum(terms: PayoutTerms) -> Cents:
    """The smallest amount that is paid: at least a cent, and the terms' minimum rounded up to the cent."""
    return Cents(max(1, -(-terms.min_amount // MICROS_PER_CENT)))


def _account(papers: Papers) -> Iterator[Condition]:
    if not papers.stage_open:
        yield Condition("stage_over", NoWay("the stage is over"))
    if papers.frozen:
        yield Condition("frozen", Await("release"))


def _papers(terms: PayoutTerms, papers: Papers) -> Iterator[Condition]:
    if "kyc" in terms.requires and not papers.kyc:
        yield Condition("kyc", HandIn("kyc"))
    if "contract" in terms.requires and not papers.contract:
        yield Condition("contract", HandIn("contract"))
    if "tax_form" in terms.requires and not papers.tax_form:
        yield Condition("tax_form", HandIn("tax_form"))


def _people(terms: PayoutTerms, standing: Standing, papers: Papers) -> Iterator[Condition]:
    if papers.pending_request:
        yield Condition("pending_request", Await("request"))
    if terms.flat_required and not standing.flat:
        yield Condition("open_position", GoFlat())
    if standing.review:
        yield Condition("review", Await("review"), 0, len(standing.review))
    if terms.max_count is not None and standing.made >= terms.max_count:
        way = NoWay("all its payouts have been made")
        yield Condition("payout_count", way, terms.max_count, standing.made)


def _calendar(terms: PayoutTerms, standing: Standing) -> Iterator[Condition]:
    schedule = terms.schedule
    day = request_day(schedule, standing)
    grown = old_enough_on(terms, standing)
    if day < grown:
        age = (day - standing.opened_on).days
        yield Condition("account_age", WaitUntil(grown), terms.min_account_age_days, age, "days")
    opens = open_from(schedule, standing, day)
    if opens is not None and opens > day:
        yield Condition("schedule", WaitUntil(opens), opens.toordinal(), day.toordinal(), "date")
    if opens is None and schedule.kind == "every_n_days":
        yield Condition("schedule", TradeThenWait(schedule.n or 0))


def _trading(stage: Stage, terms: PayoutTerms, standing: Standing) -> Iterator[Condition]:
    days = stage.days
    if standing.trading_days < days.min_trading:
        way = TradeDays(days.min_trading - standing.trading_days)
        yield Condition("trading_days", way, days.min_trading, standing.trading_days, "days")
    yield from _qualifying(stage, terms, standing)
    yield from _holding(stage, standing)


def _qualifying(stage: Stage, terms: PayoutTerms, standing: Standing) -> Iterator[Condition]:
    """The stage's qualifying days, and those that the schedule counts; whichever asks for more days is told."""
    rule = stage.days.qualifying
    asks = [(rule.count, standing.qualifying_days)] if rule is not None else []
    if terms.schedule.kind == "after_n_qualifying":
        asks.append((terms.schedule.n or 0, standing.qualifying_cycle))
    if not asks:
        return
    count, have = max(asks, key=lambda ask: ask[0] - ask[1])
    if have < count:
        profit = None if rule is None else rule.min_profit.of(standing.levels.initial)
        yield Condition("qualifying_days", QualifyDays(count - have, profit), count, have, "days")


def _holding(stage: Stage, standing: Standing) -> Iterator[Condition]:
    """More than the given share (``gte``: at least it) of the trades, and of their profit, from trades held long."""
    rule, trades = stage.behaviour, standing.trades
    if rule is None:
        return
    strict, seconds = rule.min_hold_edge == "gt", rule.min_hold_s or 0
    least = rule.min_hold_share_trades
    if least is not None:
        more = _missing_part(trades.held, trades.count, least, strict=strict)
        if more is None or more > 0:
            way: Way = NoWay("trades held too briefly stay on record") if more is None else HoldTrades(more, seconds)
            yield Condition("min_hold_trades", way, least, _ratio(trades.held, trades.count), "share")
    least = rule.min_hold_share_profit
    if least is not None:
        more = _missing_part(trades.held_profit, trades.profit, least, strict=strict)
        if more is None or more > 0:
            way = (
                NoWay("profit of trades held too briefly stays on record")
                if more is None
                else EarnHolding(Micros(more), seconds)
            )
            yield Condition("min_hold_profit", way, least, _ratio(trades.held_profit, trades.profit), "share")


def _missing_part(part: int, whole: int, share: Ppm, *, strict: bool) -> int | None:
    """The least n >= 0 with whole + n > 0 and (part + n) / (whole + n) over (not strict: at least) share.

    None: however large, no n does.
    """
    start = max(0, 1 - whole)
    lack = share * whole - part * ONE
    slope = ONE - share
    if slope == 0:
        return None if lack > 0 or (strict and lack >= 0) else start
    needed = lack // slope + 1 if strict else -(-lack // slope)
    return max(start, needed)


def _ratio(part: int, whole: int) -> int | None:
    return part * ONE // whole if whole > 0 else None


def _consistency(stage: Stage, standing: Standing) -> Iterator[Condition]:
    rule = stage.consistency
    if rule is None or rule.effect != "block":
        return
    cap = cap_in_force(rule, standing.levels.payouts)
    if cap is None:
        return
    best, total = standing.best, standing.window_profit
    target = (standing.target or Micros(0)) if rule.denominator == "target" else None
    if not met(best, total, cap, rule.cmp, target=target):
        way = _more_days(rule, best, total, cap) if target is None else _under_target(rule, best, total, target, cap)
        yield Condition("consistency", way, cap, _over(best, total if target is None else target), "share")


def _over(best: Micros, whole: Micros) -> int | None:
    """The best day's share, rounded up: a share over the cap never looks as if it were at it."""
    return -(-best * ONE // whole) if whole > 0 else None


def _more_days(rule: Consistency, best: Micros, total: Micros, cap: Ppm) -> Way:
    """Total profit of best / cap, from days that do not become a new best one.

    Where no day has won yet, the size of the days to come is free: as much as is to be made good, at least a dollar.
    """
    most = best if best > 0 else Micros(max(-total, MICROS_PER_DOLLAR))
    amount = Micros(least_total(most, cap, rule.cmp) - total)
    return Earn(amount, most, -(-amount // most), rule.unit)


def _under_target(rule: Consistency, best: Micros, total: Micros, whole: Micros, cap: Ppm) -> Way:
    """A best day above its share of the target stays there; without one, profit is all that is missing."""
    most = max_best(whole, cap, rule.cmp)
    if best > most or most <= 0:
        return NoWay("the best day stays above its share of the target until the window restarts")
    amount = Micros(1 - total)
    return Earn(amount, most, -(-amount // most), rule.unit)


def _profit(stage: Stage, terms: PayoutTerms, standing: Standing) -> Iterator[Condition]:
    levels = standing.levels
    if standing.cycle_profit < terms.min_cycle_profit > 0:
        lack = Micros(terms.min_cycle_profit - standing.cycle_profit)
        yield Condition("cycle_profit", Earn(lack), terms.min_cycle_profit, standing.cycle_profit, "usd")
    if terms.min_balance is not None and levels.balance < terms.min_balance:
        lack = Micros(terms.min_balance - levels.balance)
        yield Condition("min_balance", Earn(lack), terms.min_balance, levels.balance, "usd")
    target = payout_target(terms, standing)
    if target is not None and levels.balance < target:
        yield Condition("payout_target", Earn(Micros(target - levels.balance)), target, levels.balance, "usd")
    if terms.floor_locked_required and not locked(stage.max_loss, levels):
        lacking = missing_profit(stage, standing, lambda later: locked(stage.max_loss, later.levels))
        way: Way = NoWay("its floor does not lock by profit") if lacking is None else Earn(lacking)
        yield Condition("floor_lock", way, lock_level(stage.max_loss, levels.start), levels.floor, "usd")


def payout_target(terms: PayoutTerms, standing: Standing) -> Micros | None:
    """The balance that a dynamic target asks for: over what the last payout left, or over the start."""
    base = standing.last_payout_balance
    return next_target(terms, standing.number, standing.levels.start if base is None else base)


def next_target(terms: PayoutTerms, number: int, base: Micros) -> Micros | None:
    """The balance needed for payout ``number`` when ``base`` is what the payout before left. The last step stays."""
    steps = terms.dynamic_target
    return Micros(base + portion(base, steps[min(number, len(steps)) - 1])) if steps else None


def _amount(stage: Stage, terms: PayoutTerms, standing: Standing, asked: Cents | None) -> Iterator[Condition]:
    kept = reserve(terms, standing.number) if terms.inside_buffer.mode == "forbid" else Micros(0)
    if within_reach(terms, standing) < MICROS_PER_CENT:
        lacking = missing_profit(stage, standing, lambda later: within_reach(terms, later) >= MICROS_PER_CENT)
        way: Way = Earn(lacking) if lacking is not None else NoWay("no profit may be withdrawn")
        yield Condition("profit", way, kept, standing.counted, "usd")
    if not survives(stage, terms, standing, ONE_CENT):
        after = outcome(stage, terms, standing, shares(terms, standing, ONE_CENT))
        way = _make_room(stage, terms, standing, ONE_CENT)
        yield Condition("room", way, after.levels.floor + terms.keep, after.value, "usd")
    need, most = minimum(terms), available(stage, terms, standing)
    if most < need:
        lacking = missing_profit(stage, standing, lambda later: obstacle(stage, terms, later, need) is None)
        way = Earn(lacking) if lacking is not None else NoWay("its limits are below the minimum amount")
        yield Condition("min_amount", way, from_cents(need), from_cents(most), "usd")
    if asked is not None:
        yield from _asked(stage, terms, standing, asked, most)


def _asked(stage: Stage, terms: PayoutTerms, standing: Standing, asked: Cents, most: Cents) -> Iterator[Condition]:
    need = minimum(terms)
    if asked < need:
        yield Condition("asked_too_little", AskFor(need), from_cents(need), from_cents(asked), "usd")
    if asked > most:
        way: Way = AskFor(most)
        if most < need:
            lacking = missing_profit(stage, standing, lambda later: obstacle(stage, terms, later, asked) is None)
            way = NoWay("its limits are below this amount") if lacking is None else Earn(lacking)
        yield Condition("asked_too_much", way, from_cents(most), from_cents(asked), "usd")
    gross = Cents(max(0, asked))
    if not survives(stage, terms, standing, gross):
        after = outcome(stage, terms, standing, shares(terms, standing, gross))
        way = AskFor(most) if most > 0 else _make_room(stage, terms, standing, gross)
        yield Condition("would_breach", way, after.levels.floor + terms.keep, after.value, "usd")


def survives(stage: Stage, terms: PayoutTerms, standing: Standing, gross: Cents) -> bool:
    """After a payout of this much, the account is above its floor by what the terms want kept."""
    return outcome(stage, terms, standing, shares(terms, standing, gross)).safe


def _make_room(stage: Stage, terms: PayoutTerms, standing: Standing, gross: Cents) -> Way:
    lacking = missing_profit(stage, standing, lambda later: survives(stage, terms, later, gross))
    return NoWay("the room above its floor does not grow with profit") if lacking is None else Earn(lacking)
