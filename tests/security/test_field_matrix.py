"""The role by field matrix, whole: every field is allowed or refused as its directive and the roles say."""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
)
from graphql.execution.values import VariableValues

from arrears.access.model import ROLE_PERMISSIONS, Permission, Role
from arrears.graphql.planner.plan import Operation, Planner
from arrears.schema import core_schema

BUILT = core_schema()
SCHEMA = BUILT.strawberry._schema
SCALARS = {
    "Int": "1", "Boolean": "true", "Date": '"2026-01-01"', "DateTime": '"2026-01-01T00:00:00Z"', "Decimal": '"1"',
    "CurrencyCode": '"EUR"', "String": '"x"', "JSON": "{}", "Upload": '"x"',
}  # fmt: skip


def directive(field: GraphQLField) -> str:
    """The permission that the SDL shows at a field."""
    definition = field.extensions["strawberry-definition"]
    (found,) = (item.requires for item in definition.directives if type(item).__name__ == "PermissionDirective")
    return str(found)


def literal(kind: Any, name: str = "") -> str:
    """The shortest valid value of an input type."""
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type, name)
    if isinstance(kind, GraphQLList):
        return f"[{literal(kind.of_type, name)}]"
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = {key: item for key, item in kind.fields.items() if isinstance(item.type, GraphQLNonNull)}
        return "{" + ", ".join(f"{key}: {literal(item.type, key)}" for key, item in needed.items()) + "}"
    if kind.name == "ID":
        return '"acct_' + "0" * 32 + '"'
    return SCALARS[kind.name]


def step(name: str, field: GraphQLField, entity: str | None = None) -> str:
    """A field with the arguments that it needs."""
    prefix = next((e.prefix for e in BUILT.index.entities.values() if e.name == entity), "acct")
    needed = [
        f"{key}: {literal(argument.type, key).replace('acct_', prefix + '_')}"
        for key, argument in field.args.items()
        if isinstance(argument.type, GraphQLNonNull)
    ]
    return f"{name}({', '.join(needed)})" if needed else name


def paths() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The shortest way from a root to every field of every object: a list of (type, field)."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    queue: deque[tuple[str, list[tuple[str, str]]]] = deque([("Query", []), ("Mutation", [])])
    seen = {"Query", "Mutation"}
    while queue:
        type_name, before = queue.popleft()
        kind = SCHEMA.type_map[type_name]
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in kind.fields.items():
            way = [*before, (type_name, name)]
            found[type_name, name] = way
            below = get_named_type(field.type)
            if isinstance(below, GraphQLObjectType) and below.name not in seen:
                seen.add(below.name)
                queue.append((below.name, way))
    return found


WAYS = paths()


def operation_for(way: list[tuple[str, str]]) -> OperationDefinitionNode:
    """The operation that selects one field and nothing beside it."""
    fields = [SCHEMA.type_map[owner].fields[name] for owner, name in way]  # type: ignore[union-attr]
    targets = [get_named_type(field.type).name for field in fields]
    parts = [step(name, field, target) for (_, name), field, target in zip(way, fields, targets, strict=True)]
    end = "" if is_leaf_type(get_named_type(fields[-1].type)) else " { __typename }"
    text = " { ".join(parts) + end + " }" * (len(parts) - 1)
    kind = "mutation" if way[0][0] == "Mutation" else "query"
    (node,) = parse(f"{kind} {{ {text} }}").definitions
    assert isinstance(node, OperationDefinitionNode)
    assert isinstance(node.selection_set.selections[0], FieldNode)
    return node


def test_every_object_type_is_reached() -> None:
    """Given the schema, when ways to its fields are looked for, then no object type is left out."""
    reached = {owner for owner, _ in WAYS}
    objects = {
        name for name, kind in SCHEMA.type_map.items() if isinstance(kind, GraphQLObjectType) and name[:2] != "__"
    }
    assert objects - reached == set()


@pytest.mark.parametrize("role", list(Role))
def test_the_matrix(role: Role) -> None:
    """Given a role, when each field is selected alone, then exactly the permissions that the role lacks are refused."""
    planner = Planner(SCHEMA, BUILT.index)
    held = frozenset(map(str, ROLE_PERMISSIONS[role]))
    wrong: list[str] = []
    for way in WAYS.values():
        plan = planner.plan(Operation(operation_for(way), {}), VariableValues({}, {}), held, False)
        needed = {directive(SCHEMA.type_map[owner].fields[name]) for owner, name in way}  # type: ignore[union-attr]
        refused = {str(denial.permission) for denial in plan.denials}
        target = directive(SCHEMA.type_map[way[-1][0]].fields[way[-1][1]])  # type: ignore[union-attr]
        if (needed - held) - refused or refused & held or (target not in held) != (target in refused):
            wrong.append(f"{way[-1]}: needs {sorted(needed)}, refused {sorted(refused)}")
    assert wrong == []


def test_someone_without_any_permission_gets_nothing() -> None:
    """Given a principal that holds nothing, when each field is selected alone, then every one is refused."""
    planner = Planner(SCHEMA, BUILT.index)
    allowed = [
        way[-1]
        for way in WAYS.values()
        if not planner.plan(Operation(operation_for(way), {}), VariableValues({}, {}), frozenset(), False).denials
    ]
    assert allowed == []


def test_every_permission_is_of_use() -> None:
    """Given the permissions, when the fields are looked at, then each is needed by some field or reveals one."""
    used = {directive(SCHEMA.type_map[owner].fields[name]) for owner, name in WAYS}  # type: ignore[union-attr]
    reveals = {
        str(planned.declared.reveal)  # type: ignore[attr-defined]
        for planned in BUILT.index.fields.values()
        if getattr(planned.declared, "reveal", None)
    }
    unused = {str(permission) for permission in Permission} - used - reveals
    assert unused == set(), list(itertools.islice(sorted(unused), 5))
