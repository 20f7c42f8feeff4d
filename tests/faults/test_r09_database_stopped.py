"""R9: the database is stopped every few seconds for up to two; every flow comes out right, clients retry at most."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

from tests.faults.conftest import NIGHTLY, OwnServer
from tests.faults.flows import HALVES, Flows

# The full row stops the server every 5 to 40 seconds for an hour; the short one does it more often for less long.
FLOWS = 5_000 if NIGHTLY else 300
PAUSE_SECONDS = (5.0, 40.0) if NIGHTLY else (1.0, 3.0)
LEAST_SECONDS = 3_600.0 if NIGHTLY else 12.0
BATCH = 50
AWAY_SECONDS = (0.2, 2.0)


@dataclass
class Stopper:
    """Stops the server again and again, sometimes gently and sometimes as a crash, and keeps it away for a while."""

    server: OwnServer
    seed: int
    stops: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        chance = random.Random(self.seed)
        while not self.ended.is_set():
            await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
            await asyncio.to_thread(self._stop, chance.choice(["fast", "immediate"]), chance.uniform(*AWAY_SECONDS))
            self.stops += 1

    def _stop(self, mode: str, seconds: float) -> None:
        # Whoever holds this lock keeps the application from starting the server again.
        with self.server.embedded.held_stopped(mode=mode):
            time.sleep(seconds)


async def test_r09_every_flow_comes_out_right_while_the_database_is_stopped_again_and_again(
    own_server: OwnServer, seed: int
) -> None:
    flows, stopper = Flows(own_server.context), Stopper(own_server, seed)
    stopping = asyncio.create_task(stopper.run())
    began = time.monotonic()
    sent = 0
    while sent < FLOWS or time.monotonic() - began < LEAST_SECONDS:
        await flows.run(range(sent, sent + BATCH), senders=16)
        sent += BATCH
    stopper.ended.set()
    await stopping

    assert stopper.stops >= 2
    assert await asyncio.to_thread(own_server.count, HALVES) == [(sent,) * 6]
    stored = await asyncio.to_thread(own_server.count, "select (payload ->> 'number')::integer, subject_id from event")
    assert dict(stored) == flows.acknowledged


async def test_r09_reads_and_writes_go_on_by_themselves_after_a_stop(own_server: OwnServer) -> None:
    flows = Flows(own_server.context)
    await flows.run(range(32), senders=8)
    for mode in ("fast", "immediate"):
        await asyncio.to_thread(_stop_once, own_server, mode)
        before = time.monotonic()
        await flows.run(range(32, 64), senders=8)
        assert time.monotonic() - before < 10
    assert await asyncio.to_thread(own_server.count, "select count(*) from event") == [(64,)]


def _stop_once(server: OwnServer, mode: str) -> None:
    with server.embedded.held_stopped(mode=mode):
        time.sleep(0.5)
