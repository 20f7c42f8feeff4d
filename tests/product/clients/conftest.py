"""A client, and ways to look at what is stored, for the tests of clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
import pytest

import arrears.clients.graphql as clients_graphql
from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.graphql import nodes
from arrears.graphql.build import SchemaBuilder
from arrears.graphql.edge.engine import GraphQLRequest, RequestContext
from arrears.graphql.engine import PlanningEngine
from arrears.kernel.principal import Principal
from tests.conftest import Deployment

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]
Ask = Callable[..., Awaitable[dict[str, Any]]]


def bank(reference: str = "BANK", **further: Any) -> ClientCreate:
    """First Bank of New York."""
    values: dict[str, Any] = {
        "name": "First Bank",
        "reference": reference,
        "country": "US",
        "currency": "USD",
        "time_zone": "America/New_York",
        "collector_role": CollectorRole.THIRD_PARTY,
    }
    return ClientCreate.model_validate(values | further)


@pytest.fixture
async def client_id(deployment: Deployment) -> UUID:
    """The id of First Bank."""
    return (await client_create(deployment.context(), bank())).result.client_id


@pytest.fixture
def rows(deployment: Deployment) -> Rows:
    """Runs a query as the platform, or as a principal sees it."""

    async def run(sql: str, principal: Principal | None = None) -> list[tuple[Any, ...]]:
        return await deployment.database.read((principal or Principal.system("test")).scope, sql, {})

    return run


@pytest.fixture
def ask(deployment: Deployment) -> Ask:
    """Runs a GraphQL operation over the domain of clients, as the platform."""
    engine = PlanningEngine(
        SchemaBuilder([nodes, clients_graphql]).build(),
        database=deployment.database,
        clock=deployment.clock,
        vault=deployment.vault,
    )

    async def run(query: str, **variables: object) -> dict[str, Any]:
        request = GraphQLRequest(query, None, variables)
        answer = await engine.execute(request, RequestContext(Principal.system("test"), "test"))
        body: dict[str, Any] = orjson.loads(answer.body)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    return run
