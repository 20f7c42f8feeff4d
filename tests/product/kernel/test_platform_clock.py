"""The platform's clock: it follows the stored offset, and only a sandbox may move it."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
from collections.abc import Callable

import psycopg
import pytest
from pydantic import ValidationError

from arrears.kernel.clock import ClockMove, PlatformClock, move, move_clock
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears_sdk.errors import AccessError, ArrearsError, ErrorCode, InputError, NotFoundError, RefusedError
from tests.conftest import Deployment

DAY = datetime.timedelta(days=1)
MOMENT = datetime.timedelta(seconds=5)


def real_time() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def with_platform_clock(deployment: Deployment, principal: Principal | None = None) -> Context:
    return dataclasses.replace(deployment.context(principal), clock=PlatformClock(deployment.database))


async def test_a_moved_clock_is_seen_at_once_here_and_after_a_refresh_elsewhere(deployment: Deployment) -> None:
    here, elsewhere = with_platform_clock(deployment), PlatformClock(deployment.database)
    assert abs(here.clock.now() - real_time()) < MOMENT

    moved = await move_clock(here, by=400 * DAY)

    assert abs(moved - (real_time() + 400 * DAY)) < MOMENT
    assert abs(here.clock.now() - (real_time() + 400 * DAY)) < MOMENT
    assert abs(elsewhere.now() - real_time()) < MOMENT
    await elsewhere.refresh()
    assert abs(elsewhere.now() - here.clock.now()) < MOMENT


async def test_moves_add_up_and_are_audited(deployment: Deployment) -> None:
    context = with_platform_clock(deployment)
    await move_clock(context, by=DAY)
    target = real_time() + 10 * DAY
    contexts = [context, with_platform_clock(deployment)]
    # Of two moves to the same instant the second finds it reached, give or take the time between the two.
    await asyncio.gather(*(move_clock(each, to=target) for each in contexts), return_exceptions=True)

    offset = await deployment.database.read(Scope.everything(), "select clock_offset_microseconds from deployment")
    assert abs(offset[0][0] - 10 * DAY // datetime.timedelta(microseconds=1)) < 5_000_000
    commands = "select distinct command, subject from audit_entry"
    assert await deployment.database.read(Scope.everything(), commands) == [("clock.move", "depl")]


async def test_the_clock_is_kept_current_in_the_background(deployment: Deployment) -> None:
    follower = PlatformClock(deployment.database)
    keeping = asyncio.create_task(follower.keep_current())
    await move_clock(with_platform_clock(deployment), by=DAY)

    await asyncio.sleep(1.5)
    keeping.cancel()

    assert abs(follower.now() - (real_time() + DAY)) < MOMENT


async def test_a_live_deployment_refuses(deployment: Deployment) -> None:
    async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as owner:
        await owner.execute("update deployment set sandbox = false")

    with pytest.raises(RefusedError) as refused:
        await move_clock(with_platform_clock(deployment), by=DAY)

    assert refused.value.code is ErrorCode.NOT_SANDBOX


async def test_the_database_itself_keeps_a_live_deployment_at_real_time(deployment: Deployment) -> None:
    async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as owner:
        with pytest.raises(psycopg.errors.CheckViolation):
            await owner.execute("update deployment set sandbox = false, clock_offset_microseconds = 1")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda: ClockMove(by=-DAY), ("input", "by")),
        (lambda: ClockMove(to=real_time() - DAY), ("input", "to")),
        (lambda: ClockMove(by=3_000_000 * DAY), ("input", "by")),
    ],
)
async def test_time_never_runs_back_nor_out_of_bounds(
    deployment: Deployment, change: Callable[[], ClockMove], field: tuple[str, ...]
) -> None:
    with pytest.raises(InputError) as refused:
        await move(with_platform_clock(deployment), change())

    assert refused.value.problems[0].field == field


@pytest.mark.parametrize("given", [{}, {"by": DAY, "to": real_time()}])
def test_a_move_is_to_or_by(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ClockMove.model_validate(given)


@pytest.mark.parametrize(
    ("permissions", "scope", "error"),
    [
        (frozenset(), Scope.everything(), AccessError),
        (frozenset({"deployment.write"}), Scope("limited", staff=True), NotFoundError),
    ],
)
async def test_only_those_without_a_limit_move_it(
    deployment: Deployment, permissions: frozenset[str], scope: Scope, error: type[ArrearsError]
) -> None:
    principal = dataclasses.replace(Principal.system("x"), permissions=permissions, scope=scope)

    with pytest.raises(error):
        await move_clock(with_platform_clock(deployment, principal), by=DAY)
