"""The books."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.tables import ledger_entries, ledger_transfers
from propfirm.domain.ids import TransferId
from propfirm.domain.ledger.accounts import LedgerAccount
from propfirm.domain.ledger.transfers import HOME, BookedOtherwise, Entry, Transfer
from propfirm.domain.money import Cents


@dataclass(frozen=True, slots=True)
class PostgresLedger:
    connection: AsyncConnection

    async def post(self, transfer: Transfer) -> None:
        head = {
            "id": transfer.id,
            "at": transfer.at,
            "business": transfer.business,
            "reference": transfer.reference,
            "currency": transfer.currency,
        }
        done = await self.connection.execute(upsert(ledger_transfers).values(head).on_conflict_do_nothing())
        if done.rowcount == 0:
            known = await self._booked(transfer)
            if known is None or not known.says_the_same_as(transfer):
                raise BookedOtherwise(transfer.business, transfer.reference)
            return
        # One statement for all entries: the trigger sees the transfer whole.
        await self.connection.execute(
            insert(ledger_entries).values(
                [
                    {
                        "transfer_id": transfer.id,
                        "place": place,
                        "kind": entry.account.kind,
                        "owner": entry.account.owner,
                        "amount_cents": entry.amount,
                        "currency": transfer.currency,
                    }
                    for place, entry in enumerate(transfer.entries)
                ]
            )
        )

    async def balance(self, account: LedgerAccount, currency: str = HOME) -> Cents:
        e = ledger_entries.c
        query = select(func.coalesce(func.sum(e.amount_cents), 0)).where(
            e.kind == account.kind, e.owner == account.owner, e.currency == currency
        )
        return Cents(int((await self.connection.execute(query)).scalar_one()))

    async def _booked(self, like: Transfer) -> Transfer | None:
        t, e = ledger_transfers.c, ledger_entries.c
        query = (
            select(t.id, t.at, t.currency, e.kind, e.owner, e.amount_cents)
            .join(ledger_entries, e.transfer_id == t.id)
            .where(t.business == like.business, t.reference == like.reference)
            .order_by(e.place)
        )
        rows = (await self.connection.execute(query)).all()
        if not rows:
            return None
        entries = tuple(Entry(LedgerAccount(row.kind, row.owner), Cents(row.amount_cents)) for row in rows)
        first = rows[0]
        return Transfer(TransferId(first.id), first.at, like.business, like.reference, entries, first.currency)
