"""What a run stood at when it ended is kept beside where it stands: a late stop of the platform changes no verdict.

Of runs that ended before, only when that was is known: their figures stay what they are.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table risk_states add column ended_ns bigint, add column ended bytea")
    op.execute(
        "update risk_states r set ended_ns = (select max(f.at_ns) from findings f"
        " where (f.account_id, f.run) = (r.account_id, r.run) and (f.kind = 'passed'"
        " or (f.kind = 'hit' and f.action = 'fail' and (f.finding ->> 'decided')::boolean)))"
        " where r.verdict <> 'open'"
    )


def downgrade() -> None:
    op.execute("alter table risk_states drop column ended, drop column ended_ns")
