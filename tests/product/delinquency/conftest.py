"""A desk for each test."""

from __future__ import annotations

import pytest

from tests.api import Api
from tests.conftest import Deployment
from tests.product.delinquency.desk import Desk


@pytest.fixture
async def desk(deployment: Deployment, api: Api) -> Desk:
    """A client with the usual buckets and no days of grace."""
    return await Desk.open(deployment, api)
