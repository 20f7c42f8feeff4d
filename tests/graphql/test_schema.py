"""The schema as a contract: described, permissioned, built from declarations that do not clash."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_introspection_query,
    parse,
    validate_schema,
)

from arrears.graphql.build import SchemaBuilder, SchemaClashError
from arrears.graphql.declare import column, entity, extend, queries, root_one
from arrears.graphql.limits import DocumentLimits, check_document
from arrears.schema import core_schema, core_sdl

SCHEMA = core_schema().strawberry._schema
OWN_TYPES = {name: kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__")}


def test_the_schema_is_valid() -> None:
    """Given the core's declarations, when they are built, then graphql-core finds nothing wrong."""
    assert validate_schema(SCHEMA) == []


def test_tools_can_fetch_the_schema() -> None:
    """Given the introspection that tools send, when it is measured, then it leaves room for a schema twice as large."""
    limits = DocumentLimits()
    everything = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    cost = check_document(SCHEMA, parse(everything), None, None, limits)
    assert cost.requested * 2 < limits.max_cost


def test_every_element_is_described() -> None:
    """Given the SDL, when every type, field, argument and enum value is looked at, then each says what it is."""
    silent = []
    for name, kind in OWN_TYPES.items():
        if not kind.description and name not in ("String", "Int", "Boolean", "ID", "Float"):
            silent.append(name)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                silent += [f"{name}.{field_name}"] * (not field.description)
                silent += [f"{name}.{field_name}({key})" for key, arg in field.args.items() if not arg.description]
        elif isinstance(kind, GraphQLInputObjectType):
            silent += [f"{name}.{key}" for key, field in kind.fields.items() if not field.description]
        elif isinstance(kind, GraphQLEnumType):
            silent += [f"{name}.{key}" for key, value in kind.values.items() if not value.description]
    assert silent == []


def test_every_field_names_its_permission_in_the_sdl() -> None:
    """Given the SDL, when every field of every object is looked at, then each carries the directive."""
    bare = []
    for name, kind in OWN_TYPES.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                definition = field.extensions["strawberry-definition"]
                if not any(type(directive).__name__ == "PermissionDirective" for directive in definition.directives):
                    bare.append(f"{name}.{field_name}")
    assert bare == []


def test_every_list_is_a_connection_or_bounded() -> None:
    """Given the entities, when fields that return lists of entities are looked for, then only connections have them."""
    unbounded = [
        f"{name}.{field_name}"
        for name, kind in OWN_TYPES.items()
        if isinstance(kind, GraphQLObjectType) and not name.endswith("Connection") and name != "Query"
        for field_name, field in kind.fields.items()
        if str(field.type).strip("[]!") in core_schema().index.entities and "[" in str(field.type)
    ]
    assert unbounded == []


def _module(name: str, **members: object) -> ModuleType:
    module = ModuleType(name)
    for key, value in members.items():
        setattr(module, key, value)
    return module


def test_two_declarations_of_one_type_stop_the_build() -> None:
    """Given two modules that declare Client, when the schema is built, then the error names both."""

    @entity("abcd", table="client", description="x", permission="self.read")
    class Thing:
        name: str = column(description="x")

    first = _module(Thing.__module__, Thing=Thing)
    second = _module(Thing.__module__, Other=Thing)

    with pytest.raises(SchemaClashError, match="both declare type Thing"):
        SchemaBuilder([first, second]).build()


def test_an_extension_of_an_unknown_type_stops_the_build() -> None:
    """Given an extension of a type that nothing declares, when the schema is built, then the error names it."""

    @extend("Nothing", permission="self.read")
    class Extension:
        name: str = column(description="x")

    with pytest.raises(SchemaClashError, match="extends Nothing"):
        SchemaBuilder([_module(Extension.__module__, Extension=Extension)]).build()


def test_a_field_without_a_permission_stops_the_build() -> None:
    """Given an entity whose field names no permission, when the schema is built, then the error names the field."""

    @entity("abcd", table="client", description="x")
    class Unguarded:
        name: str = column(description="x")

    @queries
    class Root:
        unguarded: Unguarded | None = root_one(description="x")

    with pytest.raises(SchemaClashError, match=r"Unguarded\.name"):
        SchemaBuilder([_module(Unguarded.__module__, Unguarded=Unguarded, Root=Root)]).build()


@pytest.mark.parametrize("first", ["accounts", "interactions", "imports"])
def test_the_schema_does_not_depend_on_what_was_imported_first(first: str) -> None:
    """Given a later domain imported before the earlier ones, when the schema is built, then it is the same."""
    program = f"import arrears.{first}.graphql; from arrears.schema import core_sdl; print(core_sdl(), end='')"

    built = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert built.stdout == core_sdl()
