"""Text to document, within bounds: the work is linear in the text, and the text is short."""

from __future__ import annotations

from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    Source,
    StringValueNode,
)
from graphql.language.parser import Parser

from arrears.graphql.limits.refusal import DocumentRefused
from arrears.graphql.limits.settings import DocumentLimits
from arrears_sdk.errors import ErrorCode, LimitError


class BoundedParser(Parser):
    """graphql-core's parser that also counts directives and refuses the character that PostgreSQL cannot store."""

    directives = 0

    def parse_directive(self, is_const: bool) -> DirectiveNode:
        """A directive, counted."""
        self.directives += 1
        return super().parse_directive(is_const)

    def parse_string_literal(self, _is_const: bool = False) -> StringValueNode:
        """A string that can be stored."""
        token = self._lexer.token
        if token.value and "\0" in token.value:
            raise GraphQLSyntaxError(self._lexer.source, token.start, "A string may not contain the character U+0000.")
        return super().parse_string_literal(_is_const)


def parse(text: str, limits: DocumentLimits) -> DocumentNode:
    """The document of a text. LimitError when it is too long, DocumentRefused when it is no GraphQL."""
    if len(text) > limits.max_characters:
        raise LimitError(f"The document has more than {limits.max_characters} characters.")
    parser = BoundedParser(Source(text), max_tokens=limits.max_tokens, max_comments=limits.max_comments)
    try:
        document = parser.parse_document()
    except RecursionError:
        raise LimitError("The document is nested too deeply.") from None
    except GraphQLError as error:
        if parser.token_count > limits.max_tokens:
            raise LimitError(f"The document has more than {limits.max_tokens} tokens.") from None
        raise DocumentRefused(ErrorCode.GRAPHQL_PARSE_FAILED, [error.with_traceback(None)]) from None
    if parser.directives > limits.max_directives:
        raise LimitError(f"The document has more than {limits.max_directives} directives.")
    operations = sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions)
    if operations > limits.max_operations:
        raise LimitError(f"The document has more than {limits.max_operations} operations.")
    return document
