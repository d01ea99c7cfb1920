"""A buyer sees what of an order was paid and went back: the refunds of one purchase are found by it.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create index ix_refunds_purchase_id on refunds (purchase_id)")


def downgrade() -> None:
    op.execute("drop index ix_refunds_purchase_id")
