"""Days at the ends of the calendar are refused where they are told: rules that count from them would fail for all."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from arrears_sdk.ids import encode_id
from arrears_us_federal import UsFederal
from arrears_us_states import UsStates
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.case import Case

FACT = """
mutation($input: FactRecordInput!) { factRecord(input: $input) { fact { id } userErrors { code field } } }
"""
LICENCE = """
mutation($input: LicenceRecordInput!) { licenceRecord(input: $input) { licence { id } userErrors { code field } } }
"""
REQUEST = """
mutation($input: ContactRequestInput!) { contactRequest(input: $input) { permit { id } userErrors { code field } } }
"""
ACT = """
mutation($input: ActionRequestInput!) { actionRequest(input: $input) { permit { id } userErrors { code field } } }
"""
FIRST, LAST = "0001-01-01", "9999-12-31"


async def _ids(deployment: Deployment) -> tuple[str, str]:
    case = Case(deployment)
    client = await case.client()
    debtor = await case.person(client)
    return encode_id("dbtr", debtor), encode_id("acct", await case.account(client, debtor))


def _refused(answer: dict[str, Any]) -> list[tuple[str, list[str]]]:
    (payload,) = answer["data"].values()
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("receivedAt", {"kind": "CEASE", "receivedAt": f"{FIRST}T00:00:00Z"}),
        ("startsAt", {"kind": "CEASE", "startsAt": f"{LAST}T23:59:59Z"}),
        ("endsAt", {"kind": "CEASE", "endsAt": f"{LAST}T23:59:59Z"}),
        ("on", {"kind": "BANKRUPTCY", "on": FIRST}),
        ("on", {"kind": "BANKRUPTCY", "on": LAST}),
    ],
)
async def test_facts(api: Api, deployment: Deployment, name: str, told: dict[str, Any]) -> None:
    debtor, _ = await _ids(deployment)
    answer = await api(FACT, {"input": {"debtorId": debtor, "source": "DEBTOR", **told}})
    assert _refused(answer) == [("INVALID_INPUT", ["input", name])]


@pytest.mark.parametrize("day", [FIRST, LAST])
async def test_licences_replies_and_planned_acts(api: Api, deployment: Deployment, day: str) -> None:
    debtor, account = await _ids(deployment)
    reply = {"idempotencyKey": "1", "channel": "PHONE_CALL", "debtorId": debtor, "replyTo": f"{day}T00:00:00Z"}
    suit = {"idempotencyKey": "1", "action": "SUE", "accountId": account, "plannedOn": day}

    licence = await api(LICENCE, {"input": {"place": "US-NY", "kind": "LICENCE", "fromOn": day}})

    assert _refused(licence) == [("INVALID_INPUT", ["input", "fromOn"])]
    assert _refused(await api(REQUEST, {"input": reply})) == [("INVALID_INPUT", ["input", "replyTo"])]
    assert _refused(await api(ACT, {"input": suit})) == [("INVALID_INPUT", ["input", "plannedOn"])]


@pytest.mark.parametrize("day", [FIRST, LAST])
async def test_rows_of_other_systems_with_such_days_stop_no_rule(api: Api, deployment: Deployment, day: str) -> None:
    # given: what an import of old may have brought
    await host_with(deployment, [UsFederal, UsStates], {"us-federal": {}, "us-states": {}})
    _, account = await _ids(deployment)
    columns = ("itemization_on", "first_delinquency_on", "default_on", "accrues_from_on", "charge_off_on")
    with psycopg.connect(deployment.urls.owner) as connection:
        connection.execute("update account set opened_on = '0001-01-01', due_on = %s, placed_on = %s", [day, day])
        for column in columns:
            connection.execute(f"update account set {column} = %s".encode(), [day])
        connection.execute("update debtor set date_of_birth = '0001-01-01'")

    # when
    asked = "query($a: [ID!]!) { canContact(accountIds: $a, channel: PHONE_CALL) { findings { rule reason } } }"
    answer = await api(asked, {"a": [account]})
    act = "query($a: ID!) { canAct(accountId: $a, action: SUE) { findings { rule reason } } }"
    suit = await api(act, {"a": account})

    # then
    [contact] = answer["data"]["canContact"]
    rules = {finding["rule"] for finding in [*contact["findings"], *suit["data"]["canAct"]["findings"]]}
    assert "us.nyc.licence" in rules
    assert "host.plugin-failed" not in rules
