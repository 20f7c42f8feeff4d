from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from arrears_sdk.clock import FixedClock
from arrears_sdk.testing.hosts import START, FakeHost

# The modules beside this file are imported by their own names.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def double() -> Iterator[object]:
    from world import StripeWorld

    world = StripeWorld()
    yield world
    world.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def host(clock: FixedClock) -> FakeHost:
    return FakeHost(clock, name="stripe")
