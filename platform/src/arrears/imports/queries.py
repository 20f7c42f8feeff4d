"""What imports read: the client's terms, references that are taken, and runs with what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arrears.clients.model import CollectorRole
from arrears.imports.model import MOST_FAULTS_REPORTED, ClientTerms, ControlTotal, ImportState, RowFault
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError
from arrears_sdk.ids import decode_id
from arrears_sdk.money import Money

if TYPE_CHECKING:
    from arrears.kernel.context import Context
    from arrears.kernel.transaction import Transaction

_TERMS = """
select id, currency, country, time_zone, collector_role from client
where id = %(id)s::uuid or (%(id)s::uuid is null and reference = %(reference)s)
"""
_RUN = """
select id, placement_id, state, rows_read, rows_accepted, rows_refused, debtors_created, payments_recorded, errors_kept,
       errors_found, refused_file_bytes
from import_run
"""


@dataclass
class StoredRun:
    """How far a run has got, as it is stored."""

    run_id: UUID
    placement_id: UUID
    state: ImportState
    rows_read: int
    rows_accepted: int
    rows_refused: int
    debtors_created: int
    payments_recorded: int
    errors_kept: int
    errors_found: int
    refused_file_bytes: int


async def client_terms(context: Context, client: str) -> ClientTerms:
    """The terms of a client named by its reference or its id; NotFoundError when there is none in sight."""
    try:
        client_id: UUID | None = decode_id("clnt", client)
    except InputError:
        client_id = None
    parameters = {"id": client_id, "reference": client}
    rows = await context.database.read(context.principal.scope, _TERMS, parameters)
    if not rows:
        raise NotFoundError(f"There is no client {client!r} that you may see.", field=("client",))
    found_id, currency, country, time_zone, role = rows[0]
    return ClientTerms(found_id, currency, country, time_zone, CollectorRole(role))


async def taken_account_references(tx: Transaction, client_id: UUID, references: Sequence[str]) -> set[str]:
    """Those of the references under which the client has an account."""
    cursor = await (await tx.connection()).execute(
        "select reference from account where client_id = %s and reference = any(%s)", [client_id, list(references)]
    )
    return {row[0] for row in await cursor.fetchall()}


async def placement_by_reference(tx: Transaction, client_id: UUID, reference: str) -> UUID | None:
    """The client's placement of a reference."""
    cursor = await (await tx.connection()).execute(
        "select id from placement where client_id = %s and reference = %s", [client_id, reference]
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def run_of_content(tx: Transaction, client_id: UUID, content: str, mapping: str) -> StoredRun | None:
    """The run that takes in this content under this mapping, locked until the transaction ends."""
    cursor = await (await tx.connection()).execute(
        f"{_RUN} where client_id = %s and content_hash = %s and mapping_hash = %s for update",
        [client_id, content, mapping],
    )
    row = await cursor.fetchone()
    return None if row is None else _stored_run(row)


async def locked_run(tx: Transaction, run_id: UUID) -> StoredRun:
    """A run, locked until the transaction ends."""
    row = await (await (await tx.connection()).execute(f"{_RUN} where id = %s for update", [run_id])).fetchone()
    assert row is not None
    return _stored_run(row)


async def stored_run(context: Context, run_id: UUID) -> StoredRun:
    """A run as it stands."""
    rows = await context.database.read(context.principal.scope, f"{_RUN} where id = %(id)s", {"id": run_id})
    return _stored_run(rows[0])


async def run_totals(context: Context, run_id: UUID) -> tuple[ControlTotal, ...]:
    """What the rows of a run add up to, by currency."""
    rows = await context.database.read(
        context.principal.scope,
        "select currency, accepted_minor, refused_minor, paid_minor from import_total where run_id = %(id)s"
        " order by currency",
        {"id": run_id},
    )
    return tuple(
        ControlTotal(Money(accepted, currency), Money(refused, currency), Money(paid, currency))
        for currency, accepted, refused, paid in rows
    )


async def run_faults(context: Context, run_id: UUID) -> tuple[RowFault, ...]:
    """The first faults of a run."""
    rows = await context.database.read(
        context.principal.scope,
        "select line, column_name, code, reason, original from import_row_error where run_id = %(id)s"
        " order by line, id limit %(most)s",
        {"id": run_id, "most": MOST_FAULTS_REPORTED},
    )
    return tuple(
        RowFault(line, column, ErrorCode(code), reason, original) for line, column, code, reason, original in rows
    )


def _stored_run(row: Sequence[Any]) -> StoredRun:
    return StoredRun(row[0], row[1], ImportState(row[2]), *row[3:])
