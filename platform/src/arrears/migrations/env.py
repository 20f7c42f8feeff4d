"""Alembic's entry: runs the revisions on the connection that `arrears.kernel.migrations` hands over."""

from __future__ import annotations

from alembic import context

from arrears.kernel.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
