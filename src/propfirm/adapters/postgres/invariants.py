"""The invariants as statements over whole tables, and histories read a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.accounts import appeal_to_row
from propfirm.adapters.postgres.accounts import to_row as account_to_row
from propfirm.adapters.postgres.documents import from_json
from propfirm.adapters.postgres.payouts import to_row as payout_to_row
from propfirm.adapters.postgres.programs import from_row as listing_from_row
from propfirm.adapters.postgres.programs import to_row as listing_to_row
from propfirm.adapters.postgres.purchases import to_row as purchase_to_row
from propfirm.adapters.postgres.refunds import to_row as refund_to_row
from propfirm.adapters.postgres.tables import (
    account_events,
    accounts,
    appeal_events,
    appeals,
    payout_events,
    payouts,
    program_versions,
    purchase_events,
    purchases,
    refund_events,
    refunds,
)
from propfirm.application.ports.clock import Hindsight
from propfirm.application.ports.invariants import Beside, Invariant, Violation
from propfirm.application.ports.work import Listing
from propfirm.domain.evaluation import appeal, events, states
from propfirm.domain.payouts import request
from propfirm.domain.purchases import purchase, refund

PAGE: Final = 500

PATIENCE: Final[Mapping[str, timedelta]] = {
    "payment_waits": timedelta(hours=24),
    "job_waits": timedelta(minutes=10),
    "job_takes": timedelta(hours=1),
}
"""Real time, in which a firm that is running goes on with what waits."""

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
            where t.business in ('payout_approved', 'payout_sent', 'payout_confirmed', 'payout_returned',
                'payout_written_off')
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
        select 'payout:' || p.id, p.state || ' since ' || max(e.recorded_at)
        from payouts p join payout_events e on e.payout_id = p.id
        where p.state in ('sending', 'unknown') group by p.id
        having max(e.recorded_at) < cast(:now as timestamptz) - cast(:payment_waits as interval)
        union all
        select 'payout:' || p.id, 'rejected at ' || max(e.recorded_at) || ', and what it took is not put back'
        from payouts p join payout_events e on e.payout_id = p.id
        where p.state = 'rejected' and (p.document ->> 'to_put_back' = 'true' or (
            exists (
                select from journal j where (j.account_id, j.run, j.kind) = (p.account_id, p.run, 'cash')
                    and (j.event ->> 3, j.event ->> 7) = ('payout', p.id::text)
            ) and not exists (
                select from journal j where (j.account_id, j.run, j.kind) = (p.account_id, p.run, 'cash')
                    and (j.event ->> 3, j.event ->> 7) = ('adjustment', p.id::text)
            )
        ))
        group by p.id
        having max(e.recorded_at) < cast(:now as timestamptz) - interval '24 hours'
        union all
        select 'refund:' || r.id, r.state || ' since ' || max(e.recorded_at)
        from refunds r join refund_events e on e.refund_id = r.id
        where r.state in ('owed', 'unknown') group by r.id
        having max(e.recorded_at) < cast(:now as timestamptz) - cast(:payment_waits as interval)
        union all
        select 'job:' || j.id, j.task_name || ' ' || j.status || ', ' || j.attempts || ' attempts'
        from procrastinate_jobs j
        where j.status = 'failed' or (j.status = 'todo' and coalesce(j.scheduled_at, (
            select min(e.at) from procrastinate_events e where e.job_id = j.id
        )) < now() - cast(:job_waits as interval)) or (j.status = 'doing' and (
            select max(e.at) from procrastinate_events e where e.job_id = j.id
        ) < now() - cast(:job_takes as interval))
        """,
    ),
    (
        # What is looked up by a column is what the value beside it says. Of everything with a life-cycle, the histories
        # tell; of the feed's tables, the database, since there are many.
        "columns agree",
        """
        select 'run:' || account_id || ':' || run, count(*) || ' findings, the first of event ' || min(seq)
        from findings
        where (kind, seq::text, at_ns::text, rule, action) is distinct from (finding ->> 'type', finding ->> 'seq',
            finding ->> 'at', finding ->> 'rule', case when kind = 'hit' then finding ->> 'outcome' end)
        group by account_id, run
        union all
        select 'run:' || account_id || ':' || run, count(*) || ' events, the first of them ' || min(seq)
        from journal
        where (kind, seq::text, at_ns::text) is distinct from (event ->> 0, event ->> 1, event ->> 2)
        group by account_id, run
        union all
        select 'run:' || r.account_id || ':' || r.run, r.stage || ' at ' || r.platform_account || ', the account: '
            || a.stage || ' at ' || coalesce(a.platform_account, 'none')
        from runs r join accounts a on (a.id, a.run) = (r.account_id, r.run)
        where a.stage <> r.stage or a.platform_account <> r.platform_account
        union all
        select 'run:' || account_id || ':' || run, 'the platform should have heard ' || coalesce(kept, 'nothing new')
            || ', by the account ' || coalesce(should, 'nothing new')
        from (
            select r.account_id, r.run, r.should as kept, case
                when r.run < a.run then 'ended'
                when a.document ->> 'type' in ('evaluating', 'funded') then 'trading'
                when a.document -> 'held' ->> 'type' in ('evaluating', 'funded') then 'held'
                when a.document ->> 'type' in ('passed', 'failed', 'closed') then 'ended' end as should
            from runs r join accounts a on a.id = r.account_id
        ) as words
        where kept is distinct from should
        """,
    ),
    (
        # Days are told by findings, which the replay derives; ended trades and snapshots it compares itself.
        "figures derive again",
        """
        select 'run:' || account_id || ':' || run, 'the trading day ' || min(day) || ' is not as it closed'
        from (
            select account_id, run, day::text, start_micros::text, end_micros::text, profit_micros::text,
                floor_micros::text, day_floor_micros::text, traded::text, qualifying::text
            from trading_days
        ) as kept full join (
            select account_id, run, finding ->> 'day' as day, finding ->> 'start_balance' as start_micros,
                finding ->> 'end_balance' as end_micros, finding ->> 'pnl' as profit_micros,
                finding ->> 'floor' as floor_micros, finding ->> 'day_floor' as day_floor_micros,
                finding ->> 'traded' as traded, finding ->> 'qualifying' as qualifying
            from findings where kind = 'day_closed'
        ) as closed using (account_id, run, day)
        where (kept.start_micros, kept.end_micros, kept.profit_micros, kept.floor_micros, kept.day_floor_micros,
                kept.traded, kept.qualifying)
            is distinct from (closed.start_micros, closed.end_micros, closed.profit_micros, closed.floor_micros,
                closed.day_floor_micros, closed.traded, closed.qualifying)
        group by account_id, run
        """,
    ),
    (
        "executions are journalled",
        """
        select 'run:' || account_id || ':' || run, 'the execution ' || min(execution)
            || case when bool_or(told) then ' of the journal is not known' else ' is not in the journal' end
        from (
            select account_id, run, seq, execution, told
            from (
                select account_id, run, seq, event ->> 3 as execution, true as told from journal where kind = 'fill'
            ) as fills full join (
                select account_id, run, seq, execution, true as known from executions
            ) as known using (account_id, run, seq, execution)
            where told is null or known.known is null
        ) as odd
        group by account_id, run
        """,
    ),
    (
        # Nobody makes themselves one of the staff: who appointed them, or that the firm began with them, is on record.
        "roles are on record",
        """
        select 'user:' || u.id, u.role || ', on record: ' || coalesce(recorded.role, 'nothing')
        from users u left join lateral (
            select a.details ->> 'role' as role from audit a
            where a.subject = 'person:' || u.id and a.details ? 'role' order by a.number desc limit 1
        ) as recorded on true
        where u.role <> 'trader' and u.role is distinct from recorded.role
        """,
    ),
    (
        "reviews are on record",
        """
        select 'account:' || r.account_id, 'run ' || r.run || ', event ' || r.seq || ': ' || r.decision || ' by '
            || r.reviewer_id || ', not on record as an admin''s'
        from violation_reviews r
        where not exists (
            select from audit a
            where a.subject = 'account:' || r.account_id and a.actor = 'admin' and a.actor_id = r.reviewer_id::text
                and (a.details ->> 'run', a.details ->> 'event', a.details ->> 'decision', a.details ->> 'reason')
                    = (r.run::text, r.seq::text, r.decision, r.reason)
                and coalesce(a.details ->> 'place', r.place::text) = r.place::text
        )
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
            union select account_id, run, 'figures' from trades
            union select account_id, run, 'figures' from trading_days
            union select account_id, run, 'figures' from daily_snapshots
        ) as kept
        where not exists (select from runs r where (r.account_id, r.run) = (kept.account_id, kept.run))
        group by account_id, run
        """,
    ),
)

# Under which fingerprint each version was published, sold and traded: by what nobody writes twice.
_BOUND: Final = text("""
select program, program_version, fingerprint from runs
union
select program, program_version, document #>> '{order,goods,bound,fingerprint}' from purchases where goods = 'challenge'
union
select split_part(subject, ':', 2), split_part(subject, ':', 3)::integer, details ->> 'fingerprint' from audit
where act in ('program_published', 'program_retired', 'published a program', 'retired a program')
""")


@dataclass(frozen=True, slots=True)
class PostgresInvariants:
    """engine: of one moment of the writer, so that a purchase and its booking are seen both or not at all. clock: the
    firm's: in a firm that has not run for so long, nothing has waited too long."""

    engine: AsyncEngine
    clock: Hindsight

    async def violated(self, now: datetime) -> Sequence[Violation]:
        patience = {name: None if self.clock.ago(most) is None else most for name, most in PATIENCE.items()}
        given, found = {"now": now, **patience}, list[Violation]()
        async with self.engine.connect() as connection:
            for invariant, query in CHECKS:
                rows = await connection.execute(text(query), given if ":now" in query else {})
                found.extend(Violation(invariant, subject, says) for subject, says in rows)
        return found


@dataclass(frozen=True, slots=True)
class PostgresHistories:
    """engine: as above."""

    engine: AsyncEngine

    async def purchases(self) -> AsyncIterator[tuple[purchase.Purchase, Sequence[purchase.Event], Beside]]:
        async for one in self._all(purchases, purchase_events, purchase.Purchase, purchase.Event, purchase_to_row):
            yield one

    async def refunds(self) -> AsyncIterator[tuple[refund.Refund, Sequence[refund.Event], Beside]]:
        async for one in self._all(refunds, refund_events, refund.Refund, refund.Event, refund_to_row):
            yield one

    async def payouts(self) -> AsyncIterator[tuple[request.Payout, Sequence[request.Event], Beside]]:
        async for one in self._all(payouts, payout_events, request.Payout, request.Event, payout_to_row):
            yield one

    async def accounts(self) -> AsyncIterator[tuple[states.Account, Sequence[events.Event], Beside]]:
        async for one in self._all(accounts, account_events, states.Account, events.Event, account_to_row):
            yield one

    async def appeals(self) -> AsyncIterator[tuple[appeal.Appeal, Sequence[appeal.Event], Beside]]:
        async for one in self._all(appeals, appeal_events, appeal.Appeal, appeal.Event, appeal_to_row):
            yield one

    async def versions(self) -> AsyncIterator[tuple[Listing, frozenset[str], Beside]]:
        c = program_versions.c
        async with self.engine.connect() as connection:
            known = dict[tuple[str, int], set[str]]()
            for program, version, fingerprint in await connection.execute(_BOUND):
                known.setdefault((program, version), set()).add(fingerprint)
            rows = await connection.stream(select(program_versions).order_by(c.program, c.version))
            async for row in rows.mappings():
                listing = listing_from_row(dict(row))
                expected = listing_to_row(listing)
                yield listing, frozenset(known.get((row["program"], row["version"]), ())), _beside(row, expected)

    async def _all(
        self,
        table: Table,
        history: Table,
        state: Any,  # noqa: ANN401 - unions are no types that mypy can name
        event: Any,  # noqa: ANN401 - as above
        to_row: Callable[[Any], Mapping[str, object]],
    ) -> AsyncIterator[tuple[Any, Any, Beside]]:
        owner, last = next(iter(history.primary_key.columns)), None
        async with self.engine.connect() as connection:
            while True:
                page = select(table).order_by(table.c.id).limit(PAGE)
                query = page if last is None else page.where(table.c.id > last)
                rows = (await connection.execute(query)).mappings().all()
                if not rows:
                    return
                last = rows[-1]["id"]
                told = dict[Any, list[Any]]()
                events_of = select(owner.label("owner"), history.c.event).where(owner.in_([row["id"] for row in rows]))
                for one in await connection.execute(events_of.order_by(owner, history.c.number)):
                    told.setdefault(one.owner, []).append(from_json(one.event, event))
                for row in rows:
                    value = from_json(row["document"], state)
                    yield value, told.get(row["id"], []), _beside(row, to_row(value))


def _beside(row: Mapping[Any, object], expected: Mapping[str, object]) -> Beside:
    """The document itself is not one of them: old code may have written less into it."""
    return [
        f"{name} is {row[name]}, by the document {value}"
        for name, value in expected.items()
        if name != "document" and row[name] != value
    ]
