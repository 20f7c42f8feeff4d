"""Every filter and order of a list is served by an index, also under row-level security."""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from arrears.graphql.build import Entity
from arrears.graphql.declarations import ColumnField, MoneyField, RootField
from arrears.graphql.planner.compiler import Compiler, Row
from arrears.graphql.planner.conditions import Conditions
from arrears.graphql.planner.runtime import Runtime
from arrears.schema import core_schema
from arrears_sdk.ids import encode_id
from tests.conftest import Deployment

BUILT = core_schema()
LISTED = {
    planned.target
    for (owner, _), planned in BUILT.index.fields.items()
    if owner == "Query" and isinstance(planned.declared, RootField) and planned.declared.many
}
ENTITIES = [entity for name, entity in BUILT.index.entities.items() if name in LISTED]
VALUES: dict[str, Any] = {
    "text": "x", "bigint": 1, "date": datetime.date(2026, 1, 1), "boolean": True,
    "timestamptz": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
}  # fmt: skip


def comparisons(entity: Entity) -> list[tuple[str, dict[str, Any]]]:
    """Each filter of an entity with an equality, and each state of a filter by states."""
    found: list[tuple[str, dict[str, Any]]] = []
    for name, wanted in entity.filters.items():
        if isinstance(wanted.declared, MoneyField):
            found.append((name, {"currency": "EUR", "gte": Decimal(1)}))
        elif wanted.prefix:
            found.append((name, {"eq": encode_id(wanted.prefix, UUID(int=1))}))
        elif isinstance(wanted.declared, ColumnField) and wanted.declared.filter_sql:
            found += [(name, {"eq": enum.Enum("State", {state: state})[state]}) for state in wanted.declared.filter_sql]
        else:
            found.append((name, {"eq": VALUES[wanted.sql_type]}))
    return found


def compiler_of() -> Compiler:
    """A compiler with every permission, over nothing in particular."""
    from graphql import parse
    from graphql.execution.values import VariableValues

    (operation,) = parse("{ __typename }").definitions
    return Compiler(
        BUILT.strawberry._schema,
        BUILT.index,
        {},
        operation,
        VariableValues({}, {}),
        frozenset({"*"}),  # type: ignore[arg-type]
    )


def explained(connection: psycopg.Connection[Any], sql: str, bound: dict[str, Any]) -> str:
    """The plan of a statement, as text."""
    return "\n".join(row[0] for row in connection.execute("explain (costs off) " + sql, bound))  # type: ignore[arg-type, operator]


@pytest.fixture
def limited(deployment: Deployment) -> Any:
    """A connection of the API's role, limited to one client; a sequential scan is the planner's last resort."""
    with psycopg.connect(deployment.urls.api) as connection:
        connection.execute("select set_config('app.scope', 'limited', true)")
        connection.execute("select set_config('app.clients', '{00000000-0000-0000-0000-000000000001}', true)")
        connection.execute("set local enable_seqscan = off")
        connection.execute("set local enable_sort = off")
        connection.execute("set local enable_incremental_sort = off")
        yield connection


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_filter_has_its_index(limited: psycopg.Connection[Any], deployment: Deployment, entity: Entity) -> None:
    """Given a listed entity, when each filter is explained as the API's role, then no table is read in sequence."""
    slow: list[str] = []
    for name, comparison in comparisons(entity):
        compiler = compiler_of()
        row = Row("t", entity.name)
        conditions = Conditions(
            entity,
            "t",
            compiler.parameters,
            lambda sql, c=compiler, r=row: c.template(r, sql),
            compiler.require,
            lambda: None,
        ).compile({name: comparison})
        bound = compiler.parameters.bind(Runtime({}, deployment.clock.now(), UUID(int=1), (), deployment.vault))
        plan = explained(limited, f"select t.id from {entity.table} t where {' and '.join(conditions)}", bound)
        if f"Seq Scan on {entity.table} t" in plan:
            slow.append(f"{name} {comparison}")
    assert slow == []


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_order_has_its_index(limited: psycopg.Connection[Any], entity: Entity) -> None:
    """Given a listed entity, when each order is explained as the API's role, then nothing is sorted."""
    sorted_by: list[str] = []
    for order in entity.orders.values():
        keys = "id" if order.column == "id" else f"{order.column}, id"
        plan = explained(limited, f"select t.id from {entity.table} t order by {keys} limit 50", {})
        if "Sort" in plan or f"Seq Scan on {entity.table} t" in plan:
            sorted_by.append(order.name)
    assert sorted_by == []
