"""Payouts, what happened to them, and their attempts at the bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import from_json, to_json
from propfirm.adapters.postgres.events import append, quiet_since
from propfirm.adapters.postgres.tables import disbursements, payout_events, payouts
from propfirm.application.ports.work import Decided
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import AccountId, PayoutId, PersonId
from propfirm.domain.payouts.request import (
    Claim,
    Event,
    Payout,
    PayoutApproved,
    PayoutRejected,
    Returned,
    Sending,
    Sent,
    Unknown,
)

_DECISIONS: Final = (PayoutApproved.__struct_config__.tag, PayoutRejected.__struct_config__.tag)

UNCLOSED: Final = """
select p.document from payouts p join accounts a on (a.id, a.run) = (p.account_id, p.run)
where p.state = 'sent' and p.document -> 'claim' ->> 'closes' = 'true' and a.state <> 'closed'
order by p.requested_at, p.id
"""

TO_PUT_BACK: Final = """
select document from payouts where state = 'rejected' and document ->> 'to_put_back' = 'true'
order by requested_at, id
"""


def to_row(payout: Payout) -> dict[str, object]:
    claim = payout.claim
    return {
        "id": claim.id,
        "account_id": claim.account,
        "owner_id": claim.owner,
        "run": claim.run,
        "gross_cents": claim.gross,
        "trader_cents": claim.trader,
        "state": type(payout).__name__.lower(),
        "document": to_json(payout),
        "requested_at": claim.requested_at,
    }


def from_row(row: Mapping[str, Any]) -> Payout:
    payout: Payout = from_json(row["document"], Payout)
    return payout


def on_the_way(quiet: datetime | None) -> Select[Any]:
    return (
        select(payouts)
        .where(payouts.c.state.in_(["approved", "sending", "unknown", "returned"]))
        .where((payouts.c.state != "returned") | payouts.c.document["again"].astext.is_not(None))
        .where(quiet_since(payouts, payout_events, quiet))
        .order_by(payouts.c.requested_at, payouts.c.id)
    )


@dataclass(frozen=True, slots=True)
class PostgresPayouts:
    connection: AsyncConnection

    async def get(self, id: PayoutId, *, owner: PersonId | None = None) -> Payout:  # noqa: A002 - the field's name
        query = select(payouts).where(payouts.c.id == id).with_for_update(key_share=True)
        if owner is not None:
            query = query.where(payouts.c.owner_id == owner)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound
        return from_row(dict(row))

    async def peek(self, id: PayoutId) -> Payout | None:  # noqa: A002 - as above
        query = select(payouts).where(payouts.c.id == id)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else from_row(dict(row))

    async def of_account(self, account: AccountId) -> Sequence[Payout]:
        query = select(payouts).where(payouts.c.account_id == account).order_by(payouts.c.requested_at, payouts.c.id)
        return [from_row(dict(row)) for row in (await self.connection.execute(query)).mappings()]

    async def decided(self, owner: PersonId) -> Sequence[Decided]:
        e = payout_events.c
        query = (
            select(payouts.c.document, e.at, e.event)
            .join(payout_events, e.payout_id == payouts.c.id)
            .where(payouts.c.owner_id == owner, e.event["type"].astext.in_(_DECISIONS))
            .where((payouts.c.state != "rejected") | (e.event["type"].astext != _DECISIONS[0]))
            .order_by(e.at, e.payout_id)
        )
        rows = (await self.connection.execute(query)).mappings()
        return [Decided(from_row(dict(row)).claim, row["at"], row["event"]["type"] == _DECISIONS[0]) for row in rows]

    async def on_the_way(self, quiet: datetime | None = None) -> Sequence[Payout]:
        return [from_row(dict(row)) for row in (await self.connection.execute(on_the_way(quiet))).mappings()]

    async def unclosed(self) -> Sequence[Claim]:
        rows = (await self.connection.execute(text(UNCLOSED))).mappings()
        return [from_row(dict(row)).claim for row in rows]

    async def to_put_back(self) -> Sequence[Claim]:
        rows = (await self.connection.execute(text(TO_PUT_BACK))).mappings()
        return [from_row(dict(row)).claim for row in rows]

    async def put(self, changed: Payout, new: Sequence[Event]) -> None:
        row = to_row(changed)
        write = insert(payouts).values(row)
        write = write.on_conflict_do_update(
            index_elements=[payouts.c.id], set_={name: row[name] for name in ("state", "document")}
        )
        await self.connection.execute(write)
        if isinstance(changed, Sending | Unknown | Sent | Returned):
            await self._record_attempt(changed)
        await append(self.connection, payout_events, changed.claim.id, new)

    async def _record_attempt(self, payout: Sending | Unknown | Sent | Returned) -> None:
        """The unique index over live attempts is the last line: a second one cannot be written."""
        row = {
            "payout_id": payout.claim.id,
            "attempt": payout.attempt,
            "state": type(payout).__name__.lower(),
            "reference": payout.disbursement if isinstance(payout, Sent) else None,
        }
        write = insert(disbursements).values(row)
        write = write.on_conflict_do_update(
            index_elements=[disbursements.c.payout_id, disbursements.c.attempt],
            set_={name: row[name] for name in ("state", "reference")},
        )
        await self.connection.execute(write)
