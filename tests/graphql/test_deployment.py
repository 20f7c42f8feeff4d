"""The deployment through the API: what it is, and the clock of a sandbox."""

from __future__ import annotations

import psycopg

from arrears.app.deployed import EXAMPLE
from arrears.graphql.edge.engine import GraphQLRequest
from arrears.graphql.limits import DocumentLimits, Documents
from arrears.graphql.limits.preparation import prepare
from arrears.schema import core_schema
from tests.api import Api
from tests.conftest import Deployment


async def test_the_deployment_tells_what_it_is(api: Api, deployment: Deployment) -> None:
    """Given a sandbox at a known instant, when it is asked, then it says so."""
    answer = await api("{ deployment { sandbox now } }")

    assert answer["data"] == {"deployment": {"sandbox": True, "now": "2026-03-02T12:00:00.000000Z"}}


async def test_a_live_deployments_clock_stands_fast(api: Api, deployment: Deployment) -> None:
    """Given a live deployment, when someone moves its clock, then NOT_SANDBOX is the answer."""
    with psycopg.connect(deployment.urls.owner) as connection:
        connection.execute("update deployment set sandbox = false")

    answer = await api("mutation { clockMove(input: {bySeconds: 60}) { now userErrors { code } } }")

    assert answer["data"] == {"clockMove": {"now": None, "userErrors": [{"code": "NOT_SANDBOX"}]}}


async def test_the_clock_is_moved_to_or_by_not_both(api: Api) -> None:
    """Given neither an instant nor a duration, when the clock is to be moved, then the input is refused."""
    answer = await api("mutation { clockMove(input: {}) { userErrors { code message } } }")

    (error,) = answer["data"]["clockMove"]["userErrors"]
    assert error["code"] == "INVALID_INPUT"
    assert "either the instant to move to or the duration" in error["message"]


def test_the_first_query_of_graphiql_is_valid_and_cheap() -> None:
    """Given the query that GraphiQL opens with, when it is checked, then the schema takes it and the limits do too."""
    schema = core_schema().strawberry._schema

    prepared = prepare(Documents(schema, DocumentLimits()), GraphQLRequest(EXAMPLE))

    assert prepared.cost.requested < 1_000
