"""An independent client library, unmodified, against a running server: the schema fetched, a query and a mutation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLSchema, lexicographic_sort_schema, print_schema, validate_schema

from arrears.app import ServerSettings, serve
from arrears.schema import core_schema
from tests.api import Api, application_for
from tests.conftest import Deployment
from tests.graphql.small_agency import SmallAgency

ACCOUNTS = """
query ($first: Int!, $after: String) {
  accounts(first: $first, after: $after, orderBy: { field: REFERENCE }) {
    edges { cursor node { id reference version balance { amount currency } } }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}
"""
UPDATE = """
mutation ($input: AccountUpdateInput!) {
  accountUpdate(input: $input) { account { id version servicingReference } userErrors { code field } }
}
"""


@asynccontextmanager
async def running(deployment: Deployment) -> AsyncIterator[str]:
    """The address of the deployment's API on a port of its own."""
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    settings = ServerSettings(port=0, shutdown_seconds=2)
    application = application_for(deployment.context())
    serving = asyncio.create_task(serve(application, settings, stop, started=address.set_result))
    try:
        yield f"{await address}/graphql"
    finally:
        stop.set()
        await serving


def transport(kind: str, url: str, key: str) -> HTTPXAsyncTransport | WebsocketsTransport:
    """The library's own transport, signed in as its documentation tells."""
    if kind == "http":
        return HTTPXAsyncTransport(url=url, headers={"authorization": f"Bearer {key}"})
    return WebsocketsTransport(
        url=url.replace("http://", "ws://"),
        init_payload={"authorization": f"Bearer {key}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        # The whole schema is more than the mebibyte that the library takes in one message unless told.
        connect_args={"max_size": 2**22},
    )


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_gql_fetches_the_schema_and_reads_and_writes(
    kind: str, deployment: Deployment, small_agency: SmallAgency, api: Api
) -> None:
    """Given a server, when gql asks for the schema, pages, updates and updates again, then each answer is told."""
    key = await api.sign_in("ADMIN")
    async with running(deployment) as url:
        client = Client(
            transport=transport(kind, url, key),
            fetch_schema_from_transport=True,
            introspection_args={"specified_by_url": True, "input_value_deprecation": True},
        )
        async with client as session:
            assert client.schema is not None
            assert validate_schema(client.schema) == []
            assert _printed(client.schema) == _printed(core_schema().strawberry._schema)

            first = (await session.execute(_operation(ACCOUNTS, first=3)))["accounts"]
            rest = (await session.execute(_operation(ACCOUNTS, first=250, after=first["pageInfo"]["endCursor"])))[
                "accounts"
            ]
            references = [edge["node"]["reference"] for edge in first["edges"] + rest["edges"]]
            assert len(references) == len(set(references)) == first["totalCount"]
            assert references == sorted(references)
            assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)

            account = first["edges"][0]["node"]
            change = {"accountId": account["id"], "version": account["version"], "servicingReference": "S-1"}
            updated = (await session.execute(_operation(UPDATE, input=change)))["accountUpdate"]
            assert updated == {
                "account": {"id": account["id"], "version": account["version"] + 1, "servicingReference": "S-1"},
                "userErrors": [],
            }
            stale = (await session.execute(_operation(UPDATE, input=change)))["accountUpdate"]
            assert stale == {"account": None, "userErrors": [{"code": "CONFLICT", "field": ["input", "version"]}]}


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_gql_is_told_what_is_wrong_with_an_operation(kind: str, deployment: Deployment, api: Api) -> None:
    """Given a server, when gql sends what the schema does not know, then it raises its error with our code."""
    key = await api.sign_in("ADMIN")
    async with running(deployment) as url, Client(transport=transport(kind, url, key)) as session:
        with pytest.raises(TransportQueryError) as caught:
            await session.execute(_operation("{ accounts { nodes { nothing } } }"))
        assert caught.value.errors is not None
        assert [error["extensions"]["code"] for error in caught.value.errors] == ["GRAPHQL_VALIDATION_FAILED"]


def _operation(text: str, **variables: Any) -> GraphQLRequest:
    return GraphQLRequest(text, variable_values=variables)


def _printed(schema: GraphQLSchema) -> str:
    return print_schema(lexicographic_sort_schema(schema))
