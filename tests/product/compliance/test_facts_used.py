"""Each finding of a rule of law tells the facts that it used: those that it names, else what was asked."""

from __future__ import annotations

import datetime

import pytest

from arrears.accounts.model import Product, Purpose
from arrears_sdk.ids import encode_id
from arrears_us_federal import UsFederal
from arrears_us_states import UsStates
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.case import Case

FINDINGS = "findings { rule verdict facts { name value } }"
CONTACT = (
    f"query($ids: [ID!]) {{ canContact(accountIds: $ids, channel: EMAIL, content: [SAME_LANGUAGE]) {{ {FINDINGS} }} }}"
)
ACT = f"query($id: ID!) {{ canAct(accountId: $id, action: SUE) {{ {FINDINGS} }} }}"

REQUEST = "mutation($input: ActionRequestInput!) { actionRequest(input: $input) { decision { id verdict } } }"
MISSING = "query($id: ID!) { decisionExplain(id: $id) { missingFacts { name meaning mutation } } }"


@pytest.fixture
async def account(case: Case, deployment: Deployment) -> str:
    """A card debt of somebody in New York at eleven o'clock, under the law of the United States."""
    deployment.clock.advance(datetime.timedelta(hours=4))
    client = await case.client()
    debtor = await case.person(client)
    await host_with(deployment, [UsFederal, UsStates], {"us-federal": {}, "us-states": {}})
    return encode_id("acct", await case.account(client, debtor, product=Product.CARD, purpose=Purpose.CONSUMER))


async def test_no_rule_of_law_objects_without_a_fact(api: Api, account: str) -> None:
    # when
    contact = (await api(CONTACT, {"ids": [account]}))["data"]["canContact"][0]["findings"]
    act = (await api(ACT, {"id": account}))["data"]["canAct"]["findings"]
    # then
    objecting = [one for one in [*contact, *act] if one["verdict"] != "ALLOW"]
    assert len(objecting) > 5
    assert [one["rule"] for one in objecting if not one["facts"]] == []
    said = {one["rule"]: {fact["name"]: fact["value"] for fact in one["facts"]} for one in contact}
    assert said["us.regf.initial-disclosure"] == {
        "contact": "email",
        "purpose": "collect",
        "party": "debtor",
        "carries": "same language",
    }


async def test_what_was_not_said_is_missing_with_the_mutation_that_says_it(api: Api, account: str) -> None:
    given = {"accountId": account, "action": "SUE", "idempotencyKey": "suit"}
    decision = (await api(REQUEST, {"input": given}))["data"]["actionRequest"]["decision"]
    found = (await api(MISSING, {"id": decision["id"]}))["data"]["decisionExplain"]["missingFacts"]
    (place,) = [one for one in found if one["name"] == "place"]
    assert (place["mutation"], place["meaning"]) == ("actionRequest", "Nobody said where: ask again with a place.")
    assert [one["name"] for one in found if one["mutation"] is None] == []
