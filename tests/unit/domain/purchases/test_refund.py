"""A payment that is owed back goes back once: every step is an edge, and news told twice happened once."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.adapters.postgres.refunds import from_row, to_row
from propfirm.domain import errors
from propfirm.domain.ids import PaymentId, PersonId, PurchaseId, RefundId
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import Receipt
from propfirm.domain.purchases.refund import (
    EDGES,
    Command,
    Confirm,
    Debt,
    Lose,
    NoSuchRefund,
    OtherAttempt,
    Owe,
    Owed,
    Refund,
    Refuse,
    Retry,
    Returned,
    Unknown,
    WrongState,
    decide,
    evolve,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECEIPT = Receipt(PaymentId(UUID(int=9)), "pay_2", Cents(14_900), "USD", NOON)
DEBT = Debt(
    RefundId(UUID(int=1)),
    PurchaseId(UUID(int=2)),
    PersonId(UUID(int=3)),
    "sandbox",
    RECEIPT,
    "paid_again",
    "paid_again",
    NOON,
)
COMMANDS: tuple[Command, ...] = (
    Owe(DEBT),
    *(
        command
        for attempt in (1, 2)
        for command in (
            Lose(attempt),
            Confirm(attempt, f"ref_{attempt}"),
            Refuse(attempt, "card_closed"),
            Retry(attempt),
        )
    ),
)


def step(refund: Refund | None, command: Command) -> tuple[Refund | None, set[tuple[str, str, str]]]:
    """Where the command leads, and by which edges; a refusal leads nowhere."""
    walked = set[tuple[str, str, str]]()
    try:
        happened = decide(refund, command, NOON)
    except errors.Refused:
        return refund, walked
    for event in happened:
        after = evolve(refund, event)
        walked.add(("-" if refund is None else type(refund).__name__, type(event).__name__, type(after).__name__))
        refund = after
    return refund, walked


def test_the_edges_are_those_that_can_be_walked() -> None:
    seen, walked = list[Refund | None]([None]), set[tuple[str, str, str]]()
    for refund in seen:  # grows while it is gone through
        if refund is not None and refund.attempt > 2:
            continue
        for command in COMMANDS:
            after, edges = step(refund, command)
            walked |= edges
            if after not in seen:
                seen.append(after)
    assert walked == EDGES


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_what_was_told_twice_happened_once_and_every_state_is_read_back_as_it_was_written(
    commands: list[Command],
) -> None:
    refund, _ = step(None, Owe(DEBT))
    for command in commands:
        refund, _ = step(refund, command)
        assert refund is not None
        assert step(refund, command) == (refund, set())
        assert from_row(to_row(refund)) == refund


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_what_went_back_never_comes_to_go_back_again(commands: list[Command]) -> None:
    refund: Refund | None = Returned(DEBT, 1, NOON, "ref_1")
    for command in commands:
        assert step(refund, command) == (refund, set())


def test_what_no_state_allows_is_refused_with_the_facts() -> None:
    for act in (Lose(1), Confirm(1, "ref_1"), Refuse(1, "no"), Retry(1)):
        with pytest.raises(NoSuchRefund):
            decide(None, act, NOON)
    owed = Owed(DEBT, 2, NOON)
    with pytest.raises(OtherAttempt) as other:
        decide(owed, Confirm(1, "ref_1"), NOON)
    assert (other.value.current, other.value.told) == (2, 1)
    for early in (owed, Unknown(DEBT, 2, NOON)):
        with pytest.raises(WrongState) as wrong:
            decide(early, Retry(2), NOON)
        assert wrong.value.command == "Retry"
    with pytest.raises(WrongState):
        decide(Returned(DEBT, 1, NOON, "ref_1"), Confirm(1, "ref_9"), NOON)
    with pytest.raises(WrongState):
        decide(owed, Owe(replace(DEBT, cause="undeliverable")), NOON)
