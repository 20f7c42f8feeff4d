"""The golden worklist over HTTP: planner, bare statement from a bare route, dataloader peer, one worker each.

Every server runs in a process of its own and has the machine's cores together with PostgreSQL and the load. The
servers take turns, so that a slow minute of the machine falls on all of them; the median of the rounds counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from arrears.kernel.clock import PlatformClock
from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.principal import Principal
from arrears.kernel.vault import Vault
from benchmarks.large_agency import large_agency
from benchmarks.load import put_load
from benchmarks.results import Result, at_least, at_most
from benchmarks.servers import KEYS_VARIABLE, QUERY, VARIABLES

TARGET_OF_BARE, TARGET_OF_PEER, TARGET_OF_POLICIES = 0.85, 15.0, 1.3


async def make_key(urls: DatabaseUrls, vault: Vault) -> str:
    """An API key of an administrator."""
    from arrears.access.commands import PrincipalCreate, RoleGrant, principal_create, role_grant
    from arrears.access.key_commands import ApiKeyCreate, api_key_create
    from arrears.access.model import PrincipalKind, Role

    async with Database(urls.api, application_name="benchmark", pool_size=2) as database:
        context = Context(database, Principal.system("benchmark"), PlatformClock(database), vault, "benchmark")
        made = await principal_create(context, PrincipalCreate(kind=PrincipalKind.PERSON, name="Benchmark"))
        principal_id = made.result.principal_id
        await role_grant(context, RoleGrant(principal_id=principal_id, role=Role.MANAGER, everywhere=True))
        issued = await api_key_create(context, ApiKeyCreate(principal_id=principal_id, name="benchmark"))
        assert issued.result.secret is not None
        return issued.result.secret


@contextlib.contextmanager
def server(kind: str, url: str, port: int, keys: str) -> Iterator[str]:
    """A server process, ready to answer."""
    command = [sys.executable, "-m", "benchmarks.servers", kind, url, str(port)]
    process = subprocess.Popen(command, env={**os.environ, KEYS_VARIABLE: keys})
    address = f"http://127.0.0.1:{port}/graphql"
    try:
        wait_for_server(process, port)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for_server(process: subprocess.Popen[bytes], port: int) -> None:
    """Until the process listens; RuntimeError when it does not."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server on port {port} did not start")


def measure(urls: DatabaseUrls, superuser: str, keys: str, key: str, seconds: float, rounds: int) -> dict[str, float]:
    """Requests a second of each server: the median of the rounds."""
    kinds = {
        "bare": ("bare", urls.api, 8101),
        "bare without policies": ("bare", superuser, 8102),
        "planner": ("planner", urls.api, 8103),
        "dataloaders": ("peer", urls.api, 8104),
    }
    body: dict[str, Any] = {"query": QUERY, "variables": VARIABLES}
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    found: dict[str, list[float]] = {name: [] for name in kinds}
    with contextlib.ExitStack() as stack:
        addresses = {
            name: stack.enter_context(server(kind, url, port, keys)) for name, (kind, url, port) in kinds.items()
        }
        check_equal(addresses, body, headers)
        for address in addresses.values():
            put_load(address, body, headers, 2)
        for _ in range(rounds):
            for name, address in addresses.items():
                load = put_load(address, body, headers, seconds)
                found[name].append(load.requests_per_second)
    print(f"Load by {load.made_by}; requests a second in each round:")
    for name, rates in found.items():
        print(f"  {name:22} {'  '.join(f'{rate:8.1f}' for rate in rates)}")
    return {name: statistics.median(rates) for name, rates in found.items()}


def check_equal(addresses: dict[str, str], body: dict[str, Any], headers: dict[str, str]) -> None:
    """All servers give the same rows."""
    answers = {name: httpx.post(address, json=body, headers=headers, timeout=30) for name, address in addresses.items()}
    nodes = {}
    for name, answer in answers.items():
        found = answer.json()
        data = found.get("data", found)
        accounts = data.get("accounts", data)
        nodes[name] = [
            (node["id"], node["debtor"]["displayName"], len(node["interactions"]["nodes"]))
            for node in accounts["nodes"]
        ]
    assert len(nodes["planner"]) == 50
    assert all(rows == nodes["planner"] for rows in nodes.values()), "the servers do not give the same rows"


def results_of(rates: dict[str, float]) -> list[Result]:
    """The ratios beside their targets."""
    return [
        at_least(
            "worklist over HTTP / the same SQL from a bare route", rates["planner"] / rates["bare"], TARGET_OF_BARE
        ),
        at_most(
            "bare route without / with the row policies",
            rates["bare without policies"] / rates["bare"],
            TARGET_OF_POLICIES,
        ),
        at_least(
            "worklist over HTTP / Strawberry with dataloaders",
            rates["planner"] / rates["dataloaders"],
            TARGET_OF_PEER,
            1,
        ),
    ]


async def measure_worklist(data: Path, debtors: int, seconds: float, rounds: int) -> list[Result]:
    """Make the agency where it is missing, run the servers against each other, and tell the ratios."""
    async with large_agency(data, debtors) as (urls, superuser):
        texts = new_key_text()
        key = await make_key(urls, Vault(DeploymentKeys.parse(texts)))
        rates = await asyncio.to_thread(measure, urls, superuser, texts, key, seconds, rounds)
    return results_of(rates)
