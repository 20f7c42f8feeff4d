"""Connections to PostgreSQL: an engine for units of work, and a pool for reads in one round trip."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self, cast

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from arrears.kernel.database_errors import is_connection_lost, translate
from arrears.kernel.pipelines import send_pipelines_whole
from arrears.kernel.scope import Scope

send_pipelines_whole()

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

DEFAULT_READ_TIMEOUT_MS = 5_000
CONNECTION_WAIT_SECONDS = 5.0
# A database that restarts is back within a couple of seconds; a read, which changes nothing, waits that long.
_READ_ATTEMPTS = 3
_RENEWAL_PAUSE_SECONDS = 0.1

# `jobs` holds the queue's tables and functions, which call each other without naming the schema.
# TimeZone and DateStyle make text forms the same on every server; just-in-time compilation only costs on short queries.
# A statement whose client was killed ends within two seconds and gives its locks back.
_SESSION_OPTIONS = (
    "-c search_path=public,jobs -c TimeZone=UTC -c DateStyle=ISO -c jit=off -c client_connection_check_interval=2000"
)

_BEGIN_READ = (
    "select set_config('app.scope', %(scope)s, true), set_config('app.staff', %(staff)s, true),"
    " set_config('app.clients', %(clients)s, true), set_config('app.teams', %(teams)s, true),"
    " set_config('app.accounts', %(accounts)s, true), set_config('app.debtor', %(debtor)s, true),"
    " set_config('transaction_read_only', 'on', true), set_config('statement_timeout', %(timeout)s, true)"
)


@dataclass(frozen=True)
class DatabaseUrls:
    """The same database as its owner, as the API and as a worker: three libpq URLs with their passwords."""

    owner: str
    api: str
    worker: str

    def __repr__(self) -> str:
        return f"DatabaseUrls({make_url(self.owner)!r}, ...)"

    def with_database(self, name: str) -> DatabaseUrls:
        """The same server and roles, another database."""
        return DatabaseUrls(*(set_url(url, database=name) for url in (self.owner, self.api, self.worker)))


def set_url(url: str, **parts: str) -> str:
    """A libpq URL with some of its parts (`username`, `password`, `database`) replaced."""
    return make_url(url).set(**cast(dict[str, Any], parts)).render_as_string(hide_password=False)


class _RawLoader(Loader):
    """JSON as the bytes that the server sent: they go into a response without being parsed."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def session_options(url: str, application_name: str) -> dict[str, Any]:
    """What every connection is opened with, for psycopg's `connect`."""
    given = psycopg.conninfo.conninfo_to_dict(url).get("options")
    return {
        "conninfo": url,
        "application_name": application_name,
        "options": f"{given} {_SESSION_OPTIONS}" if given else _SESSION_OPTIONS,
        "connect_timeout": 5,
        # A network that swallows packets is noticed within half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }


class Database:
    """One database as one role. Open it once a process; it recovers by itself when the server comes back."""

    def __init__(self, url: str, *, application_name: str, pool_size: int = 10) -> None:
        self.url = url
        self._renewed = 0.0
        self._swept = 0.0
        options = session_options(url, application_name)
        without_url = {name: value for name, value in options.items() if name != "conninfo"}

        async def connect() -> psycopg.AsyncConnection[Any]:
            return await psycopg.AsyncConnection.connect(**options, prepare_threshold=2)

        self.engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=connect,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=CONNECTION_WAIT_SECONDS,
            pool_use_lifo=True,
        )
        self.pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            connection_class=cast("type[Connection]", psycopg.AsyncConnection),
            kwargs={**without_url, "autocommit": True, "prepare_threshold": 0},
            min_size=1,
            max_size=pool_size,
            timeout=CONNECTION_WAIT_SECONDS,
            # Give up on a lost server soon; the next request asks again, without the pool's growing pauses.
            reconnect_timeout=1.0,
            configure=_configure_read_connection,
            reset=_discard_unfinished,
            open=False,
        )

    async def open(self) -> Self:
        """Connect; raises TemporaryError when the server does not answer."""
        try:
            await self.pool.open(wait=True, timeout=CONNECTION_WAIT_SECONDS * 2)
        except psycopg.Error as error:
            await self.close()
            raise translate(error) or error from error
        return self

    async def close(self) -> None:
        """Close every connection."""
        await self.pool.close()
        await self.engine.dispose()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def renew_connections(self) -> None:
        """Let every unit of work that begins from now on get a new connection; those under way keep theirs."""
        # When the server goes away, all that were at work on it arrive here at once: once is enough.
        if time.monotonic() - self._renewed > _RENEWAL_PAUSE_SECONDS:
            self._renewed = time.monotonic()
            await self.engine.dispose()

    async def read(
        self,
        scope: Scope,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout_ms: int = DEFAULT_READ_TIMEOUT_MS,
    ) -> list[tuple[Any, ...]]:
        """The rows of one statement as a scope sees them, in one round trip. JSON columns come as bytes, unparsed.

        Raises LimitError past the time-out and TemporaryError while the database is away.
        """
        settings = read_settings(scope, timeout_ms)
        for attempt in range(_READ_ATTEMPTS):
            try:
                async with self.pool.connection() as connection:
                    async with connection.pipeline():
                        await connection.execute(_BEGIN_READ, settings)
                        cursor = await connection.execute(sql, parameters)
                    return await cursor.fetchall()
            except psycopg.Error as error:
                lost = is_connection_lost(error)
                if not lost or attempt == _READ_ATTEMPTS - 1:
                    raise translate(error, reading=True) or error from error
            await self._drop_lost_connections(attempt)
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def reads(self, scope: Scope, *, timeout_ms: int = DEFAULT_READ_TIMEOUT_MS) -> AsyncIterator[Connection]:
        """A connection on which several statements see one snapshot, as a scope sees it; nothing can be written."""
        try:
            async with self.pool.connection() as connection:
                try:
                    async with connection.pipeline():
                        await connection.execute("begin isolation level repeatable read read only")
                        await connection.execute(_BEGIN_READ, read_settings(scope, timeout_ms))
                    yield connection
                finally:
                    await connection.rollback()
        except psycopg.Error as error:
            raise translate(error) or error from error

    async def _drop_lost_connections(self, attempt: int) -> None:
        # After a restart every idle connection is dead; one sweep replaces them instead of one failure each.
        if time.monotonic() - self._swept > _RENEWAL_PAUSE_SECONDS:
            self._swept = time.monotonic()
            # What the sweep cannot mend yet, the next attempt runs into and reports.
            with suppress(psycopg.Error):
                await self.pool.check()
        await asyncio.sleep(0.1 * (attempt + 1) * (0.5 + random.random()))


def read_settings(scope: Scope, timeout_ms: int) -> dict[str, str]:
    """The parameters of the statement that begins every read."""
    settings = {name.removeprefix("app."): value for name, value in scope.settings().items()}
    return {**settings, "timeout": str(timeout_ms)}


async def _discard_unfinished(connection: Connection) -> None:
    # Who was cancelled within a pipeline leaves it open, and on such a connection COPY fails for everybody after.
    if connection.pgconn.pipeline_status != psycopg.pq.PipelineStatus.OFF:
        await connection.close()


async def _configure_read_connection(connection: Connection) -> None:
    # Prepared once and kept: the planner's statements are few and long.
    connection.prepared_max = 500
    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, _RawLoader)
