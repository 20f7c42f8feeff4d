"""Jobs: enqueued with what asked for them, run at least once, tried again, given up."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from arrears.kernel.context import Context
from arrears.kernel.jobs import Deferral, Job, JobRegistry, defer_jobs, job
from arrears.kernel.rescue import MOST_RESCUES, rescue_stalled_jobs
from arrears.kernel.transaction import begin
from arrears_sdk.errors import FaultError
from tests.product.jobs.working import eventually, execute, queued, rows, working


@pytest.fixture
def known() -> JobRegistry:
    return JobRegistry()


@pytest.fixture
def context(deployment) -> Context:
    return deployment.worker_context()


async def defer(context: Context, known: JobRegistry, *wishes: Deferral) -> None:
    async with begin(context) as tx:
        await defer_jobs(await tx.connection(), wishes, known=known)


async def test_a_job_runs_as_the_platform_with_the_arguments_it_was_deferred_with(deployment, context, known) -> None:
    # given
    seen: list[tuple[str, str, dict[str, object]]] = []

    @job("greet", into=known)
    async def greet(inner: Context, **arguments: object) -> None:
        seen.append((inner.principal.kind, inner.principal.name, arguments))

    # when
    await defer(context, known, Deferral("greet", {"name": "Ada", "times": 2, "tags": ["a"]}))
    async with working(context, deployment.urls.worker, known):
        await eventually(lambda: done(context))

    # then
    assert seen == [("SYSTEM", "greet", {"name": "Ada", "times": 2, "tags": ["a"]})]
    assert await queued(context) == []


async def done(context: Context) -> bool:
    return await queued(context) == []


async def test_a_rollback_drops_the_jobs_of_the_transaction(context, known) -> None:
    # given
    known.add(Job("greet", "default", noop))

    async def change_its_mind() -> None:
        async with begin(context) as tx:
            await defer_jobs(await tx.connection(), [Deferral("greet")], known=known)
            raise ZeroDivisionError

    # when
    with pytest.raises(ZeroDivisionError):
        await change_its_mind()

    # then
    assert await queued(context) == []


async def test_a_job_that_nobody_registered_is_not_enqueued(context, known) -> None:
    with pytest.raises(FaultError, match="No job is called 'nobody'"):
        await defer(context, known, Deferral("nobody"))
    assert await queued(context) == []


def test_two_jobs_of_one_name_stop_the_start(known) -> None:
    known.add(Job("twice", "default", noop))
    with pytest.raises(FaultError, match="Two jobs are called 'twice'"):
        known.add(Job("twice", "default", other))


async def test_a_job_that_fails_is_tried_as_often_as_it_says_and_then_stays_as_failed(
    deployment, context, known
) -> None:
    # given
    tries: list[float] = []

    @job("stumble", attempts=3, first_wait_seconds=0.1, into=known)
    async def stumble(inner: Context) -> None:
        tries.append(asyncio.get_running_loop().time())
        raise ValueError("no")

    # when
    await defer(context, known, Deferral("stumble"))
    async with working(context, deployment.urls.worker, known):
        await eventually(lambda: failed(context))

    # then: waits of 0.1 and 0.4 seconds at least
    assert await queued(context) == [("stumble", "failed", 3)]
    assert len(tries) == 3
    assert tries[1] - tries[0] >= 0.1
    assert tries[2] - tries[1] >= 0.4


async def failed(context: Context) -> bool:
    return [status for _, status, _ in await queued(context)] == ["failed"]


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2.0), (2, 8.0), (3, 32.0), (7, 3600.0), (8, None), (9, None)])
def test_waits_grow_fourfold_up_to_an_hour(failures: int, seconds: float | None) -> None:
    assert Job("any", "default", noop, attempts=8).wait_after(failures) == seconds


async def test_a_stopped_worker_lets_a_running_job_finish(deployment, context, known) -> None:
    # given
    started, finished = asyncio.Event(), asyncio.Event()

    @job("slow", into=known)
    async def slow(inner: Context) -> None:
        started.set()
        await asyncio.sleep(0.5)
        finished.set()

    # when
    await defer(context, known, Deferral("slow"))
    async with working(context, deployment.urls.worker, known):
        await asyncio.wait_for(started.wait(), 10)

    # then
    assert finished.is_set()
    assert await queued(context) == []
    assert await rows(context, "select id from jobs.procrastinate_workers") == []


async def test_a_job_that_outlasts_the_grace_period_goes_back_on_the_queue(deployment, context, known) -> None:
    # given
    started = asyncio.Event()

    @job("endless", into=known)
    async def endless(inner: Context) -> None:
        started.set()
        await asyncio.sleep(3600)

    # when
    await defer(context, known, Deferral("endless"))
    async with working(context, deployment.urls.worker, known, grace_seconds=0.2):
        await asyncio.wait_for(started.wait(), 10)

    # then
    assert await queued(context) == [("endless", "todo", 1)]


async def test_jobs_of_one_lock_run_one_after_another_in_their_order(deployment, context, known) -> None:
    # given
    order: list[str] = []

    @job("step", into=known)
    async def step(inner: Context, name: str) -> None:
        order.append(f"{name} begins")
        await asyncio.sleep(0.05)
        order.append(f"{name} ends")

    # when
    await defer(context, known, *(Deferral("step", {"name": name}, lock="same") for name in ("a", "b", "c")))
    async with working(context, deployment.urls.worker, known):
        await eventually(lambda: done(context))

    # then
    assert order == ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]


# How a job comes to be "doing" with nobody doing it.
VANISHED = {
    "its worker's heartbeat stopped": "update jobs.procrastinate_workers set last_heartbeat = now() - interval '11 s'",
    "its worker's row was pruned first": "delete from jobs.procrastinate_workers",
}


@pytest.mark.parametrize("statement", VANISHED.values(), ids=VANISHED)
async def test_a_job_of_a_vanished_worker_goes_back_on_the_queue(context, known, statement: str) -> None:
    # given
    known.add(Job("lost", "default", noop))
    await take_without_working(context, known)

    # when
    before = await rescue_stalled_jobs(context, known)
    await execute(context, statement)
    rescued = await rescue_stalled_jobs(context, known)

    # then
    assert before.returned == ()
    assert len(rescued.returned) == 1
    assert await queued(context) == [("lost", "todo", 0)]


async def test_a_job_that_its_living_worker_does_not_run_goes_back_after_two_looks(context, known) -> None:
    # given: a worker that came back under the identity of the dead one, heartbeat and all
    known.add(Job("lost", "default", noop))
    worker = await take_without_working(context, known)

    # when
    first = await rescue_stalled_jobs(context, known, own_worker=worker)
    second = await rescue_stalled_jobs(context, known, own_worker=worker, missing_before=first.missing)

    # then
    assert first.returned == ()
    assert second.returned == tuple(first.missing)
    assert await queued(context) == [("lost", "todo", 0)]


async def test_a_job_that_is_running_is_left_alone(context, known) -> None:
    known.add(Job("busy", "default", noop))
    worker = await take_without_working(context, known)
    [(number,)] = await rows(context, "select id from jobs.procrastinate_jobs")

    for _ in range(3):
        look = await rescue_stalled_jobs(context, known, own_worker=worker, running={number}, missing_before={number})

    assert look.returned == ()
    assert await queued(context) == [("busy", "doing", 0)]


async def test_a_job_that_takes_down_every_worker_is_given_up(context, known) -> None:
    # given
    known.add(Job("deadly", "default", noop))
    await defer(context, known, Deferral("deadly"))

    # when
    for _ in range(MOST_RESCUES + 1):
        await take(context)
        await execute(context, "delete from jobs.procrastinate_workers")
        await rescue_stalled_jobs(context, known)

    # then
    assert await queued(context) == [("deadly", "failed", 0)]


async def test_a_worker_rescues_jobs_by_itself_and_runs_them(deployment, context, known) -> None:
    # given
    runs: list[str] = []

    @job("lost", into=known)
    async def lost(inner: Context) -> None:
        runs.append(inner.request_id)

    await take_without_working(context, known)
    await execute(context, "delete from jobs.procrastinate_workers")

    # when
    async with working(context, deployment.urls.worker, known):
        await eventually(lambda: done(context))

    # then
    assert len(runs) == 1


async def take_without_working(context: Context, known: JobRegistry) -> int:
    """Defer the one known job and take it as a worker would that dies at once."""
    await defer(context, known, *(Deferral(known_job.name) for known_job in known))
    return await take(context)


async def take(context: Context) -> int:
    [(worker,)] = await rows(context, "select worker_id from jobs.procrastinate_register_worker_v1()")
    await execute(context, "select jobs.procrastinate_fetch_job_v2(null, %s)", worker)
    return int(worker)


async def noop(context: Context, **arguments: object) -> None:
    """Does nothing."""


async def other(context: Context, **arguments: object) -> None:
    """Does nothing, too."""


async def test_a_worker_outlives_its_connections(server, deployment, context, known) -> None:
    # given
    runs: list[str] = []

    @job("note", into=known)
    async def note(inner: Context, name: str) -> None:
        runs.append(name)

    async def has_run(name: str) -> bool:
        return name in runs

    async with working(context, deployment.urls.worker, known):
        await defer(context, known, Deferral("note", {"name": "before"}))
        await eventually(lambda: has_run("before"))

        # when: every connection of the worker's role is cut, as by a server that restarts
        database = psycopg.conninfo.conninfo_to_dict(deployment.urls.owner)["dbname"]
        async with await psycopg.AsyncConnection.connect(server.superuser_url, autocommit=True) as superuser:
            await superuser.execute(CUT, [database])
        await context.database.engine.dispose()
        await context.database.pool.check()
        await defer(context, known, Deferral("note", {"name": "after"}))

        # then
        await eventually(lambda: has_run("after"), seconds=30)
        await eventually(lambda: done(context), seconds=30)


CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = %s and backend_type = 'client backend'
"""
