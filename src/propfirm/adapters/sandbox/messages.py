"""The provider's messages: what is in them, how they are signed, and how a reader makes sure.

The signature is ``t=<seconds since 1970>,v1=<hex>``: HMAC-SHA256 over the time, a dot, and the body as it was sent.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from propfirm.application.ports.payments import (
    BadNotice,
    BadSignature,
    CheckoutDeclined,
    CheckoutNews,
    CheckoutOver,
    CheckoutPaid,
    Notice,
)
from propfirm.domain.ids import PaymentId, PurchaseId
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import Receipt

PROVIDER: Final = "sandbox"
SKEW_S: Final = 300
_SIGNATURE: Final = re.compile(r"t=(?P<at>\d{1,12}),v1=(?P<mac>[0-9a-f]{64})", re.ASCII)

Word: TypeAlias = Annotated[str, Meta(pattern=r"^[!-~]{1,200}\Z")]
Sentence: TypeAlias = Annotated[str, Meta(pattern=r"^[^\x00-\x1f]{0,500}\Z")]
Amount: TypeAlias = Annotated[int, Meta(ge=0, le=10**14)]
Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]


class Payment(Struct, frozen=True):
    id: UUID
    reference: Word
    amount_cents: Amount
    currency: Word
    paid_at: Moment

    def receipt(self) -> Receipt:
        return Receipt(PaymentId(self.id), self.reference, Cents(self.amount_cents), self.currency, self.paid_at)


class Message(Struct, frozen=True, omit_defaults=True):
    """checkout: our order's id. Fields that we do not know are let through: they are the provider's to add."""

    id: Word
    type: Word
    checkout: UUID
    payment: Payment | None = None
    reason: Sentence = ""

    def news(self) -> CheckoutNews | None:
        """None: of a kind that says nothing to us. Raises BadNotice."""
        match self.type:
            case "checkout.paid":
                if self.payment is None:
                    raise BadNotice("paid, without a payment")
                return CheckoutPaid(self.payment.receipt())
            case "checkout.declined":
                return CheckoutDeclined(self.reason)
            case "checkout.over":
                return CheckoutOver()
            case _:
                return None


def sign(secret: bytes, body: bytes, at: int) -> str:
    return f"t={at},v1={_mac(secret, body, at)}"


def _mac(secret: bytes, body: bytes, at: int) -> str:
    return hmac.new(secret, b"%d." % at + body, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class SandboxNotices:
    """Fills ``Notices``. now: seconds since 1970 of real time, whatever the demo's clock shows."""

    secret: bytes
    now: Callable[[], float] = time.time
    name: str = PROVIDER

    def read(self, body: bytes, signature: str) -> Notice:
        found = _SIGNATURE.fullmatch(signature)
        if found is None:
            raise BadSignature("no signature of this form")
        at = int(found["at"])
        if not hmac.compare_digest(_mac(self.secret, body, at), found["mac"]):
            raise BadSignature("another secret or another body")
        if abs(self.now() - at) > SKEW_S:
            raise BadSignature(f"signed more than {SKEW_S} s from now")
        try:
            message = msgspec.json.decode(body, type=Message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadNotice(str(error)) from None
        return Notice(message.id, PurchaseId(message.checkout), message.news())
