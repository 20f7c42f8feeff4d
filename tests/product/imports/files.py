"""Small files to take in, and a client to take them in for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.imports.commands import ProgressCallback, run_import
from arrears.imports.mapping import ImportMapping, parse_mapping
from arrears.imports.model import ImportOptions, ImportReport
from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.principal import Principal
from arrears.kernel.services import Services
from arrears.kernel.vault import Vault
from arrears_csv_importer import CsvImporter
from arrears_sdk.clock import FixedClock
from tests.conftest import START, Deployment
from tests.plugin_hosts import open_host

HEADER = "number,customer,name,from,due,amount,fee,paid,paid_amount,disputed,phone,country"
MAPPING = """
[formats]
date = "%d.%m.%Y"
decimal_separator = ","
thousands_separator = "."
empty = ["-"]
[debtor]
reference = "customer"
name = "name"
phone = "phone"
country = { column = "country", default = "US" }
[account]
reference = "number"
product = { constant = "LOAN" }
purpose = { constant = "CONSUMER" }
opened_on = "from"
due_on = "due"
[opening]
principal = "amount"
fees = "fee"
[payment]
received_on = "paid"
amount = "paid_amount"
paid_to = { constant = "AGENCY" }
method = { constant = "CHEQUE" }
[hold]
kind = { column = "disputed", values = { ja = "DISPUTE", nein = "" } }
"""


def row(number: str, customer: str = "C1", **cells: str) -> str:
    """One row of the file, good unless a cell says otherwise."""
    usual = {
        "name": f"Person {customer}",
        "from": "01.01.2026",
        "due": "31.01.2026",
        "amount": '"1.234,56"',
        "fee": "",
        "paid": "-",
        "paid_amount": "",
        "disputed": "nein",
        "phone": "",
        "country": "",
    }
    return ",".join([number, customer, *{**usual, **cells}.values()])


@dataclass
class Desk:
    """A client and a folder; files are written there and taken in for it."""

    deployment: Deployment
    folder: Path
    mapping: ImportMapping

    @classmethod
    async def open(cls, deployment: Deployment, folder: Path, *, role: str = "THIRD_PARTY") -> Desk:
        client = ClientCreate(
            name="Client",
            reference="CLIENT",
            country="US",
            currency="USD",
            time_zone="America/New_York",
            collector_role=CollectorRole(role),
        )
        await client_create(deployment.context(), client)
        return cls(deployment, folder, parse_mapping(MAPPING))

    def write(self, rows: Sequence[str], name: str = "file.csv") -> Path:
        path = self.folder / name
        path.write_bytes("".join(f"{line}\n" for line in (HEADER, *rows)).encode("utf-8", "surrogateescape"))
        return path

    async def take(
        self,
        file: Path,
        *,
        progress: ProgressCallback | None = None,
        principal: Principal | None = None,
        **options: Any,
    ) -> ImportReport:
        context = self.deployment.context(principal)
        return await run_import(context, file, self.mapping, ImportOptions(client="CLIENT", **options), progress)

    async def query(self, statement: str) -> list[Any]:
        async with await psycopg.AsyncConnection.connect(self.deployment.urls.owner) as connection:
            return await (await connection.execute(statement)).fetchall()

    async def count(self, *tables: str) -> tuple[int, ...]:
        return tuple([(await self.query(f"select count(*) from {table}"))[0][0] for table in tables])


async def take_elsewhere(urls: DatabaseUrls, key: str, mapping: ImportMapping, file: Path, refused: Path) -> None:
    """What another process does that takes the same file in, in small batches."""
    async with Database(urls.api, application_name="test-import", pool_size=2) as database:
        clock, vault = FixedClock(START), Vault(DeploymentKeys.parse(key))
        host = (await open_host([CsvImporter], clock=clock)).host
        services = Services(host)
        context = Context(database, Principal.system("test"), clock, vault, "test-import", services=services)
        try:
            options = ImportOptions(client="CLIENT", refused_file=refused, rows_per_batch=100)
            await run_import(context, file, mapping, options)
        finally:
            await host.close()
