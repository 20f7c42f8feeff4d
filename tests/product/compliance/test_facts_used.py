"""Each finding of a rule of law tells the facts that it used: those that it names, else what was asked."""

from __future__ import annotations

import datetime

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


async def test_no_rule_of_law_objects_without_a_fact(api: Api, case: Case, deployment: Deployment) -> None:
    # given
    deployment.clock.advance(datetime.timedelta(hours=4))
    client = await case.client()
    debtor = await case.person(client)
    account = encode_id("acct", await case.account(client, debtor, product=Product.CARD, purpose=Purpose.CONSUMER))
    await host_with(deployment, [UsFederal, UsStates], {"us-federal": {}, "us-states": {}})
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
