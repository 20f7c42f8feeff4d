"""Declarations: a type says beside itself where each of its fields comes from.

A domain's `graphql.py` declares entities, values, root fields and extensions with these functions; nothing here
runs a query. `arrears.graphql.build` turns the declarations into a Strawberry schema, the planner turns selections
over them into SQL. A declared class keeps its name: `Account` is the GraphQL type `Account`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import strawberry

from arrears.graphql.declarations import (
    Argument,
    BatchedAnswer,
    BatchedField,
    ColumnField,
    ComputedField,
    Connection,
    FewField,
    InlineField,
    LoadedField,
    ManyField,
    Mask,
    MoneyField,
    OneField,
    PlainField,
    RootField,
)
from arrears.graphql.limits.settings import FieldCost
from arrears.graphql.node import Node
from arrears.graphql.permission import SIGNED_IN
from arrears.graphql.types import declare_part, declare_type, node_id_field

if TYPE_CHECKING:
    from arrears.graphql.planner.source import SourceRequest

C = TypeVar("C", bound=type)
argument = strawberry.argument
Info = strawberry.Info[Any, Any]

# The functions below return Any so that `status: AccountStatus = column(...)` type-checks, as dataclass fields do.


def column(
    name: str | None = None,
    *,
    description: str,
    permission: str | None = None,
    filter: bool = False,
    order: bool = False,
    mask: Mask | None = None,
    reveal: str | None = None,
    deprecation: str | None = None,
) -> Any:
    """A field from a column; `mask` applies unless the principal has permission `reveal`."""
    return ColumnField(
        column=name,
        description=description,
        permission=permission,
        filter=filter,
        order=order,
        mask=mask,
        reveal=reveal,
        deprecation=deprecation,
    )


def expression(
    sql: str,
    *,
    description: str,
    permission: str | None = None,
    mask: Mask | None = None,
    reveal: str | None = None,
    filter_sql: Mapping[str, str] | None = None,
    deprecation: str | None = None,
) -> Any:
    """A field from SQL over the row: {row}, {as_of}, {now}, {principal} stand for what their names say.

    `filter_sql` makes an enum field filterable: one index-friendly condition for each enum value.
    """
    return ColumnField(
        sql=sql,
        description=description,
        permission=permission,
        mask=mask,
        reveal=reveal,
        filter_sql=filter_sql,
        deprecation=deprecation,
    )


def money(
    minor: str,
    currency: str = "currency",
    *,
    description: str,
    permission: str | None = None,
    filter: bool = False,
    order: bool = False,
) -> Any:
    """A Money field from a column of minor units and a currency column."""
    return MoneyField(
        minor=minor, currency=currency, description=description, permission=permission, filter=filter, order=order
    )


def one(column: str, *, description: str, permission: str | None = None, filter: bool = False) -> Any:
    """The entity that a foreign key column points to. Nullable unless every reader of the row sees it."""
    return OneField(column=column, description=description, permission=permission, filter=filter)


def many(
    column: str,
    *,
    description: str,
    permission: str | None = None,
    order: str | None = None,
    condition: str | None = None,
) -> Any:
    """A connection over the rows whose `column` is this row's id; `order` is a NOT NULL column, "-" before it descends.

    `condition` narrows the rows, in SQL over {row}.
    """
    return ManyField(column=column, description=description, permission=permission, order=order, condition=condition)


def few(column: str, *, description: str, order: str, limit: int, permission: str | None = None) -> Any:
    """A list of at most `limit` values, in order."""
    return FewField(column=column, description=description, order=order, limit=limit, permission=permission)


def inline(*, description: str, when: str | None = None, permission: str | None = None) -> Any:
    """A value object over the columns of this row."""
    return InlineField(description=description, when=when, permission=permission)


def loaded(attribute: str, *, description: str, permission: str | None = None) -> Any:
    """An entity of a payload or output, read back by the id in `attribute` of the result."""
    return LoadedField(attribute=attribute, description=description, permission=permission)


def plain(*, description: str, permission: str | None = None, most: int | None = None) -> Any:
    """A field of a payload or output taken from the result's attribute of the same name.

    `most` is how long a list can be, where that is less or more than lists without pages usually are.
    """
    return PlainField(description=description, permission=permission, most=most)


def root_one(
    *,
    description: str,
    permission: str | None = None,
    arguments: Sequence[Argument] = (),
    source: Callable[[SourceRequest], str] | None = None,
) -> Any:
    """One entity: by `id: ID!` when no arguments are given, else the first row of `source`."""
    return RootField(
        many=False, description=description, permission=permission, arguments=tuple(arguments), source=source
    )


def root_many(
    *,
    description: str,
    permission: str | None = None,
    arguments: Sequence[Argument] = (),
    source: Callable[[SourceRequest], str] | None = None,
    order: str | None = None,
    filterable: bool = True,
) -> Any:
    """A connection over all entities that the principal may see, or over the rows of `source`."""
    return RootField(
        many=True,
        description=description,
        permission=permission,
        arguments=tuple(arguments),
        source=source,
        order=order,
        filterable=filterable,
    )


def computed(
    *, description: str, permission: str, cost: FieldCost | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """A field answered by an async Python function `(self, info, ...)`, outside the planner.

    `cost` is what an operation pays for it beside its values, when it takes longer than to show these.
    """

    def declare(resolver: Callable[..., Any]) -> Any:
        return ComputedField(resolver=resolver, description=description, permission=permission, cost=cost)

    return declare


def batched(
    answer: BatchedAnswer,
    *,
    description: str,
    permission: str | None = None,
    arguments: Sequence[Argument] = (),
    cost: FieldCost | None = None,
) -> Any:
    """A field of an entity that Python answers for all objects of an operation at once.

    `answer` is given a context, the objects' ids and the arguments by their Python names, and gives one answer for each
    id in the same order.
    """
    return BatchedField(
        answer=answer, description=description, permission=permission, arguments=tuple(arguments), cost=cost
    )


def entity(
    prefix: str,
    *,
    table: str,
    description: str,
    permission: str | None = None,
    as_of: str | None = None,
    scope_column: str | None = None,
) -> Callable[[C], C]:
    """An entity: a row of `table` with an id, reachable through `node`.

    `as_of` is the SQL of the business date that {as_of} stands for when a list names none (over {row} and {now});
    `scope_column` is the client column that lists of a limited principal are narrowed by, so that an index serves.
    """

    def declare(cls: C) -> C:
        return declare_type(
            cls,
            "entity",
            description,
            permission,
            bases=(Node,),
            extra={"id": node_id_field(permission)},
            prefix=prefix,
            table=table,
            as_of=as_of,
            scope_column=scope_column,
        )

    return declare


def value(*, description: str, table: str | None = None, permission: str | None = None) -> Callable[[C], C]:
    """An object without an id: columns of the enclosing row (`inline`) or rows of a `table` of its own (`few`)."""

    def declare(cls: C) -> C:
        return declare_type(cls, "value", description, permission or SIGNED_IN, table=table)

    return declare


def output(*, description: str, permission: str | None = None) -> Callable[[C], C]:
    """An object that Python code returns: `plain` attributes and `loaded` entities."""

    def declare(cls: C) -> C:
        return declare_type(cls, "output", description, permission or SIGNED_IN)

    return declare


def extend(name: str, *, permission: str | None = None) -> Callable[[C], C]:
    """Further fields of an entity that an earlier domain declared."""

    def declare(cls: C) -> C:
        return declare_part(cls, "extend", permission, name=name)

    return declare


def queries(cls: C) -> C:
    """Root query fields of a domain."""
    return declare_part(cls, "queries", None)


def mutations(cls: C) -> C:
    """Mutations of a domain."""
    return declare_part(cls, "mutations", None)


def describe_enum(
    cls: type[enum.Enum], description: str, values: Mapping[str, str], *, name: str | None = None
) -> None:
    """Make a Python enum (its values equal its names) a GraphQL enum; every value needs a description.

    `name` is what the schema calls it, where another enum has its name.
    """
    # An input that was declared earlier may have made the enum known already: then that one is described.
    if "__strawberry_definition__" not in vars(cls):
        strawberry.enum(cls, name=name)
    definition = cls.__strawberry_definition__  # type: ignore[attr-defined]
    definition.description = description
    for value in definition.values:
        value.description = values[value.name]


__all__ = [
    "Argument",
    "Connection",
    "Info",
    "Mask",
    "argument",
    "batched",
    "column",
    "computed",
    "describe_enum",
    "entity",
    "expression",
    "extend",
    "few",
    "inline",
    "loaded",
    "many",
    "money",
    "mutations",
    "one",
    "output",
    "plain",
    "queries",
    "root_many",
    "root_one",
    "value",
]
