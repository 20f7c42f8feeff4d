"""The folder of an embedded deployment: its database, its keys, and which process is the one that serves it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from arrears.kernel.database import DatabaseUrls
from arrears.kernel.embedded import EmbeddedPostgres
from arrears.kernel.file_locks import hold_exclusively, try_exclusive
from arrears.kernel.keys import new_key_text
from arrears_sdk.errors import FaultError, RefusedError

LOCK_SECONDS = 60.0


@dataclass(frozen=True)
class DataFolder:
    """Where an embedded deployment lives."""

    path: Path

    @property
    def keys(self) -> Path:
        """The file with the deployment's keys, readable by its user only."""
        return self.path / "deployment.keys"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[DatabaseUrls, list[str]]]:
        """The running database's URLs, and the deployment's keys.

        The database is started, or joined when another process runs it, and started again should it stop meanwhile;
        the last process to leave stops it.
        """
        server = await asyncio.to_thread(EmbeddedPostgres.start, self.path)
        keeping = asyncio.create_task(server.keep_running(), name="embedded database")
        try:
            yield server.urls, await asyncio.to_thread(self._read_keys)
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})
            await asyncio.shield(asyncio.to_thread(server.stop))

    @contextmanager
    def serving(self, what: str) -> Iterator[None]:
        """Be the only process that serves this folder; a second one is refused, in the words of `what` runs already."""
        self.path.mkdir(parents=True, exist_ok=True)
        with try_exclusive(self.path / "serving.lock") as alone:
            if not alone:
                raise RefusedError(
                    f"{what} runs already on the data in {self.path}. Stop it first, or give other data."
                )
            yield

    def _read_keys(self) -> list[str]:
        """The keys, newest first; made on the first start, and never again beside data that needs the old ones."""
        with hold_exclusively(self.path / "keys.lock", time.monotonic() + LOCK_SECONDS):
            noted = self.path / "deployment.keys.made"
            if not self.keys.exists():
                if noted.exists():
                    raise FaultError(
                        f"The key file {self.keys} is gone, and without it the personal data beside it cannot be read."
                        " Put it back from your copy."
                    )
                _write_private(self.keys, new_key_text() + "\n")
                noted.touch()
            return self.keys.read_text(encoding="ascii").split()


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its user may read, whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
