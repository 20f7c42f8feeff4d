"""Many openings or payments at once, in a fixed number of statements: what the commands of these names do singly."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from arrears.accounts.model import CLOSED_STATUSES
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import book
from arrears.ledger.commands import (
    EntryRecorded,
    OpeningBalanceRecord,
    PaymentRecord,
    PaymentRecorded,
    opening_wish,
    payment_recorded,
    payment_wish,
    record_opening_balance,
    record_payment,
)
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears.ledger.queries import accounts_with_opening
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError, RefusedError


async def record_opening_balances(tx: Transaction, changes: Sequence[OpeningBalanceRecord]) -> list[EntryRecorded]:
    """The opening entries of as many accounts, all or none; the results stand in the order of the changes."""
    accounts = await _locked(tx, [change.account_id for change in changes])
    closed = [account for account in accounts.values() if account.status in CLOSED_STATUSES]
    if closed:
        raise RefusedError("An account is closed.", code=ErrorCode.ACCOUNT_CLOSED)
    if await accounts_with_opening(tx, list(accounts)):
        raise RefusedError("An account has an opening balance that stands.", code=ErrorCode.OPENING_BALANCE_EXISTS)
    wishes = [opening_wish(change, accounts[change.account_id]) for change in changes]
    with tx.under_command(record_opening_balance.name):
        booked = await book(tx, wishes, accounts=accounts)
    return [EntryRecorded(entry_id=one.entry_id, account_id=one.account_id, balance=one.balance) for one in booked]


async def record_payments(tx: Transaction, changes: Sequence[PaymentRecord]) -> list[PaymentRecorded]:
    """Payments on as many accounts, all or none; the results stand in the order of the changes."""
    accounts = await _locked(tx, [change.account_id for change in changes])
    wishes = [payment_wish(tx, change, accounts[change.account_id]) for change in changes]
    with tx.under_command(record_payment.name):
        booked = await book(tx, wishes, accounts=accounts)
    return [payment_recorded(wish, one) for wish, one in zip(wishes, booked, strict=True)]


async def _locked(tx: Transaction, account_ids: Sequence[UUID]) -> dict[UUID, LockedAccount]:
    if len(set(account_ids)) < len(account_ids):
        raise InputError("A batch holds one entry an account.")
    accounts = await lock_accounts(tx, account_ids)
    if len(accounts) < len(account_ids):
        raise NotFoundError("There is no such account that you may see.")
    return accounts
