"""A worker with jobs of a test's own, and looks into the queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from arrears.kernel.context import Context
from arrears.kernel.jobs import JobRegistry
from arrears.kernel.keepers import Keeper
from arrears.kernel.worker import Worker


@asynccontextmanager
async def working(
    context: Context, url: str, known: JobRegistry, *keepers: Keeper, grace_seconds: float = 5.0
) -> AsyncIterator[Worker]:
    """A running worker that is stopped at the end of the block."""
    worker = Worker(context, url, known=known, keepers=keepers, grace_seconds=grace_seconds)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 20)


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = 15.0) -> None:
    """Return once the condition holds; fails the test when it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"it did not come true within {seconds} seconds")


async def rows(context: Context, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement on the context's own pool."""
    async with context.database.pool.connection() as connection:
        return await (await connection.execute(statement, parameters)).fetchall()  # type: ignore[arg-type]


async def execute(context: Context, statement: str, *parameters: Any) -> None:
    """Run one statement on the context's own pool."""
    async with context.database.pool.connection() as connection:
        await connection.execute(statement, parameters)  # type: ignore[arg-type]


async def queued(context: Context) -> list[tuple[str, str, int]]:
    """Name, status and attempts of every job on the queue, oldest first."""
    return await rows(context, "select task_name, status::text, attempts from jobs.procrastinate_jobs order by id")
