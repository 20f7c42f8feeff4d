"""A desk at which days pass: accounts that owe, money that moves on them, and what the platform makes of the days."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from arrears.delinquency import jobs as _jobs  # noqa: F401 - makes what happens by itself known
from arrears.kernel.dispatcher import dispatch_due
from arrears.kernel.jobs import registry
from arrears.ledger.commands import OpeningBalanceRecord, record_opening_balance
from arrears.ledger.nights import plan_nights
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import TestHost, host_with
from tests.product.ledger.books import Books
from tests.telling import tell_everything

DELINQUENCY = """
query ($id: ID!, $on: Date, $knownAt: DateTime) {
  account(id: $id) {
    daysPastDue
    delinquency(on: $on, knownAt: $knownAt) {
      on daysPastDue pausedDays graceDays delinquentDays bucket oldestUnpaidDueOn isPaused nextChangeOn explanation
      instalments { number dueOn daysPastDue pausedDays delinquentDays }
    }
  }
}
"""
HISTORY = """
query ($id: ID!) {
  account(id: $id) {
    bucketHistory { nodes { bucket addedOn liftedOn } }
    supersededBuckets { nodes { bucket addedOn liftedOn recordedAt supersededAt } }
    delinquencyPauses { nodes { fromOn untilOn resumedOn reason } }
  }
}
"""
MUTATIONS = {
    "delinquencyPause": """
      mutation ($input: DelinquencyPauseInput!) {
        delinquencyPause(input: $input) {
          pause { fromOn untilOn } account { delinquency { isPaused } } userErrors { code field message } } }
    """,
    "delinquencyResume": """
      mutation ($input: DelinquencyResumeInput!) {
        delinquencyResume(input: $input) { pause { resumedOn } userErrors { code field message } } }
    """,
    "paymentRecord": """
      mutation ($input: PaymentRecordInput!) {
        paymentRecord(input: $input) { payment { id } userErrors { code field message } } }
    """,
    "paymentReverse": """
      mutation ($input: PaymentReverseInput!) {
        paymentReverse(input: $input) { entry { id } userErrors { code field message } } }
    """,
    "instalmentScheduleSet": """
      mutation ($input: InstalmentScheduleSetInput!) {
        instalmentScheduleSet(input: $input) {
          schedule { sequence fromOn } account { daysPastDue standing } userErrors { code field message } } }
    """,
}
BEGIN = date(2026, 3, 2)
JOBS = "select id, task_name, args from jobs.procrastinate_jobs where id > %(last)s order by id"


@dataclass
class Desk:
    """One client and its accounts."""

    deployment: Deployment
    api: Api
    books: Books
    host: TestHost
    client_id: UUID
    last_job: int = 0
    keys: int = 0
    payments: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def open(cls, deployment: Deployment, api: Api, **settings: JsonValue) -> Desk:
        """A desk with these settings of delinquency, on 2 March 2026."""
        books = Books(deployment)
        host = await host_with(deployment, [], {"delinquency": settings})
        return cls(deployment, api, books, host, await books.client())

    def on(self, day: date) -> None:
        """Move to a later day."""
        self.deployment.clock.move_to(datetime.datetime.combine(day, datetime.time(17), datetime.UTC))

    async def account(self, owed: str = "100.00", *, due_on: date = BEGIN) -> UUID:
        """An account that owes so much from 2 March 2026 on."""
        account_id = await self.books.account(self.client_id)
        await self.books.execute(
            "update account set due_on = %(due)s where id = %(id)s", {"due": due_on, "id": account_id}
        )
        opening = OpeningBalanceRecord(account_id=account_id, principal=Money.parse(owed, "USD"), effective_on=BEGIN)
        await record_opening_balance(self.deployment.context(), opening)
        await self.tell()
        return account_id

    async def tell(self) -> None:
        """Hand on what happened."""
        await tell_everything(self.deployment.worker_context())

    async def run(self) -> None:
        """Do what is due by the clock, and the jobs that come of it."""
        context = self.deployment.worker_context()
        while await dispatch_due(context):
            pass
        jobs = await self.books.query(JOBS, {"last": self.last_job})
        while jobs:
            for number, name, arguments in jobs:
                self.last_job = number
                await registry.find(name).function(context, **arguments)
            jobs = await self.books.query(JOBS, {"last": self.last_job})

    async def nights(self) -> None:
        """Have the client's days closed from its next midnight on."""
        await plan_nights(self.deployment.worker_context(), self.client_id)

    async def do(self, mutation: str, **given: Any) -> dict[str, Any]:
        """The payload of a mutation, after which what happened is handed on."""
        self.keys += 1
        answer = await self.api(MUTATIONS[mutation], {"input": {"idempotencyKey": f"key {self.keys}", **given}})
        assert "errors" not in answer, answer
        await self.tell()
        found: dict[str, Any] = answer["data"][mutation]
        return found

    async def done(self, mutation: str, **given: Any) -> dict[str, Any]:
        """The payload of a mutation that has to succeed."""
        found = await self.do(mutation, **given)
        assert found["userErrors"] == []
        return found

    async def pay(self, account_id: UUID, amount: str, day: date | None = None) -> str:
        """The id of a new payment."""
        given: dict[str, Any] = {
            "accountId": encode_id("acct", account_id),
            "amount": {"amount": amount, "currency": "USD"},
            "method": "CARD",
        }
        if day is not None:
            given["effectiveOn"] = given["receivedOn"] = day.isoformat()
        return str((await self.done("paymentRecord", **given))["payment"]["id"])

    async def pause(self, account_id: UUID, from_on: date, until_on: date) -> dict[str, Any]:
        """The payload of a pause."""
        days = {"fromOn": from_on.isoformat(), "untilOn": until_on.isoformat()}
        return await self.do("delinquencyPause", accountId=encode_id("acct", account_id), reason="Illness", **days)

    async def resume(self, account_id: UUID, **given: Any) -> dict[str, Any]:
        """The payload of an early end."""
        return await self.do("delinquencyResume", accountId=encode_id("acct", account_id), reason="Well again", **given)

    async def delinquency(self, account_id: UUID, **arguments: Any) -> dict[str, Any]:
        """What the API tells of an account's delinquency."""
        answer = await self.api(DELINQUENCY, {"id": encode_id("acct", account_id), **arguments})
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]["account"]["delinquency"]
        return found

    async def days_past_due(self, account_id: UUID) -> int:
        """What the account itself tells."""
        answer = await self.api(DELINQUENCY, {"id": encode_id("acct", account_id)})
        return int(answer["data"]["account"]["daysPastDue"])

    async def history(self, account_id: UUID) -> list[tuple[str, str, str | None]]:
        """Name, first day and day of leaving of each bucket, the earliest first."""
        nodes = (await self.read(account_id))["bucketHistory"]["nodes"]
        return [(node["bucket"], node["addedOn"], node["liftedOn"]) for node in reversed(nodes)]

    async def read(self, account_id: UUID) -> Mapping[str, Any]:
        """The account with its buckets and pauses."""
        answer = await self.api(HISTORY, {"id": encode_id("acct", account_id)})
        assert "errors" not in answer, answer
        found: Mapping[str, Any] = answer["data"]["account"]
        return found

    async def events(self, account_id: UUID) -> list[tuple[str, str, str]]:
        """Day, bucket before and after of each change that was told, in the order of telling."""
        rows = await self.books.query(
            "select payload from event where name = 'BucketChanged' and subject_id = %(id)s order by position",
            {"id": account_id},
        )
        return [(told["changed_on"], told["before"], told["after"]) for (told,) in rows]
