"""The words of the ledger and its pure rules: books, accounts of the books, components, allocation and postings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.clients.model import CollectorRole

if TYPE_CHECKING:
    from arrears.ledger.history import Effect


class LedgerBook(StrEnum):
    """Which set of accounts a posting belongs to."""

    DEBT = "DEBT"
    AGENCY = "AGENCY"


class LedgerAccount(StrEnum):
    """An account of one of the two books; its book is `BOOK_OF[...]`."""

    RECEIVABLE = "RECEIVABLE"
    PLACED = "PLACED"
    WRITTEN_OFF = "WRITTEN_OFF"
    RECOVERED = "RECOVERED"
    FORGIVEN = "FORGIVEN"
    TRANSFERRED = "TRANSFERRED"
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
    {
        LedgerAccount.RECEIVABLE,
        LedgerAccount.PLACED,
        LedgerAccount.WRITTEN_OFF,
        LedgerAccount.RECOVERED,
        LedgerAccount.FORGIVEN,
        LedgerAccount.TRANSFERRED,
    }
)
BOOK_OF: dict[LedgerAccount, LedgerBook] = {
    account: LedgerBook.DEBT if account in _DEBT_BOOK else LedgerBook.AGENCY for account in LedgerAccount
}


class DebtComponent(StrEnum):
    """What a part of a debt consists of."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    FEES = "FEES"
    COSTS = "COSTS"


class EntryKind(StrEnum):
    """Why a ledger entry was made."""

    OPENING_BALANCE = "OPENING_BALANCE"
    CHARGE = "CHARGE"
    FEE = "FEE"
    INTEREST = "INTEREST"
    JUDGMENT = "JUDGMENT"
    ADJUSTMENT = "ADJUSTMENT"
    DISCOUNT = "DISCOUNT"
    WRITE_OFF = "WRITE_OFF"
    TRANSFER = "TRANSFER"
    PAYMENT = "PAYMENT"
    RECOVERY = "RECOVERY"
    REFUND = "REFUND"
    CHARGEBACK = "CHARGEBACK"
    CHARGEBACK_WON = "CHARGEBACK_WON"
    REVERSAL = "REVERSAL"
    CORRECTION = "CORRECTION"


PAYING = frozenset({EntryKind.PAYMENT, EntryKind.RECOVERY})
"""Kinds of entries that book a payment; a payment has one of them."""

RESTATING = frozenset({EntryKind.REFUND, EntryKind.CHARGEBACK, EntryKind.CHARGEBACK_WON})
"""Kinds of entries that change how much of an earlier payment stands, as the provider says."""


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


# These hold the debts, or collect them in their own name: what comes in is theirs and not another's money in trust.
_OWN_MONEY = frozenset({CollectorRole.DEBT_BUYER, CollectorRole.FIRST_PARTY})


def holds_money_in_trust(role: CollectorRole) -> bool:
    """Whether what debtors pay to the collector in this role is the client's money, held in trust."""
    return role not in _OWN_MONEY


# The usual order, which leaves principal for last: it holds unless a client settles another.
ALLOCATION_ORDER = (DebtComponent.COSTS, DebtComponent.INTEREST, DebtComponent.FEES, DebtComponent.PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Line:
    """One posting before it is stored: debit positive, credit negative, in minor units."""

    ledger_account: LedgerAccount
    component: DebtComponent | None
    amount_minor: int

    def mirrored(self) -> Line:
        """The line that undoes this one."""
        return Line(self.ledger_account, self.component, -self.amount_minor)


@dataclass(frozen=True, slots=True)
class PaymentDraft:
    """What is known of a payment besides the account, amount and effective date that its entry has.

    `direction` is what the debtor said the money is for, first things first; empty when the creditor's order holds.
    """

    payment_id: UUID
    amount_minor: int
    method: PaymentMethod
    paid_to: PaidTo
    received_on: date
    reference: str | None = None
    direction: tuple[DebtComponent, ...] = ()
    in_settlement: bool = False
    receipt_id: UUID | None = None
    through_gateway: bool = False


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """One ledger entry on one account before it is stored."""

    entry_id: UUID
    client_id: UUID
    account_id: UUID
    kind: EntryKind
    effective_on: date
    currency: str
    lines: tuple[Line, ...]
    reason: str | None = None
    reverses_id: UUID | None = None
    reverses_kind: EntryKind | None = None
    corrects_id: UUID | None = None
    transfer_id: UUID | None = None
    is_whole: bool = False
    payment_id: UUID | None = None
    new_payment: PaymentDraft | None = None

    @property
    def original_kind(self) -> EntryKind:
        """The kind of the entry, or of the one that it reverses."""
        return self.reverses_kind or self.kind

    @property
    def amount_minor(self) -> int:
        """The change of what the debtor owes: positive when the debt grows."""
        return sum(line.amount_minor for line in self.lines if line.ledger_account is LedgerAccount.RECEIVABLE)

    @property
    def written_off_minor(self) -> int:
        """The change of what was given up: positive when more is, negative when some of it is recovered."""
        return sum(line.amount_minor for line in self.lines if line.ledger_account is LedgerAccount.WRITTEN_OFF)


def change_by_component(lines: Iterable[Line]) -> dict[DebtComponent, int]:
    """How the lines change each component of the debt; components that stay the same are left out."""
    changes: dict[DebtComponent, int] = {}
    for line in lines:
        if line.ledger_account is LedgerAccount.RECEIVABLE and line.component is not None:
            changes[line.component] = changes.get(line.component, 0) + line.amount_minor
    return {component: change for component, change in changes.items() if change}


_AGAINST = {
    EntryKind.DISCOUNT: LedgerAccount.FORGIVEN,
    EntryKind.TRANSFER: LedgerAccount.TRANSFERRED,
    EntryKind.WRITE_OFF: LedgerAccount.WRITTEN_OFF,
    **dict.fromkeys((*PAYING, *RESTATING, EntryKind.REVERSAL), LedgerAccount.RECOVERED),
}


def lines_of(effect: Effect, kind: EntryKind, *, into_trust: bool) -> tuple[Line, ...]:
    """The lines of an entry that does this to a debt: what is owed against what became of it, component by component.

    The reversal meant here is one of a payment; of other entries a reversal mirrors the lines. What is recovered of a
    written-off part leaves the receivable alone. Money held in trust is owed to the client, a surplus to the debtor.
    """
    against = _AGAINST.get(kind, LedgerAccount.PLACED)
    lines: list[Line] = []
    paid = 0
    for component in DebtComponent:
        change = effect.owed.get(component, 0)
        given_up = 0 if against is LedgerAccount.WRITTEN_OFF else effect.written_off.get(component, 0)
        opposite = -change - given_up
        moved = (
            (LedgerAccount.RECEIVABLE, change),
            (LedgerAccount.WRITTEN_OFF, given_up),
            (against, opposite),
        )
        lines += [Line(account, component, amount) for account, amount in moved if amount]
        paid += opposite if against is LedgerAccount.RECOVERED else 0
    if into_trust and paid:
        lines += [Line(LedgerAccount.TRUST_BANK, None, paid), Line(LedgerAccount.CLIENT_PAYABLE, None, -paid)]
    if surplus := effect.surplus_minor:
        holder = LedgerAccount.TRUST_BANK if into_trust else LedgerAccount.UNCLEARED
        lines += [Line(holder, None, surplus), Line(LedgerAccount.REFUNDS_PAYABLE, None, -surplus)]
    return tuple(lines)
