"""An account and the appeals against its verdicts, moved in one transaction as ``appeal`` says that they are."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields
from typing import Final
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import account, appeal, charts, commands, events, states
from propfirm.domain.ids import AppealId, PersonId
from tests.unit.domain.evaluation import lives
from tests.unit.domain.evaluation.lives import ANNA, BORIS, TRADER, days, payment
from tests.unit.domain.evaluation.surveys import name

BEGUN: Final = tuple(
    one
    for point, one in lives.lives().items()
    if point.startswith(("Failed", "Evaluating", "Funded", "Suspended")) and "appeal" not in point
)
BRINGS_BACK: Final = (events.AccountReset, events.AccountRestarted, events.AccountReinstated)


class Firm:
    """Gives commands with right and wrong facts, and looks after each at what must always hold."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - lives are random, not secret
        begun = self.dice.choice(BEGUN)
        assert begun.account is not None
        self.account, self.now = begun.account, begun.now
        self.appeals: dict[AppealId, appeal.Appeal] = {}
        self.walked: set[charts.Edge] = set()
        self.acts = 0

    def live(self, steps: int) -> Firm:
        alone: list[Callable[[], None]] = [self.breaches, self.is_held, self.is_let_go]
        failed: list[Callable[[], None]] = [self.begins_anew, self.is_held, self.is_let_go, *[self.is_appealed] * 3]
        appealed: list[Callable[[], None]] = [
            *[self.is_reviewed] * 5,
            *[self.is_answered] * 5,
            *[self.the_timer_rings] * 5,
        ]
        appealed += [*failed, self.is_taken_back, self.is_closed]
        for _ in range(steps):
            self.now += days(self.dice.choice((0, 0, 1, 1, 4)))
            ways = appealed if self.open_appeal else failed if isinstance(self.account, states.Failed) else alone
            self.dice.choice(ways)()
            self.holds_together()
        return self

    @property
    def open_appeal(self) -> AppealId | None:
        return self.account.appeal if isinstance(self.account, states.Failed) else None

    def somebody(self) -> PersonId:
        return self.dice.choice((ANNA, BORIS, ANNA, BORIS, TRADER))

    def trader(self) -> PersonId:
        return self.dice.choice((TRADER, TRADER, ANNA))

    def words(self) -> str:
        return self.dice.choice(("the tape says so",) * 9 + (" ",))

    # ------------------------------------------------------------ the account

    def asks(self, command: commands.Command) -> bool:
        """Whether it was done. What is decided can be done, and is read back as it was written."""
        self.acts += 1
        bound = self.account.enrolment.bound
        program = lives.PROGRAMS[bound.program, bound.version]
        try:
            decided = account.decide(self.account, command, self.now, program)
        except Refused as refusal:
            says_why(refusal)
            return False
        for event in decided:
            stored = json.decode(json.encode(event), type=events.Event)
            assert stored == event
            before, self.account = self.account, account.evolve(self.account, stored)
            self.walks(before, event, self.account, charts.ACCOUNT_EDGES)
            if isinstance(before, states.Failed) and not isinstance(self.account, states.Failed | states.Closed):
                assert isinstance(event, BRINGS_BACK)
        return bool(decided)

    def walks(self, before: object, event: object, after: object, edges: tuple[charts.Edge, ...]) -> None:
        edge = (name(before), name(event), name(after))
        assert edge in edges
        self.walked.add(edge)

    def breaches(self) -> None:
        if isinstance(self.account, states.Pending):
            self.asks(commands.Activate(f"sim:{self.acts}"))
            self.asks(commands.Fund(f"sim:{self.acts}"))
        run, seq = self.account.enrolment.run, self.dice.randrange(1, 900)
        self.asks(lives.record_breach(run, seq, rule=self.dice.choice(("max_loss", "inactivity")), at=self.now))

    def is_held(self) -> None:
        self.asks(commands.Suspend("risk_review", self.words(), self.dice.choice((ANNA, None))))

    def is_let_go(self) -> None:
        held = self.account.holds if isinstance(self.account, states.Suspended | states.Failed) else ()
        for hold in held:
            by = self.dice.choice((self.somebody(), None))
            if self.asks(commands.Resume(hold.cause, self.words(), by)):
                assert by != TRADER
                assert hold.by is None or by not in (None, hold.by)

    def begins_anew(self) -> None:
        again, waits = payment(1000 + self.acts, 500_00), self.open_appeal is not None
        anew = (commands.Rebill(again), commands.Reset(self.account.enrolment.run, again, lives.TWO_STEP_2))
        began = self.asks(self.dice.choice(anew))
        assert began == isinstance(self.account, states.Pending)
        assert not (began and waits)

    def is_closed(self) -> None:
        """Only a reversed purchase closes it under appeal, and takes the appeal along."""
        about, command = self.open_appeal, self.dice.choice((lives.CLOSE, lives.CLOSE, lives.REVERSED))
        assert about is not None
        assert self.asks(command) == (command.cause == "purchase_reversed")
        if isinstance(self.account, states.Closed):
            assert self.hears(about, appeal.Lapse(self.account))

    # ------------------------------------------------------------ its appeals

    def hears(self, about: AppealId, command: appeal.Command) -> bool:
        """As ``asks``, of an appeal."""
        try:
            decided = appeal.decide(self.appeals.get(about), command, self.now)
        except Refused as refusal:
            says_why(refusal)
            return False
        for event in decided:
            stored = json.decode(json.encode(event), type=appeal.Event)
            assert stored == event
            before, after = self.appeals.get(about), appeal.evolve(self.appeals.get(about), stored)
            self.walks(before, event, after, charts.APPEAL_EDGES)
            self.appeals[about] = after
        return bool(decided)

    def is_appealed(self) -> None:
        against, by, window_days = self.account, self.trader(), self.dice.choice((3, 30, 90))
        assert isinstance(against, states.Failed)
        about = AppealId(UUID(int=1000 + len(self.appeals)))
        if self.hears(about, appeal.File(about, by, against, self.words(), window_days, answer_days=5)):
            assert by == TRADER
            assert self.now <= against.since + days(window_days)
            if not self.asks(commands.HoldForAppeal(about)):
                assert against.appeal or against.upheld
                del self.appeals[about]  # the transaction is rolled back

    def is_reviewed(self) -> None:
        decision: appeal.Decision = self.dice.choice(("overturn", "uphold"))
        rerun = self.dice.choice((lives.SAME, lives.DIFFERENT, appeal.Rerun("same", 2, "6" * 64)))
        override = self.dice.choice(("the bundle lacks a session", None, " "))
        assert self.open_appeal is not None
        proposal = appeal.Proposal(self.somebody(), decision, self.words(), rerun, override)
        self.hears(self.open_appeal, appeal.Propose(proposal))

    def is_answered(self) -> None:
        about, failed, second = self.open_appeal, self.account, self.somebody()
        assert about is not None
        assert isinstance(failed, states.Failed)
        reviewed = self.appeals[about]
        if not isinstance(reviewed, appeal.UnderReview):
            return
        if self.dice.randrange(3) == 0:
            self.hears(about, appeal.Decline(second, reviewed.proposal, self.words()))
        elif self.hears(about, appeal.Confirm(second, reviewed.proposal)):
            if reviewed.proposal.decision == "uphold":
                assert self.asks(commands.SettleAppeal(about, "upheld"))
            else:
                corrected = lives.corrected_state(failed.verdict.found + self.dice.randrange(3), about)
                assert self.asks(commands.Reinstate(corrected, reviewed.proposal.by, second))
                assert isinstance(self.account, states.Suspended if failed.holds else type(failed.ended))

    def is_taken_back(self) -> None:
        """For good: a message that files the same one again changes nothing."""
        about, by, failed = self.open_appeal, self.trader(), self.account
        assert about is not None
        assert isinstance(failed, states.Failed)
        if self.hears(about, appeal.Withdraw(by)):
            assert by == TRADER
            filing = appeal.File(about, TRADER, failed, self.appeals[about].filing.statement, 90, answer_days=5)
            assert self.asks(commands.SettleAppeal(about, "withdrawn"))
            assert not self.hears(about, filing)
            assert not self.asks(commands.HoldForAppeal(about))

    def the_timer_rings(self) -> None:
        """It decides nothing."""
        assert self.open_appeal is not None
        waiting = self.appeals[self.open_appeal]
        assert isinstance(waiting, appeal.Filed | appeal.UnderReview)
        told = self.hears(self.open_appeal, appeal.Escalate(waiting.due_at, again_days=2))
        again = self.appeals[self.open_appeal]
        assert isinstance(again, type(waiting))
        assert again.escalations == waiting.escalations + told
        assert told == (self.now > waiting.due_at) == (again.due_at > waiting.due_at)

    # ------------------------------------------------------------ what always holds

    def holds_together(self) -> None:
        assert json.decode(json.encode(self.account), type=states.Account) == self.account
        waiting = [about for about, one in self.appeals.items() if isinstance(one, appeal.Filed | appeal.UnderReview)]
        assert waiting == ([self.open_appeal] if self.open_appeal else [])
        for one in self.appeals.values():
            if isinstance(one, appeal.Upheld | appeal.Overturned):
                assert {one.proposal.by, one.second} == {ANNA, BORIS}
                assert one.proposal.rerun.semantics == one.filing.verdict.semantics
                assert (one.proposal.override or "").strip() or not one.proposal.against_the_evidence


def says_why(refusal: Refused) -> None:
    """Support reads the facts: there is one at least, and each is in the sentence."""
    facts = [fact.name for fact in fields(refusal)]
    assert facts
    assert all(f"{fact}=" in str(refusal) for fact in facts)


@given(st.integers(0, 2**32 - 1))
def test_an_account_and_its_appeals_never_part(seed: int) -> None:
    Firm(seed).live(steps=40)


def test_such_lives_come_along_every_edge_of_an_appeal() -> None:
    """So that what holds in all of them holds for every appeal."""
    walked = {edge for seed in range(60) for edge in Firm(seed).live(steps=60).walked}
    assert set(charts.APPEAL_EDGES) <= walked
    assert {edge for edge in charts.ACCOUNT_EDGES if edge[1] in ("AccountReinstated", "AppealSettled")} <= walked
