"""R22: a key at the edge of its retention, and nodes whose clocks differ by five minutes: no effect happens twice."""

from __future__ import annotations

import asyncio
import datetime
import random

import psycopg
import pytest

from arrears.access.commands import PrincipalCreate, principal_create
from arrears.access.model import PrincipalKind
from arrears.kernel.context import Context
from arrears.kernel.database import Database
from arrears.kernel.idempotency import KEPT_FOR, prune
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears_sdk.clock import FixedClock
from arrears_sdk.errors import ErrorCode, TemporaryError
from tests.conftest import START, Deployment, Server

SKEW = datetime.timedelta(minutes=5)
SEED = 22
ACTOR = Principal.system("r22")


def node(deployment: Deployment, database: Database, ahead: datetime.timedelta) -> Context:
    """A process whose clock is wrong by so much."""
    return Context(database, ACTOR, FixedClock(START + ahead), deployment.vault, "r22")


async def send(context: Context, number: int) -> bool:
    """Sends a keyed command as a client does: again while it is told to wait. True when it was a replay."""
    change = PrincipalCreate(kind=PrincipalKind.PERSON, name=f"Number {number}")
    for _ in range(20):
        try:
            return (await principal_create(context, change, idempotency_key=f"key-{number}")).replayed
        except TemporaryError as error:
            if error.code not in (ErrorCode.IDEMPOTENCY_IN_PROGRESS, ErrorCode.UNAVAILABLE):
                raise
            await asyncio.sleep(0.1)
    raise AssertionError("told to wait for ever")


async def effects(deployment: Deployment) -> dict[str, int]:
    rows = await deployment.worker_database.read(
        Scope.everything(), "select name, count(*)::integer from principal group by name order by name"
    )
    return dict(rows)


async def forget_old_keys(context: Context) -> int:
    async with begin(context) as tx:
        return await prune(tx)


async def made_ago(deployment: Deployment, server: Server, ago: datetime.timedelta) -> None:
    """As if every key had been used that long ago."""
    database = psycopg.conninfo.conninfo_to_dict(deployment.urls.owner)["dbname"]
    url = psycopg.conninfo.make_conninfo(server.superuser_url, dbname=database)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute("update idempotency set created_at = clock_timestamp() - %s", [ago])


@pytest.mark.parametrize("first", [-SKEW, SKEW])
async def test_nodes_whose_clocks_differ_do_every_keyed_command_once(
    deployment: Deployment, first: datetime.timedelta
) -> None:
    chance = random.Random(SEED)
    async with Database(deployment.urls.api, application_name="second node", pool_size=6) as second:
        nodes = [node(deployment, deployment.database, first), node(deployment, second, -first)]
        sends = [(context, number) for number in range(15) for context in nodes for _ in range(2)]
        chance.shuffle(sends)
        replays = await asyncio.gather(*(send(context, number) for context, number in sends))
        # Late retries, with a worker in between whose clock is wrong as well.
        for ahead in (-SKEW, SKEW):
            assert await forget_old_keys(node(deployment, deployment.worker_database, ahead)) == 0
        late = [await send(context, number) for number in range(15) for context in nodes]

    assert await effects(deployment) == {f"Number {number}": 1 for number in range(15)}
    assert replays.count(False) == 15, f"seed {SEED}"
    assert late == [True] * 30


@pytest.mark.parametrize("ahead", [-SKEW, datetime.timedelta(0), SKEW])
async def test_a_key_is_kept_to_the_very_end_of_its_time_whatever_a_nodes_clock_says(
    deployment: Deployment, server: Server, ahead: datetime.timedelta
) -> None:
    context = node(deployment, deployment.database, ahead)
    worker = node(deployment, deployment.worker_database, ahead)
    assert not await send(context, 1)

    await made_ago(deployment, server, KEPT_FOR - datetime.timedelta(seconds=30))
    assert await forget_old_keys(worker) == 0
    assert await send(context, 1)
    assert await effects(deployment) == {"Number 1": 1}

    await made_ago(deployment, server, KEPT_FOR + datetime.timedelta(seconds=1))
    assert await send(context, 1), "a key is good until it has been forgotten"
    assert await forget_old_keys(worker) == 1
    assert not await send(context, 1)
    assert await effects(deployment) == {"Number 1": 2}


async def test_keys_at_the_edge_are_forgotten_beside_retries_without_a_second_effect_inside_retention(
    deployment: Deployment, server: Server
) -> None:
    context = node(deployment, deployment.database, SKEW)
    worker = node(deployment, deployment.worker_database, -SKEW)
    for number in range(10):
        await send(context, number)
    await made_ago(deployment, server, KEPT_FOR - datetime.timedelta(seconds=20))

    async def retry() -> list[bool]:
        return [await send(context, number) for number in range(10)]

    async def forget() -> int:
        return sum([await forget_old_keys(worker) for _ in range(20)])

    replays, forgotten = await asyncio.gather(retry(), forget())
    assert replays == [True] * 10
    assert forgotten == 0
    assert await effects(deployment) == {f"Number {number}": 1 for number in range(10)}


async def test_a_sandbox_moved_years_ahead_forgets_no_key(deployment: Deployment) -> None:
    """Keys live in real time: whoever moves the platform's clock does not make a retry dangerous."""
    context = node(deployment, deployment.database, datetime.timedelta(0))
    await send(context, 1)
    later = node(deployment, deployment.worker_database, datetime.timedelta(days=800))
    assert await forget_old_keys(later) == 0
    assert await send(node(deployment, deployment.database, datetime.timedelta(days=800)), 1)
    assert await effects(deployment) == {"Number 1": 1}
