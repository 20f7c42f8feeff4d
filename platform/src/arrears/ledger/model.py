"""The words of the ledger and its pure rules: books, accounts of the books, components, allocation and postings."""

from __future__ import annotations

from enum import StrEnum


class Book(StrEnum):
    """Which set of accounts a posting belongs to."""

    DEBT = "DEBT"
    AGENCY = "AGENCY"


class LedgerAccount(StrEnum):
    """An account of one of the two books; its book is `BOOK_OF[...]`."""

    RECEIVABLE = "RECEIVABLE"
    PLACED = "PLACED"
    WRITTEN_OFF = "WRITTEN_OFF"
    RECOVERED = "RECOVERED"
    TRUST_BANK = "TRUST_BANK"
    UNCLEARED = "UNCLEARED"
    SUSPENSE = "SUSPENSE"
    CLIENT_PAYABLE = "CLIENT_PAYABLE"
    CLIENT_RECEIVABLE = "CLIENT_RECEIVABLE"
    COMMISSION_INCOME = "COMMISSION_INCOME"
    TAX_PAYABLE = "TAX_PAYABLE"
    COSTS_ADVANCED = "COSTS_ADVANCED"
    REFUNDS_PAYABLE = "REFUNDS_PAYABLE"


_DEBT_BOOK = frozenset(
    {LedgerAccount.RECEIVABLE, LedgerAccount.PLACED, LedgerAccount.WRITTEN_OFF, LedgerAccount.RECOVERED}
)
BOOK_OF: dict[LedgerAccount, Book] = {
    account: Book.DEBT if account in _DEBT_BOOK else Book.AGENCY for account in LedgerAccount
}


class Component(StrEnum):
    """What a part of a debt consists of."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    FEES = "FEES"
    COSTS = "COSTS"


class EntryKind(StrEnum):
    """Why a ledger entry was made."""

    OPENING_BALANCE = "OPENING_BALANCE"
    CHARGE = "CHARGE"
    PAYMENT = "PAYMENT"
    REVERSAL = "REVERSAL"


class PaymentMethod(StrEnum):
    """How the debtor paid."""

    CASH = "CASH"
    CHEQUE = "CHEQUE"
    BANK_TRANSFER = "BANK_TRANSFER"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    CARD = "CARD"
    OTHER = "OTHER"


class PaidTo(StrEnum):
    """Who received the money: the agency, or the client directly."""

    AGENCY = "AGENCY"
    CLIENT = "CLIENT"


class PaymentState(StrEnum):
    """Where a payment stands."""

    RECORDED = "RECORDED"
    REVERSED = "REVERSED"
