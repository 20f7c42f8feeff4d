"""The worker: it takes jobs from the queue, runs them, and survives whatever happens to it or to the database."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as QueuedJob
from procrastinate.worker import Worker as QueueWorker

from arrears.kernel.jobs import QUEUE_SCHEMA, Job, JobRegistry, registry
from arrears.kernel.keepers import Keeper, KeeperLoops
from arrears.kernel.logs import request_bound
from arrears.kernel.principal import Principal
from arrears.kernel.rescue import HEARTBEAT_SECONDS, STALLED_SECONDS, rescue_stalled_jobs

if TYPE_CHECKING:
    from arrears.kernel.context import Context

log = structlog.get_logger(__name__)

POLLING_SECONDS = 1.0
GRACE_SECONDS = 20.0


class _Patience(BaseRetryStrategy):
    """When the queue tries a failed job again: as the job itself says."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        """The next try, or None when the job has failed for good. One cut off by a stop is not to blame."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=None)
        wait = self.job.wait_after(job.attempts + 1)
        if wait is None:
            return None
        return RetryDecision(retry_at=datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=wait))


@dataclass
class Worker:
    """Runs jobs and keepers in this process until it is stopped.

    `context` belongs to the worker's database role; each job gets it with a principal and a request id of its own.
    """

    context: Context
    url: str
    concurrency: int = 4
    queues: Sequence[str] | None = None
    keepers: Sequence[Keeper] = ()
    known: JobRegistry = field(default_factory=lambda: registry)
    grace_seconds: float = GRACE_SECONDS
    running: set[int] = field(default_factory=set)
    _missing: set[int] = field(default_factory=set)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _queue_worker: QueueWorker | None = None
    _loops: KeeperLoops | None = None

    async def run(self) -> None:
        """Work until `stop()`; a database that goes away is waited for. Running jobs get a grace period to end."""
        # The queue's own log lines repeat the arguments of jobs, which may be personal; ours name the job only.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        rescuer = Keeper("rescue", self._rescue, HEARTBEAT_SECONDS)
        self._loops = KeeperLoops((rescuer, *self.keepers), self.url)
        loops = asyncio.create_task(self._loops.run(), name="keepers")
        try:
            await self._work()
        finally:
            self._loops.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(loops, self.grace_seconds)

    async def run_until(self, stop: asyncio.Event) -> None:
        """Work until the event is set, then end as after `stop()`."""
        waiting = asyncio.create_task(stop.wait())
        waiting.add_done_callback(lambda _: self.stop())
        try:
            await self.run()
        finally:
            waiting.cancel()

    def stop(self) -> None:
        """Ask the worker to end: it takes no further job and lets running ones finish within the grace period."""
        self._stopping.set()
        if self._queue_worker is not None:
            self._queue_worker.stop()  # type: ignore[no-untyped-call]
        if self._loops is not None:
            self._loops.stop()

    async def _work(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                async with self._application().open_async() as application:
                    await self._take_jobs(application)
                failures = 0
            except Exception as error:
                failures += 1
                log.warning("worker.interrupted", failures=failures, exc_info=error)
            if not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), min(0.25 * 2**failures, 5.0))

    async def _take_jobs(self, application: App) -> None:
        self._queue_worker = QueueWorker(
            application,
            queues=self.queues,
            concurrency=self.concurrency,
            fetch_job_polling_interval=POLLING_SECONDS,
            shutdown_graceful_timeout=self.grace_seconds,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            worker_middleware=[self._around],
        )
        try:
            if not self._stopping.is_set():
                await self._queue_worker.run()  # type: ignore[no-untyped-call]
        finally:
            self._queue_worker = None

    async def _around(self, call: Callable[[], Awaitable[Any]], job: JobContext, worker: QueueWorker) -> Any:
        number = job.job.id or 0
        self.running.add(number)
        try:
            result = await call()
        except Exception as error:
            log.warning(
                "job.failed", job=job.job.task_name, number=number, attempt=job.job.attempts + 1, exc_info=error
            )
            raise
        finally:
            self.running.discard(number)
        log.debug("job.done", job=job.job.task_name, number=number)
        return result

    async def _rescue(self) -> bool:
        number = self._queue_worker.worker_id if self._queue_worker is not None else None
        found = await rescue_stalled_jobs(
            self.context, self.known, own_worker=number, running=self.running, missing_before=self._missing
        )
        self._missing = found.missing
        return False

    def _application(self) -> App:
        connector = PsycopgConnector(
            conninfo=self.url,
            min_size=1,
            max_size=4,
            kwargs={"options": f"-c search_path={QUEUE_SCHEMA}"},
        )
        application = App(connector=connector)
        for job in self.known:
            application.task(name=job.name, queue=job.queue, retry=_Patience(job), pass_context=True)(self._run(job))
        return application

    def _run(self, job: Job) -> Callable[..., Awaitable[None]]:
        async def run(queued: JobContext, /, **arguments: Any) -> None:
            context = dataclasses.replace(
                self.context, principal=Principal.system(job.name), request_id=f"job-{queued.job.id}"
            )
            with request_bound(context.request_id, job=job.name):
                await job.function(context, **arguments)

        return run
