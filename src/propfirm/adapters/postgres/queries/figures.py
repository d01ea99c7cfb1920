"""The firm at a glance, in one statement: every figure is of the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.queries.accounts import TO_CLOSE
from propfirm.adapters.postgres.queries.reading import read
from propfirm.application.analytics.queries import Figures
from propfirm.domain.calendar.instants import to_ns

FIGURES: Final = """
select
    (select coalesce(jsonb_object_agg(state, number), '{{}}')
        from (select state, count(*) as number from accounts group by state) as by_state) as accounts,
    (select count(*) from users where role = 'trader') as people,
    (select count(*) from purchases where placed_at >= :day) as purchases_today,
    (select count(*) from findings where kind in ('hit', 'passed') and at_ns >= :day_ns and action = 'fail'
        and (finding -> 'decided')::boolean) as breaches_today,
    (select count(*) from findings where kind in ('hit', 'passed') and at_ns >= :day_ns and kind = 'passed')
        as passes_today,
    (select count(*) from findings f where f.action = 'block_payout' and not exists (select from violation_reviews v
        where (v.account_id, v.run, v.seq, v.place) = (f.account_id, f.run, f.seq, f.place))) as violations_to_review,
    (select count(*) from appeals where due_at is not null) as appeals_open,
    (select count(*) from payouts where state = 'requested') as payouts_waiting,
    (select coalesce(sum(gross_cents), 0)::bigint from payouts where state = 'requested') as payouts_waiting_amount,
    (select count(*) from payouts where state = 'unknown') as payouts_unknown,
    (select count(*) from payouts p join accounts a on a.id = p.account_id join users u on u.id = p.owner_id
        where (p.state = 'approved' or p.state = 'returned' and p.document ->> 'again' is not null)
        and (u.situation <> 'active' or a.state = 'suspended'
            or a.state = 'failed' and a.document -> 'holds' <> '[]'
            or a.state = 'closed' and a.document ->> 'cause' in ('misconduct', 'purchase_reversed'))) as payouts_held,
    (select count(*) from accounts a where {to_close}) as accounts_to_close,
    (select count(*) from refunds where state in ('unknown', 'refused')) as refunds_stuck,
    (select coalesce(-sum(amount_cents), 0)::bigint from ledger_entries
        where currency = 'USD' and kind in ('challenge_income', 'refunds_given')) as taken,
    (select coalesce(-sum(amount_cents), 0)::bigint from ledger_entries
        where currency = 'USD' and kind in ('trader_payable', 'in_transit')) as owed,
    (select coalesce(-sum(amount_cents), 0)::bigint from ledger_entries
        where currency = 'USD' and kind = 'refund_payable') as owed_back,
    (select coalesce(jsonb_object_agg(currency, cents), '{{}}')
        from (select currency, -sum(amount_cents)::bigint as cents from ledger_entries
            where currency <> 'USD' and kind = 'refund_payable' group by currency having sum(amount_cents) <> 0)
        as by_currency) as owed_back_foreign,
    (select coalesce(-sum(amount_cents), 0)::bigint from ledger_entries
        where currency = 'USD' and kind = 'bank') as paid_out
"""


@dataclass(frozen=True, slots=True)
class PostgresFigureQueries:
    engine: AsyncEngine

    async def figures(self, now: datetime) -> Figures:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        (row,) = await read(self.engine, FIGURES.format(to_close=TO_CLOSE), {"day": day, "day_ns": to_ns(day)})
        return Figures(**row)
