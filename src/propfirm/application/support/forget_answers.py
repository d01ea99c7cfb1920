"""What was answered once is said again for a week, and then forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from propfirm.application.ports.work import UnitOfWork

KEPT: Final = timedelta(days=7)
"""From the first use of a key. A client that does not know what became of its request has asked again by then, even one
that was cut off over a long weekend."""


@dataclass(frozen=True, slots=True)
class ForgetAnswers:
    """A sweep over the idempotency keys of clients."""

    work: UnitOfWork

    async def __call__(self) -> int:
        """How many were forgotten."""
        async with self.work.begin() as tx:
            return await tx.idempotency.forget(KEPT)
