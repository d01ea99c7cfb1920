"""How much may be withdrawn, who gets which part of it, and what it leaves (prop-rules 4.12, 4.13).

``obstacle`` is the one definition of what may be paid: the largest amount on offer, the check of an amount asked for
and the profit still missing are all searched with it, so they cannot contradict each other. It only ever gets
stricter as the amount rises, which the searches rest on and a property test holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.catalogue.program import PayoutTerms, Split, SplitStep, Stage
from propfirm.domain.money import (
    MICROS_PER_CENT,
    MONEY_MAX,
    ONE,
    Cents,
    Micros,
    Ppm,
    from_cents,
    portion,
    to_cents,
)
from propfirm.domain.payouts.standing import Standing, earned
from propfirm.domain.rules.floors import Levels, breached
from propfirm.domain.rules.payout_effect import Withdrawal, effect, withdrawal

Obstacle: TypeAlias = Literal["profit", "pct_cap", "amount_cap", "trader_cap", "room"]
"""What stops a larger payout, in the order in which they are asked. profit: less what the buffer keeps."""


class Part(Struct, frozen=True):
    """A piece of a payout that is split at one rate."""

    gross: Micros
    rate: Ppm


class Shares(Struct, frozen=True):
    """A payout divided. trader + firm = gross, always: the trader's cents are rounded down once, over all parts.

    inside_buffer: profit of the buffer is among it.
    """

    gross: Cents
    trader: Cents
    firm: Cents
    parts: tuple[Part, ...]
    inside_buffer: bool = False

    @property
    def trader_exact(self) -> int:
        """The trader's share before rounding, in millionths of a micro-dollar."""
        return sum(part.gross * part.rate for part in self.parts)


class Outcome(Struct, frozen=True):
    """What a payout leaves. value: the figure that the maximum loss is judged on; room: how far above the floor.

    safe: the account survives it with the room that the terms want kept.
    """

    levels: Levels
    value: Micros
    room: Micros
    breached: bool
    safe: bool


def reserve(terms: PayoutTerms, number: int) -> Micros:
    """Profit that payout ``number`` must leave in the account."""
    if terms.buffer is None:
        return Micros(0)
    until = terms.buffer.until_payout_no
    return terms.buffer.amount if until is None or number <= until else terms.buffer.keep_after


def outside_buffer(terms: PayoutTerms, standing: Standing) -> Micros:
    """Profit above the buffer; 0 while there is none."""
    return Micros(max(0, standing.counted - reserve(terms, standing.number)))


def within_reach(terms: PayoutTerms, standing: Standing) -> Micros:
    """Profit that may be withdrawn: what is above the buffer, and with leave to go inside it also the rest.

    Going inside, at most max_share of the whole profit may be taken, so that the larger of the two counts.
    """
    outside, inside = outside_buffer(terms, standing), terms.inside_buffer
    if inside.mode == "forbid":
        return outside
    whole = Micros(max(0, standing.counted))
    return max(outside, whole if inside.max_share is None else portion(whole, inside.max_share))


def pct_cap(terms: PayoutTerms, standing: Standing) -> Micros | None:
    """Most of profit or balance that one payout may take; None: no such cap, or no longer."""
    rule = terms.pct_cap
    if rule is None or _reached(rule.until_qualifying_days, standing.qualifying_lifetime):
        return None
    return portion(standing.counted if rule.base == "profit" else standing.levels.balance, rule.value)


def amount_cap(terms: PayoutTerms, standing: Standing) -> Micros | None:
    """The step of the cap ladder for this payout; its last step stays. None: no ladder, or it has been outgrown."""
    caps, until = terms.amount_caps, terms.caps_until_payout_no
    if not caps or (until is not None and standing.number > until):
        return None
    if _reached(terms.caps_until_qualifying_days, standing.qualifying_lifetime):
        return None
    return caps[min(standing.number, len(caps)) - 1]


def _reached(days: int | None, qualifying_lifetime: int) -> bool:
    return days is not None and qualifying_lifetime >= days


def share(split: Split, amount: Micros, *, number: int, lifetime: Micros, business_days_old: int) -> tuple[Part, ...]:
    """``amount`` cut where the split changes: only lifetime tiers cut; all else decides one rate for the whole.

    number: of the payout, from 1. lifetime: gross withdrawn before.
    """
    match split.kind:
        case "flat":
            return (Part(amount, split.steps[0].rate),)
        case "by_payout":
            return (Part(amount, _step(split.steps, number)),)
        case "by_age":
            return (Part(amount, _step(split.steps, business_days_old)),)
        case "by_lifetime_marginal":
            return tuple(_tiers(split.steps, amount, lifetime))


def _step(steps: tuple[SplitStep, ...], position: int) -> Ppm:
    """The rate of the last step that begins at or before position; before all of them, the first."""
    return next((step.rate for step in reversed(steps) if step.start <= position), steps[0].rate)


def _tiers(steps: tuple[SplitStep, ...], amount: Micros, lifetime: Micros) -> Iterator[Part]:
    done = lifetime
    end = lifetime + amount
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        upper = end if following is None else min(end, following.start)
        if upper > done:
            yield Part(Micros(upper - done), step.rate)
            done = Micros(upper)


def shares(terms: PayoutTerms, standing: Standing, gross: Cents) -> Shares:
    """``gross`` >= 0 divided between trader and firm. What comes from inside the buffer may have its own rate."""
    amount = from_cents(gross)
    forbidden = terms.inside_buffer.mode == "forbid"
    inside = Micros(0 if forbidden else max(0, amount - outside_buffer(terms, standing)))
    rate = _inside_rate(terms, standing)
    apart = Micros(0) if rate is None else inside
    parts = share(
        terms.split,
        Micros(amount - apart),
        number=standing.number,
        lifetime=standing.lifetime,
        business_days_old=standing.business_days_old,
    )
    if rate is not None and apart > 0:
        parts = (*parts, Part(apart, rate))
    trader = Cents(sum(part.gross * part.rate for part in parts) // (ONE * MICROS_PER_CENT))
    return Shares(gross, trader, Cents(gross - trader), parts, inside > 0)


def _inside_rate(terms: PayoutTerms, standing: Standing) -> Ppm | None:
    """The trader's rate inside the buffer; None: the same as outside."""
    rule = terms.inside_buffer
    if rule.split_later is None or rule.split_later_after_days is None:
        return rule.split
    age = (standing.today - standing.opened_on).days
    return rule.split_later if age >= rule.split_later_after_days else rule.split


def outcome(stage: Stage, terms: PayoutTerms, standing: Standing, divided: Shares) -> Outcome:
    """The account after this payout, by the engine's own arithmetic."""
    booked = booking(terms, divided)
    levels = effect(stage, standing.levels, booked)
    held = standing.equity if stage.max_loss.measure == "equity" else standing.levels.balance
    value = Micros(held - booked.taken)
    room = Micros(value - levels.floor)
    dead = breached(value, levels.floor, touch=stage.max_loss.cmp == "touch")
    return Outcome(levels, value, room, dead, not dead and room >= terms.keep)


def booking(terms: PayoutTerms, divided: Shares) -> Withdrawal:
    """The payout as the account will see it."""
    gross, trader = from_cents(divided.gross), from_cents(divided.trader)
    return withdrawal(terms, gross, trader, inside_buffer=divided.inside_buffer)


def obstacle(stage: Stage, terms: PayoutTerms, standing: Standing, gross: Cents) -> Obstacle | None:
    """The first reason why ``gross`` cannot be paid; None if it can."""
    amount = from_cents(gross)
    if amount > within_reach(terms, standing):
        return "profit"
    of_base = pct_cap(terms, standing)
    if of_base is not None and amount > of_base:
        return "pct_cap"
    of_ladder = amount_cap(terms, standing)
    if of_ladder is not None and amount > of_ladder:
        return "amount_cap"
    divided = shares(terms, standing, gross)
    if terms.trader_cap is not None and _is_full(terms, standing, divided, terms.trader_cap):
        return "trader_cap"
    return None if outcome(stage, terms, standing, divided).safe else "room"


def _is_full(terms: PayoutTerms, standing: Standing, divided: Shares, most: Micros) -> bool:
    """The trader's part is over its cap, or a cent less already filled it: what is more would be the firm's alone."""
    if from_cents(divided.trader) > most:
        return True
    return divided.gross > 0 and from_cents(shares(terms, standing, Cents(divided.gross - 1)).trader) >= most


def available(stage: Stage, terms: PayoutTerms, standing: Standing) -> Cents:
    """The largest gross amount without an obstacle, in cents; 0 if there is none."""
    top = to_cents(within_reach(terms, standing))
    return Cents(first(0, top, lambda cents: obstacle(stage, terms, standing, Cents(cents + 1)) is not None))


def missing_profit(stage: Stage, standing: Standing, holds: Callable[[Standing], bool]) -> Micros | None:
    """The least further profit with which ``holds``, which still more profit does not undo. None: none is enough."""

    def enough(amount: int) -> bool:
        return holds(earned(stage, standing, Micros(amount)))

    return Micros(first(0, MONEY_MAX, enough)) if enough(MONEY_MAX) else None


def first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest of low..high that ``holds``, where all above it do too, and high does."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
