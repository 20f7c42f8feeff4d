"""Contact windows over HTTP: thirty days of one contact point, to one request for a contact. Both in the same run.

A server process of its own (`python -m benchmarks.windows URL PORT`) over an agency of debtors in New York City with
about 100 contacts each, the packs of the United States enabled. Requests take turns, one at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import psycopg
import uvicorn
import uvloop

from arrears.access.authentication import Authenticator
from arrears.app import create_app
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.engine import PlanningEngine
from arrears.kernel.database import Database
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.services import Services
from arrears.kernel.vault import Vault
from arrears.plugins.discovery import of_class
from arrears.plugins.fields import PluginFields
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, SettingsSnapshot
from arrears.plugins.source import FixedSettings
from arrears.schema import schema_of
from arrears_sdk.clock import FixedClock
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.plugin import Plugin
from benchmarks.gate import PACKS
from benchmarks.gate_stored import DEBTORS, NOON, fill_gate, keys_beside
from benchmarks.large_agency import large_agency
from benchmarks.results import Result, at_most
from benchmarks.servers import KEYS_VARIABLE
from benchmarks.worklist import make_key, wait_for_server

MOST = 10.0
ROUNDS = 60
PORT = 8111
REQUEST = """mutation($input: ContactRequestInput!) {
  contactRequest(input: $input) {
    decision { id verdict until findings { verdict rule reason citation until } requirements { name } }
    permit { id expiresAt } userErrors { code message }
  }
}"""
WINDOWS = """query($debtor: ID!, $points: [ID!]!) {
  contactWindows(debtorId: $debtor, channels: [PHONE_CALL], contactPointIds: $points) {
    complete
    ways {
      channel contactPoint { id } verdict nextAt closed whyNotSooner { verdict rule reason citation until }
      windows { opens closes verdict requirements warnings }
    }
  }
}"""


@contextlib.contextmanager
def _server(url: str, keys: str) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.windows", url, str(PORT)]
    process = subprocess.Popen(command, env={**os.environ, KEYS_VARIABLE: keys})
    try:
        wait_for_server(process, PORT)
        yield f"http://127.0.0.1:{PORT}/graphql"
    finally:
        process.terminate()
        process.wait(timeout=20)


async def measure_windows(data: Path, debtors: int = DEBTORS, rounds: int = ROUNDS) -> list[Result]:
    """The ratio of the medians."""
    async with large_agency(data, debtors) as (urls, superuser):
        await asyncio.to_thread(fill_gate, superuser)
        texts = keys_beside(data)
        key = await make_key(urls, Vault(DeploymentKeys.parse(texts)))
        asked = await asyncio.to_thread(_points, superuser, rounds)
        requests, windows = await asyncio.to_thread(_measure, urls.api, texts, key, asked)
    request, window = statistics.median(requests), statistics.median(windows)
    print(f"contactRequest {request * 1000:.1f} ms, contactWindows over 30 days {window * 1000:.1f} ms")
    return [at_most("contactWindows of 30 days / one contactRequest, over HTTP", window / request, MOST)]


def _points(superuser: str, most: int) -> list[tuple[UUID, UUID]]:
    with psycopg.connect(superuser) as connection:
        rows = connection.execute(
            "select distinct on (debtor_id) debtor_id, id from contact_point where channel = 'PHONE'"
            " order by debtor_id, id limit %s",
            [most],
        ).fetchall()
    return [(debtor_id, id) for debtor_id, id in rows]


def _measure(url: str, keys: str, key: str, asked: Sequence[tuple[UUID, UUID]]) -> tuple[list[float], list[float]]:
    requests, windows = [], []
    headers = {"authorization": f"Bearer {key}"}
    with _server(url, keys) as address, httpx.Client(headers=headers, timeout=60) as client:
        for number, (debtor_id, point_id) in enumerate(asked):
            debtor, point = encode_id("dbtr", debtor_id), encode_id("cont", point_id)
            wanted = {"idempotencyKey": str(new_id()), "channel": "PHONE_CALL", "debtorId": debtor}
            requested = _seconds(client, address, REQUEST, {"input": {**wanted, "contactPointId": point}})
            looked = _seconds(client, address, WINDOWS, {"debtor": debtor, "points": [point]})
            if number >= 3:  # the first ones warm the server up
                requests.append(requested)
                windows.append(looked)
    return requests, windows


def _seconds(client: httpx.Client, address: str, query: str, variables: dict[str, Any]) -> float:
    began = time.perf_counter()
    answer = client.post(address, json={"query": query, "variables": variables})
    took = time.perf_counter() - began
    found = answer.json()
    assert "errors" not in found, found
    looked = found["data"].get("contactWindows")
    assert looked is None or (looked["complete"] and len(looked["ways"]) == 1), looked
    return took


async def main(url: str, port: int) -> None:
    """Serve until terminated."""
    groups = {plugin.name: GroupSettings(enabled=True) for plugin in PACKS}
    clock = FixedClock(NOON)
    candidates = [of_class(cast("type[Plugin]", plugin)) for plugin in PACKS]
    host = PluginHost(FixedSettings(SettingsSnapshot(1, {DEPLOYMENT: groups})), clock=clock, candidates=candidates)
    vault = Vault(DeploymentKeys.parse(os.environ[KEYS_VARIABLE]))
    await host.open()
    async with Database(url, application_name="benchmark-windows", pool_size=4) as database:
        services = Services(host, PluginFields(host))
        engine = PlanningEngine(schema_of(host), database=database, clock=clock, vault=vault, services=services)
        edge = EdgeSettings(requests_per_second=1_000_000, request_burst=1_000_000)
        app = create_app(engine, Authenticator(database, vault).authenticate, edge=edge)
        config = uvicorn.Config(
            app, port=port, log_level="warning", access_log=False, lifespan="off", loop="uvloop", http="httptools"
        )
        await uvicorn.Server(config).serve()
    await host.close()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
