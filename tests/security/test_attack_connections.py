"""A caller who goes away leaves nothing behind on the connections that everybody shares."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack

from psycopg.pq import PipelineStatus

from arrears.kernel.scope import Scope
from tests.conftest import Deployment


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

    async with AsyncExitStack() as stack:
        taken = [await stack.enter_async_context(database.pool.connection()) for _ in range(8)]
        left = {connection.pgconn.pipeline_status for connection in taken}
        # In a pipeline that stayed open COPY would be refused for as long as the connection lives.
        assert left == {PipelineStatus.OFF}
