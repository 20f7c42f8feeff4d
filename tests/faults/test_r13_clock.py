"""R13: the test clock moved a day at a time for a year, and a year at once: the same events, ledger and snapshots.

What differs is when things were done, not what was done nor the days that it counts for. A year passes with
ARREARS_NIGHTLY, a month otherwise; `ARREARS_CLOCK_DAYS` sets another number.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from arrears.accounts.holds import HoldPlace, place_hold
from arrears.accounts.model import HoldBlock, HoldKind, HoldSource
from arrears.deployment import load_domains
from arrears.kernel.dispatcher import dispatch_due
from arrears.kernel.jobs import registry
from arrears.ledger.commands import OpeningBalanceRecord, PaymentRecord, record_opening_balance, record_payment
from arrears.ledger.model import PaymentMethod
from arrears.ledger.nights import plan_nights
from arrears.ledger.snapshot_runs import snapshot_clients
from arrears.ledger.verification import verify
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import decode_id, prefix_of
from arrears_sdk.money import Money
from tests.conftest import Deployment, Server, fresh_deployment
from tests.plugin_hosts import host_with
from tests.product.ledger.books import Books
from tests.telling import tell_everything

DAYS = int(os.environ.get("ARREARS_CLOCK_DAYS", "365" if os.environ.get("ARREARS_NIGHTLY") else "30"))
BEGIN = date(2026, 3, 2)
SETTINGS: dict[str, dict[str, JsonValue]] = {
    "debts": {"interest": [{"products": ["LOAN"], "percent": "10", "method": "SIMPLE"}]},
    "delinquency": {},
    "charges": {
        "rules": [
            {
                "id": "late",
                "kind": "LATE",
                "currency": "USD",
                "after_days": 10,
                "amount": "10.00",
                "products": ["UTILITY", "LOAN"],
            }
        ]
    },
}
JOBS = "select id, task_name, args from jobs.procrastinate_jobs where id > %(last)s order by id"
EVENTS = "select name, subject, subject_id, payload from event order by position"
KEPT = """
select reference, principal_minor, interest_minor, fees_minor, costs_minor, balance_minor, written_off_minor,
       last_entry_on
from account order by reference
"""
LEDGER = """
select account.reference, entry.effective_on, posting.ledger_account, posting.component,
       sum(posting.amount_minor)::bigint
from ledger_entry entry join posting on posting.entry_id = entry.id join account on account.id = entry.account_id
group by 1, 2, 3, 4 having sum(posting.amount_minor) <> 0 order by 1, 2, 3, 4
"""
ENTRIES = """
select account.reference, entry.effective_on, entry.kind, entry.amount_minor
from ledger_entry entry join account on account.id = entry.account_id order by 1, 2, 3, 4
"""
COUNTS = """
select account.reference, through_on, exact, accrued_minor, capitalised_minor, began_on
from accrual join account on account.id = accrual.account_id order by 1
"""
SNAPSHOTS = """
select made.day, account.reference, line.principal_minor, line.interest_minor, line.fees_minor, line.costs_minor,
       line.written_off_minor
from balance_snapshot made
left join snapshot_balance line on line.snapshot_id = made.id left join account on account.id = line.account_id
where made.completed_at is not null order by made.day, account.reference
"""
KNOWN_IDS = """
select id, 'account ' || reference from account
union all select debtor_id, 'debtor of ' || reference from account
union all select id, 'client' from client
union all select id, 'hold ' || kind from hold
union all select entry.id, format('%%s of %%s on %%s: %%s', entry.kind, account.reference, entry.effective_on,
                                  entry.amount_minor)
from ledger_entry entry join account on account.id = entry.account_id
"""
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Book:
    """A client whose debts bear interest, fall past due, are charged and are held for a while."""

    deployment: Deployment
    books: Books
    last_job: int = 0

    @classmethod
    async def open(cls, deployment: Deployment) -> Book:
        """The book on 2 March 2026."""
        load_domains()
        await host_with(deployment, [], SETTINGS)
        book = cls(deployment, Books(deployment))
        context = deployment.context()
        client = await book.books.client()
        await plan_nights(deployment.worker_context(), client)
        for number, owed in enumerate(("1000.00", "733.33", "0.07", "80.00")):
            account = await book.books.account(client)
            given = {
                "id": account,
                "reference": f"A{number}",
                "due": BEGIN + timedelta(days=5 * number),
                "product": "UTILITY" if number == 3 else "LOAN",
            }
            await book.books.execute(
                "update account set reference = %(reference)s, due_on = %(due)s, product = %(product)s"
                " where id = %(id)s",
                given,
            )
            change = OpeningBalanceRecord(account_id=account, principal=Money.parse(owed, "USD"), effective_on=BEGIN)
            await record_opening_balance(context, change)
            if number == 1:
                await book._hold_and_pay(account)
        await book.settle()
        return book

    async def _hold_and_pay(self, account_id: UUID) -> None:
        context = self.deployment.context()
        hold = HoldPlace(
            account_id=account_id,
            kind=HoldKind.DISPUTE,
            blocks=(HoldBlock.CONTACT, HoldBlock.INTEREST),
            reason="Asked",
            source=HoldSource.DEBTOR,
            ends_at=datetime(2026, 3, 22, 4, tzinfo=UTC),
        )
        await place_hold(context, hold)
        paid = PaymentRecord(account_id=account_id, amount=Money.parse("33.33", "USD"), method=PaymentMethod.CASH)
        await record_payment(context, paid)

    async def pass_days(self, days: int, *, at_once: bool) -> None:
        """Let days pass, and do what falls due: after each day, or when all have passed."""
        for step in (days,) if at_once else (1,) * days:
            self.deployment.clock.advance(timedelta(days=step))
            await self.settle()

    async def settle(self) -> None:
        """Do what is due, the jobs that come of it, and what hears of it, until nothing is left to do."""
        worker = self.deployment.worker_context()
        while True:
            done = await tell_everything(worker) + await dispatch_due(worker)
            for number, name, arguments in await self.books.query(JOBS, {"last": self.last_job}):
                self.last_job = number
                await registry.find(name).function(worker, **arguments)
                done += 1
            if not done:
                return

    async def events(self) -> list[str]:
        """What was told, with names in the place of ids, in an order that does not depend on when it was told."""
        names = {str(identifier): name for identifier, name in await self.books.query(KNOWN_IDS)}
        told = []
        interest: Counter[tuple[str, str]] = Counter()
        for name, subject, subject_id, payload in await self.books.query(EVENTS):
            if name == "InterestAccrued":
                # One event a transaction: what a day bore on all debts is the same, however many counted it.
                for currency, minor in payload["amounts_minor"].items():
                    interest[payload["through_on"], currency] += minor
                continue
            given = {key: plain(value, names) for key, value in payload.items()}
            told.append(f"{name} {subject} {names.get(str(subject_id), '?')} {sorted(given.items())}")
        return sorted([*told, *(f"InterestAccrued {key} {minor}" for key, minor in interest.items())])

    async def found(self) -> dict[str, list[Any]]:
        """Everything else that has to be the same."""
        statements = {"kept": KEPT, "ledger": LEDGER, "entries": ENTRIES, "counts": COUNTS, "snapshots": SNAPSHOTS}
        return {name: await self.books.query(statement) for name, statement in statements.items()}


def plain(value: object, names: dict[str, str]) -> object:
    """A value of a payload with names in the place of ids."""
    if isinstance(value, list):
        return [plain(one, names) for one in value]
    if not isinstance(value, str):
        return value
    if UUIDS.fullmatch(value):
        return names.get(value, "?")
    if re.fullmatch(r"[a-z]{4}_[0-9a-f]{32}", value):
        return names.get(str(decode_id(prefix_of(value), value)), "?")
    return value


@pytest.mark.timeout(900)
async def test_a_year_at_once_is_a_year_day_by_day(deployment: Deployment, server: Server) -> None:
    async with fresh_deployment(server) as other:
        # given
        by_day, at_once = await Book.open(deployment), await Book.open(other)
        for book in (by_day, at_once):
            # Nobody charges fees for days before the first night.
            await book.pass_days(1, at_once=True)

        # when
        await by_day.pass_days(DAYS, at_once=False)
        await at_once.pass_days(DAYS, at_once=True)
        for book in (by_day, at_once):
            # What a fee of the last day brought about is looked at on the day that begins: one more night tells it.
            await book.pass_days(1, at_once=True)
        for book in (by_day, at_once):
            # What was booked while the others' nights ran is counted in.
            await snapshot_clients(book.deployment.worker_context())

        # then
        slowly, quickly = await by_day.found(), await at_once.found()
        assert slowly["entries"]
        for name, rows in slowly.items():
            assert quickly[name] == rows, name
        assert await at_once.events() == await by_day.events()
        for book in (by_day, at_once):
            assert (await verify(book.deployment.worker_context())).faults == ()
