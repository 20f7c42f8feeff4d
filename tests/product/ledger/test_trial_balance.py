"""The trial balance: both sides of both books, by account and component, as of a day and as known at an instant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from arrears.ledger.commands import (
    ChargeRecord,
    OpeningBalanceRecord,
    PaymentRecord,
    record_charge,
    record_opening_balance,
    record_payment,
)
from arrears.ledger.model import DebtComponent, PaymentMethod
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from tests.api import Api
from tests.product.ledger.books import Books
from tests.product.ledger.posted import Ledger

TODAY = date(2026, 3, 2)
EARLIER = TODAY - timedelta(days=20)
QUERY = """
query($client: ID!, $asOf: Date, $knownAt: DateTime) {
  trialBalance(clientId: $client, asOf: $asOf, knownAt: $knownAt) {
    asOf knownAt
    books {
      currency book isBalanced debits { amount } credits { amount }
      lines { ledgerAccount component debits { amount } credits { amount } balance { amount } }
    }
  }
}
"""


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


def told(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Currency and book with both sums, then each line below."""
    found: list[tuple[Any, ...]] = []
    for book in answer["data"]["trialBalance"]["books"]:
        assert book["isBalanced"]
        found.append((book["currency"], book["book"], book["debits"]["amount"], book["credits"]["amount"]))
        found += [
            (line["ledgerAccount"], line["component"], line["debits"]["amount"], line["credits"]["amount"])
            for line in book["lines"]
        ]
    return found


async def test_both_books_balance_and_show_every_account(books: Books, api: Api) -> None:
    # given
    context = books.deployment.context()
    client = await books.client()
    account, yen = await books.account(client), await books.account(client, currency="JPY")
    await record_opening_balance(
        context, OpeningBalanceRecord(account_id=account, principal=usd("90.00"), effective_on=EARLIER)
    )
    await record_opening_balance(
        context, OpeningBalanceRecord(account_id=yen, principal=Money(700, "JPY"), effective_on=EARLIER)
    )
    opened = books.deployment.clock.now()
    books.deployment.clock.advance(timedelta(minutes=1))
    await record_charge(
        context,
        ChargeRecord(account_id=account, component=DebtComponent.FEES, amount=usd("5.00"), effective_on=EARLIER),
    )
    await record_payment(context, PaymentRecord(account_id=account, amount=usd("15.00"), method=PaymentMethod.CASH))
    given = {"client": encode_id("clnt", client)}

    # when
    now = await api(QUERY, given)
    then = await api(QUERY, {**given, "asOf": EARLIER.isoformat()})
    known = await api(QUERY, {**given, "asOf": EARLIER.isoformat(), "knownAt": opened.isoformat()})
    before = await api(QUERY, {**given, "asOf": (EARLIER - timedelta(days=1)).isoformat()})

    # then
    assert told(now) == [
        ("JPY", "DEBT", "700", "700"),
        ("RECEIVABLE", "PRINCIPAL", "700", "0"),
        ("PLACED", "PRINCIPAL", "0", "700"),
        ("USD", "DEBT", "110.00", "110.00"),
        ("RECEIVABLE", "PRINCIPAL", "90.00", "10.00"),
        ("RECEIVABLE", "FEES", "5.00", "5.00"),
        ("PLACED", "PRINCIPAL", "0.00", "90.00"),
        ("PLACED", "FEES", "0.00", "5.00"),
        ("RECOVERED", "PRINCIPAL", "10.00", "0.00"),
        ("RECOVERED", "FEES", "5.00", "0.00"),
        ("USD", "AGENCY", "15.00", "15.00"),
        ("TRUST_BANK", None, "15.00", "0.00"),
        ("CLIENT_PAYABLE", None, "0.00", "15.00"),
    ]
    assert told(then)[3:] == [
        ("USD", "DEBT", "95.00", "95.00"),
        ("RECEIVABLE", "PRINCIPAL", "90.00", "0.00"),
        ("RECEIVABLE", "FEES", "5.00", "0.00"),
        ("PLACED", "PRINCIPAL", "0.00", "90.00"),
        ("PLACED", "FEES", "0.00", "5.00"),
    ]
    assert told(known)[3:] == [
        ("USD", "DEBT", "90.00", "90.00"),
        ("RECEIVABLE", "PRINCIPAL", "90.00", "0.00"),
        ("PLACED", "PRINCIPAL", "0.00", "90.00"),
    ]
    assert told(before) == []
    lines = now["data"]["trialBalance"]["books"][1]["lines"]
    assert [line["balance"]["amount"] for line in lines] == ["80.00", "0.00", "-90.00", "-5.00", "10.00", "5.00"]


async def test_sums_beyond_64_bits_are_exact(books: Books, api: Api) -> None:
    ledger, client = Ledger(books), await books.client()
    for _ in range(3):
        await ledger.post(client, await books.account(client), 2**63 - 1, EARLIER)

    answer = await api(QUERY, {"client": encode_id("clnt", client)})

    assert told(answer)[0] == ("USD", "DEBT", "276701161105643274.21", "276701161105643274.21")


@pytest.mark.parametrize("case", ["another client", "an unknown client", "some accounts only"])
async def test_whoever_does_not_see_the_whole_is_told_nothing(books: Books, api: Api, case: str) -> None:
    ours, theirs = await books.client(), await books.client()
    account = await books.account(ours)
    key = (
        await api.sign_in("COLLECTOR", accounts=[account])
        if case == "some accounts only"
        else await api.sign_in("CLIENT", clients=[ours])
    )
    asked = {"another client": theirs, "an unknown client": new_id(), "some accounts only": ours}[case]

    answer = await api(QUERY, {"client": encode_id("clnt", asked)}, key=key)

    if case == "some accounts only":
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    else:
        assert answer["data"] == {"trialBalance": None}
        assert "errors" not in answer


async def test_a_client_user_gets_its_own(books: Books, api: Api) -> None:
    client = await books.client()
    await Ledger(books).post(client, await books.account(client), 250, EARLIER)
    key = await api.sign_in("CLIENT", clients=[client])

    answer = await api(QUERY, {"client": encode_id("clnt", client)}, key=key)

    assert told(answer)[0] == ("USD", "DEBT", "2.50", "2.50")
