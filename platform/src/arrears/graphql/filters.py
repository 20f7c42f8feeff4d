"""The one filter grammar: typed comparisons, `and`, `or`, `not`, and one order with the id as its last key."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from decimal import Decimal
from typing import Any, cast

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.enum import EnumValueDefinition

from arrears.graphql.declarations import ColumnField, Declared, MoneyField, OneField
from arrears.graphql.scalars import CurrencyCode


def _comparison(name: str, type_: Any, what: str, operators: str) -> type:
    """An input type of comparisons with values of one type."""
    said = {
        "eq": f"Equal to this {what}.",
        "in": f"Equal to one of these (at most 250) {what}s.",
        "gt": f"After or above this {what}.",
        "gte": f"This {what}, or after or above it.",
        "lt": f"Before or below this {what}.",
        "lte": f"This {what}, or before or below it.",
        "starts_with": "Beginning with exactly this text.",
    }
    body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for operator in operators.split():
        kind = list[type_] if operator == "in" else type_
        python_name = "in_" if operator == "in" else operator
        body["__annotations__"][python_name] = kind | None
        body[python_name] = strawberry.field(
            name="in" if operator == "in" else None, description=said[operator], default=strawberry.UNSET
        )
    made: type = strawberry.input(
        type(name, (), body), name=name, description=f"What to compare with, by {what}; all given must hold."
    )
    return made


StringComparison = _comparison("StringComparison", str, "text", "eq in starts_with gt gte lt lte")
IdComparison = _comparison("IdComparison", strawberry.ID, "id", "eq in")
IntComparison = _comparison("IntComparison", int, "number", "eq in gt gte lt lte")
BooleanComparison = _comparison("BooleanComparison", bool, "boolean", "eq")
DateComparison = _comparison("DateComparison", datetime.date, "date", "eq in gt gte lt lte")
DateTimeComparison = _comparison("DateTimeComparison", datetime.datetime, "instant", "eq gt gte lt lte")


@strawberry.input(description="How to compare an amount; only rows of this currency match.")
class MoneyComparison:
    """Comparisons with amounts of one currency."""

    currency: CurrencyCode = strawberry.field(description="The currency of the amounts below.")
    eq: Decimal | None = strawberry.field(description="Equal to this amount.", default=strawberry.UNSET)
    gt: Decimal | None = strawberry.field(description="More than this amount.", default=strawberry.UNSET)
    gte: Decimal | None = strawberry.field(description="This amount or more.", default=strawberry.UNSET)
    lt: Decimal | None = strawberry.field(description="Less than this amount.", default=strawberry.UNSET)
    lte: Decimal | None = strawberry.field(description="This amount or less.", default=strawberry.UNSET)


class OrderDirection(enum.StrEnum):
    """Which end of an order comes first."""

    ASC = "ASC"
    DESC = "DESC"


strawberry.enum(OrderDirection, name="OrderDirection", description="Which end of an order comes first.")
for _value, _said in (
    ("ASC", "Smallest, earliest or first in the alphabet first."),
    ("DESC", "Largest or latest first."),
):
    for _defined in OrderDirection.__strawberry_definition__.values:  # type: ignore[attr-defined]
        if _defined.name == _value:
            _defined.description = _said

SQL_TYPES: dict[Any, tuple[str, type]] = {
    str: ("text", StringComparison),
    int: ("bigint", IntComparison),
    bool: ("boolean", BooleanComparison),
    datetime.date: ("date", DateComparison),
    datetime.datetime: ("timestamptz", DateTimeComparison),
}


@dataclasses.dataclass(frozen=True)
class Filter:
    """One filterable input field: what it reads and what reading it needs."""

    name: str
    declared: Declared
    sql_type: str
    comparison: type
    prefix: str | None = None


@dataclasses.dataclass(frozen=True)
class Order:
    """One order key: a NOT NULL column that leads an index ending in the id."""

    name: str
    column: str
    sql_type: str
    declared: Declared | None


def sql_type_of(python_type: Any) -> str:
    """The SQL type that a filter or order on a Python type compares in."""
    if isinstance(python_type, type) and issubclass(python_type, enum.Enum):
        return "text"
    return SQL_TYPES[python_type][0]


_ENUM_COMPARISONS: dict[type, type] = {}


def comparison_for(python_type: Any) -> type:
    """The comparison input of a Python type; enums get one each."""
    if isinstance(python_type, type) and issubclass(python_type, enum.Enum):
        if python_type not in _ENUM_COMPARISONS:
            name = python_type.__name__
            _ENUM_COMPARISONS[python_type] = _comparison(f"{name}Comparison", python_type, f"{name} value", "eq in")
        return _ENUM_COMPARISONS[python_type]
    return SQL_TYPES[python_type][1]


def where_input(entity: str, filters: list[Filter]) -> type:
    """The `where` input of an entity: its filters and their combinations."""
    namespace: dict[str, Any] = {}
    name = f"{entity}Where"
    body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for key, kind, said in (
        ("and_", f"list[{name}] | None", "All of these hold."),
        ("or_", f"list[{name}] | None", "At least one of these holds."),
        ("not_", f"{name} | None", "This does not hold."),
    ):
        body["__annotations__"][key] = StrawberryAnnotation(kind, namespace=namespace)
        body[key] = strawberry.field(name=key[:-1], description=said, default=strawberry.UNSET)
    for item in filters:
        body["__annotations__"][item.name] = item.comparison | None
        body[item.name] = strawberry.field(description=item.declared.description, default=strawberry.UNSET)
    combined = {key: body["__annotations__"][key] for key in ("and_", "or_", "not_")}
    made: type = strawberry.input(
        type(name, (), body), name=name, description=f"Which {entity} rows to give; everything said must hold."
    )
    for field in made.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        field.type_annotation = combined.get(field.python_name, field.type_annotation)
    namespace[name] = made
    return made


def order_input(entity: str, orders: list[Order]) -> type:
    """The `orderBy` input of an entity: one key and a direction."""
    described = {
        order.name.upper(): EnumValueDefinition(
            value=order.name.upper(),
            description="Order of creation." if order.declared is None else f"By: {order.declared.description}",
        )
        for order in orders
    }
    field_enum = strawberry.enum(
        cast("enum.EnumMeta", enum.Enum(f"{entity}OrderField", described, module=__name__)),
        name=f"{entity}OrderField",
        description=f"What {entity} rows can be put in order by; each is served by an index.",
    )
    body: dict[str, Any] = {
        "__module__": __name__,
        "__annotations__": {"field": field_enum, "direction": OrderDirection},
        "field": strawberry.field(description="The key."),
        "direction": strawberry.field(
            description="The direction; the id breaks ties the same way.", default=OrderDirection.ASC
        ),
    }
    made: type = strawberry.input(
        type(f"{entity}Order", (), body), name=f"{entity}Order", description=f"An order of {entity} rows."
    )
    return made


def filter_of(name: str, declared: Declared, python_type: Any, prefix: str | None) -> Filter | None:
    """The filter of a declared field, or None when it has none."""
    if isinstance(declared, OneField) and declared.filter:
        return Filter(f"{name}_id", declared, "uuid", IdComparison, prefix)
    if isinstance(declared, MoneyField) and declared.filter:
        return Filter(name, declared, "bigint", MoneyComparison)
    if isinstance(declared, ColumnField) and (declared.filter or declared.filter_sql):
        return Filter(name, declared, sql_type_of(python_type), comparison_for(python_type))
    return None


def order_of(name: str, declared: Declared, python_type: Any) -> Order | None:
    """The order of a declared field, or None when it has none."""
    if isinstance(declared, MoneyField) and declared.order:
        return Order(name, declared.minor, "bigint", declared)
    if isinstance(declared, ColumnField) and declared.order:
        return Order(name, declared.column or name, sql_type_of(python_type), declared)
    return None


def key_of(name: str, declared: Declared, python_type: Any, annotation: str) -> Order | None:
    """The key that a list may be in by declaration: a column that is never null and compares; None for the rest."""
    if isinstance(declared, MoneyField):
        return None if annotation.endswith("None") else Order(name, declared.minor, "bigint", declared)
    if not isinstance(declared, ColumnField) or declared.sql is not None or annotation.endswith("None"):
        return None
    is_enum = isinstance(python_type, type) and issubclass(python_type, enum.Enum)
    if not is_enum and python_type not in SQL_TYPES:
        return None
    return Order(name, declared.column or name, sql_type_of(python_type), declared)
