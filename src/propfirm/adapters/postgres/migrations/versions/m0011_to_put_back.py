"""What a payout took that was rejected after its approval is put back even where its job was lost.

Of those that were rejected before, nobody knows whether it was done: they are asked for again, which does it once.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "update payouts p set document = p.document || '{\"to_put_back\": true}' where p.state = 'rejected'"
        " and exists (select from payout_events e where e.payout_id = p.id and e.event ->> 'type' = 'payout_approved')"
    )
    op.execute(
        "create index ix_payouts_to_put_back on payouts (requested_at, id)"
        " where state = 'rejected' and document ->> 'to_put_back' = 'true'"
    )


def downgrade() -> None:
    op.execute("drop index ix_payouts_to_put_back")
    op.execute("alter table payout_events disable trigger appended_only")
    op.execute("delete from payout_events where event ->> 'type' = 'payout_put_back'")  # no code before reads it
    op.execute("alter table payout_events enable trigger appended_only")
    op.execute("update payouts set document = document - 'to_put_back' where state = 'rejected'")
