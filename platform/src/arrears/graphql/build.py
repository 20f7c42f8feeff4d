"""Declarations into one Strawberry schema, and the index that the planner reads."""

from __future__ import annotations

import dataclasses
import datetime
import inspect
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from arrears.graphql import filters as grammar
from arrears.graphql.declarations import (
    MARKER,
    METADATA,
    Argument,
    BatchedField,
    ComputedField,
    Declared,
    ManyField,
    NodeField,
    OneField,
    PlainField,
    PluginField,
    RootField,
    TypeDeclaration,
    longest_list,
)
from arrears.graphql.filters import Filter, Order
from arrears.graphql.limits.settings import FieldCost
from arrears.graphql.node import Node
from arrears.graphql.permission import open_field
from arrears.graphql.plugin_parts import PluginPartsCollector
from arrears.graphql.scalars import SCALARS
from arrears.graphql.types import module_names, object_type, planned_arguments, strawberry_field, target_name
from arrears_sdk.ports.graphql import GraphQLParts


@dataclasses.dataclass(frozen=True)
class Entity:
    """What the planner knows of an entity."""

    name: str
    prefix: str
    table: str
    as_of: str | None
    scope_column: str | None
    permission: str | None
    filters: dict[str, Filter]
    orders: dict[str, Order]
    keys: dict[str, Order]


@dataclasses.dataclass(frozen=True)
class Planned:
    """What the planner knows of one field of one type."""

    declared: Declared
    target: str | None
    python_type: Any
    name: str
    nullable: bool = False


@dataclasses.dataclass
class SchemaIndex:
    """Entities, value tables and fields by their GraphQL names."""

    entities: dict[str, Entity] = dataclasses.field(default_factory=dict)
    prefixes: dict[str, str] = dataclasses.field(default_factory=dict)
    tables: dict[str, str | None] = dataclasses.field(default_factory=dict)
    fields: dict[tuple[str, str], Planned] = dataclasses.field(default_factory=dict)
    connections: dict[str, str] = dataclasses.field(default_factory=dict)

    def list_sizes(self) -> dict[str, int]:
        """How long the short lists without pages can be, by "Type.field"."""
        found = {f"{owner}.{name}": longest_list(planned.declared) for (owner, name), planned in self.fields.items()}
        return {field: longest for field, longest in found.items() if longest is not None}

    def field_costs(self) -> dict[str, FieldCost]:
        """What fields cost beside their values, by "Type.field"."""
        return {
            f"{owner}.{name}": planned.declared.cost
            for (owner, name), planned in self.fields.items()
            if isinstance(planned.declared, ComputedField | BatchedField) and planned.declared.cost is not None
        }


@dataclasses.dataclass(frozen=True)
class BuiltSchema:
    """The Strawberry schema and the planner's index of it."""

    strawberry: strawberry.Schema
    index: SchemaIndex


@strawberry.type(description="Whether a list goes on, and from where.")
class PageInfo:
    """Whether a list goes on, and from where."""

    has_next_page: bool = open_field("Whether there are rows after this page.")
    has_previous_page: bool = open_field("Whether there are rows before this page.")
    start_cursor: str | None = open_field("The place of the first row; null on an empty page.")
    end_cursor: str | None = open_field("The place of the last row; null on an empty page.")


class SchemaClashError(TypeError):
    """Two declarations want the same name; the start stops and names both."""


PAGE_ARGUMENTS = (
    ("first", "int | None", "How many from the front; 50 when neither `first` nor `last` is given, at most 250."),
    ("after", "str | None", "Begin after this cursor."),
    ("last", "int | None", "How many from the back, at most 250."),
    ("before", "str | None", "End before this cursor."),
)


def _plain_fields(permission: str | None, *fields: tuple[str, str, str]) -> list[tuple[str, str, Declared]]:
    return [(key, text, PlainField(description=said, permission=permission)) for key, text, said in fields]


def _own_arguments(declared: Iterable[Argument]) -> list[tuple[str, Any, str]]:
    return [(argument.name, argument.type, argument.description) for argument in declared]


class SchemaBuilder:
    """Collects the declarations of modules, and what plugins add by name, and builds one schema of them."""

    def __init__(self, modules: Sequence[ModuleType], parts: Sequence[tuple[str, GraphQLParts]] = ()) -> None:
        self.parts = parts
        self.owners: dict[str, str] = {}
        self.extended: list[str] = []
        self.index = SchemaIndex()
        self.types: dict[str, type] = {}
        self.names: dict[str, Any] = {"ID": strawberry.ID, "datetime": datetime, "Node": Node, "PageInfo": PageInfo}
        self.declarations: dict[str, list[tuple[type, TypeDeclaration]]] = {}
        for module in modules:
            self._collect(module)

    def build(self) -> BuiltSchema:
        """The schema; raises SchemaClashError when two declarations claim one name."""
        try:
            return self._build()
        finally:
            for name in self.extended:
                # The declared classes outlive this schema, and another one may be built without these plugins.
                fields = self.types[name].__strawberry_definition__.fields  # type: ignore[attr-defined]
                fields[:] = [field for field in fields if field.python_name != "extensions"]

    def _build(self) -> BuiltSchema:
        entities = self.declarations.get("entity", [])
        for cls, declaration in entities:
            self._claim(cls)
            self.index.prefixes[declaration.prefix or ""] = declaration.name
        for kind in ("value", "output", "payload"):
            for cls, _ in self.declarations.get(kind, []):
                self._claim(cls)
        self._add_parts()
        for _, declaration in self.declarations.get("extend", []):
            self._extend(declaration)
        for _, declaration in entities:
            self._index_entity(declaration)
        for cls, declaration in entities:
            self._connect(cls, declaration)
        for name in [declaration.name for _, declaration in entities] + list(self.types):
            self._finish(name)
        query = self._root("Query", "queries", "Everything that can be read.")
        mutation = self._root("Mutation", "mutations", "Everything that can be done. Each is one transaction.")
        schema = strawberry.Schema(
            query=query,
            mutation=mutation,
            types=[*self.types.values()],
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        return BuiltSchema(schema, self.index)

    def _add_parts(self) -> None:
        collector = PluginPartsCollector(self._plugin_output, self.names)
        for plugin, parts in self.parts:
            self.declarations.setdefault("queries", []).append(collector.add(plugin, parts))
        extensions = collector.extensions(self._client_of)
        owner = type("Extensions", (), {"__module__": "plugins"})
        self.declarations.setdefault("extend", []).extend((owner, declaration) for declaration in extensions)
        self.extended = [declaration.name for declaration in extensions]

    def _client_of(self, name: str) -> str | None:
        cls = self.types.get(name)
        declaration = None if cls is None else getattr(cls, MARKER)
        if declaration is None or declaration.kind != "entity":
            raise SchemaClashError(f"A plugin extends {name}, which is no entity of the schema.")
        return f"{{row}}.{declaration.scope_column}" if declaration.scope_column else None

    def _plugin_output(self, plugin: str, name: str, description: str, fields: list[tuple[str, str, Declared]]) -> type:
        if name in self.names:
            other = self.owners.get(name, "the core")
            raise SchemaClashError(f"The plugin {plugin} and {other} both make the type {name}.")
        self.owners[name] = f"the plugin {plugin}"
        made = self._made(name, description, fields)
        for key, text, declared in fields:
            shown = to_camel_case(key)
            if (name, shown) in self.index.fields:
                raise SchemaClashError(f"Two plugins both add {name}.{shown}.")
            self.index.fields[name, shown] = Planned(declared, None, None, key, text.endswith("None"))
        return made

    def _collect(self, module: ModuleType) -> None:
        # A class may stand under two names in its module.
        for cls in dict.fromkeys(value for value in vars(module).values() if inspect.isclass(value)):
            declaration = vars(cls).get(MARKER)
            # A domain's declarations may fill a package, whose own module then gives them all.
            if declaration is not None and f"{declaration.module}.".startswith(f"{module.__name__}."):
                self.declarations.setdefault(declaration.kind, []).append((cls, declaration))

    def _claim(self, cls: type) -> None:
        name = cls.__name__
        if name in self.types:
            raise SchemaClashError(f"{self.types[name].__module__} and {cls.__module__} both declare type {name}.")
        self.types[name] = self.names[name] = cls

    def _extend(self, declaration: TypeDeclaration) -> None:
        cls = self.types.get(declaration.name)
        if cls is None:
            raise SchemaClashError(f"{declaration.module} extends {declaration.name}, which nothing declares.")
        definition = cls.__strawberry_definition__  # type: ignore[attr-defined]
        present = {field.python_name: field for field in definition.fields}
        for name, text, declared in declaration.fields:
            known = present.get(name)
            if known is None:
                definition.fields.append(strawberry_field(name, text, declared, declaration.namespace))
            elif known.metadata[METADATA] is not declared:
                raise SchemaClashError(f"{declaration.module} adds {declaration.name}.{name}, which exists already.")

    def _parts(self, name: str) -> Iterable[TypeDeclaration]:
        own = getattr(self.types[name], MARKER)
        yield own
        for _, declaration in self.declarations.get("extend", []):
            if declaration.name == name:
                yield declaration

    def _namespace(self, declaration: TypeDeclaration) -> dict[str, Any]:
        declaration.namespace.update({**module_names(declaration.module), **self.names})
        return declaration.namespace

    def _python_type(self, text: str, declaration: TypeDeclaration) -> Any:
        bare = text.removesuffix("| None").strip()
        names = {**module_names(declaration.module), **self.names}
        try:
            return StrawberryAnnotation(bare, namespace=names).evaluate()
        except (NameError, TypeError):
            return None

    def _index_entity(self, declaration: TypeDeclaration) -> None:
        filters: dict[str, Filter] = {}
        orders: dict[str, Order] = {"ID": Order("id", "id", "uuid", None)}
        own_id = PlainField(description="By id.", permission=None)
        filters["id"] = Filter("id", own_id, "uuid", grammar.IdComparison, declaration.prefix)
        keys = {"id": orders["ID"]}
        permission: str | None = None
        for part in self._parts(declaration.name):
            for name, text, declared in part.fields:
                permission = permission or declared.permission
                python_type = self._python_type(text, part)
                prefix = None
                if isinstance(declared, OneField):
                    prefix = getattr(self.types[target_name(text)], MARKER).prefix
                wanted = grammar.filter_of(name, declared, python_type, prefix)
                if wanted is not None:
                    filters[to_camel_case(wanted.name)] = wanted
                order = grammar.order_of(name, declared, python_type)
                if order is not None:
                    orders[name.upper()] = order
                key = grammar.key_of(name, declared, python_type, text)
                if key is not None:
                    keys[key.column] = key
        self.index.entities[declaration.name] = Entity(
            declaration.name,
            declaration.prefix or "",
            declaration.table or "",
            declaration.as_of,
            declaration.scope_column,
            permission,
            filters,
            orders,
            keys,
        )

    def _connect(self, cls: type, declaration: TypeDeclaration) -> None:
        entity = self.index.entities[declaration.name]
        name = declaration.name
        self.names[f"{name}Where"] = grammar.where_input(name, list(entity.filters.values()))
        self.names[f"{name}Order"] = grammar.order_input(name, list(entity.orders.values()))
        edge = self._made(
            f"{name}Edge",
            f"One {name} of a list, with its place in it.",
            _plain_fields(
                entity.permission,
                ("cursor", "str", "The place; pass it as `after` or `before`."),
                ("node", name, f"The {name}."),
            ),
        )
        connection = self._made(
            f"{name}Connection",
            f"A page of {name} rows.",
            _plain_fields(
                entity.permission,
                ("edges", f"list[{edge.__name__}]", "The rows of the page with their cursors."),
                ("nodes", f"list[{name}]", "The rows of the page."),
                ("page_info", "PageInfo", "Whether there is more, and where."),
                ("total_count", "int", "How many rows there are on all pages, counted to 10,000."),
                ("total_count_is_exact", "bool", "False when there are more than 10,000."),
            ),
        )
        self.index.connections[connection.__name__] = name

    def _made(self, name: str, description: str, fields: list[tuple[str, str, Declared]]) -> type:
        body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
        for key, text, declared in fields:
            field = strawberry_field(key, text, declared, self.names)
            body[key], body["__annotations__"][key] = field, field.type_annotation
        made = object_type(name, (), body, description)
        self.names[name] = made
        return made

    def _finish(self, name: str) -> None:
        """Give the fields of a type their arguments and namespaces, and index them."""
        definition = self.types[name].__strawberry_definition__  # type: ignore[attr-defined]
        by_name: dict[str, StrawberryField] = {field.python_name: field for field in definition.fields}
        for part in self._parts(name):
            namespace = self._namespace(part)
            for key, text, declared in part.fields:
                if isinstance(declared, ManyField):
                    planned_arguments(by_name[key], self._list_arguments(target_name(text), True), namespace)
                elif isinstance(declared, BatchedField):
                    planned_arguments(by_name[key], _own_arguments(declared.arguments), namespace)
                self._index_field(name, key, text, declared, part)

    def _index_field(self, owner: str, key: str, text: str, declared: Declared, part: TypeDeclaration) -> None:
        if declared.permission is None:
            raise SchemaClashError(f"{owner}.{key} in {part.module} names no permission.")
        target = target_name(text)
        known = target in self.types
        if known:
            self.index.tables[target] = getattr(self.types[target], MARKER).table
        python_type = None if known else self._python_type(text, part)
        self.index.fields[owner, to_camel_case(key)] = Planned(
            declared, target if known else None, python_type, key, text.endswith("None")
        )

    def _list_arguments(self, target: str, filterable: bool) -> list[tuple[str, Any, str]]:
        wanted: list[tuple[str, Any, str]] = list(PAGE_ARGUMENTS)
        if filterable:
            wanted.append(("where", f"{target}Where | None", "Which rows."))
            wanted.append(("order_by", f"{target}Order | None", "In which order."))
        return wanted

    def _root(self, name: str, kind: str, description: str) -> type:
        body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
        owners: dict[str, str] = {}
        for cls, declaration in self.declarations.get(kind, []):
            namespace = self._namespace(declaration)
            for key, text, declared in declaration.fields:
                shown = to_camel_case(key)
                if shown in owners:
                    raise SchemaClashError(f"{owners[shown]} and {cls.__module__} both declare {name}.{shown}.")
                owners[shown] = cls.__module__
                if declared.permission is None and isinstance(declared, RootField):
                    permission = self.index.entities[target_name(text)].permission
                    declared = dataclasses.replace(declared, permission=permission)
                field = strawberry_field(key, text, declared, namespace)
                if isinstance(declared, RootField | NodeField):
                    planned_arguments(field, self._root_arguments(declared, target_name(text)), namespace)
                elif isinstance(declared, PluginField):
                    planned_arguments(field, declared.arguments, namespace)
                for argument in field.arguments:
                    argument.description = argument.description or f"What {to_camel_case(key)} is to do."
                body[key] = field
                if not isinstance(declared, ComputedField):
                    body["__annotations__"][key] = field.type_annotation
                self._index_field(name, key, text, declared, declaration)
        return object_type(name, (), body, description)

    def _root_arguments(self, declared: RootField | NodeField, target: str) -> list[tuple[str, Any, str]]:
        if isinstance(declared, NodeField):
            if declared.many:
                return [("ids", list[strawberry.ID], "At most 100 ids of any kinds.")]
            return [("id", strawberry.ID, "An id of any kind; an unknown and an invisible one both give null.")]
        own = _own_arguments(declared.arguments)
        if declared.many:
            return own + self._list_arguments(target, declared.filterable)
        return own or [("id", strawberry.ID, f"The {target}'s id; an unknown and an invisible one both give null.")]
