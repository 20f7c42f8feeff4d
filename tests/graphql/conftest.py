"""What the tests of the API have beside a deployment: a small agency in it."""

from __future__ import annotations

import pytest

from tests.conftest import Deployment
from tests.graphql.small_agency import SmallAgency, make_small_agency


@pytest.fixture
async def small_agency(deployment: Deployment) -> SmallAgency:
    """Two clients with four debtors each, made by the platform's own commands."""
    return await make_small_agency(deployment)
