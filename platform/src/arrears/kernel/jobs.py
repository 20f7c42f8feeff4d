"""Background jobs: which there are, how often each is tried, and how one is put on the queue.

A job is an async function of a context and JSON arguments. It is deferred in the transaction of whatever
asks for it, so that nothing is enqueued that did not happen; a worker runs it at least once. A job must
therefore change nothing when it runs again.
"""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from arrears_sdk.errors import FaultError

if TYPE_CHECKING:
    from arrears.kernel.context import Context

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
JobFunction = Callable[..., Awaitable[None]]
Arguments = ParamSpec("Arguments")

QUEUE_SCHEMA = "jobs"
LONGEST_WAIT_SECONDS = 3600


@dataclass(frozen=True)
class Job:
    """One kind of background work: its name on the queue, its function and how patiently it is tried."""

    name: str
    queue: str
    function: JobFunction
    attempts: int = 5
    first_wait_seconds: float = 2.0

    def wait_after(self, failures: int) -> float | None:
        """Seconds to wait before the next try after so many failures; None when it has been tried enough."""
        if failures >= self.attempts:
            return None
        return float(min(self.first_wait_seconds * 4 ** (failures - 1), LONGEST_WAIT_SECONDS))


@dataclass
class JobRegistry:
    """The jobs that this process knows, by name."""

    jobs: dict[str, Job] = field(default_factory=dict)

    def add(self, job: Job) -> None:
        """Make a job known; a second job under the same name stops the start."""
        known = self.jobs.get(job.name)
        if known is not None and known.function is not job.function:
            raise FaultError(f"Two jobs are called {job.name!r}: {known.function!r} and {job.function!r}.")
        if not inspect.iscoroutinefunction(job.function):
            raise FaultError(f"The job {job.name!r} must be an async function.")
        self.jobs[job.name] = job

    def find(self, name: str) -> Job:
        """The job of that name; a name that nobody registered is a fault of the program."""
        try:
            return self.jobs[name]
        except KeyError:
            raise FaultError(f"No job is called {name!r}.") from None

    def __iter__(self) -> Iterator[Job]:
        return iter(self.jobs.values())


registry = JobRegistry()


def job(
    name: str,
    *,
    queue: str = "default",
    attempts: int = 5,
    first_wait_seconds: float = 2.0,
    into: JobRegistry = registry,
) -> Callable[
    [Callable[Concatenate[Context, Arguments], Awaitable[None]]],
    Callable[Concatenate[Context, Arguments], Awaitable[None]],
]:
    """Register an async function as the job of that name; the function itself is left as it is.

    A job that raises is tried again after `first_wait_seconds`, then after four times as long, and so on up to
    an hour, `attempts` times in all; then it stays on the queue as failed.
    """

    def register(
        function: Callable[Concatenate[Context, Arguments], Awaitable[None]],
    ) -> Callable[Concatenate[Context, Arguments], Awaitable[None]]:
        into.add(Job(name, queue, function, attempts, first_wait_seconds))
        return function

    return register


@dataclass(frozen=True)
class Deferral:
    """One wish to run a job: its name, its JSON arguments, and the real time before which it must not start.

    Jobs of one `lock` run one after another, in the order in which they were deferred.
    """

    name: str
    arguments: Mapping[str, JsonValue] = field(default_factory=dict)
    not_before: datetime.datetime | None = None
    lock: str | None = None


async def defer_jobs(
    connection: psycopg.AsyncConnection[Any],
    deferrals: Sequence[Deferral],
    *,
    known: JobRegistry = registry,
) -> list[int]:
    """Put jobs on the queue within the connection's own transaction; gives their numbers in the same order.

    Raises FaultError for a name that no job has, before anything is written.
    """
    if not deferrals:
        return []
    parameters = {
        "queues": [known.find(wish.name).queue for wish in deferrals],
        "names": [wish.name for wish in deferrals],
        "arguments": [Jsonb(dict(wish.arguments)) for wish in deferrals],
        "times": [wish.not_before for wish in deferrals],
        "locks": [wish.lock for wish in deferrals],
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_DEFER, parameters)
        return sorted(int(row[0]) for row in await cursor.fetchall())


# One insert into the queue's own table, whose triggers tell the workers when the transaction commits. The library's
# own way of deferring does the same, and sends composite values that it has to learn from the server first.
_DEFER = f"""
insert into {QUEUE_SCHEMA}.procrastinate_jobs (queue_name, task_name, priority, lock, args, scheduled_at)
select queue, name, 0, lock, arguments, time
from unnest(%(queues)s::text[], %(names)s::text[], %(locks)s::text[], %(arguments)s::jsonb[], %(times)s::timestamptz[])
     with ordinality as wish (queue, name, lock, arguments, time, position)
order by position
returning id
"""
