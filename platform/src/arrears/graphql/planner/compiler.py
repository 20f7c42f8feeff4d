"""A selection over entity types into SQL that returns its JSON: objects, values and to-one relations.

Connections are in `connections`, root fields in `roots`. Nothing from a caller is put into SQL except validated
names of fields and page sizes; every other value is a parameter.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from arrears.graphql.build import Entity, Planned, SchemaIndex
from arrears.graphql.declarations import (
    BatchedField,
    ColumnField,
    ExtensionsField,
    FewField,
    InlineField,
    LoadedField,
    ManyField,
    MoneyField,
    OneField,
)
from arrears.graphql.planner import values
from arrears.graphql.planner.runtime import Parameters
from arrears_sdk.errors import LimitError

# Compiling costs time and memory for each condition and field as often as it is used: a `where` in each field that it
# is a variable of, a selection of `nodes` in each id. Neither shows in the cost of the answer.
MOST_CONDITIONS = 1_000
MOST_FIELDS = 10_000


@dataclasses.dataclass(frozen=True)
class Row:
    """A row in scope while SQL is written: its alias, its entity and the date that {as_of} stands for."""

    alias: str
    entity: str
    as_of: str | None = None


@dataclasses.dataclass(frozen=True)
class Denial:
    """A permission that a selected field or a used filter needs and the principal lacks."""

    permission: str
    field: str


@dataclasses.dataclass
class Compiler:
    """Compiles the selections of one operation for one set of permissions and one shape of variables."""

    schema: GraphQLSchema
    index: SchemaIndex
    fragments: Mapping[str, FragmentDetails]
    operation: OperationDefinitionNode
    variables: VariableValues
    permissions: frozenset[str]
    narrowed: bool = False
    typed: bool = False
    extended: bool = False
    parameters: Parameters = dataclasses.field(default_factory=Parameters)
    denials: list[Denial] = dataclasses.field(default_factory=list)
    _aliases: int = 0
    _conditions: int = 0
    _fields: int = 0

    def alias(self) -> str:
        """A row alias that nothing else in the statement uses."""
        self._aliases += 1
        return f"t{self._aliases}"

    def count_condition(self) -> None:
        """LimitError when the operation has too many conditions."""
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise LimitError(f"The operation compares by more than {MOST_CONDITIONS} conditions.")

    def _count_fields(self, count: int) -> None:
        self._fields += count
        if self._fields > MOST_FIELDS:
            raise LimitError(f"The operation selects more than {MOST_FIELDS} fields, counted for each of its `nodes`.")

    def require(self, permission: str | None, field: str) -> None:
        """Note a denial unless the principal has the permission."""
        if not self.has(permission):
            self.denials.append(Denial(permission or "", field))

    def has(self, permission: str | None) -> bool:
        """Whether the principal has a permission."""
        return permission is None or permission in self.permissions or "*" in self.permissions

    def template(self, row: Row, sql: str) -> str:
        """Fill {row}, {as_of}, {now} and {principal} into declared SQL."""
        filled = sql.replace("{as_of}", self.as_of(row)) if "{as_of}" in sql else sql
        if "{now}" in filled:
            filled = filled.replace("{now}", self.now())
        if "{principal}" in filled:
            filled = filled.replace("{principal}", self.principal())
        return filled.replace("{row}", row.alias)

    def now(self) -> str:
        """The platform clock's instant as a placeholder."""
        return self.parameters.shared("now", lambda runtime: runtime.now, "timestamptz")

    def principal(self) -> str:
        """The principal's id as a placeholder."""
        return self.parameters.shared("principal", lambda runtime: runtime.principal, "uuid")

    def as_of(self, row: Row) -> str:
        """The date that balances and days of a row are told for."""
        if row.as_of is not None:
            return row.as_of
        default = self.index.entities[row.entity].as_of
        if default is None:
            return f"({self.now()} at time zone 'UTC')::date"
        return "(" + default.replace("{now}", self.now()).replace("{row}", row.alias) + ")"

    def object_type(self, name: str) -> GraphQLObjectType:
        """A type of the schema by its name."""
        found = self.schema.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        return found

    def selected(self, type_name: str, details: list[FieldDetails]) -> dict[str, list[FieldDetails]]:
        """The fields that a selection asks of a type, by response key, fragments and directives resolved."""
        return collect_subfields(
            self.schema, dict(self.fragments), self.variables, self.operation, self.object_type(type_name), details
        ).grouped_field_set

    def roots(self, type_name: str) -> dict[str, list[FieldDetails]]:
        """The root fields of the operation, by response key."""
        return collect_fields(
            self.schema, dict(self.fragments), self.variables, self.object_type(type_name), self.operation
        ).grouped_field_set

    def arguments(self, type_name: str, detail: FieldDetails) -> dict[str, Any]:
        """The coerced arguments of a field, with slots where a variable's leaf stands."""
        field = self.object_type(type_name).fields[detail.node.name.value]
        return get_argument_values(field, detail.node, self.variables)

    def object(self, type_name: str, row: Row, details: list[FieldDetails]) -> str:
        """The JSON object of a selection over one row."""
        pairs: list[tuple[str, str]] = []
        chosen = self.selected(type_name, details)
        self._count_fields(len(chosen))
        for key, grouped in chosen.items():
            name = grouped[0].node.name.value
            if name == "__typename":
                pairs.append((key, f"{values.quoted(type_name)}::text"))
                continue
            planned = self.index.fields.get((type_name, name))
            if planned is None and name == "id":
                entity = self.index.entities[type_name]
                self.require(entity.permission, f"{type_name}.id")
                pairs.append((key, values.public_id(entity.prefix, f"{row.alias}.id")))
                continue
            assert planned is not None, f"{type_name}.{name} is not planned"
            self.require(planned.declared.permission, f"{type_name}.{name}")
            pairs.append((key, self.field(type_name, planned, row, grouped)))
        return values.json_object(pairs)

    def field(self, type_name: str, planned: Planned, row: Row, details: list[FieldDetails]) -> str:
        """The JSON value of one field of a row."""
        match planned.declared:
            case ColumnField() as declared:
                return self._column(declared, planned, row)
            case MoneyField() as declared:
                return self._money(declared, planned, row, details)
            case OneField() as declared:
                return self._one(declared, planned, row, details)
            case ManyField() as declared:
                from arrears.graphql.planner.connections import nested_connection

                return nested_connection(self, type_name, declared, planned, row, details)
            case FewField() as declared:
                return self._few(declared, planned, row, details)
            case ExtensionsField() as declared:
                return self._extensions(type_name, declared, planned, row, details)
            case BatchedField():
                self.extended = True
                self._check_below(planned.target, details)
                own = values.public_id(self.index.entities[type_name].prefix, f"{row.alias}.id")
                return values.json_object([("id", own)])
            case InlineField() as declared:
                made = self.object(planned.target or "", row, details)
                if declared.when is None:
                    return made
                return f"case when {self.template(row, declared.when)} then {made} end"
            case _:
                raise TypeError(f"{type_name}.{planned.name} cannot be planned")

    def _column(self, declared: ColumnField, planned: Planned, row: Row) -> str:
        if declared.sql is not None:
            found = f"({self.template(row, declared.sql)})"
        else:
            found = f"{row.alias}.{declared.column or planned.name}"
        if declared.mask is not None and not self.has(declared.reveal):
            return values.masked(found, declared.mask)
        return values.leaf(found, planned.python_type)

    def _money(self, declared: MoneyField, planned: Planned, row: Row, details: list[FieldDetails]) -> str:
        minor = self.template(row, declared.minor) if "{row}" in declared.minor else f"{row.alias}.{declared.minor}"
        currency = f"{row.alias}.{declared.currency}"
        pairs: list[tuple[str, str]] = []
        for key, grouped in self.selected("Money", details).items():
            match grouped[0].node.name.value:
                case "amount":
                    pairs.append((key, values.money_text(minor, currency)))
                case "currency":
                    pairs.append((key, currency))
                case _:
                    pairs.append((key, "'Money'::text"))
        made = values.json_object(pairs)
        return f"case when {minor} is not null then {made} end" if planned.nullable else made

    def _one(self, declared: OneField, planned: Planned, row: Row, details: list[FieldDetails]) -> str:
        target = planned.target or ""
        entity = self.index.entities[target]
        other = Row(self.alias(), target, row.as_of)
        # An id that stands in another row is found by SQL over this one.
        column = declared.column
        wanted = self.template(row, column) if "{row}" in column else f"{row.alias}.{column}"
        return (
            f"(select {self.object(target, other, details)} from {entity.table} {other.alias}"
            f" where {other.alias}.id = {wanted})"
        )

    def _few(self, declared: FewField, planned: Planned, row: Row, details: list[FieldDetails]) -> str:
        target = planned.target or ""
        table = self.index.tables[target]
        other = Row(self.alias(), row.entity, row.as_of)
        inner = self.object(target, other, details)
        order = f"{other.alias}.{declared.order}"
        picked = (
            f"select * from {table} {other.alias} where {other.alias}.{declared.column} = {row.alias}.id"
            f" order by {order} limit {declared.limit}"
        )
        return f"(select coalesce(json_agg({inner} order by {order}), '[]'::json) from ({picked}) {other.alias})"

    def _extensions(
        self, type_name: str, declared: ExtensionsField, planned: Planned, row: Row, details: list[FieldDetails]
    ) -> str:
        """The row's id and client, from which Python asks the plugins; their permissions are checked here."""
        self.extended = True
        container = f"{type_name}Extensions"
        for grouped in self.selected(container, details).values():
            namespace = self.object_type(container).fields.get(grouped[0].node.name.value)
            if namespace is None:
                continue
            owner = get_named_type(namespace.type).name
            for inner in self.selected(owner, grouped).values():
                name = inner[0].node.name.value
                known = self.index.fields.get((owner, name))
                if known is not None:
                    self.require(known.declared.permission, f"{owner}.{name}")
        own = values.public_id(self.index.entities[type_name].prefix, f"{row.alias}.id")
        client = "null::text"
        if declared.client is not None:
            client = f"({self.template(row, declared.client)})::text"
        return values.json_object([("id", own), ("client", client)])

    def _check_below(self, type_name: str | None, details: list[FieldDetails]) -> None:
        """Note what the principal may not see of objects that Python gives."""
        if type_name is None:
            return
        chosen = self.selected(type_name, details)
        self._count_fields(len(chosen))
        for grouped in chosen.values():
            name = grouped[0].node.name.value
            known = self.index.fields.get((type_name, name))
            if known is not None:
                if isinstance(known.declared, LoadedField):
                    raise TypeError(f"{type_name}.{name} would be loaded one by one; a batched field has none")
                self.require(known.declared.permission, f"{type_name}.{name}")
                self._check_below(known.target, grouped)

    def entity_by_id(self, entity: Entity, find: Any, details: list[FieldDetails]) -> str:
        """The JSON of the entity with an id, or SQL null."""
        row = Row(self.alias(), entity.name)
        made = self.object(entity.name, row, details)
        wanted = self.parameters.add(find, "uuid")
        return f"(select {made} from {entity.table} {row.alias} where {row.alias}.id = {wanted})"


def fragment_details(fragments: Mapping[str, FragmentDefinitionNode]) -> dict[str, FragmentDetails]:
    """Fragments as graphql-core's field collection takes them."""
    return {name: FragmentDetails(definition) for name, definition in fragments.items()}
