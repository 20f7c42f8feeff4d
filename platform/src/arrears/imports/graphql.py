"""Imports in the schema: what was taken in, what it added up to, and which rows were refused why."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.graphql.declare import (
    Connection,
    column,
    describe_enum,
    entity,
    extend,
    few,
    many,
    money,
    one,
    queries,
    root_many,
    root_one,
    value,
)
from arrears.graphql.scalars import CurrencyCode, Money
from arrears.imports.model import ImportState
from arrears_sdk.errors import ErrorCode

if TYPE_CHECKING:
    from arrears.clients.graphql import Client, Placement

describe_enum(
    ImportState,
    "Where an import stands.",
    {
        "RUNNING": "Not finished; sent again, the same file is taken up where it stopped.",
        "COMPLETED": "Every row was taken in or refused.",
    },
)


@value(
    table="import_total",
    description="What the rows of one currency in one import add up to.",
    permission=Permission.IMPORTS_READ,
)
class ImportTotal:
    currency: CurrencyCode = column(description="The currency.")
    accepted: Money = money("accepted_minor", description="Opening balances of the rows that were taken in.")
    refused: Money = money("refused_minor", description="Opening balances of the rows that were refused.")
    paid: Money = money("paid_minor", description="Payments that the rows told of.")


@entity(
    "impt",
    table="import_run",
    description="One file taken in for one client under one mapping.",
    permission=Permission.IMPORTS_READ,
    scope_column="client_id",
)
class ImportRun:
    file_name: str = column(description="The name of the file.")
    content_hash: str = column(description="The SHA-256 digest of the file.")
    state: ImportState = column(description="Whether it is finished.", filter=True)
    rows_read: int = column(description="Rows read so far.")
    rows_accepted: int = column(description="Rows taken in.")
    rows_refused: int = column(description="Rows refused.")
    debtors_created: int = column(description="Debtors that were not known before.")
    payments_recorded: int = column(description="Payments that the rows told of.")
    errors_found: int = column(description="Everything found wrong, also what is no longer kept one by one.")
    started_at: datetime.datetime = column(description="When it began.", filter=True, order=True)
    finished_at: datetime.datetime | None = column(description="When it was finished.")
    client: Client | None = one("client_id", description="The client that the file is from.", filter=True)
    placement: Placement | None = one("placement_id", description="The placement of its accounts.", filter=True)
    totals: list[ImportTotal] = few("run_id", order="currency", limit=200, description="What the rows add up to.")
    errors: Connection[ImportRowError] = many(
        "run_id", order="line", description="What was wrong with the first thousand faulty cells, by line."
    )


@entity(
    "irow",
    table="import_row_error",
    description="One thing wrong with one row of a file.",
    permission=Permission.IMPORTS_READ,
    scope_column="client_id",
)
class ImportRowError:
    line: int = column(description="The line of the file on which the row begins; the header is line 1.")
    column_name: str | None = column(description="The column, or null when the row as a whole is wrong.")
    code: ErrorCode = column(description="What kind of fault it is.")
    reason: str = column(description="What is wrong.")
    original: str | None = column(description="The text as it stands in the file.")
    run: ImportRun | None = one("run_id", description="The import.")


@extend("Placement", permission=Permission.IMPORTS_READ)
class PlacementImports:
    imports: Connection[ImportRun] = many("placement_id", description="The files that its accounts came in.")


@queries
class ImportQueries:
    import_run: ImportRun | None = root_one(description="An import by its id.")
    import_runs: Connection[ImportRun] = root_many(
        description="Imports that you may see, the latest first.", order="-started_at"
    )
