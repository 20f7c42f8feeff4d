"""What the words of the ledger mean, as the schema tells it."""

from __future__ import annotations

from arrears.graphql.declare import describe_enum
from arrears.ledger.model import (
    DebtComponent,
    EntryKind,
    LedgerAccount,
    LedgerBook,
    PaidTo,
    PaymentMethod,
    PaymentState,
)

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
