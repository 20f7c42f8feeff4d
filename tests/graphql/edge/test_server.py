"""The server itself: health, a graceful end, and bounds on connections that misbehave."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from arrears.app import ServerSettings, protocol
from arrears.app.server import listen
from arrears_sdk.errors import InputError
from tests.graphql.edge.running import Edge, Running, initialised, inside, running, tell, told, until


async def test_alive_while_the_process_answers(edge: Edge) -> None:
    del edge.http.headers["authorization"]
    answer = await edge.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    head = await edge.http.head("/healthz")
    assert (head.status_code, head.content) == (200, b"")
    assert (await edge.http.post("/healthz")).status_code == 405


async def test_ready_when_every_check_passes_and_telling_no_more_than_names() -> None:
    broken = True
    asked = 0

    async def database() -> None:
        nonlocal asked
        asked += 1
        if broken:
            raise ConnectionError("host 10.1.2.3 refused user arrears")

    async def schema() -> None:
        return None

    async with inside(checks={"database": database, "schema": schema}) as edge:
        answers = [await edge.http.get("/readyz") for _ in range(20)]
        assert {answer.status_code for answer in answers} == {503}
        assert answers[0].json() == {"status": "unready", "checks": {"database": "failed", "schema": "ok"}}
        assert answers[0].headers["retry-after"] == "1"
        assert asked == 1
        broken = False
        edge.application.health._known_until = 0
        ready = await edge.http.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "ready")


async def test_a_check_that_hangs_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arrears.app.health.CHECK_SECONDS", 0.05)
    async with inside(checks={"database": asyncio.Event().wait}) as edge:  # type: ignore[dict-item]
        answer = await edge.http.get("/readyz")
        assert answer.json() == {"status": "unready", "checks": {"database": "failed"}}


async def test_unknown_paths_and_methods_have_typed_errors(edge: Edge) -> None:
    for method, path, status, code in (
        ("GET", "/", 404, "NOT_FOUND"),
        ("GET", "/graphql/", 404, "NOT_FOUND"),
        ("GET", "/graphiql/assets/../../build.py", 404, "NOT_FOUND"),
        ("GET", "/graphiql/assets/%2e%2e/%2e%2e/build.py", 404, "NOT_FOUND"),
        ("POST", "/graphiql", 405, "BAD_REQUEST"),
    ):
        answer = await edge.http.request(method, path)
        assert answer.status_code == status
        assert answer.json()["errors"][0]["extensions"] == {"code": code, "requestId": answer.headers["x-request-id"]}


async def test_a_failing_page_is_masked_too() -> None:
    async def breaking(request: Request) -> Response:
        raise ZeroDivisionError("secret 4711")

    async with running(routes=(Route("/breaking", breaking),)) as live:
        answer = await live.http.get("/breaking")
        assert answer.status_code == 500
        assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert "4711" not in answer.text


async def test_a_shutdown_finishes_requests_closes_sockets_with_1001_and_refuses_new_work() -> None:
    async with running() as live:
        socket_, stream = (
            await live.socket(),
            live.http.stream(
                "POST", "/graphql", json={"query": "subscription { forever }"}, headers={"accept": "text/event-stream"}
            ),
        )
        await initialised(socket_)
        await tell(socket_, id="x", type="subscribe", payload={"query": "subscription { forever }"})
        await told(socket_)
        events = await stream.__aenter__()
        slow = asyncio.create_task(live.post("{ slow(seconds: 0.5) }"))
        keeping = await asyncio.open_connection("127.0.0.1", live.port)
        await until(lambda: live.application.graphql.services.in_flight.taken == 1)
        began = asyncio.get_running_loop().time()
        live.stop.set()
        async with asyncio.timeout(2):
            async for _ in events.aiter_bytes():
                pass
        await socket_.wait_closed()
        assert (socket_.close_code, socket_.close_reason) == (1001, "The server is shutting down.")
        # A connection that was open already is told, and that its time is over.
        request = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
        keeping[1].write(request)
        answer = await slow
        assert (answer.status_code, answer.json()["data"]) == (200, {"slow": "done"})
        await live.serving
        assert asyncio.get_running_loop().time() - began < 1.5
        with pytest.raises(httpx.ConnectError):
            await live.http.get("/healthz")
        keeping[1].close()
        await stream.__aexit__(None, None, None)


async def test_while_draining_it_is_alive_but_not_ready_and_takes_no_work(edge: Edge) -> None:
    edge.application.drain()
    assert (await edge.http.get("/healthz")).status_code == 200
    ready = await edge.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
    answer = await edge.post("{hello}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["errors"][0]["message"] == "The server is shutting down."


async def test_a_shutdown_does_not_wait_for_ever() -> None:
    async with running(server=ServerSettings(port=0, shutdown_seconds=1)) as live:
        hanging = asyncio.create_task(live.post("{ slow(seconds: 25) }"))
        await until(lambda: live.application.graphql.services.in_flight.taken == 1)
        live.stop.set()
        async with asyncio.timeout(4):
            await live.serving
        answer = await hanging
        assert (answer.status_code, answer.headers["connection"]) == (503, "close")
        assert answer.json()["errors"][0]["message"] == "The server is shutting down."


async def test_a_port_that_is_taken_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError) as refused:
            listen(ServerSettings(port=port))
    assert str(refused.value) == f"The server cannot listen on 127.0.0.1:{port}: Address already in use."


async def test_an_endless_head_is_refused(live: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", live.port)
    writer.write(b"GET /graphql HTTP/1.1\r\nhost: x\r\nx-filler: ")
    answer = b""
    with suppress(ConnectionError):
        for _ in range(100):
            writer.write(b"a" * 10_000)
            await writer.drain()
            await asyncio.sleep(0.001)
        answer = await reader.read()
    # The client may be cut off before it has read why.
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
    assert (await live.http.get("/healthz")).status_code == 200
    writer.close()


async def test_a_head_that_dribbles_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    async with running() as live:
        for beginning in (b"", b"GET /graphql HTTP/1.1\r\nhost:"):
            began = asyncio.get_running_loop().time()
            assert await live.raw(beginning) == b""
            assert asyncio.get_running_loop().time() - began < 2
        # One that comes in two pieces in time is served.
        reader, writer = await asyncio.open_connection("127.0.0.1", live.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nho")
        await asyncio.sleep(0.05)
        writer.write(b"st: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(0.4)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert b"HTTP/1.1 200 " in await reader.read()
        writer.close()


async def test_a_client_that_never_reads_its_answer_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LINGER_SECONDS", 0.1)

    async def large(request: Request) -> Response:
        return PlainTextResponse("x" * 30_000_000)

    async with running(routes=(Route("/large", large),)) as live:
        reader, writer = await asyncio.open_connection("127.0.0.1", live.port)
        writer.write(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readline()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        # The keep-alive of five seconds passes, then the connection is closed and soon dropped.
        await asyncio.sleep(6)
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        received = 0
        try:
            async with asyncio.timeout(5):
                while chunk := await reader.read(1_000_000):
                    received += len(chunk)
        except ConnectionResetError:
            pass
        assert received < 29_000_000
        writer.close()


async def test_forwarded_addresses_are_believed_from_named_proxies_only() -> None:
    seen: list[str | None] = []

    async def address(request: Request) -> Response:
        seen.append(request.client.host if request.client else None)
        return Response(json.dumps(request.url.scheme))

    route = Route("/address", address)
    forged = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    async with running(routes=(route,)) as live:
        assert (await live.http.get("/address", headers=forged)).json() == "http"
    async with running(routes=(route,), server=ServerSettings(port=0, trusted_proxies=("127.0.0.1",))) as live:
        assert (await live.http.get("/address", headers=forged)).json() == "https"
    assert seen == ["127.0.0.1", "203.0.113.9"]


async def test_browsers_are_told_to_come_by_https_only_where_there_is_https() -> None:
    async with running() as live:
        assert "strict-transport-security" not in (await live.post("{hello}")).headers
    async with running(server=ServerSettings(port=0, https_only=True)) as live:
        assert (await live.post("{hello}")).headers["strict-transport-security"] == (
            "max-age=31536000; includeSubDomains"
        )
