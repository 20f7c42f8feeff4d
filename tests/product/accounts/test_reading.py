"""Accounts through the API: as of a day, in total, by reference, and what stops them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from arrears.accounts.commands import HoldPlace, PartyOpening, place_hold
from arrears.accounts.model import HoldKind, HoldSource, PartyRole, days_past_due, standing
from arrears.debtors.model import CommunicationChannel
from arrears.ledger.commands import OpeningBalanceRecord, PaymentRecord, record_opening_balance, record_payment
from arrears.ledger.model import PaidTo, PaymentMethod
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from tests.api import Api
from tests.product.accounts.book import Book

JANUARY, FEBRUARY = datetime.date(2026, 1, 31), datetime.date(2026, 2, 28)
NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
LIST = """
query($asOf: Date, $where: AccountWhere, $orderBy: AccountOrder) {
  accounts(asOf: $asOf, where: $where, orderBy: $orderBy) {
    totalCount
    nodes { reference daysPastDue standing balance { amount currency } principal { amount } interest { amount } }
  }
}
"""
TOTALS = """
query($asOf: Date!, $clientId: ID) {
  accountTotals(asOf: $asOf, clientId: $clientId) {
    asOf
    currencies {
      currency openCount openBalance { amount currency } pastDueCount pastDueBalance { amount }
    }
  }
}
"""


@dataclass
class Ledgers:
    """A US client with three accounts in USD and a German one with one in EUR."""

    book: Book
    client: UUID
    debtor: UUID
    german: UUID
    accounts: dict[str, UUID]


@pytest.fixture
async def ledgers(book: Book) -> Ledgers:
    client, german = await book.client(), await book.client("Nord Bank", "Europe/Berlin", "EUR")
    debtor = await book.debtor(client, german)
    day = datetime.date(2026, 1, 1)
    accounts: dict[str, UUID] = {}
    for reference, owner, currency, opened, due, owed in (
        ("EARLY", client, "USD", day, day + datetime.timedelta(days=14), 10_000),
        ("LATER", client, "USD", day + datetime.timedelta(days=14), JANUARY, 5_050),
        ("FUTURE", client, "USD", FEBRUARY, datetime.date(2026, 3, 30), 700),
        ("EURO", german, "EUR", day, day, 333),
    ):
        account = await book.account(owner, debtor, reference, opened_on=opened, due_on=due, currency=currency)
        await record_opening_balance(
            book.context(),
            OpeningBalanceRecord(account_id=account, principal=Money(owed, currency), effective_on=opened),
        )
        accounts[reference] = account
    for reference, minor, paid in (("EARLY", 4_000, FEBRUARY), ("LATER", 5_050, JANUARY)):
        payment = PaymentRecord(
            account_id=accounts[reference],
            amount=Money(minor, "USD"),
            method=PaymentMethod.BANK_TRANSFER,
            paid_to=PaidTo.AGENCY,
            received_on=paid,
            effective_on=paid,
        )
        await record_payment(book.context(), payment)
    return Ledgers(book, client, debtor, german, accounts)


async def listed(api: Api, **variables: Any) -> list[tuple[Any, ...]]:
    answer = await api(LIST, {"orderBy": {"field": "REFERENCE"}, **variables})
    assert "errors" not in answer, answer
    nodes = answer["data"]["accounts"]["nodes"]
    assert answer["data"]["accounts"]["totalCount"] == len(nodes)
    return [(node["reference"], node["balance"]["amount"], node["daysPastDue"], node["standing"]) for node in nodes]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        # An invoice dated the day exists on it; a payment dated the day has been made; due on the day is not past due.
        ("2025-12-31", []),
        ("2026-01-01", [("EARLY", "100.00", 0, "OPEN"), ("EURO", "3.33", 0, "OPEN")]),
        (
            "2026-01-15",
            [("EARLY", "100.00", 0, "OPEN"), ("EURO", "3.33", 14, "PAST_DUE"), ("LATER", "50.50", 0, "OPEN")],
        ),
        (
            "2026-01-30",
            [("EARLY", "100.00", 15, "PAST_DUE"), ("EURO", "3.33", 29, "PAST_DUE"), ("LATER", "50.50", 0, "OPEN")],
        ),
        (
            "2026-01-31",
            [("EARLY", "100.00", 16, "PAST_DUE"), ("EURO", "3.33", 30, "PAST_DUE"), ("LATER", "0.00", 0, "SETTLED")],
        ),
        (
            "2026-02-28",
            [
                ("EARLY", "60.00", 44, "PAST_DUE"),
                ("EURO", "3.33", 58, "PAST_DUE"),
                ("FUTURE", "7.00", 0, "OPEN"),
                ("LATER", "0.00", 0, "SETTLED"),
            ],
        ),
    ],
)
async def test_accounts_as_of_a_day(ledgers: Ledgers, api: Api, as_of: str, expected: list[tuple[Any, ...]]) -> None:
    assert await listed(api, asOf=as_of) == expected


async def test_without_a_day_the_present_balances_and_the_clients_today_count(ledgers: Ledgers, api: Api) -> None:
    assert await listed(api) == [
        ("EARLY", "60.00", 46, "PAST_DUE"),
        ("EURO", "3.33", 60, "PAST_DUE"),
        ("FUTURE", "7.00", 0, "OPEN"),
        ("LATER", "0.00", 0, "SETTLED"),
    ]

    # At 23:30 UTC it is the next day in Berlin and still the same one in New York.
    ledgers.book.deployment.clock.advance(datetime.timedelta(hours=11, minutes=30))
    assert [line[2] for line in await listed(api)] == [46, 61, 0, 0]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"standing": {"eq": "PAST_DUE"}}, ["EARLY", "EURO"]),
        ({"standing": {"in": ["OPEN", "SETTLED"]}}, ["LATER"]),
        ({"balance": {"currency": "USD", "gt": "50.50"}}, ["EARLY"]),
        ({"dueOn": {"lt": "2026-01-31"}, "status": {"eq": "ACTIVE"}}, ["EARLY", "EURO"]),
        ({"not": {"standing": {"eq": "PAST_DUE"}}}, ["LATER"]),
    ],
)
async def test_filters_see_the_balances_of_the_day(
    ledgers: Ledgers, api: Api, where: dict[str, Any], expected: list[str]
) -> None:
    assert [line[0] for line in await listed(api, asOf="2026-01-31", where=where)] == expected


async def test_the_order_of_balances_is_the_days(ledgers: Ledgers, api: Api) -> None:
    order = {"field": "BALANCE", "direction": "DESC"}

    assert [line[0] for line in await listed(api, asOf="2026-01-30", orderBy=order)] == ["EARLY", "LATER", "EURO"]
    assert [line[0] for line in await listed(api, orderBy=order)] == ["EARLY", "FUTURE", "EURO", "LATER"]


async def test_totals_agree_with_the_lists_day_by_day(ledgers: Ledgers, api: Api) -> None:
    for day in range(0, 70, 3):
        as_of = (datetime.date(2025, 12, 30) + datetime.timedelta(days=day)).isoformat()
        answer = (await api(LIST, {"asOf": as_of}))["data"]["accounts"]["nodes"]
        expected: dict[str, list[float]] = {}
        for node in answer:
            cents = int(node["balance"]["amount"].replace(".", ""))
            if cents <= 0:
                continue
            line = expected.setdefault(node["balance"]["currency"], [0, 0, 0, 0])
            late = node["standing"] == "PAST_DUE"
            for place, value in enumerate((1, cents, int(late), cents if late else 0)):
                line[place] += value

        totals = (await api(TOTALS, {"asOf": as_of}))["data"]["accountTotals"]

        found = {
            line["currency"]: [
                line["openCount"],
                int(line["openBalance"]["amount"].replace(".", "")),
                line["pastDueCount"],
                int(line["pastDueBalance"]["amount"].replace(".", "")),
            ]
            for line in totals["currencies"]
        }
        assert found == expected, as_of


async def test_totals_of_one_client(ledgers: Ledgers, api: Api) -> None:
    answer = await api(TOTALS, {"asOf": "2026-02-28", "clientId": encode_id("clnt", ledgers.german)})

    assert answer["data"]["accountTotals"] == {
        "asOf": "2026-02-28",
        "currencies": [
            {
                "currency": "EUR",
                "openCount": 1,
                "openBalance": {"amount": "3.33", "currency": "EUR"},
                "pastDueCount": 1,
                "pastDueBalance": {"amount": "3.33"},
            }
        ],
    }


async def test_a_client_user_gets_the_totals_of_its_own_accounts(ledgers: Ledgers, api: Api) -> None:
    key = await api.sign_in("CLIENT", clients=[ledgers.german])

    answer = await api(TOTALS, {"asOf": "2026-02-28"}, key=key)

    assert [line["currency"] for line in answer["data"]["accountTotals"]["currencies"]] == ["EUR"]


async def test_an_account_is_found_by_its_clients_reference(ledgers: Ledgers, api: Api) -> None:
    card = await ledgers.book.account(ledgers.client, ledgers.debtor, "4111 1111 1111 1111")
    query = (
        "query($client: ID!, $reference: String!)"
        " { accountByReference(clientId: $client, reference: $reference) { id } }"
    )
    found = [
        (await api(query, {"client": encode_id("clnt", client), "reference": reference}))["data"]["accountByReference"]
        for client, reference in (
            (ledgers.client, "EARLY"),
            (ledgers.german, "EARLY"),
            (ledgers.client, "early"),
            (ledgers.client, "4111 1111 1111 1111"),
        )
    ]

    assert found == [
        {"id": encode_id("acct", ledgers.accounts["EARLY"])},
        None,
        None,
        {"id": encode_id("acct", card)},
    ]


async def test_what_is_stopped_now_is_told_with_the_account(ledgers: Ledgers, api: Api) -> None:
    account, debtor = ledgers.accounts["EARLY"], ledgers.debtor
    for given in (
        {"account_id": account, "kind": HoldKind.MILITARY},
        {"debtor_id": debtor, "kind": HoldKind.ATTORNEY},
        {"debtor_id": debtor, "kind": HoldKind.DECEASED, "starts_at": NOW + datetime.timedelta(days=1)},
        {"account_id": account, "kind": HoldKind.DISPUTE, "channel": CommunicationChannel.SMS},
        {"account_id": ledgers.accounts["EURO"], "kind": HoldKind.HARDSHIP},
    ):
        await place_hold(ledgers.book.context(), HoldPlace(reason="r", source=HoldSource.DEBTOR, **given))  # type: ignore[arg-type]
    query = """
    query($id: ID!) { account(id: $id) {
      blocked
      holds(where: {state: {eq: IN_FORCE}}) { nodes { kind scope state blocks channel } }
      debtor { holds(where: {state: {in: [PENDING]}}) { nodes { kind state } } }
    } }
    """

    answer = (await api(query, {"id": encode_id("acct", account)}))["data"]["account"]

    assert answer["blocked"] == ["CONTACT", "INTEREST", "LEGAL"]
    assert {(hold["kind"], hold["scope"], hold["channel"]) for hold in answer["holds"]["nodes"]} == {
        ("MILITARY", "DEBT", None),
        ("DISPUTE", "CHANNEL", "SMS"),
    }
    assert answer["debtor"]["holds"]["nodes"] == [{"kind": "DECEASED", "state": "PENDING"}]


async def test_a_co_debtor_reads_the_shared_account_without_the_other_debtor_or_anything_of_the_agencys(
    book: Book, api: Api
) -> None:
    client = await book.client()
    ada, bob = await book.debtor(client, name="Ada"), await book.debtor(client, name="Bob")
    shared = await book.account(client, ada, parties=(PartyOpening(debtor_id=bob, role=PartyRole.CO_DEBTOR),))
    key = await api.sign_in("DEBTOR", debtor=bob)
    variables = {"id": encode_id("acct", shared)}
    query = """
    query($id: ID!) { account(id: $id) {
      reference daysPastDue client { id } debtor { id } parties { nodes { name role debtor { id } } }
      creditorChain { name role }
    } }
    """

    seen = (await api(query.replace("client { id } ", ""), variables, key=key))["data"]["account"]

    assert seen == {
        "reference": "INV-1",
        "daysPastDue": 0,
        "debtor": None,
        "parties": {
            "nodes": [
                {"name": "Ada", "role": "PRIMARY", "debtor": None},
                {"name": "Bob", "role": "CO_DEBTOR", "debtor": {"id": encode_id("dbtr", bob)}},
            ]
        },
        "creditorChain": [{"name": "Acme Bank", "role": "CURRENT"}],
    }
    for hidden in ("holds { totalCount }", "blocked", "interactions { totalCount }", "team { name }"):
        answer = await api(f"query($id: ID!) {{ account(id: $id) {{ {hidden} }} }}", variables, key=key)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}, hidden


@pytest.mark.parametrize(
    ("balance", "due", "expected", "days"),
    [(0, -1, "SETTLED", 0), (-5, -1, "SETTLED", 0), (1, 0, "OPEN", 0), (1, 1, "OPEN", 0), (1, -1, "PAST_DUE", 1)],
)
def test_past_due_begins_the_day_after(balance: int, due: int, expected: str, days: int) -> None:
    due_on = JANUARY + datetime.timedelta(days=due)

    assert standing(balance, due_on, JANUARY).value == expected
    assert days_past_due(balance, due_on, JANUARY) == days
