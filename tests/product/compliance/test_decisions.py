"""A contact is asked for with effect: the decision is kept as it was, attributed, for whoever may see the debtor."""

from __future__ import annotations

import datetime
from typing import Any

import psycopg
import pytest

from arrears.accounts.model import HoldKind
from arrears_quiet_hours import QuietHours
from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import DECISION, REQUEST, Demanding, Refusing, Silent, brief
from tests.product.compliance.case import Case

ONE = f"query($id: ID!) {{ decision(id: $id) {{ {DECISION} }} }}"
LISTED = """
query($where: DecisionWhere) {
  decisions(where: $where, orderBy: { field: DECIDED_AT }) { nodes { id verdict } totalCount }
}
"""


NOTICE = {
    "name": "validation notice",
    "kind": "OTHER",
    "word": "validation notice",
    "mutation": None,
    "meaning": "This has to be met first: validation notice.",
}


async def request(api: Api, *, key: str | None = None, again: str = "once", **given: Any) -> dict[str, Any]:
    """The whole answer to a request for a contact."""
    variables = {"input": {"idempotencyKey": again, "channel": "PHONE_CALL", **given}}
    return await api(REQUEST, variables, key=key)


async def decided(api: Api, **given: Any) -> dict[str, Any]:
    """The decision on a contact that nothing was wrong with."""
    answer = await request(api, **given)
    assert "errors" not in answer, answer
    payload = answer["data"]["contactRequest"]
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["decision"]
    return found


async def test_a_decision_says_who_asked_what_and_what_was_said(api: Api, case: Case, deployment: Deployment) -> None:
    # given: seven o'clock in New York
    client = await case.client()
    debtor = await case.person(client)
    account, point = await case.account(client, debtor), await case.phone_of(debtor)
    await host_with(deployment, [QuietHours, Demanding])
    # when
    decision = await decided(api, accountIds=[encode_id("acct", account)], contactPointId=encode_id("cont", point))
    # then
    assert {name: value for name, value in decision.items() if name not in ("id", "findings", "factsDigest")} == {
        "client": {"id": encode_id("clnt", client)},
        "debtor": {"id": encode_id("dbtr", debtor)},
        "decidedAt": "2026-03-02T12:00:00.000000Z",
        "decidedBy": "ADMIN of the test",
        "channel": "PHONE_CALL",
        "contactPoint": {"id": encode_id("cont", point)},
        "atDebtorRequest": False,
        "requiredByLaw": False,
        "verdict": "DEFER",
        "until": "2026-03-02T13:00:00.000000Z",
        "rounds": 1,
        "requirements": [NOTICE],
        "kind": "CONTACT",
        "retrospective": False,
        "rules": [],
        "plugins": [
            {"name": "demanding", "version": "2.1", "settingsVersion": 1},
            {"name": "quiet-hours", "version": "0", "settingsVersion": 1},
        ],
        "settingsVersion": 1,
        "accounts": {
            "nodes": [
                {
                    "account": {"id": encode_id("acct", account)},
                    "verdict": "DEFER",
                    "until": "2026-03-02T13:00:00.000000Z",
                }
            ]
        },
    }
    assert brief(decision["findings"]) == [
        ("DEFER", "quiet-hours", "quiet-hours.window"),
        ("REQUIRE", "demanding", "demanding.notice"),
    ]
    assert decision["findings"][1] == {
        "verdict": "REQUIRE",
        "reason": "No notice was sent.",
        "rule": "demanding.notice",
        "citation": "§ 1",
        "until": None,
        "requirement": "validation notice",
        "missingFact": None,
        "plugin": "demanding",
        "pluginVersion": "2.1",
        "settingsVersion": 1,
        "clientId": encode_id("clnt", client),
    }
    assert len(decision["factsDigest"]) == 64


async def test_months_later_the_same_is_read_whatever_changed(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(client, debtor)
    opened = await host_with(deployment, [QuietHours, Refusing], {"quiet-hours": {}})
    before = await decided(api, debtorId=encode_id("dbtr", debtor))
    opened.change({"refusing": {}})
    await case.hold(HoldKind.CEASE_COMMUNICATION, account_id=account)
    deployment.clock.advance(datetime.timedelta(days=180))
    after = (await api(ONE, {"id": before["id"]}))["data"]["decision"]
    assert after == before
    now = await decided(api, debtorId=encode_id("dbtr", debtor), again="later")
    assert brief(now["findings"]) == [("DENY", "arrears", "arrears.hold"), ("DENY", "refusing", "refusing.never")]
    assert (now["settingsVersion"], before["settingsVersion"]) == (2, 1)


@pytest.mark.parametrize("role", ["owner", "api", "worker"])
@pytest.mark.parametrize("table", ["decision", "decision_account"])
async def test_nobody_changes_or_deletes_a_decision(
    api: Api, case: Case, deployment: Deployment, table: str, role: str
) -> None:
    client = await case.client()
    account = await case.account(client, await case.person(client))
    await host_with(deployment, [Silent])
    await decided(api, accountIds=[encode_id("acct", account)])
    for statement in (f"update {table} set verdict = 'DENY'", f"delete from {table}", f"truncate {table} cascade"):
        with psycopg.connect(getattr(deployment.urls, role)) as connection:
            connection.execute("select set_config('app.scope', 'all', true)")
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.Error)) as refused:
                connection.execute(statement)  # type: ignore[arg-type]
            assert refused.value.sqlstate in ("AR001", "42501")


async def test_the_same_key_gives_the_first_decision_and_asks_nobody_again(
    api: Api, case: Case, deployment: Deployment
) -> None:
    client = await case.client()
    given = {"accountIds": [encode_id("acct", await case.account(client, await case.person(client)))]}
    opened = await host_with(deployment, [Silent, Refusing], {"silent": {}})
    first = await decided(api, **given)
    opened.change({"refusing": {}})
    again = await request(api, **given)
    assert again["data"]["contactRequest"]["decision"] == first
    assert again["extensions"]["idempotency"] == {"replayed": True}
    other = await request(api, **{**given, "channel": "SMS"})
    assert other["data"]["contactRequest"]["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await case.rows("select count(*) from decision") == [(1,)]


async def test_the_audit_and_the_event_tell_of_the_decision_and_who_said_what(
    api: Api, case: Case, deployment: Deployment
) -> None:
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(client, debtor)
    await host_with(deployment, [Refusing, Silent])
    decision = await decided(api, accountIds=[encode_id("acct", account)])
    query = "query($id: String!) { auditEntries(subjectId: $id) { nodes { command subjectId after } } }"
    (entry,) = (await api(query, {"id": decision["id"]}))["data"]["auditEntries"]["nodes"]
    after = entry["after"]
    assert (entry["command"], entry["subjectId"]) == ("contact.request", decision["id"])
    assert (after["verdict"], after["facts_digest"]) == ("DENY", decision["factsDigest"])
    assert after["findings"] == [{"plugin": "refusing", "version": "3.0", "rule": "refusing.never", "verdict": "DENY"}]
    assert [plugin["name"] for plugin in after["plugins"]] == ["refusing", "silent"]
    assert await case.events("ContactDecided") == [
        {
            "debtorId": str(debtor),
            "accountIds": [str(account)],
            "channel": "PHONE_CALL",
            "contactPointId": None,
            "verdict": "DENY",
            "until": None,
        }
    ]


async def test_a_contact_about_debts_of_two_clients_has_one_decision(
    api: Api, case: Case, deployment: Deployment
) -> None:
    bank, shop = await case.client(), await case.client("Shop")
    debtor = await case.person(bank, shop)
    accounts = [encode_id("acct", await case.account(client, debtor)) for client in (bank, shop)]
    await host_with(deployment, [Silent])
    decision = await decided(api, debtorId=encode_id("dbtr", debtor))
    assert decision["client"] is None
    assert [node["account"]["id"] for node in decision["accounts"]["nodes"]] == accounts
    query = """query($debtor: ID!, $account: ID!) {
      debtor(id: $debtor) { decisions { nodes { id } } }
      account(id: $account) { decisions(where: {verdict: {eq: ALLOW}}) { nodes { verdict decision { id } } } }
    }"""
    found = (await api(query, {"debtor": encode_id("dbtr", debtor), "account": accounts[1]}))["data"]
    assert found == {
        "debtor": {"decisions": {"nodes": [{"id": decision["id"]}]}},
        "account": {"decisions": {"nodes": [{"verdict": "ALLOW", "decision": {"id": decision["id"]}}]}},
    }


async def test_decisions_are_found_by_verdict_client_and_debtor(api: Api, case: Case, deployment: Deployment) -> None:
    bank, shop = await case.client(), await case.client("Shop")
    ada, bob = await case.person(bank), await case.person(shop)
    await case.account(bank, ada)
    await case.account(shop, bob)
    opened = await host_with(deployment, [Silent, Refusing], {"silent": {}})
    allowed = await decided(api, debtorId=encode_id("dbtr", ada), again="1")
    opened.change({"refusing": {}})
    deployment.clock.advance(datetime.timedelta(minutes=1))
    denied = await decided(api, debtorId=encode_id("dbtr", bob), again="2")

    async def ids(where: dict[str, Any] | None) -> list[str]:
        answer = await api(LISTED, {"where": where})
        return [node["id"] for node in answer["data"]["decisions"]["nodes"]]

    assert await ids(None) == [allowed["id"], denied["id"]]
    assert await ids({"verdict": {"eq": "DENY"}}) == [denied["id"]]
    assert await ids({"clientId": {"eq": encode_id("clnt", bank)}}) == [allowed["id"]]
    assert await ids({"debtorId": {"eq": encode_id("dbtr", bob)}}) == [denied["id"]]
    assert await ids({"decidedAt": {"gt": allowed["decidedAt"]}}) == [denied["id"]]


async def test_only_those_who_may_see_the_debtor_ask_and_read(api: Api, case: Case, deployment: Deployment) -> None:
    bank, shop = await case.client(), await case.client("Shop")
    account = encode_id("acct", await case.account(bank, await case.person(bank)))
    await host_with(deployment, [Silent])
    decision = await decided(api, accountIds=[account])
    own, other = await api.sign_in("COLLECTOR", clients=[bank]), await api.sign_in("COLLECTOR", clients=[shop])

    assert (await api(ONE, {"id": decision["id"]}, key=own))["data"]["decision"] == decision
    assert (await api(ONE, {"id": decision["id"]}, key=other))["data"]["decision"] is None
    assert (await api(LISTED, {}, key=other))["data"]["decisions"] == {"nodes": [], "totalCount": 0}
    refused = await request(api, key=other, accountIds=[account])
    assert refused["data"]["contactRequest"] == {
        "decision": None,
        "permit": None,
        "userErrors": [
            {
                "code": "NOT_FOUND",
                "message": "There is no such record (acct) that you may see.",
                "field": ["input", "accountIds"],
            }
        ],
    }
    auditor = await api.sign_in("AUDITOR")
    assert (await api(ONE, {"id": decision["id"]}, key=auditor))["data"]["decision"]["verdict"] == "ALLOW"
    for key in (auditor, await api.sign_in("CLIENT", clients=[bank])):
        answer = await request(api, key=key, accountIds=[account])
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    client_key = await api.sign_in("CLIENT", clients=[bank])
    unread = await api(ONE, {"id": decision["id"]}, key=client_key)
    assert unread["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await case.rows("select count(*) from decision") == [(1,)]


async def test_requests_that_make_no_sense_store_nothing(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    debtor = await case.person(client)
    first = encode_id("acct", await case.account(client, debtor))
    second = encode_id("acct", await case.account(client, await case.person(client), "INV-2"))
    await host_with(deployment, [Silent])
    point = encode_id("cont", await case.phone_of(debtor))
    problems = []
    for given in (
        {},
        {"accountIds": [first, second]},
        {"accountIds": [first], "channel": "EMAIL", "contactPointId": point},
        {"accountIds": [encode_id("acct", new_id())] * 101},
        {"debtorId": encode_id("dbtr", new_id())},
        {"debtorId": first},
    ):
        (problem,) = (await request(api, **given))["data"]["contactRequest"]["userErrors"]
        problems.append((problem["code"], problem["field"]))
    assert problems == [
        ("REQUIRED", ["input", "debtorId"]),
        ("INVALID_INPUT", ["input", "accountIds"]),
        ("INVALID_INPUT", ["input", "contactPointId"]),
        ("INVALID_INPUT", ["input", "accountIds"]),
        ("NOT_FOUND", ["input", "debtorId"]),
        ("INVALID_ID", ["input", "debtorId"]),
    ]
    assert await case.rows("select count(*) from decision") == [(0,)]
