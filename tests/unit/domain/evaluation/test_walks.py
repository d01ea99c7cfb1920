"""Random lives: whatever is commanded, in whatever order, what must always hold holds after every step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace

from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import account, appeal, charts, commands, events, states
from propfirm.domain.evaluation.facts import Edition
from tests.unit.domain.evaluation import lives
from tests.unit.domain.evaluation.lives import ANNA, BORIS, NOON, OTHER_APPEAL, TRADER, consent, payment
from tests.unit.domain.evaluation.surveys import Survey, account_commands, appeal_commands, name

EDGES = set(charts.ACCOUNT_EDGES)
APPEAL_EDGES = set(charts.APPEAL_EDGES)
MOVES_THE_VERSION = events.ProgramVersionMoved | events.AccountGrown | events.AccountReset
BEGINS_A_RUN = (
    events.AccountReset
    | events.AccountRestarted
    | events.StageGranted
    | events.AccountGrown
    | events.AccountTransferred
)


def aimed(command: commands.Command, present: int) -> commands.Command:
    """The command with its run counted from the present one, so that most walks lead somewhere."""
    match command:
        case commands.Advance() | commands.Reset() | commands.GrowTo() | commands.Transfer():
            return replace(command, run=present + command.run)
        case commands.RecordBreach(breach=breach):
            return commands.RecordBreach(replace(breach, run=present + breach.run))
        case commands.RecordPass(verdict=verdict):
            return commands.RecordPass(replace(verdict, run=present + verdict.run))
        case _:
            return command


# ---------------------------------------------------------------- random commands

people = st.sampled_from([ANNA, BORIS, TRADER])
runs = st.sampled_from([0, 0, 0, 0, -1, 1])
"""As seen from the present run: see aimed."""
editions = st.sampled_from(lives.EDITIONS)
reasons = st.sampled_from(["seen", "seen", "seen", ""])
causes = st.sampled_from(["payment_dispute", "risk_review"])
moments = st.integers(0, 40).map(lambda half_days: NOON + timedelta(hours=12 * half_days))
payments = st.builds(
    payment, st.integers(0, 9), st.sampled_from([0, 50_00, 99_00, 149_00, 500_00]), st.just(0), moments
)
appeal_ids = st.sampled_from([lives.APPEAL, OTHER_APPEAL])


def record_breach(run: int, seq: int, rule: str, at: object) -> commands.RecordBreach:
    return lives.record_breach(run, seq, rule=rule, at=at)  # type: ignore[arg-type]  # drawn from the lists below


BREACHES = st.builds(record_breach, runs, st.integers(1, 9), st.sampled_from(["max_loss", "inactivity"]), moments)
ONWARD = st.one_of(
    st.builds(commands.Accept, st.none() | payments),
    st.builds(commands.Activate, st.sampled_from(["sim:1", "sim:2"])),
    st.builds(commands.Fund, st.sampled_from(["sim:1", "sim:2"])),
    st.builds(lives.record_pass, runs, st.integers(1, 9)),
    st.builds(commands.Advance, runs),
)
COMMANDS: st.SearchStrategy[commands.Command] = st.one_of(
    ONWARD,
    ONWARD,  # twice as often, so that lives get somewhere
    BREACHES,
    st.builds(lives.open_under, editions),
    st.builds(commands.Suspend, causes, reasons, st.none() | people),
    st.builds(commands.Resume, causes, reasons, st.none() | people),
    st.builds(commands.Reset, runs, st.none() | payments, editions),
    st.builds(commands.Rebill, payments),
    st.just(commands.Expire()),
    st.builds(commands.Close, st.sampled_from(["trader_request", "purchase_reversed"]), reasons, people),
    st.builds(lives.grow, runs, editions, st.integers(0, 4)),
    st.builds(lives.go_live, runs, st.integers(3, 6)),
    st.builds(commands.MoveProgramVersion, editions, editions.map(consent), reasons, people),
    editions.map(lives.move),
    st.builds(commands.HoldForAppeal, appeal_ids),
    st.builds(commands.SettleAppeal, appeal_ids, st.sampled_from(["upheld", "withdrawn"])),
    st.builds(commands.Reinstate, st.builds(lives.standing, st.integers(1, 20), appeal_ids), people, people),
)
WALKS = st.lists(st.tuples(COMMANDS, st.integers(0, 4)), max_size=60)


class Walker(lives.Life):
    """A life that checks itself at every step."""

    def step(self, drawn: commands.Command) -> None:
        command = aimed(drawn, 1 if self.account is None else self.account.enrolment.run)
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
            assert now.run - was.run == isinstance(event, BEGINS_A_RUN)
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


@given(st.sampled_from(lives.EDITIONS), WALKS)
def test_no_walk_leaves_the_stated_edges(edition: Edition, walk: list[tuple[commands.Command, int]]) -> None:
    one = Walker(edition)
    one.step(lives.open_under(edition))
    for command, half_days in walk:
        one.now += timedelta(hours=12 * half_days)
        one.step(command)
    state: states.Account | None = None
    for event in one.history:
        stored = json.encode(event)
        assert json.decode(stored, type=events.Event) == event
        state = account.evolve(state, json.decode(stored, type=events.Event))
    assert state == one.account


@given(
    st.sampled_from([point for point, one in lives.lives().items() if one.account is not None]),
    st.lists(COMMANDS, max_size=12),
)
def test_no_walk_from_the_middle_of_a_life_leaves_the_stated_edges(point: str, walk: list[commands.Command]) -> None:
    begun = lives.lives()[point]
    one = Walker(begun.bought)
    one.account, one.history, one.now = begun.account, list(begun.history), begun.now
    for command in walk:
        one.step(command)


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
            assert after.case == state.case
            state = after
            history.append(json.decode(json.encode(event), type=appeal.Event))
    if isinstance(state, appeal.Upheld | appeal.Overturned):
        assert len({state.proposal.by, state.second, state.case.owner}) == 3
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
