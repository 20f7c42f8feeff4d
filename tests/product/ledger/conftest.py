"""Books to post in, for the tests of the ledger."""

from __future__ import annotations

import pytest

from tests.conftest import Deployment
from tests.product.ledger.books import Books


@pytest.fixture
def books(deployment: Deployment) -> Books:
    """An empty deployment to which clients and accounts can be added."""
    return Books(deployment)
