"""Worked examples of a program's rules, every figure of them computed by the engine and the payout policy.

A page that explains a rule with figures made by hand can be wrong; these cannot say anything but what a live account
would get. Each example is a short story in round figures, told as it is played.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from propfirm.application.rules.payout_standing import Record, standing_of
from propfirm.domain.catalogue.program import Program, Stage
from propfirm.domain.catalogue.words import Section
from propfirm.domain.money import (
    MICROS_PER_CENT,
    MICROS_PER_DOLLAR,
    Micros,
    from_cents,
    show,
    show_exact,
    show_least,
    show_most,
)
from propfirm.domain.payouts.quote import Quote, quote
from propfirm.domain.payouts.standing import Papers
from propfirm.domain.payouts.ways import sentence
from propfirm.domain.rules.consistency import cap_in_force, least_total
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import DayRolled, EodSnapshot, Metric
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Options, Terms, compile_terms

DAY_NS: Final = 86_400 * 1_000_000_000
MONDAY: Final = date(2026, 1, 5)
SATURDAY: Final = 5
CENT: Final = MICROS_PER_CENT
DAYS_MAX: Final = 60
"""So many profitable days an example may take until a payout is due; programs that ask for more get no example."""


class Story:
    """An account whose days are told by its balance and equity."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.state: State = begin(terms)
        self.day = MONDAY - timedelta(days=1)
        self.first_day = MONDAY
        self._number = 0
        self.roll()

    def copied(self) -> Story:
        """The same account, to try something on."""
        other = Story(self.terms)
        other.state, other.day, other._number = self.state, self.day, self._number
        return other

    def roll(self) -> tuple[Finding, ...]:
        """The next weekday begins."""
        self.day += timedelta(days=1)
        while self.day.weekday() >= SATURDAY:
            self.day += timedelta(days=1)
        self._number += 1
        at = self._number * DAY_NS
        return self._feed(DayRolled(self.state.seq + 1, at, self.day, at + DAY_NS))

    def stands(self, balance: int, equity: int) -> tuple[Finding, ...]:
        at = self.state.at + 1
        return self._feed(Metric(self.state.seq + 1, at, Micros(balance), Micros(equity)))

    def closes(self, balance: int) -> tuple[Finding, ...]:
        """Flat at this balance when the end-of-day snapshot is taken, and the next day begins."""
        self.stands(balance, balance)
        self._feed(EodSnapshot(self.state.seq + 1, self.state.at + 1, self.day))
        return self.roll()

    def _feed(self, event: DayRolled | Metric | EodSnapshot) -> tuple[Finding, ...]:
        self.state, findings = step(self.terms, self.state, event)
        return findings


def worked_examples(program: Program) -> Iterator[Section]:
    """The examples of every stage, in the order of its rules."""
    for stage in program.stages:
        alone = replace(stage, target=None, daily_loss=None)
        losses = compile_terms(_with(program, alone), stage.name, {})
        yield Section("Example: the maximum loss, played by the engine", tuple(_max_loss(losses)), stage.name)
        terms = compile_terms(
            _with(program, replace(stage, target=None)), stage.name, {}, options=Options(daily_loss=True)
        )
        if stage.daily_loss is not None:
            yield Section("Example: the daily loss limit, played by the engine", tuple(_daily(terms)), stage.name)
        if stage.consistency is not None and stage.consistency.denominator == "total":
            yield Section("Example: consistency", tuple(_consistency(terms)), stage.name)
        if stage.payout is not None:
            told = tuple(_payout(terms))
            if told:
                yield Section("Example: a payout, quoted by the payout policy", told, stage.name)


def _with(program: Program, stage: Stage) -> Program:
    """The program with this stage in place of its own: one rule is shown at a time, so no other may end the story."""
    return replace(program, stages=tuple(stage if one.name == stage.name else one for one in program.stages))


def _unit(terms: Terms) -> int:
    """About a quarter of the drawdown, in whole dollars."""
    return max(MICROS_PER_DOLLAR, terms.drawdown // 4 // MICROS_PER_DOLLAR * MICROS_PER_DOLLAR)


def _max_loss(terms: Terms) -> Iterator[str]:
    story, unit, start = Story(terms), _unit(terms), terms.start
    yield f"You begin with {show(start)}; the floor stands at {show_exact(story.state.floor)}."
    story.stands(start, start + 2 * unit)
    yield f"On Monday an open profit takes equity to {show(Micros(start + 2 * unit))}: the floor is {_floor(story)}."
    story.closes(start + unit)
    yield f"Monday ends flat with {show(Micros(start + unit))}: the floor is {_floor(story)}."
    story.closes(start + 6 * unit)
    locked = " and stays there for good" if story.state.core.floor.locked else ""
    yield f"Tuesday ends with {show(Micros(start + 6 * unit))}: the floor is {_floor(story)}{locked}."
    floor = story.state.floor
    balance = story.state.balance
    for below, words in ((0, "exactly at the floor"), (CENT, "one cent below it")):
        trial = story.copied()
        trial.stands(balance if terms.stage.max_loss.measure == "equity" else floor - below, floor - below)
        yield f"With equity of {show(Micros(floor - below))}, {words}, {_fate(trial.state)}."


def _daily(terms: Terms) -> Iterator[str]:
    story, unit, start = Story(terms), _unit(terms), terms.start
    story.closes(start + unit)
    floor = story.state.day_floor
    if floor is None:
        return
    reference = show(Micros(start + unit))
    yield f"A day that begins with {reference} has its own floor at {show_exact(floor)}."
    for below, words in ((0, "exactly there"), (CENT, "one cent below")):
        trial = story.copied()
        trial.stands(start + unit, floor - below)
        yield f"With equity of {show(Micros(floor - below))}, {words}, {_fate(trial.state)}."


def _consistency(terms: Terms) -> Iterator[str]:
    rule = terms.stage.consistency
    cap = None if rule is None else cap_in_force(rule, 0)
    if rule is None or cap is None:
        return
    best = Micros(2 * _unit(terms))
    total = least_total(best, cap, rule.cmp)
    unit = "trade" if rule.unit == "trade" else "day"
    yield f"With a best {unit} of {show(best)} the profit must be at least {show_least(total)}."


def _payout(terms: Terms) -> Iterator[str]:
    """Profitable days of equal size until a payout is possible."""
    story, unit = Story(terms), _unit(terms)
    for number in range(1, DAYS_MAX + 1):
        story.closes(story.state.balance + unit)
        answer = _quote(story)
        if answer.eligible and answer.shares is not None and answer.after is not None:
            span = "one day" if number == 1 else f"{number} days in a row"
            each = " each" if number > 1 else ""
            yield (
                f"After {span} with a profit of {show(Micros(unit))}{each}, the balance is"
                f" {show(story.state.balance)} and up to {show(from_cents(answer.available))} may be withdrawn."
            )
            yield (
                f"Of that you get {show(from_cents(answer.shares.trader))}, the firm"
                f" {show(from_cents(answer.shares.firm))}."
            )
            after = answer.after.levels
            yield (
                f"Then the balance is {show(after.balance)}, the floor {show_exact(after.floor)}:"
                f" {show_most(answer.after.room)} of room."
            )
            return
        if story.state.verdict != "open":
            return
    missing = [sentence(one.way) for one in _quote(story).failing]
    days = f"{DAYS_MAX} days with a profit of {show(Micros(unit))} each"
    yield f"After {days} a payout still needs: {'; '.join(missing)}."


def _quote(story: Story) -> Quote:
    record = Record(
        now=datetime.combine(story.day, datetime.min.time(), UTC),
        opened_on=story.first_day,
        first_trade_day=story.first_day,
    )
    return quote(story.terms.stage, standing_of(story.terms, story.state, record), Papers())


def _floor(story: Story) -> str:
    return show_exact(story.state.floor)


def _fate(state: State) -> str:
    if state.verdict == "breached":
        return "the account is breached"
    if state.locked:
        return "trading is locked until the next day"
    return "the account lives on"
