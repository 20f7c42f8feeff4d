"""One unit of work: rows, events, audit and jobs are committed together or not at all."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal, cast
from uuid import UUID

import psycopg
import psycopg_pool
import sqlalchemy
from psycopg.types.json import Jsonb
from sqlalchemy import event as session_events
from sqlalchemy.engine.interfaces import AdaptedConnection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.unitofwork import UOWTransaction

from arrears.kernel.audit import write_audit
from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears.kernel.database_errors import spoils_connections, translate
from arrears.kernel.events import announce
from arrears.kernel.jobs import Deferral, JsonValue, defer_jobs
from arrears.kernel.records import AuditRecord, Event, Scheduled
from arrears.kernel.tables import Versioned
from arrears_sdk.ids import new_id

Isolation = Literal["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]

STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 3_000

DATABASE_ERRORS = (psycopg.Error, sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError, psycopg_pool.PoolTimeout)

_SETTINGS = (
    "app.scope",
    "app.staff",
    "app.clients",
    "app.teams",
    "app.accounts",
    "app.debtor",
    "app.principal",
    "statement_timeout",
    "lock_timeout",
)
_BEGIN = "select " + ", ".join(f"set_config('{name}', %({name.removeprefix('app.')})s, true)" for name in _SETTINGS)

# One statement for all events of a unit of work: a batch of decisions announces hundreds.
_INSERT_EVENTS = (
    "insert into event (id, name, subject, subject_id, client_id, payload, principal_id, request_id, occurred_at)"
    " select noted.*, %s::uuid, %s::text, %s::timestamptz"
    " from unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %b::jsonb[]) as noted"
)
_INSERT_SCHEDULE = (
    "insert into schedule (id, kind, subject_id, client_id, due_at, payload, created_at)"
    " values (%s, %s, %s, %s, %s, %s, %s)"
)


class _ScopedSession(Session):
    """A session whose transactions begin by setting the principal's scope."""


@session_events.listens_for(_ScopedSession, "after_begin")
def _set_scope(session: Session, transaction: SessionTransaction, connection: sqlalchemy.Connection) -> None:
    # What a savepoint sets is lost with it; the outermost transaction has set the scope already.
    if transaction.nested:
        return

    async def begin(raw: Connection) -> None:
        # The driver sends BEGIN with the first statement; in a pipeline both take one round trip.
        async with raw.pipeline():
            await raw.execute(_BEGIN.encode(), session.info["settings"], prepare=True)

    cast(AdaptedConnection, connection.connection.dbapi_connection).run_async(begin)


@session_events.listens_for(_ScopedSession, "before_flush")
def _note_change(session: Session, _: UOWTransaction, __: object) -> None:
    for row in session.dirty:
        if isinstance(row, Versioned) and session.is_modified(row):
            row.updated_at = session.info["now"]


class Transaction:
    """An open unit of work. Whatever is emitted, audited, scheduled or deferred is written just before the commit."""

    def __init__(self, context: Context, session: AsyncSession, now: datetime.datetime) -> None:
        self.context = context
        self.session = session
        self.now = now
        self.command = ""
        self.committing = False
        self._events: list[Event] = []
        self._records: list[AuditRecord] = []
        self._scheduled: list[Scheduled] = []
        self._deferrals: list[Deferral] = []
        self._after_commit: list[Callable[[], None]] = []

    async def connection(self) -> Connection:
        """The session's own psycopg connection, in the same transaction; flush the session before reading its rows."""
        raw = await (await self.session.connection()).get_raw_connection()
        return cast(Connection, raw.driver_connection)

    def emit(self, event: Event) -> None:
        """Announce that something happened."""
        self._events.append(event)

    def audit(
        self,
        *,
        subject: str,
        subject_id: UUID,
        client_id: UUID | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        person_id: UUID | None = None,
    ) -> None:
        """Record what was changed; personal values inside `before` and `after` are given as `Personal(value)`."""
        self._records.append(AuditRecord(self.command, subject, subject_id, client_id, before, after, person_id))

    @property
    def audited(self) -> int:
        """How many audit records there are so far."""
        return len(self._records)

    async def defer(self, job: str, **arguments: JsonValue) -> None:
        """Have a job run once this is committed."""
        self._deferrals.append(Deferral(job, arguments))

    async def schedule(
        self,
        kind: str,
        *,
        subject_id: UUID,
        due_at: datetime.datetime,
        payload: Mapping[str, Any] | None = None,
        client_id: UUID | None = None,
    ) -> None:
        """Have something happen at an instant of the platform's clock."""
        self._scheduled.append(Scheduled(kind, subject_id, due_at, payload or {}, client_id))

    def after_commit(self, act: Callable[[], None]) -> None:
        """Have something done in this process's memory once this is committed; it must not fail."""
        self._after_commit.append(act)

    @contextmanager
    def under_command(self, name: str) -> Iterator[None]:
        """Audit records made inside carry the command's name."""
        outer, self.command = self.command, name
        try:
            yield
        finally:
            self.command = outer

    async def flush(self) -> None:
        """Write everything noted so far, in few round trips; called by itself before the commit."""
        await self.session.flush()
        connection = await self.connection()
        async with connection.pipeline():
            await self._write_noted(connection)

    async def commit(self, last: Callable[[Connection], Awaitable[object]] | None = None) -> None:
        """Write what is noted, do the last thing if there is one, and commit: as a rule in one round trip.

        A statement that fails keeps the commit behind it from happening. A connection that is lost in here leaves the
        outcome unknown.
        """
        await self.session.flush()
        connection = await self.connection()
        async with connection.pipeline():
            await self._write_noted(connection)
            if last is not None:
                await last(connection)
            self.committing = True
            await connection.commit()
        # Nothing is left to commit; this tells the session.
        await self.session.commit()
        for act in self._after_commit:
            act()

    async def _write_noted(self, connection: Connection) -> None:
        await self._write_events(connection)
        await self._write_scheduled(connection)
        records, self._records = self._records, []
        if records:
            await write_audit(self, records)
        deferrals, self._deferrals = self._deferrals, []
        await defer_jobs(cast("psycopg.AsyncConnection[object]", connection), deferrals)

    async def _write_events(self, connection: Connection) -> None:
        events, self._events = self._events, []
        if not events:
            return
        self.after_commit(lambda: announce(self.context.database))
        noted: list[list[object]] = [
            [new_id() for _ in events],
            [event.name for event in events],
            [event.subject for event in events],
            [event.subject_id for event in events],
            [event.client_id for event in events],
            [Jsonb(dict(event.payload)) for event in events],
        ]
        principal, request = self.context.principal.id, self.context.request_id
        await connection.execute(_INSERT_EVENTS, [principal, request, self.now, *noted], prepare=True)

    async def _write_scheduled(self, connection: Connection) -> None:
        scheduled, self._scheduled = self._scheduled, []
        async with connection.cursor() as cursor:
            for item in scheduled:
                subject = (item.kind, item.subject_id, item.client_id, item.due_at)
                await cursor.execute(
                    _INSERT_SCHEDULE, [new_id(), *subject, Jsonb(dict(item.payload)), self.now], prepare=True
                )


@asynccontextmanager
async def begin(context: Context) -> AsyncIterator[Transaction]:
    """A unit of work that commits when the block ends and rolls back when it raises.

    Raises the errors of the SDK for what the database refuses.
    """
    try:
        async with open_transaction(context) as tx:
            yield tx
            await tx.commit()
    except (*DATABASE_ERRORS, StaleDataError) as error:
        raise translate(error) or error from error


@asynccontextmanager
async def open_transaction(context: Context, *, isolation: Isolation = "READ COMMITTED") -> AsyncIterator[Transaction]:
    """A unit of work that the caller commits, else it is rolled back; the database's errors pass as they are."""
    try:
        async with _open_session(context, isolation) as tx:
            yield tx
    except DATABASE_ERRORS as error:
        if spoils_connections(error):
            await context.database.renew_connections()
        raise


@asynccontextmanager
async def _open_session(context: Context, isolation: Isolation) -> AsyncIterator[Transaction]:
    now = context.clock.now()
    settings = {name.removeprefix("app."): value for name, value in context.principal.scope.settings().items()}
    settings.update(
        principal=str(context.principal.id),
        statement_timeout=str(STATEMENT_TIMEOUT_MS),
        lock_timeout=str(LOCK_TIMEOUT_MS),
    )
    async with AsyncSession(
        context.database.engine,
        sync_session_class=_ScopedSession,
        expire_on_commit=False,
        info={"settings": settings, "now": now},
    ) as session:
        if isolation != "READ COMMITTED":
            await session.connection(execution_options={"isolation_level": isolation})
        yield Transaction(context, session, now)
