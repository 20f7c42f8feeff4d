"""Fees as front-ends see them: previewed, quoted, claimed and waived by mutation, with their history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.conftest import Deployment
from tests.product.charges.fees import ONE_DAY, TODAY, Fees, late_fee

FEE = "feeClaim { id rule period kind state amount { amount currency } claimedOn forgiven { amount } }"
QUOTE = f"""
mutation ($input: FeeClaimQuoteInput!) {{
  feeClaimQuote(input: $input) {{ userErrors {{ code field message }} {FEE} account {{ fees {{ amount }} }} }}
}}
"""
CLAIM = f"""
mutation ($input: FeeClaimClaimInput!) {{
  feeClaimClaim(input: $input) {{ userErrors {{ code field }} {FEE} account {{ fees {{ amount }} }} }}
}}
"""
WAIVE = f"""
mutation ($input: FeeClaimWaiveInput!) {{
  feeClaimWaive(input: $input) {{ userErrors {{ code field }} {FEE} account {{ fees {{ amount }} }} }}
}}
"""
PREVIEW = """
query ($client: ID!, $on: Date, $accounts: [ID!]) {
  feeClaimsPreview(clientId: $client, on: $on, accountIds: $accounts) {
    on fees { accountId rule kind charged period amount { amount } base { amount } cap daysPastDue claimOn }
    pageInfo { hasNextPage }
  }
}
"""
SHOWN = """
query ($id: ID!) {
  account(id: $id) {
    feeClaims {
      nodes {
        rule state amount { amount } base { amount } computed { amount } cap daysPastDue settingsVersion
        entry { kind effectiveOn amount { amount } }
        steps { position step state effectiveOn recordedByName reason entry { kind } }
      }
    }
  }
  feeClaims(where: { state: { eq: WAIVED } }) { nodes { rule } }
}
"""


async def sent(api: Api, mutation: str, role: str = "ADMIN", **given: Any) -> dict[str, Any]:
    answer = await api(mutation, {"input": {"idempotencyKey": new_id().hex, **given}}, role=role)
    assert "errors" not in answer, answer["errors"]
    (payload,) = answer["data"].values()
    return dict(payload)


def account_id(account: UUID) -> str:
    return encode_id("acct", account)


async def test_a_fee_from_its_preview_to_its_waiver(api: Api, deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(percent="5", principal_percent="2", quoted_first=3))
    account = await fees.debt()
    client = encode_id("clnt", fees.client_id)

    answer = await api(PREVIEW, {"client": client, "on": "2026-03-05"})
    assert answer["data"]["feeClaimsPreview"] == {
        "on": "2026-03-05",
        "fees": [
            {
                "accountId": account_id(account),
                "rule": "late",
                "kind": "LATE",
                "charged": "ONCE",
                "period": "ONCE",
                "amount": {"amount": "20.00"},
                "base": {"amount": "1000.00"},
                "cap": "The most that all fees of the account may come to.",
                "daysPastDue": 19,
                "claimOn": "2026-03-08",
            }
        ],
        "pageInfo": {"hasNextPage": False},
    }

    quoted = await sent(api, QUOTE, accountId=account_id(account), rule="late")
    assert quoted["userErrors"] == []
    fee = quoted["feeClaim"]
    assert (fee["state"], fee["amount"]) == ("QUOTED", {"amount": "20.00", "currency": "USD"})
    assert quoted["account"] == {"fees": {"amount": "0.00"}}

    early = await sent(api, CLAIM, feeClaimId=fee["id"])
    assert [one["code"] for one in early["userErrors"]] == ["FEE_NOT_DUE"]
    fees.go_to(TODAY + 3 * ONE_DAY)
    claimed = await sent(api, CLAIM, feeClaimId=fee["id"])
    assert (claimed["feeClaim"]["state"], claimed["feeClaim"]["claimedOn"]) == ("CLAIMED", "2026-03-05")
    assert claimed["account"] == {"fees": {"amount": "20.00"}}
    waived = await sent(api, WAIVE, feeClaimId=fee["id"], reason="Kept a promise")
    assert (waived["feeClaim"]["state"], waived["feeClaim"]["forgiven"]) == ("WAIVED", {"amount": "20.00"})
    assert waived["account"] == {"fees": {"amount": "0.00"}}

    found = (await api(SHOWN, {"id": account_id(account)}))["data"]
    (shown,) = found["account"]["feeClaims"]["nodes"]
    assert shown["entry"] == {"kind": "FEE", "effectiveOn": "2026-03-05", "amount": {"amount": "20.00"}}
    assert (shown["computed"], shown["base"]) == ({"amount": "50.00"}, {"amount": "1000.00"})
    assert [(one["step"], one["effectiveOn"], one["reason"], one["entry"]) for one in shown["steps"]] == [
        (
            "QUOTED",
            "2026-03-02",
            "16 days past due; 50.00 USD lowered: The most that all fees of the account may come to.",
            None,
        ),
        ("CLAIMED", "2026-03-05", "The gate allowed it", {"kind": "FEE"}),
        ("WAIVED", "2026-03-05", "Kept a promise", {"kind": "DISCOUNT"}),
    ]
    assert {one["recordedByName"] for one in shown["steps"]} == {"ADMIN of the test"}
    assert found["feeClaims"]["nodes"] == [{"rule": "late"}]


async def test_what_cannot_be_charged_is_said(api: Api, fees: Fees) -> None:
    account = await fees.debt()
    unknown = await sent(api, QUOTE, accountId=account_id(account), rule="nothing")
    assert [(one["code"], one["field"]) for one in unknown["userErrors"]] == [("NOT_FOUND", ["input", "rule"])]
    assert "it has: late" in unknown["userErrors"][0]["message"]
    first = await sent(api, QUOTE, accountId=account_id(account), rule="late")
    assert first["userErrors"] == []
    again = await sent(api, QUOTE, accountId=account_id(account), rule="late")
    assert [one["code"] for one in again["userErrors"]] == ["FEE_NOT_DUE"]
    closed = await fees.debt()
    await fees.execute(
        "update account set status = 'CLOSED', close_reason = 'SETTLED', closed_at = now() where id = %s", closed
    )
    refused = await sent(api, QUOTE, accountId=account_id(closed), rule="late")
    assert [one["code"] for one in refused["userErrors"]] == ["ACCOUNT_CLOSED"]


async def test_nobody_sees_or_moves_the_fees_of_another_client(api: Api, fees: Fees) -> None:
    account = await fees.debt()
    await fees.run()
    fee = encode_id("feec", await fees.fee(account))
    stranger = await api.sign_in("MANAGER", clients=[await fees.client("Other Bank")])
    read = await api(
        "query ($id: ID!) { feeClaim(id: $id) { id } feeClaims { nodes { id } } }", {"id": fee}, key=stranger
    )
    assert read["data"] == {"feeClaim": None, "feeClaims": {"nodes": []}}
    given = {"client": encode_id("clnt", fees.client_id)}
    assert (await api(PREVIEW, given, key=stranger))["data"] == {"feeClaimsPreview": None}
    change = {"input": {"idempotencyKey": "key", "feeClaimId": fee, "reason": "Mine"}}
    waived = (await api(WAIVE, change, key=stranger))["data"]["feeClaimWaive"]
    assert [one["code"] for one in waived["userErrors"]] == ["NOT_FOUND"]


async def test_who_may_only_read_the_ledger_moves_no_fee(api: Api, fees: Fees) -> None:
    account = await fees.debt()
    given = {"input": {"idempotencyKey": "key", "accountId": account_id(account), "rule": "late"}}
    answer = await api(QUOTE, given, role="AUDITOR")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    read = await api("{ feeClaims { nodes { id } } }", role="AUDITOR")
    assert read["data"] == {"feeClaims": {"nodes": []}}


async def test_accounts_that_are_named_are_previewed_alone(api: Api, fees: Fees) -> None:
    one, _ = await fees.debt(), await fees.debt()
    given = {"client": encode_id("clnt", fees.client_id), "accounts": [account_id(one)]}
    found = (await api(PREVIEW, given))["data"]["feeClaimsPreview"]
    assert [fee["accountId"] for fee in found["fees"]] == [account_id(one)]
    assert await fees.rows("select count(*) from fee_claim") == [(0,)]
