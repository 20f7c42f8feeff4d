"""The plan cache's law: a plan made for other variables and another caller answers as one made for this request."""

from __future__ import annotations

import dataclasses
from typing import Any

import orjson
import pytest
from graphql import parse_type, type_from_ast
from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.graphql.edge.engine import GraphQLRequest, RequestContext
from arrears.graphql.engine import PlanningEngine
from arrears.graphql.limits import DocumentRefused
from arrears.kernel.principal import Principal
from arrears.schema import core_schema
from arrears_sdk.errors import ArrearsError
from tests.conftest import Deployment
from tests.graphql.operations import OperationWriter
from tests.graphql.small_agency import SmallAgency

BUILT = core_schema()
SCHEMA = BUILT.strawberry._schema
ROOTS = frozenset(
    name
    for (owner, name), planned in BUILT.index.fields.items()
    if owner == "Query" and type(planned.declared).__name__ in ("RootField", "NodeField")
)
CALLERS = ("everything", "CLIENT", "DEBTOR", "AUDITOR", "COLLECTOR")


@dataclasses.dataclass(frozen=True)
class Repeated:
    """One text with several sets of variables, each with who sends it."""

    query: str
    sent: tuple[tuple[str, dict[str, Any]], ...]


@st.composite
def repeated_operations(draw: st.DrawFn, ids: dict[str, list[str]]) -> Repeated:
    """An operation, and its variables drawn again and again: other values, other kinds of ids, null, left out."""
    writer = OperationWriter(SCHEMA, ids, draw, ROOTS)
    first = writer.write()
    sent = [(draw(st.sampled_from(CALLERS)), first.variables)]
    for _ in range(4):
        variables: dict[str, Any] = {}
        for name, (kind, _) in writer.variables.items():
            optional = not kind.endswith("!")
            if optional and writer.chance(8):
                continue
            if optional and writer.chance(8):
                variables[name] = None
            elif writer.chance(4):
                variables[name] = first.variables[name]
            else:
                variables[name] = writer.value(type_from_ast(SCHEMA, parse_type(kind)), 0)
        sent.append((draw(st.sampled_from(CALLERS)), variables))
    return Repeated(first.query, tuple(sent))


def drawn(ids: dict[str, list[str]], most: int) -> list[Repeated]:
    """The same examples every time; drawn first, since hypothesis itself is not async."""
    found: list[Repeated] = []

    @settings(
        max_examples=most, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(repeated_operations(ids))
    def collect(repeated: Repeated) -> None:
        found.append(repeated)

    collect()
    return found


async def answer(engine: PlanningEngine, query: str, variables: dict[str, Any], principal: Principal) -> Any:
    """The response object of an answer, or what was refused."""
    try:
        request = GraphQLRequest(query, variables=variables)
        return orjson.loads((await engine.execute(request, RequestContext(principal, "request"))).body)
    except ArrearsError as error:
        return type(error).__name__, [(problem.code, problem.message) for problem in error.problems]
    except DocumentRefused as error:
        return "refused", [each.message for each in error.errors]


def engine_for(deployment: Deployment) -> PlanningEngine:
    """An engine that has planned nothing yet."""
    return PlanningEngine(BUILT, database=deployment.database, clock=deployment.clock, vault=deployment.vault)


async def test_a_shared_engine_answers_like_a_new_one(deployment: Deployment, small_agency: SmallAgency) -> None:
    """Given texts sent with varied variables by varied callers, when one engine serves all, then it matters not."""
    shared = engine_for(deployment)
    sent = answered = 0
    for repeated in drawn(small_agency.ids, 60):
        for who, variables in repeated.sent:
            principal = small_agency.principals[who]
            first = await answer(shared, repeated.query, variables, principal)
            alone = await answer(engine_for(deployment), repeated.query, variables, principal)
            assert first == alone, (repeated.query, variables, who)
            sent += 1
            answered += isinstance(first, dict)
    assert answered >= 30
    # Else nothing was shared and nothing was proved.
    assert sent - len(shared.plans) >= 50


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (
            "query ($x: ID!) { node(id: $x) { id ... on Account { reference } ... on Debtor { displayName } } }",
            [{"x": "acct"}, {"x": "dbtr"}, {"x": "clnt"}, {"x": "acct"}],
        ),
        (
            "query ($x: [ID!]!) { nodes(ids: $x) { __typename id ... on Hold { kind } ... on Party { name } } }",
            [{"x": ["hold", "part"]}, {"x": ["part", "hold"]}, {"x": ["part"]}, {"x": []}, {"x": ["hold", "part"]}],
        ),
        (
            "query ($x: AccountWhere) { accounts(where: $x) { totalCount nodes { reference } } }",
            [
                {"x": {"status": {"eq": "IMPORTED"}}},
                {"x": {"status": {"eq": "ACTIVE"}}},
                {"x": {"standing": {"in": ["OPEN"]}}},
                {"x": {"standing": {"in": ["PAST_DUE", "OPEN"]}}},
                {"x": {"standing": {"in": []}}},
                {"x": {"or": [{"standing": {"eq": "OPEN"}}, {"not": {"standing": {"eq": "OPEN"}}}]}},
                {"x": {"or": []}},
                {"x": {"or": [{}]}},
                {"x": {"status": None}},
                {"x": None},
                {},
            ],
        ),
        (
            """query ($x: AccountOrder!, $n: Int, $b: Boolean!) {
                accounts(orderBy: $x, first: $n) { nodes { reference status @include(if: $b) } pageInfo { endCursor } }
            }""",
            [
                {"x": {"field": "DUE_ON"}, "n": 2, "b": True},
                {"x": {"field": "DUE_ON", "direction": "DESC"}, "n": 2, "b": True},
                {"x": {"field": "REFERENCE", "direction": "DESC"}, "n": 2, "b": False},
                {"x": {"field": "REFERENCE", "direction": "ASC"}, "n": 1, "b": False},
                {"x": {"field": "BALANCE"}, "n": 0, "b": True},
                {"x": {"field": "BALANCE"}, "n": None, "b": True},
                {"x": {"field": "BALANCE"}, "b": True},
            ],
        ),
        (
            "query ($t: String!, $k: SearchKind) { debtorSearch(text: $t, kind: $k) { nodes { displayName } } }",
            [
                {"t": "an"},
                {"t": "an", "k": "NAME"},
                {"t": "+1", "k": "PHONE"},
                {"t": "an", "k": None},
                {"t": "R", "k": "REFERENCE"},
                {"t": "123", "k": "NATIONAL_ID"},
            ],
        ),
    ],
)
async def test_what_decides_a_plan(
    deployment: Deployment, small_agency: SmallAgency, query: str, variables: list[dict[str, Any]]
) -> None:
    """Given one text, when what its plan depends on changes from call to call, then each call has its own answer."""
    shared = engine_for(deployment)
    for given_variables in variables:
        named = orjson.loads(orjson.dumps(given_variables))
        if isinstance(named.get("x"), str):
            named["x"] = small_agency.ids[named["x"]][0]
        elif isinstance(named.get("x"), list):
            named["x"] = [small_agency.ids[prefix][0] for prefix in named["x"]]
        for who in CALLERS:
            principal = small_agency.principals[who]
            first = await answer(shared, query, named, principal)
            assert first == await answer(engine_for(deployment), query, named, principal), (named, who)
