"""What is due by the platform's clock becomes jobs: each due row once, in the transaction that marks it dispatched."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from arrears.kernel.jobs import Deferral, Job, JobRegistry, JsonValue, defer_jobs, registry

if TYPE_CHECKING:
    from arrears.kernel.context import Context

BATCH = 500


@dataclass(frozen=True)
class Due:
    """One thing whose time has come: what it is about, and when it was due, which may be long ago."""

    schedule_id: UUID
    subject_id: UUID
    client_id: UUID | None
    due_at: datetime.datetime
    payload: Mapping[str, Any]


DueFunction = Callable[["Context", Due], Awaitable[None]]


@dataclass
class Schedule:
    """The kinds of due rows that this process knows how to handle."""

    jobs: JobRegistry
    kinds: set[str] = field(default_factory=set)

    def add(self, kind: str, function: DueFunction, *, attempts: int = 10) -> None:
        """Make a kind known: its due rows become jobs of the same name."""

        async def run(
            context: Context,
            schedule_id: str,
            subject_id: str,
            client_id: str | None,
            due_at: str,
            payload: dict[str, Any],
        ) -> None:
            client = None if client_id is None else UUID(client_id)
            due = datetime.datetime.fromisoformat(due_at)
            await function(context, Due(UUID(schedule_id), UUID(subject_id), client, due, payload))

        self.jobs.add(Job(kind, "default", run, attempts))
        self.kinds.add(kind)


schedule = Schedule(registry)


def due(kind: str, *, attempts: int = 10, into: Schedule = schedule) -> Callable[[DueFunction], DueFunction]:
    """Register an async function of a context and a `Due` as what happens when a row of that kind falls due.

    It runs at least once, as a job: handling the same row again must change nothing.
    """

    def register(function: DueFunction) -> DueFunction:
        into.add(kind, function, attempts=attempts)
        return function

    return register


async def dispatch_due(context: Context, *, known: Schedule = schedule, limit: int = BATCH) -> int:
    """Turn rows that are due by the context's clock into jobs, the longest due first; gives how many.

    Rows that another dispatcher holds are skipped, and so are kinds that this process does not know, which a newer
    process beside it may know.
    """
    now = context.clock.now()
    parameters = {"now": now, "kinds": sorted(known.kinds), "limit": limit}
    async with context.database.pool.connection() as connection, connection.transaction():
        rows = await (await connection.execute(_CLAIM, parameters)).fetchall()
        if not rows:
            return 0
        await connection.execute(_MARK, {"now": now, "ids": [row[0] for row in rows]})
        await defer_jobs(connection, [Deferral(str(row[1]), _arguments(row)) for row in rows], known=known.jobs)
    return len(rows)


def _arguments(row: tuple[Any, ...]) -> dict[str, JsonValue]:
    identifier, _, subject_id, client_id, due_at, payload = row
    return {
        "schedule_id": str(identifier),
        "subject_id": str(subject_id),
        "client_id": None if client_id is None else str(client_id),
        "due_at": due_at.isoformat(),
        "payload": orjson.loads(payload) if isinstance(payload, bytes) else payload,
    }


_CLAIM = """
select id, kind, subject_id, client_id, due_at, payload from schedule
where dispatched_at is null and due_at <= %(now)s and kind = any(%(kinds)s)
order by due_at, id
limit %(limit)s
for update skip locked
"""

_MARK = "update schedule set dispatched_at = %(now)s where id = any(%(ids)s)"
