"""What tests of persons' requests begin with."""

from __future__ import annotations

import pytest

from tests.conftest import Deployment
from tests.product.accounts.book import Book
from tests.product.privacy.people import People


@pytest.fixture
async def people(deployment: Deployment) -> People:
    """A debtor of two clients with something in every corner, whose accounts are open."""
    made = People(Book(deployment))
    await made.arrive()
    await made.live()
    return made
