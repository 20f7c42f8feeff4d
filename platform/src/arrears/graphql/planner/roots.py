"""Root fields: one entity, a connection, `node` and `nodes`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql.execution.collect_fields import FieldDetails

from arrears.graphql.build import Entity, Planned
from arrears.graphql.declarations import Argument, NodeField, RootField
from arrears.graphql.planner.compiler import Compiler, Row
from arrears.graphql.planner.connections import ConnectionSource, connection
from arrears.graphql.planner.runtime import Slot, current, getter, id_getter
from arrears.graphql.planner.source import SourceRequest
from arrears_sdk.errors import ErrorCode, InputError
from arrears_sdk.ids import prefix_of

MOST_NODES = 100
TYPE_KEY = "type"
VALUE_KEY = "value"


def root_field(compiler: Compiler, name: str, planned: Planned, details: list[FieldDetails]) -> str:
    """The SQL expression of a planned root field's JSON."""
    arguments = compiler.arguments("Query", details[0])
    declared = planned.declared
    compiler.require(declared.permission, f"Query.{name}")
    if isinstance(declared, NodeField):
        return (
            _nodes(compiler, arguments["ids"], details) if declared.many else _node(compiler, arguments["id"], details)
        )
    assert isinstance(declared, RootField)
    entity = compiler.index.entities[planned.target or ""]
    if not declared.many and declared.source is None:
        return compiler.entity_by_id(entity, id_getter(arguments["id"], entity.prefix), details)
    source = _source(compiler, entity, declared, arguments)
    if declared.many:
        return connection(compiler, entity, source, arguments, declared.order, details)
    made = compiler.object(entity.name, source.row, details)
    where = f" where {' and '.join(source.conditions)}" if source.conditions else ""
    return f"(select {made} from {source.table} {source.row.alias}{where} limit 1)"


def _source(compiler: Compiler, entity: Entity, declared: RootField, arguments: dict[str, Any]) -> ConnectionSource:
    own = {argument.name: argument for argument in declared.arguments}
    given = {name: arguments.get(_graphql_name(name)) for name in own}
    placeholders: dict[str, str] = {}

    def placeholder(name: str) -> str | None:
        value = given[name]
        if current(value) is None:
            return None
        if name not in placeholders:
            argument = own[name]
            find = id_getter(value, argument.prefix) if argument.prefix else getter(value)
            placeholders[name] = compiler.parameters.add(find, argument.sql_type)
        return placeholders[name]

    def computed(make: Callable[..., Any], sql_type: str, names: tuple[str, ...]) -> str:
        finders = [getter(given[name]) for name in names]
        return compiler.parameters.add(
            lambda runtime: make(runtime.vault, *(find(runtime) for find in finders)), sql_type
        )

    table = entity.table
    if declared.source is not None:
        request = SourceRequest(
            placeholder,
            lambda name: current(given[name]),
            compiler.now(),
            compiler.principal(),
            compiler.require,
            computed,
        )
        table = declared.source(request)
    alias = compiler.alias()
    row = Row(alias, entity.name, _as_of(entity, own, placeholder, alias))
    conditions: list[str] = []
    if compiler.narrowed and entity.scope_column:
        # Row-level security hides other clients' rows already; said again in the statement, an index serves it.
        scope = compiler.parameters.shared("clients", lambda runtime: list(runtime.clients), "uuid[]")
        conditions.append(f"{row.alias}.{entity.scope_column} = any({scope})")
    return ConnectionSource(table, conditions, row)


def _as_of(
    entity: Entity, own: Mapping[str, Argument], placeholder: Callable[[str], str | None], alias: str
) -> str | None:
    """The day that a root field is asked for: `as_of`, else the row's own day of the instant `known_at`."""
    day = placeholder("as_of") if "as_of" in own else None
    instant = placeholder("known_at") if "known_at" in own else None
    if day is not None or instant is None or entity.as_of is None:
        return day
    return "(" + entity.as_of.replace("{now}", instant).replace("{row}", alias) + ")"


def _graphql_name(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def _entity_of(compiler: Compiler, text: Any) -> Entity:
    prefix = prefix_of(text)
    name = compiler.index.prefixes.get(prefix)
    if name is None:
        raise InputError(f"{text!s:.60} is not an id that this platform gave out.", code=ErrorCode.INVALID_ID)
    return compiler.index.entities[name]


def _node(compiler: Compiler, value: Any, details: list[FieldDetails]) -> str:
    entity = _entity_of(compiler, current(value))
    compiler.require(entity.permission, f"Query.node ({entity.name})")
    made = compiler.entity_by_id(entity, id_getter(value, entity.prefix), details)
    if not compiler.typed:
        return made
    # graphql-core, which completes this answer, has to learn which type it is.
    named = f"json_build_object('{TYPE_KEY}', '{entity.name}', '{VALUE_KEY}', j)"
    return f"(select {named} from (select {made} as j) found where j is not null)"


def _nodes(compiler: Compiler, value: Any, details: list[FieldDetails]) -> str:
    if isinstance(value, Slot):
        items: list[Any] = [Slot((*value.path, place), item) for place, item in enumerate(value.value)]
    else:
        items = list(value)
    if len(items) > MOST_NODES:
        raise InputError(
            f"`nodes` takes at most {MOST_NODES} ids; {len(items)} were given.", code=ErrorCode.LIMIT_EXCEEDED
        )
    made = [_node(compiler, item, details) for item in items]
    # One call takes at most 100 arguments; `nodes` takes at most as many ids.
    return f"json_build_array({', '.join(made)})"
