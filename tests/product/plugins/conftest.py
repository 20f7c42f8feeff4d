"""What the tests of the host share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from arrears_sdk.clock import FixedClock
from arrears_sdk.plugin import Plugin
from tests.plugin_hosts import TestHost, open_host

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Open = Callable[..., Awaitable[TestHost]]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens hosts with the plugins and options given, and closes them."""
    hosts: list[TestHost] = []

    async def open_one(*plugins: type[Plugin], **options: Any) -> TestHost:
        every = [*plugins, *options.pop("candidates", ())]
        hosts.append(await open_host(every, clock=FixedClock(NOON), **options))
        return hosts[-1]

    yield open_one
    for one in hosts:
        await one.host.close()
