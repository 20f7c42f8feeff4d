"""Every audit of the npm package graphql-http passes, by its own code, run by Node.js."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from arrears.graphql.graphiql.build import MODULES, BuildError, Node, ensure_installed
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


@pytest.mark.timeout(240)
async def test_every_audit_of_graphql_http_passes(node: Node) -> None:
    async with running() as live:
        process = await asyncio.create_subprocess_exec(
            str(node.folder / "node"),
            str(SCRIPT),
            str(MODULES),
            f"{live.url}/graphql",
            GOOD_TOKEN,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    results = json.loads(output)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
