"""Opening a person's request, and what an officer does with it; fulfilling it is the work of `fulfilment`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from pydantic import Field

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.debtors.queries import display_names
from arrears.kernel.command import Command, Result, check_version, command, load
from arrears.kernel.personal import Personal, mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears.privacy.jobs import FULFIL
from arrears.privacy.model import ANSWER_WITHIN, DataRequestKind, DataRequestStatus, ErasureGround
from arrears.privacy.queries import block_on_erasure, is_erased
from arrears.privacy.tables import DataRequestRow
from arrears_sdk.errors import AccessError, ConflictError, ErrorCode, InputError, NotFoundError, Problem, RefusedError

_FIELD = ("input", "dataRequestId")
_MOST_PLUGINS = 50
_ONE_OPEN = Problem(ErrorCode.CONFLICT, "A request of this kind is open already for the person.", ("input", "debtorId"))


class DataRequestOpen(Command):
    """What a person asks for."""

    debtor_id: UUID
    kind: DataRequestKind
    ground: ErasureGround | None = None


class DataRequestRetry(Command):
    """A request that is to be tried again, without the plugins whose part was seen to by hand."""

    data_request_id: UUID
    version: int
    without_plugins: tuple[str, ...] | None = Field(default=None, max_length=_MOST_PLUGINS)


class DataRequestClose(Command):
    """A request that will not be fulfilled, and why."""

    data_request_id: UUID
    version: int
    reason: str


class DataRequestReveal(Command):
    """An export to be read, and why."""

    data_request_id: UUID
    reason: str


class DataRequestSaved(Result):
    """The request."""

    data_request_id: UUID


class DataRequestRevealed(Result):
    """What was collected about a person."""

    data_request_id: UUID
    document: Any = Field(default=None, repr=False, exclude=True)


@command("data_request.open", permission=Permission.PRIVACY_WRITE, constraints={"uq_data_request_open": _ONE_OPEN})
async def open_data_request(tx: Transaction, change: DataRequestOpen) -> DataRequestSaved:
    """Take in a person's request; a job fulfils it. An erasure that is blocked is refused at once, with the reason."""
    if not await display_names(tx, [change.debtor_id]):
        message = "There is no such record (dbtr) that you may see."
        raise NotFoundError(message, code=ErrorCode.NOT_FOUND, field=("input", "debtorId"))
    # What one client supplied lies beside what others did: nobody limited to some may take it out or destroy it.
    if tx.context.principal.scope.kind != "all":
        raise AccessError("This needs a role without limits.", code=ErrorCode.FORBIDDEN)
    if change.ground is not None and change.kind is not DataRequestKind.ERASURE:
        raise InputError("Only an erasure has a ground in law.", field=("input", "ground"))
    if await is_erased(tx, change.debtor_id):
        raise RefusedError("The person's data was erased.", code=ErrorCode.PERSON_ERASED, field=("input", "debtorId"))
    if change.kind is DataRequestKind.ERASURE:
        block = await block_on_erasure(tx, change.debtor_id, change.ground)
        if block is not None:
            raise RefusedError(block.told, code=ErrorCode.ERASURE_BLOCKED, field=("input", "debtorId"))
    row = DataRequestRow(
        debtor_id=change.debtor_id,
        kind=change.kind.value,
        ground=None if change.ground is None else change.ground.value,
        status=DataRequestStatus.OPEN.value,
        opened_by_id=tx.context.principal.id,
        opened_at=tx.now,
        due_on=(tx.now + ANSWER_WITHIN).date(),
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    opened = {"debtor_id": row.debtor_id, "kind": row.kind, "ground": row.ground}
    tx.audit(subject="dreq", subject_id=row.id, after=opened)
    _announce(tx, row, "DataRequestOpened")
    await tx.defer(FULFIL, request_id=str(row.id))
    return DataRequestSaved(data_request_id=row.id)


@command("data_request.retry", permission=Permission.PRIVACY_WRITE)
async def retry_data_request(tx: Transaction, change: DataRequestRetry) -> DataRequestSaved:
    """Try a request again that somebody looked at, as often as a new one is tried."""
    row = await _in_need(tx, change.data_request_id, change.version)
    without = change.without_plugins or ()
    for name in without:
        checked_text(name, ("input", "withoutPlugins"), most=40)
    before = {"status": row.status, "without_plugins": row.without_plugins}
    row.status, row.tries, row.blocked_by = DataRequestStatus.OPEN.value, 0, None
    row.without_plugins = sorted({*row.without_plugins, *without})
    after = {"status": row.status, "without_plugins": row.without_plugins}
    tx.audit(subject="dreq", subject_id=row.id, before=before, after=after)
    _announce(tx, row, "DataRequestRetried")
    await tx.defer(FULFIL, request_id=str(row.id))
    return DataRequestSaved(data_request_id=row.id)


@command("data_request.close", permission=Permission.PRIVACY_WRITE)
async def close_data_request(tx: Transaction, change: DataRequestClose) -> DataRequestSaved:
    """End a request without fulfilling it; the reason is kept on record, sealed under the person's key."""
    reason = mask_card_numbers(checked_text(change.reason, ("input", "reason"), most=2000))
    row = await _in_need(tx, change.data_request_id, change.version)
    before = {"status": row.status}
    row.status, row.closed_at, row.next_try_at = DataRequestStatus.CLOSED.value, tx.now, None
    after = {"status": row.status, "reason": Personal(reason)}
    tx.audit(subject="dreq", subject_id=row.id, before=before, after=after, person_id=row.debtor_id)
    _announce(tx, row, "DataRequestClosed")
    return DataRequestSaved(data_request_id=row.id)


@command("data_request.reveal", permission=Permission.PRIVACY_REVEAL)
async def reveal_data_request(tx: Transaction, change: DataRequestReveal) -> DataRequestRevealed:
    """What was collected about a person; who read it and why is on record."""
    reason = mask_card_numbers(checked_text(change.reason, ("input", "reason"), most=500))
    row = await load(tx, DataRequestRow, change.data_request_id, kind="dreq", field=_FIELD)
    if row.export is None or row.available_until is None or row.available_until <= tx.now:
        message = "Nothing is there to be read: not yet, or no longer."
        raise RefusedError(message, code=ErrorCode.EXPORT_NOT_AVAILABLE, field=_FIELD)
    vault = tx.context.vault
    text = await vault.reveal(tx, row.debtor_id, row.export, table="data_request", row_id=row.id, column="export")
    shown = {"revealed": "export", "reason": Personal(reason)}
    tx.audit(subject="dreq", subject_id=row.id, after=shown, person_id=row.debtor_id)
    _announce(tx, row, "DataRequestRevealed")
    return DataRequestRevealed(data_request_id=row.id, document=orjson.loads(text))


async def _in_need(tx: Transaction, request_id: UUID, version: int) -> DataRequestRow:
    row = await load(tx, DataRequestRow, request_id, kind="dreq", field=_FIELD, lock=True)
    check_version(row, version)
    if row.status != DataRequestStatus.NEEDS_ATTENTION.value:
        raise ConflictError("The request does not wait for anybody.", code=ErrorCode.CONFLICT, field=_FIELD)
    return row


def _announce(tx: Transaction, row: DataRequestRow, name: str) -> None:
    tx.emit(Event(name, "dreq", row.id, payload={"debtorId": str(row.debtor_id), "kind": row.kind}))
