"""What the tests of faults share: a server of their own to mistreat, and a command whose effects can be counted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from arrears.kernel.cluster import Cluster
from arrears.kernel.context import Context
from arrears.kernel.database import Database
from arrears.kernel.embedded import EmbeddedPostgres
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.migrations import migrate
from arrears.kernel.principal import Principal
from arrears.kernel.vault import Vault
from arrears_sdk.clock import SystemClock
from tests.servers import open_folder

NIGHTLY = bool(os.environ.get("ARREARS_NIGHTLY"))


@dataclass
class OwnServer:
    """A migrated embedded server of one test's own, kept running as an application keeps it."""

    folder: Path
    embedded: EmbeddedPostgres
    database: Database
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        vault = Vault(DeploymentKeys.generate())
        self.context = Context(self.database, Principal.system("faults"), SystemClock(), vault, "faults")

    @property
    def cluster(self) -> Cluster:
        """The server's files and process, for stopping it behind everybody's back."""
        return Cluster.in_folder(self.folder)

    def count(self, statement: str) -> list[tuple[object, ...]]:
        """What the owner finds on a connection of its own, once the server is back."""
        deadline = time.monotonic() + 10
        while True:
            try:
                with psycopg.connect(self.embedded.urls.owner) as connection:
                    return connection.execute(statement.encode()).fetchall()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "the server is not back within ten seconds"
                time.sleep(0.1)


@pytest.fixture
def seed() -> int:
    """What the test's chance is drawn from; a failure shows it, and ARREARS_SEED replays it."""
    drawn = int(os.environ.get("ARREARS_SEED") or random.randrange(2**32))
    logging.getLogger(__name__).warning("replay this with ARREARS_SEED=%s", drawn)
    return drawn


@pytest.fixture
def server_folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made / "data"


@pytest.fixture
async def own_server(server_folder: Path) -> AsyncIterator[OwnServer]:
    async with running_server(server_folder) as server:
        yield server


@contextlib.asynccontextmanager
async def running_server(folder: Path) -> AsyncIterator[OwnServer]:
    embedded = await asyncio.to_thread(EmbeddedPostgres.start, folder)
    try:
        await asyncio.to_thread(migrate, embedded.urls)
        async with Database(embedded.urls.api, application_name="faults", pool_size=8) as database:
            keeping = asyncio.create_task(embedded.keep_running())
            try:
                yield OwnServer(folder, embedded, database)
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
    finally:
        await asyncio.to_thread(embedded.stop)
