"""The tables of procrastinate, which does the firm's jobs, and a wake-up that it lacks.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Without it a job that waits for another of its key is found only by the next poll: the end of a job wakes nobody.
WAKE = """
create trigger wake_on_lock_release after update of status on procrastinate_jobs
    for each row
    when (old.status = 'doing' and new.status <> 'doing' and new.lock is not null)
    execute function procrastinate_notify_queue_job_inserted_v1()
"""

# Everything of its name, in an order that their dependencies allow; it ships no way back of its own.
DROP = r"""
do $$
declare
    found record;
begin
    for found in select oid::regclass as name from pg_class
        where relname like 'procrastinate\_%' and relkind = 'r' and relnamespace = current_schema()::regnamespace
    loop
        execute format('drop table %s cascade', found.name);
    end loop;
    for found in select oid::regprocedure as name from pg_proc
        where proname like 'procrastinate\_%' and pronamespace = current_schema()::regnamespace
    loop
        execute format('drop function %s cascade', found.name);
    end loop;
    for found in select oid::regtype as name from pg_type
        where typname like 'procrastinate\_%' and typnamespace = current_schema()::regnamespace
    loop
        execute format('drop type %s cascade', found.name);
    end loop;
end $$
"""


def upgrade() -> None:
    op.execute(SchemaManager.get_schema())
    op.execute(WAKE)


def downgrade() -> None:
    op.execute(DROP)
