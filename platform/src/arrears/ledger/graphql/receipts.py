"""Receipts in the schema: money that came once and is shared among several accounts of a debtor."""

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
    extend,
    loaded,
    many,
    money,
    mutations,
    one,
    output,
    plain,
    queries,
    root_many,
    root_one,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.graphql.scalars import Money, MoneyInput
from arrears.ledger.model import PaidTo, PaymentMethod
from arrears.ledger.receipts import record_receipt
from arrears.ledger.sharing import SharingWay, SortKey

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.debtors.graphql import Debtor
    from arrears.ledger.graphql.types import Payment

describe_enum(
    SharingWay,
    "By which rule money is shared among several debts. Disputed debts get nothing in any of them.",
    {
        "PRIORITY": "One rank after the other is paid; accounts of the same rank share in proportion to what is owed.",
        "EVEN": "Every account gets the same, up to what is owed on it.",
        "PRO_RATA": "In proportion to what is owed, rounded down; what rounding leaves goes to the oldest first.",
        "SORTED": "One account after the other is paid, in the order of the given keys.",
        "DIRECTED": "Each account gets what the debtor named for it.",
    },
)
describe_enum(
    SortKey,
    "What accounts are sorted by.",
    {
        "DUE_ON": "The day on which the debt was due.",
        "PLACED_ON": "The day on which it was placed.",
        "BALANCE": "What is owed on the day of the payment.",
        "INTEREST_RATE": "The yearly rate of interest on that day.",
        "REFERENCE": "The client's reference of the debt.",
    },
)


@entity(
    "rcpt",
    table="receipt",
    description="Money that came once for several accounts of a debtor: one payment on each that got a part of it.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class Receipt:
    amount: Money = money("amount_minor", description="What came in all.")
    method: PaymentMethod = column(description="How it was paid.")
    paid_to: PaidTo = column(description="Who received it.")
    received_on: datetime.date = column(description="The day it was received.", filter=True, order=True)
    effective_on: datetime.date = column(description="The day from which it lowers the debts.")
    reference: str | None = column(description="The payer's or the bank's reference.", filter=True)
    way: SharingWay = column(description="By which rule it was shared.")
    sorted_by: list[str] = column(description="With SORTED the keys, first things first; a minus says highest first.")
    recorded_at: datetime.datetime = column(description="When it was written down.")
    debtor: Debtor | None = one("debtor_id", description="Who paid.", filter=True)
    client: Client | None = one(
        "client_id",
        description="To whom all of it was owed; null when the accounts are of several clients.",
        filter=True,
    )
    payments: Connection[Payment] = many(
        "receipt_id", order="received_on", description="The payments that it was shared into."
    )
    shares: Connection[ReceiptShare] = many(
        "receipt_id", order="position", description="What each account got, and why; also those that got nothing."
    )


@entity(
    "rshr",
    table="receipt_share",
    description="What one account got of a receipt, and why.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class ReceiptShare:
    position: int = column(description="Its place among the accounts of the receipt.")
    owed: Money = money("owed_minor", description="What was owed on the day, parts that were written off included.")
    amount: Money = money("amount_minor", description="What the account got.")
    reason: str = column(description="Why it got that.")
    account: Account | None = one("account_id", description="The account.")
    payment: Payment | None = one("payment_id", description="The payment of the part; null when it got nothing.")
    receipt: Receipt | None = one("receipt_id", description="The receipt.")


@extend("Payment", permission=Permission.LEDGER_READ)
class PaymentReceipt:
    through_gateway: bool = column(description="Whether a gateway took it, which alone can give it back.")
    receipt: Receipt | None = one(
        "receipt_id", description="The receipt of which it is a part; null for a payment by itself."
    )


@queries
class ReceiptQueries:
    receipt: Receipt | None = root_one(description="A receipt by its id.")
    receipts: Connection[Receipt] = root_many(description="All receipts that you may see.")


@output(
    description="What an account gets of a receipt, also of one that was only tried.",
    permission=Permission.LEDGER_WRITE,
)
class ReceiptShareOutcome:
    account_id: ID = plain(description="The account.")
    reference: str = plain(description="The client's reference of it.")
    owed: Money = plain(description="What is owed on the day, parts that were written off included.")
    amount: Money = plain(description="What the account gets.")
    surplus: Money = plain(description="How much of that is more than is owed.")
    is_disputed: bool = plain(description="Whether the debt is disputed, so that nothing is paid on it.")
    reason: str = plain(description="Why it gets that.")


@input_type(description="An account that shares in a receipt.")
class ReceiptAccountInput(Input):
    account_id: ID = input_field("acct", description="The account, on which the debtor stands.")
    priority: int | None = input_field(
        description="With PRIORITY its rank, lowest first; its place in the list unless given."
    )
    amount: MoneyInput | None = input_field(description="With DIRECTED how much the debtor named for it.")


@input_type(description="A key by which accounts are sorted.")
class ReceiptSortInput(Input):
    key: SortKey = input_field(description="What they are sorted by.")
    descending: bool = input_field(default=False, description="Whether the highest comes first.")


@input_type(description="Money that a debtor paid for several debts.")
class ReceiptRecordInput(Input):
    idempotency_key: str = input_field(description="The same key with the same input is done once.")
    debtor_id: ID = input_field("dbtr", description="Who paid.")
    amount: MoneyInput = input_field(
        description="How much: above zero, in the currency of all accounts, and not more than is owed."
    )
    method: PaymentMethod = input_field(description="How it was paid.")
    paid_to: PaidTo = input_field(default=PaidTo.AGENCY, description="Who received it.")
    way: SharingWay = input_field(description="By which rule it is shared.")
    accounts: list[ReceiptAccountInput] | None = input_field(
        description="The accounts; all open ones of the currency for which the debtor answers in whole unless given."
    )
    sort: list[ReceiptSortInput] | None = input_field(
        description="With SORTED up to four keys, the most important first; equals go by the day due and the reference."
    )
    received_on: datetime.date | None = input_field(description="The day it was received; today unless given.")
    effective_on: datetime.date | None = input_field(
        description="The day from which it counts; the day it was received unless given."
    )
    reference: str | None = input_field(description="The payer's or the bank's reference.")
    accepts_surplus: bool = input_field(
        default=False,
        description="Whether more than is owed is taken, and owed back: on the last account that had its turn.",
    )
    dry_run: bool = input_field(
        default=False, description="Show how it would be shared, and write nothing; the key stays free."
    )


@payload
class ReceiptRecordPayload(Payload):
    """The receipt, and how its money is shared."""

    receipt: Receipt | None = loaded("receipt_id", description="The receipt; null when it was only tried.")
    shares: list[ReceiptShareOutcome] | None = plain(
        description="What each account gets, and why.", permission=Permission.LEDGER_WRITE
    )


@mutations
class ReceiptMutations:
    @mutation(
        record_receipt,
        description="Record money that came once for several debts: it is shared by the given rule, one payment an"
        " account. What is disputed gets nothing. With dryRun the shares are shown, and nothing is written.",
    )
    async def receipt_record(self, info: Info, input: ReceiptRecordInput) -> ReceiptRecordPayload:
        # What is only tried leaves the key free for what is then done.
        key = None if input.dry_run else input.idempotency_key
        return await run(info, ReceiptRecordPayload, record_receipt, input, idempotency_key=key)
