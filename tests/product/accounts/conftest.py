"""What tests of accounts begin with."""

from __future__ import annotations

import pytest

from tests.conftest import Deployment
from tests.product.accounts.book import Book


@pytest.fixture
def book(deployment: Deployment) -> Book:
    """An empty deployment with shortcuts to clients, debtors and accounts."""
    return Book(deployment)
