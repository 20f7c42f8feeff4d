"""Ledger entries, postings and payments in the schema."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.graphql.declare import (
    Connection,
    column,
    entity,
    expression,
    extend,
    many,
    money,
    one,
    queries,
    root_many,
    root_one,
)
from arrears.graphql.scalars import Money
from arrears.ledger.model import (
    DebtComponent,
    EntryKind,
    LedgerAccount,
    LedgerBook,
    PaidTo,
    PaymentMethod,
    PaymentState,
)

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.ledger.graphql.allocations import Allocation


@entity(
    "entr",
    table="ledger_entry",
    description="One balanced movement on an account; never changed, only reversed by another.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class LedgerEntry:
    kind: EntryKind = column(description="Why the entry was made.")
    effective_on: datetime.date = column(
        description="The day, in the client's zone, from which the entry counts.", filter=True, order=True
    )
    recorded_at: datetime.datetime = column(description="When it was written down.")
    amount: Money = money("amount_minor", description="By how much the debt changed: above zero when it grew.")
    reason: str | None = column(description="Why, in the words of whoever made it.")
    command: str = column(description="The command that made the entry.")
    is_reversed: bool = expression(
        "exists (select 1 from ledger_entry reversal where reversal.reverses_id = {row}.id)",
        description="Whether a later entry undoes this one.",
    )
    account: Account | None = one("account_id", description="The account that it moves.", filter=True)
    client: Client | None = one("client_id", description="Whose books it stands in.", filter=True)
    payment: Payment | None = one("payment_id", description="The payment that it books or undoes.", filter=True)
    reverses: LedgerEntry | None = one("reverses_id", description="The entry that it undoes.")
    corrects: LedgerEntry | None = one("corrects_id", description="The entry whose effect it puts right.")
    corrections: Connection[LedgerEntry] = many(
        "corrects_id",
        order="recorded_at",
        description="What later knowledge changed of its effect: together with these it is what the entry comes to.",
    )
    transfer_id: str | None = expression(
        "case when {row}.transfer_id is not null then public_id('trfr', {row}.transfer_id) end",
        description="The transfer that it is one half of: both entries carry the same.",
    )
    is_whole: bool = column(description="Whether it wrote off whatever was owed on its day.")
    postings: Connection[Posting] = many("entry_id", order="position", description="Its lines, which balance.")


@entity(
    "post",
    table="posting",
    description="One line of a ledger entry. The lines of an entry add up to zero in each book.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class Posting:
    position: int = column(description="Its place among the lines of the entry.")
    book: LedgerBook = column(description="The book that it belongs to.")
    ledger_account: LedgerAccount = column(description="The account of the books that it moves.")
    component: DebtComponent | None = column(description="The part of the debt concerned; null in the agency book.")
    amount: Money = money("amount_minor", description="Debit above zero, credit below.")
    effective_on: datetime.date = column(description="The entry's effective day.")
    entry: LedgerEntry | None = one("entry_id", description="The entry that it belongs to.")
    account: Account | None = one("account_id", description="The debtor's account; null in the agency book.")


@entity(
    "paym",
    table="payment",
    description="Money that a debtor paid on an account.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class Payment:
    amount: Money = money("amount_minor", description="What was paid.")
    method: PaymentMethod = column(description="How it was paid.")
    paid_to: PaidTo = column(description="Who received it.")
    received_on: datetime.date = column(description="The day it was received.", filter=True, order=True)
    effective_on: datetime.date = column(description="The day from which it lowers the debt.")
    reference: str | None = column(description="The payer's or the bank's reference.", filter=True)
    state: PaymentState = column(description="Whether it counts.")
    recorded_at: datetime.datetime = column(description="When it was written down.")
    direction: list[DebtComponent] = column(
        description="What the debtor said the money is for, first things first; empty when the creditor's order holds."
    )
    in_settlement: bool = column(description="Whether it was paid under a settlement.")
    account: Account | None = one("account_id", description="The account that it was paid on.", filter=True)
    client: Client | None = one("client_id", description="To whom it was owed.", filter=True)
    entries: Connection[LedgerEntry] = many(
        "payment_id", description="Its entry, and those that undo it or parts of it."
    )
    allocations: Connection[Allocation] = many(
        "payment_id",
        order="-sequence",
        description="How its money was spread, the way that holds first; earlier ways stay as they were.",
    )


@extend("Account", permission=Permission.LEDGER_READ)
class AccountLedger:
    entries: Connection[LedgerEntry] = many(
        "account_id", order="-effective_on", description="What moved the balance, the latest first."
    )
    payments: Connection[Payment] = many(
        "account_id", order="-received_on", description="What was paid, the latest first."
    )


@queries
class LedgerQueries:
    ledger_entry: LedgerEntry | None = root_one(description="A ledger entry by its id.")
    ledger_entries: Connection[LedgerEntry] = root_many(description="All ledger entries that you may see.")
    payment: Payment | None = root_one(description="A payment by its id.")
    payments: Connection[Payment] = root_many(description="All payments that you may see.")
