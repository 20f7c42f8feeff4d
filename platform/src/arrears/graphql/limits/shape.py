"""What a selection asks for, measured in one pass: each field and each fragment of the document is looked at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from arrears.graphql.limits.settings import DocumentLimits
from arrears_sdk.errors import LimitError

PAGE_ARGUMENTS = ("first", "last")
INPUT = "input"
PAGED_FIELDS = ("nodes", "edges")
INTROSPECTION_LISTS = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})
# Typical lengths in a schema; only their product matters, and only roughly.
INTROSPECTION_SIZES = {
    "fields": 8, "args": 1, "inputFields": 4, "enumValues": 4, "interfaces": 1, "possibleTypes": 2, "directives": 8,
}  # fmt: skip
LONGEST_LIST = 1_000_000


class Shape(NamedTuple):
    """The measures of a selection set, for one object it is applied to.

    `values` counts the values of the largest possible answer, `paged` those that come once for each item of the
    connection that the selection set is applied to. `fields` and `aliases` count what is selected with fragments
    expanded, `breadth` those of the top level only. `depth` counts levels of fields, `nesting` fragments as well.
    """

    values: int = 0
    paged: int = 0
    fields: int = 0
    aliases: int = 0
    breadth: int = 0
    depth: int = 0
    nesting: int = 0
    introspection_lists: int = 0

    def beside(self, other: Shape) -> Shape:
        """Both in one selection set."""
        return Shape(
            self.values + other.values,
            self.paged + other.paged,
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.breadth + other.breadth,
            max(self.depth, other.depth),
            max(self.nesting, other.nesting),
            max(self.introspection_lists, other.introspection_lists),
        )


EMPTY = Shape()


@dataclass(frozen=True)
class Measured:
    """The shape of one operation, and the variables that its page sizes come from."""

    shape: Shape
    size_variables: tuple[str, ...]


class Measure:
    """Measures operations of one document for given values of its variables.

    Fragments are remembered, so that the work stays linear in the length of the document however they are spread.
    A fragment that spreads itself counts once; validation refuses it.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, object], limits: DocumentLimits
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.variables = variables
        self.defaults: dict[str, ValueNode] = {}
        self.size_variables: dict[str, None] = {}
        self.shapes: dict[str, Shape] = {}
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def operation(self, operation: OperationDefinitionNode) -> Measured:
        """The shape of an operation of the document. LimitError when it is nested too deeply to be measured."""
        self.defaults = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        }
        root = self.schema.get_root_type(operation.operation)
        shape = self._selections(operation.selection_set, root, 1)
        return Measured(shape, tuple(self.size_variables))

    def _selections(self, selected: SelectionSetNode, parent: GraphQLNamedType | None, level: int) -> Shape:
        if level > self.limits.max_nesting:
            raise LimitError(f"The operation is nested more than {self.limits.max_nesting} levels deep.")
        shape = EMPTY
        for selection in selected.selections:
            if isinstance(selection, FieldNode):
                shape = shape.beside(self._field(selection, parent, level))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                target = self.schema.get_type(condition.name.value) if condition else parent
                shape = shape.beside(self._within(self._selections(selection.selection_set, target, level + 1)))
            elif isinstance(selection, FragmentSpreadNode):
                shape = shape.beside(self._within(self._fragment(selection.name.value, level + 1)))
        return shape

    @staticmethod
    def _within(shape: Shape) -> Shape:
        return shape._replace(nesting=shape.nesting + 1)

    def _fragment(self, name: str, level: int) -> Shape:
        shape = self.shapes.get(name)
        if shape is None:
            fragment = self.fragments.get(name)
            if fragment is None:
                return EMPTY
            self.shapes[name] = EMPTY
            target = self.schema.get_type(fragment.type_condition.name.value)
            shape = self._selections(fragment.selection_set, target, level)
            self.shapes[name] = shape
        if level + shape.nesting > self.limits.max_nesting:
            raise LimitError(f"The operation is nested more than {self.limits.max_nesting} levels deep.")
        return shape

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, level: int) -> Shape:
        name = node.name.value
        definition = self._definition(parent, name)
        returned = get_named_type(definition.type) if definition is not None else None
        below = self._selections(node.selection_set, returned, level + 1) if node.selection_set else EMPTY
        values, paged = 1 + below.values, 0
        if definition is not None and parent is not None and returned is not None:
            if _is_connection(returned):
                values += below.paged * min(self._size(node, self.limits.default_page), self.limits.max_page)
            elif _is_connection(parent) and name in PAGED_FIELDS:
                values, paged = 0, values + below.paged
            elif _is_list(definition.type):
                values *= self._list_size(node, parent, name)
            elif name == "ofType" and parent.name == "__Type":
                # Tools ask for nine levels or more of wrapping types; half of all types are not wrapped at all.
                values //= 2
            cost = self.limits.field_costs.get(f"{parent.name}.{name}")
            if cost is not None:
                values += cost.once + (cost.each * self._size(node, cost.usual) if cost.each else 0)
        listed = name in INTROSPECTION_LISTS and parent is not None and parent.name == "__Type"
        return Shape(
            values=values,
            paged=paged,
            fields=below.fields + 1,
            aliases=below.aliases + (node.alias is not None),
            breadth=1,
            depth=below.depth + 1,
            nesting=below.nesting + 1,
            introspection_lists=below.introspection_lists + listed,
        )

    def _definition(self, parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
        if parent is self.schema.query_type and name in ("__schema", "__type"):
            return SchemaMetaFieldDef if name == "__schema" else TypeMetaFieldDef
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            fields: dict[str, GraphQLField] = parent.fields
            return fields.get(name)
        return None

    def _list_size(self, node: FieldNode, parent: GraphQLNamedType, name: str) -> int:
        if parent.name.startswith("__"):
            # Read from memory, values of the schema take less than half the time of values from the database.
            return len(self.schema.type_map) // 2 if name == "types" else INTROSPECTION_SIZES.get(name, 1)
        return self._size(node, self.limits.list_sizes.get(f"{parent.name}.{name}", self.limits.default_list))

    def _size(self, node: FieldNode, otherwise: int) -> int:
        """The longest list that the arguments allow: a page size, or as many as there are ids."""
        sizes = [self._argument_size(argument) for argument in node.arguments or ()]
        return max((size for size in sizes if size is not None), default=otherwise)

    def _argument_size(self, argument: ArgumentNode) -> int | None:
        name = argument.name.value
        return self._given_size(argument.value) if name == INPUT or _tells_size(name) else None

    def _given_size(self, given: ValueNode) -> int | None:
        value: object = given
        if isinstance(value, VariableNode):
            variable = value.name.value
            self.size_variables[variable] = None
            value = self.variables[variable] if variable in self.variables else self.defaults.get(variable)
        if isinstance(value, ListValueNode):
            return len(value.values)
        if isinstance(value, ObjectValueNode):
            sizes = [self._given_size(one.value) for one in value.fields if _tells_size(one.name.value)]
            return max((size for size in sizes if size is not None), default=None)
        if isinstance(value, IntValueNode):
            # More digits than this are above every limit, and converting very many is slow.
            value = int(value.value) if len(value.value) < 10 else LONGEST_LIST
        return size_of(value)


def size_of(value: object) -> int | None:
    """How long a list the value of an argument makes: as many as there are ids, or the number itself."""
    if isinstance(value, dict):
        sizes = [size_of(inner) for name, inner in value.items() if _tells_size(name)]
        return max((size for size in sizes if size is not None), default=None)
    if isinstance(value, list):
        return len(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # Int takes 250.0 for 250.
    if isinstance(value, int) and not isinstance(value, bool):
        return min(max(value, 0), LONGEST_LIST)
    return None


def _tells_size(name: str) -> bool:
    return name in PAGE_ARGUMENTS or name == "ids" or name.endswith("Ids")


def _is_connection(named: GraphQLNamedType) -> bool:
    return named.name.endswith("Connection")


def _is_list(returned: GraphQLOutputType) -> bool:
    return is_list_type(returned.of_type) if is_non_null_type(returned) else is_list_type(returned)
