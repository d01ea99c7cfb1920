"""What is told of an account in words, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from propfirm.application.evaluation.activities import told
from propfirm.domain.evaluation import events
from propfirm.domain.evaluation.states import Hold
from propfirm.domain.ids import PersonId

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA = PersonId(UUID("01890000-0000-7000-8000-000000000001"))
WORDS = "suspected ring with another trader"
HOLD = Hold("conduct", WORDS, ADA, NOON)


@pytest.mark.parametrize(
    ("event", "heard"),
    [
        (events.AccountSuspended(NOON, HOLD), "the account is on hold: support can say more"),
        (events.HoldPlaced(NOON, HOLD), "the account is on hold: support can say more"),
        (events.HoldLifted(NOON, "conduct", WORDS, ADA), "a hold was lifted"),
        (events.AccountResumed(NOON, "conduct", WORDS, ADA), "the account goes on: it is on hold no longer"),
    ],
    ids=lambda one: type(one).__name__ if not isinstance(one, str) else "",
)
def test_why_an_account_is_on_hold_is_told_to_the_staff_alone(event: events.HoldMoved, heard: str) -> None:
    assert told(event, for_staff=False) == heard
    assert WORDS in told(event, for_staff=True)
    assert "conduct" in told(event, for_staff=True)
