"""The audit says how whoever acted came in; of rows from before this step that is not known.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        alter table audit
            add column channel text constraint ck_audit_channel check (channel in ('http', 'cli', 'demo', 'system')),
            add column shell text,
            add constraint ck_audit_shell check ((channel = 'cli') = (shell is not null))
        """
    )


def downgrade() -> None:
    op.execute("alter table audit drop column channel, drop column shell")
