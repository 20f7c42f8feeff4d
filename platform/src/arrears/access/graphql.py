"""GraphQL of access: who is signed in, who may sign in, and the audit trail."""

from __future__ import annotations

import datetime

from arrears.access.commands import principal_create, principal_disable, role_grant, role_revoke, team_create
from arrears.access.inputs import (
    ApiKeyCreateInput,
    ApiKeyRevokeInput,
    ApiKeyRollInput,
    PrincipalCreateInput,
    PrincipalDisableInput,
    RoleGrantInput,
    RoleRevokeInput,
    TeamCreateInput,
)
from arrears.access.key_commands import api_key_create, api_key_revoke, api_key_roll
from arrears.access.model import Permission, PrincipalKind, PrincipalStatus, Role
from arrears.graphql.declare import (
    Argument,
    Connection,
    Info,
    column,
    computed,
    entity,
    expression,
    loaded,
    many,
    mutations,
    one,
    output,
    plain,
    queries,
    root_many,
    root_one,
)
from arrears.graphql.mutations import Payload, mutation, payload, run
from arrears.graphql.planner.source import SourceRequest
from arrears.graphql.scalars import Json
from arrears_sdk.ids import encode_id


@entity(
    "team",
    table="team",
    description="A group of collectors that accounts are assigned to.",
    permission=Permission.CLIENTS_READ,
)
class Team:
    """A group of collectors."""

    name: str = column(description="The team's name, unique in the agency.", filter=True, order=True)
    version: int = column(description="Raised by every change.")
    created_at: datetime.datetime = column(description="When the team was made.")
    updated_at: datetime.datetime = column(description="When the team was last changed.")


@entity(
    "prin",
    table="principal",
    description="A person, a service or a debtor that signs in.",
    permission=Permission.ACCESS_READ,
)
class Principal:
    """A person, a service or a debtor that signs in."""

    kind: PrincipalKind = column(description="What the principal is.", filter=True, order=True)
    name: str = column(description="The name by which people know it.", filter=True, order=True)
    issuer: str | None = column(description="Who vouches for the principal's access tokens.")
    subject: str | None = column(description="The name by which the issuer knows the principal.")
    status: PrincipalStatus = column(description="Whether the principal may sign in.")
    grants: Connection[RoleGrant] = many("principal_id", description="The roles it holds or held.")
    api_keys: Connection[ApiKey] = many("principal_id", description="Its API keys; never their secrets.")
    version: int = column(description="Raised by every change; a write names the version that it has seen.")
    created_at: datetime.datetime = column(description="When the principal was made.")
    updated_at: datetime.datetime = column(description="When the principal was last changed.")


@entity(
    "gran",
    table="role_grant",
    description="One role of a principal, everywhere or within one client, team or account.",
    permission=Permission.ACCESS_READ,
)
class RoleGrant:
    """One role of a principal within one limit."""

    role: Role = column(description="The role.")
    principal: Principal | None = one("principal_id", description="Who holds it.")
    team: Team | None = one("team_id", description="The team that the role is limited to, if it is.")
    client_id: str | None = expression(
        "public_id('clnt', {row}.client_id)", description="The id of the client that the role is limited to, if it is."
    )
    account_id: str | None = expression(
        "public_id('acct', {row}.account_id)",
        description="The id of the account that the role is limited to, if it is.",
    )
    granted_at: datetime.datetime = column(description="When it was granted.")
    granted_by: Principal | None = one("granted_by", description="Who granted it; null for the platform itself.")
    revoked_at: datetime.datetime | None = column(description="When it ended; null while it holds.")


@entity(
    "akey",
    table="api_key",
    description="A key with which a principal signs in. Its secret is shown once, when it is made.",
    permission=Permission.ACCESS_READ,
)
class ApiKey:
    """A key with which a principal signs in."""

    name: str = column(description="What the key is for.")
    principal: Principal | None = one("principal_id", description="Whose key it is.", filter=True)
    scopes: list[str] = column(description="The permissions that the key carries, at most.")
    replaces: ApiKey | None = one("replaces_id", description="The key that this one was rolled from.")
    created_at: datetime.datetime = column(description="When it was made.")
    expires_at: datetime.datetime = column(description="From when on it does not work.", filter=True, order=True)
    last_used_at: datetime.datetime | None = column(description="When it was last used, to the minute.")
    revoked_at: datetime.datetime | None = column(description="When it was revoked; null while it was not.")


@entity(
    "audt",
    table="audit_entry",
    description="One change of one thing: who, what, when, why, before and after. Never changed afterwards.",
    permission=Permission.AUDIT_READ,
    scope_column="client_id",
)
class AuditEntry:
    """One change of one thing."""

    recorded_at: datetime.datetime = column(description="When it was written, in real time.", filter=True, order=True)
    occurred_at: datetime.datetime = column(description="When it happened, by the platform's clock.")
    request_id: str = column(description="The request or job that did it.")
    command: str = column(description="The command that did it, such as `account.update`.")
    principal: Principal | None = one("principal_id", description="Who did it, unless the platform.", filter=True)
    principal_name: str | None = column(description="Which part of the platform did it, if nobody else did.")
    subject_id: str = expression(
        "public_id({row}.subject, {row}.subject_id)", description="The id of what was changed."
    )
    reason: str | None = column(description="Why, in the caller's words.")
    before: Json | None = column(description="What it was. A personal value is an object with its ciphertext.")
    after: Json | None = column(description="What it became. A personal value is an object with its ciphertext.")
    number: str | None = expression(
        "(select seal.sequence::text from audit_seal seal where seal.entry_id = {row}.id)",
        description="Its number in the sealed trail; null for the second before it is sealed.",
    )


@output(description="Who is signed in.")
class Viewer:
    """Who is signed in."""

    principal_id: str = plain(description="The id of the principal.")
    kind: str = plain(description="What the principal is: PERSON, SERVICE, DEBTOR, or SYSTEM for the platform itself.")
    name: str = plain(description="The principal's name.")
    roles: list[Role] = plain(description="The roles that it holds.")
    permissions: list[str] = plain(description="What it may do with this credential.")
    sees_everything: bool = plain(description="Whether it sees every client's records.")


def audit_source(request: SourceRequest) -> str:
    """The audit entries, of one subject when the argument names one."""
    subject = request.argument("subject_id")
    if subject is None:
        return "audit_entry"
    # An id of any kind: taken apart in SQL, where a malformed one simply matches nothing.
    return (
        "(select * from audit_entry found"
        f" where found.subject_id = (select case when {subject} ~ '^[a-z]+_[0-9a-f]{{32}}$'"
        f" then split_part({subject}, '_', 2)::uuid end) and found.subject = split_part({subject}, '_', 1))"
    )


@queries
class AccessQueries:
    """Root fields of access."""

    principal: Principal | None = root_one(description="One principal.")
    principals: Connection[Principal] = root_many(description="Everyone and everything that signs in.")
    api_keys: Connection[ApiKey] = root_many(description="All API keys, without their secrets.")
    teams: Connection[Team] = root_many(description="All teams.")
    audit_entries: Connection[AuditEntry] = root_many(
        description="The audit trail, the newest entry first.",
        arguments=[Argument("subject_id", str | None, "Only changes of the thing with this id, of any kind.")],
        source=audit_source,
        order="-recorded_at",
    )

    @computed(permission=Permission.SELF_READ, description="Who is signed in.")
    async def viewer(self, info: Info) -> Viewer:
        """Who is signed in."""
        principal = info.context.context.principal
        viewer = Viewer()
        viewer.principal_id = encode_id("prin", principal.id)
        viewer.kind = principal.kind
        viewer.name = principal.name
        viewer.roles = [Role(role) for role in sorted(principal.roles)]
        viewer.permissions = sorted(permission for permission in Permission if principal.may(permission))
        viewer.sees_everything = principal.scope.kind == "all"
        return viewer


@payload
class PrincipalCreatePayload(Payload):
    """What `principalCreate` gives back."""

    principal: Principal | None = loaded("principal_id", description="The new principal.")


@payload
class PrincipalDisablePayload(Payload):
    """What `principalDisable` gives back."""

    principal: Principal | None = loaded("principal_id", description="The principal.")


@payload
class TeamCreatePayload(Payload):
    """What `teamCreate` gives back."""

    team: Team | None = loaded("team_id", description="The new team.")


@payload
class RoleGrantPayload(Payload):
    """What `roleGrant` gives back."""

    principal: Principal | None = loaded("principal_id", description="Who holds the role now.")


@payload
class RoleRevokePayload(Payload):
    """What `roleRevoke` gives back."""

    role_grant: RoleGrant | None = loaded("grant_id", description="The grant that ended.")
    principal: Principal | None = loaded("principal_id", description="Whose it was.")


@payload
class ApiKeyCreatePayload(Payload):
    """What `apiKeyCreate` gives back."""

    api_key: ApiKey | None = loaded("api_key_id", description="The new key.")
    secret: str | None = plain(description="The key itself: shown here and never again, not even to a retry.")


@payload
class ApiKeyRevokePayload(Payload):
    """What `apiKeyRevoke` gives back."""

    api_key: ApiKey | None = loaded("api_key_id", description="The key that ended.")


@payload
class ApiKeyRollPayload(Payload):
    """What `apiKeyRoll` gives back."""

    api_key: ApiKey | None = loaded("api_key_id", description="The new key.")
    secret: str | None = plain(description="The new key itself: shown here and never again.")


@mutations
class AccessMutations:
    """Writes of access."""

    @mutation(principal_create, description="Makes a principal, without any role yet.")
    async def principal_create(self, info: Info, input: PrincipalCreateInput) -> PrincipalCreatePayload:
        """Makes a principal, without any role yet."""
        return await run(info, PrincipalCreatePayload, principal_create, input, idempotency_key=input.idempotency_key)

    @mutation(principal_disable, description="Keeps a principal from signing in, within a second.")
    async def principal_disable(self, info: Info, input: PrincipalDisableInput) -> PrincipalDisablePayload:
        """Keeps a principal from signing in, within a second."""
        return await run(info, PrincipalDisablePayload, principal_disable, input, idempotency_key=input.idempotency_key)

    @mutation(team_create, description="Makes a team.")
    async def team_create(self, info: Info, input: TeamCreateInput) -> TeamCreatePayload:
        """Makes a team."""
        return await run(info, TeamCreatePayload, team_create, input, idempotency_key=input.idempotency_key)

    @mutation(role_grant, description="Gives a principal a role. Nobody grants more than they hold.")
    async def role_grant(self, info: Info, input: RoleGrantInput) -> RoleGrantPayload:
        """Gives a principal a role. Nobody grants more than they hold."""
        return await run(info, RoleGrantPayload, role_grant, input, idempotency_key=input.idempotency_key)

    @mutation(role_revoke, description="Ends a grant, within a second.")
    async def role_revoke(self, info: Info, input: RoleRevokeInput) -> RoleRevokePayload:
        """Ends a grant, within a second."""
        return await run(info, RoleRevokePayload, role_revoke, input, idempotency_key=input.idempotency_key)

    @mutation(api_key_create, description="Makes an API key and shows its secret, once.")
    async def api_key_create(self, info: Info, input: ApiKeyCreateInput) -> ApiKeyCreatePayload:
        """Makes an API key and shows its secret, once."""
        return await run(info, ApiKeyCreatePayload, api_key_create, input, idempotency_key=input.idempotency_key)

    @mutation(api_key_revoke, description="Ends an API key in every process, within a second.")
    async def api_key_revoke(self, info: Info, input: ApiKeyRevokeInput) -> ApiKeyRevokePayload:
        """Ends an API key in every process, within a second."""
        return await run(info, ApiKeyRevokePayload, api_key_revoke, input, idempotency_key=input.idempotency_key)

    @mutation(api_key_roll, description="Makes a new key in place of an old one, which works on for a while.")
    async def api_key_roll(self, info: Info, input: ApiKeyRollInput) -> ApiKeyRollPayload:
        """Makes a new key in place of an old one, which works on for a while."""
        return await run(info, ApiKeyRollPayload, api_key_roll, input, idempotency_key=input.idempotency_key)
