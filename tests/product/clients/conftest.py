"""A client, and ways to look at what is stored, for the tests of clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.kernel.principal import Principal
from tests.conftest import Deployment

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]


def bank(reference: str = "BANK", **further: Any) -> ClientCreate:
    """First Bank of New York."""
    values: dict[str, Any] = {
        "name": "First Bank",
        "reference": reference,
        "country": "US",
        "currency": "USD",
        "time_zone": "America/New_York",
        "collector_role": CollectorRole.THIRD_PARTY,
    }
    return ClientCreate.model_validate(values | further)


@pytest.fixture
async def client_id(deployment: Deployment) -> UUID:
    """The id of First Bank."""
    return (await client_create(deployment.context(), bank())).result.client_id


@pytest.fixture
def rows(deployment: Deployment) -> Rows:
    """Runs a query as the platform, or as a principal sees it."""

    async def run(sql: str, principal: Principal | None = None) -> list[tuple[Any, ...]]:
        return await deployment.database.read((principal or Principal.system("test")).scope, sql, {})

    return run
