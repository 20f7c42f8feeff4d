"""Documents are parsed, measured and validated once, and what is remembered stays small."""

from __future__ import annotations

import pytest

from arrears.graphql.edge.engine import GraphQLRequest
from arrears.graphql.limits import DocumentLimits, DocumentRefused, Documents
from arrears.graphql.limits.preparation import coerce_variables, prepare
from arrears_sdk.errors import ErrorCode, LimitError
from tests.graphql.edge.sample import sample_schema

SCHEMA = sample_schema()


def documents(max_depth: int = 20) -> Documents:
    return Documents(SCHEMA, DocumentLimits(max_depth=max_depth))


def test_the_same_text_is_parsed_once() -> None:
    remembered = documents()
    assert remembered.load("{ hello }") is remembered.load("{ hello }")
    assert remembered.load("{ hello }") is not remembered.load("{ hello  }")


def test_memory_is_bounded_by_tokens_and_what_was_used_longest_ago_goes_first() -> None:
    remembered = Documents(SCHEMA, DocumentLimits(), max_tokens=25)
    first = remembered.load("{ a: hello }")
    for number in range(1, 5):
        remembered.load(f"{{ a{number}: hello }}")
        assert remembered.load("{ a: hello }") is first
    assert len(remembered) == 5
    remembered.load("{ a5: hello }")
    assert len(remembered) == 5
    assert remembered.load("{ a: hello }") is first


def test_a_document_larger_than_the_memory_is_not_kept() -> None:
    remembered = Documents(SCHEMA, DocumentLimits(), max_tokens=10)
    remembered.load("{ hello" + " hello" * 20 + " }")
    assert len(remembered) == 0


def test_a_long_literal_counts_as_memory_too() -> None:
    remembered = Documents(SCHEMA, DocumentLimits(), max_tokens=100)
    remembered.load('{ hello(name: "' + "x" * 20_000 + '") }')
    assert len(remembered) == 0


def test_the_errors_of_a_document_are_remembered() -> None:
    document = documents().load("{ nothing }")
    with pytest.raises(DocumentRefused) as first:
        document.validate()
    with pytest.raises(DocumentRefused) as second:
        document.validate()
    assert first.value.errors == second.value.errors
    assert first.value.code == ErrorCode.GRAPHQL_VALIDATION_FAILED


def test_a_syntax_error_says_where() -> None:
    with pytest.raises(DocumentRefused) as refused:
        documents().load("{\n  hello(\n}")
    (error,) = refused.value.errors
    assert (refused.value.code, error.message) == (
        ErrorCode.GRAPHQL_PARSE_FAILED,
        "Syntax Error: Expected Name, found '}'.",
    )
    assert [(place.line, place.column) for place in error.locations or []] == [(3, 1)]


def test_limits_come_before_validation_and_validation_before_the_rest() -> None:
    remembered = documents(max_depth=1)
    with pytest.raises(LimitError):
        prepare(remembered, GraphQLRequest("mutation { nothing { at { all } } }", only_queries=True))
    with pytest.raises(DocumentRefused) as refused:
        prepare(remembered, GraphQLRequest("mutation { nothing }", only_queries=True))
    assert refused.value.status is None
    with pytest.raises(DocumentRefused) as refused:
        prepare(remembered, GraphQLRequest('mutation { rename(name: "") }', only_queries=True))
    assert refused.value.status == 405


def test_variables_are_coerced_with_every_error() -> None:
    prepared = prepare(
        documents(), GraphQLRequest("query ($a: Int!, $b: Int = 2) { echo(value: $a) x: echo(value: $b) }")
    )
    assert coerce_variables(SCHEMA, prepared.operation, {"a": 1}).coerced == {"a": 1, "b": 2}
    with pytest.raises(DocumentRefused) as refused:
        coerce_variables(SCHEMA, prepared.operation, {"a": "x", "b": 1.5})
    assert len(refused.value.errors) == 2


def test_each_operation_of_a_document_is_measured_by_itself() -> None:
    document = documents().load("query A { people(first: 1) { nodes { id } } } query B { hello }")
    assert (document.cost("A", {}).requested, document.cost("B", {}).requested) == (3, 1)
    with pytest.raises(DocumentRefused, match="several operations"):
        document.cost(None, {})
