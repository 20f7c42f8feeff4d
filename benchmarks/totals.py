"""Totals as of a day over 300,000 accounts and 3,000,000 postings, against the bare sum over the same postings.

Both run as the API's role under its policies: `account_totals` as the API calls it, and the plain statement.
"""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
from pathlib import Path

import psycopg

from arrears.accounts.totals import CurrencyTotals, account_totals
from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.vault import Vault
from arrears.ledger.snapshots import keep_snapshots
from arrears_sdk.clock import FixedClock
from benchmarks.large_agency import DEBTORS, large_agency
from benchmarks.results import Result, at_most

POSTINGS = Path(__file__).with_name("postings.sql")
NOON = datetime.datetime(2026, 2, 26, 17, tzinfo=datetime.UTC)
FIRST_SNAPSHOT = datetime.date(2025, 6, 29)
LATEST_SNAPSHOT = datetime.date(2026, 2, 25)
DAYS = {
    "today": datetime.date(2026, 2, 26),
    "the end of a past month": datetime.date(2025, 11, 30),
    "a day between snapshots": datetime.date(2025, 12, 17),
}
_TIMEOUT_MS = 60_000
_BARE_SUM = """
select sum(amount_minor) from posting where ledger_account = 'RECEIVABLE' and effective_on <= %(day)s
"""


async def measure_totals(folder: Path, debtors: int = DEBTORS, rounds: int = 5) -> list[Result]:
    """The ratio that is asked for, on three days; what making the snapshots took is printed."""
    async with large_agency(folder, debtors) as (urls, superuser):
        await asyncio.to_thread(_fill, superuser)
        await _make_snapshots(urls)
        await asyncio.to_thread(_vacuum, superuser)
        async with Database(urls.api, application_name="benchmark", pool_size=2) as database:
            context = _context(database)
            results = []
            for name, day in DAYS.items():
                results.append(await _measure(context, name, day, rounds))
    return results


async def _measure(context: Context, name: str, day: datetime.date, rounds: int) -> Result:
    bare: list[float] = []
    through: list[float] = []
    lines: list[CurrencyTotals] = []
    # Turn about, so that what disturbs the machine disturbs both; the first round only warms up.
    for _ in range(rounds + 1):
        began = time.perf_counter()
        await context.database.read(Scope.everything(), _BARE_SUM, {"day": day}, timeout_ms=_TIMEOUT_MS)
        bare.append(time.perf_counter() - began)
        began = time.perf_counter()
        lines = await account_totals(context, day)
        through.append(time.perf_counter() - began)
    fastest, slowest = statistics.median(bare[1:]), statistics.median(through[1:])
    accounts = sum(line.open_count for line in lines)
    print(f"totals of {name} ({day}): {accounts:,} open accounts, bare sum {fastest:.3f} s, totals {slowest:.3f} s")
    return at_most(f"as-of totals over 300,000 accounts, {name}, against the bare SQL sum", slowest / fastest, 3)


async def _make_snapshots(urls: DatabaseUrls) -> None:
    async with Database(urls.worker, application_name="benchmark", pool_size=2) as database:
        context = _context(database)
        clients = await database.read(
            Scope.everything(),
            "select id from client where not exists (select 1 from balance_snapshot) order by id",
        )
        began = time.perf_counter()
        for (client,) in clients:
            for day in (FIRST_SNAPSHOT, LATEST_SNAPSHOT):
                await keep_snapshots(context, client, day)
        counts = await database.read(
            Scope.everything(),
            "select count(*), (select count(*) from snapshot_balance) from balance_snapshot",
            timeout_ms=_TIMEOUT_MS,
        )
    print(
        f"{counts[0][0]:,} snapshots with {counts[0][1]:,} balances; made now of {len(clients)} clients"
        f" in {time.perf_counter() - began:.1f} s"
    )


def _context(database: Database) -> Context:
    principal = Principal.system("benchmark")
    return Context(database, principal, FixedClock(NOON), Vault(DeploymentKeys.generate()), "benchmark")


def _fill(superuser: str) -> None:
    with psycopg.connect(superuser, autocommit=True) as connection:
        found = connection.execute("select exists (select 1 from posting)").fetchone()
        if found is not None and found[0]:
            return
        with connection.transaction():
            connection.execute(POSTINGS.read_text(encoding="utf-8").encode())
        connection.execute("vacuum analyze posting")


def _vacuum(superuser: str) -> None:
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze snapshot_balance")


if __name__ == "__main__":
    for result in asyncio.run(measure_totals(Path(".arrears") / "benchmark")):
        print(f"{result.name}: {result.shown} ({result.target})")
