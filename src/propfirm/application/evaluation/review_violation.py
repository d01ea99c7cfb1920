"""The staff looks at a hit and says what it thinks of it."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.ports.clock import Clock
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.evaluation.review import HitName, Opinion, Review, reviewed
from propfirm.domain.identity.actors import Staff


@dataclass(frozen=True, slots=True)
class ReviewViolation:
    """Raises NotFound (the account), OwnViolation, BadReason, NotFound (the hit), AlreadyReviewed, in this order."""

    work: UnitOfWork
    clock: Clock

    async def __call__(self, staff: Staff, hit: HitName, decision: Opinion, reason: str) -> Review:
        async with self.work.begin() as tx:
            account = await tx.accounts.peek(hit.account)
            review = reviewed(hit, account.enrolment.owner, staff.id, decision, reason, self.clock.now())
            await tx.reviews.add(review)
            details = {
                "run": str(hit.run),
                "event": str(hit.seq),
                "place": str(hit.place),
                "decision": decision,
                "reason": review.reason,
            }
            await tx.audit.record(staff, "violation_reviewed", f"account:{hit.account}", details)
        return review
