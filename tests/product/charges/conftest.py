"""What tests of fees begin with."""

from __future__ import annotations

import pytest

from tests.conftest import Deployment
from tests.product.charges.fees import Fees, late_fee


@pytest.fixture
async def fees(deployment: Deployment) -> Fees:
    """A client that charges ten dollars once a debt is ten days late."""
    return await Fees.open(deployment, late_fee())
