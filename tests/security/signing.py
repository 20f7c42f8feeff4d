"""Principals with keys, for the tests of signing in."""

from __future__ import annotations

from uuid import UUID

import psycopg

from arrears.access.commands import PrincipalCreate, RoleGrant, principal_create, role_grant
from arrears.access.key_commands import ApiKeyCreate, api_key_create
from arrears.access.model import PrincipalKind, Role
from tests.conftest import Deployment, Server


def bearer(token: str | None) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


async def principal(deployment: Deployment, role: Role | None = Role.COLLECTOR, kind: str = "PERSON") -> UUID:
    """A principal, with a role everywhere unless None is asked for."""
    made = await principal_create(deployment.context(), PrincipalCreate(kind=PrincipalKind(kind), name=f"A {kind}"))
    if role is not None:
        change = RoleGrant(principal_id=made.result.principal_id, role=role, everywhere=True)
        await role_grant(deployment.context(), change)
    return made.result.principal_id


async def key(deployment: Deployment, owner: UUID, **fields: object) -> tuple[UUID, str]:
    """A key of the principal: its id and its secret."""
    change = ApiKeyCreate.model_validate({"principal_id": owner, "name": "test", **fields})
    result = (await api_key_create(deployment.context(), change)).result
    assert result.secret is not None
    return result.api_key_id, result.secret


async def superuser(deployment: Deployment, server: Server) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """A connection with every right that the run has."""
    database = psycopg.conninfo.conninfo_to_dict(deployment.urls.owner)["dbname"]
    url = psycopg.conninfo.make_conninfo(server.superuser_url, dbname=database)
    return await psycopg.AsyncConnection.connect(url, autocommit=True)
