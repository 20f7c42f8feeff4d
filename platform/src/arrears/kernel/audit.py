"""The audit trail: what a command changed, written in its own transaction under a code the database cannot make.

A row is never changed afterwards. Its code is an HMAC over every stored byte that matters, under a key that is not in
the database; the sealer (`arrears.kernel.sealer`) numbers and chains the rows later.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

import orjson

from arrears.kernel.personal import Personal, mask_card_numbers
from arrears.kernel.records import AuditRecord
from arrears.kernel.vault import Cell, UnitOfWork, Vault, framed
from arrears_sdk.errors import FaultError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money

if TYPE_CHECKING:
    from arrears.kernel.context import Context

__all__ = ["AuditRecord", "AuditedWork", "Personal", "StoredEntry", "reveal_audited", "write_audit"]

_TABLE: Final = "audit_entry"
_SEALED: Final = "sealed"
_PERSON: Final = "person"
_ERASED: Final = {"erased": True}


class AuditedWork(UnitOfWork, Protocol):
    """A unit of work that knows who acts, and when by the platform's clock."""

    @property
    def context(self) -> Context:
        """Who acts, and with what."""
        ...

    @property
    def now(self) -> datetime:
        """The instant of the work by the platform's clock."""
        ...


@dataclass(frozen=True)
class StoredEntry:
    """One row of `audit_entry` as it is stored; `before` and `after` are the JSON text itself."""

    id: UUID
    occurred_at: datetime
    recorded_at: datetime
    request_id: str
    principal_id: UUID
    principal_kind: str
    principal_name: str | None
    command: str
    subject: str
    subject_id: UUID
    client_id: UUID | None
    person_id: UUID | None
    reason: str | None
    before: str | None
    after: str | None
    key_id: str

    def canonical(self) -> bytes:
        """The bytes that the row's code is made over: every column, framed, absent told apart from empty."""
        return framed(b"audit-entry/1", *(_canonical(getattr(self, name)) for name in STORED_COLUMNS))


STORED_COLUMNS: Final = tuple(StoredEntry.__dataclass_fields__)
# What differs from record to record goes as arrays, the rest once for all records of a unit of work.
_VARYING: Final = {
    "id": "uuid",
    "command": "text",
    "subject": "text",
    "subject_id": "uuid",
    "client_id": "uuid",
    "person_id": "uuid",
    "before": "json",
    "after": "json",
    "code": "bytea",
}
_FIXED: Final = {
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "request_id": "text",
    "principal_id": "uuid",
    "principal_kind": "text",
    "principal_name": "text",
    "reason": "text",
    "key_id": "text",
}


def _array(column: tuple[str, str]) -> str:
    """An array parameter. Long texts and bytes travel in binary form: as text each of their quotes is escaped."""
    name, kind = column
    if kind == "json":
        return f"%({name})b::text[]::json[]"
    return f"%({name}){'b' if kind == 'bytea' else 's'}::{kind}[]"


_INSERT: Final = (
    f"insert into audit_entry ({', '.join([*_VARYING, *_FIXED])}) select record.*, "
    + ", ".join(f"%({name})s::{kind}" for name, kind in _FIXED.items())
    + f" from unnest({', '.join(map(_array, _VARYING.items()))}) as record"
)


async def write_audit(tx: AuditedWork, records: Sequence[AuditRecord]) -> None:
    """Writes the records as audit rows on the unit of work's own connection, all in one statement."""
    if not records:
        return
    context = tx.context
    ids = [new_id() for _ in records]
    sealed = await _seal_personal(tx, context.vault, list(zip(ids, records, strict=True)))
    recorded_at = datetime.now(UTC)
    principal = context.principal
    entries = [
        StoredEntry(
            id=entry_id,
            occurred_at=tx.now,
            recorded_at=recorded_at,
            request_id=context.request_id,
            principal_id=principal.id,
            principal_kind=principal.kind,
            # The platform's own principals have no row that the id could be looked up in; people and services do.
            principal_name=principal.name if principal.kind == "SYSTEM" else None,
            command=record.command,
            subject=record.subject,
            subject_id=record.subject_id,
            client_id=record.client_id,
            person_id=record.person_id,
            reason=None if context.reason is None else mask_card_numbers(context.reason),
            before=_json(record.before, entry_id, "before", record.person_id, sealed),
            after=_json(record.after, entry_id, "after", record.person_id, sealed),
            key_id=context.vault.current_key_id,
        )
        for entry_id, record in zip(ids, records, strict=True)
    ]
    parameters: dict[str, object] = {name: getattr(entries[0], name) for name in _FIXED}
    parameters |= {name: [getattr(entry, name) for entry in entries] for name in _VARYING if name != "code"}
    parameters["code"] = [context.vault.mac(entry.canonical()) for entry in entries]
    connection = await tx.connection()
    await connection.execute(_INSERT, parameters)


async def reveal_audited(tx: UnitOfWork, vault: Vault, entry_id: UUID, column: str, state: object) -> object:
    """The `before` or `after` of one entry with its personal values opened; those of erased persons stay marked."""
    sealed = [
        (Cell(UUID(value[_PERSON]), _TABLE, entry_id, path), _decoded(value[_SEALED]))
        for path, value in _walk(state, column)
        if isinstance(value, dict) and value.keys() == {_SEALED, _PERSON}
    ]
    texts = await vault.reveal_unless_erased(tx, sealed)
    found: dict[str, object] = {
        cell.column: dict(_ERASED) if text is None else text for (cell, _), text in zip(sealed, texts, strict=True)
    }
    return _rebuilt(state, column, found)


async def _seal_personal(
    tx: AuditedWork, vault: Vault, records: Sequence[tuple[UUID, AuditRecord]]
) -> dict[Cell, dict[str, object]]:
    """What stands in the stored JSON for each personal value, by its place; no statement where there is none."""
    values = [
        (_cell(entry_id, path, value, record.person_id), value.value)
        for entry_id, record in records
        for column, state in (("before", record.before), ("after", record.after))
        if _impersonal(state) is None
        for path, value in _walk(state, column)
        if isinstance(value, Personal)
    ]
    if not values:
        return {}
    # A change to an erased person's record is still audited, only without the values.
    return {
        cell: dict(_ERASED)
        if ciphertext is None
        else {_SEALED: base64.b64encode(ciphertext).decode(), _PERSON: str(cell.person_id)}
        for (cell, _), ciphertext in zip(values, await vault.seal_unless_erased(tx, values), strict=True)
    }


def _cell(entry_id: UUID, path: str, value: Personal, person_id: UUID | None) -> Cell:
    owner = value.person_id or person_id
    if owner is None:
        raise FaultError(f"the personal value at {path} of an audit record names no person")
    return Cell(owner, _TABLE, entry_id, path)


def _walk(value: object, path: str) -> Iterator[tuple[str, Any]]:
    """Every value inside a JSON-like one with its path, containers before what they hold."""
    yield path, value
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _walk(inner, f"{path}.{position}")


def _rebuilt(value: object, path: str, found: Mapping[str, object]) -> object:
    if path in found:
        return found[path]
    if isinstance(value, Mapping):
        return {key: _rebuilt(inner, f"{path}.{key}", found) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rebuilt(inner, f"{path}.{position}", found) for position, inner in enumerate(value)]
    return value


def _json(
    state: Mapping[str, object] | None,
    entry_id: UUID,
    column: str,
    person_id: UUID | None,
    sealed: Mapping[Cell, dict[str, object]],
) -> str | None:
    if state is None:
        return None
    text = _impersonal(state)
    if text is not None:
        return text
    found: dict[str, object] = {
        path: sealed[_cell(entry_id, path, value, person_id)]
        for path, value in _walk(state, column)
        if isinstance(value, Personal)
    }
    plain = _rebuilt(state, column, found) if found else state
    return orjson.dumps(plain, default=_plain, option=_OPTIONS).decode()


def _impersonal(state: Mapping[str, object] | None) -> str | None:
    """The JSON of a state that holds no personal value; None for one that may hold some, and has to be walked."""
    try:
        return orjson.dumps(state, default=_plain, option=_OPTIONS).decode()
    except orjson.JSONEncodeError:
        # A Personal has no form of its own; what has none for another reason is told where it is written.
        return None


_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_NON_STR_KEYS


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": str(value.currency)}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"an audit record cannot hold a {type(value).__name__}")


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error:
        raise FaultError("a personal value of the audit trail was altered") from None


def _canonical(value: object) -> bytes:
    match value:
        case None:
            return b"\x00"
        case datetime():
            return b"t" + value.astimezone(UTC).isoformat(timespec="microseconds").encode()
        case date():
            return b"d" + value.isoformat().encode()
        case UUID():
            return b"u" + value.bytes
        case _:
            return b"s" + str(value).encode()
