"""The mutations that write the ledger."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.graphql.declare import Info, loaded, mutations
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.graphql.scalars import MoneyInput
from arrears.ledger.commands import (
    record_charge,
    record_opening_balance,
    record_payment,
    reverse_entry,
    reverse_payment,
)
from arrears.ledger.model import DebtComponent, PaidTo, PaymentMethod

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.ledger.graphql.types import LedgerEntry, Payment


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
    direction: list[DebtComponent] = input_field(
        default=(), description="What the debtor said the money is for, first things first; else the client's order."
    )
    in_settlement: bool = input_field(default=False, description="Whether it is paid under a settlement.")


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
