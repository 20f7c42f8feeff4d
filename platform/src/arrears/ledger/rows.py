"""Drafts of the ledger as rows of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.accounts.balances import BalanceChange
from arrears.ledger.history import Amounts, InterestState, Trace
from arrears.ledger.interest import PARTS
from arrears.ledger.model import (
    BOOK_OF,
    DebtComponent,
    EntryDraft,
    EntryKind,
    LedgerBook,
    Line,
    PaymentState,
    change_by_component,
)
from arrears_sdk.ids import new_id

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction


@dataclass(frozen=True, slots=True)
class AllocationDraft:
    """How the money of a payment is spread from now on, and by which entry it came to that."""

    client_id: UUID
    account_id: UUID
    payment_id: UUID
    entry_id: UUID
    sequence: int
    trace: Trace
    allocation_id: UUID
    currency: str


@dataclass(frozen=True, slots=True)
class AwardDraft:
    """What is known of a judgment besides the day and the difference that its entry has."""

    awarded: Amounts
    currency: str
    court: str | None = None
    case_reference: str | None = None
    rate_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class JudgmentDraft:
    """A judgment before it is stored."""

    client_id: UUID
    account_id: UUID
    entry_id: UUID
    entered_on: date
    award: AwardDraft


@dataclass(frozen=True, slots=True)
class AccrualDraft:
    """How far the interest of an account is counted, and by which rule."""

    client_id: UUID
    account_id: UUID
    state: InterestState
    rule: str


@dataclass(frozen=True, slots=True)
class Besides:
    """What is written together with entries: how payments are spread, judgments, and how far interest is counted."""

    allocations: tuple[AllocationDraft, ...] = ()
    awards: tuple[JudgmentDraft, ...] = ()
    accruals: tuple[AccrualDraft, ...] = ()
    uncounted: tuple[UUID, ...] = ()
    """Accounts that bear no interest any more: what was counted on them is forgotten."""


NOTHING_BESIDES = Besides()

FORGET_ACCRUALS = "delete from accrual where account_id = any (%s::uuid[])"
KEEP_LATEST_ACCRUAL = (
    "on conflict (account_id) do update set through_on = excluded.through_on, exact = excluded.exact,"
    " accrued_minor = excluded.accrued_minor, capitalised_minor = excluded.capitalised_minor,"
    " began_on = excluded.began_on, principal_at_start_minor = excluded.principal_at_start_minor, rule = excluded.rule"
)

Row = dict[str, object]


def payment_rows(drafts: Sequence[EntryDraft], previous: Sequence[date | None], now: datetime) -> list[Row]:
    """The rows of the payments that are new; `previous` has the day of the account's last payment before each."""
    return [
        {
            "id": payment.payment_id,
            "client_id": draft.client_id,
            "account_id": draft.account_id,
            "amount_minor": payment.amount_minor,
            "currency": draft.currency,
            "method": payment.method.value,
            "paid_to": payment.paid_to.value,
            "received_on": payment.received_on,
            "effective_on": draft.effective_on,
            "reference": payment.reference,
            "direction": [component.value for component in payment.direction],
            "in_settlement": payment.in_settlement,
            "through_gateway": payment.through_gateway,
            "receipt_id": payment.receipt_id,
            "previous_payment_on": previous_payment_on,
            "state": PaymentState.RECORDED.value,
            "recorded_at": now,
        }
        for draft, previous_payment_on in zip(drafts, previous, strict=True)
        if (payment := draft.new_payment) is not None
    ]


def entry_row(draft: EntryDraft, tx: Transaction) -> Row:
    """The row of an entry."""
    return {
        "id": draft.entry_id,
        "client_id": draft.client_id,
        "account_id": draft.account_id,
        "kind": draft.kind.value,
        "effective_on": draft.effective_on,
        "currency": draft.currency,
        "amount_minor": draft.amount_minor,
        "reason": draft.reason,
        "reverses_id": draft.reverses_id,
        "corrects_id": draft.corrects_id,
        "transfer_id": draft.transfer_id,
        "is_whole": draft.is_whole,
        "payment_id": draft.new_payment.payment_id if draft.new_payment is not None else draft.payment_id,
        "recorded_at": tx.now,
        "command": tx.command,
        "principal_id": tx.context.principal.id,
    }


def posting_rows(drafts: Sequence[EntryDraft], now: datetime) -> list[Row]:
    """The rows of the postings of entries."""
    return [
        _posting_row(draft, position, line, now)
        for draft in drafts
        for position, line in enumerate(draft.lines, start=1)
    ]


def _posting_row(draft: EntryDraft, position: int, line: Line, now: datetime) -> Row:
    book = BOOK_OF[line.ledger_account]
    return {
        "id": new_id(),
        "entry_id": draft.entry_id,
        "position": position,
        "client_id": draft.client_id,
        # Lines of the agency's own book stay out of sight of whoever may see only the account.
        "account_id": draft.account_id if book is LedgerBook.DEBT else None,
        "book": book.value,
        "ledger_account": line.ledger_account.value,
        "component": None if line.component is None else line.component.value,
        "amount_minor": line.amount_minor,
        "currency": draft.currency,
        "effective_on": draft.effective_on,
        "recorded_at": now,
    }


def balance_change(draft: EntryDraft) -> BalanceChange:
    """By how much an entry moves what is kept on its account."""
    changes = change_by_component(draft.lines)
    return BalanceChange(
        account_id=draft.account_id,
        principal_minor=changes.get(DebtComponent.PRINCIPAL, 0),
        interest_minor=changes.get(DebtComponent.INTEREST, 0),
        fees_minor=changes.get(DebtComponent.FEES, 0),
        costs_minor=changes.get(DebtComponent.COSTS, 0),
        placed_minor=draft.amount_minor if draft.original_kind is EntryKind.OPENING_BALANCE else 0,
        written_off_minor=draft.written_off_minor,
        entry_on=draft.effective_on,
        paid_on=None if draft.new_payment is None else draft.new_payment.received_on,
    )


def allocation_row(draft: AllocationDraft, now: datetime) -> Row:
    """The row of an allocation."""
    return {
        "id": draft.allocation_id,
        "client_id": draft.client_id,
        "account_id": draft.account_id,
        "payment_id": draft.payment_id,
        "entry_id": draft.entry_id,
        "sequence": draft.sequence,
        "waterfall": draft.trace.waterfall,
        "stage": draft.trace.stage.value,
        "recorded_at": now,
    }


def allocation_line_rows(drafts: Sequence[AllocationDraft]) -> list[Row]:
    """The rows of the lines of allocations."""
    return [
        {
            "id": new_id(),
            "client_id": draft.client_id,
            "account_id": draft.account_id,
            "allocation_id": draft.allocation_id,
            "position": position,
            "instalment": line.instalment,
            "component": None if line.component is None else line.component.value,
            "owed_minor": line.owed_minor,
            "paid_minor": line.paid_minor,
            "currency": draft.currency,
            "reason": line.reason,
        }
        for draft in drafts
        for position, line in enumerate(draft.trace.lines, start=1)
    ]


def award_row(draft: JudgmentDraft, now: datetime) -> Row:
    """The row of a judgment."""
    return {
        "id": new_id(),
        "client_id": draft.client_id,
        "account_id": draft.account_id,
        "entry_id": draft.entry_id,
        "entered_on": draft.entered_on,
        "court": draft.award.court,
        "case_reference": draft.award.case_reference,
        "rate_percent": draft.award.rate_percent,
        "currency": draft.award.currency,
        **{f"{component.value.lower()}_minor": draft.award.awarded.get(component, 0) for component in DebtComponent},
        "recorded_at": now,
    }


def accrual_row(draft: AccrualDraft) -> Row:
    """The row of the state of an account's interest."""
    return {
        "account_id": draft.account_id,
        "client_id": draft.client_id,
        "through_on": draft.state.through_on,
        "exact": Decimal(int(draft.state.exact * PARTS)),
        "accrued_minor": draft.state.accrued_minor,
        "capitalised_minor": draft.state.capitalised_minor,
        "began_on": draft.state.began_on,
        "principal_at_start_minor": draft.state.principal_at_start_minor,
        "rule": draft.rule,
    }
