"""What is looked for every few seconds is found by an index: runs of which the platform was told otherwise than is so
now, accounts that wait for it, jobs of one key, old answers. And where each run stood when it was last sealed.

What the platform was told of runs from before this step is not known: they count as let trade, and those that do not
trade are told again. Nor is where they stood: they are sealed from their first event on, once.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


SHOULD = """
update runs r set should = case
    when r.run < a.run or a.state in ('passed', 'failed', 'closed') then 'ended'
    when a.state = 'suspended' and a.document -> 'held' ->> 'type' in ('evaluating', 'funded') then 'held'
    when a.state in ('evaluating', 'funded') then 'trading'
end
from accounts a where a.id = r.account_id
"""


def upgrade() -> None:
    op.execute(
        "alter table runs add column told text default 'trading' not null"
        " constraint ck_runs_told check (told in ('trading', 'held', 'ended')),"
        " add column should text constraint ck_runs_should check (should in ('trading', 'held', 'ended')),"
        " add column astray boolean generated always as (told <> should) stored"
    )
    op.execute(SHOULD)
    op.execute("create index ix_runs_astray on runs (account_id, run) where astray")
    op.execute(
        "create index ix_accounts_unopened on accounts (changed_at)"
        " where state = 'pending' and (document ->> 'offer') is null"
    )
    op.execute("create index ix_idempotency_at on idempotency (at)")
    op.execute("create index ix_procrastinate_jobs_lock on procrastinate_jobs (lock)")
    op.execute("alter table sealed_chains add column standings jsonb")


def downgrade() -> None:
    op.execute("alter table sealed_chains drop column standings")
    op.execute("drop index ix_procrastinate_jobs_lock, ix_idempotency_at, ix_accounts_unopened, ix_runs_astray")
    op.execute("alter table runs drop column astray, drop column should, drop column told")
