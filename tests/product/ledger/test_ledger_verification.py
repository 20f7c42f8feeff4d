"""Verification finds every kind of damage that someone with the owner's rights could do behind the ledger's back."""

from __future__ import annotations

from typing import Any

import pytest

from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.ledger.commands import (
    ChargeRecord,
    EntryReverse,
    OpeningBalanceRecord,
    PaymentRecord,
    record_charge,
    record_opening_balance,
    record_payment,
    reverse_entry,
)
from arrears.ledger.model import DebtComponent, PaymentMethod
from arrears.ledger.verification import LedgerFault, verify
from arrears_sdk.errors import AccessError
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from tests.product.ledger.books import Books


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


@pytest.fixture
async def book(books: Books) -> dict[str, Any]:
    """An account with an opening, a reversed charge and a payment; the ids of all of them."""
    context = books.deployment.context()
    client = await books.client()
    account = await books.account(client)
    opening = await record_opening_balance(context, OpeningBalanceRecord(account_id=account, principal=usd("90.00")))
    change = ChargeRecord(account_id=account, component=DebtComponent.FEES, amount=usd("5.00"))
    charge = await record_charge(context, change)
    undone = await reverse_entry(context, EntryReverse(entry_id=charge.result.entry_id, reason="Waived"))
    paid = await record_payment(
        context, PaymentRecord(account_id=account, amount=usd("40.00"), method=PaymentMethod.CASH)
    )
    return {
        "client": client,
        "account": account,
        "opening": opening.result.entry_id,
        "charge": charge.result.entry_id,
        "undone": undone.result.entry_id,
        "payment": paid.result.payment_id,
        "paid": paid.result.entry_id,
    }


async def damaged(books: Books, statement: str, book: dict[str, Any]) -> tuple[LedgerFault, ...]:
    """What verification says after the owner ran a statement with all triggers off."""
    for table in ("posting", "ledger_entry"):
        await books.execute(f"alter table {table} disable trigger user")
    await books.execute(statement, book)
    report = await verify(books.deployment.context())
    assert not report.is_sound
    assert report.faults_found == len(report.faults)
    return report.faults


async def test_a_sound_book_is_counted_and_has_no_fault(books: Books, book: dict[str, Any]) -> None:
    report = await verify(books.deployment.context())

    assert (report.accounts, report.entries, report.postings, report.payments) == (1, 4, 10, 1)
    assert report.faults == ()
    assert report.is_sound


async def test_a_changed_posting_is_named_by_entry_and_account(books: Books, book: dict[str, Any]) -> None:
    faults = await damaged(
        books, "update posting set amount_minor = 9001 where entry_id = %(opening)s and amount_minor = 9000", book
    )

    assert faults == (
        LedgerFault("entries", encode_id("entr", book["opening"]), "the debt book is off balance by 1 minor units"),
        LedgerFault(
            "balances",
            encode_id("acct", book["account"]),
            "kept: principal 5000, interest 0, fees 0, costs 0, placed 9000; posted: 5001, 0, 0, 0, 9000",
        ),
        LedgerFault(
            "trial balance", encode_id("clnt", book["client"]), "the debt book in USD is off balance by 1 minor units"
        ),
    )


async def test_an_entry_that_lost_its_postings_is_named(books: Books, book: dict[str, Any]) -> None:
    faults = await damaged(books, "delete from posting where entry_id = %(paid)s", book)

    assert faults[0] == LedgerFault("entries", encode_id("entr", book["paid"]), "no postings")


async def test_postings_that_lost_their_entry_are_named(books: Books, book: dict[str, Any]) -> None:
    faults = await damaged(books, "delete from ledger_entry where id = %(undone)s", book)

    assert faults[0] == LedgerFault("entries", encode_id("entr", book["undone"]), "postings without an entry")


async def test_a_kept_balance_that_no_posting_explains_is_named(books: Books, book: dict[str, Any]) -> None:
    faults = await damaged(
        books,
        "update account set principal_minor = principal_minor - 1, balance_minor = balance_minor - 1",
        book,
    )

    assert [(fault.check, fault.subject) for fault in faults] == [("balances", encode_id("acct", book["account"]))]


async def test_a_mixed_currency_is_named(books: Books, book: dict[str, Any]) -> None:
    faults = await damaged(books, "update account set currency = 'EUR'", book)

    assert {fault.check for fault in faults} == {"currencies"}
    assert faults[0].message == "the entry is in USD, its account in EUR"


async def test_a_reversal_that_does_not_mirror_is_named(books: Books, book: dict[str, Any]) -> None:
    faults = await damaged(
        books, "update posting set component = 'COSTS' where entry_id = %(undone)s and ledger_account = 'PLACED'", book
    )

    assert {(fault.check, fault.subject) for fault in faults} == {("reversals", encode_id("entr", book["undone"]))}


async def test_a_payment_that_says_other_than_its_entry_is_named(books: Books, book: dict[str, Any]) -> None:
    faults = await damaged(books, "update payment set state = 'REVERSED'", book)

    assert faults == (
        LedgerFault("payments", encode_id("paym", book["payment"]), "the state is REVERSED against the ledger"),
    )


async def test_whoever_sees_only_a_part_cannot_verify_the_whole(books: Books) -> None:
    limited = Principal(
        id=new_id(),
        kind="SERVICE",
        name="A client's service",
        roles=frozenset(),
        permissions=frozenset({"ledger.read"}),
        scope=Scope(kind="limited", staff=False, clients=(new_id(),)),
    )

    with pytest.raises(AccessError):
        await verify(books.deployment.context(limited))
