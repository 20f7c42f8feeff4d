"""What an operation costs, value by value, and what is refused before anything runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from graphql import get_introspection_query, parse, validate

from arrears.graphql.limits import (
    Cost,
    CostError,
    DocumentLimits,
    Documents,
    FieldCost,
    check_document,
    parse as bounded_parse,
)
from arrears_sdk.errors import ErrorCode, LimitError
from tests.graphql.edge.sample import sample_schema

SCHEMA = sample_schema()
LIMITS = DocumentLimits()


def cost(query: str, limits: DocumentLimits = LIMITS, variables: dict[str, object] | None = None) -> Cost:
    return check_document(SCHEMA, bounded_parse(query, limits), None, variables, limits)


@pytest.mark.parametrize(
    ("query", "requested"),
    [
        ("{ hello }", 1),
        ("{ a: hello b: hello }", 2),
        ("{ people { totalCount } }", 2),
        # The connection, and 50 people of two values and themselves.
        ("{ people { nodes { id name } } }", 1 + 50 * 3),
        ("{ people(first: 10) { nodes { id name } } }", 1 + 10 * 3),
        ("{ people(last: 10) { nodes { id } } }", 1 + 10 * 2),
        ("{ people(first: 10, last: 20) { nodes { id } } }", 1 + 20 * 2),
        ("{ people(first: 0) { nodes { id } } }", 1),
        ("{ people(first: -5) { nodes { id } } }", 1),
        # The planner refuses more than 250 with a better message, so the cost does not grow beyond.
        ("{ people(first: 100000) { nodes { id } } }", 1 + 250 * 2),
        # Edge, cursor, node, id.
        ("{ people(first: 10) { edges { cursor node { id } } } }", 1 + 10 * 4),
        ("{ people(first: 10) { edges { cursor node { id } } nodes { id } totalCount } }", 1 + 10 * 4 + 10 * 2 + 1),
        # Pages multiply: ten people, each with a connection of five friends of one value.
        ("{ people(first: 10) { nodes { friends(first: 5) { nodes { id } } } } }", 1 + 10 * (1 + 1 + 5 * 2)),
        ("{ people(first: 10) { nodes { nicknames } } }", 1 + 10 * (1 + 50)),
        ('{ nodes(ids: ["1", "2", "3"]) { id name } }', 3 * 3),
        ("{ nodes(ids: []) { id name } }", 0),
        ("{ people(first: null) { nodes { id } } }", 1 + 50 * 2),
    ],
)
def test_the_cost_is_the_number_of_values_of_the_largest_answer(query: str, requested: int) -> None:
    assert cost(query).requested == requested


@pytest.mark.parametrize(
    ("query", "variables", "requested"),
    [
        ("query ($n: Int) { people(first: $n) { nodes { id } } }", {"n": 10}, 21),
        ("query ($n: Int) { people(first: $n) { nodes { id } } }", {"n": 10.0}, 21),
        ("query ($n: Int) { people(first: $n) { nodes { id } } }", {}, 101),
        ("query ($n: Int) { people(first: $n) { nodes { id } } }", {"n": None}, 101),
        ("query ($n: Int = 3) { people(first: $n) { nodes { id } } }", {}, 7),
        ("query ($n: Int = 3) { people(first: $n) { nodes { id } } }", {"n": None}, 101),
        ("query ($n: Int = 3) { people(first: $n) { nodes { id } } }", {"n": "wrong"}, 101),
        ("query ($n: Int = 3) { people(first: $n) { nodes { id } } }", {"n": True}, 101),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["1"] * 40}, 80),
    ],
)
def test_variables_count_like_literals(query: str, variables: dict[str, object], requested: int) -> None:
    assert cost(query, variables=variables).requested == requested


def test_the_cost_of_a_remembered_document_follows_its_variables() -> None:
    document = Documents(SCHEMA, LIMITS).load("query ($n: Int = 3) { people(first: $n) { nodes { id } } }")
    costs = [
        document.cost(None, variables).requested
        for variables in ({"n": 1}, {"n": True}, {"n": 1}, {}, {"n": None}, {"n": 2}, {"n": 2.0}, {"other": 1})
    ]
    assert costs == [3, 101, 3, 7, 101, 5, 5, 7]
    for number in range(100):
        assert document.cost(None, {"n": number}).requested == 1 + 2 * number


@pytest.mark.parametrize(
    "query",
    [
        "{ people(first: 7) { ...P } } fragment P on PersonConnection { nodes { ...N } } fragment N on Person { id }",
        "{ people(first: 7) { ... on PersonConnection { nodes { ... { id } } } } }",
        "{ ...Q } fragment Q on Query { people(first: 7) { ...P } } fragment P on PersonConnection { nodes { id } }",
    ],
)
def test_fragments_count_like_what_they_stand_for(query: str) -> None:
    assert cost(query).requested == 1 + 7 * 2


def test_a_fragment_counts_by_the_page_it_is_applied_to() -> None:
    query = """
      { small: people(first: 2) { ...P } large: people(first: 100) { ...P } }
      fragment P on PersonConnection { nodes { id } totalCount }
    """
    assert cost(query).requested == (1 + 2 * 2 + 1) + (1 + 100 * 2 + 1)


def test_dear_fields_and_lists_without_pages_are_declared() -> None:
    limits = DocumentLimits(
        field_costs={"PersonConnection.totalCount": FieldCost(500)}, list_sizes={"Person.nicknames": 3}
    )
    assert cost("{ people(first: 2) { totalCount nodes { nicknames } } }", limits).requested == 1 + 501 + 2 * (1 + 3)


def test_an_operation_over_the_bound_is_refused_and_told_what_it_costs() -> None:
    query = "{ people(first: 250) { nodes { friends(first: 250) { nodes { friends { nodes { id } } } } } } }"
    with pytest.raises(CostError) as refused:
        cost(query)
    requested = 1 + 250 * (2 + 250 * (2 + 50 * 2))
    assert refused.value.cost == Cost(requested, 300_000, 7, 0, 7)
    assert refused.value.code == ErrorCode.LIMIT_EXCEEDED
    assert str(refused.value) == (
        f"The answer may hold {requested} values, and at most 300000 are allowed."
        " Select fewer fields or ask for smaller pages."
    )


def nested(levels: int) -> str:
    return "{ people { nodes " + "{ friends(first: 1) { nodes " * levels + "{ id }" + " } }" * levels + " } }"


def repeated(text: str, times: int) -> str:
    return "".join(text.replace("#", str(number)) for number in range(times))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (nested(9), "The operation has more than 20 levels of fields."),
        (nested(30), "The operation is nested more than 60 levels deep."),
        ("{" + repeated(" a#: hello", 101) + "}", "The operation has more than 30 fields at its root."),
        (
            "{ people { nodes {" + repeated(" a#: name", 101) + "} } }",
            "The operation has more than 100 aliases.",
        ),
        (
            "{ people { nodes {" + " id" * 2_000 + "} } }",
            "The operation has more than 2000 fields, with fragments expanded.",
        ),
        ("{ hello" + " @include(if: true)" * 201 + " }", "The document has more than 200 directives."),
        (repeated("query Q# { hello } ", 21), "The document has more than 20 operations."),
        ("{ hello" + " id" * 5_000 + " }", "The document has more than 5000 tokens."),
        ("{ hello" + " #\n" * 100_000 + " }", "The document has more than 100000 characters."),
        ("{ echo(value: " + "[" * 300 + "]" * 300 + ") }", None),
        ("{" + "a{" * 1_000 + "b" + "}" * 1_001, None),
        ("query Q($v: " + "[" * 1_000 + "Int" + "]" * 1_000 + ") { hello }", None),
    ],
)  # fmt: skip
def test_what_exceeds_a_bound_is_refused_quickly(query: str, message: str | None) -> None:
    began = time.perf_counter()
    documents = Documents(SCHEMA, LIMITS)
    with pytest.raises(Exception) as refused:  # noqa: PT011 (LimitError, or DocumentRefused from graphql-core's own bound)
        documents.load(query).cost("Q0" if "Q0" in query else None, {})
    assert time.perf_counter() - began < 1
    if message is not None:
        assert isinstance(refused.value, LimitError)
        assert str(refused.value) == message
    else:
        assert "deep" in str(refused.value)


def chain(length: int, spreads: int = 2) -> str:
    """A document in which each fragment spreads the next one several times: 2, 4, 8, ... of everything."""
    parts = ["{ ...F0 }"]
    parts += [f"fragment F{number} on Query {{ {f'...F{number + 1} ' * spreads}}}" for number in range(length - 1)]
    parts.append(f"fragment F{length - 1} on Query {{ hello }}")
    return "\n".join(parts)


def friends_chain(length: int) -> str:
    """The same through a list, so that the answer grows as fast."""
    link = "fragment F# on Person { a: friends { nodes { ...F% } } b: friends { nodes { ...F% } } }"
    parts = ["{ people { nodes { ...F0 } } }"]
    parts += [link.replace("#", str(number)).replace("%", str(number + 1)) for number in range(length - 1)]
    parts.append(f"fragment F{length - 1} on Person {{ id }}")
    return "\n".join(parts)


def shortest(act: Callable[[], None]) -> float:
    """Seconds of this thread's own time, at the best of three: what is slow by itself is so every time."""
    taken = []
    for _ in range(3):
        began = time.thread_time()
        act()
        taken.append(time.thread_time() - began)
    return min(taken)


@pytest.mark.parametrize("length", [8, 16, 32, 50])
def test_a_bomb_of_fragments_is_measured_in_linear_time_and_refused(length: int) -> None:
    for query in (chain(length, 12), friends_chain(length)):

        def measured(query: str = query) -> None:
            with pytest.raises(LimitError):
                cost(query)

        assert shortest(measured) < 0.25


def test_a_long_harmless_chain_of_fragments_is_measured_exactly() -> None:
    assert cost(chain(30, 1)).requested == 1
    with pytest.raises(LimitError, match="nested more than 60 levels deep"):
        cost(chain(100, 1))


def test_the_nesting_of_a_fragment_counts_wherever_it_is_spread() -> None:
    fragment = "fragment F on Query " + "{ ... " * 40 + "{ hello }" + " }" * 40
    assert cost("{ ...F }" + fragment).requested == 1
    deep = "{ ...F " + "... { " * 30 + "...F" + " }" * 31
    with pytest.raises(LimitError, match="nested more than 60 levels deep"):
        cost(deep + fragment)


def test_fragments_in_a_circle_do_not_run_for_ever() -> None:
    circle = "{ ...A } fragment A on Query { hello ...B } fragment B on Query { hello ...A }"
    assert cost(circle).fields == 2
    assert [error.message for error in validate(SCHEMA, parse(circle))] == [
        "Cannot spread fragment 'A' within itself via 'B'."
    ]


@pytest.mark.parametrize(
    "query",
    [
        "{ nothing { at { all } } }",
        "{ ...Missing }",
        "{ hello { deeper } }",
        "{ ... on Nothing { x } }",
        "mutation { x }",
    ],
)
def test_what_validation_will_refuse_is_measured_without_complaint(query: str) -> None:
    assert cost(query).requested < 10


def test_the_usual_introspection_is_allowed_and_deeper_ones_are_not() -> None:
    for query in (
        get_introspection_query(),
        get_introspection_query(input_value_deprecation=True, specified_by_url=True),
    ):
        assert cost(query).requested < LIMITS.max_cost
    deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    with pytest.raises(LimitError, match="more than 2 lists of fields or types inside each other"):
        cost(deep)
    hidden = """
      { __schema { types { ...T } } }
      fragment T on __Type { fields { type { fields { type { inputFields { name } } } } } }
    """
    with pytest.raises(LimitError, match="lists of fields or types"):
        cost(hidden)


def test_refused_documents_leave_no_room_for_slow_validation() -> None:
    """The dearest documents that pass the limiter are validated within a fraction of a second."""
    for query in (
        "{" + " people { totalCount }" * 29 + "}",
        "{ people { nodes {" + " friends(first: 1) { totalCount }" * 300 + "} } }",
        "{ people { nodes {" + " id" * 1_500 + "} } }",
        "{ people { nodes {" + repeated(" ...F#", 200) + "} } }" + repeated(" fragment F# on Person { id name }", 200),
    ):

        def measured_and_validated(query: str = query) -> None:
            document = Documents(SCHEMA, LIMITS).load(query)
            document.cost(None, {})
            with suppress(LimitError):
                document.validate()

        assert shortest(measured_and_validated) < 1.0, query[:80]


def test_a_document_that_repeats_itself_endlessly_is_told_so() -> None:
    document = Documents(SCHEMA, LIMITS).load("{ people { nodes {" + " id" * 1_500 + "} } }")
    document.cost(None, {})
    with pytest.raises(LimitError, match="repeats fields too often"):
        document.validate()


def test_a_large_honest_document_is_validated() -> None:
    part = " a#: friends(first: 1) { nodes { ...A ...B id name } totalCount }"
    parts = repeated(part, 40)
    fragments = """
      fragment A on Person { id name nicknames friends(first: 3) { ...P } }
      fragment B on Person { id name friends(first: 3) { ...P nodes { ...C } } }
      fragment C on Person { id name nicknames }
      fragment P on PersonConnection { totalCount edges { cursor node { ...C id } } nodes { ...C } }
    """
    document = Documents(SCHEMA, LIMITS).load("{ people(first: 1) { nodes {" + parts + "} } }" + fragments)
    assert document.cost(None, {}).fields == 1_602
    document.validate()


@pytest.mark.parametrize(
    ("arguments", "asked_about"),
    [
        ("", 3),
        ("(personIds: [1, 2, 3, 4, 5])", 5),
        ("(personIds: $ids)", 7),
        ("(input: {personIds: [1, 2]})", 2),
        ("(input: {personIds: $ids})", 7),
        ("(input: $input)", 9),
    ],
)
def test_a_dear_field_costs_by_what_it_is_asked_about(arguments: str, asked_about: int) -> None:
    limits = DocumentLimits(field_costs={"Query.people": FieldCost(100, each=10, usual=3)})
    variables = {"ids": list(range(7)), "input": {"personIds": list(range(9)), "note": "x"}}
    parsed = bounded_parse(f"query ($ids: [ID!], $input: In) {{ people{arguments} {{ __typename }} }}", limits)

    found = check_document(SCHEMA, parsed, None, variables, limits).requested

    assert found == 2 + 100 + 10 * asked_about
