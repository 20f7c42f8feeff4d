"""Fulfils a person's request: plugins first, then the platform's own part, all of it or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from arrears.debtors.queries import clients_of
from arrears.kernel.context import Context
from arrears.kernel.log_masking import mask_text
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction, begin
from arrears.kernel.vault import destroy_person_key
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, Place
from arrears.plugins.store import forget_values_of
from arrears.privacy.export import collected
from arrears.privacy.model import (
    AVAILABLE_FOR,
    DataRequestKind,
    DataRequestStatus,
    ErasureGround,
    Failure,
    wait_after,
)
from arrears.privacy.queries import block_on_erasure, is_erased, keeping_plugins
from arrears.privacy.tables import DataRequestFailureRow, DataRequestRow
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import encode_id
from arrears_sdk.views import DataSubject

_LONGEST_REASON = 500


@dataclass(frozen=True)
class _Asked:
    """A request whose turn it is: whose, and where its person is known."""

    id: UUID
    debtor_id: UUID
    kind: DataRequestKind
    clients: Sequence[UUID]
    without: frozenset[str]
    keeping: dict[str, UUID | None]


@dataclass
class _Told:
    """What plugins answered: by client and plugin, and what failed."""

    answers: dict[str, JsonValue] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)


async def fulfil(context: Context, request_id: UUID) -> None:
    """Try a request once; does nothing when it is not open any longer, so that it may be called again."""
    async with begin(context) as tx:
        asked = await _taken_up(tx, request_id)
    if asked is None:
        return
    told = await _ask_plugins(context.service(PluginHost), asked)
    async with begin(context) as tx:
        row = await _locked(tx, request_id)
        if row is None:
            return
        if told.failures:
            await _failed(tx, row, told.failures)
        elif asked.kind is DataRequestKind.EXPORT:
            await _export(tx, row, told.answers)
        else:
            await _erase(tx, row)


async def expire(context: Context, request_id: UUID) -> None:
    """Forget what was collected for a request once its time is over."""
    async with begin(context) as tx:
        row = await tx.session.get(DataRequestRow, request_id, with_for_update=True)
        if row is None or row.export is None or row.available_until is None or row.available_until > tx.now:
            return
        row.export = None
        tx.audit(subject="dreq", subject_id=row.id, after={"export": None})


async def _taken_up(tx: Transaction, request_id: UUID) -> _Asked | None:
    row = await _locked(tx, request_id)
    if row is None:
        return None
    if await is_erased(tx, row.debtor_id):
        # Another request has erased the person since.
        await _close_erased(tx, row)
        return None
    if await _blocked(tx, row):
        return None
    return _Asked(
        row.id,
        row.debtor_id,
        DataRequestKind(row.kind),
        await clients_of(tx, row.debtor_id),
        frozenset(row.without_plugins),
        await keeping_plugins(tx, row.debtor_id),
    )


async def _ask_plugins(host: PluginHost, asked: _Asked) -> _Told:
    """Every duty at the deployment and at each client of the person, under that client's settings."""
    hook = "export_personal_data" if asked.kind is DataRequestKind.EXPORT else "erase_personal_data"
    told = _Told()
    for place in (DEPLOYMENT, *(Place(client) for client in asked.clients)):
        client = None if place.client_id is None else encode_id("clnt", place.client_id)
        subject = DataSubject(
            request_id=encode_id("dreq", asked.id), debtor_id=encode_id("dbtr", asked.debtor_id), client_id=client
        )
        given: dict[str, JsonValue] = {}
        for answer in await host.duty(hook, subject, place):
            told.answered.add(answer.plugin)
            if answer.plugin in asked.without:
                continue
            if answer.failure is not None:
                told.failures.append(Failure(answer.plugin, answer.failure, place.client_id))
            elif answer.answer:
                given[answer.plugin] = dict(answer.answer)
        if given:
            told.answers[client or "deployment"] = given
    # Disabled or removed since: what it keeps here, and perhaps elsewhere, would be overlooked in silence.
    for plugin, client_id in asked.keeping.items():
        if plugin not in told.answered and plugin not in asked.without:
            told.failures.append(Failure(plugin, "It keeps data about the person and does not run.", client_id))
    return told


async def _export(tx: Transaction, row: DataRequestRow, plugins: dict[str, JsonValue]) -> None:
    document = orjson.dumps(await collected(tx, row.debtor_id, dict(plugins))).decode()
    row.export = await tx.context.vault.seal(
        tx, row.debtor_id, document, table="data_request", row_id=row.id, column="export"
    )
    row.available_until = tx.now + AVAILABLE_FOR
    await tx.schedule("privacy.expire", subject_id=row.id, due_at=row.available_until)
    await _fulfilled(tx, row)


async def _erase(tx: Transaction, row: DataRequestRow) -> None:
    connection = await tx.connection()
    # Whoever writes about the person holds these rows: the erasure waits for them, and they for it.
    await connection.execute("select 1 from debtor where id = %s for update", [row.debtor_id])
    await connection.execute("select 1 from debtor_client where debtor_id = %s order by id for update", [row.debtor_id])
    if await _blocked(tx, row):
        return
    await _fulfilled(tx, row)
    await tx.session.flush()
    await forget_values_of(tx, row.debtor_id)
    await connection.execute("select erase_person(%s, %s)", [row.debtor_id, tx.now])
    await destroy_person_key(tx, row.debtor_id)
    tx.audit(subject="dbtr", subject_id=row.debtor_id, after={"erased": True, "request_id": row.id})
    tx.emit(Event("DebtorErased", "dbtr", row.debtor_id, payload={"requestId": str(row.id)}))


async def _fulfilled(tx: Transaction, row: DataRequestRow) -> None:
    row.status, row.fulfilled_at, row.next_try_at = DataRequestStatus.FULFILLED.value, tx.now, None
    row.tries += 1
    await _keep_failures(tx, row, ())
    tx.audit(subject="dreq", subject_id=row.id, after={"status": row.status})
    _announce(tx, row, "DataRequestFulfilled")


async def _failed(tx: Transaction, row: DataRequestRow, failures: Sequence[Failure]) -> None:
    """Note what failed, and try again later unless it has been tried enough: then somebody has to look."""
    row.tries += 1
    wait = wait_after(row.tries)
    await _keep_failures(tx, row, failures)
    tx.audit(subject="dreq", subject_id=row.id, after={"tries": row.tries, "failed": [one.plugin for one in failures]})
    if wait is None:
        _needs_attention(tx, row)
    else:
        row.next_try_at = tx.now + wait
        await tx.schedule("privacy.try_again", subject_id=row.id, due_at=row.next_try_at)


async def _blocked(tx: Transaction, row: DataRequestRow) -> bool:
    """Whether something keeps the person from being erased by now; then somebody has to look at once."""
    if row.kind != DataRequestKind.ERASURE.value:
        return False
    block = await block_on_erasure(tx, row.debtor_id, None if row.ground is None else ErasureGround(row.ground))
    if block is None:
        return False
    row.blocked_by = block.value
    tx.audit(subject="dreq", subject_id=row.id, after={"blocked_by": row.blocked_by})
    _needs_attention(tx, row)
    return True


async def _close_erased(tx: Transaction, row: DataRequestRow) -> None:
    row.status, row.closed_at, row.next_try_at = DataRequestStatus.CLOSED.value, tx.now, None
    tx.audit(subject="dreq", subject_id=row.id, after={"status": row.status})
    _announce(tx, row, "DataRequestClosed")


def _needs_attention(tx: Transaction, row: DataRequestRow) -> None:
    row.status, row.next_try_at = DataRequestStatus.NEEDS_ATTENTION.value, None
    _announce(tx, row, "DataRequestFailed")


async def _keep_failures(tx: Transaction, row: DataRequestRow, failures: Sequence[Failure]) -> None:
    connection = await tx.connection()
    await connection.execute("delete from data_request_failure where request_id = %s", [row.id])
    for one in failures:
        reason = mask_text(one.reason)[:_LONGEST_REASON]
        tx.session.add(
            DataRequestFailureRow(
                request_id=row.id, client_id=one.client_id, plugin=one.plugin, reason=reason, failed_at=tx.now
            )
        )


async def _locked(tx: Transaction, request_id: UUID) -> DataRequestRow | None:
    """The request, locked, if it is open."""
    row = await tx.session.get(DataRequestRow, request_id, with_for_update=True)
    return row if row is not None and row.status == DataRequestStatus.OPEN.value else None


def _announce(tx: Transaction, row: DataRequestRow, name: str) -> None:
    tx.emit(Event(name, "dreq", row.id, payload={"debtorId": str(row.debtor_id), "kind": row.kind}))
