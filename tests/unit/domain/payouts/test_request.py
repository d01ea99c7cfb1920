"""Every step of a payout's life is an edge that is written down; every edge is walked, every state kept whole."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.adapters.postgres.payouts import from_row, to_row
from propfirm.domain.errors import Refused
from propfirm.domain.ids import AccountId, PayoutId, PersonId
from propfirm.domain.money import Cents
from propfirm.domain.payouts.request import (
    EDGES,
    Approve,
    Ask,
    Cancel,
    Claim,
    Command,
    Confirm,
    Lose,
    PaidTwice,
    Payout,
    PayoutClaimed,
    PayoutSent,
    Reject,
    Return,
    Send,
    Sending,
    Sent,
    WrongAttempt,
    decide,
    evolve,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOSS = PersonId(UUID(int=7))
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
    Approve(None),
    Approve(CLAIM.owner),
    Reject(BOSS, "news", "A release"),
    Reject(BOSS, "news", " "),
    Reject(CLAIM.owner, "news", "A release"),
    Cancel(),
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
            elif type(event).__name__ == "PayoutReturned":
                returned.append(claimed[-1])
    assert sent <= 1


def test_an_answer_about_another_attempt_or_another_payment_is_not_taken() -> None:
    sending = Sending(CLAIM, 2, NOON)
    for command in (Confirm(1, "trf_1"), Return(1, "no"), Lose(1)):
        with pytest.raises(WrongAttempt) as other:
            decide(sending, command, NOON)
        assert (other.value.current, other.value.told) == (2, 1)
    with pytest.raises(PaidTwice):
        decide(Sent(CLAIM, 2, NOON, "trf_1"), Confirm(2, "trf_2"), NOON)


def test_what_leaves_the_balance_is_what_the_terms_deduct() -> None:
    assert CLAIM.taken == CLAIM.trader
    whole = Claim(CLAIM.id, CLAIM.account, CLAIM.owner, 1, CLAIM.gross, CLAIM.trader, NOON)
    assert whole.taken == CLAIM.gross
