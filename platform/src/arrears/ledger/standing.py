"""How much of a payment stands: given back in parts, taken back by a bank, and restored."""

from __future__ import annotations

from uuid import UUID

from arrears.access.model import Permission
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import Wish, book
from arrears.ledger.model import RESTATING, EntryKind
from arrears.ledger.posting import lock_accounts, mark_payment_recorded, mark_payment_reversed
from arrears.ledger.queries import payment_postings
from arrears.ledger.tables import PaymentRow
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, InputError
from arrears_sdk.money import Money

_EVENTS = {
    EntryKind.REFUND: "PaymentRefunded",
    EntryKind.CHARGEBACK: "PaymentChargedBack",
    EntryKind.CHARGEBACK_WON: "ChargebackWon",
}


class PaymentRestate(Command):
    """How much of a payment stands from now on, and why: a refund, a chargeback, or one that was won."""

    payment_id: UUID
    standing: Money
    kind: EntryKind
    reason: str


class PaymentRestated(Result):
    """The entry by which the ledger came to it, None when it stood so already, and what the account owes now."""

    payment_id: UUID
    entry_id: UUID | None
    balance: Money


@command("ledger.restate_payment", permission=Permission.LEDGER_WRITE)
async def restate_payment(tx: Transaction, change: PaymentRestate) -> PaymentRestated:
    """An entry of the difference: what is given back becomes owed again, last paid first; what returns pays again."""
    payment = await load(tx, PaymentRow, change.payment_id, kind="paym")
    if change.standing.currency != payment.currency:
        raise CurrencyMismatchError(f"The payment was made in {payment.currency}.")
    if change.standing.minor < 0 or change.kind not in RESTATING:
        raise InputError("Of a payment nothing or more stands.", code=ErrorCode.INVALID_INPUT)
    account = (await lock_accounts(tx, [payment.account_id]))[payment.account_id]
    posted = await payment_postings(tx, payment.id)
    difference = change.standing.minor - posted.standing_minor
    if difference == 0:
        return PaymentRestated(payment_id=payment.id, entry_id=None, balance=account.balance)
    wish = Wish(
        account_id=account.account_id,
        kind=change.kind,
        event=_EVENTS[change.kind],
        effective_on=max(account.today, payment.effective_on),
        money_minor=difference,
        reason=change.reason,
        payment_id=payment.id,
        allows_surplus=True,
        subject=("paym", payment.id),
    )
    (booked,) = await book(tx, [wish], accounts={account.account_id: account})
    if change.standing.minor == 0:
        await mark_payment_reversed(tx, payment.id)
    elif posted.standing_minor == 0:
        await mark_payment_recorded(tx, payment.id)
    return PaymentRestated(payment_id=payment.id, entry_id=booked.entry_id, balance=booked.balance)
