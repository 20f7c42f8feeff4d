"""What tests of compliance begin with."""

from __future__ import annotations

import pytest

from tests.conftest import Deployment
from tests.product.compliance.case import Case


@pytest.fixture
def case(deployment: Deployment) -> Case:
    """An empty deployment with shortcuts to debtors in their places."""
    return Case(deployment)
