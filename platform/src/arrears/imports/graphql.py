"""Imports in the schema: what was taken in, what it added up to, and which rows were refused why."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arrears.access.model import Permission
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    computed,
    describe_enum,
    entity,
    extend,
    few,
    loaded,
    many,
    money,
    mutations,
    one,
    output,
    plain,
    queries,
    root_many,
    root_one,
    value,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, payload, perform
from arrears.graphql.scalars import CurrencyCode, Money, MoneyInput, Upload
from arrears.imports.commands import run_import
from arrears.imports.files import ReceivedFile
from arrears.imports.mapping import parse_mapping
from arrears.imports.model import ImportOptions, ImportReport, ImportState
from arrears.kernel.context import Context
from arrears_sdk.errors import ArrearsError, ErrorCode
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money as ExactMoney

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


# Smaller than in a process of its own: the other requests of the server are answered between two batches.
ROWS_PER_BATCH = 500
_INPUTS = {
    "client": "clientId",
    "file": "file",
    "mapping": "mapping",
    "format": "format",
    # What `placement_create` calls it.
    "reference": "placement",
    "expected_rows": "expectedRows",
    "expected_totals": "expectedTotals",
}


@output(description="What the rows of one currency of a file add up to.", permission=Permission.IMPORTS_WRITE)
class ImportOutcomeTotal:
    currency: CurrencyCode = plain(description="The currency.")
    accepted: Money = plain(description="Opening balances of the rows that are good.")
    refused: Money = plain(description="Opening balances of the rows that were refused.")
    paid: Money = plain(description="Payments that the rows tell of.")


@output(description="One thing wrong with one row of a file.", permission=Permission.IMPORTS_WRITE)
class ImportOutcomeError:
    line: int = plain(description="The line of the file on which the row begins; the header is line 1.")
    column_name: str | None = plain(description="The column, or null when the row as a whole is wrong.")
    code: ErrorCode = plain(description="What kind of fault it is.")
    reason: str = plain(description="What is wrong.")
    original: str | None = plain(description="The text as it stands in the file.")


@output(description="What came of a file, also of one that was only tried.", permission=Permission.IMPORTS_WRITE)
class ImportOutcome:
    stored: bool = plain(
        description="False for a dry run, and for one that was to be all or nothing and has a refused row."
    )
    repeated: bool = plain(
        description="True when the file was taken in before under the same mapping: nothing was changed."
    )
    rows_read: int = plain(description="Rows read.")
    rows_accepted: int = plain(description="Rows that are good.")
    rows_refused: int = plain(description="Rows refused.")
    debtors_created: int = plain(description="Debtors that were not known before.")
    payments_recorded: int = plain(description="Payments that the rows tell of.")
    totals: list[ImportOutcomeTotal] = plain(description="What the rows add up to, by currency.")
    errors: list[ImportOutcomeError] = plain(description="The first hundred things found wrong, by line.")
    errors_found: int = plain(description="How many things were found wrong in all.")


@payload
class ImportRunPayload(Payload):
    import_run: ImportRun | None = loaded(
        "run_id",
        description="The import as it stands; null when nothing was stored.",
        permission=Permission.IMPORTS_READ,
    )
    outcome: ImportOutcome | None = plain(
        description="What came of the file; its row errors stand here, not in `userErrors`.",
        permission=Permission.IMPORTS_WRITE,
    )


@input_type(description="A file of a client's debts, and how its columns are to be understood.")
class ImportRunInput(Input):
    client_id: ID = input_field("clnt", description="The client that the file is from.")
    file: Upload = input_field(description="The file, as a part of a multipart request.")
    mapping: str = input_field(description="The mapping of its columns, in TOML.")
    format: str = input_field(
        description="The format of the file: the key of an importer that a plugin brings.", default="csv"
    )
    dry_run: bool = input_field(description="Check everything, change nothing.", default=False)
    all_or_nothing: bool = input_field(description="Take nothing in unless every row is good.", default=False)
    placement: str | None = input_field(
        description="The reference of the placement that its accounts belong to, made when there is none."
    )
    received_on: datetime.date | None = input_field(
        description="The day that the placement was received, in the client's zone; today unless given."
    )
    expected_rows: int | None = input_field(description="The rows that the sender announced; other counts are refused.")
    expected_totals: list[MoneyInput] | None = input_field(
        description="The opening balances that the sender announced, one for each currency; other sums are refused."
    )


@dataclasses.dataclass(frozen=True)
class _Total:
    currency: str
    accepted: ExactMoney
    refused: ExactMoney
    paid: ExactMoney


@dataclasses.dataclass(frozen=True)
class _Fault:
    line: int
    column_name: str | None
    code: str
    reason: str
    original: str | None


@dataclasses.dataclass(frozen=True)
class _Outcome:
    """The report under the names of the schema."""

    stored: bool
    repeated: bool
    rows_read: int
    rows_accepted: int
    rows_refused: int
    debtors_created: int
    payments_recorded: int
    totals: tuple[_Total, ...]
    errors: tuple[_Fault, ...]
    errors_found: int

    @classmethod
    def of(cls, report: ImportReport) -> _Outcome:
        return cls(
            report.stored,
            report.repeated,
            report.rows_read,
            report.rows_accepted,
            report.rows_refused,
            report.debtors_created,
            report.payments_recorded,
            tuple(_Total(each.accepted.currency, each.accepted, each.refused, each.paid) for each in report.totals),
            tuple(
                _Fault(fault.line, fault.column, fault.code.value, fault.reason, fault.original)
                for fault in report.faults
            ),
            report.faults_found,
        )


@dataclasses.dataclass(frozen=True)
class _Taken:
    run_id: UUID | None
    outcome: _Outcome


@mutations
class ImportMutations:
    @computed(
        permission=Permission.IMPORTS_WRITE,
        description="Take in a file of a client's debts, in batches of its rows. The same file under the same mapping"
        " is taken in once: sent again after an interruption, it goes on where it stopped.",
    )
    async def import_run(self, info: Info, input: ImportRunInput) -> ImportRunPayload:
        async def take_in(context: Context) -> _Taken:
            given = input.to_command()
            with _paths_of_the_input():
                return await _take_in(context, **given)

        return await perform(info, ImportRunPayload, take_in, committed=lambda taken: taken.outcome.stored)


async def _take_in(
    context: Context,
    *,
    client_id: UUID,
    file: Upload,
    mapping: str,
    expected_totals: list[ExactMoney] | None = None,
    **options: Any,
) -> _Taken:
    # Parsing may take a tenth of a second for a mapping written to be slow.
    understood = await asyncio.to_thread(parse_mapping, mapping)
    wanted = ImportOptions(
        client=encode_id("clnt", client_id),
        expected_totals=tuple(expected_totals or ()),
        rows_per_batch=ROWS_PER_BATCH,
        **options,
    )
    received = ReceivedFile(file.filename or "upload.csv", file.file)
    report = await run_import(context, received, understood, wanted)
    return _Taken(report.run_id, _Outcome.of(report))


@contextmanager
def _paths_of_the_input() -> Iterator[None]:
    """Problems that name what `run_import` and its commands take come out with the paths of the input."""
    try:
        yield
    except ArrearsError as error:
        error.problems = tuple(dataclasses.replace(problem, field=_path(problem.field)) for problem in error.problems)
        raise


def _path(field: tuple[str, ...]) -> tuple[str, ...]:
    names = field[1:] if field[:1] == ("input",) else field
    return ("input", _INPUTS[names[0]]) if names and names[0] in _INPUTS else field
