"""A PostgreSQL of the deployment's own, started from the binaries that a Python package carries.

Only the package's binaries are used, not its start-up: that trusts every local user, takes the caller's locale, opens
the parents of the data folder to everybody when run as root, and after one SIGKILL never stops the server again.

Several processes may use one data folder. The first starts the server, the others join it, and the last one to stop
stops it. Who uses it is told by locks that the system drops with a process, however that ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

import psycopg
import structlog
from psycopg import sql

from arrears.kernel.cluster import Cluster, StopMode
from arrears.kernel.database import DatabaseUrls
from arrears.kernel.file_locks import hold_exclusively, open_shared, try_exclusive
from arrears_sdk.errors import ArrearsError, ErrorCode, FaultError, TemporaryError

DATABASE = "arrears"
OWNER_ROLE = "arrears_owner"

_LOOK_EVERY_SECONDS = 0.3
_RESTART_SECONDS = 60.0

log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """A running server with its one database; `stop()` it when done. Make it with `start`."""

    def __init__(self, cluster: Cluster, users: IO[bytes]) -> None:
        self._cluster = cluster
        self._users: IO[bytes] | None = users

    @classmethod
    def start(cls, data_directory: Path, *, timeout_seconds: float = 60) -> Self:
        """The server of a data folder: joined if it runs, else started, after a crash recovered, at first use created.

        Raises FaultError when the folder cannot hold it, and TemporaryError when it is not up in time.
        """
        deadline = time.monotonic() + timeout_seconds
        cluster = Cluster.in_folder(data_directory.absolute())
        with hold_exclusively(cluster.folder / "start.lock", deadline):
            users = open_shared(cluster.folder / "users.lock")
            try:
                cluster.create()
                _make_database(cluster, deadline)
            except BaseException:
                users.close()
                raise
        return cls(cluster, users)

    @property
    def urls(self) -> DatabaseUrls:
        """The database as its owner, as the API and as a worker; `migrate` makes the latter two."""
        return DatabaseUrls(
            owner=self._cluster.url(OWNER_ROLE, DATABASE),
            api=self._cluster.url("arrears_api", DATABASE),
            worker=self._cluster.url("arrears_worker", DATABASE),
        )

    @property
    def superuser_url(self) -> str:
        """The maintenance database as the server's superuser; for tests and for repairs by hand."""
        return self._cluster.url("postgres", "postgres")

    @property
    def running(self) -> bool:
        """Whether the server's process is alive."""
        return self._cluster.process_id() is not None

    async def keep_running(self) -> None:
        """Start the server again whenever it has stopped, until cancelled: run this beside whatever uses it."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            if self.running or self._users is None:
                continue
            log.warning("embedded_database_stopped")
            try:
                await asyncio.to_thread(self._start_again)
            except (ArrearsError, OSError) as error:
                # For instance while the disk is full: the next look tries again.
                log.error("embedded_database_does_not_start", error=str(error))
            else:
                log.info("embedded_database_started_again")

    def _start_again(self) -> None:
        deadline = time.monotonic() + _RESTART_SECONDS
        with hold_exclusively(self._cluster.folder / "start.lock", deadline):
            if self._users is not None:
                _connect(self._cluster, deadline).close()

    @contextmanager
    def held_stopped(self, *, mode: StopMode = "fast") -> Iterator[None]:
        """Stop the server for everybody and keep it down for the block, for instance to copy its files.

        Whoever keeps it running starts it again afterwards.
        """
        deadline = time.monotonic() + _RESTART_SECONDS
        with hold_exclusively(self._cluster.folder / "start.lock", deadline):
            self._cluster.stop(deadline, mode)
            yield

    def stop(self, *, timeout_seconds: float = 60) -> bool:
        """Stop using the server, and stop it unless another process uses it still; says whether it was stopped."""
        if self._users is None:
            return False
        deadline = time.monotonic() + timeout_seconds
        with hold_exclusively(self._cluster.folder / "start.lock", deadline):
            self._users.close()
            self._users = None
            with try_exclusive(self._cluster.folder / "users.lock") as alone:
                if alone:
                    self._cluster.stop(deadline)
                return alone

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _make_database(cluster: Cluster, deadline: float) -> None:
    with _connect(cluster, deadline) as connection:
        owner = sql.Identifier(OWNER_ROLE)
        if connection.execute("select 1 from pg_roles where rolname = %s", [OWNER_ROLE]).fetchone() is None:
            # The owner may make the roles of API and worker, and is no superuser: row-level security binds it too.
            connection.execute(
                sql.SQL("create role {} login createrole createdb password {}").format(
                    owner, sql.Literal(cluster.password(OWNER_ROLE))
                )
            )
        if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), owner))


def _connect(cluster: Cluster, deadline: float) -> psycopg.Connection[tuple[object, ...]]:
    # A server that replays its log refuses connections for a while, and one that was killed this very moment may
    # have looked alive when it was looked for.
    while True:
        cluster.start(deadline)
        try:
            return psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise FaultError(
                    f"The passwords in {cluster.secrets_file} are not those of the database beside it.",
                    code=ErrorCode.INTERNAL,
                ) from error
            if time.monotonic() > deadline:
                raise TemporaryError(
                    "The embedded database does not answer yet.", code=ErrorCode.UNAVAILABLE, retry_after_seconds=5
                ) from error
        time.sleep(0.05)
