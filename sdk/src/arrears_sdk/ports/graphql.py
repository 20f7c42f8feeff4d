"""What a plugin adds to the schema: root fields under its own name, and data on core types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from arrears_sdk.views import Account

FieldValue: TypeAlias = object
"""What a field gives: a value of the type that it declares."""

ExtendedType = Literal["Account", "Client", "Debtor", "Interaction"]
"""The core types that can be extended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks: the principal's id, as in `prin_0192...`."""

    principal_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedObject:
    """One object whose extension is selected; a debtor belongs to no single client.

    `account` is the account itself as it stands now, where `Account` is extended and the platform shows it.
    """

    id: str
    client_id: str | None
    account: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RootQuery:
    """A root field of Query. In the schema it starts with the plugin's name: the field `bands` of `balance-score` is
    `balanceScoreBands`. It may always be null: a plugin that fails leaves it out.

    `returns` is a type: `str`, `int`, `float`, `bool`, `Decimal`, `date`, `datetime`, `Money`, an enum, a dataclass of
    these, or a tuple or list of one of them (at most 250 long); inside a dataclass, also any of them `| None`. The
    docstring of a dataclass describes its type, `Annotated[float, "What it means."]` a field of it; the values of an
    enum are texts that describe them. `arguments` maps names to (type, description); one that is `| None` may be left
    out.
    """

    name: str
    description: str
    permission: str
    returns: object
    resolve: Callable[[Asked, Mapping[str, object]], FieldValue | Awaitable[FieldValue]]
    arguments: Mapping[str, tuple[object, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A field of a core type: `extensions { balanceScore { score } }` for the field `score` of `balance-score`.

    `resolve` is called once in an operation with all objects whose field is selected, and answers with one value for
    each, in their order; clients with settings of their own are asked apart. An object of a client that has not
    enabled the plugin is not asked about and has null. `returns` is as for `RootQuery`.
    """

    on: ExtendedType
    name: str
    description: str
    permission: str
    returns: object
    resolve: Callable[[Asked, Sequence[ExtendedObject]], Sequence[FieldValue] | Awaitable[Sequence[FieldValue]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLParts:
    """Everything that one plugin adds to the schema."""

    queries: tuple[RootQuery, ...] = ()
    extensions: tuple[Extension, ...] = ()
