"""The guide to debts, followed to the letter: its settings hold, and every operation gives what the page shows."""

from __future__ import annotations

import asyncio
import tomllib
from decimal import Decimal
from pathlib import Path

from arrears.accounts.model import Product
from arrears_csv_importer import CsvImporter
from tests.api import Api
from tests.conftest import Deployment
from tests.docs.pages import blocks_of
from tests.docs.test_gate_guide import FrontEnd
from tests.plugin_hosts import host_with
from tests.product.ledger.books import Books

PAGE = Path(__file__).parents[2] / "docs/guides/debts.md"
NINE = "update account set interest_rate_percent = %(percent)s, product = %(product)s"


async def test_the_guide_holds_what_it_promises(api: Api, deployment: Deployment, tmp_path: Path) -> None:
    # given: a loan whose contract has nine per cent
    blocks = blocks_of(PAGE)
    settings = tomllib.loads(blocks[0].text)["settings"]
    await host_with(deployment, [CsvImporter], settings)  # type: ignore[arg-type]
    books = Books(deployment)
    await books.account(await books.client())
    await books.execute(NINE, {"percent": Decimal(9), "product": Product.LOAN.value})
    reader = FrontEnd(tmp_path, {}, api=api, loop=asyncio.get_running_loop())
    # when
    await asyncio.to_thread(reader.follow, blocks)
    # then
    assert len(reader.answers) == len([block for block in blocks if block.language == "graphql"])
    position = reader.answers[-2]["account"]
    assert position["before"]["owed"]["principal"]["amount"] == "0.00"
    assert position["position"]["owed"] == {"principal": {"amount": "524.19"}, "interest": {"amount": "1.81"}}
    assert reader.answers[-1]["accountStatement"]["closing"]["owed"]["total"]["amount"] == "427.94"
