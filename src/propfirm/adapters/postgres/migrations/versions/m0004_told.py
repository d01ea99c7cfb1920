"""What later looks go by: what the platform was told last of each run, and where each run stood at its last leaf.

Of runs from before this step the first is not known: they count as let trade, and those that do not trade are told
again. Nor is the second: they are sealed from their first event on, once.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table runs add column told text default 'trading' not null"
        " constraint ck_runs_told check (told in ('trading', 'held', 'ended'))"
    )
    op.execute("alter table sealed_chains add column standings jsonb")


def downgrade() -> None:
    op.execute("alter table sealed_chains drop column standings")
    op.execute("alter table runs drop column told")
