"""graphql-transport-ws: the protocol, its close codes, and the bounds on what one socket may do."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from arrears.graphql.edge.settings import EdgeSettings
from tests.graphql.edge.running import Running, initialised, running, tell, told, until
from tests.graphql.edge.sample import GOOD_TOKEN, LET_GO, PERSON

UNINITIALISED = "Unauthorized: send connection_init first."
ID_FORM = "`id` must be a string of at most 128 characters."


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """The code and reason that the server closed the socket with, once everything before it was read."""
    async with asyncio.timeout(15):
        with suppress(ConnectionClosedError):
            async for _ in socket:
                pass
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def test_a_subscription_sends_its_answers_and_completes(live: Running) -> None:
    async with live.socket() as socket:
        assert socket.subprotocol == "graphql-transport-ws"
        await initialised(socket)
        await tell(socket, id="a", type="subscribe", payload={"query": "subscription { count(to: 2) }"})
        cost = {"cost": {"requested": 1, "maximum": 300_000, "depth": 1}}
        assert [await told(socket) for _ in range(3)] == [
            {"id": "a", "type": "next", "payload": {"data": {"count": 1}, "extensions": cost}},
            {"id": "a", "type": "next", "payload": {"data": {"count": 2}, "extensions": cost}},
            {"id": "a", "type": "complete"},
        ]
        # The id is free again.
        await tell(socket, id="a", type="subscribe", payload={"query": "subscription { count(to: 0) }"})
        assert await told(socket) == {"id": "a", "type": "complete"}


async def test_queries_and_mutations_work_too(live: Running) -> None:
    async with live.socket() as socket:
        await initialised(socket)
        for id, query, data in (
            ("q", "query Q($name: String) { hello(name: $name) }", {"hello": "Hello Ada"}),
            ("m", 'mutation { rename(name: "Björn") }', {"rename": "Björn"}),
        ):
            await tell(socket, id=id, type="subscribe", payload={"query": query, "variables": {"name": "Ada"}})
            answer = await told(socket)
            assert (answer["id"], answer["type"], answer["payload"]["data"]) == (id, "next", data)
            assert await told(socket) == {"id": id, "type": "complete"}


async def test_operations_run_beside_each_other(live: Running) -> None:
    async with live.socket() as socket:
        await initialised(socket)
        await tell(socket, id="slow", type="subscribe", payload={"query": "{ slow(seconds: 0.2) }"})
        await tell(socket, id="quick", type="subscribe", payload={"query": "{ hello }"})
        assert [(await told(socket))["id"] for _ in range(4)] == ["quick", "quick", "slow", "slow"]


async def test_what_graphql_refuses_is_an_error_message_and_the_socket_lives_on(live: Running) -> None:
    async with live.socket() as socket:
        await initialised(socket)
        for query, code in (
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("query Q($v: Int!) { echo(value: $v) }", "GRAPHQL_VALIDATION_FAILED"),
        ):
            await tell(socket, id="x", type="subscribe", payload={"query": query})
            answer = await told(socket)
            assert (answer["id"], answer["type"]) == ("x", "error")
            assert [error["extensions"]["code"] for error in answer["payload"]] == [code]
        await tell(socket, type="ping")
        assert await told(socket) == {"type": "pong"}


async def test_a_subscription_that_fails_ends_with_a_masked_error(live: Running) -> None:
    async with live.socket() as socket:
        await initialised(socket)
        await tell(socket, id="x", type="subscribe", payload={"query": "subscription { breaking }"})
        assert (await told(socket))["payload"]["data"] == {"breaking": 1}
        answer = await told(socket)
        assert answer["type"] == "error"
        assert answer["payload"][0]["extensions"]["code"] == "INTERNAL"
        assert "4711" not in str(answer)


async def test_a_client_that_completes_hears_no_more(live: Running) -> None:
    LET_GO.clear()
    async with live.socket() as socket:
        await initialised(socket)
        await tell(socket, id="x", type="subscribe", payload={"query": "subscription { forever }"})
        assert (await told(socket))["payload"]["data"] == {"forever": 1}
        await tell(socket, id="x", type="complete")
        await tell(socket, id="x", type="complete")
        await tell(socket, type="ping")
        assert await told(socket) == {"type": "pong"}
        assert LET_GO == ["forever"]


async def test_what_runs_is_let_go_when_the_client_goes_away(live: Running) -> None:
    LET_GO.clear()
    async with live.socket() as socket:
        await initialised(socket)
        for id in ("a", "b"):
            await tell(socket, id=id, type="subscribe", payload={"query": "subscription { forever }"})
            await told(socket)
        socket.transport.abort()
    await until(lambda: LET_GO == ["forever", "forever"])
    assert len(live.application.graphql.services.streams) == 0


async def test_pings_are_answered_even_before_the_greeting(live: Running) -> None:
    async with live.socket() as socket:
        await tell(socket, type="ping", payload={"any": "thing"})
        assert await told(socket) == {"type": "pong"}
        await tell(socket, type="pong")
        await initialised(socket)


async def test_the_credential_may_come_in_the_handshake(live: Running) -> None:
    async with live.socket(additional_headers={"authorization": GOOD_TOKEN}) as socket:
        await initialised(socket, None)


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        (['{"type":"subscribe","id":"a","payload":{"query":"{hello}"}}'], 4401, UNINITIALISED),
        (['{"type":"complete","id":"a"}'], 4401, UNINITIALISED),
        (["{"], 4400, "A message must be JSON."),
        (["[]"], 4400, "A message must be a JSON object."),
        (["null"], 4400, "A message must be a JSON object."),
        (["{}"], 4400, "The message is of no known type."),
        (['{"type":"start"}'], 4400, "The message is of no known type."),
        (['{"type":["ping"]}'], 4400, "The message is of no known type."),
        (['{"type":"connection_init","payload":[]}'], 4400, "The payload of connection_init must be an object."),
        (['{"type":"connection_init"}'], 4403, None),
        (['{"type":"connection_init","payload":{"Authorization":"Bearer bad"}}'], 4403, None),
        (['{"type":"connection_init","payload":{"authorization":7}}'], 4403, None),
    ],
)  # fmt: skip
async def test_what_closes_a_socket_before_the_greeting(
    live: Running, messages: list[str], code: int, reason: str | None
) -> None:
    async with live.socket() as socket:
        for message in messages:
            await socket.send(message)
        given = await closed(socket)
        assert given[0] == code
        assert reason is None or given[1] == reason


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ('{"type":"connection_init"}', 4429, "Too many initialisation requests"),
        ('{"type":"subscribe","payload":{"query":"{hello}"}}', 4400, ID_FORM),
        ('{"type":"subscribe","id":"","payload":{"query":"{hello}"}}', 4400, None),
        ('{"type":"subscribe","id":7,"payload":{"query":"{hello}"}}', 4400, None),
        ('{"type":"subscribe","id":"%s","payload":{"query":"{hello}"}}' % ("x" * 129), 4400, None),
        ('{"type":"subscribe","id":"a"}', 4400, "The body must be a JSON object."),
        ('{"type":"subscribe","id":"a","payload":{}}', 4400, "`query` is missing."),
        ('{"type":"subscribe","id":"a","payload":{"query":"{hello}","variables":[]}}', 4400, None),
        ('{"type":"complete"}', 4400, None),
        (b"\x00\x01", 4400, "Only text frames are read."),
        ('{"type":"ping","payload":"%s"}' % ("x" * 300_000), 1009, None),
    ],
)  # fmt: skip
async def test_what_closes_a_socket_after_the_greeting(
    live: Running, message: str | bytes, code: int, reason: str | None
) -> None:
    async with live.socket() as socket:
        await initialised(socket)
        await socket.send(message)
        given = await closed(socket)
        assert given[0] == code
        assert reason is None or given[1] == reason


async def test_an_id_that_is_in_use_closes_the_socket(live: Running) -> None:
    async with live.socket() as socket:
        await initialised(socket)
        for _ in range(2):
            await tell(socket, id="a", type="subscribe", payload={"query": "subscription { forever }"})
        assert await closed(socket) == (4409, "Subscriber for a already exists")


async def test_a_client_that_does_not_introduce_itself_is_closed(live: Running) -> None:
    async with live.socket() as socket:
        assert await closed(socket) == (4408, "Connection initialisation timeout.")


@pytest.mark.parametrize("subprotocols", [("graphql-ws",), ("soap",), ()])
async def test_other_protocols_are_not_spoken(live: Running, subprotocols: tuple[str, ...]) -> None:
    async with live.socket(subprotocols=subprotocols) as socket:
        assert socket.subprotocol is None
        assert await closed(socket) == (4406, "Only graphql-transport-ws is spoken.")


async def test_the_new_protocol_wins_over_the_legacy_one(live: Running) -> None:
    async with live.socket(subprotocols=("graphql-ws", "graphql-transport-ws")) as socket:
        assert socket.subprotocol == "graphql-transport-ws"


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        (None, True),
        ("http://127.0.0.1:{port}", True),
        ("https://desk.example.com", False),
        ("http://127.0.0.1", False),
        ("null", False),
    ],
)
async def test_pages_of_other_sites_open_no_socket(live: Running, origin: str | None, accepted: bool) -> None:
    if accepted:
        async with live.socket(origin=origin and origin.format(port=live.port)) as socket:
            await initialised(socket)
    else:
        with pytest.raises(InvalidStatus) as refused:
            await live.socket(origin=origin).__aenter__()
        assert refused.value.response.status_code == 403
        assert b"Pages of this origin may not open a socket." in (refused.value.response.body or b"")


async def test_a_socket_ends_soon_after_its_credential_is_revoked(live: Running) -> None:
    LET_GO.clear()
    async with live.socket() as socket:
        await initialised(socket)
        await tell(socket, id="x", type="subscribe", payload={"query": "subscription { forever }"})
        await told(socket)
        del live.authenticator.principals[GOOD_TOKEN]
        assert await closed(socket) == (4403, "The credential is no longer valid.")
    assert LET_GO == ["forever"]


async def test_a_socket_ends_when_the_rights_of_its_credential_change(live: Running) -> None:
    async with live.socket() as socket:
        await initialised(socket)
        live.authenticator.principals[GOOD_TOKEN] = replace(PERSON, permissions=frozenset({"self.read"}))
        assert await closed(socket) == (4403, "The rights of the credential changed.")
    async with live.socket() as socket:
        await initialised(socket)


async def test_a_socket_survives_an_authenticator_that_fails_for_a_moment() -> None:
    settings = EdgeSettings(recheck_seconds=0.02, recheck_tolerance_seconds=3)
    async with running(settings) as live, live.socket() as socket:
        await initialised(socket)
        live.authenticator.failure = ConnectionError("no database")
        await asyncio.sleep(0.1)
        live.authenticator.failure = None
        await asyncio.sleep(0.1)
        await tell(socket, type="ping")
        assert await told(socket) == {"type": "pong"}
        live.authenticator.failure = ConnectionError("no database")
        assert await closed(socket) == (4403, "The credential could not be verified.")


async def test_one_look_at_a_credential_serves_all_its_sockets() -> None:
    async with running(EdgeSettings(recheck_seconds=0.1)) as live:
        sockets = [await live.socket() for _ in range(10)]
        for socket in sockets:
            await initialised(socket)
        asked = live.authenticator.asked
        await asyncio.sleep(0.35)
        assert 1 <= live.authenticator.asked - asked <= 4
        for socket in sockets:
            await socket.close()


async def test_a_failing_authenticator_is_not_the_clients_fault(live: Running) -> None:
    live.authenticator.failure = ZeroDivisionError("secret 4711")
    async with live.socket() as socket:
        await tell(socket, type="connection_init", payload={"authorization": GOOD_TOKEN})
        code, reason = await closed(socket)
        assert code == 1011
        assert reason.startswith("Internal error; the request id is ")


async def test_one_socket_runs_so_many_operations_at_once() -> None:
    async with running(EdgeSettings(max_operations_per_socket=2)) as live, live.socket() as socket:
        await initialised(socket)
        for id in ("a", "b", "c"):
            await tell(socket, id=id, type="subscribe", payload={"query": "subscription { forever }"})
        answers = {answer["id"]: answer for answer in [await told(socket) for _ in range(3)]}
        assert (answers["a"]["type"], answers["b"]["type"], answers["c"]["type"]) == ("next", "next", "error")
        (error,) = answers["c"]["payload"]
        assert error["message"] == "This socket has 2 operations running already."
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_operations_count_towards_the_rate_of_the_credential() -> None:
    settings = EdgeSettings(requests_per_second=0.1, request_burst=2)
    async with running(settings) as live, live.socket() as socket:
        await initialised(socket)
        for id in ("a", "b"):
            await tell(socket, id=id, type="subscribe", payload={"query": "{hello}"})
        answers = [await told(socket) for _ in range(3)]
        (refused,) = [answer for answer in answers if answer["id"] == "b"]
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")


async def test_so_many_sockets_are_open_at_once() -> None:
    async with running(EdgeSettings(max_streams=2)) as live:
        first, second = await live.socket(), await live.socket()
        with pytest.raises(InvalidStatus) as refused:
            await live.socket().__aenter__()
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["retry-after"] == "1"
        await first.close()
        await asyncio.sleep(0.05)
        third = await live.socket()
        await initialised(third)
        await second.close()
        await third.close()


async def test_one_credential_has_so_many_sockets() -> None:
    async with running(EdgeSettings(max_streams_per_credential=1)) as live, live.socket() as first:
        await initialised(first)
        async with live.socket() as second:
            await tell(second, type="connection_init", payload={"authorization": GOOD_TOKEN})
            assert await closed(second) == (1013, "This credential has 1 streams open already.")
        await first.close()
        await asyncio.sleep(0.05)
        async with live.socket() as third:
            await initialised(third)


async def test_a_client_that_does_not_read_loses_its_socket() -> None:
    big = "x" * 200_000
    async with running(EdgeSettings(send_seconds=0.2)) as live:
        socket = await live.socket(max_queue=1, write_limit=1)
        await initialised(socket)
        socket.transport.pause_reading()
        payload = {"query": "query Q($name: String) { hello(name: $name) }", "variables": {"name": big}}
        for number in range(60):
            await tell(socket, id=str(number), type="subscribe", payload=payload)
            if not len(live.application.graphql.services.streams):
                break
        await until(lambda: len(live.application.graphql.services.streams) == 0)
        socket.transport.abort()
