"""Every step of a payout's life is an edge that is written down; every edge is walked, every state kept whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.adapters.postgres.payouts import from_row, to_row
from propfirm.domain.errors import Refused
from propfirm.domain.ids import AccountId, PayoutId, PersonId
from propfirm.domain.money import Cents
from propfirm.domain.payouts.request import (
    EDGES,
    Act,
    Approve,
    Approved,
    Ask,
    Cancel,
    Cancelled,
    Claim,
    Command,
    Confirm,
    Event,
    Lose,
    NoSuchPayout,
    OwnPayout,
    PaidTwice,
    Payout,
    PayoutApproved,
    PayoutCancelled,
    PayoutClaimed,
    PayoutLost,
    PayoutPutBack,
    PayoutRejected,
    PayoutRequested,
    PayoutResent,
    PayoutReturned,
    PayoutSent,
    ReasonMissing,
    RecordPutBack,
    Reject,
    Rejected,
    Requested,
    Resend,
    Return,
    Returned,
    Send,
    Sending,
    Sent,
    Unknown,
    WrongAttempt,
    WrongState,
    decide,
    evolve,
    next_attempt,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 13, tzinfo=UTC)
BOSS = PersonId(UUID(int=7))
CLERK = PersonId(UUID(int=8))
CLAIM = Claim(
    PayoutId(UUID(int=1)),
    AccountId(UUID(int=2)),
    PersonId(UUID(int=3)),
    1,
    Cents(100_00),
    Cents(90_00),
    NOON,
    "trader_share",
    inside_buffer=True,
    closes=True,
)
COMMANDS: tuple[Command, ...] = (
    Ask(CLAIM),
    Approve(BOSS),
    Approve(CLAIM.owner),
    Reject(BOSS, "news", "A release"),
    Reject(BOSS, "news", " "),
    Reject(CLAIM.owner, "news", "A release"),
    Cancel(),
    RecordPutBack(),
    Resend(BOSS),
    Resend(CLAIM.owner),
    Send(),
    *(Confirm(n, reference) for n in (1, 2) for reference in ("trf_1", "trf_2")),
    *(Return(n, "account_closed") for n in (1, 2)),
    *(Lose(n) for n in (1, 2)),
)


def step(payout: Payout | None, command: Command) -> tuple[Payout | None, set[tuple[str, str, str]]]:
    """Where the command leads, and by which edges; a refusal leads nowhere."""
    walked = set[tuple[str, str, str]]()
    try:
        happened = decide(payout, command, NOON)
    except Refused:
        return payout, walked
    for event in happened:
        after = evolve(payout, event)
        walked.add(("-" if payout is None else type(payout).__name__, type(event).__name__, type(after).__name__))
        payout = after
    return payout, walked


def test_the_edges_are_those_that_can_be_walked() -> None:
    seen, walked = list[Payout | None]([None]), set[tuple[str, str, str]]()
    for payout in seen:  # grows while it is gone through
        if isinstance(payout, Sending) and payout.attempt > 3:
            continue
        for command in COMMANDS:
            after, edges = step(payout, command)
            walked |= edges
            if after not in seen:
                seen.append(after)
    assert walked == EDGES


@given(st.lists(st.sampled_from(COMMANDS), max_size=15))
def test_every_state_is_read_back_as_it_was_written(commands: list[Command]) -> None:
    payout, _ = step(None, Ask(CLAIM))
    for command in commands:
        payout, _ = step(payout, command)
        assert payout is not None
        assert from_row(to_row(payout)) == payout


@given(st.lists(st.sampled_from(COMMANDS), max_size=25))
def test_the_bank_confirms_one_attempt_at_most_and_a_new_one_needs_proof_that_the_last_paid_nothing(
    commands: list[Command],
) -> None:
    payout: Payout | None = None
    claimed, returned, sent = list[int](), list[int](), 0
    for command in (Ask(CLAIM), *commands):
        try:
            happened = decide(payout, command, NOON)
        except Refused:
            continue
        for event in happened:
            payout = evolve(payout, event)
            if isinstance(event, PayoutClaimed):
                assert returned == list(range(1, event.attempt))
                claimed.append(event.attempt)
            elif isinstance(event, PayoutSent):
                sent += 1
                assert claimed[-1] == event.attempt
            elif isinstance(event, PayoutReturned):
                returned.append(claimed[-1])
    assert sent <= 1


# ---------------------------------------------------------------- every state, every command

STATES: tuple[Payout, ...] = (
    Requested(CLAIM),
    Approved(CLAIM, BOSS, NOON),
    Sending(CLAIM, 2, NOON),
    Unknown(CLAIM, 2, NOON),
    Sent(CLAIM, 2, NOON, "trf_2"),
    Returned(CLAIM, 2, NOON, "account_closed"),
    Rejected(CLAIM, NOON, BOSS, "news", "A release", to_put_back=True),
    Cancelled(CLAIM, NOON),
)
ACTS: tuple[Act, ...] = (
    Approve(CLERK),
    Reject(CLERK, "hedging", "Both sides"),
    Cancel(),
    RecordPutBack(),
    Resend(CLERK),
    Send(),
    Confirm(2, "trf_2"),
    Return(2, "no_such_account"),
    Lose(2),
)
HAPPENS: dict[tuple[str, str], tuple[Event, Payout]] = {
    ("Requested", "Approve"): (PayoutApproved(LATER, CLERK), Approved(CLAIM, CLERK, LATER)),
    **{
        (state, "Reject"): (
            PayoutRejected(LATER, CLERK, "hedging", "Both sides"),
            Rejected(CLAIM, LATER, CLERK, "hedging", "Both sides", to_put_back=state != "Requested"),
        )
        for state in ("Requested", "Approved", "Returned")
    },
    ("Requested", "Cancel"): (PayoutCancelled(LATER), Cancelled(CLAIM, LATER)),
    ("Rejected", "RecordPutBack"): (PayoutPutBack(LATER), Rejected(CLAIM, NOON, BOSS, "news", "A release")),
    ("Approved", "Send"): (PayoutClaimed(LATER, 1), Sending(CLAIM, 1, LATER)),
    ("Returned", "Resend"): (
        PayoutResent(LATER, CLERK, 3),
        Returned(CLAIM, 2, NOON, "account_closed", again=CLERK),
    ),
    ("Sending", "Confirm"): (PayoutSent(LATER, 2, "trf_2"), Sent(CLAIM, 2, LATER, "trf_2")),
    ("Sending", "Return"): (PayoutReturned(LATER, 2, "no_such_account"), Returned(CLAIM, 2, LATER, "no_such_account")),
    ("Sending", "Lose"): (PayoutLost(LATER, 2), Unknown(CLAIM, 2, LATER)),
    ("Unknown", "Confirm"): (PayoutSent(LATER, 2, "trf_2"), Sent(CLAIM, 2, LATER, "trf_2")),
    ("Unknown", "Return"): (PayoutReturned(LATER, 2, "no_such_account"), Returned(CLAIM, 2, LATER, "no_such_account")),
}
HAPPENED = {("Cancelled", "Cancel"), ("Unknown", "Lose"), ("Sent", "Confirm"), ("Returned", "Return")}
"""Told again, of the same attempt."""


def name(one: object) -> str:
    return type(one).__name__


def refuses(payout: Payout | None, command: Command, refusal: type[Refused], /, **facts: object) -> None:
    with pytest.raises(refusal) as said:
        decide(payout, command, LATER)
    assert vars(said.value) == facts


def test_the_tables_here_leave_nothing_out() -> None:
    assert {type(one) for one in STATES} == set(get_args(Payout))
    assert {type(one) for one in ACTS} == set(get_args(Act))
    edges = {(state, name(event), name(after)) for (state, _), (event, after) in HAPPENS.items()}
    apart = {("-", "PayoutRequested", "Requested"), ("Returned", "PayoutClaimed", "Sending")}
    assert edges | apart == EDGES


@pytest.mark.parametrize("act", ACTS, ids=name)
@pytest.mark.parametrize("payout", STATES, ids=name)
def test_every_act_on_every_state_is_an_edge_has_happened_or_is_refused(payout: Payout, act: Act) -> None:
    place = name(payout), name(act)
    if place in HAPPENS:
        event, after = HAPPENS[place]
        assert decide(payout, act, LATER) == [event]
        assert evolve(payout, event) == after
    elif place in HAPPENED:
        assert decide(payout, act, LATER) == []
    else:
        refuses(payout, act, WrongState, state=name(payout).lower(), command=name(act))


@pytest.mark.parametrize("payout", STATES, ids=name)
def test_a_request_is_taken_once_and_another_one_under_its_id_is_refused(payout: Payout) -> None:
    assert decide(payout, Ask(CLAIM), LATER) == []
    other = replace(CLAIM, gross=Cents(CLAIM.gross + 1))
    refuses(payout, Ask(other), WrongState, state=name(payout).lower(), command="Ask")


def test_a_payout_begins_with_its_request() -> None:
    assert decide(None, Ask(CLAIM), LATER) == [PayoutRequested(LATER, CLAIM)]
    assert evolve(None, PayoutRequested(LATER, CLAIM)) == Requested(CLAIM)


@pytest.mark.parametrize("act", ACTS, ids=name)
def test_nothing_is_done_to_a_payout_that_is_not_there(act: Act) -> None:
    refuses(None, act, NoSuchPayout, command=name(act))


@pytest.mark.parametrize(("event", "after"), HAPPENS.values(), ids=name)
def test_nothing_happens_to_a_payout_that_is_not_there(event: Event, after: Payout) -> None:
    with pytest.raises(NoSuchPayout) as said:
        evolve(None, event)
    assert said.value.command == name(event)
    assert after.claim == CLAIM


# ---------------------------------------------------------------- told again


def test_what_was_returned_is_sent_again_once_a_person_has_said_so_and_not_before() -> None:
    returned = Returned(CLAIM, 2, NOON, "account_closed")
    assert next_attempt(returned) is None
    refuses(returned, Send(), WrongState, state="returned", command="Send")
    again = replace(returned, again=CLERK)
    assert next_attempt(again) == 3
    assert decide(again, Resend(BOSS), LATER) == []
    assert decide(again, Send(), LATER) == [PayoutClaimed(LATER, 3)]
    assert evolve(again, PayoutClaimed(LATER, 3)) == Sending(CLAIM, 3, LATER)
    assert decide(again, Return(2, "told again"), LATER) == []
    refuses(Approved(CLAIM, BOSS, NOON), Resend(CLERK), WrongState, state="approved", command="Resend")
    with pytest.raises(WrongState):
        evolve(Approved(CLAIM, BOSS, NOON), PayoutResent(LATER, CLERK, 1))


def test_the_same_approval_again_changes_nothing_and_another_ones_is_refused() -> None:
    approved = Approved(CLAIM, BOSS, NOON)
    assert decide(approved, Approve(BOSS), LATER) == []
    for other in (CLERK, CLAIM.owner):
        refuses(approved, Approve(other), WrongState, state="approved", command="Approve")


def test_what_a_rejected_payout_took_is_put_back_once_and_a_request_has_taken_nothing() -> None:
    rejected = Rejected(CLAIM, NOON, BOSS, "news", "A release")
    assert decide(rejected, RecordPutBack(), LATER) == []
    refuses(Approved(CLAIM, BOSS, NOON), RecordPutBack(), WrongState, state="approved", command="RecordPutBack")
    with pytest.raises(WrongState):
        evolve(Approved(CLAIM, BOSS, NOON), PayoutPutBack(LATER))


def test_the_same_rejection_again_changes_nothing_and_another_is_refused() -> None:
    rejected = Rejected(CLAIM, NOON, BOSS, "news", "A release")
    assert decide(rejected, Reject(BOSS, "news", "A release"), LATER) == []
    for other in (
        Reject(CLERK, "news", "A release"),
        Reject(BOSS, "hedging", "A release"),
        Reject(BOSS, "news", "Another"),
    ):
        refuses(rejected, other, WrongState, state="rejected", command="Reject")


def test_an_attempt_is_returned_once_whatever_the_bank_says_of_it_again() -> None:
    returned = Returned(CLAIM, 2, NOON, "account_closed")
    assert decide(returned, Return(2, "another reason"), LATER) == []
    refuses(returned, Return(1, "account_closed"), WrongState, state="returned", command="Return")


def test_a_lost_answer_is_lost_once() -> None:
    refuses(Unknown(CLAIM, 2, NOON), Lose(1), WrongState, state="unknown", command="Lose")


@pytest.mark.parametrize("payout", [Sending(CLAIM, 2, NOON), Unknown(CLAIM, 2, NOON)], ids=name)
@pytest.mark.parametrize("told", [1, 3])
def test_an_answer_about_another_attempt_is_not_taken(payout: Payout, told: int) -> None:
    for command in (Confirm(told, "trf_1"), Return(told, "no")):
        refuses(payout, command, WrongAttempt, current=2, told=told)


def test_an_attempt_that_is_not_out_cannot_be_lost() -> None:
    refuses(Sending(CLAIM, 2, NOON), Lose(1), WrongAttempt, current=2, told=1)


def test_a_second_payment_of_a_confirmed_attempt_is_told_after_the_attempt_is_checked() -> None:
    sent = Sent(CLAIM, 2, NOON, "trf_1")
    refuses(sent, Confirm(1, "trf_2"), WrongAttempt, current=2, told=1)
    refuses(sent, Confirm(2, "trf_2"), PaidTwice, known="trf_1", told="trf_2")


# ---------------------------------------------------------------- people and reasons


def test_nobody_decides_over_their_own_payout() -> None:
    for command in (Approve(CLAIM.owner), Reject(CLAIM.owner, "news", "A release")):
        refuses(Requested(CLAIM), command, OwnPayout, by=CLAIM.owner)


@pytest.mark.parametrize(("rule", "reason"), [("", "A release"), (" ", "A release"), ("news", ""), ("news", " \t")])
def test_a_rejection_names_its_rule_and_says_why(rule: str, reason: str) -> None:
    refuses(Requested(CLAIM), Reject(BOSS, rule, reason), ReasonMissing, rule=rule)


def test_the_state_is_checked_before_people_and_people_before_the_reason() -> None:
    owner = CLAIM.owner
    refuses(Sent(CLAIM, 1, NOON, "t"), Approve(owner), WrongState, state="sent", command="Approve")
    refuses(Sent(CLAIM, 1, NOON, "t"), Reject(owner, "", ""), WrongState, state="sent", command="Reject")
    refuses(Requested(CLAIM), Reject(owner, "", ""), OwnPayout, by=owner)


# ---------------------------------------------------------------- money


def test_what_leaves_the_balance_is_what_the_terms_deduct() -> None:
    assert CLAIM.taken == CLAIM.trader
    whole = Claim(CLAIM.id, CLAIM.account, CLAIM.owner, 1, CLAIM.gross, CLAIM.trader, NOON)
    assert whole.taken == CLAIM.gross
