"""What the platform was told last of each run, so that a job that was lost is found by looking.

Of runs from before this step it is not known: they count as let trade, and those that do not trade are told again.

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


def downgrade() -> None:
    op.execute("alter table runs drop column told")
