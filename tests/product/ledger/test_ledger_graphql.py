"""The ledger as front-ends see it: recorded and reversed by mutation, read back with balances as of a day."""

from __future__ import annotations

from typing import Any

import pytest

from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.product.ledger.books import Books

OPEN = """
mutation ($input: OpeningBalanceRecordInput!) {
  openingBalanceRecord(input: $input) {
    userErrors { code field message }
    entry { id kind amount { amount currency } }
    account { id balance { amount } principal { amount } costs { amount } placed { amount } }
  }
}
"""
CHARGE = """
mutation ($input: ChargeRecordInput!) {
  chargeRecord(input: $input) {
    userErrors { code field }
    entry { kind reason effectiveOn amount { amount } }
    account { balance { amount } fees { amount } }
  }
}
"""
PAY = """
mutation ($input: PaymentRecordInput!) {
  paymentRecord(input: $input) {
    userErrors { code field }
    payment { id state method paidTo receivedOn reference amount { amount currency } account { id } }
    entry { postings(first: 10) { nodes { ledgerAccount component amount { amount } } } }
    account { balance { amount } lastPaymentOn }
  }
}
"""
REVERSE_PAYMENT = """
mutation ($input: PaymentReverseInput!) {
  paymentReverse(input: $input) {
    userErrors { code field }
    payment { state }
    entry { kind reason amount { amount } reverses { id kind isReversed } }
    account { balance { amount } }
  }
}
"""
REVERSE_ENTRY = """
mutation ($input: EntryReverseInput!) {
  entryReverse(input: $input) {
    userErrors { code field }
    entry { kind }
    reversedEntry { isReversed }
    account { balance { amount } }
  }
}
"""


def dollars(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


async def sent(api: Api, mutation: str, **given: Any) -> dict[str, Any]:
    """What a mutation gives back; a top-level error fails the test."""
    answer = await api(mutation, {"input": {"idempotencyKey": new_id().hex, **given}})
    assert "errors" not in answer, answer["errors"]
    (payload,) = answer["data"].values()
    return dict(payload)


# 20.00 of 114.00 in proportion to what is owed of each component, and the money itself in the agency's book.
PAID_POSTINGS = [
    ("RECEIVABLE", "PRINCIPAL", "-6.00"),
    ("RECOVERED", "PRINCIPAL", "6.00"),
    ("RECEIVABLE", "FEES", "-10.00"),
    ("RECOVERED", "FEES", "10.00"),
    ("RECEIVABLE", "COSTS", "-4.00"),
    ("RECOVERED", "COSTS", "4.00"),
    ("TRUST_BANK", None, "20.00"),
    ("CLIENT_PAYABLE", None, "-20.00"),
]


async def balances_on(api: Api, days: list[str]) -> dict[str, list[str]]:
    query = "query ($day: Date!) { accounts(asOf: $day) { nodes { balance { amount } } } }"
    answers = {day: await api(query, {"day": day}) for day in days}
    return {
        day: [node["balance"]["amount"] for node in answer["data"]["accounts"]["nodes"]]
        for day, answer in answers.items()
    }


@pytest.fixture
async def account(books: Books) -> str:
    """The id of an account on which nothing has been posted."""
    return encode_id("acct", await books.account(await books.client()))


async def test_a_debt_is_opened_charged_paid_and_corrected(api: Api, account: str) -> None:
    opened = await sent(
        api, OPEN, accountId=account, principal=dollars("100.00"), costs=dollars("4.00"), effectiveOn="2026-01-15"
    )
    assert opened["userErrors"] == []
    assert (opened["entry"]["kind"], opened["entry"]["amount"]) == ("OPENING_BALANCE", dollars("104.00"))
    assert opened["account"] == {
        "id": account,
        "balance": {"amount": "104.00"},
        "principal": {"amount": "100.00"},
        "costs": {"amount": "4.00"},
        "placed": {"amount": "104.00"},
    }

    charged = await sent(
        api, CHARGE, accountId=account, component="FEES", amount=dollars("10.00"), reason="Late fee",
        effectiveOn="2026-02-01",
    )  # fmt: skip
    made = {"kind": "CHARGE", "reason": "Late fee", "effectiveOn": "2026-02-01", "amount": {"amount": "10.00"}}
    assert charged["entry"] == made
    assert charged["account"] == {"balance": {"amount": "114.00"}, "fees": {"amount": "10.00"}}

    paid = await sent(
        api, PAY, accountId=account, amount=dollars("20.00"), method="CHEQUE", receivedOn="2026-02-15",
        reference="7",
    )  # fmt: skip
    payment = paid["payment"].pop("id")
    assert paid["payment"] == {
        "state": "RECORDED",
        "method": "CHEQUE",
        "paidTo": "AGENCY",
        "receivedOn": "2026-02-15",
        "reference": "7",
        "amount": dollars("20.00"),
        "account": {"id": account},
    }
    assert [
        (line["ledgerAccount"], line["component"], line["amount"]["amount"])
        for line in paid["entry"]["postings"]["nodes"]
    ] == PAID_POSTINGS
    assert paid["account"] == {"balance": {"amount": "94.00"}, "lastPaymentOn": "2026-02-15"}

    undone = await sent(
        api, REVERSE_PAYMENT, paymentId=payment, reason="Returned by the bank", effectiveOn="2026-02-20"
    )
    assert undone["payment"] == {"state": "REVERSED"}
    assert undone["entry"]["reverses"]["isReversed"] is True
    assert (undone["entry"]["kind"], undone["entry"]["amount"]) == ("REVERSAL", {"amount": "20.00"})
    assert undone["account"] == {"balance": {"amount": "114.00"}}

    days = ["2026-01-14", "2026-01-15", "2026-02-01", "2026-02-15", "2026-02-19", "2026-02-20"]
    assert await balances_on(api, days) == {
        "2026-01-14": [],
        "2026-01-15": ["104.00"],
        "2026-02-01": ["114.00"],
        "2026-02-15": ["94.00"],
        "2026-02-19": ["94.00"],
        "2026-02-20": ["114.00"],
    }


async def test_what_cannot_be_done_is_told_with_its_code_and_place(api: Api, account: str) -> None:
    await sent(api, OPEN, accountId=account, principal=dollars("50.00"))

    second = await sent(api, OPEN, accountId=account, principal=dollars("1.00"))
    more = await sent(api, PAY, accountId=account, amount=dollars("50.01"), method="CASH")
    foreign = await sent(api, PAY, accountId=account, amount={"amount": "1.00", "currency": "EUR"}, method="CASH")
    unknown = await sent(api, PAY, accountId=encode_id("acct", new_id()), amount=dollars("1.00"), method="CASH")
    wrong = await sent(api, PAY, accountId=encode_id("dbtr", new_id()), amount=dollars("1.00"), method="CASH")
    nothing = await sent(api, REVERSE_ENTRY, entryId=encode_id("entr", new_id()), reason="x")

    found = [
        [(error["code"], error["field"]) for error in payload["userErrors"]]
        for payload in (second, more, foreign, unknown, wrong, nothing)
    ]
    assert found == [
        [("OPENING_BALANCE_EXISTS", ["input", "accountId"])],
        [("AMOUNT_EXCEEDS_BALANCE", ["input", "amount"])],
        [("CURRENCY_MISMATCH", ["input", "amount"])],
        [("NOT_FOUND", ["input", "accountId"])],
        [("INVALID_ID", ["input", "accountId"])],
        [("NOT_FOUND", ["input", "entryId"])],
    ]
    assert (second["entry"], more["payment"]) == (None, None)


async def test_the_same_key_is_done_once_and_says_so(api: Api, account: str) -> None:
    await sent(api, OPEN, accountId=account, principal=dollars("50.00"))
    given = {"idempotencyKey": "k", "accountId": account, "amount": dollars("5.00"), "method": "CASH"}

    first = await api(PAY, {"input": given})
    again = await api(PAY, {"input": given})
    other = await api(PAY, {"input": {**given, "amount": dollars("6.00")}})

    assert again["data"] == first["data"]
    assert again["extensions"]["idempotency"] == {"replayed": True}
    assert [error["code"] for error in other["data"]["paymentRecord"]["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]


@pytest.mark.parametrize("mutation", [OPEN, CHARGE, PAY, REVERSE_PAYMENT, REVERSE_ENTRY])
async def test_money_moves_only_with_a_key_and_by_those_who_may(api: Api, mutation: str, account: str) -> None:
    without = await api(mutation, {"input": {}})
    assert {error["extensions"]["code"] for error in without["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert "idempotencyKey" in str(without["errors"])

    for role in ("COLLECTOR", "AUDITOR"):
        refused = await api(mutation, {"input": {"idempotencyKey": "k"}}, role=role)
        assert refused["errors"]


async def test_reversing_an_entry_by_id_shows_both(api: Api, account: str) -> None:
    opened = await sent(api, OPEN, accountId=account, principal=dollars("50.00"))

    undone = await sent(api, REVERSE_ENTRY, entryId=opened["entry"]["id"], reason="Placed by mistake")

    assert undone == {
        "userErrors": [],
        "entry": {"kind": "REVERSAL"},
        "reversedEntry": {"isReversed": True},
        "account": {"balance": {"amount": "0.00"}},
    }


async def test_the_agencys_own_lines_are_not_shown_to_whoever_is_limited_to_an_account(api: Api, books: Books) -> None:
    account_id = await books.account(await books.client())
    account = encode_id("acct", account_id)
    await sent(api, OPEN, accountId=account, principal=dollars("50.00"))
    await sent(api, PAY, accountId=account, amount=dollars("5.00"), method="CASH")
    key = await api.sign_in("COLLECTOR", accounts=[account_id])
    query = """{ payments { nodes { amount { amount }
      entries(first: 2) { nodes { postings(first: 9) { nodes { book ledgerAccount } } } } } } }"""

    nodes = (await api(query, key=key))["data"]["payments"]["nodes"]

    assert nodes == [
        {
            "amount": {"amount": "5.00"},
            "entries": {
                "nodes": [
                    {
                        "postings": {
                            "nodes": [
                                {"book": "DEBT", "ledgerAccount": "RECEIVABLE"},
                                {"book": "DEBT", "ledgerAccount": "RECOVERED"},
                            ]
                        }
                    }
                ]
            },
        }
    ]
