"""The people of the demonstration agency, and a fresh key for each role whenever it starts."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from uuid import UUID

from arrears.access.commands import PrincipalCreate, RoleGrant, TeamCreate, principal_create, role_grant, team_create
from arrears.access.key_commands import ApiKeyCreate, ApiKeyRevoke, api_key_create, api_key_revoke
from arrears.access.model import ROLE_PERMISSIONS, Permission, PrincipalKind, Role
from arrears.demo.acts import Payment, Stop, Story
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin

KEY_NAME = "demonstration"
KEY_DAYS = 30
MANAGER = "manager"

# What the service of the demonstration may do: read the book for a report, and take in files.
SERVICE_SCOPES = (
    Permission.ACCOUNTS_READ,
    Permission.CLIENTS_READ,
    Permission.DEBTORS_READ,
    Permission.IMPORTS_READ,
    Permission.IMPORTS_WRITE,
    Permission.INTERACTIONS_READ,
    Permission.LEDGER_READ,
    Permission.SELF_READ,
)
_PEOPLE = {
    Role.ADMIN: "Imogen Calloway",
    Role.MANAGER: "Robert Ainsley",
    Role.AUDITOR: "Petra Lindqvist",
}
COLLECTORS = {
    "Atlantic desk": "Dana Whitfield",
    "London desk": "Owen Prichard",
    "Kölner Team": "Jana Vogt",
}
_ACTIVE_KEYS = "select id from api_key where principal_id = any(%(principals)s) and revoked_at is null"


@dataclass(frozen=True)
class Staff:
    """Who works at the agency: as the commands see them, and by role as keys are made for them."""

    actors: dict[str, Principal]
    teams: dict[str, UUID]
    principals: dict[Role, UUID]


async def hire(context: Context) -> Staff:
    """The agency's own people: an administrator, a manager, an auditor, and a collector at each desk."""
    actors: dict[str, Principal] = {}
    teams: dict[str, UUID] = {}
    principals: dict[Role, UUID] = {}
    async with begin(context) as tx:

        async def person(name: str, role: Role) -> UUID:
            made = await principal_create.within(tx, PrincipalCreate(kind=PrincipalKind.PERSON, name=name))
            await tx.session.flush()
            await role_grant.within(tx, RoleGrant(principal_id=made.principal_id, role=role, everywhere=True))
            return made.principal_id

        for role, name in _PEOPLE.items():
            principals[role] = await person(name, role)
        actors[MANAGER] = actor(principals[Role.MANAGER], Role.MANAGER)
        for desk, name in COLLECTORS.items():
            teams[desk] = (await team_create.within(tx, TeamCreate(name=desk))).team_id
            collector = await person(name, Role.COLLECTOR)
            actors[desk] = actor(collector, Role.COLLECTOR, name)
            principals.setdefault(Role.COLLECTOR, collector)
    return Staff(actors, teams, principals)


async def invite(context: Context, staff: Staff, client_id: UUID, debtor: Story) -> None:
    """Those outside the agency: somebody of the first client, one debtor, and a service that reads the book."""
    async with begin(context) as tx:
        outsider = PrincipalCreate(kind=PrincipalKind.PERSON, name="Harborview Card Services, reporting")
        client_user = (await principal_create.within(tx, outsider)).principal_id
        await tx.session.flush()
        await role_grant.within(tx, RoleGrant(principal_id=client_user, role=Role.CLIENT, client_ids=[client_id]))
        himself = PrincipalCreate(
            kind=PrincipalKind.DEBTOR, name=f"Debtor of {debtor.reference}", debtor_id=debtor.debtor_id
        )
        debtor_user = (await principal_create.within(tx, himself)).principal_id
        machine = PrincipalCreate(kind=PrincipalKind.SERVICE, name="Reporting service")
        service = (await principal_create.within(tx, machine)).principal_id
        await tx.session.flush()
        await role_grant.within(tx, RoleGrant(principal_id=service, role=Role.SERVICE, everywhere=True))
    staff.principals[Role.CLIENT] = client_user
    staff.principals[Role.DEBTOR] = debtor_user
    staff.principals[Role.SERVICE] = service


def debtor_to_show(stories: list[Story]) -> Story:
    """The debtor who signs in: a person who pays by instalments, with nothing in the way."""
    for story in stories:
        payments = sum(isinstance(act, Payment) for act in story.acts)
        if payments >= 2 and not story.debtor.is_company and not any(isinstance(act, Stop) for act in story.acts):
            return story
    return stories[0]


async def fresh_keys(context: Context, principals: dict[Role, UUID]) -> dict[Role, str]:
    """A new key for each role; those of the last start are revoked, since a key is shown only once."""
    # Keys expire in real time, whatever the sandbox's clock shows.
    expires_at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=KEY_DAYS)
    async with begin(context) as tx:
        connection = await tx.connection()
        cursor = await connection.execute(_ACTIVE_KEYS, {"principals": list(principals.values())})
        for (key_id,) in await cursor.fetchall():
            await api_key_revoke.within(tx, ApiKeyRevoke(api_key_id=key_id))
        keys: dict[Role, str] = {}
        for role, principal_id in principals.items():
            scopes = [str(scope) for scope in SERVICE_SCOPES] if role is Role.SERVICE else None
            wanted = ApiKeyCreate(principal_id=principal_id, name=KEY_NAME, scopes=scopes, expires_at=expires_at)
            keys[role] = str((await api_key_create.within(tx, wanted)).secret)
    return keys


def actor(principal_id: UUID, role: Role, name: str | None = None) -> Principal:
    """One of the agency's people as the commands see them."""
    return Principal(
        id=principal_id,
        kind="PERSON",
        name=name or _PEOPLE[role],
        roles=frozenset({role.value}),
        permissions=frozenset(map(str, ROLE_PERMISSIONS[role])),
        scope=Scope.everything(),
    )
