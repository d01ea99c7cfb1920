"""Transactions: one use case, one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from propfirm.adapters.postgres.accounts import PostgresAccounts, PostgresAppeals
from propfirm.adapters.postgres.intake import PostgresIdempotency, PostgresInbox
from propfirm.adapters.postgres.jobs import PostgresJobs
from propfirm.adapters.postgres.journal import PostgresJournal
from propfirm.adapters.postgres.ledger import PostgresLedger
from propfirm.adapters.postgres.news import PostgresNewsEvents
from propfirm.adapters.postgres.payouts import PostgresPayouts
from propfirm.adapters.postgres.people import PostgresPeople
from propfirm.adapters.postgres.programs import PostgresPrograms
from propfirm.adapters.postgres.purchases import PostgresPurchases
from propfirm.adapters.postgres.refunds import PostgresRefunds
from propfirm.adapters.postgres.reviews import PostgresReviews
from propfirm.adapters.postgres.seals import PostgresSeals
from propfirm.adapters.postgres.support import PostgresAudit, PostgresNotes
from propfirm.application.ports.work import Transaction


@dataclass(frozen=True, slots=True)
class PostgresTransaction:
    """The stores of one open transaction, all on its connection."""

    people: PostgresPeople
    programs: PostgresPrograms
    purchases: PostgresPurchases
    refunds: PostgresRefunds
    accounts: PostgresAccounts
    appeals: PostgresAppeals
    payouts: PostgresPayouts
    ledger: PostgresLedger
    journal: PostgresJournal
    seals: PostgresSeals
    reviews: PostgresReviews
    news: PostgresNewsEvents
    notes: PostgresNotes
    inbox: PostgresInbox
    idempotency: PostgresIdempotency
    jobs: PostgresJobs
    audit: PostgresAudit

    @classmethod
    def on(cls, connection: AsyncConnection) -> PostgresTransaction:
        return cls(
            PostgresPeople(connection),
            PostgresPrograms(connection),
            PostgresPurchases(connection),
            PostgresRefunds(connection),
            PostgresAccounts(connection),
            PostgresAppeals(connection),
            PostgresPayouts(connection),
            PostgresLedger(connection),
            PostgresJournal(connection),
            PostgresSeals(connection),
            PostgresReviews(connection),
            PostgresNewsEvents(connection),
            PostgresNotes(connection),
            PostgresInbox(connection),
            PostgresIdempotency(connection),
            PostgresJobs(connection),
            PostgresAudit(connection),
        )


@dataclass(frozen=True, slots=True)
class PostgresUnitOfWork:
    engine: AsyncEngine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with self.engine.begin() as connection:
            # SQLAlchemy begins with the first statement: without one, whoever uses the driver's own connection would
            # write outside the transaction.
            await connection.exec_driver_sql("select 1")
            yield PostgresTransaction.on(connection)
