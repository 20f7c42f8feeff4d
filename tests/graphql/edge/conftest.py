"""The application around the sample engine, with and without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from arrears.graphql.edge.settings import EdgeSettings
from tests.graphql.edge.running import Edge, Running, inside, running

SMALL = EdgeSettings(
    max_body_bytes=200_000, body_seconds=0.5, connection_init_seconds=0.3, recheck_seconds=0.05, upload_seconds=2
)


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    """The application with small limits, called directly."""
    async with inside(SMALL) as application:
        yield application


@pytest.fixture
async def live() -> AsyncIterator[Running]:
    """The same behind a server, in the test's own event loop."""
    async with running(SMALL) as server:
        yield server
