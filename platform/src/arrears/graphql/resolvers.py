"""Resolvers of declared fields, set on the graphql-core schema: planned JSON, results of commands, loaded entities.

Strawberry builds the schema; these take the place of its attribute lookups, because planned objects are found by
response key (two aliases of one field are two values).
"""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import orjson
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema

from arrears.graphql.build import SchemaIndex
from arrears.graphql.declarations import (
    BatchedField,
    ComputedField,
    LoadedField,
    NamespaceField,
    NodeField,
    PlainField,
    PluginField,
    PluginValue,
    RootField,
)
from arrears.graphql.mutations import PayloadValue
from arrears.graphql.operation import RunningOperation
from arrears.graphql.planner.roots import TYPE_KEY, VALUE_KEY
from arrears.graphql.plugin_fields import root_value
from arrears.graphql.plugin_types import shown

ResolveInfo = GraphQLResolveInfo[Any]


def install_resolvers(schema: GraphQLSchema, index: SchemaIndex) -> None:
    """Give every planned and loaded field its resolver."""
    for name, kind in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = _type_of_node
        elif isinstance(kind, GraphQLObjectType):
            kind.is_type_of = None
            for field_name, field in kind.fields.items():
                _install(index, name, field_name, field)


def _install(index: SchemaIndex, type_name: str, field_name: str, field: GraphQLField) -> None:
    planned = index.fields.get((type_name, field_name))
    declared = planned.declared if planned else None
    if isinstance(declared, ComputedField):
        # The schema of the core is kept and may get its resolvers more than once.
        if declared.cost is not None and not isinstance(field.resolve, _Alone):
            field.resolve = _Alone(field.resolve)
        return
    if isinstance(declared, RootField):
        field.resolve = _root
    elif isinstance(declared, NodeField):
        field.resolve = _root_nodes if declared.many else _root_node
    elif isinstance(declared, PluginField):
        field.resolve = _plugin_root(declared) if declared.on is None else _extension(declared)
    elif planned is not None and isinstance(declared, BatchedField):
        field.resolve = _batched(declared, planned.name)
    elif isinstance(declared, NamespaceField):
        field.resolve = _same
    elif planned is not None and isinstance(declared, PluginValue):
        field.resolve = _plugin_value(planned.name)
    elif isinstance(declared, LoadedField):
        field.resolve = _loader(declared.attribute)
    elif planned is not None and isinstance(declared, PlainField):
        field.resolve = _attribute(planned.name)
    else:
        field.resolve = _from_source(_snake(field_name))


@dataclasses.dataclass(frozen=True)
class _Alone:
    """The resolver of a dear field, which waits for the other dear fields of its operation."""

    resolver: Any

    async def __call__(self, source: Any, info: ResolveInfo, **arguments: Any) -> Any:
        operation: RunningOperation = info.context
        async with operation.alone:
            return await self.resolver(source, info, **arguments)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _from_source(python_name: str) -> Any:
    def resolve(source: Any, info: ResolveInfo, **_: Any) -> Any:
        return _picked(source, info, python_name)

    return resolve


def _picked(source: Any, info: ResolveInfo, python_name: str) -> Any:
    if isinstance(source, _Node):
        source = source.value
    if isinstance(source, dict):
        key = str(info.path.key)
        return source[key] if key in source else source[info.field_name]
    return getattr(source, python_name)


def _attribute(python_name: str) -> Any:
    def resolve(source: Any, info: ResolveInfo) -> Any:
        if isinstance(source, PayloadValue):
            if python_name == "user_errors":
                return source.user_errors
            source = source.result
        return None if source is None else _picked(source, info, python_name)

    return resolve


def _same(source: Any, _: ResolveInfo) -> Any:
    return source


def _plugin_root(declared: PluginField) -> Any:
    async def resolve(_: Any, info: ResolveInfo, **arguments: Any) -> Any:
        return await root_value(info.context, declared, {_snake(name): value for name, value in arguments.items()})

    return resolve


def _extension(declared: PluginField) -> Any:
    def resolve(source: Any, info: ResolveInfo) -> Any:
        operation: RunningOperation = info.context
        return operation.batches.load(declared, source)

    return resolve


def _batched(declared: BatchedField, python_name: str) -> Any:
    def resolve(source: Any, info: ResolveInfo, **arguments: Any) -> Any:
        operation: RunningOperation = info.context
        marker = _picked(source, info, python_name)
        return operation.asking.load(declared, marker["id"], {_snake(name): value for name, value in arguments.items()})

    return resolve


def _plugin_value(python_name: str) -> Any:
    def resolve(source: Any, _: ResolveInfo) -> Any:
        return shown(getattr(source, python_name))

    return resolve


def _root(_: Any, info: ResolveInfo, **__: Any) -> Any:
    operation: RunningOperation = info.context
    return operation.planned[str(info.path.key)]


@dataclasses.dataclass(frozen=True)
class _Node:
    """A planned object together with the name of its type."""

    type_name: str
    value: dict[str, Any]


def _node(found: Any) -> _Node | None:
    return None if found is None else _Node(found[TYPE_KEY], found[VALUE_KEY])


def _root_node(source: Any, info: ResolveInfo, **_: Any) -> Any:
    return _node(_root(source, info))


def _root_nodes(source: Any, info: ResolveInfo, **_: Any) -> Any:
    return [_node(found) for found in _root(source, info)]


def _type_of_node(value: Any, _: ResolveInfo, __: Any) -> str:
    return str(value.type_name)


def _loader(attribute: str) -> Any:
    async def resolve(source: Any, info: ResolveInfo) -> Any:
        result = source.result if isinstance(source, PayloadValue) else source
        result_id: UUID | None = None if result is None else getattr(result, attribute)
        if result_id is None:
            return None
        operation: RunningOperation = info.context
        path = tuple(str(step) for step in info.path.as_list() if isinstance(step, str))
        statement = operation.plan.loads[path]
        context = operation.context
        rows = await context.database.read(
            context.principal.scope, statement.sql, statement.parameters.bind(operation.runtime_for(result_id))
        )
        found = rows[0][0]
        return None if found is None else orjson.loads(found)

    return resolve
