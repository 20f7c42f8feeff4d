"""Jobs of workers that are gone go back on the queue, whichever way the worker went.

The queue library itself leaves a job "doing" for ever in two cases: when the dead worker's row was pruned before its
jobs were looked at, and when a worker came back under the identity of the dead one. A third is a worker that lives on
after the database was away at the very moment it wanted to report a job's end. One statement here finds all three.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from arrears.kernel.jobs import QUEUE_SCHEMA, JobRegistry

if TYPE_CHECKING:
    from arrears.kernel.context import Context

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 3.0
STALLED_SECONDS = 10.0
MOST_RESCUES = 20

_OWN = f"select id from {QUEUE_SCHEMA}.procrastinate_jobs where status = 'doing' and worker_id = %(worker)s"

# Heartbeats are real time, so the database's own clock is right here, unlike in business statements.
_STALLED = f"""
select job.id, job.task_name,
       (select count(*) from {QUEUE_SCHEMA}.procrastinate_events event
         where event.job_id = job.id and event.type = 'started') - job.attempts as starts_lost
from {QUEUE_SCHEMA}.procrastinate_jobs job
left join {QUEUE_SCHEMA}.procrastinate_workers worker on worker.id = job.worker_id
where job.status = 'doing'
  and (worker.id is null
       or worker.last_heartbeat < now() - make_interval(secs => %(stalled)s)
       or job.id = any(%(missing)s::bigint[]))
order by job.id
for update of job skip locked
"""

_FREE = f"""
update {QUEUE_SCHEMA}.procrastinate_jobs
set status = case when abort_requested then 'aborted' when id = any(%(lost)s::bigint[]) then 'failed' else 'todo'
             end::{QUEUE_SCHEMA}.procrastinate_job_status,
    abort_requested = false, worker_id = null, scheduled_at = null
where id = any(%(jobs)s::bigint[])
"""


@dataclass(frozen=True)
class Rescue:
    """What one look found: jobs put back, jobs given up, and own jobs that nobody runs (given back next time)."""

    returned: tuple[int, ...]
    given_up: tuple[int, ...]
    missing: set[int]


async def rescue_stalled_jobs(
    context: Context,
    known: JobRegistry,
    *,
    own_worker: int | None = None,
    running: Set[int] = frozenset(),
    missing_before: Set[int] = frozenset(),
    stalled_seconds: float = STALLED_SECONDS,
) -> Rescue:
    """Put the jobs of stalled or vanished workers back on the queue; gives up on one that was lost too often.

    A job that this very worker holds in the table but does not run counts as stalled when two looks in a row have
    seen it so; one look alone could fall between taking a job and starting it.
    """
    async with context.database.pool.connection() as connection, connection.transaction():
        rows = await (await connection.execute(_OWN, {"worker": own_worker})).fetchall()
        missing = {int(row[0]) for row in rows} - set(running)
        stalled = await (
            await connection.execute(
                _STALLED, {"stalled": stalled_seconds, "missing": sorted(missing & set(missing_before))}
            )
        ).fetchall()
        if not stalled:
            return Rescue((), (), missing)
        given_up = tuple(int(row[0]) for row in stalled if int(row[2]) > MOST_RESCUES)
        returned = tuple(int(row[0]) for row in stalled if int(row[0]) not in given_up)
        await connection.execute(_FREE, {"jobs": [*given_up, *returned], "lost": list(given_up)})
        await connection.execute(
            "select pg_notify('procrastinate_any_queue_v1', %s)", ['{"type": "job_inserted", "job_id": 0}']
        )
    log.warning("jobs.rescued", returned=returned, given_up=given_up)
    return Rescue(returned, given_up, missing)
