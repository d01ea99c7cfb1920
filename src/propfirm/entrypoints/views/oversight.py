"""What the staff is shown of accounts and violations, beyond what their traders see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from propfirm.application.evaluation.queries import AccountLine, Violation
from propfirm.domain.evaluation import states
from propfirm.domain.evaluation.review import Opinion, Review
from propfirm.domain.evaluation.states import HoldCause
from propfirm.entrypoints.views.accounts import (
    AccountView,
    ViolationView,
    account_view,
    violation_view,
)


class OwnedAccountView(Struct, frozen=True):
    email: str
    account: AccountView


class OwnedViolationView(Struct, frozen=True):
    email: str
    violation: ViolationView


class HoldView(Struct, frozen=True):
    """by: null where the system placed it."""

    cause: HoldCause
    reason: str
    by: UUID | None
    placed_at: datetime


class HeldView(Struct, frozen=True):
    account: UUID
    state: str
    holds: Sequence[HoldView]


class ReviewedView(Struct, frozen=True):
    account: UUID
    run: int
    event: int
    place: int
    decision: Opinion
    reason: str
    by: UUID
    at: datetime


def reviewed_view(said: Review) -> ReviewedView:
    hit = said.hit
    return ReviewedView(hit.account, hit.run, hit.seq, hit.place, said.decision, said.reason, said.by, said.at)


def owned_view(line: AccountLine) -> OwnedAccountView:
    return OwnedAccountView(line.email, account_view(line))


def owned_violation(one: Violation) -> OwnedViolationView:
    return OwnedViolationView(one.email, violation_view(one, for_staff=True))


def held_view(account: states.Account) -> HeldView:
    holds = account.holds if isinstance(account, states.Suspended | states.Failed) else ()
    return HeldView(
        account.enrolment.id,
        type(account).__name__.lower(),
        [HoldView(one.cause, one.reason, one.by, one.placed_at) for one in holds],
    )
