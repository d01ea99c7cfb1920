"""Accounts that their last payout should have ended and did not are found by looking: by the staff, and to end them.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "create index ix_payouts_last on payouts (account_id, run)"
        " where state = 'sent' and document -> 'claim' ->> 'closes' = 'true'"
    )


def downgrade() -> None:
    op.execute("drop index ix_payouts_last")
