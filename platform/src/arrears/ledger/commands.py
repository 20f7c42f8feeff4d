"""What can be done in the ledger: opening balances, charges, payments recorded by hand, and reversals."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from arrears.access.model import Permission
from arrears.accounts.model import CLOSED_STATUSES
from arrears.clients.model import checked_text
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.personal import mask_card_numbers, protect_reference
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears.ledger.model import (
    RESTATING,
    DebtComponent,
    EntryDraft,
    EntryKind,
    Line,
    PaidTo,
    PaymentDraft,
    PaymentMethod,
    allocate,
    claim_lines,
    payment_lines,
)
from arrears.ledger.posting import LockedAccount, lock_accounts, mark_payment_reversed, post_entries
from arrears.ledger.queries import accounts_with_opening, payment_entry_id, payment_postings, stored_lines
from arrears.ledger.tables import LedgerEntryRow, PaymentRow
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, InputError, NotFoundError, Problem, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money

# Two who reverse the same entry at once wait for each other; the database refuses whoever comes second regardless.
_REVERSED_TWICE = {
    "uq_ledger_entry_reverses_id": Problem(
        ErrorCode.ALREADY_REVERSED, "This has been reversed already.", ("input", "entryId")
    )
}


class OpeningBalanceRecord(Command):
    """What was owed on an account when it was placed, by component; the day is today for the client unless given."""

    account_id: UUID
    principal: Money | None = None
    interest: Money | None = None
    fees: Money | None = None
    costs: Money | None = None
    effective_on: date | None = None


class ChargeRecord(Command):
    """Something added to a debt; the day is today for the client unless given."""

    account_id: UUID
    component: DebtComponent
    amount: Money
    effective_on: date | None = None
    reason: str | None = None


class PaymentRecord(Command):
    """Money that a debtor paid; both days are today for the client unless given, the second follows the first.

    With `accepts_surplus` more than is owed is taken as well, and owed back to the debtor: money that a provider has
    taken must stand somewhere.
    """

    account_id: UUID
    amount: Money
    method: PaymentMethod
    paid_to: PaidTo = PaidTo.AGENCY
    received_on: date | None = None
    effective_on: date | None = None
    reference: str | None = None
    accepts_surplus: bool = False


class PaymentReverse(Command):
    """A payment that did not hold, and why."""

    payment_id: UUID
    reason: str
    effective_on: date | None = None


class EntryReverse(Command):
    """A ledger entry that was wrong, and why."""

    entry_id: UUID
    reason: str
    effective_on: date | None = None


class EntryRecorded(Result):
    """The new entry, and what the account owes after it."""

    entry_id: UUID
    account_id: UUID
    balance: Money


class PaymentRecorded(Result):
    """The new payment and its entry, and what the account owes after it."""

    payment_id: UUID
    entry_id: UUID
    account_id: UUID
    balance: Money


class EntryReversed(Result):
    """The entry that undoes another, the payment concerned if there is one, and what the account owes after it."""

    entry_id: UUID
    reversed_entry_id: UUID
    account_id: UUID
    payment_id: UUID | None
    balance: Money


@command("ledger.record_opening_balance", permission=Permission.LEDGER_WRITE)
async def record_opening_balance(tx: Transaction, change: OpeningBalanceRecord) -> EntryRecorded:
    """The opening entry of an account; an account has one at most that stands."""
    account = await _open_account(tx, change.account_id)
    draft = opening_draft(change, account)
    await _refuse_second_opening(tx, account.account_id)
    return await _post(tx, draft, account, "OpeningBalanceRecorded")


def opening_draft(change: OpeningBalanceRecord, account: LockedAccount) -> EntryDraft:
    """The opening entry of a locked account; raises what `record_opening_balance` raises for wrong input."""
    given = {component: getattr(change, component.value.lower()) for component in DebtComponent}
    components = {
        component: _checked_amount(amount, account, component.value.lower()).minor
        for component, amount in given.items()
        if amount is not None
    }
    if not components:
        raise InputError("Give at least one amount.", code=ErrorCode.REQUIRED, field=("input", "principal"))
    return _draft(account, EntryKind.OPENING_BALANCE, change.effective_on, claim_lines(components))


@command("ledger.record_charge", permission=Permission.LEDGER_WRITE)
async def record_charge(tx: Transaction, change: ChargeRecord) -> EntryRecorded:
    """An entry by which one component of the debt grows."""
    account = await _open_account(tx, change.account_id)
    amount = _checked_amount(change.amount, account, "amount")
    reason = None if change.reason is None else _checked_reason(change.reason)
    lines = claim_lines({change.component: amount.minor})
    draft = _draft(account, EntryKind.CHARGE, change.effective_on, lines, reason=reason)
    return await _post(tx, draft, account, "ChargeRecorded")


@command("ledger.record_payment", permission=Permission.LEDGER_WRITE)
async def record_payment(tx: Transaction, change: PaymentRecord) -> PaymentRecorded:
    """A payment spread over what is owed; a closed account takes one too, as money that came must stand somewhere."""
    account = await _locked(tx, change.account_id)
    draft = payment_draft(tx, change, account)
    payment = draft.new_payment
    assert payment is not None
    posted = await _post(tx, draft, account, "PaymentRecorded", subject=("paym", payment.payment_id))
    return PaymentRecorded(
        payment_id=payment.payment_id,
        entry_id=posted.entry_id,
        account_id=posted.account_id,
        balance=posted.balance,
    )


def payment_draft(tx: Transaction, change: PaymentRecord, account: LockedAccount) -> EntryDraft:
    """The entry of a payment on a locked account; raises what `record_payment` raises for wrong input."""
    amount = _checked_amount(change.amount, account, "amount")
    received_on = change.received_on or account.today
    if received_on > account.today:
        raise InputError(f"{received_on} lies in the future.", field=("input", "receivedOn"))
    surplus = max(amount.minor - max(account.balance.minor, 0), 0) if change.accepts_surplus else 0
    try:
        shares = allocate(amount.minor - surplus, account.owed)
    except ValueError as error:
        raise RefusedError(
            f"{amount} is more than the {account.balance} that is owed.",
            code=ErrorCode.AMOUNT_EXCEEDS_BALANCE,
            field=("input", "amount"),
        ) from error
    reference = change.reference
    if reference is not None:
        reference = protect_reference(checked_text(reference, ("input", "reference")), tx.context.vault)
    payment = PaymentDraft(new_id(), amount.minor, change.method, change.paid_to, received_on, reference)
    into_trust = account.into_trust and change.paid_to is PaidTo.AGENCY
    lines = payment_lines(shares, into_trust=into_trust, surplus=surplus)
    return _draft(account, EntryKind.PAYMENT, change.effective_on or received_on, lines, new_payment=payment)


@command("ledger.reverse_payment", permission=Permission.LEDGER_WRITE, constraints=_REVERSED_TWICE)
async def reverse_payment(tx: Transaction, change: PaymentReverse) -> EntryReversed:
    """The entry that undoes a payment: the debt stands again."""
    payment = await load(tx, PaymentRow, change.payment_id, kind="paym", field=("input", "paymentId"))
    entry_id = await payment_entry_id(tx, payment.id)
    assert entry_id is not None
    return await _reverse(tx, entry_id, change.reason, change.effective_on, "paymentId")


@command("ledger.reverse_entry", permission=Permission.LEDGER_WRITE, constraints=_REVERSED_TWICE)
async def reverse_entry(tx: Transaction, change: EntryReverse) -> EntryReversed:
    """The entry that undoes another; the entry of a payment takes the payment with it."""
    return await _reverse(tx, change.entry_id, change.reason, change.effective_on, "entryId")


async def _reverse(
    tx: Transaction, entry_id: UUID, reason: str, effective_on: date | None, named: str
) -> EntryReversed:
    entry = await load(tx, LedgerEntryRow, entry_id, kind="entr", field=("input", named))
    if entry.kind == EntryKind.REVERSAL or entry.kind in RESTATING or entry.account_id is None:
        raise RefusedError(
            "What was reversed, refunded or charged back stands; record what is due in a new entry.",
            code=ErrorCode.ALREADY_REVERSED,
            field=("input", named),
        )
    account = await _locked(tx, entry.account_id)
    lines, is_reversed = await stored_lines(tx, entry.id)
    if is_reversed:
        raise RefusedError("This has been reversed already.", code=ErrorCode.ALREADY_REVERSED, field=("input", named))
    if entry.payment_id is not None and (await payment_postings(tx, entry.payment_id)).is_restated:
        raise RefusedError(
            "Of this payment something was refunded or charged back: refund what is left of it.",
            code=ErrorCode.PAYMENT_RETURNED,
            field=("input", named),
        )
    day = effective_on or max(account.today, entry.effective_on)
    if day < entry.effective_on:
        raise InputError(
            f"The entry takes effect on {entry.effective_on}; its reversal cannot take effect before.",
            field=("input", "effectiveOn"),
        )
    draft = _draft(
        account,
        EntryKind.REVERSAL,
        day,
        tuple(line.mirrored() for line in lines),
        reason=_checked_reason(reason),
        reverses_id=entry.id,
        reverses_kind=EntryKind(entry.kind),
        payment_id=entry.payment_id,
    )
    if entry.payment_id is None:
        posted = await _post(tx, draft, account, "EntryReversed")
    else:
        posted = await _post(tx, draft, account, "PaymentReversed", subject=("paym", entry.payment_id))
        await mark_payment_reversed(tx, entry.payment_id)
    return EntryReversed(
        entry_id=posted.entry_id,
        reversed_entry_id=entry.id,
        account_id=account.account_id,
        payment_id=entry.payment_id,
        balance=posted.balance,
    )


async def _post(
    tx: Transaction,
    draft: EntryDraft,
    account: LockedAccount,
    event: str,
    *,
    subject: tuple[str, UUID] | None = None,
) -> EntryRecorded:
    """Posts one entry, and tells of it in the audit and the outbox."""
    before = account.balance
    await post_entries(tx, [draft], accounts={account.account_id: account})
    tell_of_entry(tx, draft, event, before=before, after=account, subject=subject)
    return EntryRecorded(entry_id=draft.entry_id, account_id=draft.account_id, balance=account.balance)


def tell_of_entry(
    tx: Transaction,
    draft: EntryDraft,
    event: str,
    *,
    before: Money,
    after: LockedAccount,
    subject: tuple[str, UUID] | None,
) -> None:
    """Tells of a posted entry in the audit and the outbox; its subject is the entry itself unless another is given."""
    kind, subject_id = subject or ("entr", draft.entry_id)
    tx.audit(
        subject=kind,
        subject_id=subject_id,
        client_id=draft.client_id,
        before={"balance": before},
        after={"balance": after.balance, "entry": draft.entry_id, "account": draft.account_id},
    )
    payload = {
        "account_id": str(draft.account_id),
        "debtor_id": str(after.debtor_id),
        "entry_id": str(draft.entry_id),
        "amount_minor": draft.amount_minor,
        "currency": draft.currency,
        "effective_on": draft.effective_on.isoformat(),
    }
    tx.emit(Event(event, kind, subject_id, draft.client_id, payload))


async def _locked(tx: Transaction, account_id: UUID) -> LockedAccount:
    account = (await lock_accounts(tx, [account_id])).get(account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
    return account


async def _open_account(tx: Transaction, account_id: UUID) -> LockedAccount:
    account = await _locked(tx, account_id)
    if account.status in CLOSED_STATUSES:
        raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=("input", "accountId"))
    return account


async def _refuse_second_opening(tx: Transaction, account_id: UUID) -> None:
    if await accounts_with_opening(tx, [account_id]):
        raise RefusedError(
            "The account has an opening balance that stands.",
            code=ErrorCode.OPENING_BALANCE_EXISTS,
            field=("input", "accountId"),
        )


def _draft(
    account: LockedAccount,
    kind: EntryKind,
    effective_on: date | None,
    lines: tuple[Line, ...],
    *,
    reason: str | None = None,
    reverses_id: UUID | None = None,
    reverses_kind: EntryKind | None = None,
    payment_id: UUID | None = None,
    new_payment: PaymentDraft | None = None,
) -> EntryDraft:
    return EntryDraft(
        entry_id=new_id(),
        client_id=account.client_id,
        account_id=account.account_id,
        kind=kind,
        effective_on=effective_on or account.today,
        currency=account.currency,
        lines=lines,
        reason=reason,
        reverses_id=reverses_id,
        reverses_kind=reverses_kind,
        payment_id=payment_id,
        new_payment=new_payment,
    )


def _checked_amount(amount: Money, account: LockedAccount, name: str) -> Money:
    if amount.currency != account.currency:
        raise CurrencyMismatchError(f"The account is kept in {account.currency}.", field=("input", name))
    if amount.minor <= 0:
        raise InputError("The amount must be above zero.", code=ErrorCode.AMOUNT_NOT_POSITIVE, field=("input", name))
    return amount


def _checked_reason(reason: str) -> str:
    return mask_card_numbers(checked_text(reason, ("input", "reason"), most=500))
