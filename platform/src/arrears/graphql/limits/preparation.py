"""From a request to an operation that may run: parsed, measured, validated, its variables coerced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql.execution.values import VariableValues, get_variable_values

from arrears.graphql.edge.engine import GraphQLRequest
from arrears.graphql.limits.cost import Cost
from arrears.graphql.limits.documents import Document, Documents
from arrears.graphql.limits.refusal import DocumentRefused
from arrears_sdk.errors import ErrorCode

MAX_VARIABLE_ERRORS = 20
"""Reported at once; more say nothing new."""


@dataclass(frozen=True)
class Prepared:
    """An operation that is valid and within bounds."""

    document: Document
    operation: OperationDefinitionNode
    cost: Cost

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.operation


def prepare(documents: Documents, request: GraphQLRequest, *, streaming: bool = False) -> Prepared:
    """The operation of a request, ready to run.

    In this order, the cheap before the dear: parsed, one operation chosen, measured, validated. Raises LimitError
    or DocumentRefused. A mutation by GET is refused with 405, a subscription where `streaming` is false with 400.
    """
    document = documents.load(request.query)
    operation = document.operation(request.operation_name)
    cost = document.cost(request.operation_name, request.variables or {})
    document.validate()
    if request.only_queries and operation.operation is not OperationType.QUERY:
        raise DocumentRefused(
            ErrorCode.BAD_REQUEST,
            [GraphQLError("GET runs queries only; send this operation by POST.")],
            status=405,
            headers=[("allow", "POST")],
        )
    if operation.operation is OperationType.SUBSCRIPTION and not streaming:
        raise DocumentRefused(
            ErrorCode.BAD_REQUEST,
            [GraphQLError("Subscriptions need a graphql-transport-ws socket or `Accept: text/event-stream`.")],
            status=400,
        )
    return Prepared(document, operation, cost)


def coerce_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, object] | None
) -> VariableValues:
    """The variables as their types take them. DocumentRefused with an error for each that does not fit."""
    coerced = get_variable_values(
        schema, operation.variable_definitions or [], dict(variables or {}), max_errors=MAX_VARIABLE_ERRORS
    )
    if isinstance(coerced, list):
        raise DocumentRefused(ErrorCode.GRAPHQL_VALIDATION_FAILED, coerced)
    return coerced
