"""What can be done in the ledger: opening balances, charges, payments recorded by hand, and reversals."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from arrears.access.model import Permission
from arrears.accounts.commands import AccountUpdate, update_account
from arrears.accounts.model import CLOSED_STATUSES
from arrears.clients.model import checked_text
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.personal import mask_card_numbers, protect_reference
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import Booked, Wish, book
from arrears.ledger.model import RESTATING, DebtComponent, EntryKind, PaidTo, PaymentDraft, PaymentMethod
from arrears.ledger.posting import LockedAccount, lock_accounts, mark_payment_reversed
from arrears.ledger.queries import account_stand, accounts_with_opening, is_reversed, payment_entry_id, payment_postings
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


# What follows from other entries is undone with them, or by what puts them right.
_NOT_REVERSED = RESTATING | {EntryKind.REVERSAL, EntryKind.INTEREST, EntryKind.CORRECTION}


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

    `direction` names the components that the debtor wants paid first; `in_settlement` is paid as a settlement has it.
    With `accepts_surplus` more than is owed is taken as well, and owed back to the debtor: money that a provider has
    taken must stand somewhere. What was taken `through_gateway` is given back only through it.
    """

    account_id: UUID
    amount: Money
    method: PaymentMethod
    paid_to: PaidTo = PaidTo.AGENCY
    received_on: date | None = None
    effective_on: date | None = None
    reference: str | None = None
    direction: tuple[DebtComponent, ...] = ()
    in_settlement: bool = False
    accepts_surplus: bool = False
    through_gateway: bool = False


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
    account = await open_account(tx, change.account_id)
    wish = opening_wish(change, account)
    await _refuse_second_opening(tx, account.account_id)
    return await booked_entry(tx, wish, account)


def opening_wish(change: OpeningBalanceRecord, account: LockedAccount) -> Wish:
    """The opening entry of a locked account; raises what `record_opening_balance` raises for wrong input."""
    given = {component: getattr(change, component.value.lower()) for component in DebtComponent}
    components = {
        component: checked_amount(amount, account, component.value.lower()).minor
        for component, amount in given.items()
        if amount is not None
    }
    if not components:
        raise InputError("Give at least one amount.", code=ErrorCode.REQUIRED, field=("input", "principal"))
    return Wish(
        account_id=account.account_id,
        kind=EntryKind.OPENING_BALANCE,
        event="OpeningBalanceRecorded",
        effective_on=change.effective_on,
        changes=components,
    )


@command("ledger.record_charge", permission=Permission.LEDGER_WRITE)
async def record_charge(tx: Transaction, change: ChargeRecord) -> EntryRecorded:
    """An entry by which one component of the debt grows."""
    account = await open_account(tx, change.account_id)
    await refuse_before_opening(tx, account, change.effective_on or account.today)
    wish = Wish(
        account_id=account.account_id,
        kind=EntryKind.CHARGE,
        event="ChargeRecorded",
        effective_on=change.effective_on,
        changes={change.component: checked_amount(change.amount, account, "amount").minor},
        reason=None if change.reason is None else checked_reason(change.reason),
    )
    return await booked_entry(tx, wish, account)


@command("ledger.record_payment", permission=Permission.LEDGER_WRITE)
async def record_payment(tx: Transaction, change: PaymentRecord) -> PaymentRecorded:
    """A payment spread over what is owed; a closed account takes one too, as money that came must stand somewhere."""
    account = await locked_account(tx, change.account_id)
    wish = payment_wish(tx, change, account)
    (booked,) = await book(tx, [wish], accounts={account.account_id: account})
    return payment_recorded(wish, booked)


def payment_recorded(wish: Wish, booked: Booked) -> PaymentRecorded:
    """What is told of a payment that was booked."""
    assert wish.payment is not None
    return PaymentRecorded(
        payment_id=wish.payment.payment_id,
        entry_id=booked.entry_id,
        account_id=booked.account_id,
        balance=booked.balance,
    )


def payment_wish(tx: Transaction, change: PaymentRecord, account: LockedAccount) -> Wish:
    """The entry of a payment on a locked account; raises what `record_payment` raises for wrong input."""
    amount = checked_amount(change.amount, account, "amount")
    received_on = change.received_on or account.today
    if received_on > account.today:
        raise InputError(f"{received_on} lies in the future.", field=("input", "receivedOn"))
    if len(set(change.direction)) < len(change.direction):
        raise InputError("Name each component once.", field=("input", "direction"))
    reference = change.reference
    if reference is not None:
        reference = protect_reference(checked_text(reference, ("input", "reference")), tx.context.vault)
    payment = PaymentDraft(
        payment_id=new_id(),
        amount_minor=amount.minor,
        method=change.method,
        paid_to=change.paid_to,
        received_on=received_on,
        reference=reference,
        direction=change.direction,
        in_settlement=change.in_settlement,
        through_gateway=change.through_gateway,
    )
    return Wish(
        account_id=account.account_id,
        kind=EntryKind.PAYMENT,
        event="PaymentRecorded",
        effective_on=change.effective_on or received_on,
        money_minor=amount.minor,
        payment=payment,
        allows_surplus=change.accepts_surplus,
        subject=("paym", payment.payment_id),
    )


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
    if entry.kind in _NOT_REVERSED or entry.account_id is None:
        raise RefusedError(
            "What was reversed, refunded or charged back stands; record what is due in a new entry.",
            code=ErrorCode.ALREADY_REVERSED,
            field=("input", named),
        )
    if entry.kind == EntryKind.TRANSFER:
        raise RefusedError(
            "One half of a transfer is not undone alone: move the balance back.",
            code=ErrorCode.INVALID_INPUT,
            field=("input", named),
        )
    account = await locked_account(tx, entry.account_id)
    if await is_reversed(tx, entry.id):
        raise RefusedError("This has been reversed already.", code=ErrorCode.ALREADY_REVERSED, field=("input", named))
    posted = None if entry.payment_id is None else await payment_postings(tx, entry.payment_id)
    if posted is not None and posted.is_restated:
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
    wish = Wish(
        account_id=account.account_id,
        kind=EntryKind.REVERSAL,
        event="EntryReversed" if entry.payment_id is None else "PaymentReversed",
        effective_on=day,
        money_minor=0 if posted is None else -posted.standing_minor,
        reason=checked_reason(reason),
        reverses_id=entry.id,
        payment_id=entry.payment_id,
        subject=None if entry.payment_id is None else ("paym", entry.payment_id),
    )
    booked = await booked_entry(tx, wish, account)
    if entry.payment_id is not None:
        await mark_payment_reversed(tx, entry.payment_id)
    elif entry.kind == EntryKind.JUDGMENT:
        await _forget_judgment(tx, account.account_id)
    return EntryReversed(
        entry_id=booked.entry_id,
        reversed_entry_id=entry.id,
        account_id=account.account_id,
        payment_id=entry.payment_id,
        balance=booked.balance,
    )


async def _forget_judgment(tx: Transaction, account_id: UUID) -> None:
    """The account's facts name no judgment any more."""
    version = (await account_stand(tx, account_id)).version
    await update_account.within(tx, AccountUpdate(account_id=account_id, version=version, judgment_on=None))


async def booked_entry(tx: Transaction, wish: Wish, account: LockedAccount) -> EntryRecorded:
    """Books one entry on a locked account."""
    (booked,) = await book(tx, [wish], accounts={account.account_id: account})
    return EntryRecorded(entry_id=booked.entry_id, account_id=booked.account_id, balance=booked.balance)


async def locked_account(tx: Transaction, account_id: UUID) -> LockedAccount:
    """An account locked for booking; NotFoundError when there is none that the principal may see."""
    account = (await lock_accounts(tx, [account_id])).get(account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
    return account


async def open_account(tx: Transaction, account_id: UUID) -> LockedAccount:
    """The same, and RefusedError for an account that is closed."""
    account = await locked_account(tx, account_id)
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


def checked_amount(amount: Money, account: LockedAccount, name: str) -> Money:
    """An amount above zero in the account's currency; `name` is the input's field."""
    if amount.currency != account.currency:
        raise CurrencyMismatchError(f"The account is kept in {account.currency}.", field=("input", name))
    if amount.minor <= 0:
        raise InputError("The amount must be above zero.", code=ErrorCode.AMOUNT_NOT_POSITIVE, field=("input", name))
    return amount


def checked_reason(reason: str) -> str:
    """A reason that is not empty, without the numbers of payment cards."""
    return mask_card_numbers(checked_text(reason, ("input", "reason"), most=500))


async def refuse_before_opening(tx: Transaction, account: LockedAccount, day: date, named: str = "effectiveOn") -> None:
    """Raises InputError for a day before the debt's own."""
    opened_on = (await account_stand(tx, account.account_id)).opened_on
    if day < opened_on:
        raise InputError(f"The debt is of {opened_on}; nothing happened to it before.", field=("input", named))
