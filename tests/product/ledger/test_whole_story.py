"""One debt from its placing to its recovery: at every step and for every past day, what is told and how it came to be.

Placed with itemised amounts, it bears statutory interest through a change of the rate, is paid in part, loses the
payment to the bank three weeks later, gets a payment that was made before, is written off, and is recovered in part.
"""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pypdf import PdfReader

from arrears.ledger.accruing import accrue
from arrears_csv_importer import CsvImporter
from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.plugin_hosts import host_with
from tests.product.accounts.book import Book
from tests.product.ledger.books import Books
from tests.product.ledger.desk import Desk
from tests.product.ledger.plain_debt import Event, PlainDebt

OPENED, DUE = date(2025, 5, 12), date(2025, 6, 11)
RATE_CHANGE = date(2025, 7, 1)
COMPONENTS = ("principal", "interest", "fees", "costs")
POSITION = """{
  on owed { principal { amount } interest { amount } fees { amount } costs { amount } total { amount } }
  writtenOff { amount } surplus { amount } daysPastDue stage interestRatePercent
  how { figure amount { amount } lines { kind words entries ratePercent amount { amount } } }
}"""
DELINQUENCY = "{ daysPastDue delinquentDays bucket explanation }"
STATEMENT = """
query ($id: ID!, $knownAt: DateTime, $corrections: StatementCorrections! = SHOWN) {
  accountStatement(accountId: $id, knownAt: $knownAt, corrections: $corrections) {
    opening { owed { total { amount } } }
    lines { fromOn day kind words days ratePercent paid { amount }
            change { principal { amount } interest { amount } fees { amount } costs { amount } total { amount } }
            balance { amount } writtenOff { amount }
            corrections { change { interest { amount } total { amount } } balance { amount } } }
    totals { kind entries change { total { amount } } writtenOff { amount } }
    closing { owed { total { amount } } writtenOff { amount } }
  }
}
"""
ALLOCATIONS = """
query ($id: ID!) { payment(id: $id) { allocations(first: 9) { nodes { sequence isCurrent
  lines(first: 9) { nodes { component owed { amount } paid { amount } } } } } } }
"""


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def minor(amount: dict[str, str]) -> int:
    return int(amount["amount"].replace(".", ""))


@dataclass
class Story:
    """The debt, the desk at which it is worked, and a plain count of the same debt."""

    desk: Desk
    id: str
    debt: PlainDebt
    told: dict[datetime.datetime, dict[date, Any]] = field(default_factory=dict)

    async def move_to(self, day: date) -> None:
        """Let the days pass until noon (UTC) of one, with all nights in between."""
        self.desk.books.deployment.clock.move_to(
            datetime.datetime(day.year, day.month, day.day, 12, tzinfo=datetime.UTC)
        )
        await accrue(self.desk.books.deployment.worker_context())

    @property
    def today(self) -> date:
        """The client's day."""
        return self.desk.books.deployment.clock.now().date()

    def days(self) -> list[date]:
        """The last weeks day by day, and a day in each month before."""
        near = [self.today - timedelta(days=back) for back in range(30)]
        return [
            date(2025, 5, 11),
            date(2025, 6, 10),
            DUE,
            *(date(2025, month, 28) for month in range(6, 13)),
            *reversed(near),
        ]

    async def ask(self, known_at: datetime.datetime | None = None) -> dict[date, Any]:
        """How the debt stood on each of the days, as far as was known at an instant."""
        days = self.days() if known_at is None else list(self.told[known_at])
        given = "" if known_at is None else f', knownAt: "{known_at.isoformat()}"'
        found: dict[date, Any] = {}
        for start in range(0, len(days), 12):
            some = days[start : start + 12]
            asked = " ".join(
                f'p{place}: position(on: "{day}"{given}) {POSITION}'
                f' q{place}: delinquency(on: "{day}"{given}) {DELINQUENCY}'
                for place, day in enumerate(some)
            )
            answer = await self.desk.api(f'{{ account(id: "{self.id}") {{ {asked} }} }}')
            assert "errors" not in answer, answer["errors"]
            account = answer["data"]["account"]
            found |= {day: (account[f"p{place}"], account[f"q{place}"]) for place, day in enumerate(some)}
        return found

    async def check(self) -> None:
        """Every day has the figures of the plain count, and each figure is the sum of its lines; kept for later."""
        found = await self.ask()
        interest_through = self.today - timedelta(days=1)
        for day, (position, delinquency) in found.items():
            if day < OPENED:
                assert position is None
                continue
            owed, written_off = self.debt.on(day, interest_through)
            assert {name: minor(position["owed"][name]) for name in COMPONENTS} == owed, day
            assert minor(position["owed"]["total"]) == sum(owed.values())
            assert minor(position["writtenOff"]) == written_off, day
            for figure in position["how"]:
                assert sum(minor(line["amount"]) for line in figure["lines"]) == minor(figure["amount"])
            past_due = (day - DUE).days if sum(owed.values()) > 0 else 0
            assert position["daysPastDue"] == delinquency["daysPastDue"] == past_due, day
            assert delinquency["delinquentDays"] == past_due
            assert delinquency["bucket"] == bucket_of(past_due)
            rate = None if day <= DUE else "7.27" if day < RATE_CHANGE else "6.27"
            assert position["interestRatePercent"] == rate, day
        self.told[self.desk.books.deployment.clock.now()] = found
        await self.desk.check()
        replayed = await self.desk.api(
            REPLAY, {"input": {"idempotencyKey": new_id().hex, "accountId": self.id, "dryRun": True}}
        )
        assert replayed["data"]["accountReplay"] == {"userErrors": [], "corrected": 0, "added": 0, "spreadAgain": 0}

    async def stated(self, **given: Any) -> dict[str, Any]:
        answer = await self.desk.api(STATEMENT, {"id": self.id, **given})
        assert "errors" not in answer, answer["errors"]
        statement: dict[str, Any] = answer["data"]["accountStatement"]
        return statement


REPLAY = """
mutation ($input: AccountReplayInput!) {
  accountReplay(input: $input) { userErrors { code } corrected added spreadAgain }
}
"""


def bucket_of(days: int) -> str:
    """The usual buckets."""
    bounds = ((0, "current"), (30, "1-30"), (60, "31-60"), (90, "61-90"))
    return next((name for last, name in bounds if days <= last), "91+")


@pytest.fixture
async def story(api: Api, books: Books) -> Story:
    """A German consumer's loan, due on 11 June 2025 and placed as of that day with everything itemised."""
    book = Book(books.deployment)
    settings: dict[str, Any] = {"debts": {"interest": [{"statutory": "de.bgb-288-consumer"}]}}
    await host_with(books.deployment, [CsvImporter], settings)
    client_id = await book.client("Nord Bank", "Europe/Berlin", "EUR")
    account_id = await book.account(
        client_id, await book.debtor(client_id), currency="EUR", opened_on=OPENED, due_on=DUE
    )
    placed = {"principal": 3650_00, "interest": 40_00, "fees": 15_00, "costs": 60_00}
    rates = [(date(2025, 1, 1), Fraction("7.27")), (RATE_CHANGE, Fraction("6.27"))]
    story = Story(Desk(api, books, client_id), encode_id("acct", account_id), PlainDebt(DUE, placed, rates))
    given = {name: euros(f"{amount / 100:.2f}") for name, amount in placed.items()}
    done = await story.desk.do("openingBalanceRecord", accountId=story.id, effectiveOn=str(DUE), **given)
    assert done["userErrors"] == []
    return story


async def paid(story: Story, name: str, amount: str, on: date) -> str:
    done = await story.desk.do(
        "paymentRecord", accountId=story.id, amount=euros(amount), method="BANK_TRANSFER", receivedOn=str(on)
    )
    assert done["userErrors"] == []
    story.debt.events.append(Event(on, "pay", name, int(amount.replace(".", ""))))
    return str(done["payment"]["id"])


async def spread(story: Story, payment: str) -> list[tuple[int, bool, list[tuple[str, str, str]]]]:
    answer = await story.desk.api(ALLOCATIONS, {"id": payment})
    return [
        (
            one["sequence"],
            one["isCurrent"],
            [(line["component"], line["owed"]["amount"], line["paid"]["amount"]) for line in one["lines"]["nodes"]],
        )
        for one in answer["data"]["payment"]["allocations"]["nodes"]
    ]


async def test_a_debt_from_its_placing_to_its_recovery(story: Story) -> None:
    """Given one debt, when everything befalls it, then each step and each day of the past is told to the cent."""
    # given: interest through the change of the rate on 1 July 2025
    await story.move_to(date(2026, 3, 3))
    await story.check()

    # when: a part is paid; then it is split line by line
    await story.move_to(date(2026, 3, 10))
    first = await paid(story, "first", "300.00", date(2026, 3, 10))
    assert await spread(story, first) == [
        (
            1,
            True,
            [("COSTS", "60.00", "60.00"), ("INTEREST", "212.44", "212.44"), ("FEES", "15.00", "15.00"),
             ("PRINCIPAL", "3650.00", "12.56")],
        )
    ]  # fmt: skip
    await story.check()

    # when: the bank takes it back three weeks later
    await story.move_to(date(2026, 3, 31))
    done = await story.desk.do("paymentChargebackRecord", paymentId=first, reason="No funds", effectiveOn="2026-03-31")
    assert done["userErrors"] == []
    story.debt.events.append(Event(date(2026, 3, 31), "return", "first"))
    await story.check()

    # when: a payment comes to light that was made before
    await story.move_to(date(2026, 4, 15))
    second = await paid(story, "second", "100.00", date(2026, 3, 20))
    assert await spread(story, second) == [(1, True, [("INTEREST", "6.25", "6.25"), ("PRINCIPAL", "3637.44", "93.75")])]
    await story.check()

    # when: the creditor gives it up
    await story.move_to(date(2026, 5, 4))
    done = await story.desk.do(
        "writeOffRecord", accountId=story.id, reason="Nothing to be had", effectiveOn="2026-05-04"
    )
    assert done["userErrors"] == []
    story.debt.events.append(Event(date(2026, 5, 4), "give up"))
    await story.check()

    # when: a part is paid after all
    await story.move_to(date(2026, 5, 20))
    await paid(story, "third", "500.00", date(2026, 5, 20))
    await story.check()

    # then: what was told at each step is what is told now of what was known then
    for instant, told in story.told.items():
        assert await story.ask(instant) == told
    await check_statements(story)


async def check_statements(story: Story) -> None:
    """The statements of it all: corrections under their lines, counted in, and as it was known at a step."""
    shown, merged = await story.stated(), await story.stated(corrections="MERGED")
    assert [told_line(line) for line in shown["lines"]] == SHOWN
    assert [told_line(line) for line in merged["lines"]] == MERGED
    for statement in (shown, merged):
        assert statement["opening"] == {"owed": {"total": {"amount": "0.00"}}}
        assert statement["closing"] == {"owed": {"total": {"amount": "0.00"}}, "writtenOff": {"amount": "3371.16"}}
        assert [
            (total["kind"], total["entries"], total["change"]["total"]["amount"], total["writtenOff"]["amount"])
            for total in statement["totals"]
        ] == TOTALS

    await check_page(story, shown)

    # and: as it was known when the payment of 20 March was not
    before = await story.stated(knownAt=list(story.told)[2].isoformat())
    assert [told_line(line) for line in before["lines"]] == [
        *SHOWN[:4],
        ("2026-03-31", "Interest at 6.27 % a year, 21 days", "13.13", "3650.57", []),
        ("2026-03-31", "Payment taken back by the bank", "300.00", "3950.57", []),
    ]


async def check_page(story: Story, statement: dict[str, Any]) -> None:
    """The page has every line with its figures, and what was corrected under it."""
    key = {"authorization": f"Bearer {story.desk.api.keys['ADMIN']}"}
    page = await story.desk.api.http.get(f"/accounts/{story.id}/statement.pdf", headers=key)
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(page.content)).pages).split())
    for line in statement["lines"]:
        change = [figure(line["change"][name]) for name in COMPONENTS]
        assert " ".join([line["words"], *notes(line), *change, figure(line["balance"])]) in text, line
        for correction in line["corrections"]:
            wanted = ["0.00", figure(correction["change"]["interest"]), "0.00", "0.00", figure(correction["balance"])]
            assert " ".join(["Correction of: interest, recorded on 15 April 2026", *wanted]) in text
    for words in ("Creditor Nord Bank", "Debtor Ada Example", "Owed in all 0.00 EUR", "Written off 3,371.16 EUR"):
        assert words in text, words


def notes(line: dict[str, Any]) -> list[str]:
    """What stands in small letters under the words of a line."""
    found = [f"Paid: {figure(line['paid'])}"] if line["paid"] else []
    if line["fromOn"] != line["day"]:
        found.append(
            " to ".join(f"{on.day} {on:%B %Y}" for on in map(date.fromisoformat, (line["fromOn"], line["day"])))
        )
    return [*found, *([f"Written off: {figure(line['writtenOff'])}"] if minor(line["writtenOff"]) else [])]


def figure(amount: dict[str, str]) -> str:
    """An amount as the page has it."""
    return f"{Decimal(amount['amount']):,}"


def told_line(line: dict[str, Any]) -> tuple[Any, ...]:
    """Day, words, change, balance, and what was corrected with the balance after that."""
    corrections = [(one["change"]["total"]["amount"], one["balance"]["amount"]) for one in line["corrections"]]
    return line["day"], line["words"], line["change"]["total"]["amount"], line["balance"]["amount"], corrections


SHOWN = [
    ("2025-06-11", "Owed when it was placed", "3765.00", "3765.00", []),
    ("2025-06-30", "Interest at 7.27 % a year, 19 days", "13.81", "3778.81", []),
    ("2026-03-10", "Interest at 6.27 % a year, 253 days", "158.63", "3937.44", []),
    ("2026-03-10", "Payment", "-300.00", "3637.44", []),
    ("2026-03-20", "Interest at 6.27 % a year, 10 days", "6.25", "3643.69", []),
    ("2026-03-20", "Payment", "-100.00", "3543.69", []),
    ("2026-03-31", "Interest at 6.27 % a year, 11 days", "6.88", "3550.57", [("-0.18", "3550.39")]),
    ("2026-03-31", "Payment taken back by the bank", "300.00", "3850.39", []),
    ("2026-05-04", "Interest at 6.27 % a year, 34 days", "20.99", "3871.38", [("-0.22", "3871.16")]),
    ("2026-05-04", "Written off", "-3871.16", "0.00", []),
    ("2026-05-20", "Payment of what was written off", "0.00", "0.00", []),
]
MERGED = [
    *SHOWN[:6],
    ("2026-03-31", "Interest at 6.27 % a year, 11 days", "6.70", "3550.39", []),
    SHOWN[7],
    ("2026-05-04", "Interest at 6.27 % a year, 34 days", "20.77", "3871.16", []),
    *SHOWN[9:],
]
TOTALS = [
    ("OPENING_BALANCE", 1, "3765.00", "0.00"),
    ("INTEREST", 327, "206.16", "0.00"),
    ("WRITE_OFF", 1, "-3871.16", "3871.16"),
    ("PAYMENT", 2, "-400.00", "0.00"),
    ("RECOVERY", 1, "0.00", "-500.00"),
    ("CHARGEBACK", 1, "300.00", "0.00"),
]
