"""Facts that are corrected after a decision: it stays as it was, its permit is overtaken, the next one knows better."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from arrears.accounts.model import Product, Purpose
from arrears_sdk.ids import encode_id
from arrears_us_federal import UsFederal
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.case import Case
from tests.product.compliance.permits import Desk
from tests.product.compliance.test_decisions_replay import replayed

RECORD = "mutation($input: FactRecordInput!) { factRecord(input: $input) { fact { id version } userErrors { code } } }"
WITHDRAW = "mutation($input: FactWithdrawInput!) { factWithdraw(input: $input) { fact { state } userErrors { code } } }"
EXPLAIN = (
    "query($id: ID!) { decisionExplain(id: $id) { verdict factsState findings { rule verdict facts { value } } } }"
)
CEASE = "us.regf.cease"
SAID = ["CALLER_IDENTITY", "INITIAL_DISCLOSURE"]


@pytest.fixture
async def desk(api: Api, case: Case, deployment: Deployment) -> Desk:
    """A collector's desk at eleven in New York, under the federal law of the United States."""
    deployment.clock.advance(datetime.timedelta(hours=4))
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(client, debtor, product=Product.CARD, purpose=Purpose.CONSUMER)
    await host_with(deployment, [UsFederal], {"us-federal": {}})
    return Desk(api, account, await case.phone_of(debtor))


async def cease(desk: Desk) -> dict[str, Any]:
    """The debtor's wish to hear nothing more, received an hour ago and recorded now."""
    received = "2026-03-02T15:00:00Z"
    given = {"accountId": encode_id("acct", desk.account), "kind": "CEASE", "word": "WRITTEN", "source": "DEBTOR"}
    payload = (await desk.api(RECORD, {"input": {**given, "receivedAt": received}}))["data"]["factRecord"]
    assert payload["userErrors"] == []
    fact: dict[str, Any] = payload["fact"]
    return fact


async def explained(desk: Desk, decision: str) -> dict[str, Any]:
    """The decision as it is explained now."""
    found: dict[str, Any] = (await desk.api(EXPLAIN, {"id": decision}))["data"]["decisionExplain"]
    return found


async def test_a_fact_that_never_was_leaves_what_was_decided_on_it(desk: Desk, deployment: Deployment) -> None:
    # given
    fact = await cease(desk)
    refused = (await desk.ask(content=SAID))["decision"]
    before = await explained(desk, refused["id"])
    assert (refused["verdict"], CEASE in [one["rule"] for one in refused["findings"]]) == ("DENY", True)
    # when
    deployment.clock.advance(datetime.timedelta(minutes=5))
    withdrawn = {"factId": fact["id"], "version": fact["version"], "reason": "Another debtor's letter"}
    assert (await desk.api(WITHDRAW, {"input": withdrawn}))["data"]["factWithdraw"]["userErrors"] == []
    # then
    assert await explained(desk, refused["id"]) == before
    assert before["factsState"] == "KEPT"
    assert (await replayed(desk.api))["differences"] == []
    asked_again = (await desk.ask(content=SAID))["decision"]
    assert CEASE not in [one["rule"] for one in asked_again["findings"]]


async def test_a_fact_that_is_learned_late_leaves_the_decision_and_takes_its_permit(
    desk: Desk, deployment: Deployment
) -> None:
    # given
    allowed = await desk.ask(content=SAID)
    assert allowed["permit"] is not None, allowed
    before = await explained(desk, allowed["decision"]["id"])
    # when: it was received before the decision, and recorded after it
    deployment.clock.advance(datetime.timedelta(minutes=5))
    await cease(desk)
    # then
    assert await desk.refusal(allowed["permit"]["id"]) == "PERMIT_OVERTAKEN"
    assert await explained(desk, allowed["decision"]["id"]) == before
    assert (await replayed(desk.api))["differences"] == []
    assert (await desk.ask(content=SAID))["decision"]["verdict"] == "DENY"
