"""R1 and R2: one idempotency key sent many times at once through two processes, with the same and with other input."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.vault import Vault
from arrears.ledger.verification import verify
from tests.conftest import Deployment
from tests.faults.conftest import NIGHTLY
from tests.faults.served import Desk, Served, outcome, serving

SENDS = 500 if NIGHTLY else 50
# Whoever comes while the first send is under way may be told so; nobody is told that it failed.
ALLOWED = {"IDEMPOTENCY_IN_PROGRESS"}


@dataclass
class TwoProcesses:
    """Two servers on one database."""

    deployment: Deployment
    addresses: list[str]

    async def payments(self) -> int:
        async with await psycopg.AsyncConnection.connect(self.deployment.urls.owner) as connection:
            row = await (await connection.execute("select count(*) from payment")).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
async def two(deployment: Deployment, tmp_path: Path) -> AsyncIterator[TwoProcesses]:
    key = new_key_text()
    deployment.vault = Vault(DeploymentKeys.parse(key))
    environment = {
        "ARREARS_DATABASE_URL": deployment.urls.owner,
        "ARREARS_API_DATABASE_URL": deployment.urls.api,
        "ARREARS_WORKER_DATABASE_URL": deployment.urls.worker,
        "ARREARS_DEPLOYMENT_KEYS": key,
        "ARREARS_DATA_FOLDER": str(tmp_path / "data"),
    }
    servers = [Served((), environment, tmp_path / f"{number}.out") for number in (1, 2)]
    with serving(*servers):
        await asyncio.gather(*(server.ready() for server in servers))
        yield TwoProcesses(deployment, [server.address for server in servers])


async def test_r01_one_key_sent_many_times_at_once_through_two_processes_is_done_once(two: TwoProcesses) -> None:
    desk = await Desk.open(two.deployment.context())
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=SENDS)) as http:
        responses = await asyncio.gather(
            *(desk.pay(http, two.addresses[number % 2], "the only key", "10.00") for number in range(SENDS))
        )
        again = outcome(await desk.pay(http, two.addresses[0], "the only key", "10.00"))

    statuses = Counter(response.status_code for response in responses)
    assert all(status < 500 for status in statuses), statuses
    found = Counter(map(outcome, responses))
    done = {what for kind, what in found if kind == "done"}
    assert len(done) == 1, found
    assert {what for kind, what in found if kind != "done"} <= ALLOWED, found
    assert again == ("done", done.pop())
    assert await two.payments() == 1
    assert (await verify(two.deployment.context())).is_sound


async def test_r02_a_key_with_other_input_is_refused_and_another_client_may_use_the_same_key(
    two: TwoProcesses,
) -> None:
    mine, another = [await Desk.open(two.deployment.context(), reference=name) for name in ("A", "B")]
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=SENDS)) as http:
        first = outcome(await mine.pay(http, two.addresses[0], "key", "10.00"))
        reused = await asyncio.gather(
            *(mine.pay(http, two.addresses[number % 2], "key", f"{number + 11}.00") for number in range(SENDS))
        )
        elsewhere = outcome(await another.pay(http, two.addresses[1], "key", "10.00"))

    assert first[0] == "done"
    assert {outcome(response) for response in reused} == {("refused", "IDEMPOTENCY_KEY_REUSED")}
    assert elsewhere[0] == "done"
    assert elsewhere != first
    assert await two.payments() == 2
    assert (await verify(two.deployment.context())).is_sound
