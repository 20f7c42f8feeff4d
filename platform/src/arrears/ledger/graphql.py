"""Ledger entries, postings and payments in the schema, and the mutations that write them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    describe_enum,
    entity,
    expression,
    extend,
    loaded,
    many,
    money,
    mutations,
    one,
    queries,
    root_many,
    root_one,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.graphql.scalars import Money, MoneyInput
from arrears.ledger.commands import (
    record_charge,
    record_opening_balance,
    record_payment,
    reverse_entry,
    reverse_payment,
)
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

describe_enum(
    LedgerBook,
    "Which of the two sets of books a posting belongs to.",
    {
        "DEBT": "What debtors owe to the client.",
        "AGENCY": "What the agency holds for, owes to or is owed by the client.",
    },
)
describe_enum(
    LedgerAccount,
    "An account of the books.",
    {
        "RECEIVABLE": "Debt book: what the debtor owes, by component.",
        "PLACED": "Debt book: what was placed for collection or charged since.",
        "WRITTEN_OFF": "Debt book: what was given up.",
        "RECOVERED": "Debt book: what was paid.",
        "FORGIVEN": "Debt book: what the creditor let the debtor off.",
        "TRANSFERRED": "Debt book: what moved to or from another account of the client.",
        "TRUST_BANK": "Agency book: the client's money on the trust account.",
        "UNCLEARED": "Agency book: money received and not yet cleared by the bank.",
        "SUSPENSE": "Agency book: money whose debt is not known yet.",
        "CLIENT_PAYABLE": "Agency book: what is owed to the client.",
        "CLIENT_RECEIVABLE": "Agency book: what the client owes to the agency.",
        "COMMISSION_INCOME": "Agency book: what the agency has earned.",
        "TAX_PAYABLE": "Agency book: tax owed on commission.",
        "COSTS_ADVANCED": "Agency book: costs paid for the client in advance.",
        "REFUNDS_PAYABLE": "Agency book: what is to be paid back to debtors.",
    },
)
describe_enum(
    DebtComponent,
    "What a part of a debt consists of.",
    {
        "PRINCIPAL": "The debt itself.",
        "INTEREST": "Interest on it.",
        "FEES": "Fees that contract or law allow.",
        "COSTS": "Costs of collection and of courts.",
    },
)
describe_enum(
    EntryKind,
    "Why a ledger entry was made.",
    {
        "OPENING_BALANCE": "What was owed when the account was placed.",
        "CHARGE": "Something added to the debt.",
        "FEE": "A late or dunning fee that was claimed.",
        "INTEREST": "The interest of a day.",
        "JUDGMENT": "What a court awarded instead of what was owed.",
        "ADJUSTMENT": "A figure put right.",
        "DISCOUNT": "Something that the creditor let the debtor off.",
        "WRITE_OFF": "Something that the creditor gave up; it may still be recovered.",
        "TRANSFER": "Something that moved to or from another account of the client.",
        "PAYMENT": "Something paid by the debtor.",
        "RECOVERY": "Something paid on what had been written off.",
        "REFUND": "Part of a payment given back to the debtor.",
        "CHARGEBACK": "A payment, or part of one, that the debtor's bank took back.",
        "CHARGEBACK_WON": "What the debtor's bank had taken back, and had to give again.",
        "REVERSAL": "An earlier entry undone.",
        "CORRECTION": "What an earlier entry comes to by what is known since; it counts from the same day.",
    },
)
describe_enum(
    PaymentMethod,
    "How the debtor paid.",
    {
        "CASH": "In cash.",
        "CHEQUE": "By cheque.",
        "BANK_TRANSFER": "By a transfer that the debtor made.",
        "DIRECT_DEBIT": "By a debit that the debtor authorised.",
        "CARD": "By card.",
        "OTHER": "In another way.",
    },
)
describe_enum(
    PaidTo,
    "Who received the money.",
    {"AGENCY": "The agency.", "CLIENT": "The client, directly."},
)
describe_enum(
    PaymentState,
    "Where a payment stands.",
    {"RECORDED": "It counts.", "REVERSED": "It did not hold and was undone."},
)


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
    account: Account | None = one("account_id", description="The account that it was paid on.", filter=True)
    client: Client | None = one("client_id", description="To whom it was owed.", filter=True)
    entries: Connection[LedgerEntry] = many(
        "payment_id", description="Its entry, and those that undo it or parts of it."
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


@input_type(description="What was owed on an account when it was placed, by component.")
class OpeningBalanceRecordInput(Input):
    idempotency_key: str = input_field(description="The same key with the same input is done once.")
    account_id: ID = input_field("acct", description="The account.")
    principal: MoneyInput | None = input_field(description="The debt itself.")
    interest: MoneyInput | None = input_field(description="Interest owed.")
    fees: MoneyInput | None = input_field(description="Fees owed.")
    costs: MoneyInput | None = input_field(description="Costs owed.")
    effective_on: datetime.date | None = input_field(
        description="The day from which it counts; today in the client's zone unless given."
    )


@input_type(description="Something that is added to a debt.")
class ChargeRecordInput(Input):
    idempotency_key: str = input_field(description="The same key with the same input is done once.")
    account_id: ID = input_field("acct", description="The account.")
    component: DebtComponent = input_field(description="What is added to.")
    amount: MoneyInput = input_field(description="How much, above zero and in the account's currency.")
    effective_on: datetime.date | None = input_field(
        description="The day from which it counts; today in the client's zone unless given."
    )
    reason: str | None = input_field(description="What it is for.")


@input_type(description="Money that a debtor paid.")
class PaymentRecordInput(Input):
    idempotency_key: str = input_field(description="The same key with the same input is done once.")
    account_id: ID = input_field("acct", description="The account that was paid on.")
    amount: MoneyInput = input_field(description="How much: above zero, and not more than is owed.")
    method: PaymentMethod = input_field(description="How it was paid.")
    paid_to: PaidTo = input_field(default=PaidTo.AGENCY, description="Who received it.")
    received_on: datetime.date | None = input_field(
        description="The day it was received; today in the client's zone unless given."
    )
    effective_on: datetime.date | None = input_field(
        description="The day from which it counts; the day it was received unless given."
    )
    reference: str | None = input_field(description="The payer's or the bank's reference.")


@input_type(description="A payment that did not hold.")
class PaymentReverseInput(Input):
    idempotency_key: str = input_field(description="The same key with the same input is done once.")
    payment_id: ID = input_field("paym", description="The payment.")
    reason: str = input_field(description="Why it is undone.")
    effective_on: datetime.date | None = input_field(
        description="The day from which the debt stands again; today in the client's zone unless given."
    )


@input_type(description="A ledger entry that was wrong.")
class EntryReverseInput(Input):
    idempotency_key: str = input_field(description="The same key with the same input is done once.")
    entry_id: ID = input_field("entr", description="The entry.")
    reason: str = input_field(description="Why it is undone.")
    effective_on: datetime.date | None = input_field(
        description="The day from which it no longer counts; today in the client's zone unless given."
    )


@payload
class OpeningBalanceRecordPayload(Payload):
    """The opening entry and its account."""

    entry: LedgerEntry | None = loaded("entry_id", description="The new entry.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class ChargeRecordPayload(Payload):
    """The entry of the charge and its account."""

    entry: LedgerEntry | None = loaded("entry_id", description="The new entry.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class PaymentRecordPayload(Payload):
    """The payment, its entry and its account."""

    payment: Payment | None = loaded("payment_id", description="The new payment.")
    entry: LedgerEntry | None = loaded("entry_id", description="Its ledger entry.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class PaymentReversePayload(Payload):
    """The payment that was undone, the entry that undoes it, and its account."""

    payment: Payment | None = loaded("payment_id", description="The payment that was undone.")
    entry: LedgerEntry | None = loaded("entry_id", description="The entry that undoes it.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class EntryReversePayload(Payload):
    """The entry that undoes another, and its account."""

    entry: LedgerEntry | None = loaded("entry_id", description="The entry that undoes the other.")
    reversed_entry: LedgerEntry | None = loaded("reversed_entry_id", description="The entry that was undone.")
    account: Account | None = loaded("account_id", description="The account after it.")


@mutations
class LedgerMutations:
    @mutation(record_opening_balance, description="Record what was owed when an account was placed; once only.")
    async def opening_balance_record(self, info: Info, input: OpeningBalanceRecordInput) -> OpeningBalanceRecordPayload:
        return await run(
            info, OpeningBalanceRecordPayload, record_opening_balance, input, idempotency_key=input.idempotency_key
        )

    @mutation(record_charge, description="Add to a debt.")
    async def charge_record(self, info: Info, input: ChargeRecordInput) -> ChargeRecordPayload:
        return await run(info, ChargeRecordPayload, record_charge, input, idempotency_key=input.idempotency_key)

    @mutation(record_payment, description="Record a payment by hand: costs, interest, fees, then principal.")
    async def payment_record(self, info: Info, input: PaymentRecordInput) -> PaymentRecordPayload:
        return await run(info, PaymentRecordPayload, record_payment, input, idempotency_key=input.idempotency_key)

    @mutation(reverse_payment, description="Undo a payment that did not hold; once only.")
    async def payment_reverse(self, info: Info, input: PaymentReverseInput) -> PaymentReversePayload:
        return await run(info, PaymentReversePayload, reverse_payment, input, idempotency_key=input.idempotency_key)

    @mutation(reverse_entry, description="Undo a ledger entry; once only. A payment goes with its entry.")
    async def entry_reverse(self, info: Info, input: EntryReverseInput) -> EntryReversePayload:
        return await run(info, EntryReversePayload, reverse_entry, input, idempotency_key=input.idempotency_key)
