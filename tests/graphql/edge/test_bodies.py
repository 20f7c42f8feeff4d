"""Malformed bodies of every kind get a clear 4xx with a code and an id, and are read no further than needed."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import pytest

from arrears.graphql.edge.settings import EdgeSettings
from tests.graphql.edge.running import JSON, Edge, Running, inside

VALID = b'{"query":"{hello}"}'


def big_integer() -> bytes:
    return b'{"query":"query Q($v: Int!) { echo(value: $v) }","variables":{"v":' + b"9" * 6_000 + b"}}"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "The body is empty."),
        (b"null", 400, "The body must be a JSON object."),
        (b'"text"', 400, "The body must be a JSON object."),
        (b"17", 400, "The body must be a JSON object."),
        (b"true", 400, "The body must be a JSON object."),
        (b"[]", 400, "Batches are not supported: send one operation in each request."),
        (b"{", 400, None),
        (b"\xff\xfe{}", 400, None),
        (b'{"query":"\xff"}', 400, None),
        (b'{"query":"\xed\xa0\x80"}', 400, None),
        (b'{"query":"\\ud800"}', 400, None),
        (b"\xef\xbb\xbf" + VALID, 400, None),
        (VALID + b"x", 400, None),
        (b'{"query":NaN}', 400, None),
        (b"[" * 100_000, 400, None),
        (b"[" * 100_000 + b"]" * 100_000, 400, None),
        (b'{"a":' * 30_000 + b"1" + b"}" * 30_000, 400, None),
        (big_integer(), 400, None),
        (b"9" * 6_000, 400, None),
        (b'{"query":"{hello}","variables":{"v":"\\u0000"}}', 400, "Variables may not contain the character U+0000."),
        (b'{"query":"{hello}","variables":{"\\u0000":1}}', 400, "Variables may not contain the character U+0000."),
    ],
)
async def test_malformed_bodies(edge: Edge, body: bytes, status: int, message: str | None) -> None:
    answer = await edge.send(body)
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST", "requestId": answer.headers["x-request-id"]}
    if message is not None:
        assert error["message"] == message
    else:
        assert error["message"].startswith("The body is not JSON: ")
    assert edge.engine.executed == []


async def test_an_integer_too_large_for_its_type_is_told_so(edge: Edge) -> None:
    body = b'{"query":"query Q($v: Int!) { echo(value: $v) }","variables":{"v":' + b"9" * 40 + b"}}"
    answer = await edge.send(body, accept="application/graphql-response+json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_null_character_in_a_literal_is_refused_like_one_in_a_variable(edge: Edge) -> None:
    for literal in (r"\u0000", r"\u{0}", '""" \0 """'):
        text = literal if literal.startswith('"') else f'"{literal}"'
        answer = await edge.post(f"{{ hello(name: {text}) }}", accept="application/graphql-response+json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


async def test_a_compressed_body_is_refused(edge: Edge) -> None:
    for encoding in ("gzip", "deflate", "br", "identity, gzip", "x-unknown"):
        answer = await edge.send(gzip.compress(VALID), content_encoding=encoding)
        assert answer.status_code == 415
        assert answer.headers["accept-encoding"] == "identity"
        assert answer.json()["errors"][0]["message"] == "Send the body without a content encoding."
    assert (await edge.send(VALID, content_encoding="identity")).status_code == 200


async def test_a_body_of_exactly_the_limit_is_read(edge: Edge) -> None:
    padding = 200_000 - len(b'{"query":"{hello}","extensions":{"p":""}}')
    body = b'{"query":"{hello}","extensions":{"p":"%s"}}' % (b"x" * padding)
    assert len(body) == 200_000
    assert (await edge.send(body)).status_code == 200
    too_long = body.replace(b'"p"', b'"pp"')
    answer = await edge.send(too_long)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    (error,) = answer.json()["errors"]
    assert error["message"] == "The body is larger than 200000 bytes."
    assert error["extensions"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_a_chunked_body_is_kept_no_further_than_the_limit_and_read_only_a_little_further(edge: Edge) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 10_000
            yield b" " * 10_000

    answer = await edge.http.post("/graphql", content=endless(), headers={"content-type": JSON})
    assert answer.status_code == 413
    assert sent <= 200_000 + 8_388_608 + 20_000


async def test_a_server_closes_the_connection_after_an_endless_chunked_body(live: Running) -> None:
    head = (
        b"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good-token\r\n"
        b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    answer = await live.raw(head + b"".join(b"2710\r\n" + b" " * 10_000 + b"\r\n" for _ in range(40)))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


async def test_a_declared_length_over_the_limit_is_refused_without_waiting_for_the_body(live: Running) -> None:
    for length in (b"200001", b"9" * 18):
        head = (
            b"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good-token\r\n"
            b"content-type: application/json\r\ncontent-length: %s\r\n\r\n" % length
        )
        assert (await live.raw(head)).startswith(b"HTTP/1.1 413 ")


async def test_a_client_that_is_still_sending_gets_to_see_why_its_body_was_refused(live: Running) -> None:
    answer = await live.http.post("/graphql", content=b" " * 5_000_000, headers={"content-type": JSON})
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


async def test_a_client_that_waits_to_be_told_to_continue_is_answered_at_once(live: Running) -> None:
    head = (
        b"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good-token\r\nexpect: 100-continue\r\n"
        b"content-type: application/json\r\ncontent-length: 5000000\r\n\r\n"
    )
    began = asyncio.get_running_loop().time()
    assert (await live.raw(head)).startswith(b"HTTP/1.1 413 ")
    assert asyncio.get_running_loop().time() - began < 0.5


async def test_a_body_that_dribbles_in_is_given_up(live: Running) -> None:
    head = (
        b"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good-token\r\n"
        b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
    )
    began = asyncio.get_running_loop().time()
    answer = await live.raw(head)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["errors"][0]["message"] == (
        "The body did not arrive within 0.5 seconds."
    )
    assert 0.4 < asyncio.get_running_loop().time() - began < 3


async def test_a_client_that_goes_away_while_sending_leaves_no_trace(live: Running) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", live.port)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good-token\r\n"
        b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
    )
    await writer.drain()
    await asyncio.sleep(0.05)
    assert live.application.graphql.services.in_flight.taken == 1
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.05)
    assert live.application.graphql.services.in_flight.taken == 0


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"v": list(range(1_001))}, id="values"),
        pytest.param({"v": [[0] * 101] * 10}, id="values-in-lists"),
        pytest.param({str(number): 0 for number in range(1_001)}, id="names"),
    ],
)
async def test_more_variables_than_allowed_are_refused(variables: dict[str, object]) -> None:
    async with inside(EdgeSettings(max_variable_values=1_000)) as edge:
        answer = await edge.post("{hello}", variables=variables, accept="application/graphql-response+json")
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["message"] == "The variables hold more than 1000 values."
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_variables_nested_too_deeply_are_refused(edge: Edge) -> None:
    value: object = 1
    for _ in range(31):
        value = [value]
    assert (await edge.post("{hello}", variables={"v": value})).json()["data"] == {"hello": "Hello world"}
    (error,) = (await edge.post("{hello}", variables={"v": [value]})).json()["errors"]
    assert error["message"] == "The variables are nested more than 32 levels deep."
