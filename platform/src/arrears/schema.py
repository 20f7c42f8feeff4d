"""Puts the domains together into one schema; clashes stop the start with both names."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cache
from types import ModuleType

from arrears.access.model import Permission
from arrears.graphql import deployment, nodes
from arrears.graphql.build import BuiltSchema, SchemaBuilder
from arrears.graphql.plugin_parts import fault_of
from arrears.plugins.host import PluginHost
from arrears_sdk.ports.graphql import GraphQLParts

# In their declared order: a later domain may add fields to the types of an earlier one.
DOMAINS: Sequence[str] = (
    "access",
    "clients",
    "configuration",
    "debtors",
    "accounts",
    "ledger",
    "interactions",
    "imports",
    "compliance",
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


def schema_with(parts: Sequence[tuple[str, GraphQLParts]]) -> BuiltSchema:
    """The schema of the core together with what plugins add, each under its name."""
    return core_schema() if not parts else SchemaBuilder(_declaring(), parts).build()


def schema_of(host: PluginHost) -> BuiltSchema:
    """The schema of a deployment. A plugin whose additions cannot be shown is disabled with its reason."""
    known = frozenset(Permission)
    usable = []
    for loaded, parts in host.graphql_parts():
        reason = fault_of(loaded.name, parts, known)
        if reason is None:
            usable.append((loaded.name, parts))
        else:
            host.leave_out(loaded.name, reason)
    return schema_with(usable)


def core_sdl() -> str:
    """The SDL of the core as `schema.graphql` holds it."""
    return core_schema().strawberry.as_str() + "\n"
