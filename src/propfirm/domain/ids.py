"""The names by which the firm's people and things are known everywhere. Version 7 UUIDs, made outside the core."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

AccountId = NewType("AccountId", UUID)
AppealId = NewType("AppealId", UUID)
NoteId = NewType("NoteId", UUID)
NewsEventId = NewType("NewsEventId", UUID)
PaymentId = NewType("PaymentId", UUID)
PayoutId = NewType("PayoutId", UUID)
PersonId = NewType("PersonId", UUID)
PurchaseId = NewType("PurchaseId", UUID)
RefundId = NewType("RefundId", UUID)
TransferId = NewType("TransferId", UUID)
