"""What people of the firm may say about a hit, and who of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest

from propfirm.domain.evaluation.review import BadReason, HitName, OwnViolation, Review, reason_text, reviewed
from propfirm.domain.ids import AccountId, PersonId

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HIT = HitName(AccountId(UUID(int=1)), 1, 17, 0)
OWNER, BOSS = PersonId(UUID(int=2)), PersonId(UUID(int=3))


@pytest.mark.parametrize("decision", ["cleared", "confirmed"])
def test_a_review_keeps_who_said_what_when_and_why(decision: Literal["cleared", "confirmed"]) -> None:
    said = reviewed(HIT, OWNER, BOSS, decision, "  A platform outage\n", NOON)
    assert said == Review(HIT, BOSS, decision, "A platform outage", NOON)


@pytest.mark.parametrize("length", [1, 2_000])
def test_a_reason_of_one_to_two_thousand_characters_is_taken_without_the_blanks_around_it(length: int) -> None:
    assert reason_text(f" {'x' * length} ") == "x" * length


@pytest.mark.parametrize(("text", "length"), [("", 0), (" \n\t", 0), (" " + "x" * 2_001, 2_001)])
def test_any_other_reason_is_refused_with_its_length(text: str, length: int) -> None:
    with pytest.raises(BadReason) as said:
        reason_text(text)
    assert said.value.length == length
    with pytest.raises(BadReason):
        reviewed(HIT, OWNER, BOSS, "cleared", text, NOON)


def test_nobody_reviews_a_violation_of_their_own_and_that_is_said_before_the_reason_is_read() -> None:
    with pytest.raises(OwnViolation) as said:
        reviewed(HIT, OWNER, OWNER, "cleared", "", NOON)
    assert said.value.owner == OWNER
