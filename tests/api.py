"""The API as its users see it: the whole ASGI application, with real keys, in the test's own process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from arrears.access.authentication import Authenticator
from arrears.access.commands import PrincipalCreate, RoleGrant, principal_create, role_grant
from arrears.access.key_commands import ApiKeyCreate, api_key_create
from arrears.access.model import PrincipalKind, Role
from arrears.app import Application, create_app
from arrears.app.decisions import decision_routes
from arrears.app.statements import statement_routes
from arrears.app.webhooks import webhook_routes
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.engine import PlanningEngine
from arrears.kernel.context import Context
from arrears.plugins.host import PluginHost
from arrears.schema import schema_of

PREFLIGHT = {"graphql-preflight": "1"}
# A test asks more in a second, and more at once, than anybody else; these limits have tests of their own.
UNHURRIED = EdgeSettings(requests_per_second=100_000, request_burst=100_000, max_in_flight=1_000)


def application_for(context: Context) -> Application:
    """The application of a deployment."""
    engine = PlanningEngine(
        schema_of(context.services.find(PluginHost)),
        database=context.database,
        clock=context.clock,
        vault=context.vault,
        services=context.services,
    )
    authenticate = Authenticator(context.database, context.vault).authenticate
    routes = [
        *webhook_routes(lambda: context),
        *decision_routes(context.acting_as),
        *statement_routes(context.acting_as),
    ]
    return create_app(engine, authenticate, edge=UNHURRIED, routes=routes)


@dataclass(frozen=True)
class SentFile:
    """A file among the variables of an operation, which is then sent as a multipart request."""

    name: str
    content: bytes


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
        files: dict[str, SentFile] = {}
        operation = {"query": query, "variables": _without_files(variables, "variables", files)}
        sent: dict[str, str] = {"authorization": f"Bearer {key}", **(headers or {})}
        if files:
            response = await self.http.post("/graphql", files=_parts(operation, files), headers={**PREFLIGHT, **sent})
        else:
            response = await self.http.post("/graphql", json=operation, headers=sent)
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


@asynccontextmanager
async def api_for(context: Context) -> AsyncIterator[Api]:
    """The API of a deployment as it is now, with the plugins that it has by now."""
    transport = httpx.ASGITransport(app=application_for(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://arrears.test") as client:
        yield Api(context, client)


def _without_files(value: Any, path: str, files: dict[str, SentFile]) -> Any:
    """The value with a null for each file, which is noted under its place."""
    if isinstance(value, SentFile):
        files[path] = value
        return None
    if isinstance(value, Mapping):
        return {key: _without_files(item, f"{path}.{key}", files) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_files(item, f"{path}.{place}", files) for place, item in enumerate(value)]
    return value


def _parts(operation: Mapping[str, Any], files: Mapping[str, SentFile]) -> list[Any]:
    """The parts of a multipart request in the order that the specification wants."""
    return [
        ("operations", (None, json.dumps(operation), "application/json")),
        ("map", (None, json.dumps({str(number): [path] for number, path in enumerate(files)}), "application/json")),
        *((str(number), (file.name, file.content, "text/csv")) for number, file in enumerate(files.values())),
    ]
