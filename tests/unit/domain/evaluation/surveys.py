"""Every state meets every command, in every variant that could matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import account, appeal, charts, commands, refusals
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.money import usd
from tests.unit.domain.evaluation import lives
from tests.unit.domain.evaluation.lives import (
    ANNA,
    BIGGER,
    BORIS,
    FORGED,
    KEEPER,
    NOON,
    OTHER_APPEAL,
    SECOND_ACCOUNT,
    TRADER,
    TWO_STEP,
    TWO_STEP_2,
    consent,
    corrected_state,
    days,
    life,
    payment,
    record_breach,
    record_pass,
)

SOON = NOON + days(1)
LATE = NOON + days(30)


def _per_run(run: int) -> Iterator[commands.Command]:
    yield from (record_breach(run), record_breach(run, 510), record_breach(run, 530), record_breach(run, 530, at=LATE))
    yield from (record_breach(run, 530, rule="inactivity"), record_breach(run, 530, outcome="lock_day"))
    yield record_breach(run, 530, decided=False)
    yield from (record_pass(run), record_pass(run, 530))
    yield commands.Advance(run)
    for current in (TWO_STEP_2, KEEPER, BIGGER):
        yield lives.reset(run, 50, 50_00, current)
    yield lives.reset(run, 54, 49_99)
    yield from (lives.reset(run, 52, 0), lives.reset(run, 53, 500_00), commands.Reset(run, None, TWO_STEP_2))
    yield commands.Reset(run, None, Edition(lives.program("two-step", 3, *BIGGER.program.stages), "0" * 64))
    yield from (lives.grow(run), lives.grow(run, payouts=2), lives.grow(run, profit="3999.99"))
    yield from (lives.grow(run, KEEPER), lives.grow(run, lives.BARE))
    yield commands.GrowTo(run, BIGGER, 3, usd("4000"), consent(BIGGER, ANNA))
    for payouts, gross in ((4, "0"), (3, "5000"), (6, "5000")):
        move = lives.go_live(run, payouts, gross)
        yield from (move, replace(move, balance=usd("51000")))
    yield replace(lives.go_live(run), reason=" ")
    yield replace(lives.go_live(run), accounts=(SECOND_ACCOUNT,))
    yield replace(lives.go_live(run), accounts=(lives.ACCOUNT,))


def account_commands() -> Iterator[commands.Command]:
    yield lives.OPEN
    yield commands.Open(SECOND_ACCOUNT, TRADER, lives.PURCHASE, TWO_STEP.fingerprint)
    yield from (lives.ACCEPT, lives.PAY_ACTIVATION, commands.Accept(payment(2, 148_99)))
    yield commands.Accept(payment(3, 149_00, at=LATE))
    yield from (commands.Activate(name) for name in ("sim:1", "sim:1b", "sim:9"))
    yield from (commands.Fund(name) for name in ("sim:2", "live:1", "sim:9"))
    for run in (0, 1, 2, 3, 4):
        yield from _per_run(run)
    yield from (lives.DISPUTE, lives.REVIEW, commands.Suspend("identity", "", None))
    yield from (lives.DISPUTE_WON, lives.REVIEW_DONE, commands.Resume("risk_review", "", BORIS))
    yield from (commands.Resume("risk_review", "mine", by) for by in (ANNA, TRADER, None))
    yield commands.Resume("payment_dispute", "mine", TRADER)
    yield from (lives.rebill(), lives.rebill(71, 79_00), lives.rebill(72, 1))
    yield commands.Expire()
    yield from (lives.CLOSE, lives.REVERSED, commands.Close("misconduct", " ", ANNA))
    yield from (lives.move(edition) for edition in (TWO_STEP, TWO_STEP_2, FORGED, BIGGER))
    yield commands.MoveProgramVersion(TWO_STEP_2, consent(TWO_STEP_2), "", ANNA)
    yield commands.MoveProgramVersion(TWO_STEP_2, consent(TWO_STEP), "asked", ANNA)
    yield commands.MoveProgramVersion(TWO_STEP_2, consent(TWO_STEP_2, ANNA), "asked", ANNA)
    stripped = Edition(lives.program("two-step", 7, *BIGGER.program.stages), "7" * 64)
    yield commands.MoveProgramVersion(stripped, consent(stripped), "asked", ANNA)
    yield from (lives.APPEALED, commands.HoldForAppeal(OTHER_APPEAL))
    yield from (lives.UPHELD, lives.WITHDRAWN, commands.SettleAppeal(OTHER_APPEAL, "upheld"))
    yield from (
        lives.REINSTATE,
        commands.Reinstate(corrected_state(), ANNA, ANNA),
        commands.Reinstate(corrected_state(), TRADER, ANNA),
    )
    yield commands.Reinstate(corrected_state(499), ANNA, BORIS)
    yield commands.Reinstate(corrected_state(of=OTHER_APPEAL), ANNA, BORIS)


def appeal_commands() -> Iterator[appeal.Command]:
    yield lives.FILE
    yield appeal.File(OTHER_APPEAL, TRADER, lives.FAILED, "again", 14, 5)
    yield appeal.File(lives.APPEAL, ANNA, lives.FAILED, "for him", 14, 5)
    yield appeal.File(lives.APPEAL, TRADER, lives.FAILED, " ", 14, 5)
    against = replace(lives.UPHOLD, rerun=lives.DIFFERENT)
    proposals = (
        lives.UPHOLD,
        lives.OVERTURN,
        replace(lives.OVERTURN, by=TRADER),
        replace(lives.UPHOLD, reason=""),
        against,
        replace(against, override="the bundle lacks a session"),
        replace(lives.UPHOLD, rerun=appeal.Rerun("same", 2, "7" * 64)),
    )
    for proposal in proposals:
        yield appeal.Propose(proposal)
        for by in (BORIS, ANNA, TRADER):
            yield appeal.Confirm(by, proposal)
            yield appeal.Decline(by, proposal, "the bust was not looked at")
        yield appeal.Decline(BORIS, proposal, " ")
    yield from (appeal.Withdraw(TRADER), appeal.Withdraw(ANNA))
    yield from (appeal.Escalate(lives.DUE, 3), appeal.Escalate(lives.DUE + days(4), 3))
    for end in (lives.REVERSED, lives.CLOSE):
        yield appeal.Lapse(lives.closed(life(lives.ACTIVATE, record_breach(), end)))


def name(value: object) -> str:
    return "-" if value is None else type(value).__name__


Answers: TypeAlias = dict[str, dict[str, set[str]]]
Step: TypeAlias = tuple[object, object, object]
"""State, event, state."""


def _says_where(refusal: Refused, state: object, command: object) -> None:
    if isinstance(refusal, refusals.NotInThisState):
        assert (refusal.state, refusal.command) == (name(state), name(command))


class Survey(NamedTuple):
    """What every pair answers, the edges walked, and the steps themselves."""

    answers: Answers
    edges: frozenset[charts.Edge]
    walked: tuple[Step, ...]


def survey_accounts() -> Survey:
    answers: Answers = defaultdict(lambda: defaultdict(set))
    walked: list[Step] = []
    for one in lives.lives().values():
        for command in account_commands():
            for now in (SOON, LATE):
                said = answers[name(command)][name(one.account)]
                walked += _account_step(one, command, now, said)
    return Survey(answers, frozenset((name(a), name(e), name(b)) for a, e, b in walked), tuple(walked))


def _account_step(one: lives.Life, command: commands.Command, now: datetime, said: set[str]) -> Iterator[Step]:
    try:
        decided = account.decide(one.account, command, now, one.program)
    except Refused as refusal:
        said.add(name(refusal))
        _says_where(refusal, one.account, command)
        return
    said.update(map(name, decided) if decided else {"already so"})
    state = one.account
    for event in decided:
        after = account.evolve(state, event)
        yield state, event, after
        state = after


def survey_appeals() -> Survey:
    answers: Answers = defaultdict(lambda: defaultdict(set))
    walked: list[Step] = []
    for state in lives.appeals().values():
        for command in appeal_commands():
            for now in (SOON, LATE):
                said = answers[name(command)][name(state)]
                try:
                    decided = appeal.decide(state, command, now)
                except Refused as refusal:
                    said.add(name(refusal))
                    _says_where(refusal, state, command)
                    continue
                said.update(map(name, decided) if decided else {"already so"})
                walked += [(state, event, appeal.evolve(state, event)) for event in decided]
    return Survey(answers, frozenset((name(a), name(e), name(b)) for a, e, b in walked), tuple(walked))
