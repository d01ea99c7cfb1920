"""Purchases and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import CompoundSelect, Select, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres import events
from propfirm.adapters.postgres.documents import from_json, to_json
from propfirm.adapters.postgres.tables import purchase_events, purchases, refunds
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import PersonId, PurchaseId
from propfirm.domain.purchases.purchase import (
    Activation,
    Challenge,
    Declined,
    Event,
    FreshAttempt,
    Goods,
    Lapsed,
    Ordered,
    Purchase,
)


def to_row(purchase: Purchase) -> dict[str, object]:
    order = purchase.order
    return {
        "id": order.id,
        "buyer_id": order.buyer,
        "price_cents": order.price,
        "currency": order.currency,
        "provider": order.provider,
        "payment_reference": None if isinstance(purchase, Ordered | Declined | Lapsed) else purchase.receipt.reference,
        "state": type(purchase).__name__.lower(),
        "document": to_json(purchase),
        "placed_at": order.placed_at,
        **_goods(order.goods),
    }


def _goods(goods: Goods) -> dict[str, object]:
    match goods:
        case Challenge(bound):
            return {
                "goods": "challenge",
                "program": bound.program,
                "program_version": bound.version,
                "account_id": None,
            }
        case FreshAttempt(account):
            return {"goods": "reset", "program": None, "program_version": None, "account_id": account}
        case Activation(account):
            return {"goods": "activation", "program": None, "program_version": None, "account_id": account}
        case _:
            assert_never(goods)


def from_row(row: Mapping[str, Any]) -> Purchase:
    purchase: Purchase = from_json(row["document"], Purchase)
    return purchase


def unfinished(quiet: datetime | None) -> Select[Any]:
    return (
        select(purchases)
        .where(purchases.c.state.in_(["ordered", "declined", "paid"]))
        .where(events.quiet_since(purchases, purchase_events, quiet))
        .order_by(purchases.c.placed_at, purchases.c.id)
    )


def heard_of(provider: str, references: Sequence[str]) -> CompoundSelect[Any]:
    """Those of the payments that a purchase or a refund is about."""
    return union_all(
        *(
            select(table.c.payment_reference).where(
                table.c.provider == provider, table.c.payment_reference.in_(references)
            )
            for table in (purchases, refunds)
        )
    )


@dataclass(frozen=True, slots=True)
class PostgresPurchases:
    connection: AsyncConnection

    async def get(self, id: PurchaseId, *, buyer: PersonId | None = None) -> Purchase:  # noqa: A002 - the field's name
        query = select(purchases).where(purchases.c.id == id).with_for_update(key_share=True)
        return await self._one(query if buyer is None else query.where(purchases.c.buyer_id == buyer))

    async def peek(self, id: PurchaseId, *, buyer: PersonId) -> Purchase:  # noqa: A002 - the field's name
        return await self._one(select(purchases).where(purchases.c.id == id, purchases.c.buyer_id == buyer))

    async def _one(self, query: Select[Any]) -> Purchase:
        row = (await self.connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def unfinished(self, quiet: datetime | None = None) -> Sequence[Purchase]:
        return [from_row(dict(row)) for row in (await self.connection.execute(unfinished(quiet))).mappings()]

    async def of_payment(self, provider: str, reference: str) -> PurchaseId | None:
        found: PurchaseId | None = await self.connection.scalar(
            select(purchases.c.id).where(purchases.c.provider == provider, purchases.c.payment_reference == reference)
        )
        return found

    async def unheard(self, provider: str, references: Sequence[str]) -> frozenset[str]:
        return frozenset(references).difference(await self.connection.scalars(heard_of(provider, references)))

    async def put(self, changed: Purchase, new: Sequence[Event]) -> None:
        row = to_row(changed)
        write = insert(purchases).values(row)
        write = write.on_conflict_do_update(
            index_elements=[purchases.c.id],
            set_={name: row[name] for name in ("payment_reference", "state", "document", "account_id")},
        )
        await self.connection.execute(write)
        await events.append(self.connection, purchase_events, changed.order.id, new)
