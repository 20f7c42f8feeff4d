"""A caller who goes away leaves nothing behind on the connections that everybody shares."""

from __future__ import annotations

import asyncio
import random

from arrears.kernel.database import Database
from arrears.kernel.scope import Scope
from tests.conftest import Deployment


async def _copied(database: Database) -> int:
    async with database.reads(Scope.everything()) as connection:
        async with connection.cursor().copy("copy (select generate_series(1, 3)) to stdout") as copy:
            return len([row async for row in copy.rows()])


async def test_reads_that_are_cancelled_leave_sound_connections(deployment: Deployment) -> None:
    database, choose = deployment.database, random.Random(5)

    for _ in range(60):
        tasks = [
            asyncio.create_task(database.read(Scope.everything(), "select generate_series(1, 2000)", {}))
            for _ in range(12)
        ]
        await asyncio.sleep(choose.random() * 0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # A pipeline that stayed open would refuse this for as long as the connection lives.
    assert await asyncio.gather(*(_copied(database) for _ in range(20))) == [3] * 20
