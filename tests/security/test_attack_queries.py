"""Hostile reads: each is answered by a typed refusal, before it costs more than an honest one."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import orjson
import pytest

from arrears.graphql.cache import BoundedCache
from arrears.graphql.edge.engine import GraphQLRequest, RequestContext
from arrears.graphql.engine import PlanningEngine
from arrears.kernel.principal import Principal
from arrears.schema import core_schema
from tests.api import Api
from tests.conftest import Deployment

NOBODY = UUID(int=0)
ACCOUNT = "acct_" + "0" * 32


def codes(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """The code and message of each top-level error."""
    return [(error["extensions"]["code"], error["message"]) for error in answer["errors"]]


async def test_conditions_are_counted_each_time_they_are_used(api: Api) -> None:
    """Given one long `where`, when thirty fields use it, then the sum is refused: it is compiled for each of them."""
    where = {"or": [{"reference": {"eq": f"R-{number}"}} for number in range(100)]}
    fields = " ".join(f"a{number}: accounts(where: $where) {{ totalCount }}" for number in range(30))
    refused = await api(f"query ($where: AccountWhere) {{ {fields} }}", {"where": where})
    allowed = await api("query ($where: AccountWhere) { accounts(where: $where) { totalCount } }", {"where": where})

    assert codes(refused) == [("LIMIT_EXCEEDED", "The operation compares by more than 1000 conditions.")]
    assert allowed["data"] == {"accounts": {"totalCount": 0}}


async def test_empty_conditions_count_too(api: Api) -> None:
    """Given a `where` of thousands of empty alternatives, when it is sent, then it is refused like any long one."""
    answer = await api(
        "query ($where: AccountWhere) { accounts(where: $where) { totalCount } }", {"where": {"or": [{}] * 1001}}
    )
    assert codes(answer) == [("LIMIT_EXCEEDED", "The operation compares by more than 1000 conditions.")]


async def test_fields_are_counted_for_each_of_many_nodes(api: Api) -> None:
    """Given a hundred ids, when `nodes` selects very much of each, then it is refused: each is compiled by itself."""
    wide = " ".join(f"c{number}: client {{ id name reference country currency status }}" for number in range(20))
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Account {{ {wide} }} }} }}"
    refused = await api(query, {"ids": [ACCOUNT] * 100})
    allowed = await api(query, {"ids": [ACCOUNT] * 10})

    assert codes(refused) == [
        ("LIMIT_EXCEEDED", "The operation selects more than 10000 fields, counted for each of its `nodes`.")
    ]
    assert allowed["data"] == {"nodes": [None] * 10}


def test_a_cache_is_bounded_by_what_its_entries_weigh() -> None:
    """Given a cache with room for 100, when heavy entries come, then the oldest go, and a too heavy one is not kept."""
    cache: BoundedCache[str, str] = BoundedCache(10, most_weight=100, weigh=lambda key, value: len(key) + len(value))
    cache.put("a", "x" * 49)
    cache.put("b", "x" * 49)
    cache.put("c", "x" * 9)
    cache.put("d", "x" * 200)
    cache.put("b", "x" * 29)

    assert [cache.get(key) for key in "abcd"] == [None, "x" * 29, "x" * 9, None]
    assert (len(cache), cache.weight) == (2, 40)


async def test_plans_of_endless_shapes_hold_bounded_memory(deployment: Deployment) -> None:
    """Given one operation, when variables of ever new shapes come, then the plans kept weigh no more than allowed."""
    engine = PlanningEngine(
        core_schema(), database=deployment.database, clock=deployment.clock, vault=deployment.vault, plan_weight=400_000
    )
    query = "query ($where: AccountWhere) { accounts(where: $where) { totalCount } }"
    context = RequestContext(Principal.system("test"), "request")
    for length in range(100, 140):
        where = {"or": [{"reference": {"eq": "R"}}] * length}
        await engine.execute(GraphQLRequest(query, variables={"where": where}), context)

    assert 100_000 < engine.plans.weight <= 400_000
    assert 0 < len(engine.plans) < 40


@pytest.mark.parametrize("value", ["a\u0000b", ["a"], {"a": 1}, None, 1])
async def test_a_forged_cursor_is_an_error_of_the_caller(api: Api, value: object) -> None:
    """Given a cursor that no list gave out, when a page after it is asked for, then INVALID_INPUT says so."""
    forged = base64.b64encode(orjson.dumps(["SORT_NAME", value, str(NOBODY)])).decode()
    answer = await api(
        "query ($after: String) { debtors(orderBy: { field: SORT_NAME }, after: $after) { nodes { id } } }",
        {"after": forged},
    )
    assert codes(answer) == [("INVALID_INPUT", "This cursor is not one that a list gave out.")]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("query ($x: Boolean = true) { accounts { totalCount @include(if: $x) } }", "x"),
        ("query ($x: Boolean = true) { accounts { totalCount @skip(if: $x) } }", "x"),
        (f'query ($x: ID = "{ACCOUNT}") {{ node(id: $x) {{ id }} }}', "x"),
        ('query ($x: CurrencyCode = "EUR") { accounts(where: { balance: { currency: $x } }) { totalCount } }', "x"),
        ("query ($x: Boolean = true) { viewer { name @include(if: $x) } }", "x"),
    ],
)
async def test_null_where_the_default_made_it_valid(api: Api, query: str, name: str) -> None:
    """Given a variable with a default, when null is sent where none may stand, then it is no fault of the platform."""
    answer = await api(query, {name: None})
    assert [code for code, _ in codes(answer)] == ["GRAPHQL_VALIDATION_FAILED"]
    assert "null" in codes(answer)[0][1] or "None" in codes(answer)[0][1]
