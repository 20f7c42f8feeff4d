"""Tokens and personal values that pass through the edge are found in no log, at whatever level, and in no refusal."""

from __future__ import annotations

import logging

import pytest
from structlog.testing import capture_logs

from arrears.graphql.edge.settings import EdgeSettings
from tests.graphql.edge.running import Running, running, tell
from tests.graphql.edge.sample import GOOD_TOKEN

TOKEN = "canary-token-4711"
PERSON = "canary-person-4711"


async def provoke(live: Running) -> list[str]:
    """Everything that goes wrong at the edge, with the canaries in it; the answers."""
    query = "query Q($name: String) { hello(name: $name) broken fault }"
    answers = [
        await live.post(query, variables={"name": "x"}, operationName=None),
        await live.http.get("/graphql", params={"query": "{hello}", "token": TOKEN, "variables": f'{{"{PERSON}'}),
        await live.http.get(f"/graphql?query=%ff&{TOKEN}={PERSON}"),
        await live.http.post("/graphql", content=f'{{"query": "{PERSON}'.encode()),
        await live.send(f'{{"query": "{PERSON}" {TOKEN}'.encode()),
        await live.send(b"{}", authorization=f"Bearer {TOKEN}"),
        await live.http.get(f"/{PERSON}?{TOKEN}"),
        await live.send(b"{}", x_request_id=f"{TOKEN} {PERSON}"),
    ]
    async with live.socket() as socket:
        await tell(socket, type="connection_init", payload={"authorization": f"Bearer {TOKEN}"})
        await socket.wait_closed()
        assert TOKEN not in (socket.close_reason or "")
    async with live.socket() as socket:
        await socket.send(f'{{"type": "{PERSON}", "{TOKEN}": 1}}')
        await socket.wait_closed()
        assert PERSON not in (socket.close_reason or "")
    return [f"{answer.headers} {answer.text}" for answer in answers]


async def test_no_canary_is_found_in_a_log_or_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("websockets.client").setLevel(logging.WARNING)
    async with running(EdgeSettings(refusal_seconds=0)) as live:
        live.http.headers["authorization"] = GOOD_TOKEN
        with capture_logs() as logs:
            answers = await provoke(live)
    # What the clients in this very process write is theirs.
    written = [
        record.getMessage() for record in caplog.records if record.name.split(".")[0] not in ("httpx", "httpcore")
    ]
    assert answers
    for canary in (TOKEN, PERSON, "good-token"):
        assert [line for line in [*answers, *written, *map(str, logs)] if canary in line] == [], canary
