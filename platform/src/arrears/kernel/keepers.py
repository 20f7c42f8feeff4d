"""Loops that every worker process runs beside its jobs: relaying events, deferring what is due, rescuing, sealing.

A keeper wakes when the database notifies its channel, and by itself after its interval, so that a lost notification
costs a moment and nothing else. One that fails is logged and tried again after a growing wait; the others go on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import psycopg
import structlog
from psycopg import sql

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 30.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Keeper:
    """One loop: what it does each time, how often, and which notification wakes it earlier.

    The work answers whether there is more to do at once. `close` ends what it left running, when the loops end.
    """

    name: str
    work: Callable[[], Awaitable[bool]]
    interval_seconds: float
    channel: str | None = None
    close: Callable[[], Awaitable[None]] | None = None


@dataclass
class KeeperLoops:
    """The running loops of one process."""

    keepers: tuple[Keeper, ...]
    url: str
    _wake: dict[str, asyncio.Event] = field(default_factory=dict)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Run every loop until cancelled or told to stop; a loop in the middle of its work may finish it."""
        self._wake = {keeper.name: asyncio.Event() for keeper in self.keepers}
        listener = asyncio.create_task(self._listen(), name="keepers: listen")
        loops = [asyncio.create_task(self._keep(keeper), name=f"keeper: {keeper.name}") for keeper in self.keepers]
        try:
            await asyncio.gather(*loops)
        finally:
            for task in (listener, *loops):
                task.cancel()
            closing = [keeper.close() for keeper in self.keepers if keeper.close is not None]
            await asyncio.gather(listener, *loops, *closing, return_exceptions=True)

    def stop(self) -> None:
        """Ask every loop to end after what it is doing."""
        self._stopping.set()
        for event in self._wake.values():
            event.set()

    async def _keep(self, keeper: Keeper) -> None:
        failures = 0
        while not self._stopping.is_set():
            event = self._wake[keeper.name]
            event.clear()
            try:
                if await keeper.work():
                    failures = 0
                    continue
                failures = 0
            except Exception as error:
                failures += 1
                log.warning("keeper.failed", keeper=keeper.name, failures=failures, exc_info=error)
                await self._pause(self._stopping, min(0.5 * 2**failures, LONGEST_WAIT_SECONDS))
                continue
            await self._pause(event, keeper.interval_seconds)

    async def _listen(self) -> None:
        channels = sorted({keeper.channel for keeper in self.keepers if keeper.channel})
        if not channels:
            return
        while True:
            try:
                async with _listening(self.url, channels) as connection:
                    self._wake_all(channels)
                    async for notification in connection.notifies():
                        self._wake_all([notification.channel])
            except (psycopg.Error, OSError) as error:
                log.warning("keepers.not_listening", error=type(error).__name__)
            await asyncio.sleep(1.0)

    def _wake_all(self, channels: Iterable[str]) -> None:
        wanted = set(channels)
        for keeper in self.keepers:
            if keeper.channel in wanted:
                self._wake[keeper.name].set()

    @staticmethod
    async def _pause(event: asyncio.Event, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)


@contextlib.asynccontextmanager
async def _listening(url: str, channels: Iterable[str]) -> AsyncIterator[psycopg.AsyncConnection[tuple[object, ...]]]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for channel in channels:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        yield connection
