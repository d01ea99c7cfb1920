"""Payments that are owed back, and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import from_json, to_json
from propfirm.adapters.postgres.events import append, quiet_since
from propfirm.adapters.postgres.tables import refund_events, refunds
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import PurchaseId, RefundId
from propfirm.domain.purchases.refund import Event, Refund


def to_row(refund: Refund) -> dict[str, object]:
    debt = refund.debt
    return {
        "id": debt.id,
        "purchase_id": debt.purchase,
        "provider": debt.provider,
        "payment_reference": debt.receipt.reference,
        "cause": debt.cause,
        "amount_cents": debt.receipt.amount,
        "currency": debt.receipt.currency,
        "state": type(refund).__name__.lower(),
        "document": to_json(refund),
        "owed_at": debt.owed_at,
    }


def from_row(row: Mapping[str, Any]) -> Refund:
    refund: Refund = from_json(row["document"], Refund)
    return refund


def on_the_way(quiet: datetime | None) -> Select[Any]:
    return (
        select(refunds)
        .where(refunds.c.state.in_(["owed", "unknown"]), quiet_since(refunds, refund_events, quiet))
        .order_by(refunds.c.owed_at, refunds.c.id)
    )


@dataclass(frozen=True, slots=True)
class PostgresRefunds:
    connection: AsyncConnection

    async def get(self, id: RefundId) -> Refund:  # noqa: A002 - the field's name
        query = select(refunds).where(refunds.c.id == id).with_for_update(key_share=True)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def peek(self, id: RefundId) -> Refund:  # noqa: A002 - as above
        row = (await self.connection.execute(select(refunds).where(refunds.c.id == id))).mappings().one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def of_payment(self, provider: str, reference: str) -> Refund | None:
        query = select(refunds).where(refunds.c.provider == provider, refunds.c.payment_reference == reference)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else from_row(dict(row))

    async def of_purchase(self, purchase: PurchaseId) -> Sequence[Refund]:
        query = select(refunds).where(refunds.c.purchase_id == purchase).order_by(refunds.c.owed_at, refunds.c.id)
        return [from_row(dict(row)) for row in (await self.connection.execute(query)).mappings()]

    async def on_the_way(self, quiet: datetime | None = None) -> Sequence[Refund]:
        return [from_row(dict(row)) for row in (await self.connection.execute(on_the_way(quiet))).mappings()]

    async def put(self, changed: Refund, new: Sequence[Event]) -> None:
        row = to_row(changed)
        write = insert(refunds).values(row)
        write = write.on_conflict_do_update(
            index_elements=[refunds.c.id], set_={name: row[name] for name in ("state", "document")}
        )
        await self.connection.execute(write)
        await append(self.connection, refund_events, changed.debt.id, new)
