"""Corrections in the schema: the mutations that put debts and payments right, and what courts awarded."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
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
from arrears.ledger.corrections import adjust_balance, grant_discount, record_judgment, transfer_balance, write_off
from arrears.ledger.returns import charge_back_payment, move_payment, refund_payment

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.ledger.graphql.types import LedgerEntry, Payment

_KEY = "The same key with the same input is done once."
_DAY = "The day from which it counts, not before the debt's own; today in the client's zone unless given."


@entity(
    "jdgm",
    table="judgment",
    description="What a court awarded on an account. From its day on the award is the debt, whatever was owed before.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class Judgment:
    entered_on: datetime.date = column(
        description="The day of the judgment, from which on its interest counts.", filter=True, order=True
    )
    court: str | None = column(description="The court.")
    case_reference: str | None = column(description="The court's reference of the case.")
    rate_percent: Decimal | None = column(
        description="Interest on the award in per cent a year; null when the client's rate for judgments holds."
    )
    principal: Money = money("principal_minor", description="Awarded as the debt itself.")
    interest: Money = money("interest_minor", description="Awarded as interest up to then.")
    fees: Money = money("fees_minor", description="Awarded as fees.")
    costs: Money = money("costs_minor", description="Awarded as costs.")
    recorded_at: datetime.datetime = column(description="When it was written down.")
    is_reversed: bool = expression(
        "exists (select 1 from ledger_entry reversal where reversal.reverses_id = {row}.entry_id)",
        description="Whether it was recorded wrongly, and undone.",
    )
    account: Account | None = one("account_id", description="The account.", filter=True)
    client: Client | None = one("client_id", description="To whom the debt is owed.", filter=True)
    entry: LedgerEntry | None = one(
        "entry_id", description="The entry by which the award became the debt; its amount is the difference."
    )


@extend("Account", permission=Permission.LEDGER_READ)
class AccountCorrections:
    written_off: Money = money(
        "written_off_minor",
        description="What was written off and has not been recovered; it is not part of the balance.",
    )
    judgments: Connection[Judgment] = many(
        "account_id", order="-entered_on", description="What courts awarded, the latest first."
    )


@queries
class CorrectionQueries:
    judgment: Judgment | None = root_one(description="A judgment by its id.")
    judgments: Connection[Judgment] = root_many(description="All judgments that you may see.")


@input_type(description="By how much figures of a debt were wrong: above zero for too little, below for too much.")
class BalanceAdjustInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    principal: MoneyInput | None = input_field(description="By how much the debt itself changes.")
    interest: MoneyInput | None = input_field(description="By how much interest changes.")
    fees: MoneyInput | None = input_field(description="By how much fees change.")
    costs: MoneyInput | None = input_field(description="By how much costs change.")
    reason: str = input_field(description="What was wrong.")
    effective_on: datetime.date | None = input_field(description=_DAY)


@input_type(description="What the creditor lets the debtor off.")
class DiscountGrantInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    principal: MoneyInput | None = input_field(description="Of the debt itself, not more than is owed.")
    interest: MoneyInput | None = input_field(description="Of interest, not more than is owed.")
    fees: MoneyInput | None = input_field(description="Of fees, not more than is owed.")
    costs: MoneyInput | None = input_field(description="Of costs, not more than is owed.")
    reason: str = input_field(description="Why.")
    effective_on: datetime.date | None = input_field(description=_DAY)


@input_type(description="What the creditor gives up: the amounts given, or without any all that is owed on the day.")
class WriteOffRecordInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account, which may be closed.")
    principal: MoneyInput | None = input_field(description="Of the debt itself, not more than is owed.")
    interest: MoneyInput | None = input_field(description="Of interest, not more than is owed.")
    fees: MoneyInput | None = input_field(description="Of fees, not more than is owed.")
    costs: MoneyInput | None = input_field(description="Of costs, not more than is owed.")
    reason: str = input_field(description="Why.")
    effective_on: datetime.date | None = input_field(description=_DAY)


@input_type(description="What moves from one account to another of the same client and currency.")
class BalanceTransferInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account that owes less afterwards.")
    to_account_id: ID = input_field("acct", description="The account that owes more afterwards; it is not closed.")
    principal: MoneyInput | None = input_field(description="Of the debt itself, not more than is owed.")
    interest: MoneyInput | None = input_field(description="Of interest, not more than is owed.")
    fees: MoneyInput | None = input_field(description="Of fees, not more than is owed.")
    costs: MoneyInput | None = input_field(description="Of costs, not more than is owed.")
    reason: str = input_field(description="Why.")
    effective_on: datetime.date | None = input_field(description=_DAY)


@input_type(description="What a court awarded. What is left out was not awarded, and is no longer owed.")
class JudgmentRecordInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    entered_on: datetime.date = input_field(
        description="The day of the judgment, not before the debt's own and not in the future."
    )
    principal: MoneyInput | None = input_field(description="Awarded as the debt itself.")
    interest: MoneyInput | None = input_field(description="Awarded as interest up to the day.")
    fees: MoneyInput | None = input_field(description="Awarded as fees.")
    costs: MoneyInput | None = input_field(description="Awarded as costs.")
    court: str | None = input_field(description="The court.")
    case_reference: str | None = input_field(description="The court's reference of the case.")
    rate_percent: Decimal | None = input_field(
        description="Interest on the award in per cent a year; the client's rate for judgments unless given."
    )


@input_type(description="Money of a payment that was given back to the debtor by hand.")
class PaymentRefundRecordInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    payment_id: ID = input_field("paym", description="The payment; one that no gateway took.")
    amount: MoneyInput | None = input_field(description="How much; all that stands of the payment unless given.")
    surplus_only: bool = input_field(
        default=False, description="Whether only what the payment brought beyond the debt is given back."
    )
    reason: str = input_field(description="Why.")
    effective_on: datetime.date | None = input_field(
        description="The day on which it was given back; today in the client's zone unless given."
    )


@input_type(description="Money of a payment that the payer's bank took back.")
class PaymentChargebackRecordInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    payment_id: ID = input_field("paym", description="The payment; one that no gateway took.")
    amount: MoneyInput | None = input_field(description="How much; all that stands of the payment unless given.")
    reason: str = input_field(description="What the bank said.")
    effective_on: datetime.date | None = input_field(
        description="The day on which it was taken back; today in the client's zone unless given."
    )


@input_type(description="A payment that was booked on the wrong account.")
class PaymentMoveInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    payment_id: ID = input_field("paym", description="The payment; one that no gateway took.")
    to_account_id: ID = input_field("acct", description="The account that it belongs on.")
    accepts_surplus: bool = input_field(
        default=False, description="Whether more than is owed there is taken, and owed back to the debtor."
    )
    reason: str = input_field(description="Why it belongs there.")


@payload
class BalanceAdjustPayload(Payload):
    """The entry that puts figures right, and its account."""

    entry: LedgerEntry | None = loaded("entry_id", description="The new entry.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class DiscountGrantPayload(Payload):
    """The entry of the discount, and its account."""

    entry: LedgerEntry | None = loaded("entry_id", description="The new entry.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class WriteOffRecordPayload(Payload):
    """The entry of the write-off, and its account."""

    entry: LedgerEntry | None = loaded("entry_id", description="The new entry.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class BalanceTransferPayload(Payload):
    """The two entries of the transfer, and the two accounts."""

    entry: LedgerEntry | None = loaded("entry_id", description="The entry of the account that owes less now.")
    account: Account | None = loaded("account_id", description="That account after it.")
    to_entry: LedgerEntry | None = loaded("to_entry_id", description="The entry of the account that owes more now.")
    to_account: Account | None = loaded("to_account_id", description="That account after it.")


@payload
class JudgmentRecordPayload(Payload):
    """The judgment, its entry and its account."""

    judgment: Judgment | None = loaded("judgment_id", description="The judgment.")
    entry: LedgerEntry | None = loaded("entry_id", description="The entry by which the award became the debt.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class PaymentRefundRecordPayload(Payload):
    """The payment, the entry that gives money of it back, and the account."""

    payment: Payment | None = loaded("payment_id", description="The payment.")
    entry: LedgerEntry | None = loaded("entry_id", description="The new entry.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class PaymentChargebackRecordPayload(Payload):
    """The payment, the entry by which it counts no longer, and the account."""

    payment: Payment | None = loaded("payment_id", description="The payment.")
    entry: LedgerEntry | None = loaded("entry_id", description="The new entry.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class PaymentMovePayload(Payload):
    """The payment where it belongs, and the one that was undone for it."""

    payment: Payment | None = loaded("payment_id", description="The payment on its own account.")
    entry: LedgerEntry | None = loaded("entry_id", description="Its entry.")
    account: Account | None = loaded("account_id", description="Its account after it.")
    moved_payment: Payment | None = loaded("moved_payment_id", description="The payment on the wrong account, undone.")
    reversal: LedgerEntry | None = loaded("reversal_id", description="The entry that undoes it.")
    from_account: Account | None = loaded("from_account_id", description="The wrong account after it.")


@mutations
class CorrectionMutations:
    @mutation(adjust_balance, description="Put wrong figures of a debt right; of a closed account they can only fall.")
    async def balance_adjust(self, info: Info, input: BalanceAdjustInput) -> BalanceAdjustPayload:
        return await run(info, BalanceAdjustPayload, adjust_balance, input, idempotency_key=input.idempotency_key)

    @mutation(grant_discount, description="Let a debtor off a part of a debt.")
    async def discount_grant(self, info: Info, input: DiscountGrantInput) -> DiscountGrantPayload:
        return await run(info, DiscountGrantPayload, grant_discount, input, idempotency_key=input.idempotency_key)

    @mutation(write_off, description="Give up a debt or a part of it; what is paid on it afterwards is a recovery.")
    async def write_off_record(self, info: Info, input: WriteOffRecordInput) -> WriteOffRecordPayload:
        return await run(info, WriteOffRecordPayload, write_off, input, idempotency_key=input.idempotency_key)

    @mutation(transfer_balance, description="Move a part of a debt to another account of the client.")
    async def balance_transfer(self, info: Info, input: BalanceTransferInput) -> BalanceTransferPayload:
        return await run(info, BalanceTransferPayload, transfer_balance, input, idempotency_key=input.idempotency_key)

    @mutation(
        record_judgment,
        description="Record what a court awarded: from its day on the award is the debt, with interest of its own.",
    )
    async def judgment_record(self, info: Info, input: JudgmentRecordInput) -> JudgmentRecordPayload:
        return await run(info, JudgmentRecordPayload, record_judgment, input, idempotency_key=input.idempotency_key)

    @mutation(
        refund_payment,
        description="Record that money of a payment was given back by hand: what was more than owed first.",
    )
    async def payment_refund_record(self, info: Info, input: PaymentRefundRecordInput) -> PaymentRefundRecordPayload:
        return await run(info, PaymentRefundRecordPayload, refund_payment, input, idempotency_key=input.idempotency_key)

    @mutation(charge_back_payment, description="Record that the payer's bank took a payment or a part of it back.")
    async def payment_chargeback_record(
        self, info: Info, input: PaymentChargebackRecordInput
    ) -> PaymentChargebackRecordPayload:
        return await run(
            info, PaymentChargebackRecordPayload, charge_back_payment, input, idempotency_key=input.idempotency_key
        )

    @mutation(
        move_payment,
        description="Move a payment to the account that it belongs on: with the same days, as if it had stood there.",
    )
    async def payment_move(self, info: Info, input: PaymentMoveInput) -> PaymentMovePayload:
        return await run(info, PaymentMovePayload, move_payment, input, idempotency_key=input.idempotency_key)
