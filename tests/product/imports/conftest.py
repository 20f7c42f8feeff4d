"""A desk to take files in at, for the tests of imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Deployment
from tests.product.imports.files import Desk


@pytest.fixture
async def desk(deployment: Deployment, tmp_path: Path) -> Desk:
    """A deployment with one client and an empty folder."""
    return await Desk.open(deployment, tmp_path)
