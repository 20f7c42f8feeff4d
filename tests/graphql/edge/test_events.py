"""Subscriptions as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from arrears.graphql.edge.engine import Answer
from arrears.graphql.edge.events import event
from arrears.graphql.edge.settings import EdgeSettings
from tests.graphql.edge.running import Running, running, until
from tests.graphql.edge.sample import GOOD_TOKEN, LET_GO

EVENTS = {"accept": "text/event-stream"}
QUERY = {"query": "subscription { count(to: 2) }"}


def parsed(text: str) -> list[tuple[str, Any]]:
    """The events of a stream as browsers read them; comments are left out."""
    events = []
    for block in text.split("\n\n"):
        fields = {name: value.strip() for name, _, value in (line.partition(":") for line in block.splitlines())}
        if "event" in fields:
            events.append((fields["event"], json.loads(fields["data"])["data"] if fields["data"] else None))
    return events


async def opened(live: Running, query: str) -> tuple[httpx.Response, AsyncIterator[str], Any]:
    """A stream that is open, its lines, and what closes it."""
    context = live.http.stream("POST", "/graphql", json={"query": query}, headers=EVENTS)
    answer = await context.__aenter__()
    return answer, answer.aiter_lines(), context


async def test_the_answers_come_as_events_and_the_stream_completes(live: Running) -> None:
    answer = await live.http.post("/graphql", json=QUERY, headers=EVENTS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert parsed(answer.text) == [("next", {"count": 1}), ("next", {"count": 2}), ("complete", None)]
    assert answer.text.endswith("event: complete\ndata:\n\n")


async def test_a_query_is_a_stream_of_one(live: Running) -> None:
    for answer in (
        await live.http.post("/graphql", json={"query": "{hello}"}, headers=EVENTS),
        await live.http.get("/graphql", params={"query": "{hello}"}, headers=EVENTS),
    ):
        assert parsed(answer.text) == [("next", {"hello": "Hello world"}), ("complete", None)]


async def test_get_opens_no_subscription_and_runs_no_mutation(live: Running) -> None:
    for query in ("subscription { count(to: 1) }", 'mutation { rename(name: "x") }'):
        answer = await live.http.get("/graphql", params={"query": query}, headers=EVENTS)
        assert answer.status_code == 405


async def test_what_graphql_refuses_is_the_only_event(live: Running) -> None:
    answer = await live.http.post("/graphql", json={"query": "subscription { nothing }"}, headers=EVENTS)
    assert answer.status_code == 200
    first = answer.text.split("\n\n")[1]
    assert first.startswith("event: next\ndata: ")
    (error,) = json.loads(first.removeprefix("event: next\ndata: "))["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_what_http_refuses_is_an_http_answer(live: Running) -> None:
    bad = await live.http.post("/graphql", json=QUERY, headers={**EVENTS, "authorization": "Bearer bad"})
    assert (bad.status_code, bad.headers["content-type"]) == (401, "application/json; charset=utf-8")
    malformed = await live.http.post("/graphql", content=b"{", headers={**EVENTS, "content-type": "application/json"})
    assert malformed.status_code == 400


async def test_a_subscription_that_fails_ends_with_a_masked_error(live: Running) -> None:
    answer = await live.http.post("/graphql", json={"query": "subscription { breaking }"}, headers=EVENTS)
    blocks = [block for block in answer.text.split("\n\n") if block.startswith("event: next")]
    assert len(blocks) == 2
    (error,) = json.loads(blocks[1].removeprefix("event: next\ndata: "))["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert answer.text.endswith("event: complete\ndata:\n\n")


async def test_a_client_that_goes_away_ends_the_subscription(live: Running) -> None:
    LET_GO.clear()
    _, lines, context = await opened(live, "subscription { forever }")
    async for line in lines:
        if line.startswith("data: "):
            break
    assert len(live.application.graphql.services.streams) == 1
    await context.__aexit__(None, None, None)
    await until(lambda: LET_GO == ["forever"])
    assert len(live.application.graphql.services.streams) == 0


async def test_a_revoked_credential_ends_the_stream(live: Running) -> None:
    LET_GO.clear()
    _, lines, context = await opened(live, "subscription { forever }")
    del live.authenticator.principals[GOOD_TOKEN]
    async with asyncio.timeout(3):
        rest = [line async for line in lines]
    assert "event: complete" not in rest
    assert LET_GO == ["forever"]
    await context.__aexit__(None, None, None)


async def test_a_silent_stream_is_kept_alive_by_comments() -> None:
    async with running(EdgeSettings(keep_alive_seconds=0.05)) as live:
        _, lines, context = await opened(live, "subscription { forever }")
        comments = 0
        async with asyncio.timeout(3):
            async for line in lines:
                comments += line == ":"
                if comments == 4:
                    break
        await context.__aexit__(None, None, None)


async def test_streams_count_towards_the_places_of_all_and_of_the_credential() -> None:
    async with running(EdgeSettings(max_streams=5, max_streams_per_credential=1)) as live:
        _, _, context = await opened(live, "subscription { forever }")
        answer = await live.http.post("/graphql", json=QUERY, headers=EVENTS)
        assert answer.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        await context.__aexit__(None, None, None)
    async with running(EdgeSettings(max_streams=1)) as live:
        _, _, context = await opened(live, "subscription { forever }")
        answer = await live.http.post("/graphql", json=QUERY, headers=EVENTS)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        # An open stream holds no place of a request.
        assert live.application.graphql.services.in_flight.taken == 0
        await context.__aexit__(None, None, None)


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n", b"\r"])
def test_line_breaks_between_values_do_not_end_the_data(line_break: bytes) -> None:
    answer = Answer(b'{"data":{' + line_break + b'"a":"x\\ny"}}')
    (line,) = [line for line in event(answer.body).decode().splitlines() if line.startswith("data: ")]
    assert json.loads(line.removeprefix("data: ")) == {"data": {"a": "x\ny"}}
