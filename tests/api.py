"""The API as its users see it: the whole ASGI application, with real keys, in the test's own process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from arrears.access.authentication import Authenticator
from arrears.access.commands import PrincipalCreate, RoleGrant, principal_create, role_grant
from arrears.access.key_commands import ApiKeyCreate, api_key_create
from arrears.access.model import PrincipalKind, Role
from arrears.app import Application, create_app
from arrears.graphql.engine import PlanningEngine
from arrears.kernel.context import Context
from arrears.schema import core_schema


def application_for(context: Context) -> Application:
    """The application of a deployment."""
    engine = PlanningEngine(core_schema(), database=context.database, clock=context.clock, vault=context.vault)
    return create_app(engine, Authenticator(context.database, context.vault).authenticate)


@dataclass
class Api:
    """Callable with a query, its variables and who asks: a role (everywhere, unless limited by `sign_in`) or a key."""

    context: Context
    http: httpx.AsyncClient
    keys: dict[str, str] = field(default_factory=dict)

    async def __call__(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        role: str = "ADMIN",
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The response object of an operation."""
        if key is None:
            key = self.keys.get(role) or await self.sign_in(role)
        response = await self.http.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {key}", **(headers or {})},
        )
        found: dict[str, Any] = response.json()
        return found

    async def sign_in(
        self,
        role: str,
        *,
        clients: Sequence[UUID] = (),
        teams: Sequence[UUID] = (),
        accounts: Sequence[UUID] = (),
        debtor: UUID | None = None,
        scopes: Sequence[str] = (),
    ) -> str:
        """The key of a new principal with a role, remembered for calls with that role."""
        kind = PrincipalKind.DEBTOR if debtor else PrincipalKind.SERVICE if role == "SERVICE" else PrincipalKind.PERSON
        made = await principal_create(
            self.context, PrincipalCreate(kind=kind, name=f"{role} of the test", debtor_id=debtor)
        )
        principal_id = made.result.principal_id
        if debtor is None:
            limited = bool(clients or teams or accounts)
            grant = RoleGrant(
                principal_id=principal_id,
                role=Role(role),
                client_ids=list(clients),
                team_ids=list(teams),
                account_ids=list(accounts),
                everywhere=not limited,
            )
            await role_grant(self.context, grant)
        issued = await api_key_create(
            self.context, ApiKeyCreate(principal_id=principal_id, name="test", scopes=list(scopes) or None)
        )
        secret = issued.result.secret
        assert secret is not None
        self.keys[role] = secret
        return secret
