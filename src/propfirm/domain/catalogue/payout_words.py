"""Payout terms in words that a trader understands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from propfirm.domain.catalogue.phrases import clock_time, days, number, rate, usd, weekday, words_and
from propfirm.domain.catalogue.program import Buffer, InsideBuffer, PayoutTerms, Schedule, Split, SplitStep, Stage
from propfirm.domain.money import ONE, Micros

_PAPERS: Final[dict[str, str]] = {
    "kyc": "a checked identity",
    "contract": "a signed contract",
    "tax_form": "a tax form",
}


def payout_sentences(stage: Stage, start: Micros) -> Iterator[str]:
    """start: the starting balance of the stage."""
    terms = stage.payout
    if terms is None:
        return
    yield from _when(terms)
    yield from _conditions(terms)
    yield from _amount(terms)
    yield from _split(terms.split)
    yield from _effect(terms, start)


def _when(terms: PayoutTerms) -> Iterator[str]:
    yield _schedule(terms.schedule)
    if terms.schedule.cutoff is not None:
        zone = f" {terms.schedule.cutoff_zone} time" if terms.schedule.cutoff_zone is not None else ""
        yield f"A request after {clock_time(terms.schedule.cutoff)}{zone} counts for the next day."
    if terms.min_account_age_days:
        yield f"The account must be {days(terms.min_account_age_days)} old."
    if terms.max_count is not None:
        then = "the account is closed" if terms.after_max_count == "close" else "you move on to the next stage"
        yield f"The account pays at most {number(terms.max_count, 'payout')}; after that {then}."


def _schedule(schedule: Schedule) -> str:
    n = schedule.n or 0
    match schedule.kind:
        case "on_demand":
            return "You may ask for a payout on any day."
        case "every_n_days":
            return f"You may ask for a payout {days(n)} after the first trade, and after each payout again."
        case "weekday":
            day = weekday(schedule.weekday) if schedule.weekday is not None else "its weekday"
            return f"You may ask for a payout every {day}."
        case "n_per_month":
            return f"You may have {number(n, 'payout')} in a calendar month."
        case "after_n_qualifying":
            return f"You may ask for a payout after {number(n, 'qualifying day')} since the last one."


def _conditions(terms: PayoutTerms) -> Iterator[str]:
    if terms.requires:
        yield f"You need {words_and([_PAPERS[paper] for paper in terms.requires])}."
    if terms.flat_required:
        yield "No position may be open."
    if terms.min_amount:
        yield f"The smallest payout is {usd(terms.min_amount)}."
    if terms.min_cycle_profit:
        yield f"At least {usd(terms.min_cycle_profit)} of profit since the last payout is needed."
    if terms.min_balance is not None:
        yield f"The balance must be at least {usd(terms.min_balance)} to ask."
    if terms.floor_locked_required:
        yield "You may withdraw only once the maximum-loss floor has stopped for good."
    for place, target in enumerate(terms.dynamic_target, start=1):
        base = "the starting balance" if place == 1 else f"the balance after payout {place - 1}"
        yield f"For payout {place} a profit of {rate(target)} of {base} is needed."


def _amount(terms: PayoutTerms) -> Iterator[str]:
    if terms.pct_cap is not None:
        base = "your profit" if terms.pct_cap.base == "profit" else "your balance"
        lifted = terms.pct_cap.until_qualifying_days
        until = "" if lifted is None else f", until you have {number(lifted, 'qualifying day')} in all"
        yield f"A payout may take at most {rate(terms.pct_cap.value)} of {base}{until}."
    if terms.amount_caps:
        caps = [f"{usd(cap)} for payout {n}" for n, cap in enumerate(terms.amount_caps, start=1)]
        yield f"A payout may be at most {words_and(caps)} and all later ones."
        if terms.caps_until_payout_no is not None:
            yield f"From payout {terms.caps_until_payout_no + 1} on these limits no longer hold."
        if terms.caps_until_qualifying_days is not None:
            enough = number(terms.caps_until_qualifying_days, "qualifying day")
            yield f"These limits no longer hold once you have {enough} in all."
    if terms.trader_cap is not None:
        yield f"You receive at most {usd(terms.trader_cap)} from one payout, after the split."
    if terms.buffer is not None:
        yield from _buffer(terms.buffer, terms.inside_buffer)
    if terms.keep:
        yield f"At least {usd(terms.keep)} must remain above the maximum-loss floor."


def _buffer(buffer: Buffer, inside: InsideBuffer) -> Iterator[str]:
    if buffer.until_payout_no is None:
        yield f"The first {usd(buffer.amount)} of profit is a buffer and stays in the account."
    else:
        after = f"{usd(buffer.keep_after)} of profit must stay" if buffer.keep_after else "nothing has to stay"
        yield (
            f"The first {usd(buffer.amount)} of profit is a buffer and stays in the account up to payout"
            f" {buffer.until_payout_no}; from then on {after}."
        )
    if inside.mode == "forbid":
        yield "Profit inside the buffer cannot be withdrawn."
        return
    split = rate(inside.split) if inside.split is not None else "the usual share"
    yield f"Profit inside the buffer may be withdrawn; of that you receive {split}."
    if inside.split_later is not None and inside.split_later_after_days is not None:
        yield f"Once the account is {days(inside.split_later_after_days)} old it is {rate(inside.split_later)}."
    if inside.max_share is not None:
        yield f"Such a payout may take at most {rate(inside.max_share)} of the whole profit."
    if inside.floor_to_start:
        yield "It also sets the maximum-loss floor to the starting balance."
    if inside.close:
        yield "It also closes the account."


def _split(split: Split) -> Iterator[str]:
    if not split.steps:
        yield "How a payout is split is not said."
        return
    whose = "this account" if split.scope == "account" else "all your accounts"
    match split.kind:
        case "flat" if split.steps[0].rate == ONE:
            yield "You receive the whole of each payout."
            return
        case "flat":
            yield f"You receive {rate(split.steps[0].rate)} of each payout, the firm the rest."
        case "by_payout":
            steps = [f"{rate(step.rate)} from payout {step.start} on" for step in split.steps]
            yield f"Of each payout you receive {words_and(steps)}."
        case "by_lifetime_marginal":
            yield f"You receive {words_and(list(_tiers(split.steps)))}, counted over all payouts from {whose}."
        case "by_age":
            steps = [f"{rate(step.rate)} from {number(step.start, 'business day')} on" for step in split.steps]
            yield f"What you receive grows with the age of the account: {words_and(steps)}."
    yield "Your share is rounded down to the cent; the firm has the rest, so that both add up."


def _tiers(steps: tuple[SplitStep, ...]) -> Iterator[str]:
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        if following is None:
            yield f"{rate(step.rate)} of what goes beyond {usd(Micros(step.start))}"
        elif step is steps[0]:
            yield f"{rate(step.rate)} of the first {usd(Micros(following.start))}"
        else:
            yield f"{rate(step.rate)} from there to {usd(Micros(following.start))}"


def _effect(terms: PayoutTerms, start: Micros) -> Iterator[str]:
    yield {
        "gross": "The whole payout leaves your balance, the firm's share included.",
        "trader_share": "Only your share leaves your balance.",
    }[terms.deduct]
    which = "Your first payout" if terms.floor_effect_first_only else "Each payout"
    yield {
        "unchanged": "A payout leaves the maximum-loss floor where it is.",
        "set_to_start": f"{which} raises the maximum-loss floor to the starting balance, {usd(start)}.",
        "set_to_start_plus": (
            f"{which} raises the maximum-loss floor to {usd(Micros(start + terms.floor_effect_value))}."
        ),
        "set_to_zero": f"{which} raises the maximum-loss floor to 0.",
        "raise_by_trader_share": f"{which} raises the maximum-loss floor by your share.",
        "reset_cycle": f"After {which.lower()} the maximum loss is measured anew from the balance that is left.",
    }[terms.floor_effect]
    if terms.hwm_effect == "reduce":
        yield "It also lowers the high-water mark by what was withdrawn."
    decided = "approved" if terms.counter_reset == "on_approval" else "approved or denied"
    yield f"Days and consistency are counted anew from the moment a payout is {decided}."
