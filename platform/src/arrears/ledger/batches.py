"""Many openings or payments at once, in a fixed number of statements: what the commands of these names do singly."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from arrears.accounts.model import CLOSED_STATUSES
from arrears.kernel.transaction import Transaction
from arrears.ledger.commands import (
    EntryRecorded,
    OpeningBalanceRecord,
    PaymentRecord,
    PaymentRecorded,
    opening_draft,
    payment_draft,
    record_opening_balance,
    record_payment,
    tell_of_entry,
)
from arrears.ledger.model import EntryDraft
from arrears.ledger.posting import LockedAccount, lock_accounts, post_entries
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
    drafts = [opening_draft(change, accounts[change.account_id]) for change in changes]
    await _post(tx, drafts, accounts, record_opening_balance.name, "OpeningBalanceRecorded")
    return [
        EntryRecorded(entry_id=draft.entry_id, account_id=draft.account_id, balance=accounts[draft.account_id].balance)
        for draft in drafts
    ]


async def record_payments(tx: Transaction, changes: Sequence[PaymentRecord]) -> list[PaymentRecorded]:
    """Payments on as many accounts, all or none; the results stand in the order of the changes."""
    accounts = await _locked(tx, [change.account_id for change in changes])
    drafts = [payment_draft(tx, change, accounts[change.account_id]) for change in changes]
    await _post(tx, drafts, accounts, record_payment.name, "PaymentRecorded")
    return [
        PaymentRecorded(
            payment_id=_payment_id(draft),
            entry_id=draft.entry_id,
            account_id=draft.account_id,
            balance=accounts[draft.account_id].balance,
        )
        for draft in drafts
    ]


async def _locked(tx: Transaction, account_ids: Sequence[UUID]) -> dict[UUID, LockedAccount]:
    if len(set(account_ids)) < len(account_ids):
        raise InputError("A batch holds one entry an account.")
    accounts = await lock_accounts(tx, account_ids)
    if len(accounts) < len(account_ids):
        raise NotFoundError("There is no such account that you may see.")
    return accounts


async def _post(
    tx: Transaction, drafts: Sequence[EntryDraft], accounts: dict[UUID, LockedAccount], command: str, event: str
) -> None:
    before = {account_id: account.balance for account_id, account in accounts.items()}
    with tx.under_command(command):
        await post_entries(tx, drafts, accounts=accounts)
        for draft in drafts:
            account_id = draft.account_id
            subject = None if draft.new_payment is None else ("paym", draft.new_payment.payment_id)
            after = accounts[account_id]
            tell_of_entry(tx, draft, event, before=before[account_id], after=after, subject=subject)


def _payment_id(draft: EntryDraft) -> UUID:
    assert draft.new_payment is not None
    return draft.new_payment.payment_id
