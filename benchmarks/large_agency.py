"""A large agency to measure on: 100,000 debtors, 300,000 accounts, 1,500,000 interactions in an embedded PostgreSQL.

The rows are made once and kept in a data folder (`--data`), since making them takes longer than measuring.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from arrears.kernel.database import DatabaseUrls, set_url
from arrears.kernel.embedded import EmbeddedPostgres
from arrears.kernel.migrations import migrate

DEBTORS = 100_000
PORTFOLIO = Path(__file__).with_name("portfolio.sql")


@asynccontextmanager
async def large_agency(folder: Path, debtors: int = DEBTORS) -> AsyncIterator[tuple[DatabaseUrls, str]]:
    """The agency's database: its URLs by role, and the superuser's (whom no row-level policy binds)."""
    server = await asyncio.to_thread(EmbeddedPostgres.start, folder)
    try:
        urls = server.urls
        superuser = set_url(server.superuser_url, database="arrears")
        await asyncio.to_thread(migrate, urls)
        await asyncio.to_thread(_fill, superuser, debtors)
        yield urls, superuser
    finally:
        await asyncio.to_thread(server.stop)


def _fill(superuser: str, debtors: int) -> None:
    with psycopg.connect(superuser, autocommit=True) as connection:
        found = connection.execute("select exists (select 1 from debtor)").fetchone()
        if found is not None and found[0]:
            return
        with connection.transaction():
            for statement in PORTFOLIO.read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    connection.execute(statement.replace("%(debtors)s", str(debtors)).replace("%%", "%").encode())
        connection.execute("vacuum analyze")
