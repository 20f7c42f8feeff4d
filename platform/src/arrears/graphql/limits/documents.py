"""Documents by their text: parsed, measured and validated once, and remembered within a bound of memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, validate
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError

from arrears.graphql.limits.cost import Cost, OperationCost
from arrears.graphql.limits.operation import select_operation
from arrears.graphql.limits.parsing import parse
from arrears.graphql.limits.refusal import DocumentRefused
from arrears.graphql.limits.settings import DocumentLimits
from arrears_sdk.errors import ErrorCode, LimitError

MAX_VALIDATION_ERRORS = 20
# graphql-core compares fields of equal name pairwise up to this budget, and blocks the event loop meanwhile: its own
# 500,000 take a second. An operation of a thousand different fields needs a tenth of what is left.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 60_000


class Document:
    """One parsed document; what is found out about it is kept."""

    def __init__(self, schema: GraphQLSchema, limits: DocumentLimits, text: str) -> None:
        self.node: DocumentNode = parse(text, limits)
        self.tokens: int = getattr(self.node, "token_count", len(text))
        self._schema = schema
        self._limits = limits
        self._operations: dict[str | None, OperationDefinitionNode] = {}
        self._costs: dict[str | None, OperationCost] = {}
        self._errors: list[GraphQLError] | None = None

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is to run. DocumentRefused when the name does not tell."""
        operation = self._operations.get(name)
        if operation is None:
            operation = self._operations[name] = select_operation(self.node, name)
        return operation

    def cost(self, name: str | None, variables: Mapping[str, object]) -> Cost:
        """The cost of an operation. LimitError when it exceeds a bound."""
        costs = self._costs.get(name)
        if costs is None:
            operation = self.operation(name)
            costs = self._costs[name] = OperationCost(self._schema, self.node, operation, self._limits)
        return costs.check(variables)

    def validate(self) -> None:
        """Nothing when the document is valid. DocumentRefused with its errors, LimitError when it is too tangled."""
        if self._errors is None:
            errors = validate(self._schema, self.node, max_errors=MAX_VALIDATION_ERRORS)
            self._errors = [error.with_traceback(None) for error in errors]
        if self._errors and isinstance(self._errors[0], ValidationAbortedError):
            raise LimitError("The document repeats fields too often to be validated.")
        if self._errors:
            raise DocumentRefused(ErrorCode.GRAPHQL_VALIDATION_FAILED, self._errors)


class Documents:
    """The documents seen lately. Their number is bounded by the tokens they hold together, for those are memory."""

    def __init__(self, schema: GraphQLSchema, limits: DocumentLimits, *, max_tokens: int = 200_000) -> None:
        self.schema = schema
        self.limits = limits
        self._max_tokens = max_tokens
        self._tokens = 0
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def load(self, text: str) -> Document:
        """The document of a text, not yet validated. LimitError or DocumentRefused when it cannot be parsed."""
        document = self._documents.get(text)
        if document is not None:
            self._documents.move_to_end(text)
            return document
        document = Document(self.schema, self.limits, text)
        self._documents[text] = document
        self._tokens += self._weight(text, document)
        while self._tokens > self._max_tokens:
            forgotten, last = self._documents.popitem(last=False)
            self._tokens -= self._weight(forgotten, last)
        return document

    @staticmethod
    def _weight(text: str, document: Document) -> int:
        # A token keeps about as much memory as a hundred characters of a long literal.
        return document.tokens + len(text) // 100

    def __len__(self) -> int:
        return len(self._documents)
