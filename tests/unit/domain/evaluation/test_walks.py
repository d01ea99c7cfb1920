"""Random lives: whatever is commanded, in whatever order, what must always hold holds after every step."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import assert_never
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import account, appeal, charts, commands, events, states
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.ids import AppealId
from propfirm.domain.money import Cents
from tests.unit.domain.evaluation import lives
from tests.unit.domain.evaluation.lives import ANNA, BORIS, NOON, payment
from tests.unit.domain.evaluation.surveys import Survey, account_commands, appeal_commands, name

EDGES = set(charts.ACCOUNT_EDGES)
APPEAL_EDGES = set(charts.APPEAL_EDGES)
MOVES_THE_VERSION = events.ProgramVersionMoved | events.AccountGrown | events.AccountReset


ANYTHING = tuple(account_commands())
WAITS = (0, 0, 0, 0, 1, 1, 2, 3, 20)
"""Half days between two steps."""


def dice_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - lives are random, not secret


def likely(one: lives.Life, number: int) -> list[commands.Command]:
    """What the firm, the trader, the platform or the engine would plausibly ask of this account."""
    paid = 100 + number
    breach_at, seq = one.now - timedelta(days=number % 3), 1 + number % 40
    match one.account:
        case None:
            return [lives.open_under(one.bought)]
        case states.Pending(offer=states.Offer(fee=fee)):
            return [
                commands.Accept(payment(paid, fee, at=one.now) if fee else None),
                commands.Accept(payment(paid, fee, at=one.now) if fee else None),
                commands.Expire(),
                *_anywhere(number),
            ]
        case states.Pending():
            begun = (commands.Activate(f"sim:{number}"), commands.Fund(f"sim:{number}"))
            return [*begun, *begun, *_rebills(one, paid), *_anywhere(number)]
        case states.Evaluating() | states.Funded():
            run, program = one.account.enrolment.run, one.program
            growth = program.stage(one.account.enrolment.stage).growth
            larger = next((e for e in lives.EDITIONS if growth is not None and e.program.id == growth.to), lives.BARE)
            return [
                *[lives.record_pass(run, seq)] * (4 if isinstance(one.account, states.Evaluating) else 1),
                lives.record_breach(run, seq, at=breach_at),
                lives.record_breach(run, seq, rule="inactivity", at=breach_at),
                lives.grow(run, larger),
                lives.go_live(run, payouts=6),
                *_rebills(one, paid),
                *_anywhere(number),
            ]
        case states.Passed():
            advance: commands.Command = commands.Advance(one.account.enrolment.run)
            return [advance, advance, advance, *_anywhere(number)]
        case states.Suspended():
            run = one.account.enrolment.run
            return [
                lives.record_pass(run, seq),
                lives.record_breach(run, seq, at=breach_at),
                lives.record_breach(run, seq, rule="time_limit", at=breach_at),
                *_anywhere(number),
                lives.DISPUTE_WON,
                lives.REVIEW_DONE,
            ]
        case states.Failed():
            return _after_a_failure(one, one.account, number)
        case states.Closed():
            return [lives.record_breach(one.account.enrolment.run), lives.CLOSE]
        case _:
            assert_never(one.account)


def _after_a_failure(one: lives.Life, failed: states.Failed, number: int) -> list[commands.Command]:
    paid, run, seen = 100 + number, failed.enrolment.run, failed.verdict.hit.seq
    about = failed.appeal or AppealId(UUID(int=1000 + number))
    reset = one.program.stage(failed.enrolment.stage).reset
    fee = reset.fee if reset is not None else Cents(0)
    current = lives.TWO_STEP_2 if one.program.id == "two-step" else one.bought
    return [
        commands.Reset(run, payment(paid, fee), current),
        *_rebills(one, paid),
        commands.HoldForAppeal(about),
        commands.HoldForAppeal(about),
        commands.SettleAppeal(about, "upheld" if number % 2 else "withdrawn"),
        commands.Reinstate(lives.corrected_state(seen + number % 3, about), ANNA, BORIS),
        *_anywhere(number),
        lives.DISPUTE_WON,
        lives.REVIEW_DONE,
    ]


def _rebills(one: lives.Life, number: int) -> list[commands.Command]:
    assert one.account is not None
    return [commands.Rebill(payment(number, one.program.stage(one.account.enrolment.stage).price))]


def _anywhere(number: int) -> list[commands.Command]:
    """Seldom more than one of these: each takes a life off its way."""
    rare: dict[int, commands.Command] = {
        0: lives.DISPUTE,
        1: lives.REVIEW,
        2: lives.REVERSED,
        3: lives.move(lives.TWO_STEP),
        4: lives.move(lives.TWO_STEP_2),
    }
    return [rare[number % 9]] if number % 9 in rare else []


class Walker(lives.Life):
    """A life that checks itself at every step."""

    def wander(self, dice: random.Random, steps: int) -> None:
        """Mostly onward; every third step is any command, with any facts."""
        for _ in range(steps):
            self.now += timedelta(hours=12 * dice.choice(WAITS))
            self.step(dice.choice(ANYTHING if dice.randrange(3) == 0 else likely(self, dice.randrange(1000))))

    def step(self, command: commands.Command) -> None:
        try:
            decided = self.answer(command)
        except Refused:
            return
        for event in decided:
            self._follow(event)
        self._is_not_repeated(command, decided)

    def _follow(self, event: events.Event) -> None:
        before, after = self.account, account.evolve(self.account, event)
        assert (name(before), name(event), name(after)) in EDGES
        if before is not None:
            was, now = before.enrolment, after.enrolment
            assert (was.id, was.owner, was.purchase) == (now.id, now.owner, now.purchase)
            assert was.bound == now.bound or isinstance(event, MOVES_THE_VERSION)
            assert now.run - was.run == isinstance(event, events.NextRun)
            assert was.stage == now.stage or now.run > was.run
        if isinstance(event, events.AccountReset) and before is not None:
            sold = self.program.stage(before.enrolment.stage).reset
            assert sold is not None
            assert event.bound == before.enrolment.bound or sold.version == "current"
            assert sold.max is None or before.enrolment.resets_used < sold.max
        self.history.append(event)
        self.account = after

    def _is_not_repeated(self, command: commands.Command, decided: list[events.Event]) -> None:
        """Told again, a command that did something does nothing, or is refused."""
        try:
            again = self.answer(command)
        except Refused:
            return
        assert not (decided and again)


seeds = st.integers(0, 2**32 - 1)


@given(st.sampled_from(lives.EDITIONS), seeds)
def test_no_walk_leaves_the_stated_edges(edition: Edition, seed: int) -> None:
    one = Walker(edition)
    one.wander(dice_of(seed), steps=50)
    state: states.Account | None = None
    for event in one.history:
        stored = json.encode(event)
        assert json.decode(stored, type=events.Event) == event
        state = account.evolve(state, json.decode(stored, type=events.Event))
    assert state == one.account


@given(st.sampled_from([point for point, one in lives.lives().items() if one.account is not None]), seeds)
def test_no_walk_from_the_middle_of_a_life_leaves_the_stated_edges(
    points: dict[str, lives.Life], point: str, seed: int
) -> None:
    from_the_middle(points[point]).wander(dice_of(seed), steps=20)


def from_the_middle(begun: lives.Life) -> Walker:
    one = Walker(begun.bought)
    one.account, one.history, one.now = begun.account, list(begun.history), begun.now
    return one


def test_walks_come_along_every_edge(points: dict[str, lives.Life]) -> None:
    """So that what holds on every walk holds on every edge."""
    dice = dice_of(1)
    walked: set[charts.Edge] = set()
    for begun in [*points.values()] * 4:
        one = from_the_middle(begun)
        one.wander(dice, steps=40)
        state = begun.account
        for event in one.history[len(begun.history) :]:
            before, state = state, account.evolve(state, event)
            walked.add((name(before), name(event), name(state)))
    assert walked == EDGES


@given(st.lists(st.tuples(st.sampled_from(list(appeal_commands())), st.integers(0, 4)), max_size=25))
def test_no_walk_of_an_appeal_decides_it_without_two_people(walk: list[tuple[appeal.Command, int]]) -> None:
    state, now, history = lives.heard(lives.FILE), NOON, []
    for command, later in walk:
        now += timedelta(days=later)
        try:
            decided = appeal.decide(state, command, now)
        except Refused:
            continue
        for event in decided:
            after = appeal.evolve(state, event)
            assert (name(state), name(event), name(after)) in APPEAL_EDGES
            assert state is not None
            assert after.filing == state.filing
            state = after
            history.append(json.decode(json.encode(event), type=appeal.Event))
    if isinstance(state, appeal.Upheld | appeal.Overturned):
        assert len({state.proposal.by, state.second, state.filing.owner}) == 3
        assert state.proposal.override or not state.proposal.against_the_evidence
    replayed = lives.heard(lives.FILE)
    for event in history:
        replayed = appeal.evolve(replayed, event)
    assert replayed == state


# ---------------------------------------------------------------- to bytes and back


@pytest.mark.parametrize("one", lives.lives().values(), ids=lives.lives().keys())
def test_every_state_is_read_back_as_it_was_written(one: lives.Life) -> None:
    assert json.decode(json.encode(one.account), type=states.Account | None) == one.account


def test_every_command_is_read_back_as_it_was_written() -> None:
    for command in account_commands():
        assert json.decode(json.encode(command), type=commands.Command) == command
    for act in appeal_commands():
        assert json.decode(json.encode(act), type=appeal.Command) == act


def test_every_event_is_read_back_as_it_was_written(accounts: Survey, appeals: Survey) -> None:
    for _, event, state in accounts.walked:
        assert json.decode(json.encode(event), type=events.Event) == event
        assert json.decode(json.encode(state), type=states.Account) == state
    for _, event, state in appeals.walked:
        assert json.decode(json.encode(event), type=appeal.Event) == event
        assert json.decode(json.encode(state), type=appeal.Appeal) == state


def test_replaying_a_life_from_its_events_gives_the_same_state() -> None:
    for one in lives.lives().values():
        state: states.Account | None = None
        for event in one.history:
            state = account.evolve(state, event)
        assert state == one.account
