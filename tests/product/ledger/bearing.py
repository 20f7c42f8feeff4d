"""Debts that bear interest, opened and paid through the ledger's own way in, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from arrears.kernel.dispatcher import dispatch_due
from arrears.kernel.jobs import registry
from arrears.kernel.transaction import begin
from arrears.ledger.accruing import Accrual, accrue
from arrears.ledger.booking import Wish, book
from arrears.ledger.model import DebtComponent, EntryKind, PaidTo, PaymentDraft, PaymentMethod
from arrears.ledger.nights import plan_night
from arrears.ledger.verification import verify
from arrears_csv_importer import CsvImporter
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import new_id
from tests.plugin_hosts import TestHost, host_with
from tests.product.ledger.books import Books
from tests.telling import tell_everything

TEN_PERCENT: dict[str, JsonValue] = {"percent": "10", "method": "SIMPLE"}
PRINCIPAL, FEES = DebtComponent.PRINCIPAL, DebtComponent.FEES

# Ids differ from run to run and so do instants of recording; everything else of a ledger is compared.
_LEDGER = """
select entry.account_id, entry.effective_on, entry.kind, entry.amount_minor, entry.currency,
       posting.position, posting.ledger_account, posting.component, posting.amount_minor
from ledger_entry entry left join posting on posting.entry_id = entry.id
order by entry.account_id, entry.effective_on, entry.kind, entry.amount_minor, posting.position
"""
_ACCOUNTS = """
select id, principal_minor, interest_minor, fees_minor, costs_minor, balance_minor, last_entry_on
from account order by id
"""
_COUNTS = """
select account_id, through_on, exact, accrued_minor, capitalised_minor, began_on, principal_at_start_minor, rule
from accrual order by account_id
"""
_EVENTS = "select payload from event where name = 'InterestAccrued' order by payload ->> 'through_on', payload::text"
_JOBS = "select id, task_name, args from jobs.procrastinate_jobs where id > %(last)s order by id"


@dataclass
class Bearing:
    """Books whose debts bear interest by settings that a test may change."""

    books: Books
    host: TestHost
    last_job: int = 0

    @classmethod
    async def opened(cls, books: Books, *rules: Mapping[str, JsonValue]) -> Bearing:
        """Books under these rules of interest; ten per cent of the principal unless given."""
        settings = {"debts": {"interest": list(rules or (TEN_PERCENT,))}}
        host = await host_with(books.deployment, [CsvImporter], settings)  # type: ignore[arg-type]
        return cls(books, host)

    def change(self, *rules: Mapping[str, JsonValue], judgment: Mapping[str, JsonValue] | None = None) -> None:
        """Other rules from now on."""
        values: dict[str, JsonValue] = {"interest": [dict(rule) for rule in rules]}
        if judgment is not None:
            values["judgment_interest"] = [dict(judgment)]
        self.host.change({"debts": values})

    async def debt(
        self, client_id: UUID, minor: int, on: date, *, currency: str = "USD", percent: Decimal | None = None
    ) -> UUID:
        """An account with so much principal from a day on."""
        account_id = await self.books.account(client_id, currency=currency)
        if percent is not None:
            statement = "update account set interest_rate_percent = %(percent)s where id = %(id)s"
            await self.books.execute(statement, {"percent": percent, "id": account_id})
        await self.book(Wish(
            account_id=account_id, kind=EntryKind.OPENING_BALANCE, event="OpeningBalanceRecorded",
            effective_on=on, changes={PRINCIPAL: minor},
        ))  # fmt: skip
        return account_id

    async def pay(self, account_id: UUID, minor: int, on: date) -> None:
        """A payment on a debt."""
        draft = PaymentDraft(new_id(), minor, PaymentMethod.CASH, PaidTo.CLIENT, on)
        await self.book(Wish(
            account_id=account_id, kind=EntryKind.PAYMENT, event="PaymentRecorded", effective_on=on,
            money_minor=minor, payment=draft, allows_surplus=True,
        ))  # fmt: skip

    async def book(self, wish: Wish) -> None:
        """Any entry."""
        async with begin(self.books.deployment.worker_context()) as tx:
            with tx.under_command("test"):
                await book(tx, [wish])

    async def accrue(self, through: date | None = None) -> Accrual:
        """The interest of every client through a day that has ended."""
        return await accrue(self.books.deployment.worker_context(), through)

    async def interest(self, account_id: UUID) -> list[tuple[date, int]]:
        """The interest of each day of an account, corrections counted in."""
        return await self.books.query(
            "select effective_on, sum(amount_minor)::bigint from posting where account_id = %(id)s"
            " and ledger_account = 'RECEIVABLE' and component = 'INTEREST' and amount_minor > 0"
            " group by 1 order by 1",
            {"id": account_id},
        )

    async def events(self) -> list[dict[str, JsonValue]]:
        """What was told of interest, by day."""
        return [payload for (payload,) in await self.books.query(_EVENTS)]

    async def ledger(self) -> dict[str, list[Any]]:
        """Everything that runs of interest leave behind, accounts numbered in the order in which they were made."""
        accounts = await self.books.query(_ACCOUNTS)
        numbers = {row[0]: number for number, row in enumerate(accounts)}
        found = {"accounts": accounts}
        for name, statement in (("entries", _LEDGER), ("counts", _COUNTS)):
            found[name] = await self.books.query(statement)
        return {name: [(numbers[row[0]], *row[1:]) for row in rows] for name, rows in found.items()}

    async def nights(self, *clients: UUID) -> None:
        """Have the interest of clients booked from their next midnight on."""
        for client_id in clients:
            await plan_night(self.books.deployment.worker_context(), "ledger.accrue", client_id)

    async def tell(self) -> None:
        """Hand on what happened."""
        await tell_everything(self.books.deployment.worker_context())

    async def run(self) -> None:
        """Do what is due by the clock, and the jobs that come of it."""
        context = self.books.deployment.worker_context()
        while await dispatch_due(context):
            pass
        while jobs := await self.books.query(_JOBS, {"last": self.last_job}):
            for number, name, arguments in jobs:
                self.last_job = number
                await registry.find(name).function(context, **arguments)

    async def is_sound(self) -> bool:
        """Whether every kept balance is what the postings say."""
        return (await verify(self.books.deployment.worker_context())).is_sound

    def wait(self, days: int) -> None:
        """Let days pass."""
        self.books.deployment.clock.advance(timedelta(days=days))


def noon(day: date) -> datetime:
    """Noon of a day in UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
