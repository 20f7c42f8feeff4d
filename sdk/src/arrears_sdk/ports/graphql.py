"""What a plugin adds to the schema: root fields under its own name, and data on core types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

# The values that a plugin's fields give: a dataclass of plain values, a plain value, a list of either, or None.
FieldValue = object


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for a field: the client whose data it is (None in the agency's own fields), and the language wanted."""

    client_id: str | None
    principal_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RootQuery:
    """A root field of Query. In the schema it starts with the plugin's name: `bands` of `balance-score` is
    `balanceScoreBands`.

    `returns` is a type: `str`, `int`, `float`, `bool`, `date`, `datetime`, `Money`, an enum, a dataclass of these,
    a list of one of them (at most 250 long), or any of them `| None`. A dataclass's docstring describes its type and
    `description(...)` its fields. `arguments` maps names to (type, description).
    """

    name: str
    description: str
    permission: str
    returns: object
    resolve: Callable[[Asked, Mapping[str, object]], FieldValue | Awaitable[FieldValue]]
    arguments: Mapping[str, tuple[object, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A field below `extensions` of a core type: `Account`, `Debtor`, `Client` or `Interaction`.

    In the schema it starts with the plugin's name. `resolve` is called once for each client in an operation, with the
    ids of all its objects, and answers with one value for each id in their order.
    """

    on: str
    name: str
    description: str
    permission: str
    returns: object
    resolve: Callable[[Asked, Sequence[str]], Sequence[FieldValue] | Awaitable[Sequence[FieldValue]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLParts:
    """Everything that one plugin adds to the schema."""

    queries: tuple[RootQuery, ...] = ()
    extensions: tuple[Extension, ...] = ()
