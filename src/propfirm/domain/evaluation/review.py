"""What people of the firm say about a hit: payouts that it blocks wait until somebody has looked.

A review changes no verdict. ``cleared``: the hit holds nothing up any more. ``confirmed``: it stands, and a payout that
it blocks stays blocked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.errors import Conflict, Forbidden, Refused
from propfirm.domain.ids import AccountId, PersonId

Opinion: TypeAlias = Literal["cleared", "confirmed"]
REASON_MAX: Final = 2_000


class HitName(Struct, frozen=True):
    """place: of the finding among those of event ``seq``, from 0."""

    account: AccountId
    run: int
    seq: int
    place: int


class Review(Struct, frozen=True):
    hit: HitName
    by: PersonId
    decision: Opinion
    reason: str
    at: datetime


@dataclass(eq=False)
class AlreadyReviewed(Conflict):
    code = "violation.reviewed"
    title = "Somebody has reviewed this violation"
    decision: Opinion
    by: PersonId


@dataclass(eq=False)
class OwnViolation(Forbidden):
    code = "violation.own"
    title = "Nobody reviews a violation of their own"
    owner: PersonId


@dataclass(eq=False)
class BadReason(Refused):
    code = "support.bad-reason"
    title = "A reason has 1 to 2,000 characters"
    length: int


def reason_text(text: str) -> str:
    """Raises BadReason."""
    found = text.strip()
    if not 1 <= len(found) <= REASON_MAX:
        raise BadReason(len(found))
    return found


def reviewed(hit: HitName, owner: PersonId, by: PersonId, decision: Opinion, reason: str, now: datetime) -> Review:
    """owner: of the account. Raises OwnViolation, then BadReason."""
    if by == owner:
        raise OwnViolation(owner)
    return Review(hit, by, decision, reason_text(reason), now)
