"""Every audit of the npm package graphql-http passes, by its own code, run by Node.js."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from arrears.app import ServerSettings, serve
from arrears.graphql.graphiql.build import MODULES, BuildError, Node, ensure_installed
from tests.api import Api, application_for
from tests.conftest import Deployment
from tests.graphql.edge.running import running
from tests.graphql.edge.sample import GOOD_TOKEN

SCRIPT = Path(__file__).parent / "audit.mjs"
AUDITS = 61


@pytest.fixture(scope="module")
def node() -> Node:
    """A Node.js with the npm packages of the page, which graphql-http is one of."""
    try:
        return ensure_installed()
    except BuildError as error:
        pytest.skip(f"The audits need Node.js and the package graphql-http: {error}")


async def audit(node: Node, url: str, authorization: str) -> list[dict[str, str | None]]:
    """What each audit found."""
    process = await asyncio.create_subprocess_exec(
        str(node.folder / "node"),
        str(SCRIPT),
        str(MODULES),
        f"{url}/graphql",
        authorization,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    results: list[dict[str, str | None]] = json.loads(output)
    return results


@pytest.mark.timeout(240)
async def test_every_audit_of_graphql_http_passes(node: Node) -> None:
    async with running() as live:
        results = await audit(node, live.url, GOOD_TOKEN)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS


@pytest.mark.timeout(240)
async def test_every_audit_passes_on_the_platform_itself(node: Node, deployment: Deployment, api: Api) -> None:
    """With the planner behind the edge, and a key as anyone has it."""
    key = await api.sign_in("COLLECTOR")
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    application = application_for(deployment.context())
    serving = asyncio.create_task(serve(application, ServerSettings(port=0), stop, started=address.set_result))
    try:
        results = await audit(node, await address, f"Bearer {key}")
    finally:
        stop.set()
        await serving
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
