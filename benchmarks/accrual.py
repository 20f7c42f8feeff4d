"""A day's interest of 300,000 accounts, against reading and writing the same rows by staged COPY.

The floor knows every amount beforehand: it copies out what has to be read, copies the finished rows into temporary
tables, and puts them from there into the ledger, the accounts and the counts, under the same triggers and policies.
"""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import LiteralString

import psycopg

from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.services import Services
from arrears.kernel.vault import Vault
from arrears.ledger.accruing import accrue
from arrears.ledger.interest import PARTS, mark_of
from arrears.ledger.terms import DebtSettings, terms_by
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, SettingsSnapshot
from arrears.plugins.source import FixedSettings
from arrears_sdk.clock import FixedClock
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import new_id
from arrears_sdk.vocabulary import Product
from benchmarks.large_agency import DEBTORS, large_agency
from benchmarks.results import Result, at_most

FIRST_DAY = datetime.date(2026, 3, 1)
ONE_DAY = datetime.timedelta(days=1)
SETTINGS: Mapping[str, JsonValue] = {"interest": [{"percent": "10"}]}
ROUNDS = 3

_BEGIN = """
truncate accrual;
insert into accrual (account_id, client_id, through_on, exact, accrued_minor, capitalised_minor, began_on,
                     principal_at_start_minor, rule)
select id, client_id, %(through)s, %(parts)s::numeric * (balance_minor %% 1000) / 1000, 0, 0, opened_on,
       principal_minor, %(rule)s
from account;
analyze accrual
"""
_LAST_DAY: LiteralString = "select max(effective_on) from ledger_entry where kind = 'INTEREST'"
_READ: LiteralString = """
select account.id, account.currency, account.portfolio_id, account.product, account.interest_rate_percent,
       account.principal_minor, account.interest_minor, account.fees_minor, account.costs_minor, account.last_entry_on,
       accrual.* from account join accrual on accrual.account_id = account.id where accrual.client_id = '{client}'
"""
_STAGES: tuple[LiteralString, ...] = (
    "create temporary table entries (like ledger_entry including defaults) on commit drop",
    "create temporary table postings (like posting including defaults) on commit drop",
    "create temporary table counts (account_id uuid, through_on date, exact numeric, amount bigint) on commit drop",
)
_ENTRY: LiteralString = (
    "id, client_id, account_id, kind, effective_on, recorded_at, currency, amount_minor, command, principal_id"
)
_POSTING: LiteralString = (
    "id, entry_id, position, client_id, account_id, book, ledger_account, component, amount_minor, currency,"
    " effective_on, recorded_at"
)
_PUT: tuple[LiteralString, ...] = (
    f"insert into ledger_entry ({_ENTRY}) select {_ENTRY} from entries",
    f"insert into posting ({_POSTING}) select {_POSTING} from postings",
    (
        "update account set interest_minor = interest_minor + counts.amount,"
        " balance_minor = balance_minor + counts.amount, last_entry_on = counts.through_on"
        " from counts where account.id = counts.account_id"
    ),
    (
        "update accrual set through_on = counts.through_on, exact = accrual.exact + counts.exact,"
        " accrued_minor = accrued_minor + counts.amount from counts where accrual.account_id = counts.account_id"
    ),
)


async def measure_accrual(folder: Path, debtors: int = DEBTORS, rounds: int = ROUNDS) -> list[Result]:
    """The ratio of a night's interest to its floor, days of the one and of the other by turns."""
    async with large_agency(folder, debtors) as (urls, superuser):
        terms = terms_by(DebtSettings.model_validate(SETTINGS), Product.LOAN, None).interest
        with psycopg.connect(superuser, autocommit=True) as connection:
            row = connection.execute(_LAST_DAY).fetchone()
            day = row[0] if row and row[0] else FIRST_DAY
            begin = {"through": day, "parts": PARTS, "rule": mark_of(terms, day)}
            with connection.transaction(), psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_BEGIN, begin)
        floors: list[float] = []
        nights: list[float] = []
        entries = 0
        # The first pair warms up the server's memory for both.
        for _ in range(rounds + 1):
            day += ONE_DAY
            floors.append(await asyncio.to_thread(_floor, urls.worker, day))
            day += ONE_DAY
            taken, entries = await _night(urls, day)
            nights.append(taken)
    floor, night = statistics.median(floors[1:]), statistics.median(nights[1:])
    print(f"{entries:,} accounts: staged COPY {floor:.2f} s, a night's interest {night:.2f} s")
    name = f"a day's interest of {entries:,} accounts, against reading and writing the same rows by staged COPY"
    return [at_most(name, night / floor, 4)]


async def _night(urls: DatabaseUrls, day: datetime.date) -> tuple[float, int]:
    clock = FixedClock(datetime.datetime.combine(day + ONE_DAY, datetime.time(12), datetime.UTC))
    snapshot = SettingsSnapshot(1, {DEPLOYMENT: {"debts": GroupSettings(enabled=True, values=SETTINGS)}})
    host = PluginHost(FixedSettings(snapshot), clock=clock, candidates=[])
    await host.open()
    try:
        services = Services()
        services.add(host)
        async with Database(urls.worker, application_name="benchmark", pool_size=4) as database:
            vault = Vault(DeploymentKeys.generate())
            context = Context(database, Principal.system("benchmark"), clock, vault, "benchmark", services=services)
            began = time.perf_counter()
            booked = await accrue(context, day)
            return time.perf_counter() - began, booked.entries
    finally:
        await host.close()


def _floor(url: str, day: datetime.date) -> float:
    """Seconds to read and write a day of every client, whose rows are made beforehand."""
    with psycopg.connect(url) as connection:
        _enter(connection)
        clients = [row[0] for row in connection.execute("select id from client order by id").fetchall()]
        taken = 0.0
        for client in clients:
            rows = _rows(connection, str(client), day)
            connection.commit()
            began = time.perf_counter()
            _enter(connection)
            read = _READ.format(client=client)
            with connection.cursor().copy(f"copy ({read}) to stdout".encode()) as copied:
                for _ in copied:
                    pass
            for statement in _STAGES:
                connection.execute(statement)
            for target, text in zip((f"entries ({_ENTRY})", f"postings ({_POSTING})", "counts"), rows, strict=True):
                with connection.cursor().copy(f"copy {target} from stdin".encode()) as copying:
                    copying.write(text)
            for statement in _PUT:
                connection.execute(statement)
            connection.commit()
            taken += time.perf_counter() - began
    return taken


def _enter(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    for name, value in Scope.everything().settings().items():
        connection.execute("select set_config(%s, %s, true)", [name, value])


def _rows(connection: psycopg.Connection[tuple[object, ...]], client: str, day: datetime.date) -> tuple[str, str, str]:
    """The finished rows of one client's day, as COPY takes them: entries, postings, counts."""
    found = connection.execute("select id, balance_minor from account where client_id = %s order by id", [client])
    entries: list[str] = []
    postings: list[str] = []
    counts: list[str] = []
    instant = f"{day + ONE_DAY} 00:00Z"
    for account, balance in found.fetchall():
        entry, amount = new_id(), max(1, int(str(balance)) // 3650)
        entries.append(
            f"{entry}\t{client}\t{account}\tINTEREST\t{day}\t{instant}\tUSD\t{amount}\tledger.accrue\t{client}\n"
        )
        for position, (name, minor) in enumerate((("RECEIVABLE", amount), ("PLACED", -amount)), start=1):
            postings.append(
                f"{new_id()}\t{entry}\t{position}\t{client}\t{account}\tDEBT\t{name}\tINTEREST\t{minor}\tUSD\t{day}"
                f"\t{instant}\n"
            )
        counts.append(f"{account}\t{day}\t{amount * PARTS}\t{amount}\n")
    return "".join(entries), "".join(postings), "".join(counts)


if __name__ == "__main__":
    for result in asyncio.run(measure_accrual(Path(".arrears") / "benchmark-accrual")):
        print(f"{result.name}: {result.shown} ({result.target})")
