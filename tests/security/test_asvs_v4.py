"""OWASP ASVS 5.0, chapter V4 (API and web service): one test for each row of levels 1 and 2, in order.

The server is a real one behind a real port, with a small schema. Rows of level 3 are not promised; that of unused
methods (4.1.4) holds all the same, see tests/graphql/edge/test_requests.py.
"""

from __future__ import annotations

import asyncio
import re

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from arrears.app import ServerSettings
from arrears.graphql.edge.settings import EdgeSettings
from tests.graphql.edge.running import RESPONSE, Running, initialised, running, tell, told
from tests.graphql.edge.sample import GOOD_TOKEN

BEHIND_A_PROXY = ServerSettings(port=0, trusted_proxies=("127.0.0.1",), https_only=True)
PAGES = ("/graphql?query={hello}", "/healthz", "/readyz", "/graphiql", "/graphiql/example.graphql", "/nowhere")


async def seen(request: Request) -> Response:
    """Whom and what the application believes to have before it."""
    return JSONResponse([request.client.host if request.client else None, request.url.scheme])


async def test_v4_1_1_every_body_states_its_type_and_character_encoding() -> None:
    async with running() as live:
        answers = [await live.http.get(path) for path in PAGES]
        answers += [
            await live.post("{hello}"),
            await live.post("{hello}", accept=RESPONSE),
            await live.post("{hello}", accept="text/event-stream"),
            await live.post("{ nothing }"),
            await live.post("{ fault }"),
            await live.send(b"{"),
            await live.http.request("DELETE", "/graphql"),
            await live.http.get("/graphql", headers={"authorization": ""}),
        ]
    for answer in answers:
        kind = answer.headers["content-type"]
        assert re.fullmatch(
            r"(application/(graphql-response\+)?json|text/(plain|html|event-stream)); charset=utf-8", kind
        )
        assert answer.headers["x-content-type-options"] == "nosniff", answer.url
        answer.content.decode("utf-8")
        if "json" in kind:
            answer.json()


async def test_v4_1_2_nothing_redirects_from_http_to_https() -> None:
    """A client that sends its credential in the clear is not helped along in silence."""
    async with running(server=BEHIND_A_PROXY) as live:
        for path in PAGES:
            answer = await live.http.get(path, headers={"x-forwarded-proto": "http"})
            assert not answer.is_redirect
            assert "location" not in answer.headers


async def test_v4_1_3_headers_of_intermediaries_cannot_be_set_by_the_end_user() -> None:
    forged = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-real-ip": "203.0.113.9"}
    routes = (Route("/seen", seen),)
    async with running(routes=routes) as direct:
        assert (await direct.http.get("/seen", headers=forged)).json() == ["127.0.0.1", "http"]
        # No header but the credential says who somebody is.
        named = {"authorization": "", "x-user-id": "Ada", "x-forwarded-user": "Ada", "x-remote-user": "Ada"}
        assert (await direct.http.get("/graphql?query={whoAmI}", headers=named)).status_code == 401
    async with running(routes=routes, server=BEHIND_A_PROXY) as proxied:
        # The proxy puts the address that it saw behind what the user had written there.
        appended = {**forged, "x-forwarded-for": "203.0.113.9, 198.51.100.7"}
        assert (await proxied.http.get("/seen", headers=appended)).json() == ["198.51.100.7", "https"]


SMUGGLED = b"GET /graphql?query=%7BwhoAmI%7D HTTP/1.1\r\nhost: x\r\nauthorization: " + GOOD_TOKEN.encode() + b"\r\n\r\n"
BODY = b'{"query":"{hello}"}'
AMBIGUOUS = {
    "a length beside chunks": b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length before chunks, hidden by case": b"Content-Length: 4\r\nTRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"content-length: 0\r\ncontent-length: %d\r\n\r\n" % len(SMUGGLED),
    "two lengths in one line": b"content-length: 0, %d\r\n\r\n" % len(SMUGGLED),
    "a signed length": b"content-length: +0\r\n\r\n",
    "a length that is none": b"content-length: 0x0\r\n\r\n",
    "chunks that are not the last coding": b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a coding that looks like chunks": b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a chunk size that is none": b"transfer-encoding: chunked\r\n\r\n0x0\r\n\r\n",
    "a chunk size too large for any number": b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
}


@pytest.mark.parametrize("head", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
async def test_v4_2_1_a_request_of_unclear_length_ends_the_connection(head: bytes) -> None:
    start = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: %b\r\n"
    async with running(EdgeSettings(body_seconds=0.5)) as live:
        said = await live.raw(start % GOOD_TOKEN.encode() + head + SMUGGLED)
        # Whatever was meant, what follows is never taken for a request of its own.
        assert said.count(b"HTTP/1.1 ") <= 1
        assert b" 200 " not in said.partition(b"\r\n")[0]
        assert b"Ada" not in said
        assert live.engine.executed == []


async def test_v4_2_1_requests_of_clear_length_follow_each_other_on_one_connection() -> None:
    start = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: %b\r\n"
    plain = b"content-length: %d\r\n\r\n%b" % (len(BODY), BODY)
    chunked = b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    closing = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    async with running() as live:
        said = await live.raw(b"".join(start % GOOD_TOKEN.encode() + end for end in (plain, chunked)) + closing)
        assert said.count(b"HTTP/1.1 200 ") == 3
        assert live.engine.executed == ["{hello}", "{hello}"]


async def test_v4_3_1_depth_amounts_and_cost_are_bounded_before_anything_runs() -> None:
    deep = "{ people { nodes { " + "friends { nodes { " * 60 + "id" + " } }" * 60 + " } } }"
    wide = "{ people(first: 250) { nodes { friends(first: 250) { nodes { friends(first: 250) { nodes { id } } } } } } }"
    many = "{" + " ".join(f"a{number}: hello" for number in range(5_000)) + "}"
    async with running() as live:
        for query in (deep, wide, many):
            answer = await live.post(query, accept=RESPONSE)
            assert answer.status_code == 400
            assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {"LIMIT_EXCEEDED"}
        assert live.engine.executed == []


async def test_v4_3_2_the_schema_is_told_to_parties_with_a_credential_only() -> None:
    """The API is made for other parties, who read its schema from a public file; strangers ask it nothing."""
    introspection = '{ __schema { types { name } } __type(name: "Query") { name } __typename }'
    async with running() as live:
        assert (await live.post(introspection)).status_code == 200
        for authorization in ("", "Bearer guessed"):
            live.http.headers["authorization"] = authorization
            answer = await live.post(introspection)
            assert answer.status_code == 401
            assert "Query" not in answer.text


async def test_v4_4_1_sockets_in_the_clear_are_refused_where_the_public_side_is_https() -> None:
    async with running(server=BEHIND_A_PROXY) as live:
        for headers in ({}, {"x-forwarded-proto": "http"}):
            with pytest.raises(InvalidStatus) as refused:
                async with live.socket(additional_headers=headers):
                    pass
            assert refused.value.response.status_code == 403
        async with live.socket(additional_headers={"x-forwarded-proto": "https"}) as socket:
            await initialised(socket)
    # A user who is not behind the proxy does not make it so by saying so.
    async with running(server=ServerSettings(port=0, https_only=True)) as direct:
        with pytest.raises(InvalidStatus):
            async with direct.socket(additional_headers={"x-forwarded-proto": "https"}):
                pass


async def test_v4_4_2_the_origin_of_a_handshake_is_checked_against_a_list() -> None:
    async with running(EdgeSettings(allowed_origins=("https://desk.example.com",))) as live:
        async with live.socket(origin="https://desk.example.com") as socket:
            await initialised(socket)
        for origin in (
            "https://evil.example.com",
            "https://desk.example.com.evil.test",
            "http://desk.example.com",
            "null",
        ):
            with pytest.raises(InvalidStatus) as refused:
                async with live.socket(origin=origin):
                    pass
            assert refused.value.response.status_code == 403


async def closing_code(live: Running, authorization: str | None) -> int | None:
    """How a socket ends whose greeting carries this credential."""
    async with live.socket() as socket:
        payload = {} if authorization is None else {"payload": {"authorization": authorization}}
        await tell(socket, type="connection_init", **payload)
        with pytest.raises(ConnectionClosedError):
            async with asyncio.timeout(5):
                await socket.recv()
        return socket.close_code


async def test_v4_4_3_a_socket_is_signed_in_by_the_apis_own_credentials_and_ends_with_them() -> None:
    """There is no second kind of session for sockets that could outlive or exceed the first."""
    async with running(EdgeSettings(recheck_seconds=0.05)) as live, live.socket() as socket:
        await initialised(socket)
        await tell(socket, id="a", type="subscribe", payload={"query": "subscription { forever }"})
        assert (await told(socket))["payload"]["data"] == {"forever": 1}
        del live.authenticator.principals[GOOD_TOKEN]
        with pytest.raises(ConnectionClosedError):
            await told(socket)
        assert socket.close_code == 4403


async def test_v4_4_4_a_socket_is_nobodys_until_its_credential_was_checked() -> None:
    """There are no cookies: an earlier sign-in of the same browser opens no socket, only a credential that is sent."""
    async with running() as live:
        assert "set-cookie" not in (await live.post("{hello}")).headers
        async with live.socket(additional_headers={"cookie": "session=good-token"}) as socket:
            await tell(socket, id="a", type="subscribe", payload={"query": "{ whoAmI }"})
            with pytest.raises(ConnectionClosedError):
                await told(socket)
            assert socket.close_code == 4401
        assert await closing_code(live, None) == 4403
        assert await closing_code(live, "Bearer guessed") == 4403
        assert live.engine.executed == ["{hello}"]
