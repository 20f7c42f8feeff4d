"""Which operation of a document is to run."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode

from arrears.graphql.limits.refusal import DocumentRefused
from arrears_sdk.errors import ErrorCode


def select_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The named operation, or the only one. DocumentRefused when that is not exactly one."""
    operations = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        and (name is None or (definition.name is not None and definition.name.value == name))
    ]
    if len(operations) == 1:
        return operations[0]
    if name is not None and not operations:
        message = f"The document has no operation named '{name[:100]}'."
    elif not operations:
        message = "The document has no operation."
    else:
        message = "The document has several operations: say in operationName which one is to run."
    raise DocumentRefused(ErrorCode.BAD_REQUEST, [GraphQLError(message)])
