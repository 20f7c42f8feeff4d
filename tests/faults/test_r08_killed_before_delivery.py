"""R8: workers are killed between a commit and the telling of it, and receivers are away for days; nothing is lost."""

from __future__ import annotations

import asyncio
import datetime
import os
import random
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from arrears.deliveries.commands import DeadLetterReplay, replay_dead_letter
from arrears.deliveries.delivering import Deliveries
from arrears.deliveries.model import ATTEMPTS
from arrears.deployment import load_domains, open_deployment
from arrears.kernel.context import Context
from arrears.kernel.records import Event
from arrears.kernel.transaction import begin
from arrears.settings import read_settings
from arrears_sdk.ids import encode_id, new_id
from tests.conftest import Deployment
from tests.faults.conftest import NIGHTLY
from tests.plugin_hosts import host_with
from tests.product.deliveries.subscribing import Diary, deliver, forget_everything, make_due
from tests.product.jobs.working import rows

EVENTS = 1_000
KILLS = 10
SUBJECTS = 40
PLUGIN = '''
from pathlib import Path

from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.subscriber import Subscriber


class Diary(Plugin):
    """Writes the number and the id of every event into a file."""

    name = "diary"

    def register_subscribers(self):
        return (Subscriber(key="writer", events=("PaymentRecorded",), handle=self._write),)

    async def _write(self, event):
        with (Path(__file__).parent / "told").open("a") as file:
            file.write(f"{event.payload['number']} {event.id}\\n")
'''


class KilledWorker:
    """One `arrears worker` that is ended with SIGKILL."""

    def __init__(self, folder: Path, plugin: Path) -> None:
        self._arguments = ["worker", "--data", str(folder), "--plugin", str(plugin)]
        self._output = plugin.parent / "worker.out"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._output.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "arrears", *self._arguments], stdout=file, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def check(self) -> None:
        """The worker runs."""
        assert self._process is not None
        assert self._process.poll() is None, self._output.read_text(errors="replace")


async def emit(context: Context, numbers: range, subjects: list[UUID]) -> None:
    """Each number an event of a transaction of its own, and beside each one that is rolled back."""
    for number in numbers:
        subject = subjects[number % len(subjects)]
        async with begin(context) as tx:
            tx.emit(Event("PaymentRecorded", "paym", subject, None, {"number": number}))
        with pytest.raises(ZeroDivisionError):
            await change_its_mind(context, subject, number)


async def change_its_mind(context: Context, subject: UUID, number: int) -> None:
    """A transaction that is rolled back after its event was written."""
    async with begin(context) as tx:
        tx.emit(Event("PaymentRecorded", "paym", subject, None, {"number": -1 - number}))
        await tx.flush()
        raise ZeroDivisionError


def told(file: Path) -> list[tuple[int, str]]:
    """What the plugin wrote down; a line that was cut off by a kill counts as not told."""
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    pairs = [line.split(" ") for line in lines]
    return [(int(pair[0]), pair[1]) for pair in pairs if len(pair) == 2 and len(pair[1]) == 37]


@pytest.mark.timeout(600)
async def test_r08_every_event_is_told_whenever_the_worker_is_killed(server_folder: Path, tmp_path: Path) -> None:
    seed = int(os.environ.get("ARREARS_SEED") or random.randrange(2**32))
    chance = random.Random(seed)
    plugin, diary = tmp_path / "diary.py", tmp_path / "told"
    plugin.write_text(PLUGIN)
    subjects = [new_id() for _ in range(SUBJECTS)]
    settings = read_settings(data_folder=server_folder)
    async with open_deployment(settings) as deployment:
        context, worker = deployment.worker_context(), KilledWorker(server_folder, plugin)
        share = EVENTS // (KILLS + 1)
        worker.start()
        try:
            for kill in range(KILLS):
                before = len(told(diary))
                emitting = asyncio.create_task(emit(context, range(kill * share, (kill + 1) * share), subjects))
                while len(told(diary)) == before:
                    worker.check()
                    await asyncio.sleep(0.01)
                await asyncio.sleep(chance.uniform(0, 0.3))
                worker.kill()
                worker.start()
                await emitting
            await emit(context, range(KILLS * share, EVENTS), subjects)
            while len({number for number, _ in told(diary)}) < EVENTS:
                worker.check()
                await asyncio.sleep(0.05)
        finally:
            worker.kill()
        with psycopg.connect(deployment.urls.owner) as owner:
            stored = owner.execute(
                "select (payload ->> 'number')::integer, id from event where name = 'PaymentRecorded'"
            )
            ids = {number: encode_id("evnt", event_id) for number, event_id in stored}

    first: dict[int, str] = {}
    for number, event_id in told(diary):
        assert first.setdefault(number, event_id) == event_id, f"seed {seed}"
    assert first == ids, f"seed {seed}"
    for place in range(SUBJECTS):
        story = [number for number in first if number % SUBJECTS == place]
        assert story == sorted(story), f"seed {seed}"


async def test_r08_a_receiver_that_is_away_for_three_days_gets_everything(deployment: Deployment) -> None:
    # given: a receiver that fails however often it is told
    count = 1_000 if NIGHTLY else 100
    load_domains()
    forget_everything()
    await host_with(deployment, [Diary])
    context = deployment.worker_context()
    deliveries = Deliveries(context)
    Diary.poison.update(range(count))
    async with begin(context) as tx:
        for number in range(count):
            tx.emit(Event("PaymentRecorded", "paym", new_id(), None, {"number": number}))
    for _ in range(ATTEMPTS):
        await deliver(context, deliveries)
        await make_due(context)
    dead = await rows(context, "select id, event_id from dead_letter")

    # when
    deployment.clock.advance(datetime.timedelta(days=3))
    Diary.poison.clear()
    for letter, _ in dead:
        await replay_dead_letter(deployment.context(), DeadLetterReplay(dead_letter_id=letter))
    await deliver(context, deliveries)

    # then
    assert len(dead) == count
    assert sorted(event.id for event in Diary.told) == sorted(encode_id("evnt", event_id) for _, event_id in dead)
    assert sorted(int(str(event.payload["number"])) for event in Diary.told) == list(range(count))
