"""The guide to contacting people, followed to the letter: every query of it is sent and gives what the page shows."""

from __future__ import annotations

import ast
import asyncio
import datetime
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arrears.accounts.model import Product, Purpose
from arrears_us_federal import UsFederal
from arrears_us_states import UsStates
from tests.api import Api
from tests.conftest import Deployment
from tests.docs.pages import Reader, blocks_of
from tests.plugin_hosts import host_with
from tests.product.compliance.case import Case

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/guides/gate.md"
SHOWN_BY = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@dataclass
class FrontEnd(Reader):
    """A reader whose queries go to the API of the test."""

    api: Api | None = None
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def _post(self, query: str, variables: Any) -> dict[str, Any]:
        assert self.api is not None
        body = asyncio.run_coroutine_threadsafe(self.api(query, variables), self.loop).result(timeout=60)
        assert "errors" not in body, body
        for payload in body["data"].values():
            assert not payload.get("userErrors"), payload
        self.answers.append(body["data"])
        return dict(body["data"])


async def test_the_guide_holds_what_it_promises(api: Api, deployment: Deployment, tmp_path: Path) -> None:
    # given: eleven o'clock in New York
    deployment.clock.advance(datetime.timedelta(hours=4))
    case = Case(deployment)
    client = await case.client()
    await case.account(client, await case.person(client), product=Product.CARD, purpose=Purpose.CONSUMER)
    await host_with(deployment, [UsFederal, UsStates], {"us-federal": {}, "us-states": {}})
    blocks = blocks_of(PAGE)
    reader = FrontEnd(tmp_path, {}, api=api, loop=asyncio.get_running_loop())
    # when
    await asyncio.to_thread(reader.follow, blocks)
    # then
    assert len(reader.answers) == len([block for block in blocks if block.language == "graphql"]) == 8


def names_in(file: str) -> set[str]:
    """The names of a file's tests."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def test_every_bad_day_is_shown_by_a_test_that_there_is() -> None:
    _, _, table = PAGE.read_text("utf-8").partition("## Bad days")
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 19
    assert [row for row in rows if not SHOWN_BY.search(row)] == []
    assert [found for found in SHOWN_BY.findall(table) if found[1] not in names_in(found[0])] == []
