"""The first schema: the job queue, then every `foundations/NN_name.sql` in the order of their names."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import context, op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None

FOUNDATIONS = Path(__file__).parents[1] / "foundations"

# The API puts jobs on the queue and reads none of them: their arguments may concern any client.
QUEUE_GRANTS = """
grant usage on schema jobs to arrears_api, arrears_worker;
grant insert on procrastinate_jobs, procrastinate_events to arrears_api;
grant select (id) on procrastinate_jobs to arrears_api;
grant usage on all sequences in schema jobs to arrears_api;
grant select, insert, update, delete on all tables in schema jobs to arrears_worker;
grant usage, select, update on all sequences in schema jobs to arrears_worker;
"""


def upgrade() -> None:
    """Everything at once, in one transaction."""
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    execute(driver, "create schema jobs")
    execute(driver, "set local search_path = jobs")
    execute(driver, SchemaManager.get_schema())
    execute(driver, QUEUE_GRANTS)
    execute(driver, "set local search_path = public, pg_temp")
    for file in sorted(FOUNDATIONS.glob("*.sql")):
        execute(driver, file.read_text(encoding="utf-8"))
    execute(driver, "call protect('alembic_version', 'agency', 'select')")
    execute(driver, "call apply_policies()")
    sandbox = bool(context.config.attributes.get("sandbox", False))
    driver.execute("insert into deployment (sandbox) values (%s)", [sandbox])


def execute(driver: psycopg.Connection[object], statements: str) -> None:
    """Run a script as it stands: without parameters psycopg leaves its % signs alone."""
    driver.execute(statements.encode())
