"""What happened, handed on after it was committed: each event at least once to each subscriber.

The outbox is relayed by one process at a time, in the order of its positions. A subscriber that fails gets the event
again from the queue, after growing waits; events about the same subject queue up behind it, so that every subscriber
sees the story of one subject in order. After the last try the event stays on the queue as failed: the dead letters.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import psycopg
import structlog

from arrears.kernel.jobs import QUEUE_SCHEMA, Deferral, Job, JobRegistry, defer_jobs, registry
from arrears.kernel.principal import Principal
from arrears_sdk.errors import FaultError

if TYPE_CHECKING:
    from arrears.kernel.context import Context
    from arrears.kernel.database import Connection, Database

log = structlog.get_logger(__name__)

CHANNEL = "arrears_events"
REDELIVERY = "events.deliver"
REDELIVERY_ATTEMPTS = 8
BATCH = 200
ANNOUNCE_SECONDS = 0.02
# An event waits for older transactions that are still open, so that nothing overtakes it; but no longer than this.
PATIENCE_SECONDS = 10.0
_RELAY_LOCK = 0x41525245564E5453


@dataclass(frozen=True)
class RecordedEvent:
    """One event of the outbox, as it was committed. `position` grows in the order of recording."""

    id: UUID
    position: int
    name: str
    subject: str
    subject_id: UUID
    client_id: UUID | None
    principal_id: UUID
    request_id: str
    payload: Mapping[str, Any]
    occurred_at: datetime.datetime


SubscriberFunction = Callable[["Context", RecordedEvent], Awaitable[None]]


@dataclass(frozen=True)
class Subscriber:
    """Somebody who wants to be told of events of one name; known by a name of its own that stays over releases."""

    name: str
    event: str
    function: SubscriberFunction


@dataclass
class Subscriptions:
    """Who is told of what in this process."""

    jobs: JobRegistry
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    attempts: int = REDELIVERY_ATTEMPTS
    first_wait_seconds: float = 2.0

    def __post_init__(self) -> None:
        async def deliver(context: Context, subscriber: str, event_id: str) -> None:
            await deliver_again(context, self, subscriber, event_id)

        self.jobs.add(Job(REDELIVERY, "default", deliver, self.attempts, self.first_wait_seconds))

    def add(self, subscriber: Subscriber) -> None:
        """Make a subscriber known; a second one of the same name stops the start."""
        known = self.subscribers.get(subscriber.name)
        if known is not None and known.function is not subscriber.function:
            raise FaultError(f"Two subscribers are called {subscriber.name!r}.")
        self.subscribers[subscriber.name] = subscriber

    def to(self, event: str) -> list[Subscriber]:
        """The subscribers to events of that name, in the order in which they were added."""
        return [subscriber for subscriber in self.subscribers.values() if subscriber.event == event]


subscriptions = Subscriptions(registry)


def on(
    event: str, *, name: str | None = None, into: Subscriptions = subscriptions
) -> Callable[[SubscriberFunction], SubscriberFunction]:
    """Register an async function of a context and a `RecordedEvent` as a subscriber to events of that name.

    It is called after the commit, at least once: being told twice must change nothing.
    """

    def register(function: SubscriberFunction) -> SubscriberFunction:
        given = name or f"{function.__module__}.{function.__qualname__}"
        into.add(Subscriber(given, event, function))
        return function

    return register


_announcing: dict[Database, asyncio.Task[None]] = {}


def announce(database: Database) -> None:
    """Wake the processes that relay events: once for all commits of the same moment in this process.

    Not part of the business transaction: notifying makes commits wait for one another. One that is lost costs nothing
    but time, since the relay also looks by itself.
    """
    if database not in _announcing:
        task = asyncio.get_running_loop().create_task(_announce(database), name="events: announce")
        _announcing[database] = task
        task.add_done_callback(lambda _: _announcing.pop(database, None))


async def _announce(database: Database) -> None:
    await asyncio.sleep(ANNOUNCE_SECONDS)
    with contextlib.suppress(psycopg.Error):
        async with database.pool.connection() as connection:
            await connection.execute("select pg_notify(%s, '')", [CHANNEL])


async def relay_events(context: Context, *, known: Subscriptions = subscriptions, limit: int = BATCH) -> int:
    """Hand on the next events of the outbox and mark them; gives how many, 0 also while another process relays.

    A process that dies in between leaves them unmarked, and the next one hands them on again.
    """
    async with context.database.pool.connection() as connection:
        if not await _take_lock(connection):
            return 0
        try:
            parameters = {"patience": PATIENCE_SECONDS, "limit": limit}
            events = [recorded_event(row) for row in await (await connection.execute(_NEXT, parameters)).fetchall()]
            waiting = await _waiting(connection, known, events)
            for event in events:
                for subscriber in known.to(event.name):
                    await _hand_over(context, connection, known, subscriber, event, waiting)
            if events:
                await connection.execute(_MARK, {"ids": [event.id for event in events]})
            return len(events)
        finally:
            if not connection.closed:
                await connection.execute("select pg_advisory_unlock(%s)", [_RELAY_LOCK])


async def _hand_over(
    context: Context,
    connection: Connection,
    known: Subscriptions,
    subscriber: Subscriber,
    event: RecordedEvent,
    waiting: set[str],
) -> None:
    lock = _lock(subscriber, event)
    if lock not in waiting:
        try:
            await subscriber.function(_context_for(context, subscriber, event), event)
            return
        except Exception as error:
            log.warning("event.failed", subscriber=subscriber.name, event_id=str(event.id), exc_info=error)
    arguments: dict[str, Any] = {"subscriber": subscriber.name, "event_id": str(event.id)}
    await defer_jobs(connection, [Deferral(REDELIVERY, arguments, lock=lock)], known=known.jobs)
    waiting.add(lock)


async def deliver_again(context: Context, known: Subscriptions, subscriber: str, event_id: str) -> None:
    """Hand one event to one subscriber; whatever the subscriber raises makes the queue try again later."""
    wanted = known.subscribers.get(subscriber)
    if wanted is None:
        raise FaultError(f"No subscriber is called {subscriber!r}.")
    async with context.database.pool.connection() as connection:
        row = await (await connection.execute(_ONE, {"id": UUID(event_id)})).fetchone()
    if row is None:
        raise FaultError(f"The event {event_id} is not in the outbox.")
    event = recorded_event(row)
    await wanted.function(_context_for(context, wanted, event), event)


def _context_for(context: Context, subscriber: Subscriber, event: RecordedEvent) -> Context:
    return dataclasses.replace(context, principal=Principal.system(subscriber.name), request_id=event.request_id)


async def _take_lock(connection: Connection) -> bool:
    row = await (await connection.execute("select pg_try_advisory_lock(%s)", [_RELAY_LOCK])).fetchone()
    return row == (True,)


async def _waiting(connection: Connection, known: Subscriptions, events: Sequence[RecordedEvent]) -> set[str]:
    locks = sorted({_lock(subscriber, event) for event in events for subscriber in known.to(event.name)})
    if not locks:
        return set()
    rows = await (await connection.execute(_WAITING, {"name": REDELIVERY, "locks": locks})).fetchall()
    return {str(row[0]) for row in rows}


def _lock(subscriber: Subscriber, event: RecordedEvent) -> str:
    return f"{REDELIVERY}/{subscriber.name}/{event.subject_id}"


def recorded_event(row: Sequence[Any]) -> RecordedEvent:
    """The event in a row of `EVENT_COLUMNS`."""
    payload = row[8]
    return RecordedEvent(
        id=row[0],
        position=row[1],
        name=row[2],
        subject=row[3],
        subject_id=row[4],
        client_id=row[5],
        principal_id=row[6],
        request_id=row[7],
        # The pool of the read path leaves JSON as the bytes that the server sent.
        payload=orjson.loads(payload) if isinstance(payload, bytes) else payload,
        occurred_at=row[9],
    )


EVENT_COLUMNS = ", ".join(
    f"event.{name}"
    for name in (
        "id",
        "position",
        "name",
        "subject",
        "subject_id",
        "client_id",
        "principal_id",
        "request_id",
        "payload",
        "occurred_at",
    )
)

_NEXT = f"""
select {EVENT_COLUMNS} from event
where dispatched_at is null
  and (transaction_id < pg_snapshot_xmin(pg_current_snapshot())
       or recorded_at < clock_timestamp() - make_interval(secs => %(patience)s))
order by position
limit %(limit)s
"""

_ONE = f"select {EVENT_COLUMNS} from event where id = %(id)s"

_MARK = "update event set dispatched_at = clock_timestamp() where id = any(%(ids)s)"

_WAITING = f"""
select distinct lock from {QUEUE_SCHEMA}.procrastinate_jobs
where task_name = %(name)s and lock = any(%(locks)s) and status in ('todo', 'doing')
"""
