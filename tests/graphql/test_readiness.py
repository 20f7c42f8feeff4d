"""The deployment is ready while its database answers and has the schema of this version."""

from __future__ import annotations

from pathlib import Path

import httpx
import psycopg

from arrears.app.deployed import application_of
from arrears.deployment import open_deployment
from arrears.kernel.keys import new_key_text
from arrears.settings import read_settings
from tests.conftest import Deployment


async def test_a_database_migrated_by_another_version_makes_the_server_unready(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Given a server that is ready, when a newer version migrates the database, then it says that it is not."""
    settings = read_settings(
        data_folder=tmp_path,
        database_url=deployment.urls.owner,
        api_database_url=deployment.urls.api,
        worker_database_url=deployment.urls.worker,
        deployment_keys=new_key_text(),
    )
    async with open_deployment(settings) as opened:
        application = application_of(opened)
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://arrears.test") as http:
            before = await http.get("/readyz")
            with psycopg.connect(deployment.urls.owner) as connection:
                connection.execute("update alembic_version set version_num = '9999'")
            application.health._known_until = 0
            after = await http.get("/readyz")
    assert (before.status_code, before.json()) == (
        200,
        {"status": "ready", "checks": {"database": "ok", "schema": "ok"}},
    )
    assert (after.status_code, after.json()) == (
        503,
        {"status": "unready", "checks": {"database": "ok", "schema": "failed"}},
    )
