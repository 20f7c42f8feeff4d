"""The main job on real input: two years of invoices taken in, and every day of them read back to the cent.

The figures that GraphQL gives are compared with figures computed here from the file itself, by other code.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.imports.commands import run_import
from arrears.imports.mapping import read_mapping
from arrears.imports.model import ImportOptions, ImportReport
from arrears.ledger.verification import verify
from arrears_sdk.money import Money
from tests.api import Api, application_for
from tests.conftest import Deployment

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT.parent / "shared" / "data" / "accounts_receivable.csv"
MAPPING = ROOT / "docs" / "examples" / "receivables.toml"

pytestmark = pytest.mark.skipif(
    not SAMPLE.exists(), reason="the receivables sample is not beside the repository (shared/data)"
)

DAYS = [
    date(2012, 1, 3),  # the first invoice of the sample
    date(2012, 2, 29),
    date(2012, 12, 31),
    date(2013, 6, 30),
    date(2013, 10, 6),
    date(2014, 1, 8),  # the day before the last settlement
    date(2014, 1, 9),
    date(2026, 3, 2),
]


@dataclass(frozen=True)
class Invoice:
    """A row of the sample, read by code that shares nothing with the import."""

    number: str
    customer: str
    amount: Decimal
    invoiced_on: date
    due_on: date
    settled_on: date
    disputed: bool

    def is_open(self, day: date) -> bool:
        return self.invoiced_on <= day < self.settled_on


def invoices() -> list[Invoice]:
    def day(text: str) -> date:
        month, day_of_month, year = map(int, text.split("/"))
        return date(year, month, day_of_month)

    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return [
            Invoice(
                row["invoiceNumber"],
                row["customerID"],
                Decimal(row["InvoiceAmount"]),
                day(row["InvoiceDate"]),
                day(row["DueDate"]),
                day(row["SettledDate"]),
                row["Disputed"] == "Yes",
            )
            for row in csv.DictReader(file)
        ]


@dataclass
class Book:
    """The sample taken in, and the API over it."""

    deployment: Deployment
    api: Api
    report: ImportReport

    async def open_accounts(self, day: date) -> tuple[dict[str, Any], int]:
        """The accounts that are open at the end of a day, by reference, page by page; and what totalCount says."""
        found: dict[str, Any] = {}
        after, count = None, 0
        while True:
            answer = await self.api(OPEN_ACCOUNTS, {"asOf": day.isoformat(), "after": after})
            assert "errors" not in answer, answer["errors"]
            page = answer["data"]["accounts"]
            count = page["totalCount"]
            found |= {node["reference"]: node for node in page["nodes"]}
            if not page["pageInfo"]["hasNextPage"]:
                return found, count
            after = page["pageInfo"]["endCursor"]


OPEN_ACCOUNTS = """
query ($asOf: Date!, $after: String) {
  accounts(asOf: $asOf, first: 250, after: $after, where: {standing: {in: [OPEN, PAST_DUE]}},
           orderBy: {field: DUE_ON}) {
    totalCount
    nodes {
      reference dueOn daysPastDue standing
      balance { amount currency } principal { amount } debtor { displayName }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
TOTALS = """
query ($asOf: Date!) {
  accountTotals(asOf: $asOf) {
    currencies { currency openCount openBalance { amount } pastDueCount pastDueBalance { amount } }
  }
}
"""


@pytest.fixture
async def book(deployment: Deployment) -> AsyncIterator[Book]:
    context = deployment.context()
    client = ClientCreate(
        name="Sample Manufacturing",
        reference="SAMPLE",
        country="US",
        currency="USD",
        time_zone="America/New_York",
        collector_role=CollectorRole.THIRD_PARTY,
    )
    await client_create(context, client)
    announced = Money.parse("147703.18", "USD")
    options = ImportOptions(client="SAMPLE", expected_rows=2466, expected_totals=(announced,))
    report = await run_import(context, SAMPLE, read_mapping(MAPPING), options)
    transport = httpx.ASGITransport(app=application_for(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://arrears.test") as client_of_api:
        yield Book(deployment, Api(context, client_of_api), report)


async def test_every_day_of_the_sample_is_read_back_to_the_cent(book: Book) -> None:
    given = invoices()
    report = book.report
    assert (report.rows_accepted, report.rows_refused, report.debtors_created) == (2466, 0, 100)
    assert report.totals[0].accepted == report.totals[0].paid == Money.parse("147703.18", "USD")
    assert (await verify(book.deployment.context())).is_sound

    counts = {}
    for day in DAYS:
        expected = {
            invoice.number: {
                "reference": invoice.number,
                "dueOn": invoice.due_on.isoformat(),
                "daysPastDue": max(0, (day - invoice.due_on).days),
                "standing": "PAST_DUE" if invoice.due_on < day else "OPEN",
                "balance": {"amount": f"{invoice.amount:.2f}", "currency": "USD"},
                "principal": {"amount": f"{invoice.amount:.2f}"},
                "debtor": {"displayName": f"Customer {invoice.customer}"},
            }
            for invoice in given
            if invoice.is_open(day)
        }
        found, count = await book.open_accounts(day)
        assert found == expected, day
        assert count == len(expected)

        late = [invoice for invoice in given if invoice.is_open(day) and invoice.due_on < day]
        owed = sum((invoice.amount for invoice in given if invoice.is_open(day)), Decimal(0))
        totals = (await book.api(TOTALS, {"asOf": day.isoformat()}))["data"]["accountTotals"]["currencies"]
        assert totals == (
            [
                {
                    "currency": "USD",
                    "openCount": len(expected),
                    "openBalance": {"amount": f"{owed:.2f}"},
                    "pastDueCount": len(late),
                    "pastDueBalance": {"amount": f"{sum((invoice.amount for invoice in late), Decimal(0)):.2f}"},
                }
            ]
            if expected
            else []
        )
        counts[day] = (len(expected), len(late))
    # The figures that come with the sample.
    assert counts[date(2013, 6, 30)] == (84, 12)
    assert counts[date(2014, 1, 8)][0] > 0
    assert counts[date(2014, 1, 9)] == (0, 0)


WHOLE_INVOICE = """
query ($reference: String!) {
  accounts(first: 2, where: {reference: {eq: $reference}}) { nodes {
    balance { amount } placed { amount } lastPaymentOn
    entries(first: 5, orderBy: {field: EFFECTIVE_ON}) { nodes {
      kind effectiveOn amount { amount } isReversed
      postings(first: 5) { nodes { position book ledgerAccount component amount { amount } } } } }
    payments(first: 5) { nodes { amount { amount } method paidTo receivedOn state } }
    placement { imports(first: 5) { nodes { state rowsRead rowsAccepted errors(first: 1) { totalCount }
      totals { currency accepted { amount } refused { amount } paid { amount } } } } }
  } }
}
"""


async def test_an_invoice_has_its_entries_payment_hold_and_import(book: Book) -> None:
    disputed = next(invoice for invoice in invoices() if invoice.disputed)
    answer = await book.api(WHOLE_INVOICE, {"reference": disputed.number})
    assert "errors" not in answer, answer["errors"]

    (account,) = answer["data"]["accounts"]["nodes"]
    amount, settled_on = f"{disputed.amount:.2f}", disputed.settled_on.isoformat()
    assert account["balance"] == {"amount": "0.00"}
    assert account["placed"] == {"amount": amount}
    assert account["lastPaymentOn"] == settled_on
    assert account["payments"]["nodes"] == [
        {
            "amount": {"amount": amount},
            "method": "OTHER",
            "paidTo": "CLIENT",
            "receivedOn": settled_on,
            "state": "RECORDED",
        }
    ]
    assert account["entries"]["nodes"] == [
        {
            "kind": "OPENING_BALANCE",
            "effectiveOn": disputed.invoiced_on.isoformat(),
            "amount": {"amount": amount},
            "isReversed": False,
            "postings": {"nodes": [posting(1, "RECEIVABLE", amount), posting(2, "PLACED", f"-{amount}")]},
        },
        {
            "kind": "PAYMENT",
            "effectiveOn": settled_on,
            "amount": {"amount": f"-{amount}"},
            "isReversed": False,
            "postings": {"nodes": [posting(1, "RECEIVABLE", f"-{amount}"), posting(2, "RECOVERED", amount)]},
        },
    ]
    assert account["placement"]["imports"]["nodes"] == [
        {
            "state": "COMPLETED",
            "rowsRead": 2466,
            "rowsAccepted": 2466,
            "errors": {"totalCount": 0},
            "totals": [
                {
                    "currency": "USD",
                    "accepted": {"amount": "147703.18"},
                    "refused": {"amount": "0.00"},
                    "paid": {"amount": "147703.18"},
                }
            ],
        }
    ]


def posting(position: int, account: str, amount: str) -> dict[str, object]:
    return {
        "position": position,
        "book": "DEBT",
        "ledgerAccount": account,
        "component": "PRINCIPAL",
        "amount": {"amount": amount},
    }
