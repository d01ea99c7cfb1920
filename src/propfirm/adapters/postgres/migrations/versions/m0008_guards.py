"""What is written for good stays so, whoever asks: published programs, reviews, and what providers told us.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPENDED_ONLY = ("violation_reviews", "inbox")

# Only a draft is written over; from then on whether it is sold changes, and its price.
PUBLISHED = """
create function published_for_good() returns trigger language plpgsql as $$
begin
    raise exception 'version % of % was published, and stays as it was', old.version, old.program
        using errcode = 'restrict_violation';
end $$;

create trigger published_for_good before update on program_versions for each row
    when (old.status <> 'draft' and (
        (old.program, old.version, old.fingerprint, old.document)
            is distinct from (new.program, new.version, new.fingerprint, new.document)
        or new.status = 'draft'
    ))
    execute function published_for_good();

create trigger published_is_kept before delete on program_versions for each row
    when (old.status <> 'draft')
    execute function published_for_good();

create trigger appended_only before truncate on program_versions
    for each statement execute function appended_only();
"""


def upgrade() -> None:
    op.execute(PUBLISHED)
    for table in APPENDED_ONLY:
        op.execute(
            f"create trigger appended_only before update or delete or truncate on {table} "
            "for each statement execute function appended_only()"
        )


def downgrade() -> None:
    for table in (*APPENDED_ONLY, "program_versions"):
        op.execute(f"drop trigger appended_only on {table}")
    op.execute("drop trigger published_for_good on program_versions")
    op.execute("drop trigger published_is_kept on program_versions")
    op.execute("drop function published_for_good")
