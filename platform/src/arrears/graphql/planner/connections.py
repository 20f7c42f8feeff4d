"""Relay keyset connections: one sub-select that pages by a key and the id, and gathers the page as JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from graphql.execution.collect_fields import FieldDetails

from arrears.graphql.build import Entity, Planned
from arrears.graphql.declarations import ManyField
from arrears.graphql.filters import Order, OrderDirection
from arrears.graphql.planner import values
from arrears.graphql.planner.compiler import Compiler, Row
from arrears.graphql.planner.conditions import Conditions
from arrears.graphql.planner.cursors import cursor_getter, cursor_sql
from arrears.graphql.planner.runtime import current, getter
from arrears_sdk.errors import ErrorCode, InputError

DEFAULT_PAGE = 50
LARGEST_PAGE = 250
COUNTED = 10_000


@dataclasses.dataclass(frozen=True)
class Page:
    """How far and which way a page reads, and by which key."""

    size: int
    backward: bool
    key: Order
    descending: bool
    after: Any
    before: Any

    @property
    def reads_descending(self) -> bool:
        """The direction that the index is read in: a page from the back reads the other way."""
        return self.descending != self.backward


def page_of(entity: Entity, arguments: dict[str, Any], default_order: str | None) -> Page:
    """The page that the arguments ask for; InputError for sizes out of range and mixed directions."""
    first, last = current(arguments.get("first")), current(arguments.get("last"))
    if first is not None and last is not None:
        raise InputError("Give `first` or `last`, not both.", code=ErrorCode.INVALID_INPUT)
    backward = last is not None
    size = last if backward else DEFAULT_PAGE if first is None else first
    if not 0 <= size <= LARGEST_PAGE:
        raise InputError(
            f"`{'last' if backward else 'first'}` is {size}; a page has 0 to {LARGEST_PAGE} rows.",
            code=ErrorCode.LIMIT_EXCEEDED,
        )
    wanted = arguments.get("orderBy")
    if wanted is not None:
        key = entity.orders[_enum_name(wanted["field"])]
        descending = _enum_name(wanted.get("direction") or OrderDirection.ASC) == "DESC"
    else:
        key, descending = declared_order(entity, default_order)
    return Page(size, backward, key, descending, arguments.get("after"), arguments.get("before"))


def declared_order(entity: Entity, order: str | None) -> tuple[Order, bool]:
    """The key and direction of a declared order such as "-occurred_at"; the id when none is declared."""
    if order is None:
        return entity.orders["ID"], False
    return entity.keys[order.removeprefix("-")], order.startswith("-")


def _enum_name(value: Any) -> str:
    return str(getattr(value, "value", value))


@dataclasses.dataclass
class ConnectionSource:
    """Where the rows of a connection come from: a FROM item and the conditions on it."""

    table: str
    conditions: list[str]
    row: Row


def nested_connection(
    compiler: Compiler, owner: str, declared: ManyField, planned: Planned, row: Row, details: list[FieldDetails]
) -> str:
    """The connection of an entity's child rows."""
    target = planned.target or ""
    entity = compiler.index.entities[target]
    child = Row(compiler.alias(), target, row.as_of)
    conditions = [f"{child.alias}.{declared.column} = {row.alias}.id"]
    if declared.condition:
        conditions.append(compiler.template(child, declared.condition))
    arguments = compiler.arguments(owner, details[0])
    source = ConnectionSource(entity.table, conditions, child)
    return connection(compiler, entity, source, arguments, declared.order, details)


def connection(
    compiler: Compiler,
    entity: Entity,
    source: ConnectionSource,
    arguments: dict[str, Any],
    default_order: str | None,
    details: list[FieldDetails],
) -> str:
    """The JSON of a connection: its page of rows, and what of pageInfo and totals is selected."""
    page = page_of(entity, arguments, default_order)
    if page.key.declared is not None:
        compiler.require(page.key.declared.permission, f"{entity.name} order {page.key.name}")
        compiler.require(getattr(page.key.declared, "reveal", None), f"{entity.name} order {page.key.name}")
    row = source.row
    conditions = source.conditions + Conditions(
        entity,
        row.alias,
        compiler.parameters,
        lambda sql: compiler.template(row, sql),
        compiler.require,
        compiler.count_condition,
    ).compile(arguments.get("where"))
    return _Assembly(compiler, entity, source, page, conditions).compile(details)


class _Assembly:
    """Puts the parts of one connection together, leaving out what is not selected."""

    def __init__(
        self, compiler: Compiler, entity: Entity, source: ConnectionSource, page: Page, conditions: list[str]
    ) -> None:
        self.compiler = compiler
        self.entity = entity
        self.source = source
        self.page = page
        self.conditions = conditions
        self.gathered = compiler.alias()
        self.columns: list[str] = []
        self.peeks = False
        self.counts = False

    def compile(self, details: list[FieldDetails]) -> str:
        type_name = f"{self.entity.name}Connection"
        pairs: list[tuple[str, str]] = []
        for key, grouped in self.compiler.selected(type_name, details).items():
            name = grouped[0].node.name.value
            if name != "__typename":
                self.compiler.require(self.entity.permission, f"{type_name}.{name}")
            pairs.append((key, self._field(name, type_name, grouped)))
        made = values.json_object(pairs)
        total = f"with {self.gathered}_total as ({self._total()}) " if self.counts else ""
        # Without anything taken from the rows nothing would gather them into one.
        rows = f" from {self._from()}" if self.columns or self.peeks else ""
        return f"({total}select {made}{rows})"

    def _field(self, name: str, type_name: str, grouped: list[FieldDetails]) -> str:
        match name:
            case "nodes":
                return self._gather(self.compiler.object(self.entity.name, self.source.row, grouped))
            case "edges":
                return self._gather(self._edge(grouped))
            case "pageInfo":
                return self._page_info(grouped)
            case "totalCount":
                self.counts = True
                return f"(select least(c, {COUNTED}) from {self.gathered}_total)"
            case "totalCountIsExact":
                self.counts = True
                return f"(select c <= {COUNTED} from {self.gathered}_total)"
            case _:
                return f"{values.quoted(type_name)}::text"

    def _column(self, expression: str) -> str:
        name = f"j{len(self.columns)}"
        self.columns.append(f"{expression} as {name}")
        return name

    def _gather(self, expression: str) -> str:
        name = self._column(expression)
        direction = "desc" if self.page.backward else "asc"
        return (
            f"coalesce(json_agg({self.gathered}.{name} order by {self.gathered}.n {direction})"
            f" filter (where {self.gathered}.n <= {self.page.size}), '[]'::json)"
        )

    def _edge(self, grouped: list[FieldDetails]) -> str:
        type_name = f"{self.entity.name}Edge"
        pairs: list[tuple[str, str]] = []
        for key, details in self.compiler.selected(type_name, grouped).items():
            match details[0].node.name.value:
                case "node":
                    pairs.append((key, self.compiler.object(self.entity.name, self.source.row, details)))
                case "cursor":
                    pairs.append((key, self._cursor()))
                case _:
                    pairs.append((key, f"{values.quoted(type_name)}::text"))
        return values.json_object(pairs)

    def _cursor(self) -> str:
        alias = self.source.row.alias
        return cursor_sql(self.page.key.name.upper(), f"{alias}.{self.page.key.column}", alias)

    def _page_info(self, grouped: list[FieldDetails]) -> str:
        pairs: list[tuple[str, str]] = []
        more = f"(count(*) > {self.page.size})"
        for key, details in self.compiler.selected("PageInfo", grouped).items():
            name = details[0].node.name.value
            match name:
                case "hasNextPage":
                    value = ("true" if self.page.before is not None else "false") if self.page.backward else more
                    self.peeks = self.peeks or not self.page.backward
                case "hasPreviousPage":
                    value = more if self.page.backward else ("true" if self.page.after is not None else "false")
                    self.peeks = self.peeks or self.page.backward
                case "startCursor" | "endCursor":
                    value = self._border((name == "startCursor") != self.page.backward)
                case _:
                    value = "'PageInfo'::text"
            pairs.append((key, value))
        return values.json_object(pairs)

    def _border(self, nearest: bool) -> str:
        name = self._column(self._cursor())
        direction = "asc" if nearest else "desc"
        shown = f"filter (where {self.gathered}.n <= {self.page.size})"
        return f"((array_agg({self.gathered}.{name} order by {self.gathered}.n {direction}) {shown})[1])"

    def _from(self) -> str:
        alias = self.source.row.alias
        page = self.page
        key = f"{alias}.{page.key.column}"
        way = "desc" if page.reads_descending else "asc"
        order = f"{alias}.id {way}" if page.key.column == "id" else f"{key} {way}, {alias}.id {way}"
        limits = [*self.conditions, *self._bounds()]
        where = f" where {' and '.join(limits)}" if limits else ""
        wanted = page.size + 1 if self.peeks else page.size
        rows = f"select {alias}.* from {self.source.table} {alias}{where} order by {order} limit {wanted}"
        columns = "".join(f", {column}" for column in self.columns)
        return f"(select row_number() over (order by {order}) as n{columns} from ({rows}) {alias}) {self.gathered}"

    def _total(self) -> str:
        alias = self.source.row.alias
        where = f" where {' and '.join(self.conditions)}" if self.conditions else ""
        counted = f"select 1 from {self.source.table} {alias}{where} limit {COUNTED + 1}"
        return f"select count(*) as c from ({counted}) counted"

    def _bounds(self) -> list[str]:
        found = []
        for cursor, forward in ((self.page.after, True), (self.page.before, False)):
            if current(cursor) is not None:
                found.append(self._bound(cursor, forward))
        return found

    def _bound(self, cursor: Any, forward: bool) -> str:
        alias, key = self.source.row.alias, self.page.key
        operator = ">" if forward != self.page.descending else "<"
        find = getter(cursor)
        name = key.name.upper()
        row_id = self.compiler.parameters.add(cursor_getter(find, name, 2, "uuid"), "uuid")
        if key.column == "id":
            return f"{alias}.id {operator} {row_id}"
        value = self.compiler.parameters.add(cursor_getter(find, name, 1, key.sql_type), key.sql_type)
        return f"({alias}.{key.column}, {alias}.id) {operator} ({value}, {row_id})"
