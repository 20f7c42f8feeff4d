"""Plugins told of events: one lane for each subscriber, in the order of each subject, again after growing waits.

Each lane is worked by one process at a time, which holds an advisory lock on a connection of its own: a process that
dies loses both, and the next one tells again what was not noted as taken. A lane whose plugin hangs holds up no other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import structlog

from arrears.deliveries.model import LONGEST_ERROR, UNKNOWN_SUBSCRIBER, as_told, wait_after
from arrears.deliveries.relaying import note_for
from arrears.kernel.events import EVENT_COLUMNS, RecordedEvent, recorded_event
from arrears.kernel.log_masking import mask_text
from arrears.plugins.failures import FailureKind, PluginFailedError
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.ids import new_id

if TYPE_CHECKING:
    from arrears.kernel.context import Context
    from arrears.kernel.database import Connection
    from arrears.plugins.bound import BoundPort
    from arrears_sdk.ports.subscriber import Subscriber

log = structlog.get_logger(__name__)

BATCH = 100
# Deliveries about different subjects that one subscriber is told of at the same time.
AT_ONCE = 8
# Each lane that is worked at holds a connection.
MOST_LANES = 4
HANDLE_SECONDS = 10.0
PAUSE_SECONDS = 2.0
# The plugin was not even asked, so that nothing is known about the event: that is no failed attempt.
_NOT_ASKED = frozenset({FailureKind.BREAKER_OPEN, FailureKind.BUSY})

Lane = tuple[str, str]


@dataclass(frozen=True)
class _Delivery:
    id: UUID
    attempts: int
    event: RecordedEvent


@dataclass
class Deliveries:
    """The lanes that this process works at."""

    context: Context
    at_once: int = AT_ONCE
    handle_seconds: float = HANDLE_SECONDS
    pause_seconds: float = PAUSE_SECONDS
    _working: dict[Lane, asyncio.Task[None]] = field(default_factory=dict)
    _paused_until: dict[Lane, float] = field(default_factory=dict)

    async def look(self) -> bool:
        """Begin to work at every lane in which something is due and that rests in this process; never waits for one."""
        async with self.context.database.pool.connection() as connection:
            lanes = await (await connection.execute(_DUE_LANES)).fetchall()
        for plugin, subscriber in lanes:
            lane = (str(plugin), str(subscriber))
            if len(self._working) >= MOST_LANES:
                break
            if lane not in self._working and self._paused_until.get(lane, 0.0) <= time.monotonic():
                task = asyncio.create_task(self._work(lane), name=f"deliveries: {plugin} {subscriber}")
                self._working[lane] = task
                task.add_done_callback(partial(self._done, lane))
        return False

    async def rest(self) -> None:
        """Return when no lane is worked at any more."""
        while self._working:
            await asyncio.wait(set(self._working.values()))

    async def close(self) -> None:
        """Stop; what is being told at this moment is told again by whoever comes next."""
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, lane: Lane, task: asyncio.Task[None]) -> None:
        del self._working[lane]

    async def _work(self, lane: Lane) -> None:
        try:
            async with self.context.database.pool.connection() as connection:
                if not await _take_lock(connection, lane):
                    return
                try:
                    while await self._tell_batch(connection, lane):
                        pass
                finally:
                    if not connection.closed:
                        await connection.execute(_UNLOCK, lane)
        except Exception as error:
            self._pause(lane)
            log.warning("deliveries.interrupted", plugin=lane[0], subscriber=lane[1], exc_info=error)

    async def _tell_batch(self, connection: Connection, lane: Lane) -> bool:
        """Tell of what is due; whether to look for more at once."""
        parameters = {"plugin": lane[0], "subscriber": lane[1], "limit": BATCH}
        rows = await (await connection.execute(_DUE.encode(), parameters)).fetchall()
        due = [_Delivery(row[0], row[1], recorded_event(row[2:])) for row in rows]
        # What is found out is written in transactions on the lane's own connection: one after another.
        room = asyncio.Semaphore(1 if lane[1] == UNKNOWN_SUBSCRIBER else self.at_once)

        async def tell_in_order(story: Sequence[_Delivery]) -> None:
            for delivery in story:
                async with room:
                    if lane in self._paused_until or not await self._tell(connection, lane, delivery):
                        return

        self._paused_until.pop(lane, None)
        by_subject = sorted(due, key=lambda each: (each.event.subject_id, each.event.position))
        stories = [list(story) for _, story in groupby(by_subject, key=lambda each: each.event.subject_id)]
        # The subject whose event is the oldest comes first.
        stories.sort(key=lambda story: story[0].event.position)
        async with asyncio.TaskGroup() as group:
            for story in stories:
                group.create_task(tell_in_order(story))
        return bool(due) and lane not in self._paused_until

    async def _tell(self, connection: Connection, lane: Lane, delivery: _Delivery) -> bool:
        """Tell a subscriber of one event; whether its subject's story goes on."""
        plugin, subscriber = lane
        host = self.context.service(PluginHost)
        event, place = delivery.event, Place(delivery.event.client_id)
        if not (await host.snapshot()).effective(plugin, place).enabled:
            await connection.execute(_TAKEN, [delivery.id])
            log.info("delivery.forgotten", plugin=plugin, subscriber=subscriber, event_id=str(event.id))
            return True
        bound = (await host.subscribing(place)).get(plugin)
        if bound is None:
            return await self._failed(connection, lane, delivery, "The plugin does not run.")
        if subscriber == UNKNOWN_SUBSCRIBER:
            wanting = [(plugin, each.port.key) for each in bound if event.name in each.port.events]
            await self._found_out(connection, lane, delivery, wanting)
            return True
        for each in bound:
            if each.port.key == subscriber:
                return await self._tell_subscriber(connection, lane, delivery, each)
        reason = f"The plugin has no subscriber {subscriber!r} any more."
        return await self._failed(connection, lane, delivery, reason)

    async def _tell_subscriber(
        self, connection: Connection, lane: Lane, delivery: _Delivery, bound: BoundPort[Subscriber]
    ) -> bool:
        try:
            await bound.call("handle", as_told(delivery.event), budget_seconds=self.handle_seconds)
        except PluginFailedError as failure:
            if failure.kind in _NOT_ASKED:
                self._pause(lane)
                return False
            return await self._failed(connection, lane, delivery, failure.reason)
        await connection.execute(_TAKEN, [delivery.id])
        return True

    async def _found_out(
        self, connection: Connection, lane: Lane, delivery: _Delivery, wanting: Sequence[Lane]
    ) -> None:
        """The plugin runs again: who wants the event is known, and what else waited for that is looked at now."""
        async with connection.transaction():
            await connection.execute(_TAKEN, [delivery.id])
            await note_for(connection, delivery.event, wanting)
            await connection.execute(_ALL_DUE, lane)

    async def _failed(self, connection: Connection, lane: Lane, delivery: _Delivery, reason: str) -> bool:
        event, failures = delivery.event, delivery.attempts + 1
        error, wait = mask_text(reason)[:LONGEST_ERROR], wait_after(failures)
        about = {"plugin": lane[0], "subscriber": lane[1], "event_name": event.name, "event_id": str(event.id)}
        if wait is not None:
            await connection.execute(_AGAIN, {"id": delivery.id, "attempts": failures, "wait": wait})
            log.warning("delivery.failed", **about, attempt=failures, error=error)
            return False
        parameters = {
            "id": delivery.id,
            "letter": new_id(),
            "attempts": failures,
            "error": error,
            "now": self.context.clock.now(),
        }
        await connection.execute(_DEAD, parameters)
        log.error("delivery.dead", **about, attempts=failures, error=error)
        # Those that come after it have waited for it long enough.
        return True

    def _pause(self, lane: Lane) -> None:
        self._paused_until[lane] = time.monotonic() + self.pause_seconds


async def _take_lock(connection: psycopg.AsyncConnection[Any], lane: Lane) -> bool:
    row = await (await connection.execute(_LOCK, lane)).fetchone()
    return row == (True,)


_LOCK = "select pg_try_advisory_lock(hashtextextended('arrears deliveries ' || %s || ' ' || %s, 0))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended('arrears deliveries ' || %s || ' ' || %s, 0))"

# Waits are real time, by the database's own clock.
_DUE_LANES = "select distinct plugin, subscriber from delivery where due_at <= clock_timestamp()"

# What waits to be told again holds up what came later about the same subject. Waits are real time.
_DUE = f"""
select delivery.id, delivery.attempts, {EVENT_COLUMNS}
from delivery join event on event.id = delivery.event_id
where delivery.plugin = %(plugin)s and delivery.subscriber = %(subscriber)s and delivery.due_at <= clock_timestamp()
  and not exists (  -- by real time
      select from delivery earlier
      where earlier.plugin = delivery.plugin and earlier.subscriber = delivery.subscriber
        and earlier.subject_id = delivery.subject_id and earlier.position < delivery.position
        and earlier.due_at > clock_timestamp())  -- real time
order by delivery.position
limit %(limit)s
"""

_TAKEN = "delete from delivery where id = %s"

# Waits are real time.
_ALL_DUE = "update delivery set due_at = clock_timestamp() where plugin = %s and subscriber = %s"

_AGAIN = """
update delivery set attempts = %(attempts)s,
    due_at = clock_timestamp() + make_interval(secs => %(wait)s)  -- real time
where id = %(id)s
"""

_DEAD = """
with given_up as (delete from delivery where id = %(id)s returning event_id, plugin, subscriber)
insert into dead_letter (id, event_id, event_name, subject, subject_id, client_id, plugin, subscriber, attempts, error,
                         state, occurred_at, died_at)
select %(letter)s, event.id, event.name, event.subject, event.subject_id, event.client_id, given_up.plugin,
       given_up.subscriber, %(attempts)s, %(error)s, 'DEAD', event.occurred_at, %(now)s
from given_up join event on event.id = given_up.event_id
"""
