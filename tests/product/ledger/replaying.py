"""Debts that are opened and paid, and what the ledger makes of their payments, for the tests of replays."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from arrears.kernel.transaction import begin
from arrears.ledger.booking import resettle
from arrears.ledger.commands import (
    OpeningBalanceRecord,
    PaymentRecord,
    record_opening_balance,
    record_payment,
)
from arrears.ledger.model import PaymentMethod
from arrears.ledger.verification import verify
from arrears_csv_importer import CsvImporter
from arrears_sdk.events import JsonValue
from arrears_sdk.money import Money
from tests.plugin_hosts import TestHost, host_with
from tests.product.ledger.books import OPENED, Books

# A tenth of a per cent a day: 1.00 on every 1,000.00.
DAILY: dict[str, JsonValue] = {"interest": [{"percent": "36.5"}]}


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


async def bearing(books: Books, settings: dict[str, JsonValue] | None = None) -> TestHost:
    """The deployment with these settings of debts."""
    return await host_with(books.deployment, [CsvImporter], {"debts": DAILY if settings is None else settings})


async def opened(books: Books, **amounts: str) -> UUID:
    account_id = await books.account(await books.client())
    given = {name: usd(amount) for name, amount in amounts.items()}
    change = OpeningBalanceRecord(account_id=account_id, effective_on=OPENED, **given)
    await record_opening_balance(books.deployment.context(), change)
    return account_id


async def paid(books: Books, account_id: UUID, amount: str, on: date, **more: Any) -> tuple[UUID, UUID]:
    """The payment and its entry."""
    change = PaymentRecord(account_id=account_id, amount=usd(amount), method=PaymentMethod.CASH, received_on=on, **more)
    made = (await record_payment(books.deployment.context(), change)).result
    return made.payment_id, made.entry_id


async def spread(books: Books, payment_id: UUID) -> list[tuple[int, str | None, int]]:
    """Every way in which a payment was spread: its number, the component and what it received."""
    return await books.query(
        "select allocation.sequence, line.component, line.paid_minor from allocation"
        " join allocation_line line on line.allocation_id = allocation.id"
        " where payment_id = %(id)s order by 1, line.position",
        {"id": payment_id},
    )


async def interest(books: Books, account_id: UUID) -> int:
    """All interest that was charged, corrections counted in."""
    ((sum_minor,),) = await books.query(
        "select coalesce(sum(line.amount_minor), 0)::bigint from posting line join ledger_entry entry"
        " on entry.id = line.entry_id left join ledger_entry corrected on corrected.id = entry.corrects_id"
        " where line.account_id = %(id)s and line.ledger_account = 'RECEIVABLE'"
        " and coalesce(corrected.kind, entry.kind) = 'INTEREST'",
        {"id": account_id},
    )
    return int(sum_minor)


async def assert_settled(books: Books, account_id: UUID) -> None:
    """A replay finds nothing, and the books are sound."""
    async with begin(books.deployment.context()) as tx:
        assert await resettle(tx, [account_id]) == {}
    assert (await verify(books.deployment.context())).faults == ()
