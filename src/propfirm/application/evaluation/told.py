"""What a platform tells of a payout, with what the firm's own books know of it."""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from propfirm.application.ports.platforms import Told
from propfirm.application.ports.work import Transaction
from propfirm.domain.ids import PayoutId
from propfirm.domain.money import from_cents
from propfirm.domain.rules.events import CashMoved


async def as_booked(tx: Transaction, told: Told) -> Told:
    """A platform knows an amount and our reference; the engine asks how it was shared and what it took."""
    cash = told.event
    if not isinstance(cash, CashMoved) or cash.kind != "payout":
        return told
    try:
        payout = await tx.payouts.peek(PayoutId(UUID(cash.reference)))
    except ValueError:
        return told
    if payout is None:
        return told
    claim = payout.claim
    known = replace(
        cash, gross=from_cents(claim.gross), trader_share=from_cents(claim.trader), inside_buffer=claim.inside_buffer
    )
    return Told(told.platform_account, known)
