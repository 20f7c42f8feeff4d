"""Payments posted one after another, against bare psycopg that writes the very same rows of each in one pipeline.

The floor has its rows ready: it locks the account, inserts payment, entry, postings, allocation, event and audit record
under the same role, policies and triggers, moves the balance, and commits, all in one round trip.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.principal import Principal
from arrears.kernel.services import Services
from arrears.kernel.vault import Vault
from arrears.ledger.commands import PaymentRecord, record_payment
from arrears.ledger.model import PaymentMethod
from arrears.plugins.host import PluginHost
from arrears.plugins.source import FixedSettings
from arrears_sdk.clock import SystemClock
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money
from benchmarks.large_agency import large_agency
from benchmarks.results import Result, at_least

DEBTORS = 2_000
PAYMENTS = 300
ROUNDS = 5
MINOR = 1_000

_ACCOUNTS = """
select id, currency, client_id from account
where balance_minor > 100000 and status = 'ACTIVE' and principal_minor > 100000 and not exists (
    select 1 from payment where payment.account_id = account.id)
order by id limit %s
"""
_SAMPLES = (
    ("payment", "select * from payment where id = %(payment)s"),
    ("ledger_entry", "select * from ledger_entry where payment_id = %(payment)s"),
    (
        "posting",
        """select posting.* from posting join ledger_entry entry on entry.id = posting.entry_id
        where entry.payment_id = %(payment)s order by posting.position""",
    ),
    ("allocation", "select * from allocation where payment_id = %(payment)s"),
    (
        "allocation_line",
        """select line.* from allocation_line line join allocation on allocation.id = line.allocation_id
        where allocation.payment_id = %(payment)s order by line.position""",
    ),
    ("event", "select * from event where subject_id = %(payment)s"),
    ("audit_entry", "select * from audit_entry where subject_id = %(payment)s"),
)
# What the database fills in by itself.
_OWN = {"event": {"position", "transaction_id"}, "audit_entry": {"position"}}
_SCOPE = "select set_config('app.scope', 'all', true), set_config('app.staff', 'on', true)"
_LOCK = "select id, principal_minor from account where id = %s for no key update"
_MOVE = """
update account set principal_minor = principal_minor - %s, balance_minor = balance_minor - %s,
    last_entry_on = greatest(last_entry_on, current_date), last_payment_on = greatest(last_payment_on, current_date)
where id = %s
"""


@dataclass(frozen=True)
class _Sample:
    """The rows of one table that a payment leaves, as a statement and their values by column."""

    statement: sql.Composed
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


async def measure_posting(folder: Path, payments: int = PAYMENTS, rounds: int = ROUNDS) -> list[Result]:
    """The rate of the platform's payments as a share of the floor's, measured by turns."""
    async with large_agency(folder, DEBTORS) as (urls, superuser):
        host = PluginHost(FixedSettings(), clock=SystemClock(), candidates=[])
        await host.open()
        try:
            platform, floor = await _rates(urls, superuser, host, payments, rounds)
        finally:
            await host.close()
    print(f"payments a second: bare psycopg {floor:,.0f}, the platform {platform:,.0f}")
    return [at_least("posting payments, of bare psycopg that writes the same rows", platform / floor, 0.35)]


async def _rates(
    urls: DatabaseUrls, superuser: str, host: PluginHost, payments: int, rounds: int
) -> tuple[float, float]:
    with psycopg.connect(superuser) as connection:
        accounts = connection.execute(_ACCOUNTS, [2 * payments * (rounds + 1)]).fetchall()
    if len(accounts) < 2 * payments * (rounds + 1):
        raise RuntimeError("The book has too few accounts that nobody has paid on; begin with an empty data folder.")
    platform: list[float] = []
    floor: list[float] = []
    services = Services()
    services.add(host)
    async with Database(urls.api, application_name="benchmark", pool_size=4) as database:
        vault = Vault(DeploymentKeys.generate())
        context = Context(database, Principal.system("benchmark"), SystemClock(), vault, "benchmark", services=services)
        # The first round warms up both.
        for _ in range(rounds + 1):
            mine, accounts = accounts[:payments], accounts[payments:]
            began = time.perf_counter()
            paid = [await _pay(context, account_id, currency) for account_id, currency, _ in mine]
            platform.append(payments / (time.perf_counter() - began))
            samples = _samples(superuser, paid[-1])
            others, accounts = accounts[:payments], accounts[payments:]
            floor.append(payments / await _bare(urls.api, others, samples, mine[-1]))
    return statistics.median(platform[1:]), statistics.median(floor[1:])


async def _pay(context: Context, account_id: UUID, currency: str) -> UUID:
    change = PaymentRecord(account_id=account_id, amount=Money(MINOR, currency), method=PaymentMethod.CARD)
    return (await record_payment(context, change)).result.payment_id


def _samples(superuser: str, payment_id: UUID) -> list[_Sample]:
    """The rows that a payment left behind, to be written again under other ids."""
    samples = []
    with psycopg.connect(superuser) as connection:
        for table, query in _SAMPLES:
            cursor = connection.execute(query, {"payment": payment_id})
            rows = cursor.fetchall()
            assert cursor.description is not None
            names = [column.name for column in cursor.description]
            omitted = _OWN.get(table, set()) | {"recorded_in"}
            kept = [place for place, name in enumerate(names) if name not in omitted]
            columns = [names[place] for place in kept]
            statement = sql.SQL("insert into {} ({}) values {}").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(
                    sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns))) for _ in rows
                ),
            )
            samples.append(_Sample(statement, columns, [[_sendable(row[place]) for place in kept] for row in rows]))
    return samples


def _sendable(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


async def _bare(url: str, accounts: Sequence[Any], samples: Sequence[_Sample], sampled: Any) -> float:
    """Seconds to write the same rows for each of these accounts, one payment after another."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        prepared = []
        for account_id, _, client_id in accounts:
            ids: dict[UUID, UUID] = {sampled[0]: account_id, sampled[2]: client_id}
            prepared.append((account_id, [(one.statement, _values(one, ids)) for one in samples]))
        began = time.perf_counter()
        for account_id, statements in prepared:
            async with connection.pipeline():
                await connection.execute(_SCOPE, prepare=True)
                await connection.execute(_LOCK, [account_id], prepare=True)
                for statement, values in statements:
                    await connection.execute(statement, values, prepare=True)
                await connection.execute(_MOVE, [MINOR, MINOR, account_id], prepare=True)
                await connection.commit()
        return time.perf_counter() - began


_IDS = frozenset({"id", "account_id", "payment_id", "entry_id", "allocation_id", "subject_id", "client_id"})


def _values(sample: _Sample, ids: dict[UUID, UUID]) -> list[Any]:
    values = []
    for row in sample.rows:
        for name, value in zip(sample.columns, row, strict=True):
            is_id = name in _IDS and value is not None
            values.append(ids.setdefault(value, new_id()) if is_id else value)
    return values


async def _main() -> None:
    (result,) = await measure_posting(Path(".arrears") / "benchmark-posting")
    print(f"{result.name}: {result.shown} ({result.target})")


if __name__ == "__main__":
    asyncio.run(_main())
