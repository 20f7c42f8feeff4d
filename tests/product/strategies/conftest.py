"""What tests of strategies begin with."""

from __future__ import annotations

import pytest

from tests.conftest import Deployment
from tests.product.strategies.desk import Desk


@pytest.fixture
def desk(deployment: Deployment) -> Desk:
    """An empty deployment with shortcuts to accounts that have a history."""
    return Desk(deployment)
