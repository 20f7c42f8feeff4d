"""Verification finds damage to what is kept beside the entries: snapshots, spread money, transfers and interest."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from arrears.ledger.commands import OpeningBalanceRecord, PaymentRecord, record_opening_balance, record_payment
from arrears.ledger.corrections import BalanceTransfer, WriteOffRecord, transfer_balance, write_off
from arrears.ledger.model import PaymentMethod
from arrears.ledger.snapshots import keep_snapshots
from arrears.ledger.verification import LedgerFault, verify
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from tests.product.ledger.books import Books

TODAY = date(2026, 3, 2)
TABLES = (
    "posting",
    "ledger_entry",
    "allocation",
    "allocation_line",
    "account",
    "payment",
    "accrual",
    "snapshot_balance",
    "balance_snapshot",
)
# Two days' interest as the nights book it, on top of the postings that commands make.
INTEREST = """
with booked as (
    insert into ledger_entry (id, client_id, account_id, kind, effective_on, recorded_at, currency, amount_minor,
                              command, principal_id)
    select gen_random_uuid(), %(client)s, %(account)s, 'INTEREST', day, %(at)s, 'USD', 3, 'test', %(account)s
    from unnest(%(days)s::date[]) as day
    returning id, effective_on
), lines as (
    insert into posting (id, entry_id, position, client_id, account_id, book, ledger_account, component, amount_minor,
                         currency, effective_on, recorded_at)
    select gen_random_uuid(), booked.id, position, %(client)s, %(account)s, 'DEBT', line, 'INTEREST', amount, 'USD',
           booked.effective_on, %(at)s
    from booked, unnest(array['RECEIVABLE', 'PLACED'], array[3, -3]::bigint[]) with ordinality
        as line (line, amount, position)
), counted as (
    insert into accrual (account_id, client_id, through_on, exact, accrued_minor, capitalised_minor, began_on,
                         principal_at_start_minor, rule)
    values (%(account)s, %(client)s, %(through)s, 0, 6, 0, %(began)s, 5000, 'test')
)
update account set interest_minor = interest_minor + 6, balance_minor = balance_minor + 6 where id = %(account)s
"""


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


@pytest.fixture
async def book(books: Books) -> dict[str, Any]:
    """An account that was paid, bears interest, gave a part to another one and had a part written off."""
    context = books.deployment.context()
    client = await books.client()
    account, other = await books.account(client), await books.account(client)
    for one in (account, other):
        change = OpeningBalanceRecord(
            account_id=one, principal=usd("90.00"), fees=usd("5.00"), effective_on=TODAY - timedelta(days=30)
        )
        await record_opening_balance(context, change)
    paid = await record_payment(
        context, PaymentRecord(account_id=account, amount=usd("40.00"), method=PaymentMethod.CASH)
    )
    moved = await transfer_balance(
        context, BalanceTransfer(account_id=other, to_account_id=account, principal=usd("10.00"), reason="Merged")
    )
    await write_off(context, WriteOffRecord(account_id=other, principal=usd("2.00"), reason="Too small"))
    days = [TODAY - timedelta(days=2), TODAY - timedelta(days=1)]
    given = {"client": client, "account": account, "days": days, "through": TODAY, "began": TODAY - timedelta(days=9)}
    await books.execute(INTEREST, given)
    await keep_snapshots(books.deployment.worker_context(), client, TODAY)
    return {
        "client": client,
        "account": account,
        "other": other,
        "payment": paid.result.payment_id,
        "paid": paid.result.entry_id,
        "moved": moved.result.entry_id,
        "new": new_id(),
        "late": TODAY + timedelta(days=1),
    }


async def damaged(books: Books, statement: str, book: dict[str, Any]) -> list[LedgerFault]:
    for table in TABLES:
        await books.execute(f"alter table {table} disable trigger user")
    await books.execute("alter table ledger_entry drop constraint ck_ledger_entry_payment")
    await books.execute("drop index uq_ledger_entry_interest_day")
    await books.execute(statement, book)
    report = await verify(books.deployment.context())
    assert not report.is_sound
    return list(report.faults)


async def test_an_untouched_book_is_sound(books: Books, book: dict[str, Any]) -> None:
    report = await verify(books.deployment.context())

    assert report.faults == ()
    assert {line.ledger_account for line in report.trial_balance} >= {"RECEIVABLE", "WRITTEN_OFF", "TRUST_BANK"}
    assert sum(line.balance_minor for line in report.trial_balance) == 0


@pytest.mark.parametrize(
    ("statement", "check", "of", "message"),
    [
        (
            "update account set written_off_minor = 201 where id = %(other)s",
            "kept values",
            ("acct", "other"),
            "kept: written off 201, last entry 2026-03-02; posted: 200, 2026-03-02",
        ),
        (
            "update account set last_entry_on = null where id = %(other)s",
            "kept values",
            ("acct", "other"),
            "kept: written off 200, last entry none; posted: 200, 2026-03-02",
        ),
        (
            "update snapshot_balance set interest_minor = interest_minor + 1 where account_id = %(account)s",
            "snapshots",
            ("acct", "account"),
            (
                "snapshot of 2026-03-02: principal 6500, interest 7, fees 0, costs 0, written off 0;"
                " posted: 6500, 6, 0, 0, 0"
            ),
        ),
        (
            "delete from snapshot_balance where account_id = %(other)s",
            "snapshots",
            ("acct", "other"),
            (
                "snapshot of 2026-03-02: principal 0, interest 0, fees 0, costs 0, written off 0;"
                " posted: 7800, 0, 500, 0, 200"
            ),
        ),
        (
            "update allocation_line set paid_minor = paid_minor + 1 where component = 'FEES'",
            "allocations",
            ("paym", "payment"),
            "not all of the money is spread, or more than it",
        ),
        (
            (
                "update allocation_line set paid_minor = paid_minor + case component when 'FEES' then -1 else 1 end"
                " where component in ('FEES', 'PRINCIPAL')"
            ),
            "allocations",
            ("paym", "payment"),
            "the money is spread otherwise than it is posted",
        ),
        (
            "update allocation set sequence = sequence + 10",
            "allocations",
            ("paym", "payment"),
            "one of the times that the money was spread is missing",
        ),
        (
            "with gone as (delete from allocation_line) delete from allocation_line",
            "allocations",
            ("paym", "payment"),
            "not all of the money is spread, or more than it",
        ),
        (
            "update ledger_entry set transfer_id = null where id = %(moved)s",
            "transfers",
            ("entr", "moved"),
            "a transfer without its other half",
        ),
        (
            "update accrual set accrued_minor = 7",
            "accruals",
            ("acct", "account"),
            "interest since 2026-02-21: counted 7, posted 6",
        ),
    ],
)
async def test_damage_is_named(
    books: Books, book: dict[str, Any], statement: str, check: str, of: tuple[str, str], message: str
) -> None:
    faults = await damaged(books, statement, book)

    assert LedgerFault(check, encode_id(of[0], book[of[1]]), message) in faults, faults


@pytest.mark.parametrize(
    ("statement", "check", "message"),
    [
        (
            "delete from ledger_entry where id = %(moved)s",
            "transfers",
            "a transfer has 1 entries instead of two",
        ),
        (
            "update ledger_entry set amount_minor = amount_minor + 1 where id = %(moved)s",
            "transfers",
            "the two entries of a transfer do not cancel",
        ),
        (
            "update posting set amount_minor = amount_minor + 1 where ledger_account = 'TRUST_BANK'",
            "trial balance",
            "the agency book in USD is off balance by 1 minor units",
        ),
        (
            "update ledger_entry set effective_on = '2026-03-01' where kind = 'INTEREST'",
            "interest",
            "the interest of 2026-03-01 is booked more than once",
        ),
        (
            "update accrual set through_on = '2026-02-28'",
            "interest",
            "interest of 2026-03-01, which is counted through 2026-02-28 only",
        ),
        (
            (
                "update posting set component = 'FEES' where entry_id in"
                " (select id from ledger_entry where kind = 'INTEREST')"
            ),
            "interest",
            "interest of a day is posted to something else than interest",
        ),
        (
            "update posting set recorded_at = recorded_at + interval '1 second' where entry_id = %(paid)s",
            "entries",
            "client, account, currency, effective date or instant of a posting differ from the entry",
        ),
    ],
)
async def test_damage_shows(books: Books, book: dict[str, Any], statement: str, check: str, message: str) -> None:
    faults = await damaged(books, statement, book)

    assert message in [fault.message for fault in faults if fault.check == check], faults
