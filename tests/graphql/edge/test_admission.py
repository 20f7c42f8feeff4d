"""Places, the queue before them, and refusals that take their time."""

from __future__ import annotations

import asyncio
import time

import pytest

from arrears.graphql.edge.admission import InFlight, OpenStreams
from arrears.graphql.edge.holding import Holding
from arrears_sdk.errors import LimitError, TemporaryError

BUSY = "The server is busy: too many requests at once."


def queue_of(places: int, queue: int, seconds: float = 5.0) -> InFlight:
    return InFlight(places, "requests at once", queue=queue, queue_seconds=seconds)


async def test_places_go_to_those_who_waited_longest() -> None:
    in_flight = queue_of(1, 10)
    await in_flight.enter()
    order: list[int] = []

    async def come(number: int) -> None:
        await in_flight.enter()
        order.append(number)
        await asyncio.sleep(0)
        in_flight.leave()

    tasks = [asyncio.create_task(come(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert order == []
    in_flight.leave()
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3, 4]
    assert in_flight.taken == 0


async def test_who_waits_too_long_is_refused_and_takes_nobodys_place() -> None:
    in_flight = queue_of(1, 10, 0.02)
    await in_flight.enter()
    with pytest.raises(TemporaryError, match=BUSY):
        await in_flight.enter()
    in_flight.leave()
    assert in_flight.taken == 0
    await in_flight.enter()
    in_flight.leave()


async def test_a_full_queue_refuses_at_once() -> None:
    in_flight = queue_of(1, 1)
    await in_flight.enter()
    waiting = asyncio.create_task(in_flight.enter())
    await asyncio.sleep(0)
    began = time.monotonic()
    with pytest.raises(TemporaryError, match=BUSY):
        await in_flight.enter()
    assert time.monotonic() - began < 0.5
    in_flight.leave()
    await waiting
    in_flight.leave()
    assert in_flight.taken == 0


async def test_who_gives_up_waiting_loses_no_place() -> None:
    in_flight = queue_of(1, 10)
    await in_flight.enter()
    first, second = asyncio.create_task(in_flight.enter()), asyncio.create_task(in_flight.enter())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    in_flight.leave()
    await second
    # One that is cancelled at the very moment it is given its place passes that on.
    third, fourth = asyncio.create_task(in_flight.enter()), asyncio.create_task(in_flight.enter())
    await asyncio.sleep(0)
    in_flight.leave()
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)
    await fourth
    in_flight.leave()
    assert in_flight.taken == 0


async def test_a_shutdown_refuses_who_waits() -> None:
    in_flight = queue_of(1, 10)
    await in_flight.enter()
    waiting = asyncio.create_task(in_flight.enter())
    await asyncio.sleep(0)
    in_flight.drain()
    with pytest.raises(TemporaryError, match="shutting down"):
        await waiting
    with pytest.raises(TemporaryError, match="shutting down"):
        await in_flight.enter()
    in_flight.leave()
    assert in_flight.taken == 0


async def test_streams_have_places_in_all_and_for_each_credential() -> None:
    streams = OpenStreams(2, 1)
    closed: list[tuple[int, str]] = []
    with streams.place(lambda code, reason: closed.append((code, reason))), streams.claim("a"):
        with pytest.raises(LimitError, match="This credential has 1 streams open already"), streams.claim("a"):
            pass
        with streams.place(lambda code, reason: None), streams.claim("b"):
            with pytest.raises(TemporaryError, match="too many open streams"), streams.place(lambda c, r: None):
                pass
            assert len(streams) == 2
        streams.drain()
        assert closed == [(1001, "The server is shutting down.")]
        with pytest.raises(TemporaryError, match="shutting down"), streams.place(lambda code, reason: None):
            pass
    await asyncio.wait_for(streams.emptied(), 1)
    assert len(streams) == 0


async def test_refusals_are_held_a_moment_and_longer_when_the_loop_falls_behind() -> None:
    holding = Holding(0.02, 0.5, 10)
    began = time.monotonic()
    await holding.hold()
    assert 0.005 < time.monotonic() - began < 0.4
    # The loop is blocked for a while, as too much work would block it.
    time.sleep(0.3)  # noqa: ASYNC251 (that is the point)
    await asyncio.sleep(0.01)
    began = time.monotonic()
    await holding.hold()
    assert time.monotonic() - began > 0.2
    assert holding.held == 0


async def test_when_very_many_are_held_the_next_goes_out_at_once() -> None:
    holding = Holding(5, 5, 1)
    held = asyncio.create_task(holding.hold())
    await asyncio.sleep(0)
    began = time.monotonic()
    await holding.hold()
    assert time.monotonic() - began < 1
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    assert holding.held == 0


async def test_the_loop_is_watched_only_while_it_matters() -> None:
    holding = Holding(0, 0, 10)
    await holding.hold()
    assert holding.lag._ticking
    async with asyncio.timeout(5):
        while holding.lag._ticking:  # noqa: ASYNC110 (it stops by itself)
            await asyncio.sleep(0.02)
