"""What plugins add to the schema, turned into declarations like those of the domains."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from arrears.graphql.declarations import (
    ExtensionsField,
    NamespaceField,
    PluginField,
    PluginValue,
    TypeDeclaration,
)
from arrears.graphql.permission import SIGNED_IN
from arrears.graphql.plugin_types import LONGEST_LIST, PluginTypes, camel, is_list, pascal
from arrears_sdk.errors import InputError
from arrears_sdk.ports.graphql import Extension, GraphQLParts, RootQuery

_NAME = re.compile(r"[a-z][a-z0-9_]*")
MakeOutput = Callable[[str, str, str, list[tuple[str, str, Any]]], type]
"""Makes an output type: who adds it, its name, its description, and its fields (name, annotation, declaration)."""


class PluginPartsCollector:
    """Collects what plugins add, one plugin after another, and gives it as declarations.

    `names` is where the schema looks annotations up; the collector adds the types it makes.
    """

    def __init__(self, make: MakeOutput, names: dict[str, Any]) -> None:
        self._make = make
        self._names = names
        self._anonymous = 0
        self._namespaces: dict[str, list[tuple[str, str, Any]]] = {}

    def add(self, plugin: str, parts: GraphQLParts) -> tuple[type, TypeDeclaration]:
        """The root fields of a plugin as a declaration; its extensions are kept for `extensions()`.

        InputError says what is wrong with a part.
        """
        types = PluginTypes(plugin, lambda name, about, fields: self._output(plugin, name, about, fields))
        roots = tuple(self._root(plugin, types, query) for query in parts.queries)
        by_type: dict[str, list[Extension]] = {}
        for extension in parts.extensions:
            by_type.setdefault(extension.on, []).append(extension)
        for on, extensions in by_type.items():
            fields = [self._extension(plugin, types, extension) for extension in extensions]
            name = f"{on}{pascal(plugin)}"
            self._make(plugin, name, f"What {plugin} knows of a {on}.", fields)
            about = NamespaceField(description=f"What {plugin} knows.", permission=SIGNED_IN)
            self._namespaces.setdefault(on, []).append((camel(plugin), name, about))
        owner = type(pascal(plugin), (), {"__module__": f"the plugin {plugin}"})
        return owner, TypeDeclaration(kind="queries", name="Query", module=__name__, fields=roots)

    def extensions(self, client_of: Callable[[str], str | None]) -> list[TypeDeclaration]:
        """The `extensions` field of each extended type, once every plugin was added.

        `client_of` gives the SQL of the client of a row of a type, None where a row has none.
        """
        declarations = []
        for on, fields in self._namespaces.items():
            name = f"{on}Extensions"
            self._make("plugins", name, f"What plugins know of a {on}, each under its own name.", fields)
            declared = ExtensionsField(description="What plugins know.", permission=SIGNED_IN, client=client_of(on))
            declarations.append(
                TypeDeclaration(kind="extend", name=on, module=__name__, fields=(("extensions", name, declared),))
            )
        return declarations

    def _root(self, plugin: str, types: PluginTypes, query: RootQuery) -> tuple[str, str, PluginField]:
        _check_name(plugin, query.name)
        where = f"The root field {query.name}"
        arguments = tuple(
            (name, self._annotation(types.of(kind, f"The argument {name} of {query.name}")), about)
            for name, (kind, about) in query.arguments.items()
        )
        declared = PluginField(
            description=query.description,
            permission=query.permission,
            plugin=plugin,
            field=query.name,
            longest=_longest(query.returns),
            arguments=arguments,
        )
        name = f"{plugin.replace('-', '_')}_{query.name}"
        return name, f"{self._annotation(types.of(query.returns, where))} | None", declared

    def _extension(self, plugin: str, types: PluginTypes, extension: Extension) -> tuple[str, str, PluginField]:
        _check_name(plugin, extension.name)
        declared = PluginField(
            description=extension.description,
            permission=extension.permission,
            plugin=plugin,
            field=extension.name,
            on=extension.on,
            longest=_longest(extension.returns),
        )
        found = self._annotation(types.of(extension.returns, f"The extension {extension.name} of {extension.on}"))
        return extension.name, f"{found} | None", declared

    def _output(self, plugin: str, name: str, about: str, fields: list[tuple[str, object, str]]) -> type:
        declared = [
            (key, self._annotation(kind), PluginValue(description=said, permission=SIGNED_IN, longest=_longest(kind)))
            for key, kind, said in fields
        ]
        return self._make(plugin, name, about, declared)

    def _annotation(self, kind: object) -> str:
        """A name under which the schema finds a type."""
        self._anonymous += 1
        name = f"PluginType{self._anonymous}"
        self._names[name] = kind
        return name


def _longest(kind: object) -> int | None:
    return LONGEST_LIST if is_list(kind) else None


def _check_name(plugin: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{plugin} calls a field {name!r}; a name is lower-case letters, digits and underscores,"
            f" such as {to_camel_case('last_score')!r} written last_score."
        )


def fault_of(plugin: str, parts: GraphQLParts, permissions: Collection[str]) -> str | None:
    """Why the schema cannot show what a plugin adds; None when it can. Clashes with others are found later."""
    added: list[RootQuery | Extension] = [*parts.queries, *parts.extensions]
    for one in added:
        if one.permission not in permissions:
            return f"Its field {one.name} needs the permission {one.permission!r}, which does not exist."
        if not one.description.strip():
            return f"Its field {one.name} has no description."
    try:
        PluginPartsCollector(lambda owner, name, about, fields: type(name, (), {}), {}).add(plugin, parts)
    except InputError as error:
        return error.problems[0].message
    return None
