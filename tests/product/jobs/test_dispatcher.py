"""Due rows become jobs: by the platform's clock, each once, whoever dispatches."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from arrears.kernel.context import Context
from arrears.kernel.dispatcher import Due, Schedule, dispatch_due, due
from arrears.kernel.jobs import JobRegistry
from arrears.kernel.transaction import begin
from arrears_sdk.ids import new_id
from tests.product.jobs.working import eventually, queued, rows, working

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def known() -> Schedule:
    return Schedule(JobRegistry())


@pytest.fixture
def context(deployment) -> Context:
    return deployment.worker_context()


async def test_a_row_is_dispatched_when_the_platforms_clock_reaches_it_and_not_before(
    deployment, context, known
) -> None:
    # given
    handled: list[tuple[Due, datetime.datetime]] = []

    @due("hold.expire", into=known)
    async def expire(inner: Context, item: Due) -> None:
        handled.append((item, inner.clock.now()))

    account, due_at = new_id(), deployment.clock.now() + 24 * HOUR
    async with begin(context) as tx:
        await tx.schedule("hold.expire", subject_id=account, due_at=due_at, payload={"hold": 7})

    # when
    early = await dispatch_due(context, known=known)
    deployment.clock.advance(24 * HOUR)
    in_time = await dispatch_due(context, known=known)
    again = await dispatch_due(context, known=known)
    async with working(context, deployment.urls.worker, known.jobs):
        await eventually(lambda: empty(context))

    # then
    assert (early, in_time, again) == (0, 1, 0)
    [(item, handled_at)] = handled
    assert (item.subject_id, item.due_at, item.payload, item.client_id) == (account, due_at, {"hold": 7}, None)
    assert handled_at == due_at


async def empty(context: Context) -> bool:
    return await queued(context) == []


async def test_dispatchers_side_by_side_defer_each_row_once_and_the_longest_due_first(
    deployment, context, known
) -> None:
    # given
    known.add("tick", nothing)
    async with begin(context) as tx:
        for minute in range(100):
            due_at = deployment.clock.now() - datetime.timedelta(minutes=minute)
            await tx.schedule("tick", subject_id=new_id(), due_at=due_at, payload={"minute": minute})

    # when
    counts = await asyncio.gather(*(dispatch_due(context, known=known, limit=40) for _ in range(4)))
    while await dispatch_due(context, known=known, limit=40):
        pass

    # then
    assert sum(counts) <= 100
    minutes = await rows(context, "select args->'payload'->>'minute' from jobs.procrastinate_jobs order by id")
    assert sorted(int(minute) for (minute,) in minutes) == list(range(100))
    assert await rows(context, "select count(*) from schedule where dispatched_at is null") == [(0,)]


async def test_the_longest_due_comes_first(deployment, context, known) -> None:
    # given
    known.add("tick", nothing)
    async with begin(context) as tx:
        for hours in (1, 3, 2):
            due_at = deployment.clock.now() - hours * HOUR
            await tx.schedule("tick", subject_id=new_id(), due_at=due_at, payload={"hours": hours})

    # when
    dispatched = [await dispatch_due(context, known=known, limit=1) for _ in range(4)]

    # then
    assert dispatched == [1, 1, 1, 0]
    hours = await rows(context, "select (args->'payload'->>'hours')::integer from jobs.procrastinate_jobs order by id")
    assert hours == [(3,), (2,), (1,)]


async def test_a_kind_that_this_process_does_not_know_is_left_for_one_that_does(deployment, context, known) -> None:
    # given
    async with begin(context) as tx:
        await tx.schedule("from.the.future", subject_id=new_id(), due_at=deployment.clock.now())

    # when
    ignorant = await dispatch_due(context, known=known)
    known.add("from.the.future", nothing)
    knowing = await dispatch_due(context, known=known)

    # then
    assert (ignorant, knowing) == (0, 1)


async def test_a_rollback_unschedules(deployment, context, known) -> None:
    # given
    known.add("tick", nothing)

    async def change_its_mind() -> None:
        async with begin(context) as tx:
            await tx.schedule("tick", subject_id=new_id(), due_at=deployment.clock.now())
            await tx.flush()
            raise ZeroDivisionError

    # when
    with pytest.raises(ZeroDivisionError):
        await change_its_mind()

    # then
    assert await dispatch_due(context, known=known) == 0


async def nothing(context: Context, item: Due) -> None:
    """Does nothing."""
