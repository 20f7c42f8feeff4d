"""The writers of API keys. The secret is in the first answer only; it is neither stored nor replayed."""

from __future__ import annotations

import datetime
from uuid import UUID

from pydantic import Field

from arrears.access.grants import exceeds, reach
from arrears.access.keys import NewKey
from arrears.access.model import Permission, PrincipalKind, PrincipalStatus
from arrears.access.queries import active_grants, real_time
from arrears.access.tables import ApiKeyRow, PrincipalRow
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import AccessError, ConflictError, ErrorCode, InputError, RefusedError
from arrears_sdk.ids import new_id

USUAL_LIFE = datetime.timedelta(days=90)
LONGEST_LIFE = datetime.timedelta(days=366)
USUAL_OVERLAP_SECONDS = 24 * 3600
LONGEST_OVERLAP_SECONDS = 30 * 24 * 3600


class ApiKeyCreate(Command):
    """A new key of a principal. Without scopes, a person's key carries what the person's roles allow now."""

    principal_id: UUID
    name: str = Field(max_length=200)
    scopes: list[str] | None = Field(default=None, max_length=len(Permission))
    expires_at: datetime.datetime | None = None


class ApiKeyIssued(Result):
    """The key that was made. `secret` is the key itself, there in the first answer only."""

    api_key_id: UUID
    principal_id: UUID
    # Excluded from what is stored for a replay; a second answer has none.
    secret: str | None = Field(default=None, exclude=True, repr=False)


class ApiKeyRevoke(Command):
    """A key that must not work any more."""

    api_key_id: UUID


class ApiKeyRevoked(Result):
    """The key that was revoked."""

    api_key_id: UUID


class ApiKeyRoll(Command):
    """A key to be replaced by a new one; both work until the old one's overlap has passed."""

    api_key_id: UUID
    overlap_seconds: int | None = Field(default=None, ge=0, le=LONGEST_OVERLAP_SECONDS)
    expires_at: datetime.datetime | None = None


@command("api_key.create", permission=Permission.ACCESS_WRITE)
async def api_key_create(tx: Transaction, change: ApiKeyCreate) -> ApiKeyIssued:
    """Makes a key and gives its secret, once.

    Raises AccessError when the scopes go beyond what the caller holds, InputError for unknown scopes, for none at a
    service, and for an expiry that has passed or lies more than 366 days ahead.
    """
    row = await load(tx, PrincipalRow, change.principal_id, kind="prin", field=("input", "principal_id"))
    if row.status == PrincipalStatus.DISABLED:
        raise ConflictError("The principal is disabled.", field=("input", "principal_id"))
    name = mask_card_numbers(change.name.strip())
    if not name:
        raise InputError("A name is needed.", code=ErrorCode.REQUIRED, field=("input", "name"))
    scopes = await _scopes(tx, row, change.scopes)
    return await _issue(tx, row.id, name, scopes, change.expires_at, replaces=None)


@command("api_key.revoke", permission=Permission.ACCESS_WRITE)
async def api_key_revoke(tx: Transaction, change: ApiKeyRevoke) -> ApiKeyRevoked:
    """Ends the key in every process within a second. ALREADY_ENDED when it was revoked before."""
    row = await _active_key(tx, change.api_key_id)
    row.revoked_at, row.revoked_by = await real_time(tx), tx.context.principal.id
    tx.audit(subject="akey", subject_id=row.id, before={"revoked": False}, after={"revoked": True})
    tx.emit(Event("ApiKeyRevoked", "akey", row.id))
    return ApiKeyRevoked(api_key_id=row.id)


@command("api_key.roll", permission=Permission.ACCESS_WRITE)
async def api_key_roll(tx: Transaction, change: ApiKeyRoll) -> ApiKeyIssued:
    """Makes a key like the old one, whose life ends after the overlap at the latest.

    Raises RefusedError ALREADY_ENDED for a key that is revoked or expired, AccessError when it carries more than the
    caller holds.
    """
    row = await _active_key(tx, change.api_key_id)
    now = await real_time(tx)
    if row.expires_at <= now:
        raise RefusedError("The key has expired; make a new one.", code=ErrorCode.ALREADY_ENDED)
    _check_held(tx, row.scopes)
    issued = await _issue(tx, row.principal_id, row.name, row.scopes, change.expires_at, replaces=row.id)
    overlap = USUAL_OVERLAP_SECONDS if change.overlap_seconds is None else change.overlap_seconds
    before = row.expires_at
    row.expires_at = min(before, now + datetime.timedelta(seconds=overlap))
    tx.audit(subject="akey", subject_id=row.id, before={"expires_at": before}, after={"expires_at": row.expires_at})
    return issued


async def _issue(
    tx: Transaction,
    principal_id: UUID,
    name: str,
    scopes: list[str],
    expires_at: datetime.datetime | None,
    *,
    replaces: UUID | None,
) -> ApiKeyIssued:
    now = await real_time(tx)
    expiry = expires_at or now + USUAL_LIFE
    if expiry.tzinfo is None or not now < expiry <= now + LONGEST_LIFE:
        raise InputError(
            f"A key expires at an instant ahead, at most {LONGEST_LIFE.days} days from now.",
            field=("input", "expires_at"),
        )
    key = NewKey.make(new_id())
    row = ApiKeyRow(
        id=key.id,
        principal_id=principal_id,
        name=name,
        key_hash=key.digest,
        scopes=scopes,
        replaces_id=replaces,
        created_by=tx.context.principal.id,
        created_at=now,
        expires_at=expiry,
    )
    tx.session.add(row)
    tx.audit(
        subject="akey",
        subject_id=row.id,
        after={
            "principal_id": principal_id,
            "name": name,
            "scopes": scopes,
            "expires_at": expiry,
            "replaces": replaces,
        },
    )
    tx.emit(Event("ApiKeyCreated", "akey", row.id, payload={"principal_id": str(principal_id)}))
    return ApiKeyIssued(api_key_id=row.id, principal_id=principal_id, secret=key.text)


async def _scopes(tx: Transaction, principal: PrincipalRow, wanted: list[str] | None) -> list[str]:
    if wanted is None and principal.kind != PrincipalKind.SERVICE:
        wanted = list(reach(await active_grants(tx, principal.id)).permissions)
    unknown = sorted(set(wanted or ()) - set(Permission))
    if unknown:
        raise InputError(f"There is no permission {unknown[0]:.60}.", field=("input", "scopes"))
    if not wanted:
        raise InputError(
            "Name at least one permission: a key without scopes could do nothing.",
            code=ErrorCode.REQUIRED,
            field=("input", "scopes"),
        )
    _check_held(tx, wanted)
    return sorted({str(scope) for scope in wanted})


def _check_held(tx: Transaction, scopes: list[str]) -> None:
    too_much = exceeds(tx.context.principal, scopes)
    if too_much is not None:
        raise AccessError(too_much, code=ErrorCode.FORBIDDEN)


async def _active_key(tx: Transaction, api_key_id: UUID) -> ApiKeyRow:
    row = await load(tx, ApiKeyRow, api_key_id, kind="akey", field=("input", "api_key_id"), lock=True)
    if row.revoked_at is not None:
        raise RefusedError("The key was revoked already.", code=ErrorCode.ALREADY_ENDED)
    return row
