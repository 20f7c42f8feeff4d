"""Books to post in, for the tests of the ledger."""

from __future__ import annotations

import pytest

from tests.api import Api
from tests.conftest import Deployment
from tests.product.ledger.books import Books
from tests.product.ledger.desk import Desk


@pytest.fixture
def books(deployment: Deployment) -> Books:
    """An empty deployment to which clients and accounts can be added."""
    return Books(deployment)


@pytest.fixture
async def desk(api: Api, books: Books) -> Desk:
    """A clerk's desk for the accounts of one client."""
    return Desk(api, books, await books.client())
