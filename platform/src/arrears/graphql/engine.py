"""Answers GraphQL operations: plans what can be planned, lets graphql-core complete the rest.

A repeated operation costs a look-up of its document and its plan, the binding of its variables and one round trip;
the statement's JSON goes into the response as it comes.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import ExecutionResult, FragmentDefinitionNode, GraphQLError, execute
from graphql.execution.values import VariableValues

from arrears.graphql.build import BuiltSchema
from arrears.graphql.cache import BoundedCache
from arrears.graphql.edge.engine import Answer, GraphQLRequest, RequestContext
from arrears.graphql.edge.errors import formatted
from arrears.graphql.limits import DocumentLimits, DocumentRefused, Documents
from arrears.graphql.limits.preparation import Prepared, coerce_variables, prepare
from arrears.graphql.operation import RunningOperation
from arrears.graphql.planner.compiler import Denial
from arrears.graphql.planner.plan import Operation, Plan, Planner, Statement
from arrears.graphql.planner.runtime import Runtime, shape_of, shape_size
from arrears.graphql.resolvers import install_resolvers
from arrears.kernel.context import Context
from arrears.kernel.database import Database
from arrears.kernel.principal import Principal
from arrears.kernel.services import Services
from arrears.kernel.vault import Vault
from arrears_sdk.clock import Clock
from arrears_sdk.errors import AccessError, ErrorCode, Problem

_PLANS = 2_000
_PLAN_WEIGHT = 64_000_000
_SHAPE_PART_BYTES = 60
READ_MILLISECONDS = 2_000
"""The dearest operation that the limits let through ends within this time, by its answer or by LIMIT_EXCEEDED."""

_NO_VARIABLES = VariableValues({}, {})


class PlanningEngine:
    """One schema over one database; the `Engine` of the HTTP edge.

    With `complete_all` every planned field goes through graphql-core as well: the answer is the same, only slower.
    """

    def __init__(
        self,
        built: BuiltSchema,
        *,
        database: Database,
        clock: Clock,
        vault: Vault,
        services: Services | None = None,
        limits: DocumentLimits | None = None,
        complete_all: bool = False,
        plan_weight: int = _PLAN_WEIGHT,
    ) -> None:
        self.schema = built.strawberry._schema
        install_resolvers(self.schema, built.index)
        self.database = database
        self.clock = clock
        self.vault = vault
        self.services = services or Services()
        usual = DocumentLimits(list_sizes=built.index.list_sizes(), field_costs=built.index.field_costs())
        self.documents = Documents(self.schema, limits or usual)
        self.planner = Planner(self.schema, built.index, complete_all)
        # By weight as well: whoever varies the variables of one large operation gets a plan for each of their shapes.
        self.plans: BoundedCache[Any, Plan] = BoundedCache(_PLANS, most_weight=plan_weight, weigh=_weight)

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> Answer:
        """The answer to a request. Raises DocumentRefused and the SDK's errors for what is refused before it runs."""
        prepared = prepare(self.documents, request)
        variables = _NO_VARIABLES
        if prepared.operation.variable_definitions:
            variables = coerce_variables(self.schema, prepared.operation, request.variables)
        principal = context.principal
        plan = self.plan(prepared, request.operation_name, variables, principal)
        if plan.denials:
            raise _forbidden(plan.denials)
        runtime = Runtime(variables.coerced, self.clock.now(), principal.id, principal.scope.clients, self.vault)
        bound = _bind_early(plan, runtime)
        if plan.whole:
            return await self._planned(plan, bound, principal, prepared)
        return await self._completed(plan, bound, runtime, prepared, request, context)

    async def subscribe(self, request: GraphQLRequest, context: RequestContext) -> Answer:
        """The one answer of a query or mutation; the schema has no subscription yet."""
        return await self.execute(request, context)

    def plan(
        self, prepared: Prepared, operation_name: str | None, variables: VariableValues, principal: Principal
    ) -> Plan:
        """The plan of an operation, kept for the same operation, permissions and shape of the variables.

        Raises DocumentRefused for a variable that is null where its default made it valid.
        """
        scope = principal.scope
        narrowed = scope.kind == "limited" and bool(scope.clients) and not (scope.teams or scope.accounts)
        shape = tuple((name, shape_of(value)) for name, value in variables.coerced.items())
        key = (prepared.document, operation_name, principal.permissions, narrowed, shape)
        plan = self.plans.get(key)
        if plan is None:
            fragments = {
                definition.name.value: definition
                for definition in prepared.document.node.definitions
                if isinstance(definition, FragmentDefinitionNode)
            }
            operation = Operation(prepared.operation, fragments)
            permissions = frozenset(map(str, principal.permissions))
            try:
                plan = self.planner.plan(operation, variables, permissions, narrowed)
            except GraphQLError as error:
                raise DocumentRefused(ErrorCode.GRAPHQL_VALIDATION_FAILED, [error.with_traceback(None)]) from None
            self.plans.put(key, plan)
        return plan

    async def _planned(self, plan: Plan, bound: Mapping[str, Any], principal: Principal, prepared: Prepared) -> Answer:
        found = await self._read(plan.roots, bound, principal) if plan.roots else {}
        parts = [
            b'"%s":%s' % (key.encode(), plan.constants[key].encode() if key in plan.constants else found[key])
            for key in plan.order
        ]
        return Answer(b'{"data":{%s},"extensions":{"cost":%s}}' % (b",".join(parts), _cost(prepared)))

    async def _read(self, statement: Statement, bound: Mapping[str, Any], principal: Principal) -> dict[str, bytes]:
        rows = await self.database.read(principal.scope, statement.sql, bound, timeout_ms=READ_MILLISECONDS)
        return {key: b"null" if value is None else value for key, value in zip(statement.keys, rows[0], strict=True)}

    async def _completed(
        self,
        plan: Plan,
        bound: Mapping[str, Any],
        runtime: Runtime,
        prepared: Prepared,
        request: GraphQLRequest,
        context: RequestContext,
    ) -> Answer:
        running = RunningOperation(
            Context(
                self.database, context.principal, self.clock, self.vault, context.request_id, services=self.services
            ),
            plan,
            runtime,
        )
        if plan.roots:
            found = await self._read(plan.roots, bound, context.principal)
            running.planned = {key: orjson.loads(value) for key, value in found.items()}
        name = prepared.operation.name
        result = execute(
            self.schema, prepared.document.node, None, running, request.variables, name.value if name else None
        )
        if inspect.isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        return _finished(result, running, _cost(prepared), context.request_id)


def _weight(key: Any, plan: Plan) -> int:
    return plan.weight + _SHAPE_PART_BYTES * shape_size(key[-1])


def _cost(prepared: Prepared) -> bytes:
    return orjson.dumps(prepared.cost.extension())


def _bind_early(plan: Plan, runtime: Runtime) -> Mapping[str, Any]:
    """Bind everything now, so that a wrong id or cursor is refused before anything is done."""
    for statement in plan.loads.values():
        statement.parameters.bind(runtime)
    return plan.roots.parameters.bind(runtime) if plan.roots else {}


def _finished(result: ExecutionResult, running: RunningOperation, cost: bytes, request_id: str) -> Answer:
    errors = [formatted(error, request_id) for error in result.errors or ()]
    body: dict[str, Any] = {"data": result.data, "extensions": {"cost": orjson.Fragment(cost), **running.extensions}}
    if errors:
        if running.committed:
            # The caller must not take the write for failed because reading it back did.
            errors = [{**error, "extensions": {**_extensions(error), "committed": True}} for error in errors]
        body = {"errors": errors, **body}
    return Answer(orjson.dumps(body))


def _extensions(error: Mapping[str, object]) -> Mapping[str, object]:
    found = error["extensions"]
    assert isinstance(found, Mapping)
    return found


def _forbidden(denials: tuple[Denial, ...]) -> AccessError:
    seen = dict.fromkeys((denial.field, denial.permission) for denial in denials)
    return AccessError.of(
        [
            Problem(ErrorCode.FORBIDDEN, f"{field} needs the permission {permission}, which you do not have.")
            for field, permission in list(seen)[:20]
        ]
    )
