"""The enums of access as the schema shows them, and the inputs of its mutations."""

from __future__ import annotations

import datetime

from arrears.access.model import PrincipalKind, PrincipalStatus, Role
from arrears.graphql.declare import describe_enum
from arrears.graphql.mutations import ID, Input, input_field, input_type

describe_enum(
    PrincipalKind,
    "What a principal is.",
    {
        "PERSON": "Someone of the agency, or of one of its clients.",
        "SERVICE": "A program.",
        "DEBTOR": "A debtor, who sees only its own row and accounts.",
    },
)
describe_enum(
    PrincipalStatus,
    "Whether a principal may sign in.",
    {"ACTIVE": "It may.", "DISABLED": "It may not, with any key or token."},
)
describe_enum(
    Role,
    "A named set of permissions.",
    {
        "ADMIN": "Everything, access itself included.",
        "MANAGER": "Works and corrects cases, books payments, imports files, sees identities in full.",
        "COLLECTOR": "Works cases; sees contact data in full and identities masked.",
        "AUDITOR": "Reads everything and the audit trail, personal data masked; changes nothing.",
        "CLIENT": "A creditor's own user: reads its own debts.",
        "DEBTOR": "A debtor: reads its own data.",
        "SERVICE": "A program of the agency: what its key's scopes name.",
    },
)


_KEY = "Makes a retry safe: the same key with the same input does nothing twice."


@input_type(description="A new principal.")
class PrincipalCreateInput(Input):
    """A new principal."""

    kind: PrincipalKind = input_field(description="What the principal is.")
    name: str = input_field(description="The name by which people know it.")
    issuer: str | None = input_field(description="Who vouches for its access tokens, exactly as in their claim `iss`.")
    subject: str | None = input_field(description="How the issuer names it, exactly as in the claim `sub`.")
    debtor_id: ID | None = input_field("dbtr", description="The debtor, for the kind DEBTOR only.")
    idempotency_key: str | None = input_field(description=_KEY)


@input_type(description="A principal to be kept from signing in.")
class PrincipalDisableInput(Input):
    """A principal to be kept from signing in."""

    principal_id: ID = input_field("prin", description="The principal.")
    version: int = input_field(description="The version that the caller has seen.")
    idempotency_key: str | None = input_field(description=_KEY)


@input_type(description="A new team.")
class TeamCreateInput(Input):
    """A new team."""

    name: str = input_field(description="The team's name.")
    idempotency_key: str | None = input_field(description=_KEY)


@input_type(description="A role for a principal, within the limits listed or everywhere.")
class RoleGrantInput(Input):
    """A role for a principal."""

    principal_id: ID = input_field("prin", description="Who gets the role.")
    role: Role = input_field(description="The role.")
    client_ids: list[ID] | None = input_field("clnt", description="Clients that the role is limited to.")
    team_ids: list[ID] | None = input_field("team", description="Teams that the role is limited to.")
    account_ids: list[ID] | None = input_field("acct", description="Accounts that the role is limited to.")
    everywhere: bool = input_field(description="Whether the role holds without any limit.", default=False)
    idempotency_key: str | None = input_field(description=_KEY)


@input_type(description="A grant to be ended.")
class RoleRevokeInput(Input):
    """A grant to be ended."""

    grant_id: ID = input_field("gran", description="The grant.")
    idempotency_key: str | None = input_field(description=_KEY)


@input_type(description="A new API key.")
class ApiKeyCreateInput(Input):
    """A new API key."""

    principal_id: ID = input_field("prin", description="Whose key it is.")
    name: str = input_field(description="What the key is for.")
    scopes: list[str] | None = input_field(
        description="The permissions it carries at most; by default what a person's roles allow now."
    )
    expires_at: datetime.datetime | None = input_field(
        description="From when on it does not work; in 90 days by default, in 366 days at the latest."
    )
    idempotency_key: str | None = input_field(description=_KEY + " The secret is not shown again.")


@input_type(description="An API key to be ended.")
class ApiKeyRevokeInput(Input):
    """An API key to be ended."""

    api_key_id: ID = input_field("akey", description="The key.")
    idempotency_key: str | None = input_field(description=_KEY)


@input_type(description="An API key to be replaced by a new one.")
class ApiKeyRollInput(Input):
    """An API key to be replaced."""

    api_key_id: ID = input_field("akey", description="The key to be replaced.")
    overlap_seconds: int | None = input_field(
        description="For how long the old key still works beside the new one; a day by default."
    )
    expires_at: datetime.datetime | None = input_field(description="From when on the new key does not work.")
    idempotency_key: str | None = input_field(description=_KEY + " The secret is not shown again.")
