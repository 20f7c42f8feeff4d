"""The guide to contacting people, followed to the letter: every query of it is sent and gives what the page shows."""

from __future__ import annotations

import asyncio
import datetime
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

PAGE = Path(__file__).parents[2] / "docs/guides/gate.md"


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
