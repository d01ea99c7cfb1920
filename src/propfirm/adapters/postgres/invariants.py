"""The invariants as statements over whole tables, and histories read a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.documents import from_json
from propfirm.adapters.postgres.tables import (
    account_events,
    accounts,
    appeal_events,
    appeals,
    payout_events,
    payouts,
    purchase_events,
    purchases,
    refund_events,
    refunds,
)
from propfirm.application.ports.invariants import Invariant, Violation
from propfirm.domain.evaluation import appeal, events, states
from propfirm.domain.payouts import request
from propfirm.domain.purchases import purchase, refund

PAGE: Final = 500

CHECKS: Final[tuple[tuple[Invariant, str], ...]] = (
    (
        "transfers balance",
        """
        select 'transfer:' || t.id,
            t.business || ': ' || count(e.*) || ' entries in ' || t.currency || ', sum '
                || coalesce(sum(amount_cents), 0)
        from ledger_transfers t left join ledger_entries e on (e.transfer_id, e.currency) = (t.id, t.currency)
        group by t.id having count(e.*) < 2 or sum(amount_cents) <> 0
        """,
    ),
    (
        "nobody owes the firm",
        """
        select 'user:' || owner, 'trader_payable ' || sum(amount_cents) || ' ' || currency
        from ledger_entries where kind = 'trader_payable' group by owner, currency having sum(amount_cents) > 0
        """,
    ),
    (
        # What the books hold of a payout is what its state says: owed, on the way, or gone.
        "payouts are booked",
        """
        with books as (
            select split_part(t.reference, ':', 1) as payout,
                coalesce(-sum(e.amount_cents) filter (where e.kind = 'trader_payable'), 0) as owed,
                coalesce(-sum(e.amount_cents) filter (where e.kind = 'in_transit'), 0) as moving,
                coalesce(-sum(e.amount_cents) filter (where e.kind = 'bank'), 0) as gone
            from ledger_transfers t join ledger_entries e on e.transfer_id = t.id
            where t.business in ('payout_approved', 'payout_sent', 'payout_confirmed', 'payout_returned')
                and t.currency = 'USD'
            group by 1
        ), told as (
            select p.id::text as payout,
                case when p.state in ('approved', 'returned') then p.trader_cents else 0 end as owed,
                case when p.state in ('sending', 'unknown') then p.trader_cents else 0 end as moving,
                case when p.state = 'sent' then p.trader_cents else 0 end as gone
            from payouts p
        )
        select 'payout:' || payout, 'owed ' || coalesce(b.owed, 0) || ' (' || coalesce(t.owed, 0)
            || ' by its state), on the way ' || coalesce(b.moving, 0) || ' (' || coalesce(t.moving, 0)
            || '), gone ' || coalesce(b.gone, 0) || ' (' || coalesce(t.gone, 0) || ')'
        from books b full join told t using (payout)
        where (coalesce(b.owed, 0), coalesce(b.moving, 0), coalesce(b.gone, 0))
            <> (coalesce(t.owed, 0), coalesce(t.moving, 0), coalesce(t.gone, 0))
        """,
    ),
    (
        "payouts are paid once",
        """
        select 'payout:' || p.id,
            p.state || ', attempts: ' || coalesce(string_agg(d.state, ', ' order by d.attempt), 'none')
        from payouts p left join disbursements d on d.payout_id = p.id
        group by p.id
        having count(*) filter (where d.state in ('sending', 'unknown', 'sent'))
                <> (case when p.state in ('sending', 'unknown', 'sent') then 1 else 0 end)
            or count(*) filter (where d.state = 'sent') <> (case when p.state = 'sent' then 1 else 0 end)
        """,
    ),
    (
        "purchases are booked",
        """
        select 'purchase:' || p.id, p.state || ' ' || p.price_cents || ': booked ' || coalesce(sum(e.amount_cents), 0)
        from purchases p
        left join ledger_transfers t
            on (t.business, t.reference, t.currency) = ('purchase_paid', p.id::text, p.currency)
        left join ledger_entries e on e.transfer_id = t.id and e.amount_cents > 0
        group by p.id
        having coalesce(sum(e.amount_cents), 0) <> (case
            when p.state in ('paid', 'delivered')
                or exists (select from refunds r where r.purchase_id = p.id and r.cause = 'undeliverable')
            then p.price_cents else 0 end)
        union all
        select 'transfer:' || t.id, 'it books the purchase ' || t.reference || ', which nobody made'
        from ledger_transfers t
        where t.business = 'purchase_paid' and not exists (select from purchases p where p.id::text = t.reference)
        """,
    ),
    (
        # What the books hold of a refund is what its cause and its state say: given up, owed back, or gone.
        "refunds are booked",
        """
        with books as (
            select t.reference, t.currency,
                coalesce(sum(e.amount_cents) filter (where e.kind = 'refunds_given'), 0) as given_up,
                coalesce(sum(e.amount_cents) filter (where e.kind = 'provider_clearing'), 0) as kept,
                coalesce(-sum(e.amount_cents) filter (where e.kind = 'refund_payable'), 0) as owed,
                coalesce(sum(e.amount_cents) filter (where e.kind = 'refund_payable' and e.amount_cents > 0), 0) as gone
            from ledger_transfers t join ledger_entries e on e.transfer_id = t.id
            where t.business in ('purchase_given_up', 'payment_unwanted', 'refund_returned')
            group by t.reference, t.currency
        ), told as (
            select r.purchase_id || ':' || r.id as reference, r.currency,
                case when r.cause = 'undeliverable' then r.amount_cents else 0 end as given_up,
                case when r.cause = 'undeliverable' then 0 else r.amount_cents end
                    - case when r.state = 'returned' then r.amount_cents else 0 end as kept,
                case when r.state = 'returned' then 0 else r.amount_cents end as owed,
                case when r.state = 'returned' then r.amount_cents else 0 end as gone
            from refunds r
        )
        select 'refund:' || split_part(reference, ':', 2), currency || ': given up ' || coalesce(b.given_up, 0) || ' ('
            || coalesce(t.given_up, 0) || ' by its state), kept ' || coalesce(b.kept, 0) || ' (' || coalesce(t.kept, 0)
            || '), owed ' || coalesce(b.owed, 0) || ' (' || coalesce(t.owed, 0) || '), gone ' || coalesce(b.gone, 0)
            || ' (' || coalesce(t.gone, 0) || ')'
        from books b full join told t using (reference, currency)
        where (coalesce(b.given_up, 0), coalesce(b.kept, 0), coalesce(b.owed, 0), coalesce(b.gone, 0))
            <> (coalesce(t.given_up, 0), coalesce(t.kept, 0), coalesce(t.owed, 0), coalesce(t.gone, 0))
        """,
    ),
    (
        # A payment is kept or goes back, and a purchase that waits for its refund has one that is not made yet.
        "refunds are made once",
        """
        select 'purchase:' || p.id, p.state || ', its payment: ' || coalesce(r.cause || ' ' || r.state, 'no refund')
        from purchases p left join refunds r
            on (r.provider, r.payment_reference, r.purchase_id) = (p.provider, p.payment_reference, p.id)
        where case p.state
            when 'refunding' then coalesce(r.state = 'returned', true) or r.cause = 'paid_again'
            when 'refunded' then coalesce(r.state <> 'returned', (p.document -> 'receipt' ->> 'amount')::bigint <> 0)
                or r.cause = 'paid_again'
            else r.id is not null end
        union all
        select 'refund:' || r.id, r.cause || ' of ' || r.payment_reference || ', which paid the purchase ' || p.id
        from refunds r join purchases p on (p.provider, p.payment_reference) = (r.provider, r.payment_reference)
        where p.id <> r.purchase_id
        union all
        select 'refund:' || r.id, r.cause || ' of ' || r.payment_reference || ', which its purchase does not know'
        from refunds r join purchases p on p.id = r.purchase_id
        where r.cause <> 'paid_again' and p.payment_reference is distinct from r.payment_reference
        """,
    ),
    (
        "purchases are delivered once",
        """
        select 'purchase:' || p.id, p.state || ', account ' || coalesce(a.id::text, 'none')
        from purchases p left join accounts a on a.purchase_id = p.id
        where p.goods = 'challenge' and (p.state = 'delivered') <> (a.id is not null)
        """,
    ),
    (
        "nothing is stuck",
        """
        select 'payout:' || p.id, 'unknown since ' || max(e.recorded_at)
        from payouts p join payout_events e on e.payout_id = p.id
        where p.state = 'unknown' group by p.id
        having max(e.recorded_at) < cast(:now as timestamptz) - interval '24 hours'
        union all
        select 'refund:' || r.id, r.state || ' since ' || max(e.recorded_at)
        from refunds r join refund_events e on e.refund_id = r.id
        where r.state in ('owed', 'unknown') group by r.id
        having max(e.recorded_at) < cast(:now as timestamptz) - interval '24 hours'
        union all
        select 'job:' || j.id, j.task_name || ' ' || j.status || ', ' || j.attempts || ' attempts'
        from procrastinate_jobs j
        where j.status = 'failed' or (j.status = 'todo' and coalesce(j.scheduled_at, (
            select min(e.at) from procrastinate_events e where e.job_id = j.id
        )) < now() - interval '10 minutes')
        """,
    ),
    (
        "verdicts stand alone",
        """
        select 'account:' || account_id, 'run ' || run || ': ' || rule || ' ended it ' || count(*) || ' times'
        from findings f where kind = 'hit' and action = 'fail' and (finding ->> 'decided')::boolean
            and not exists (  -- what an appeal overturned has ended it before
                select from journal j
                where (j.account_id, j.run) = (f.account_id, f.run) and j.kind = 'reinstated' and j.seq > f.seq
            )
        group by account_id, run, rule having count(*) > 1
        union all
        select 'account:' || account_id, 'run ' || run || ', event ' || seq || ': ' || kind || ' ' || rule || ' '
            || count(*) || ' times'
        from findings where rule is not null
        group by account_id, run, seq, kind, rule having count(*) > 1
        """,
    ),
    (
        # A run that began is replayed; what is kept of any other would never be looked at.
        "verdicts derive again",
        """
        select 'run:' || account_id || ':' || run, 'it never began, and ' || string_agg(what, ', ' order by what)
            || ' of it are kept'
        from (
            select account_id, run, 'events' as what from journal
            union select account_id, run, 'findings' from findings
            union select account_id, run, 'figures' from risk_states
        ) as kept
        where not exists (select from runs r where (r.account_id, r.run) = (kept.account_id, kept.run))
        group by account_id, run
        """,
    ),
)


@dataclass(frozen=True, slots=True)
class PostgresInvariants:
    """engine: of one moment of the writer, so that a purchase and its booking are seen both or not at all."""

    engine: AsyncEngine

    async def violated(self, now: datetime) -> Sequence[Violation]:
        found = list[Violation]()
        async with self.engine.connect() as connection:
            for invariant, query in CHECKS:
                rows = await connection.execute(text(query), {"now": now} if ":now" in query else {})
                found.extend(Violation(invariant, subject, says) for subject, says in rows)
        return found


@dataclass(frozen=True, slots=True)
class PostgresHistories:
    """engine: as above."""

    engine: AsyncEngine

    async def purchases(self) -> AsyncIterator[tuple[purchase.Purchase, Sequence[purchase.Event]]]:
        async for one in self._all(purchases, purchase_events, purchase.Purchase, purchase.Event):
            yield one

    async def refunds(self) -> AsyncIterator[tuple[refund.Refund, Sequence[refund.Event]]]:
        async for one in self._all(refunds, refund_events, refund.Refund, refund.Event):
            yield one

    async def payouts(self) -> AsyncIterator[tuple[request.Payout, Sequence[request.Event]]]:
        async for one in self._all(payouts, payout_events, request.Payout, request.Event):
            yield one

    async def accounts(self) -> AsyncIterator[tuple[states.Account, Sequence[events.Event]]]:
        async for one in self._all(accounts, account_events, states.Account, events.Event):
            yield one

    async def appeals(self) -> AsyncIterator[tuple[appeal.Appeal, Sequence[appeal.Event]]]:
        async for one in self._all(appeals, appeal_events, appeal.Appeal, appeal.Event):
            yield one

    async def _all(self, table: Table, history: Table, state: Any, event: Any) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ANN401 - unions are no types that mypy can name
        owner, last = next(iter(history.primary_key.columns)), None
        async with self.engine.connect() as connection:
            while True:
                page = select(table.c.id, table.c.document).order_by(table.c.id).limit(PAGE)
                rows = (await connection.execute(page if last is None else page.where(table.c.id > last))).all()
                if not rows:
                    return
                last = rows[-1].id
                told = dict[Any, list[Any]]()
                query = select(owner.label("owner"), history.c.event).where(owner.in_([row.id for row in rows]))
                for row in await connection.execute(query.order_by(owner, history.c.number)):
                    told.setdefault(row.owner, []).append(from_json(row.event, event))
                for row in rows:
                    yield from_json(row.document, state), told.get(row.id, [])
