"""Puts the domains together into one schema; clashes stop the start with both names."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cache

from arrears.graphql import deployment, nodes
from arrears.graphql.build import BuiltSchema, SchemaBuilder

# In their declared order: a later domain may add fields to the types of an earlier one.
DOMAINS: Sequence[str] = ("access", "clients", "debtors", "accounts", "ledger", "interactions", "imports")


@cache
def core_schema() -> BuiltSchema:
    """The schema of the core, without plugins."""
    declaring = [importlib.import_module(f"arrears.{domain}.graphql") for domain in DOMAINS]
    return SchemaBuilder([nodes, deployment, *declaring]).build()


def core_sdl() -> str:
    """The SDL of the core as `schema.graphql` holds it."""
    return core_schema().strawberry.as_str() + "\n"
