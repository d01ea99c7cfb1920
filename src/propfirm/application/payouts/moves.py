"""One act on a payout, in the caller's transaction: decided, written, booked, and never done twice."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from propfirm.application.ports.clock import Ids
from propfirm.application.ports.work import Transaction
from propfirm.domain.ids import TransferId
from propfirm.domain.ledger import bookings
from propfirm.domain.ledger.transfers import Business, Entry, Transfer
from propfirm.domain.payouts import request

SEND = "payouts.send"
"""The job that takes an approved payout out of the account and makes one attempt at the bank."""

PUT_BACK = "payouts.put_back"
"""The job that puts back into the account what a payout took out of it that was rejected after all."""


async def act(
    tx: Transaction, ids: Ids, payout: request.Payout | None, command: request.Command, now: datetime
) -> request.Payout:
    """The payout afterwards. Raises what ``decide`` refuses."""
    happened = request.decide(payout, command, now)
    for event in happened:
        before, payout = payout, request.evolve(payout, event)
        booked = _booked(before, payout.claim, event)
        if booked is not None:
            await tx.ledger.post(Transfer(TransferId(ids.new()), now, *booked))
    assert payout is not None  # noqa: S101 - without a payout decide refuses, or makes one
    if happened:
        await tx.payouts.put(payout, happened)
    return payout


async def send_later(tx: Transaction, payout: request.Payout, attempt: int) -> None:
    """The attempt is part of the job, so that a job that is told again makes no other one."""
    key = str(payout.claim.id)
    await tx.jobs.enqueue(SEND, key, {"payout": key, "attempt": str(attempt)})


def _booked(
    before: request.Payout | None, claim: request.Claim, event: request.Event
) -> tuple[Business, str, tuple[Entry, ...]] | None:
    """What the act means for the books: the trader's share alone is money of the firm."""
    match event:
        case request.PayoutRejected() if not isinstance(before, request.Requested):
            return "payout_written_off", str(claim.id), bookings.payout_written_off(claim.owner, claim.trader)
        case request.PayoutApproved():
            return "payout_approved", str(claim.id), bookings.payout_approved(claim.owner, claim.trader)
        case request.PayoutClaimed(attempt=n):
            return "payout_sent", f"{claim.id}:{n}", bookings.payout_sent(claim.owner, claim.trader)
        case request.PayoutSent(attempt=n):
            return "payout_confirmed", f"{claim.id}:{n}", bookings.payout_confirmed(claim.trader)
        case request.PayoutReturned(attempt=n):
            return "payout_returned", f"{claim.id}:{n}", bookings.payout_returned(claim.owner, claim.trader)
        case request.PayoutRequested() | request.PayoutRejected() | request.PayoutCancelled():
            return None
        case request.PayoutPutBack() | request.PayoutResent() | request.PayoutLost():
            return None
        case _:
            assert_never(event)
