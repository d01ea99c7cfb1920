"""Run by Alembic, in the connection that ``migrate.py`` hands over, one transaction a step."""

from __future__ import annotations

from alembic import context

from propfirm.adapters.postgres.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
