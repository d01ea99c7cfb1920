"""A verdict is looked at again by two people, on the evidence; the clock decides nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import pytest
from msgspec.structs import replace

from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import appeal, refusals
from propfirm.domain.evaluation.appeal import (
    AppealEscalated,
    AppealFiled,
    AppealLapsed,
    AppealOverturned,
    AppealUpheld,
    AppealWithdrawn,
    Confirm,
    DecisionDeclined,
    DecisionProposed,
    Decline,
    Declined,
    Escalate,
    Filed,
    Filing,
    Lapse,
    Lapsed,
    Overturned,
    Proposal,
    Propose,
    Rerun,
    UnderReview,
    Upheld,
    Withdraw,
    Withdrawn,
)
from tests.unit.domain.evaluation.lives import (
    ACCOUNT,
    ACTIVATE,
    AGREED,
    AGREED_OVERTURN,
    ANNA,
    APPEAL,
    BORIS,
    CLOSE,
    DIFFERENT,
    DISAGREED,
    DUE,
    FAILED,
    FILE,
    NOON,
    OTHER_APPEAL,
    OVERTURN,
    REVERSED,
    SAME,
    SECOND_ACCOUNT,
    TRADER,
    UPHOLD,
    breach,
    closed,
    days,
    heard,
    life,
    record_breach,
)

R = TypeVar("R", bound=Refused)

FILING = Filing(APPEAL, ACCOUNT, TRADER, breach(), "the platform was down at 10:42", NOON)
LATER = NOON + days(2)


def refused(
    kind: type[R], state: appeal.Appeal | None, command: appeal.Command, later: timedelta = timedelta()
) -> dict[str, object]:
    """The facts of the refusal, so much later than noon."""
    with pytest.raises(kind) as refusal:
        appeal.decide(state, command, NOON + later)
    assert type(refusal.value) is kind
    return dict(vars(refusal.value))


# ---------------------------------------------------------------- filing


def test_the_trader_files_and_the_appeal_is_due() -> None:
    assert appeal.decide(None, FILE, LATER) == [AppealFiled(LATER, replace(FILING, filed_at=LATER), LATER + days(5))]
    assert heard(FILE) == Filed(FILING, DUE)


def test_a_repeated_filing_changes_nothing() -> None:
    assert appeal.decide(heard(FILE), FILE, LATER) == []
    assert appeal.decide(heard(FILE, Withdraw(TRADER)), FILE, LATER) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(FILE, id=OTHER_APPEAL),
        replace(FILE, against=replace(FAILED, verdict=breach(seq=501))),
        replace(
            FILE,
            against=replace(
                FAILED, ended=replace(FAILED.ended, enrolment=replace(FAILED.enrolment, id=SECOND_ACCOUNT))
            ),
        ),
    ],
)
def test_an_appeal_is_not_turned_against_another_verdict(other: appeal.File) -> None:
    assert refused(refusals.AlreadyFiled, heard(FILE), other) == {"appeal": APPEAL}


def test_nobody_but_the_owner_files() -> None:
    stranger = replace(FILE, by=ANNA, statement="")
    assert refused(refusals.NotTheOwner, None, stranger, days(99)) == {"owner": TRADER, "by": ANNA}


def test_the_last_day_to_appeal_is_a_whole_one() -> None:
    assert len(appeal.decide(None, FILE, NOON + days(14))) == 1
    moment = timedelta(microseconds=1)
    late = refused(refusals.AppealTooLate, None, replace(FILE, statement=""), days(14) + moment)
    assert late == {"until": NOON + days(14), "now": NOON + days(14) + moment}


def test_an_appeal_says_why() -> None:
    assert refused(refusals.ReasonMissing, None, replace(FILE, statement=" \n")) == {"command": "File"}


def test_nothing_but_filing_begins_an_appeal() -> None:
    assert refused(refusals.NoSuchAppeal, None, Withdraw(TRADER)) == {"command": "Withdraw"}


# ---------------------------------------------------------------- two people and the evidence


def test_the_first_reviewer_proposes_and_nothing_is_decided() -> None:
    assert appeal.decide(heard(FILE), Propose(UPHOLD), LATER) == [DecisionProposed(LATER, UPHOLD)]
    assert heard(FILE, Propose(UPHOLD)) == UnderReview(FILING, DUE, UPHOLD)


def test_a_second_person_upholds() -> None:
    review = heard(FILE, Propose(UPHOLD))
    assert appeal.decide(review, AGREED, LATER) == [AppealUpheld(LATER, UPHOLD, BORIS)]
    upheld = appeal.evolve(review, AppealUpheld(LATER, UPHOLD, BORIS))
    assert upheld == Upheld(FILING, LATER, UPHOLD, BORIS)
    assert appeal.decide(upheld, AGREED, LATER) == []
    other = replace(AGREED, by=ANNA)
    assert refused(refusals.NotInThisState, upheld, other) == {"state": "Upheld", "command": "Confirm"}


def test_a_second_person_overturns() -> None:
    review = heard(FILE, Propose(OVERTURN))
    assert appeal.decide(review, AGREED_OVERTURN, LATER) == [AppealOverturned(LATER, OVERTURN, BORIS)]
    overturned = appeal.evolve(review, AppealOverturned(LATER, OVERTURN, BORIS))
    assert overturned == Overturned(FILING, LATER, OVERTURN, BORIS)
    assert appeal.decide(overturned, AGREED_OVERTURN, LATER) == []
    assert refused(refusals.NotInThisState, overturned, AGREED)["state"] == "Overturned"


@pytest.mark.parametrize("answer", [Confirm(ANNA, UPHOLD), Decline(ANNA, UPHOLD, "")])
def test_the_first_reviewer_is_not_the_second(answer: appeal.Command) -> None:
    assert refused(refusals.FourEyes, heard(FILE, Propose(UPHOLD)), answer) == {"first": ANNA, "second": ANNA}


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (heard(FILE), Propose(Proposal(TRADER, "overturn", "", Rerun("same", 9, "")))),
        (heard(FILE, Propose(UPHOLD)), Confirm(TRADER, UPHOLD)),
        (heard(FILE, Propose(UPHOLD)), Decline(TRADER, UPHOLD, "")),
    ],
)
def test_nobody_decides_their_own_appeal(state: appeal.Appeal, act: appeal.Command) -> None:
    assert refused(refusals.FourEyes, state, act) == {"first": TRADER, "second": TRADER}


@pytest.mark.parametrize("answer", [Confirm(TRADER, OVERTURN), Decline(TRADER, OVERTURN, "")])
def test_the_second_reviewer_answers_what_they_have_read(answer: appeal.Command) -> None:
    assert refused(refusals.ProposalChanged, heard(FILE, Propose(UPHOLD)), answer) == {"by": ANNA}


def test_one_proposal_at_a_time() -> None:
    review = heard(FILE, Propose(UPHOLD))
    assert appeal.decide(review, Propose(UPHOLD), LATER) == []
    assert refused(refusals.ProposalPending, review, Propose(replace(OVERTURN, by=BORIS))) == {"by": ANNA}


def test_a_proposal_says_why() -> None:
    silent = Propose(replace(UPHOLD, reason=" ", rerun=replace(SAME, semantics=9)))
    assert refused(refusals.ReasonMissing, heard(FILE), silent) == {"command": "Propose"}


def test_evidence_is_re_run_under_the_semantics_of_the_verdict() -> None:
    elsewhere = Propose(replace(UPHOLD, rerun=replace(DIFFERENT, semantics=2)))
    assert refused(refusals.OtherSemantics, heard(FILE), elsewhere) == {"verdict": 1, "rerun": 2}


@pytest.mark.parametrize(
    ("decision", "rerun", "against"),
    [
        ("uphold", SAME, False),
        ("uphold", DIFFERENT, True),
        ("overturn", SAME, True),
        ("overturn", DIFFERENT, False),
    ],
)
def test_a_decision_against_the_evidence_says_why(decision: appeal.Decision, rerun: Rerun, against: bool) -> None:
    proposal = Proposal(ANNA, decision, "as found", rerun)
    assert proposal.against_the_evidence is against
    explained = replace(proposal, override="the platform's own log contradicts the bundle")
    assert len(appeal.decide(heard(FILE), Propose(explained), NOON)) == 1
    if not against:
        assert len(appeal.decide(heard(FILE), Propose(proposal), NOON)) == 1
        return
    for override in (None, "", "  "):
        refusal = refused(refusals.AgainstTheEvidence, heard(FILE), Propose(replace(proposal, override=override)))
        assert refusal == {"decision": decision, "rerun": rerun.result}


def test_a_second_reviewer_who_disagrees_opens_the_appeal_again_with_both_reasons() -> None:
    review = heard(FILE, Propose(UPHOLD))
    declined = Declined(UPHOLD, BORIS, "the bust was not looked at")
    assert appeal.decide(review, DISAGREED, LATER) == [DecisionDeclined(LATER, declined)]
    again = heard(FILE, Propose(UPHOLD), DISAGREED)
    assert again == Filed(FILING, DUE, 0, (declined,))
    assert appeal.decide(again, DISAGREED, LATER) == []
    other = replace(DISAGREED, reason="on reflection")
    assert refused(refusals.NotInThisState, again, other) == {"state": "Filed", "command": "Decline"}
    third = heard(FILE, Propose(UPHOLD), DISAGREED, Propose(OVERTURN))
    assert third == UnderReview(FILING, DUE, OVERTURN, 0, (declined,))
    no = Decline(BORIS, OVERTURN, "no")
    twice = heard(FILE, Propose(UPHOLD), DISAGREED, Propose(OVERTURN), no)
    assert twice == Filed(FILING, DUE, 0, (declined, Declined(OVERTURN, BORIS, "no")))
    assert appeal.decide(twice, no, LATER) == []
    assert refused(refusals.NotInThisState, twice, DISAGREED)["state"] == "Filed"


def test_a_second_reviewer_who_disagrees_says_why() -> None:
    silent = replace(DISAGREED, reason="")
    assert refused(refusals.ReasonMissing, heard(FILE, Propose(UPHOLD)), silent) == {"command": "Decline"}


# ---------------------------------------------------------------- the trader's own end, and the purchase's


@pytest.mark.parametrize("state", [heard(FILE), heard(FILE, Propose(OVERTURN))])
def test_the_trader_takes_an_undecided_appeal_back(state: appeal.Appeal) -> None:
    assert appeal.decide(state, Withdraw(TRADER), LATER) == [AppealWithdrawn(LATER)]
    assert appeal.evolve(state, AppealWithdrawn(LATER)) == Withdrawn(FILING, LATER)
    assert refused(refusals.NotTheOwner, state, Withdraw(ANNA)) == {"owner": TRADER, "by": ANNA}


def test_an_appeal_lapses_with_the_purchase() -> None:
    reversed_ = closed(life(ACTIVATE, record_breach(), REVERSED))
    for state in (heard(FILE), heard(FILE, Propose(UPHOLD))):
        assert state is not None
        assert appeal.decide(state, Lapse(reversed_), LATER) == [AppealLapsed(LATER)]
        assert appeal.evolve(state, AppealLapsed(LATER)) == Lapsed(FILING, LATER)


def test_an_appeal_lapses_for_nothing_else() -> None:
    for_another_reason = closed(life(ACTIVATE, record_breach(), CLOSE))
    assert refused(refusals.StillMatters, heard(FILE), Lapse(for_another_reason)) == {"cause": "trader_request"}
    of_another = closed(life(ACTIVATE, record_breach(), REVERSED))
    of_another = replace(of_another, enrolment=replace(of_another.enrolment, id=SECOND_ACCOUNT))
    assert refused(refusals.StillMatters, heard(FILE), Lapse(of_another)) == {"cause": "purchase_reversed"}


# ---------------------------------------------------------------- the timer


@pytest.mark.parametrize(
    ("state", "awaits"), [(heard(FILE), "first_reviewer"), (heard(FILE, Propose(UPHOLD)), "second_reviewer")]
)
def test_an_appeal_not_decided_in_time_is_escalated_and_stays_open(state: appeal.Appeal, awaits: str) -> None:
    assert isinstance(state, Filed | UnderReview)
    assert refused(refusals.TooEarly, state, Escalate(DUE, 3), days(5)) == {"until": DUE, "now": DUE}
    now = DUE + timedelta(microseconds=1)
    (event,) = appeal.decide(state, Escalate(DUE, 3), now)
    assert event == AppealEscalated(now, DUE, now + days(3), awaits)  # type: ignore[arg-type]  # from the list above
    escalated = appeal.evolve(state, event)
    assert escalated == replace(state, due_at=now + days(3), escalations=1)
    assert appeal.decide(escalated, Escalate(DUE, 3), now) == []
    (again,) = appeal.decide(escalated, Escalate(now + days(3), 3), now + days(4))
    assert appeal.evolve(escalated, again) == replace(state, due_at=now + days(7), escalations=2)


def test_an_escalation_stays_on_the_appeal_whatever_is_proposed() -> None:
    late = DUE + days(1)
    opened = appeal.evolve(heard(FILE), appeal.decide(heard(FILE), Escalate(DUE, 3), late)[0])
    review = appeal.evolve(opened, DecisionProposed(late, UPHOLD))
    assert review == UnderReview(FILING, late + days(3), UPHOLD, 1, ())
    back = appeal.evolve(review, DecisionDeclined(late, Declined(UPHOLD, BORIS, "no")))
    assert back == Filed(FILING, late + days(3), 1, (Declined(UPHOLD, BORIS, "no"),))


@pytest.mark.parametrize("years", [1, 10])
def test_no_silence_decides_an_appeal(years: int) -> None:
    state = heard(FILE)
    now = NOON
    for _ in range(12 * years):
        assert isinstance(state, Filed)
        now = state.due_at + days(1)
        for event in appeal.decide(state, Escalate(state.due_at, 30), now):
            state = appeal.evolve(state, event)
    assert isinstance(state, Filed)
    assert state.escalations == 12 * years
