"""What a declaration holds: one frozen record for each way that a field can come about."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, get_args
from uuid import UUID

if TYPE_CHECKING:
    from arrears.graphql.limits.settings import FieldCost
    from arrears.graphql.planner.source import SourceRequest
    from arrears.kernel.context import Context

T = TypeVar("T")
BatchedAnswer: TypeAlias = "Callable[[Context, Sequence[UUID], Mapping[str, Any]], Awaitable[Sequence[object]]]"
METADATA = "arrears"
MARKER = "__arrears__"


class Connection(Generic[T]):
    """Annotation of a Relay connection over entity `T`; the schema has `TConnection`."""


class Mask(enum.StrEnum):
    """How a value looks to a role that may not see it whole; the SQL of each is in the planner."""

    TEXT = "TEXT"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    CONTACT = "CONTACT"
    HIDDEN = "HIDDEN"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Declared:
    """What every declared field carries."""

    description: str
    permission: str | None = None
    deprecation: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ColumnField(Declared):
    """A column of the row, or (with `sql`) an expression over it."""

    column: str | None = None
    sql: str | None = None
    filter: bool = False
    order: bool = False
    mask: Mask | None = None
    reveal: str | None = None
    filter_sql: Mapping[str, str] | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class MoneyField(Declared):
    """Minor units and a currency column of the row, as Money."""

    minor: str
    currency: str
    filter: bool = False
    order: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class OneField(Declared):
    """The entity whose id stands in a column of the row."""

    column: str
    filter: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class ManyField(Declared):
    """A connection over the entities whose column holds this row's id."""

    column: str
    order: str | None = None
    condition: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class FewField(Declared):
    """A short list of values from a table of their own."""

    column: str
    order: str
    limit: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class InlineField(Declared):
    """A value object made of columns of the same row; null when `when` is given and false."""

    when: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoadedField(Declared):
    """An entity read back through the planner, by an id found on the result object."""

    attribute: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlainField(Declared):
    """An attribute of the object that Python code returned; `most` bounds one that is a list."""

    most: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExtensionsField(Declared):
    """What plugins know of an entity. The planner gives the row's id and client; Python fills in the rest.

    `client` is the SQL of the client's id over {row}, None where the entity belongs to no single client.
    """

    client: str | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class NamespaceField(Declared):
    """The part of one plugin in `extensions`."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PluginField(Declared):
    """A field that a plugin answers; `on` is the entity it extends, None for a root field. `longest` bounds a list."""

    plugin: str
    field: str
    on: str | None = None
    longest: int | None = None
    arguments: tuple[tuple[str, Any, str], ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class PluginValue(Declared):
    """An attribute of an object that a plugin gave."""

    longest: int | None = None


_SQL_TYPES: dict[Any, str] = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    datetime.date: "date",
    datetime.datetime: "timestamptz",
}


@dataclasses.dataclass(frozen=True)
class Argument:
    """An argument of a planned root field, in Python terms; an id argument names its `prefix`."""

    name: str
    type: Any
    description: str
    prefix: str | None = None

    @property
    def sql_type(self) -> str:
        """The SQL type of its placeholder."""
        if self.prefix is not None:
            return "uuid"
        kinds = [kind for kind in get_args(self.type) or (self.type,) if kind is not type(None)]
        if issubclass(kinds[0], enum.Enum):
            return "text"
        return _SQL_TYPES[kinds[0]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class RootField(Declared):
    """A root field that the planner answers: one entity by id (or by its own arguments), or a connection."""

    many: bool
    arguments: tuple[Argument, ...] = ()
    source: Callable[[SourceRequest], str] | None = None
    order: str | None = None
    filterable: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeField(Declared):
    """`node` or `nodes`: any entity by its id."""

    many: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class ComputedField(Declared):
    """A field resolved in Python. One that costs more than its values is resolved alone in its operation."""

    resolver: Callable[..., Any]
    cost: FieldCost | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class BatchedField(Declared):
    """A field of an entity that Python answers, once for all objects of an operation that are asked the same.

    `answer` is given a context, the ids of the objects and the values of `arguments`; it gives one answer for each id.
    """

    answer: BatchedAnswer
    arguments: tuple[Argument, ...] = ()
    cost: FieldCost | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class TypeDeclaration:
    """What a declared class is: entity, value, output, payload, extension, queries or mutations."""

    kind: str
    name: str
    table: str | None = None
    prefix: str | None = None
    as_of: str | None = None
    scope_column: str | None = None
    namespace: dict[str, Any] = dataclasses.field(default_factory=dict)
    module: str = ""
    fields: tuple[tuple[str, str, Declared], ...] = ()


def longest_list(declared: Declared) -> int | None:
    """How long the list of a field can be that has no pages; None for a field that is no such list."""
    match declared:
        case FewField():
            return declared.limit
        case PlainField():
            return declared.most
        case PluginField() | PluginValue():
            return declared.longest
    return None
