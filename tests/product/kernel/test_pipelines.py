"""Commits of any size end: nothing waits for the answer to a statement that has not been sent."""

from __future__ import annotations

import asyncio

from tests.conftest import Deployment

LARGE = "x" * 1_500_000
# Keeps the server from reading on while the driver fills the socket.
BUSY = "select length(%s::text), pg_sleep(0.2)"
ENOUGH_SECONDS = 20


async def test_a_commit_in_a_pipeline_ends_when_the_socket_is_full_before_it(deployment: Deployment) -> None:
    engine = deployment.database.engine
    async with asyncio.timeout(ENOUGH_SECONDS), engine.connect() as connected:
        connection = (await connected.get_raw_connection()).driver_connection
        assert connection is not None
        async with connection.pipeline():
            await connection.execute(BUSY, [LARGE])
            answers = [await connection.execute("select length(%s::text)", [LARGE]) for _ in range(3)]
            await connection.commit()
            lengths = [await answer.fetchone() for answer in answers]
    assert lengths == [(1_500_000,)] * 3


async def test_a_pipeline_within_another_ends_when_the_socket_is_full_before_it(deployment: Deployment) -> None:
    engine = deployment.database.engine
    async with asyncio.timeout(ENOUGH_SECONDS), engine.connect() as connected:
        connection = (await connected.get_raw_connection()).driver_connection
        assert connection is not None
        async with connection.pipeline():
            await connection.execute(BUSY, [LARGE])
            async with connection.pipeline():
                answers = [await connection.execute("select length(%s::text)", [LARGE]) for _ in range(3)]
            lengths = [await answer.fetchone() for answer in answers]
    assert lengths == [(1_500_000,)] * 3
