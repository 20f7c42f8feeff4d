"""A small schema with an engine of plain graphql-core, so that the edge is tested apart from the planner."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import orjson
from graphql import ExecutionResult, GraphQLSchema, build_schema, execute, subscribe

from arrears.graphql.edge.engine import Answer, GraphQLRequest, RequestContext, Upload
from arrears.graphql.edge.errors import formatted
from arrears.graphql.limits import DocumentLimits, Documents
from arrears.graphql.limits.preparation import Prepared, coerce_variables, prepare
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears_sdk.errors import AccessError, ErrorCode, FaultError, InputError

SDL = '''
"""A file of a multipart request."""
scalar Upload

type Query {
  hello(name: String = "world"): String!
  echo(value: Int!): Int!
  people(first: Int, last: Int): PersonConnection!
  nodes(ids: [ID!]!): [Person]!
  slow(seconds: Float!): String!
  refused: String
  fault: String
  broken: String
  whoAmI: String!
}

type Mutation {
  rename(name: String!): String!
  attach(file: Upload!, others: [Upload!]): String!
}

type Subscription {
  count(to: Int!): Int!
  forever: Int!
  breaking: Int!
}

type PersonConnection {
  edges: [PersonEdge!]!
  nodes: [Person!]!
  totalCount: Int!
}

type PersonEdge {
  cursor: String!
  node: Person!
}

type Person {
  id: ID!
  name: String!
  friends(first: Int, last: Int): PersonConnection!
  nicknames: [String!]!
}
'''
GOOD_TOKEN = "Bearer good-token"
PERSON = Principal(
    id=UUID("0192f3a4-0000-7000-8000-000000000001"),
    kind="PERSON",
    name="Ada",
    roles=frozenset({"ADMIN"}),
    permissions=frozenset({"*"}),
    scope=Scope.everything(),
    credential="akey_1",
)


def person(id: str = "1") -> dict[str, Any]:
    """One person, whose friends are friends of its own."""
    return {"id": id, "name": f"Person {id}", "nicknames": ["P"], "friends": lambda info, **page: people(info, **page)}


def people(info: Any, first: int | None = None, last: int | None = None) -> dict[str, Any]:
    """A page of people."""
    nodes = [person(str(number)) for number in range(min(first or last or 2, 3))]
    return {"nodes": nodes, "edges": [{"cursor": node["id"], "node": node} for node in nodes], "totalCount": 3}


async def sleep(info: Any, seconds: float) -> str:
    """Takes its time."""
    await asyncio.sleep(seconds)
    return "done"


def refuse(info: Any) -> str:
    """An error the caller may read."""
    raise InputError("That is not possible.", code=ErrorCode.INVALID_INPUT)


def fault(info: Any) -> str:
    """An error of the platform's own."""
    raise FaultError("the secret inner state is 4711")


def break_down(info: Any) -> str:
    """A mistake in the program."""
    raise ZeroDivisionError("the secret inner state is 4711")


def attach(info: Any, file: Upload, others: list[Upload] | None = None) -> str:
    """Says what came."""
    files = [file, *(others or [])]
    return "; ".join(f"{each.filename} {each.content_type} {each.size} {each.file.read()!r}" for each in files)


async def count(info: Any, to: int) -> AsyncIterator[dict[str, int]]:
    """Counts from one."""
    for number in range(1, to + 1):
        yield {"count": number}


async def forever(info: Any) -> AsyncIterator[dict[str, int]]:
    """Sends one number, then waits for good; says when it is let go."""
    try:
        yield {"forever": 1}
        await asyncio.Event().wait()
    finally:
        LET_GO.append("forever")


async def breaking(info: Any) -> AsyncIterator[dict[str, int]]:
    """Sends one number, then fails."""
    yield {"breaking": 1}
    raise ZeroDivisionError("the secret inner state is 4711")


LET_GO: list[str] = []
ROOT: dict[str, Any] = {
    "hello": lambda info, name: f"Hello {name}",
    "echo": lambda info, value: value,
    "people": people,
    "nodes": lambda info, ids: [person(id) for id in ids],
    "slow": sleep,
    "refused": refuse,
    "fault": fault,
    "broken": break_down,
    "whoAmI": lambda info: info.context.principal.name,
    "rename": lambda info, name: name,
    "attach": attach,
    "count": count,
    "forever": forever,
    "breaking": breaking,
}


def sample_schema() -> GraphQLSchema:
    """The schema, with uploads taken as they are."""
    schema = build_schema(SDL)
    upload: Any = schema.type_map["Upload"]
    upload.coerce_input_value = upload.parse_value = lambda value: value
    return schema


class SampleEngine:
    """An engine like any other, without plans."""

    def __init__(self, limits: DocumentLimits | None = None) -> None:
        self.schema = sample_schema()
        self.documents = Documents(self.schema, limits or DocumentLimits())
        self.executed: list[str] = []

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> Answer:
        """The answer to a query or mutation."""
        prepared = prepare(self.documents, request)
        coerce_variables(self.schema, prepared.operation, request.variables)
        return await self._run(prepared, request, context)

    async def subscribe(self, request: GraphQLRequest, context: RequestContext) -> AsyncIterator[Answer] | Answer:
        """The answers of a subscription, or the one of anything else."""
        prepared = prepare(self.documents, request, streaming=True)
        coerce_variables(self.schema, prepared.operation, request.variables)
        if prepared.kind.value != "subscription":
            return await self._run(prepared, request, context)
        found = subscribe(self.schema, prepared.document.node, ROOT, context, request.variables, request.operation_name)
        results = await found if inspect.isawaitable(found) else found
        if isinstance(results, ExecutionResult):
            return finished(results, prepared, context)
        return relay(results, prepared, context)

    async def _run(self, prepared: Prepared, request: GraphQLRequest, context: RequestContext) -> Answer:
        self.executed.append(request.query)
        result = execute(self.schema, prepared.document.node, ROOT, context, request.variables, request.operation_name)
        if inspect.isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        return finished(result, prepared, context)


async def relay(results: Any, prepared: Prepared, context: RequestContext) -> AsyncIterator[Answer]:
    """Answers from results; the source is closed with it."""
    try:
        async for result in results:
            yield finished(result, prepared, context)
    finally:
        await results.aclose()


def finished(result: ExecutionResult, prepared: Prepared, context: RequestContext) -> Answer:
    """The answer of a result."""
    body: dict[str, object] = {"data": result.data, "extensions": {"cost": prepared.cost.extension()}}
    if result.errors:
        body["errors"] = [formatted(error, context.request_id) for error in result.errors]
    return Answer(orjson.dumps(body))


class SampleAuthenticator:
    """Knows the tokens it is told of; a token can be revoked, or the whole thing broken."""

    def __init__(self) -> None:
        self.principals: dict[str, Principal] = {GOOD_TOKEN: PERSON}
        self.failure: Exception | None = None
        self.asked = 0

    async def __call__(self, headers: Mapping[str, str]) -> Principal | None:
        """The principal of a known token."""
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        authorization = headers.get("authorization")
        if authorization is None:
            return None
        principal = self.principals.get(authorization)
        if principal is None:
            raise AccessError("The credential is unknown or no longer valid.", code=ErrorCode.UNAUTHENTICATED)
        return principal
