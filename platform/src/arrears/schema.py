"""Puts the domains together into one schema; clashes stop the start with both names."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType

from arrears.access.model import Permission
from arrears.graphql import deployment, nodes
from arrears.graphql.build import BuiltSchema, SchemaBuilder, SchemaClashError
from arrears.graphql.plugin_parts import fault_of
from arrears.plugins.host import PluginHost
from arrears.plugins.telling import told
from arrears_sdk.ports.graphql import GraphQLParts

Parts = Sequence[tuple[str, GraphQLParts]]

# In their declared order: a later domain may add fields to the types of an earlier one.
DOMAINS: Sequence[str] = (
    "access",
    "clients",
    "configuration",
    "debtors",
    "accounts",
    "ledger",
    "delinquency",
    "interactions",
    "imports",
    "compliance",
    "charges",
    "strategies",
    "payments",
    "privacy",
    "deliveries",
)


@cache
def core_schema() -> BuiltSchema:
    """The schema of the core, without plugins."""
    return SchemaBuilder(_declaring()).build()


def _declaring() -> list[ModuleType]:
    return [nodes, deployment, *(importlib.import_module(f"arrears.{domain}.graphql") for domain in DOMAINS)]


def schema_with(parts: Parts) -> BuiltSchema:
    """The schema of the core together with what plugins add, each under its name."""
    return core_schema() if not parts else SchemaBuilder(_declaring(), parts).build()


def schema_of(host: PluginHost) -> BuiltSchema:
    """The schema of a deployment. A plugin whose additions cannot be shown is disabled with its reason."""
    known = frozenset(Permission)

    def without(parts: Parts, fault: Callable[[str, GraphQLParts], str | None]) -> Parts:
        left = []
        for plugin, added in parts:
            reason = fault(plugin, added)
            if reason is None:
                left.append((plugin, added))
            else:
                host.leave_out(plugin, reason)
        return left

    given = [(loaded.name, parts) for loaded, parts in host.graphql_parts()]
    usable = without(given, lambda plugin, parts: _fault(plugin, lambda: fault_of(plugin, parts, known)))
    try:
        return schema_with(usable)
    except Exception:  # noqa: BLE001 -- whose fault it is shows when each is tried alone.
        sound = without(usable, lambda plugin, parts: _fault(plugin, lambda: _built(plugin, parts)))
    return schema_with(sound)


def _fault(plugin: str, look: Callable[[], str | None]) -> str | None:
    """Why the schema cannot show what a plugin adds."""
    try:
        return look()
    except SchemaClashError as clash:
        return str(clash)
    except Exception as error:  # noqa: BLE001 -- the libraries raise whatever a plugin's types lead them to.
        return f"The schema cannot be built with what {plugin} adds: {told(error)}"


def _built(plugin: str, parts: GraphQLParts) -> None:
    schema_with([(plugin, parts)])


def core_sdl() -> str:
    """The SDL of the core as `schema.graphql` holds it."""
    return core_schema().strawberry.as_str() + "\n"
