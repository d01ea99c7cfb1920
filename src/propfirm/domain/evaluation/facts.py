"""The facts that an account and an appeal share: ids, what was bought, what was judged, who paid."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from propfirm.domain.catalogue.program import Program
from propfirm.domain.ids import AppealId, PaymentId, PersonId
from propfirm.domain.money import Cents
from propfirm.domain.rules import findings


class Binding(Struct, frozen=True):
    """The program version that an account is judged by. fingerprint: SHA-256 of the published document, in hex."""

    program: str
    version: int
    fingerprint: str


class Edition(Struct, frozen=True):
    """A published version of a program together with the fingerprint of its document."""

    program: Program
    fingerprint: str

    @property
    def binding(self) -> Binding:
        return Binding(self.program.id, self.program.version, self.fingerprint)


class Payment(Struct, frozen=True):
    """A settled payment. discount: what the firm waived by a code; it counts as paid. paid_at: the provider's time."""

    id: PaymentId
    amount: Cents
    paid_at: datetime
    discount: Cents = Cents(0)

    @property
    def worth(self) -> Cents:
        return Cents(self.amount + self.discount)


class Consent(Struct, frozen=True):
    """The trader's own yes to exactly this program version."""

    by: PersonId
    to: Binding
    given_at: datetime


class Breach(Struct, frozen=True, tag="breach"):
    """The verdict that ends a stage badly: the engine's finding, the run it belongs to, the semantics it came from.

    An expiry (``time_limit``, ``inactivity``) is one too: it comes from the same engine with the same evidence.
    correction: number of the correction that brought it about; 0 where it was found when it happened.
    """

    run: int
    hit: findings.Hit
    semantics: int
    correction: int = 0

    @property
    def found(self) -> int:
        """Number of the event at which the engine found it."""
        return self.correction or self.hit.seq


class Pass(Struct, frozen=True, tag="pass"):
    """The verdict that every condition of the stage held at event ``passed.seq`` of this run. correction: as above."""

    run: int
    passed: findings.Passed
    semantics: int
    correction: int = 0

    @property
    def found(self) -> int:
        return self.correction or self.passed.seq


Verdict: TypeAlias = Breach | Pass


class CorrectedState(Struct, frozen=True):
    """Where a reinstated stage goes on from: the corrected risk state after event ``seq``, named by its digest.

    appeal: the appeal that this corrects by. Verdicts found at events up to ``seq`` were settled by it.
    """

    appeal: AppealId
    seq: int
    digest: str
