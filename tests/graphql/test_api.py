"""Reads and writes through the whole API: what a front-end team can rely on."""

from __future__ import annotations

from typing import Any

import pytest

from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.graphql.small_agency import SmallAgency

ACCOUNT = """
query($id: ID!) { account(id: $id) { id reference version status balance { amount currency } } }
"""
UPDATE = """
mutation($input: AccountUpdateInput!) {
  accountUpdate(input: $input) {
    userErrors { code field message }
    account { reference version originalReference client { name } parties { nodes { role } } }
  }
}
"""


async def test_a_mutation_gives_back_the_entity_under_the_callers_selection(
    api: Api, small_agency: SmallAgency
) -> None:
    """Given an account, when its reference is changed, then the payload reads the account back after the commit."""
    account = encode_id("acct", small_agency.accounts[0])
    version = (await api(ACCOUNT, {"id": account}))["data"]["account"]["version"]

    answer = await api(UPDATE, {"input": {"accountId": account, "version": version, "originalReference": "X-1"}})

    assert answer["data"]["accountUpdate"] == {
        "userErrors": [],
        "account": {
            "reference": "INV-0",
            "version": version + 1,
            "originalReference": "X-1",
            "client": {"name": "Client 0"},
            "parties": {"nodes": [{"role": "PRIMARY"}]},
        },
    }


async def test_a_stale_version_is_a_conflict(api: Api, small_agency: SmallAgency) -> None:
    """Given two users who read the same version, when both change it, then the second gets CONFLICT."""
    account = encode_id("acct", small_agency.accounts[0])
    version = (await api(ACCOUNT, {"id": account}))["data"]["account"]["version"]
    await api(UPDATE, {"input": {"accountId": account, "version": version, "originalReference": "first"}})

    answer = await api(UPDATE, {"input": {"accountId": account, "version": version, "originalReference": "second"}})

    payload = answer["data"]["accountUpdate"]
    assert payload["account"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("CONFLICT", ["input", "version"])]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("clnt_" + "0" * 32, "INVALID_ID"), ("nonsense", "INVALID_ID"), ("acct_" + "0" * 32, "NOT_FOUND")],
)
async def test_a_wrong_id_in_an_input_is_a_user_error(
    api: Api, small_agency: SmallAgency, wrong: str, code: str
) -> None:
    """Given ids of another kind, malformed and unknown ones, when they are written to, then each gets its own code."""
    answer = await api(UPDATE, {"input": {"accountId": wrong, "version": 1, "originalReference": "x"}})

    errors = answer["data"]["accountUpdate"]["userErrors"]
    assert [(error["code"], error["field"]) for error in errors] == [(code, ["input", "accountId"])]


async def test_a_payment_is_recorded_once_under_one_key(api: Api, small_agency: SmallAgency) -> None:
    """Given one idempotency key, when a payment is sent twice, then it is recorded once and the replay says so."""
    mutation = """
    mutation($input: PaymentRecordInput!) {
      paymentRecord(input: $input) { userErrors { code } payment { amount { amount } } account { balance { amount } } }
    }
    """
    account = encode_id("acct", small_agency.accounts[0])
    given = {
        "input": {
            "idempotencyKey": "one",
            "accountId": account,
            "amount": {"amount": "5.00", "currency": "USD"},
            "method": "CARD",
        }
    }

    first = await api(mutation, given)
    second = await api(mutation, given)

    assert first["data"] == second["data"]
    assert first["data"]["paymentRecord"]["payment"] == {"amount": {"amount": "5.00"}}
    assert first["data"]["paymentRecord"]["account"] == {"balance": {"amount": "100.00"}}
    assert "idempotency" not in first["extensions"]
    assert second["extensions"]["idempotency"] == {"replayed": True}


async def test_another_input_under_a_used_key_is_refused(api: Api, small_agency: SmallAgency) -> None:
    """Given a used key, when it comes with another amount, then nothing is recorded and the code says why."""
    mutation = "mutation($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code } } }"
    account = encode_id("acct", small_agency.accounts[0])

    def given(amount: str) -> dict[str, Any]:
        money = {"amount": amount, "currency": "USD"}
        return {"input": {"idempotencyKey": "k", "accountId": account, "amount": money, "method": "CARD"}}

    await api(mutation, given("5.00"))
    answer = await api(mutation, given("6.00"))

    assert answer["data"]["paymentRecord"]["userErrors"] == [{"code": "IDEMPOTENCY_KEY_REUSED"}]


async def test_a_client_user_sees_a_foreign_account_as_it_sees_an_unknown_one(
    api: Api, small_agency: SmallAgency
) -> None:
    """Given a client user, when it asks for another client's account, then the answer is that for an unknown id."""
    await api.sign_in("CLIENT", clients=[small_agency.clients[0]])
    foreign = encode_id("acct", small_agency.accounts[-1])
    unknown = "acct_" + "0" * 31 + "1"
    query = "query($id: ID!) { account(id: $id) { reference } node(id: $id) { id } nodes(ids: [$id]) { id } }"

    answers = [await api(query, {"id": given}, role="CLIENT") for given in (foreign, unknown)]

    assert answers[0]["data"] == answers[1]["data"] == {"account": None, "node": None, "nodes": [None]}


async def test_a_field_without_permission_refuses_the_operation_before_it_runs(
    api: Api, small_agency: SmallAgency
) -> None:
    """Given a client user, when it selects the audit, then nothing is answered and the permission is named."""
    await api.sign_in("CLIENT", clients=[small_agency.clients[0]])

    answer = await api("{ accounts { nodes { id } } auditEntries { nodes { id } } }", role="CLIENT")

    assert answer.get("data") is None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
    assert "audit.read" in answer["errors"][0]["message"]


async def test_a_masked_value_is_found_by_no_filter(api: Api, small_agency: SmallAgency) -> None:
    """Given a role that sees phones masked, when it searches by phone, then it is refused, whatever matches."""
    await api.sign_in("CLIENT", clients=[small_agency.clients[0]])
    query = 'query { debtorSearch(text: "2025550100", kind: PHONE) { nodes { displayName } } }'

    answer = await api(query, role="CLIENT")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_pages_join_without_gap_or_overlap(api: Api, small_agency: SmallAgency) -> None:
    """Given eight accounts, when they are read in pages of three both ways, then each comes once, in order."""
    query = """
    query($first: Int, $after: String, $last: Int, $before: String) {
      accounts(first: $first, after: $after, last: $last, before: $before, orderBy: {field: DUE_ON, direction: DESC}) {
        nodes { reference } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
    """
    whole = [node["reference"] for node in (await api(query, {}))["data"]["accounts"]["nodes"]]
    forward: list[str] = []
    cursor = None
    for _ in range(3):
        page = (await api(query, {"first": 3, "after": cursor}))["data"]["accounts"]
        forward += [node["reference"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
    backward: list[str] = []
    cursor = None
    for _ in range(3):
        page = (await api(query, {"last": 3, "before": cursor}))["data"]["accounts"]
        backward = [node["reference"] for node in page["nodes"]] + backward
        cursor = page["pageInfo"]["startCursor"]

    assert len(whole) == 8
    assert forward == whole
    assert backward == whole


async def test_a_cursor_of_another_order_is_refused(api: Api, small_agency: SmallAgency) -> None:
    """Given a cursor of a list by reference, when it is used in one by due day, then the error says so."""
    first = await api("{ accounts(first: 1, orderBy: {field: REFERENCE}) { pageInfo { endCursor } } }")
    cursor = first["data"]["accounts"]["pageInfo"]["endCursor"]

    answer = await api(
        "query($c: String) { accounts(after: $c, orderBy: {field: DUE_ON}) { nodes { id } } }", {"c": cursor}
    )

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert "start that list anew" in answer["errors"][0]["message"]


async def test_introspection_and_planned_fields_come_together(
    api: Api, small_agency: SmallAgency, deployment: Deployment
) -> None:
    """Given an operation that is planned in part, when it runs, then both parts are there."""
    answer = await api(
        "{ __schema { queryType { name } } viewer { name } accounts(first: 1) { nodes { __typename reference } } "
        f'node(id: "{encode_id("clnt", small_agency.clients[0])}") {{ __typename ... on Client {{ name }} }} }}'
    )

    assert answer["data"] == {
        "__schema": {"queryType": {"name": "Query"}},
        "viewer": {"name": "ADMIN of the test"},
        "accounts": {"nodes": [{"__typename": "Account", "reference": "INV-0"}]},
        "node": {"__typename": "Client", "name": "Client 0"},
    }
