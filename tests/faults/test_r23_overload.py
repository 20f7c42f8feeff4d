"""R23: ten times more than the server can do. It says no quickly, stays healthy, and is itself again at once."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from arrears.access.model import Role
from arrears.graphql.edge.settings import EdgeSettings
from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.vault import Vault
from tests.api import Api
from tests.conftest import Deployment
from tests.faults.load import Plan, Seen, from_another_process, percentile
from tests.faults.served import Served, serving

pytestmark = pytest.mark.alone

SECONDS = 60 if os.environ.get("ARREARS_NIGHTLY") else 12
QUERY = "{ accounts(first: 50) { nodes { id reference } totalCount } clients { nodes { id name } } viewer { name } }"
CREDENTIALS = 64
AT_ONCE = 8
MOST_CONNECTIONS = 1_000
REFUSAL_SECONDS = EdgeSettings().queue_seconds + EdgeSettings().refusal_seconds
MEMORY_CAP_BYTES = 512 * 2**20
HEALTH_SECONDS = 0.5


@pytest.fixture
async def served(deployment: Deployment, tmp_path: Path) -> AsyncIterator[Served]:
    """The platform as an operator starts it, with every limit as it comes."""
    key = new_key_text()
    deployment.vault = Vault(DeploymentKeys.parse(key))
    environment = {
        "ARREARS_DATABASE_URL": deployment.urls.owner,
        "ARREARS_API_DATABASE_URL": deployment.urls.api,
        "ARREARS_WORKER_DATABASE_URL": deployment.urls.worker,
        "ARREARS_DEPLOYMENT_KEYS": key,
        "ARREARS_DATA_FOLDER": str(tmp_path / "data"),
    }
    server = Served((), environment, tmp_path / "server.out")
    with serving(server):
        await server.ready()
        yield server


def resident_bytes(served: Served) -> int:
    assert served.process is not None
    pages = Path(f"/proc/{served.process.pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def seconds_of_a_query(served: Served, key: str) -> float:
    async with httpx.AsyncClient() as http:
        began = time.perf_counter()
        answer = await http.post(
            f"{served.address}/graphql", json={"query": QUERY}, headers={"authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json()
        return time.perf_counter() - began


def describe(crowded: Seen, knocked: Seen, readied: Seen, capacity: float, memory: int) -> str:
    """What happened, in one line."""
    offered = sum(crowded.statuses.values()) / SECONDS
    return (
        f"capacity {capacity:.0f}/s, offered {offered:.0f}/s {crowded.statuses}, "
        f"health p50 {percentile(knocked.seconds, 0.5) * 1000:.0f} ms, "
        f"p99 {percentile(knocked.seconds, 0.99) * 1000:.0f} ms of {len(knocked.seconds)}, "
        f"ready p99 {percentile(readied.seconds, 0.99) * 1000:.0f} ms {readied.statuses}, "
        f"memory {memory / 2**20:.0f} MiB"
    )


@pytest.mark.timeout(300)
async def test_r23_ten_times_the_load_is_refused_quickly_and_leaves_no_trace(
    deployment: Deployment, served: Served
) -> None:
    # Given what the server can do
    async with httpx.AsyncClient() as unused:
        signing = Api(deployment.context(), unused)
        keys = [await signing.sign_in(Role.ADMIN) for _ in range(CREDENTIALS)]
    for key in keys:
        await seconds_of_a_query(served, key)
    usual = await from_another_process(Plan(served.port, 3, AT_ONCE, query=QUERY, tokens=keys))
    assert set(usual.statuses) == {"200"}
    capacity = usual.statuses["200"] / 3

    # When ten clients come for each one that it can serve; each asks again as soon as it is answered
    connections = min(MOST_CONNECTIONS, math.ceil(10 * capacity * REFUSAL_SECONDS))
    crowd = Plan(served.port, SECONDS, connections, query=QUERY, tokens=keys, ramp_seconds=2)
    knock = Plan(served.port, SECONDS, path="/healthz", every_seconds=0.02)
    ready = Plan(served.port, SECONDS, path="/readyz", every_seconds=0.2)
    crowded, knocked, readied = await asyncio.gather(
        from_another_process(crowd, yielding=True), from_another_process(knock), from_another_process(ready)
    )
    memory = resident_bytes(served)
    report = describe(crowded, knocked, readied, capacity, memory)

    # Then health is quick, refusals say when to come again, nothing breaks
    assert knocked.statuses.keys() == readied.statuses.keys() == {"200"}, report
    assert percentile(knocked.seconds, 0.99) <= HEALTH_SECONDS, report
    assert crowded.statuses.keys() <= {"200", "429", "503"}, report
    assert crowded.statuses["503"] > 0, report
    assert crowded.statuses["200"] / SECONDS > capacity / 10, report
    assert (crowded.without_retry_after, crowded.broken) == (0, 0), report
    assert memory < MEMORY_CAP_BYTES, report

    # And within ten seconds all is as it was
    calm = time.monotonic()
    while max([await seconds_of_a_query(served, key) for key in keys[:16]]) > 0.25:
        assert time.monotonic() - calm < 10, report
    again = await from_another_process(Plan(served.port, 2, AT_ONCE, query=QUERY, tokens=keys))
    assert set(again.statuses) == {"200"}, report
    assert again.statuses["200"] / 2 > capacity / 2, report


async def test_r23_one_credential_that_asks_too_often_is_told_to_wait(deployment: Deployment, served: Served) -> None:
    async with httpx.AsyncClient() as unused:
        signing = Api(deployment.context(), unused)
        greedy, modest = await signing.sign_in(Role.ADMIN), await signing.sign_in(Role.ADMIN)
    await seconds_of_a_query(served, greedy)

    flood = Plan(served.port, 4, 40, query="{ __typename }", tokens=[greedy])
    calm = Plan(served.port, 4, query="{ __typename }", tokens=[modest], every_seconds=0.05)
    flooded, calmed = await asyncio.gather(from_another_process(flood), from_another_process(calm))

    settings = EdgeSettings()
    assert flooded.statuses.keys() <= {"200", "429", "503"}
    assert flooded.statuses["200"] <= settings.request_burst + 6 * settings.requests_per_second
    assert flooded.statuses["429"] > 0
    assert (flooded.without_retry_after, flooded.broken) == (0, 0)
    # Whoever keeps to the rate is served as if nothing happened.
    assert calmed.statuses.keys() == {"200"}
