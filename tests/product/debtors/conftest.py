"""Clients, debtors and principals for the tests of debtors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import pytest

import arrears.clients.graphql as clients_graphql
import arrears.debtors.graphql as debtors_graphql
from arrears.access.model import ROLE_PERMISSIONS, Role
from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.debtors.commands import DebtorCreate, NewClientLink, NewContactPoint, NewName, NewResidence, debtor_create
from arrears.debtors.model import ContactChannel, DebtorKind
from arrears.graphql import nodes
from arrears.graphql.build import SchemaBuilder
from arrears.graphql.edge.engine import GraphQLRequest, RequestContext
from arrears.graphql.engine import PlanningEngine
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears_sdk.ids import new_id
from tests.conftest import Deployment


@dataclass(frozen=True)
class Clients:
    """Two clients of the agency: a bank in the US and a shop in Germany."""

    bank: UUID
    shop: UUID


@pytest.fixture
async def clients(deployment: Deployment) -> Clients:
    """Two clients."""
    made = []
    for name, country, currency, zone in (
        ("First Bank", "US", "USD", "America/New_York"),
        ("Schuhhaus", "DE", "EUR", "Europe/Berlin"),
    ):
        new = ClientCreate(
            name=name,
            reference=name.upper(),
            country=country,
            currency=currency,
            time_zone=zone,
            collector_role=CollectorRole.THIRD_PARTY,
        )
        made.append((await client_create(deployment.context(), new)).result.client_id)
    return Clients(*made)


def limited(role: Role, *clients: UUID, debtor: UUID | None = None) -> Principal:
    """Someone with a role who sees only the given clients, or only one debtor."""
    kind = "DEBTOR" if role is Role.DEBTOR else "PERSON"
    staff = role not in (Role.CLIENT, Role.DEBTOR)
    scope = Scope(kind="limited", staff=staff, clients=clients, debtor=debtor)
    return Principal(new_id(), kind, role.value, frozenset({role.value}), ROLE_PERMISSIONS[role], scope)


def anna(*clients: UUID, **further: Any) -> DebtorCreate:
    """Anna Müller of Chicago, known to the clients under one reference each."""
    values: dict[str, Any] = {
        "kind": DebtorKind.PERSON,
        "clients": tuple(NewClientLink(client_id=client, reference="C-1001") for client in clients),
        "names": (NewName(given_name="Anna", family_name="Müller"),),
        "residences": (NewResidence(address_lines="12 Elm Street", city="Chicago", region="IL", country="US"),),
        "contact_points": (
            NewContactPoint(channel=ContactChannel.PHONE, value="(202) 555-0143"),
            NewContactPoint(channel=ContactChannel.EMAIL, value="Anna.Mueller@Example.com"),
        ),
        "preferred_language": "en",
    }
    return DebtorCreate(**(values | further))


Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]


@pytest.fixture
def rows(deployment: Deployment) -> Rows:
    """Runs a query as the owner of everything, or as a principal sees it."""

    async def run(sql: str, parameters: dict[str, Any] | None = None, principal: Principal | None = None) -> list[Any]:
        scope = (principal or Principal.system("test")).scope
        return list(await deployment.database.read(scope, sql, parameters or {}))

    return run


@pytest.fixture
async def debtor_id(deployment: Deployment, clients: Clients) -> UUID:
    """Anna, a debtor of the bank."""
    return (await debtor_create(deployment.context(), anna(clients.bank))).result.debtor_id


Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def ask(deployment: Deployment) -> Ask:
    """Runs a GraphQL operation over the domains of clients and debtors, as the platform or as a principal."""
    engine = PlanningEngine(
        SchemaBuilder([nodes, clients_graphql, debtors_graphql]).build(),
        database=deployment.database,
        clock=deployment.clock,
        vault=deployment.vault,
    )

    async def run(query: str, principal: Principal | None = None, **variables: object) -> dict[str, Any]:
        context = RequestContext(principal or Principal.system("test"), "test")
        answer = await engine.execute(GraphQLRequest(query, None, variables), context)
        body: dict[str, Any] = orjson.loads(answer.body)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    return run
