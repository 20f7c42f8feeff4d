"""Plans: an operation checked and compiled once for a role and a shape of variables, bound to each request's values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues

from arrears.graphql.build import SchemaIndex
from arrears.graphql.declarations import LoadedField, NodeField, RootField
from arrears.graphql.planner.compiler import Compiler, Denial, fragment_details
from arrears.graphql.planner.roots import root_field
from arrears.graphql.planner.runtime import Parameters, slotted

_PLAN_BYTES = 2_000
_PARAMETER_BYTES = 400
_DENIAL_BYTES = 200


@dataclasses.dataclass(frozen=True)
class Statement:
    """One SQL statement that gives the JSON text of one or more response keys."""

    keys: tuple[str, ...]
    sql: str
    parameters: Parameters


@dataclasses.dataclass(frozen=True)
class Plan:
    """How an operation is answered.

    `roots` is the statement of the planned root fields; `constants` are root keys known beforehand (`__typename`);
    `whole` says that these two are the whole answer. `loads` are the statements of payload fields, by response path.
    """

    order: tuple[str, ...]
    roots: Statement | None
    constants: Mapping[str, str]
    whole: bool
    loads: Mapping[tuple[str, ...], Statement]
    denials: tuple[Denial, ...]

    @property
    def weight(self) -> int:
        """About how many bytes the plan holds in memory."""
        statements = [*self.loads.values(), *([self.roots] if self.roots else [])]
        held = sum(
            len(statement.sql) + _PARAMETER_BYTES * len(statement.parameters.getters) for statement in statements
        )
        return _PLAN_BYTES + held + _DENIAL_BYTES * len(self.denials)


@dataclasses.dataclass(frozen=True)
class Operation:
    """One operation of a document, with what compiling it needs."""

    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]


@dataclasses.dataclass
class Planner:
    """Compiles operations of one schema."""

    schema: GraphQLSchema
    index: SchemaIndex
    complete_all: bool = False

    def plan(
        self, operation: Operation, variables: VariableValues, permissions: frozenset[str], narrowed: bool
    ) -> Plan:
        """The plan of an operation; InputError for page sizes and node ids that no plan can have."""
        shaped = VariableValues(
            variables.sources, {name: slotted(value, (name,)) for name, value in variables.coerced.items()}
        )

        def compiler() -> Compiler:
            return Compiler(
                self.schema,
                self.index,
                fragment_details(operation.fragments),
                operation.node,
                shaped,
                permissions,
                narrowed,
            )

        if operation.node.operation is OperationType.QUERY:
            plan, extended = self._query(compiler(), self.complete_all)
            # Only after compiling is it known whether plugins fill in fields somewhere; then Python completes it all.
            return self._query(compiler(), True)[0] if extended and plan.whole else plan
        return self._other(operation, compiler)

    def _query(self, compiler: Compiler, complete: bool) -> tuple[Plan, bool]:
        constants: dict[str, str] = {}
        expressions: dict[str, str] = {}
        left: dict[str, list[FieldDetails]] = {}
        selected = compiler.roots("Query")
        whole = not complete and all(self._is_planned(details) for details in selected.values())
        compiler.typed = not whole
        for key, details in selected.items():
            name = details[0].node.name.value
            planned = self.index.fields.get(("Query", name))
            if name == "__typename":
                constants[key] = '"Query"'
            elif planned is not None and isinstance(planned.declared, RootField | NodeField):
                expressions[key] = root_field(compiler, name, planned, details)
            else:
                left[key] = details
        statement = _statement(expressions, compiler) if expressions else None
        loads: dict[tuple[str, ...], Statement] = {}
        denials = list(compiler.denials)
        for key, details in left.items():
            denials += self._walk(compiler, "Query", key, details, (), loads)
        return Plan(tuple(selected), statement, constants, whole, loads, tuple(denials)), compiler.extended

    def _is_planned(self, details: list[FieldDetails]) -> bool:
        name = details[0].node.name.value
        planned = self.index.fields.get(("Query", name))
        return name == "__typename" or (planned is not None and isinstance(planned.declared, RootField | NodeField))

    def _other(self, operation: Operation, make: Any) -> Plan:
        compiler = make()
        name = "Mutation" if operation.node.operation is OperationType.MUTATION else "Subscription"
        selected = compiler.roots(name)
        loads: dict[tuple[str, ...], Statement] = {}
        denials: list[Denial] = []
        for key, details in selected.items():
            denials += self._walk(compiler, name, key, details, (), loads)
        return Plan(tuple(selected), None, {}, False, loads, tuple(denials))

    def _walk(
        self,
        compiler: Compiler,
        type_name: str,
        key: str,
        details: list[FieldDetails],
        path: tuple[str, ...],
        loads: dict[tuple[str, ...], Statement],
    ) -> list[Denial]:
        """Check a field that Python answers, and everything under it; compile the entities it will load."""
        name = details[0].node.name.value
        if name.startswith("__"):
            return []
        planned = self.index.fields.get((type_name, name))
        inner = Compiler(
            self.schema,
            self.index,
            compiler.fragments,
            compiler.operation,
            compiler.variables,
            compiler.permissions,
            False,
        )
        if planned is not None:
            inner.require(planned.declared.permission, f"{type_name}.{name}")
            if isinstance(planned.declared, LoadedField):
                entity = self.index.entities[planned.target or ""]
                made = inner.entity_by_id(entity, lambda runtime: runtime.result_id, details)
                loads[(*path, key)] = _statement({key: made}, inner)
                return inner.denials
        found = list(inner.denials)
        field = compiler.object_type(type_name).fields[name]
        for possible in self._possible(get_named_type(field.type)):
            for child, grouped in compiler.selected(possible, details).items():
                found += self._walk(compiler, possible, child, grouped, (*path, key), loads)
        return found

    def _possible(self, kind: Any) -> list[str]:
        if isinstance(kind, GraphQLObjectType):
            return [kind.name]
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            return [possible.name for possible in self.schema.get_possible_types(kind)]
        return []


def _statement(expressions: Mapping[str, str], compiler: Compiler) -> Statement:
    columns = ", ".join(expressions.values())
    return Statement(tuple(expressions), f"select {columns}", compiler.parameters)
