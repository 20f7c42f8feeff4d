"""R3: the server is killed in the middle of keyed writes; each has its effect once and no acknowledged one is lost."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import httpx
import pytest

from arrears.deployment import open_deployment
from arrears.ledger.verification import verify
from arrears.settings import read_settings
from arrears_sdk.ids import encode_id
from tests.faults.conftest import NIGHTLY
from tests.faults.served import Desk, Served, outcome, serving

WRITES = 5_000 if NIGHTLY else 200
KILLS = 20 if NIGHTLY else 3
SENDERS = 8
READY_SECONDS = 10.0
TRY_AGAIN = {"UNAVAILABLE", "IDEMPOTENCY_IN_PROGRESS", "RATE_LIMITED"}


class Senders:
    """Sends every payment under its key until it is acknowledged."""

    def __init__(self, desk: Desk, server: Served) -> None:
        self._desk = desk
        self._server = server
        self.acknowledged: dict[int, str] = {}

    async def run(self) -> None:
        numbers = iter(range(WRITES))

        async def send_all(http: httpx.AsyncClient) -> None:
            for number in numbers:
                self.acknowledged[number] = await self._send(http, number)

        async with httpx.AsyncClient() as http:
            await asyncio.gather(*(send_all(http) for _ in range(SENDERS)))

    async def _send(self, http: httpx.AsyncClient, number: int) -> str:
        while True:
            try:
                kind, what = outcome(await self._desk.pay(http, self._server.address, f"write-{number}", "1.00"))
            except httpx.HTTPError:
                # Not known whether it was done: the key makes it safe to send it again.
                await asyncio.sleep(0.1)
                continue
            if kind == "done":
                return str(what)
            assert what in TRY_AGAIN, (kind, what)
            await asyncio.sleep(0.1)


@pytest.mark.timeout(1800 if NIGHTLY else 240)
async def test_r03_every_keyed_write_has_its_effect_once_whenever_the_server_is_killed(server_folder: Path) -> None:
    seed = int(os.environ.get("ARREARS_SEED") or random.randrange(2**32))
    chance = random.Random(seed)
    settings = read_settings(data_folder=server_folder)
    async with open_deployment(settings) as deployment:
        desk = await Desk.open(deployment.context())
    server = Served(("--data", str(server_folder)), {}, server_folder.parent / "server.out")
    waits = []
    with serving(server):
        waits.append(await server.ready())
        senders = Senders(desk, server)
        sending = asyncio.create_task(senders.run())
        for kill in range(1, KILLS + 1):
            # Spread over the writes, at a moment of its own within a write.
            while len(senders.acknowledged) < WRITES * kill // (KILLS + 1):
                assert not sending.done()
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(0, 0.05))
            server.kill()
            server.start()
            waits.append(await server.ready())
        await sending
    async with open_deployment(settings) as deployment:
        rows = await deployment.database.read(deployment.context().principal.scope, "select id from payment")
        report = await verify(deployment.context())

    stored = sorted(encode_id("paym", row[0]) for row in rows)
    assert stored == sorted(senders.acknowledged.values()), f"seed {seed}"
    assert len(rows) == WRITES, f"seed {seed}"
    assert report.is_sound, report.faults
    # On a machine that others keep busy everything takes longer, starting a process as well.
    crowding = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert max(waits) <= READY_SECONDS * crowding, (waits, crowding)
