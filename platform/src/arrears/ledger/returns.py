"""Payments put right by hand: given back, taken back by a bank, and moved to the account that they were meant for."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from arrears.access.model import Permission
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import Wish, book
from arrears.ledger.commands import checked_reason, refuse_before_opening
from arrears.ledger.model import DebtComponent, EntryKind, PaidTo, PaymentDraft, PaymentMethod
from arrears.ledger.posting import LockedAccount, lock_accounts, mark_payment_reversed
from arrears.ledger.queries import PaymentPostings, payment_entry_id, payment_postings
from arrears.ledger.tables import PaymentRow
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money


class PaymentRefundRecord(Command):
    """Money of a payment that was given back by hand, and why: so much, or all that stands when no amount is given.

    With `surplus_only` no more is given back than what the payment brought beyond the debt.
    """

    payment_id: UUID
    reason: str
    amount: Money | None = None
    surplus_only: bool = False
    effective_on: date | None = None


class PaymentChargebackRecord(Command):
    """Money of a payment that the payer's bank took back: so much, or all that stands when no amount is given."""

    payment_id: UUID
    reason: str
    amount: Money | None = None
    effective_on: date | None = None


class PaymentMove(Command):
    """A payment that was booked on the wrong account, and why it belongs on another.

    With `accepts_surplus` more than is owed there is taken as well, and owed back to the debtor.
    """

    payment_id: UUID
    to_account_id: UUID
    reason: str
    accepts_surplus: bool = False


class PaymentReturned(Result):
    """The entry that gives money of a payment back, and what the account owes after it."""

    payment_id: UUID
    entry_id: UUID
    account_id: UUID
    amount: Money
    balance: Money


class PaymentMoved(Result):
    """The payment as it stands on its own account now, the one that was undone, and what both accounts owe after it."""

    payment_id: UUID
    entry_id: UUID
    account_id: UUID
    balance: Money
    moved_payment_id: UUID
    reversal_id: UUID
    from_account_id: UUID
    from_balance: Money


@command("ledger.refund_payment", permission=Permission.LEDGER_WRITE)
async def refund_payment(tx: Transaction, change: PaymentRefundRecord) -> PaymentReturned:
    """An entry by which money goes back to the debtor: what was more than owed first, then what was paid last."""
    payment, account, money = await _payment(tx, change.payment_id)
    most = money.surplus_minor if change.surplus_only else money.standing_minor
    if most == 0 and change.surplus_only:
        raise RefusedError(
            "The payment brought nothing beyond the debt.",
            code=ErrorCode.REFUND_EXCEEDS_PAYMENT,
            field=("input", "surplusOnly"),
        )
    return await _return(tx, payment, account, money, change, EntryKind.REFUND, most)


@command("ledger.charge_back_payment", permission=Permission.LEDGER_WRITE)
async def charge_back_payment(tx: Transaction, change: PaymentChargebackRecord) -> PaymentReturned:
    """An entry by which a payment, or a part of it, counts no longer, as the payer's bank took it back."""
    payment, account, money = await _payment(tx, change.payment_id)
    return await _return(tx, payment, account, money, change, EntryKind.CHARGEBACK, money.standing_minor)


@command("ledger.move_payment", permission=Permission.LEDGER_WRITE)
async def move_payment(tx: Transaction, change: PaymentMove) -> PaymentMoved:
    """The payment undone from its own day on where it was booked, and booked with the same days where it belongs."""
    payment = await load(tx, PaymentRow, change.payment_id, kind="paym", field=("input", "paymentId"))
    if payment.account_id == change.to_account_id:
        raise InputError("The payment is booked on this account.", field=("input", "toAccountId"))
    accounts = await lock_accounts(tx, [payment.account_id, change.to_account_id])
    source = _seen(accounts.get(payment.account_id), "paymentId")
    target = _seen(accounts.get(change.to_account_id), "toAccountId")
    if target.currency != payment.currency:
        raise CurrencyMismatchError(f"The other account is kept in {target.currency}.", field=("input", "toAccountId"))
    money = await _money(tx, payment)
    if money.is_restated:
        raise RefusedError(
            "Of this payment something was refunded or charged back: it stays where it is.",
            code=ErrorCode.PAYMENT_RETURNED,
            field=("input", "paymentId"),
        )
    await refuse_before_opening(tx, target, payment.effective_on, "toAccountId")
    reason = checked_reason(change.reason)
    draft = _again(payment)
    undone, booked = await book(
        tx,
        [
            Wish(
                account_id=source.account_id,
                kind=EntryKind.REVERSAL,
                event="PaymentReversed",
                effective_on=payment.effective_on,
                money_minor=-money.standing_minor,
                reason=reason,
                payment_id=payment.id,
                reverses_id=await payment_entry_id(tx, payment.id),
                subject=("paym", payment.id),
            ),
            Wish(
                account_id=target.account_id,
                kind=EntryKind.PAYMENT,
                event="PaymentRecorded",
                effective_on=payment.effective_on,
                money_minor=payment.amount_minor,
                reason=reason,
                payment=draft,
                allows_surplus=change.accepts_surplus,
                subject=("paym", draft.payment_id),
            ),
        ],
        accounts=accounts,
    )
    await mark_payment_reversed(tx, payment.id)
    return PaymentMoved(
        payment_id=draft.payment_id,
        entry_id=booked.entry_id,
        account_id=booked.account_id,
        balance=booked.balance,
        moved_payment_id=payment.id,
        reversal_id=undone.entry_id,
        from_account_id=undone.account_id,
        from_balance=undone.balance,
    )


def _again(payment: PaymentRow) -> PaymentDraft:
    return PaymentDraft(
        payment_id=new_id(),
        amount_minor=payment.amount_minor,
        method=PaymentMethod(payment.method),
        paid_to=PaidTo(payment.paid_to),
        received_on=payment.received_on,
        reference=payment.reference,
        direction=tuple(DebtComponent(component) for component in payment.direction),
        in_settlement=payment.in_settlement,
        receipt_id=payment.receipt_id,
    )


async def _payment(tx: Transaction, payment_id: UUID) -> tuple[PaymentRow, LockedAccount, PaymentPostings]:
    """The payment, its locked account, and how much of it stands."""
    payment = await load(tx, PaymentRow, payment_id, kind="paym", field=("input", "paymentId"))
    account = _seen((await lock_accounts(tx, [payment.account_id])).get(payment.account_id), "paymentId")
    return payment, account, await _money(tx, payment)


async def _money(tx: Transaction, payment: PaymentRow) -> PaymentPostings:
    """How much of a payment stands; raises RefusedError for one that a gateway took, and for one that was undone."""
    if payment.through_gateway:
        raise RefusedError(
            "The payment was taken through a gateway, which has to give it back: use paymentRefund.",
            code=ErrorCode.PAYMENT_THROUGH_GATEWAY,
            field=("input", "paymentId"),
        )
    money = await payment_postings(tx, payment.id)
    if money.standing_minor == 0:
        raise RefusedError(
            "Nothing is left of the payment.", code=ErrorCode.ALREADY_REVERSED, field=("input", "paymentId")
        )
    return money


def _seen(account: LockedAccount | None, named: str) -> LockedAccount:
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", named))
    return account


async def _return(
    tx: Transaction,
    payment: PaymentRow,
    account: LockedAccount,
    money: PaymentPostings,
    change: PaymentRefundRecord | PaymentChargebackRecord,
    kind: EntryKind,
    most_minor: int,
) -> PaymentReturned:
    amount = Money(most_minor, account.currency) if change.amount is None else change.amount
    if amount.currency != account.currency:
        raise CurrencyMismatchError(f"The payment was made in {account.currency}.", field=("input", "amount"))
    if amount.minor <= 0:
        raise InputError(
            "The amount must be above zero.", code=ErrorCode.AMOUNT_NOT_POSITIVE, field=("input", "amount")
        )
    if amount.minor > most_minor:
        raise RefusedError(
            f"{amount} is more than the {Money(most_minor, account.currency)} that can be given back.",
            code=ErrorCode.REFUND_EXCEEDS_PAYMENT,
            field=("input", "amount"),
        )
    day = change.effective_on or max(account.today, payment.effective_on)
    if day < payment.effective_on:
        raise InputError(
            f"The payment takes effect on {payment.effective_on}; nothing of it goes back before.",
            field=("input", "effectiveOn"),
        )
    wish = Wish(
        account_id=account.account_id,
        kind=kind,
        event="PaymentRefunded" if kind is EntryKind.REFUND else "PaymentChargedBack",
        effective_on=day,
        money_minor=-amount.minor,
        reason=checked_reason(change.reason),
        payment_id=payment.id,
        subject=("paym", payment.id),
    )
    (booked,) = await book(tx, [wish], accounts={account.account_id: account})
    if amount.minor == money.standing_minor:
        await mark_payment_reversed(tx, payment.id)
    return PaymentReturned(
        payment_id=payment.id,
        entry_id=booked.entry_id,
        account_id=booked.account_id,
        amount=amount,
        balance=booked.balance,
    )
