"""One server process of the worklist benchmark: `python -m benchmarks.servers bare|planner|peer URL PORT`."""

from __future__ import annotations

import asyncio
import datetime
import os
import sys
from typing import Any
from uuid import UUID

import psycopg
import uvicorn
import uvloop
from graphql.execution.values import VariableValues
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from arrears.access.authentication import Authenticator
from arrears.app import create_app
from arrears.graphql.edge.engine import GraphQLRequest
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.engine import PlanningEngine
from arrears.graphql.limits.preparation import coerce_variables, prepare
from arrears.graphql.planner.runtime import Runtime
from arrears.kernel.clock import PlatformClock
from arrears.kernel.database import Database
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.principal import Principal
from arrears.kernel.vault import Vault
from arrears.schema import core_schema
from benchmarks.peer import SCOPE, peer_app

KEYS_VARIABLE = "ARREARS_BENCHMARK_KEYS"
CONNECTIONS = 4
QUERY = """query Worklist($first: Int!, $before: Date!) {
  accounts(first: $first, where: {dueOn: {lt: $before}}, orderBy: {field: DUE_ON, direction: DESC}) {
    nodes {
      id reference status dueOn daysPastDue balance { amount currency } client { id name }
      debtor { id displayName contactPoints(first: 10) { nodes { channel value } } }
      parties(first: 10) { nodes { role name } }
      interactions(first: 5) { nodes { startedAt channel result } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
VARIABLES: dict[str, Any] = {"first": 50, "before": "2025-09-01"}


def engine_over(database: Database) -> PlanningEngine:
    """The platform's engine."""
    vault = Vault(DeploymentKeys.parse(os.environ[KEYS_VARIABLE]))
    return PlanningEngine(core_schema(), database=database, clock=PlatformClock(database), vault=vault)


def bare_app(database: Database, url: str) -> Starlette:
    """The floor: the planner's own statement, from a bare route over a psycopg pool, under the same scope."""
    engine = engine_over(database)
    prepared = prepare(engine.documents, GraphQLRequest(QUERY, variables=VARIABLES))
    coerced: VariableValues = coerce_variables(engine.schema, prepared.operation, VARIABLES)
    statement = engine.plan(prepared, None, coerced, Principal.system("benchmark")).roots
    assert statement is not None
    settings = {name: value for name, value in SCOPE.settings().items() if value}
    scope = "select " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())
    pool = AsyncConnectionPool(
        url,
        min_size=CONNECTIONS,
        max_size=CONNECTIONS,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0, "options": "-c jit=off"},
        configure=_raw_json,
    )

    async def answer(request: Request) -> Response:
        """The statement's JSON as it comes."""
        if request.method == "POST":
            await request.body()
        now = datetime.datetime.now(datetime.UTC)
        bound = statement.parameters.bind(Runtime(coerced.coerced, now, UUID(int=1), (), engine.vault))
        await pool.open()
        async with pool.connection() as connection:
            async with connection.pipeline():
                await connection.execute(scope.encode())
                cursor = await connection.execute(statement.sql.encode(), bound)
            rows = await cursor.fetchall()
        return Response(rows[0][0], media_type="application/json")

    return Starlette(routes=[Route("/graphql", answer, methods=["GET", "POST"])])


async def _raw_json(connection: psycopg.AsyncConnection[Any]) -> None:
    class Raw(psycopg.adapt.Loader):
        def load(self, data: Any) -> bytes:
            return bytes(data)

    connection.adapters.register_loader("json", Raw)


def planner_app(database: Database) -> Any:
    """The platform itself, with its limits but a rate that does not end the measurement."""
    engine = engine_over(database)
    edge = EdgeSettings(requests_per_second=1_000_000, request_burst=1_000_000)
    return create_app(engine, Authenticator(database, engine.vault).authenticate, edge=edge)


async def main(kind: str, url: str, port: int) -> None:
    """Serve until terminated."""
    async with Database(url, application_name=f"benchmark-{kind}", pool_size=CONNECTIONS) as database:
        app = {"bare": lambda: bare_app(database, url), "peer": lambda: peer_app(database)}.get(
            kind, lambda: planner_app(database)
        )()
        config = uvicorn.Config(
            app, port=port, log_level="warning", access_log=False, lifespan="off", loop="uvloop", http="httptools"
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
