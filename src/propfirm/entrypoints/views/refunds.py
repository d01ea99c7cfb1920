"""What is shown of payments that go back: the shape of the answers, and how it is filled."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec
from msgspec import Struct

from propfirm.application.purchases.queries import RefundState
from propfirm.domain.purchases.refund import Cause, Owed, Refund, Refused, Returned, Unknown


class RefundView(Struct, frozen=True, kw_only=True):
    """payment: the provider's own name of what goes back. reason: why nothing is given for it. since: of the state.
    refund: the provider's own name of the refund. refusal: why the provider refused the attempt."""

    id: UUID
    purchase: UUID
    buyer: UUID
    state: RefundState
    cause: Cause
    reason: str
    amount_minor: int
    currency: str
    payment: str
    attempt: int
    owed_at: datetime
    since: datetime
    refund: str | None = None
    refusal: str | None = None


def refund_view(one: Refund) -> RefundView:
    debt = one.debt
    view = RefundView(
        id=debt.id,
        purchase=debt.purchase,
        buyer=debt.buyer,
        state="owed",
        cause=debt.cause,
        reason=debt.reason,
        amount_minor=debt.receipt.amount,
        currency=debt.receipt.currency,
        payment=debt.receipt.reference,
        attempt=one.attempt,
        owed_at=debt.owed_at,
        since=one.since,
    )
    match one:
        case Owed():
            return view
        case Unknown():
            return msgspec.structs.replace(view, state="unknown")
        case Refused(reason=refusal):
            return msgspec.structs.replace(view, state="refused", refusal=refusal)
        case Returned(reference=reference):
            return msgspec.structs.replace(view, state="returned", refund=reference)
        case _:
            assert_never(one)
