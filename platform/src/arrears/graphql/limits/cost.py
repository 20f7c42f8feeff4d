"""What an operation costs, and whether that is more than one may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode

from arrears.graphql.limits.operation import select_operation
from arrears.graphql.limits.settings import DocumentLimits
from arrears.graphql.limits.shape import Measure, Measured, size_of
from arrears_sdk.errors import LimitError

REMEMBERED_SIZES = 32
_UNSET = object()


@dataclass(frozen=True)
class Cost:
    """The values of the largest answer an operation can have, beside the bound; for `extensions.cost`."""

    requested: int
    maximum: int
    depth: int
    aliases: int
    fields: int

    def extension(self) -> dict[str, int]:
        """The content of `extensions.cost`."""
        return {"requested": self.requested, "maximum": self.maximum, "depth": self.depth}


class CostError(LimitError):
    """The operation asks for too much. `cost` says how much it asked for."""

    def __init__(self, message: str, cost: Cost) -> None:
        super().__init__(message)
        self.cost = cost


class OperationCost:
    """The cost of one operation of one document; remembered for each set of page sizes, since only those change it."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, limits: DocumentLimits
    ) -> None:
        self._schema = schema
        self._document = document
        self._operation = operation
        self._limits = limits
        self._variables: tuple[str, ...] | None = None
        self._remembered: dict[object, Cost] = {}

    def check(self, variables: Mapping[str, object]) -> Cost:
        """The cost for these variables. CostError or LimitError when it exceeds a bound."""
        cost = self._remembered.get(self._key(variables)) if self._variables is not None else None
        if cost is None:
            measured = Measure(self._schema, self._document, variables, self._limits).operation(self._operation)
            self._variables = measured.size_variables
            cost = self._checked(measured)
            if len(self._remembered) >= REMEMBERED_SIZES:
                self._remembered.clear()
            self._remembered[self._key(variables)] = cost
        if cost.requested > cost.maximum:
            raise CostError(
                f"The answer may hold {cost.requested} values, and at most {cost.maximum} are allowed."
                " Select fewer fields or ask for smaller pages.",
                cost,
            )
        return cost

    def _key(self, variables: Mapping[str, object]) -> tuple[object, ...]:
        # A variable left out has its default, one that is null has none.
        return tuple(size_of(variables[name]) if name in variables else _UNSET for name in self._variables or ())

    def _checked(self, measured: Measured) -> Cost:
        shape, limits = measured.shape, self._limits
        for asked, most, what in (
            (shape.depth, limits.max_depth, "levels of fields"),
            (shape.fields, limits.max_fields, "fields, with fragments expanded"),
            (shape.breadth, limits.max_root_fields, "fields at its root"),
            (shape.aliases, limits.max_aliases, "aliases"),
            (shape.introspection_lists, limits.max_introspection_lists, "lists of fields or types inside each other"),
        ):
            if asked > most:
                raise LimitError(f"The operation has more than {most} {what}.")
        requested = shape.values + shape.paged
        return Cost(requested, limits.max_cost, shape.depth, shape.aliases, shape.fields)


def check_document(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, object] | None,
    limits: DocumentLimits,
) -> Cost:
    """The cost of the operation of a document that would run. LimitError when it exceeds a bound.

    The document need not be validated yet: call this first, for validation is dearer.
    """
    operation = select_operation(document, operation_name)
    return OperationCost(schema, document, operation, limits).check(variables or {})
