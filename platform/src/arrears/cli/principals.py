"""Making a principal with a role and a key in one transaction, as the first key of a deployment has to be made."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from arrears.access.commands import PrincipalCreate, RoleGrant, principal_create, role_grant
from arrears.access.key_commands import ApiKeyCreate, ApiKeyIssued, api_key_create
from arrears.access.model import PrincipalKind, Role
from arrears.kernel.context import Context
from arrears.kernel.transaction import Transaction, begin
from arrears_sdk.errors import InputError
from arrears_sdk.ids import decode_id


@dataclass(frozen=True)
class WantedKey:
    """A key that somebody asked for: of an existing principal, else of a new one with a role."""

    name: str
    role: str
    person: str
    principal: str | None
    clients: Sequence[str]
    scopes: Sequence[str] | None
    days: int


async def issue_key(context: Context, wanted: WantedKey) -> ApiKeyIssued:
    """The key, and its principal where that is new; raises InputError for a role that cannot be given here."""
    # Keys expire in real time, whatever a sandbox's clock shows.
    expires_at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=wanted.days)
    async with begin(context) as tx:
        principal_id = (
            await _new_principal(tx, wanted) if wanted.principal is None else decode_id("prin", wanted.principal)
        )
        await tx.session.flush()
        change = ApiKeyCreate(
            principal_id=principal_id,
            name=wanted.name,
            scopes=None if wanted.scopes is None else list(wanted.scopes),
            expires_at=expires_at,
        )
        return await api_key_create.within(tx, change)


async def _new_principal(tx: Transaction, wanted: WantedKey) -> UUID:
    givable = sorted(set(Role) - {Role.DEBTOR})
    if wanted.role not in givable:
        raise InputError(f"There is no role {wanted.role} to give; there are {', '.join(givable)}.")
    client_ids = [decode_id("clnt", client) for client in wanted.clients]
    kind = PrincipalKind.SERVICE if wanted.role == Role.SERVICE else PrincipalKind.PERSON
    principal_id = (await principal_create.within(tx, PrincipalCreate(kind=kind, name=wanted.person))).principal_id
    grant = RoleGrant(
        principal_id=principal_id, role=Role(wanted.role), client_ids=client_ids, everywhere=not client_ids
    )
    await role_grant.within(tx, grant)
    return principal_id
