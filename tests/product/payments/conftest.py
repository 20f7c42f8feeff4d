"""A till for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api import Api
from tests.conftest import Deployment
from tests.product.payments.till import Till


@pytest.fixture
async def till(deployment: Deployment, api: Api, tmp_path: Path) -> Till:
    """An account that owes 100.00 USD, and the sandbox to pay through."""
    return await Till.open(deployment, api, tmp_path)
