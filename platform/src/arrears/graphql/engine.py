"""Answers GraphQL operations: plans what can be planned, lets graphql-core complete the rest.

A repeated operation costs a look-up of its document and its plan, the binding of its variables and one round trip;
the statement's JSON goes into the response as it comes.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import ExecutionResult, execute
from graphql.execution.values import VariableValues

from arrears.graphql.build import BuiltSchema
from arrears.graphql.cache import BoundedCache
from arrears.graphql.edge.engine import Answer, GraphQLRequest, RequestContext
from arrears.graphql.failures import denied, from_error, request_error
from arrears.graphql.limits import DocumentLimits, DocumentRefused, Documents
from arrears.graphql.limits.preparation import Prepared, coerce_variables, prepare
from arrears.graphql.operation import RunningOperation
from arrears.graphql.planner.plan import Operation, Plan, Planner, Statement
from arrears.graphql.planner.runtime import Runtime, shape_of
from arrears.graphql.resolvers import install_resolvers
from arrears.kernel.context import Context
from arrears.kernel.database import Database
from arrears.kernel.principal import Principal
from arrears.kernel.vault import Vault
from arrears_sdk.clock import Clock
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError

_PLANS = 2_000
_NO_VARIABLES = VariableValues({}, {})


class Engine:
    """One schema over one database."""

    def __init__(
        self,
        built: BuiltSchema,
        *,
        database: Database,
        clock: Clock,
        vault: Vault,
        limits: DocumentLimits | None = None,
    ) -> None:
        self.schema = built.strawberry._schema
        install_resolvers(self.schema, built.index)
        self.database = database
        self.clock = clock
        self.vault = vault
        self.documents = Documents(self.schema, limits or DocumentLimits())
        self.planner = Planner(self.schema, built.index)
        self._plans: BoundedCache[Any, tuple[Plan, bytes]] = BoundedCache(_PLANS)

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> Answer:
        """The answer to a request; every error carries a code and the request's id."""
        principal = context.principal
        if principal is None:
            return request_error([_unauthenticated()], context.request_id, status=401)
        try:
            prepared = prepare(self.documents, request)
            variables = self._coerced(prepared, request)
            plan = self._plan(prepared, variables, principal)
            if plan.denials:
                return denied(plan.denials, context.request_id)
            runtime = self._runtime(principal, variables)
            bound = _bind_early(plan, runtime)
            if plan.whole:
                return await self._planned(plan, bound, principal, prepared)
            return await self._completed(prepared, plan, bound, runtime, request, context, principal)
        except DocumentRefused as error:
            return refused(error, context.request_id)
        except ArrearsError as error:
            return from_error(error, context.request_id)

    async def subscribe(self, request: GraphQLRequest, context: RequestContext) -> Answer:
        """The schema has no subscriptions yet: the operation is refused by validation, or answered once."""
        return await self.execute(request, context)

    def _coerced(self, prepared: Prepared, request: GraphQLRequest) -> VariableValues:
        if not prepared.operation.variable_definitions:
            return _NO_VARIABLES
        return coerce_variables(self.schema, prepared.operation, request.variables)

    def _plan(self, prepared: Prepared, variables: VariableValues, principal: Principal) -> Plan:
        scope = principal.scope
        narrowed = scope.kind == "limited" and bool(scope.clients) and not (scope.teams or scope.accounts)
        shape = tuple((name, shape_of(value)) for name, value in variables.coerced.items())
        key = (prepared.document, request_name, principal.permissions, narrowed, shape)
        plan = self._plans.get(key)
        if plan is None:
            operation = Operation(prepared.operation, prepared.document.fragments)
            plan = self.planner.plan(operation, variables, frozenset(map(str, principal.permissions)), narrowed)
            self._plans.put(key, plan)
        return plan

    def _runtime(self, principal: Principal, variables: VariableValues) -> Runtime:
        return Runtime(variables.coerced, self.clock.now(), principal.id, principal.scope.clients)

    async def _planned(self, plan: Plan, bound: Mapping[str, Any], principal: Principal, cost: bytes) -> Answer:
        found = await self._read(plan.roots, bound, principal) if plan.roots else {}
        parts = [
            b'"%s":%s' % (key.encode(), plan.constants[key].encode() if key in plan.constants else found[key])
            for key in plan.order
        ]
        return Answer(body=b'{"data":{%s},"extensions":%s}' % (b",".join(parts), cost))

    async def _read(self, statement: Statement, bound: Mapping[str, Any], principal: Principal) -> dict[str, bytes]:
        rows = await self.database.read(principal.scope, statement.sql, dict(bound))
        return {key: b"null" if value is None else value for key, value in zip(statement.keys, rows[0], strict=True)}

    async def _completed(
        self,
        document: Document,
        plan: Plan,
        bound: Mapping[str, Any],
        runtime: Runtime,
        variables: VariableValues,
        request: GraphQLRequest,
        context: RequestContext,
        principal: Principal,
        cost: bytes,
    ) -> Answer:
        running = RunningOperation(
            Context(self.database, principal, self.clock, self.vault, context.request_id),
            plan,
            runtime,
            uploads=dict(request.uploads or {}),
        )
        if plan.roots:
            found = await self._read(plan.roots, bound, principal)
            running.planned = {key: orjson.loads(value) for key, value in found.items()}
        result = execute(
            self.schema,
            document.ast,
            None,
            running,
            {name: (request.variables or {})[name] for name in (request.variables or {})},
            document.operation.name.value if document.operation.name else None,
        )
        if inspect.isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        return _finished(result, running, cost, context.request_id)


def _bind_early(plan: Plan, runtime: Runtime) -> Mapping[str, Any]:
    """Bind everything now, so that a wrong id or cursor is refused before anything is done."""
    for statement in plan.loads.values():
        statement.parameters.bind(runtime)
    return plan.roots.parameters.bind(runtime) if plan.roots else {}


def _finished(result: ExecutionResult, running: RunningOperation, cost: bytes, request_id: str) -> Answer:
    from arrears.graphql.failures import field_errors

    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = field_errors(result.errors, request_id, committed=running.committed)
    body["data"] = result.data
    body["extensions"] = {**orjson.loads(cost), **running.extensions}
    return Answer(body=orjson.dumps(body))


def _unauthenticated() -> InputError:
    return InputError(
        "Say who you are: an `Authorization: Bearer ...` header with an API key or a token.",
        code=ErrorCode.UNAUTHENTICATED,
    )
