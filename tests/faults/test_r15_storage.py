"""R15: disk full, read-only database, embedded server stopped: a clean error, no half posting, recovery by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears_sdk.errors import ErrorCode, TemporaryError
from tests.conftest import Deployment
from tests.faults.conftest import NIGHTLY, OwnServer, running_server
from tests.faults.flows import HALVES, Flows, Post, post
from tests.servers import kill_server, open_folder, wait_for_postmaster

DISK_MEGABYTES = 2_000 if NIGHTLY else 160
KILLS = 20 if NIGHTLY else 2


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own that is soon full."""
    with open_folder() as folder:
        disk = folder / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m,mode=0711", "tmpfs", str(disk)]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("only root can mount a small disk, and a container may forbid it; the other tests of R15 run")
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
async def crowded(small_disk: Path) -> AsyncIterator[OwnServer]:
    async with running_server(small_disk / "data") as server:
        yield server


async def write_until_refused(server: OwnServer, first: int) -> dict[int, object]:
    """Post until the database takes no more; gives what was acknowledged."""
    acknowledged: dict[int, object] = {}
    number = first
    while True:
        try:
            receipt = await post(server.context, Post(number=number), idempotency_key=f"post-{number}")
        except TemporaryError:
            return acknowledged
        acknowledged[number] = receipt.result.id
        number += 1


async def test_r15_a_full_disk_is_a_clean_error_and_writing_goes_on_once_there_is_room(
    crowded: OwnServer, small_disk: Path
) -> None:
    before = await write_a_few(crowded, range(10))
    ballast = small_disk / "ballast"
    fill(small_disk, ballast)

    writing = asyncio.create_task(write_until_refused(crowded, 10))
    await asyncio.to_thread(use_up_log_segments, crowded)
    acknowledged = before | await asyncio.wait_for(writing, timeout=60)
    with pytest.raises(TemporaryError):
        await post(crowded.context, Post(number=10_000_000), idempotency_key="refused")
    ballast.unlink()

    flows = Flows(crowded.context)
    await asyncio.wait_for(flows.run(range(20_000_000, 20_000_010), senders=2), timeout=20)
    stored = await asyncio.to_thread(crowded.count, "select (payload ->> 'number')::integer, subject_id from event")
    # What was refused when its commit was in doubt may be there: then whole, and never twice.
    assert (acknowledged | flows.acknowledged).items() <= dict(stored).items()
    assert len(dict(stored)) == len(stored)
    assert await asyncio.to_thread(crowded.count, HALVES) == [(len(stored),) * 6]


def use_up_log_segments(server: OwnServer) -> None:
    """The server has made files for its log ahead of time; without them the next write finds the disk full."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(server.embedded.superuser_url, autocommit=True) as boss:
        for _ in range(20):
            boss.execute("select pg_switch_wal()")
            time.sleep(0.1)


async def write_a_few(server: OwnServer, numbers: range) -> dict[int, object]:
    flows = Flows(server.context)
    await flows.run(numbers, senders=4)
    return dict(flows.acknowledged)


def fill(disk: Path, ballast: Path) -> None:
    """Leave a little room, so that writing goes on for a moment and fails in the middle of something."""
    free = shutil.disk_usage(disk).free - 2_000_000
    with ballast.open("wb") as file:
        for _ in range(free // 1_000_000):
            file.write(b"\0" * 1_000_000)


@pytest.mark.parametrize("state", ["53100", "53200", "53300", "25006", "57P01", "55P03"])
async def test_r15_whatever_the_database_cannot_do_is_a_temporary_error_and_leaves_no_half(
    deployment: Deployment, state: str
) -> None:
    """The second half of each posting fails as the database does when its disk is full, and so on."""
    async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as owner:
        await owner.execute(
            f"create function fail() returns trigger language plpgsql as"
            f" $$ begin raise exception using errcode = '{state}'; end $$".encode()
        )
        await owner.execute("create trigger fail before insert on event execute function fail()")

    with pytest.raises(TemporaryError) as refused:
        await post(deployment.context(), Post(number=1), idempotency_key="k")
    assert refused.value.code is ErrorCode.UNAVAILABLE
    nothing = "select count(*) from schedule union all select count(*) from idempotency"
    async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as owner:
        assert await (await owner.execute(nothing)).fetchall() == [(0,), (0,)]
        await owner.execute("drop trigger fail on event")

    receipt = await post(deployment.context(), Post(number=1), idempotency_key="k")
    assert receipt.replayed is False


async def test_r15_a_read_only_database_refuses_writes_serves_reads_and_recovers(deployment: Deployment) -> None:
    flows = Flows(deployment.context())
    await flows.run(range(16), senders=8)
    set_read_only(deployment, "on")

    for number in range(16, 32):
        with pytest.raises(TemporaryError) as refused:
            await post(deployment.context(), Post(number=number), idempotency_key=f"post-{number}")
        assert refused.value.code is ErrorCode.UNAVAILABLE
    assert await deployment.database.read(Scope.everything(), "select count(*) from event") == [(16,)]

    set_read_only(deployment, "off")
    before = time.monotonic()
    await flows.run(range(16, 32), senders=8)
    assert time.monotonic() - before < 10
    assert await deployment.worker_database.read(Scope.everything(), HALVES) == [(32,) * 6]


def set_read_only(deployment: Deployment, value: str) -> None:
    """As when a standby takes over that still refuses writes: everybody connects anew. Later it is made writable."""
    writable = "-c default_transaction_read_only=off"
    with psycopg.connect(deployment.urls.owner, autocommit=True, options=writable) as owner:
        name = owner.info.dbname
        owner.execute(f'alter database "{name}" set default_transaction_read_only = {value}'.encode())
    if value == "on":
        with psycopg.connect(deployment.urls.api, autocommit=True) as api:
            api.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and usename = current_user and pid <> pg_backend_pid()"
            )


async def test_r15_a_killed_server_is_started_again_and_nothing_acknowledged_is_lost(own_server: OwnServer) -> None:
    flows = Flows(own_server.context)
    for number in range(KILLS):
        running = asyncio.create_task(flows.run(range(number * 100, number * 100 + 100), senders=8))
        await asyncio.sleep(0.3)
        if number % 2:
            os.kill(await asyncio.to_thread(wait_for_postmaster, own_server.folder), signal.SIGKILL)
        else:
            await asyncio.to_thread(kill_server, own_server.folder)
        await asyncio.wait_for(running, timeout=30)

    total = KILLS * 100
    assert await asyncio.to_thread(own_server.count, HALVES) == [(total,) * 6]
    stored = await asyncio.to_thread(own_server.count, "select (payload ->> 'number')::integer, subject_id from event")
    assert dict(stored) == flows.acknowledged


async def test_r15_a_transaction_under_way_when_the_server_stops_leaves_nothing(own_server: OwnServer) -> None:
    async def interrupted() -> None:
        async with begin(own_server.context) as tx:
            await tx.schedule("faults", subject_id=own_server.context.principal.id, due_at=tx.now)
            await tx.flush()
            await asyncio.to_thread(kill_server, own_server.folder)

    with pytest.raises(TemporaryError) as refused:
        await interrupted()
    assert refused.value.code is ErrorCode.UNAVAILABLE
    assert await asyncio.to_thread(own_server.count, "select count(*) from schedule") == [(0,)]
