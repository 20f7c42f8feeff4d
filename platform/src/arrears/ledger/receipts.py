"""Money that came once and is shared among the accounts of a debtor: one payment an account, under one receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from arrears.access.model import Permission
from arrears.accounts.queries import debtor_name
from arrears.clients.model import checked_text
from arrears.kernel.batches import insert_rows
from arrears.kernel.command import Command, Result, command
from arrears.kernel.personal import protect_reference
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import Wish, book
from arrears.ledger.linked import LinkedAccount, linked_account_ids, linked_accounts, sharing_debts
from arrears.ledger.model import EntryKind, PaidTo, PaymentDraft, PaymentMethod
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears.ledger.sharing import MOST_SORT_KEYS, Share, SharedDebt, SharingWay, Sort, SortKey, shared
from arrears_sdk.errors import (
    CurrencyMismatchError,
    ErrorCode,
    InputError,
    NotFoundError,
    RefusedError,
)
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money

MOST_ACCOUNTS = 100


class ReceiptAccount(Command):
    """An account that shares in a receipt: with PRIORITY its rank (else its place), with DIRECTED its amount."""

    account_id: UUID
    priority: int | None = None
    amount: Money | None = None


class ReceiptSort(Command):
    """One key by which accounts are sorted, lowest first unless it is descending."""

    key: SortKey
    descending: bool = False


class ReceiptRecord(Command):
    """Money that a debtor paid for several debts, and the way in which it is shared among them.

    Without accounts it is shared among all open ones on which the debtor answers for the whole and owes something in
    the currency. With `accepts_surplus` more than all of them owe is taken as well, and owed back to the debtor. A dry
    run writes nothing.
    """

    debtor_id: UUID
    amount: Money
    method: PaymentMethod
    way: SharingWay
    paid_to: PaidTo = PaidTo.AGENCY
    accounts: tuple[ReceiptAccount, ...] = ()
    sort: tuple[ReceiptSort, ...] = ()
    received_on: date | None = None
    effective_on: date | None = None
    reference: str | None = None
    accepts_surplus: bool = False
    dry_run: bool = False


class ShareTold(BaseModel):
    """What one account gets of a receipt, and why."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    reference: str
    owed: Money
    amount: Money
    surplus: Money
    is_disputed: bool
    reason: str


class ReceiptRecorded(Result):
    """The receipt, none when it was only tried, and how its money is shared."""

    receipt_id: UUID | None
    shares: tuple[ShareTold, ...]


@dataclass(frozen=True)
class _Split:
    """Everything that is found out before a receipt is stored."""

    accounts: Mapping[UUID, LockedAccount]
    debts: Sequence[SharedDebt]
    shares: Sequence[Share]
    received_on: date
    effective_on: date

    def told(self, currency: str) -> tuple[ShareTold, ...]:
        return tuple(
            ShareTold(
                account_id=encode_id("acct", debt.account_id),
                reference=debt.reference,
                owed=Money(debt.balance_minor, currency),
                amount=Money(share.amount_minor, currency),
                surplus=Money(share.surplus_minor, currency),
                is_disputed=debt.is_disputed,
                reason=share.reason,
            )
            for debt, share in zip(self.debts, self.shares, strict=True)
        )


@command("ledger.record_receipt", permission=Permission.LEDGER_WRITE)
async def record_receipt(tx: Transaction, change: ReceiptRecord) -> ReceiptRecorded:
    """A receipt with a payment on each account that gets a part of it, all or none."""
    split = await _split(tx, change)
    if change.dry_run:
        return ReceiptRecorded(receipt_id=None, shares=split.told(change.amount.currency))
    reference = change.reference
    if reference is not None:
        reference = protect_reference(checked_text(reference, ("input", "reference")), tx.context.vault)
    receipt_id = new_id()
    clients = {account.client_id for account in split.accounts.values()}
    client_id = next(iter(clients)) if len(clients) == 1 else None
    connection = await tx.connection()
    receipt = {
        "id": receipt_id,
        "client_id": client_id,
        "reference": reference,
        "received_on": split.received_on,
        "effective_on": split.effective_on,
        "recorded_at": tx.now,
        **_receipt_facts(change),
    }
    await insert_rows(connection, "receipt", [receipt])
    drafts = {
        share.account_id: PaymentDraft(
            payment_id=new_id(),
            amount_minor=share.amount_minor,
            method=change.method,
            paid_to=change.paid_to,
            received_on=split.received_on,
            reference=reference,
            receipt_id=receipt_id,
        )
        for share in split.shares
        if share.amount_minor
    }
    await book(
        tx,
        [_wish(share, drafts[share.account_id], split) for share in split.shares if share.amount_minor],
        accounts=split.accounts,
    )
    await insert_rows(connection, "receipt_share", _share_rows(split, drafts, receipt_id, change.amount.currency))
    _tell(tx, change, split, receipt_id, client_id)
    return ReceiptRecorded(receipt_id=receipt_id, shares=split.told(change.amount.currency))


async def _split(tx: Transaction, change: ReceiptRecord) -> _Split:
    _check(change)
    if await debtor_name(await tx.connection(), change.debtor_id) is None:
        raise NotFoundError("There is no such record (dbtr) that you may see.", field=("input", "debtorId"))
    accounts, linked = await _accounts(tx, change)
    today = min(account.today for account in accounts.values())
    received_on = change.received_on or today
    effective_on = change.effective_on or received_on
    for named, day in (("receivedOn", received_on), ("effectiveOn", effective_on)):
        if day > today:
            raise InputError(f"{day} lies in the future: it is {today}.", field=("input", named))
    for account_id, facts in linked.items():
        if effective_on < facts.opened_on:
            raise InputError(
                f"The debt {encode_id('acct', account_id)} is of {facts.opened_on}; nothing was paid on it before.",
                field=("input", "effectiveOn"),
            )
    debts = await sharing_debts(tx, list(accounts.values()), linked, effective_on, change.amount.minor)
    debts = [_named(debt, change) for debt in debts]
    _check_direction(change, debts)
    if all(debt.is_disputed for debt in debts):
        raise RefusedError(
            "All these debts are disputed: none of them is paid from shared money.",
            code=ErrorCode.DEBT_DISPUTED,
            field=("input", "accounts"),
        )
    shares = shared(change.amount, debts, change.way, [Sort(sort.key, sort.descending) for sort in change.sort])
    surplus = sum(share.surplus_minor for share in shares)
    if surplus and not change.accepts_surplus:
        room = Money(change.amount.minor - surplus, change.amount.currency)
        raise RefusedError(
            f"{change.amount} is more than the {room} that can be taken: what is owed, without disputed debts.",
            code=ErrorCode.AMOUNT_EXCEEDS_BALANCE,
            field=("input", "amount"),
        )
    return _Split(accounts, debts, shares, received_on, effective_on)


def _check(change: ReceiptRecord) -> None:
    """Raises InputError for what is wrong whatever the accounts are."""
    if change.amount.minor <= 0:
        raise InputError(
            "The amount must be above zero.", code=ErrorCode.AMOUNT_NOT_POSITIVE, field=("input", "amount")
        )
    ids = [account.account_id for account in change.accounts]
    if len(set(ids)) < len(ids):
        raise InputError("Name each account once.", field=("input", "accounts"))
    if len(ids) > MOST_ACCOUNTS:
        raise InputError(f"A receipt is shared among {MOST_ACCOUNTS} accounts at most.", field=("input", "accounts"))
    is_directed, is_sorted = change.way is SharingWay.DIRECTED, change.way is SharingWay.SORTED
    for place, account in enumerate(change.accounts):
        at = ("input", "accounts", str(place))
        if is_directed and account.amount is None:
            raise InputError("Say how much the debtor named for it.", code=ErrorCode.REQUIRED, field=(*at, "amount"))
        if not is_directed and account.amount is not None:
            raise InputError("Only with DIRECTED accounts have amounts.", field=(*at, "amount"))
        if change.way is not SharingWay.PRIORITY and account.priority is not None:
            raise InputError("Only with PRIORITY accounts have priorities.", field=(*at, "priority"))
    if change.way in {SharingWay.DIRECTED, SharingWay.PRIORITY} and not ids:
        raise InputError("Name the accounts.", code=ErrorCode.REQUIRED, field=("input", "accounts"))
    keys = [sort.key for sort in change.sort]
    if is_sorted and not keys:
        raise InputError("Say by what the accounts are sorted.", code=ErrorCode.REQUIRED, field=("input", "sort"))
    if (keys and not is_sorted) or len(set(keys)) < len(keys) or len(keys) > MOST_SORT_KEYS:
        raise InputError(
            f"Only with SORTED, at most {MOST_SORT_KEYS} keys are given, each once.", field=("input", "sort")
        )


def _check_direction(change: ReceiptRecord, debts: Sequence[SharedDebt]) -> None:
    """Raises for amounts that the debtor cannot have named."""
    if change.way is not SharingWay.DIRECTED:
        return
    for place, account in enumerate(change.accounts):
        amount, field = account.amount, ("input", "accounts", str(place), "amount")
        assert amount is not None
        if amount.currency != change.amount.currency:
            raise CurrencyMismatchError(f"The receipt is in {change.amount.currency}.", field=field)
        if amount.minor <= 0:
            raise InputError("The amount must be above zero.", code=ErrorCode.AMOUNT_NOT_POSITIVE, field=field)
        if next(debt for debt in debts if debt.account_id == account.account_id).is_disputed:
            raise RefusedError(
                "The debt is disputed: it is not paid from shared money.",
                code=ErrorCode.DEBT_DISPUTED,
                field=("input", "accounts", str(place), "accountId"),
            )
    named = sum(account.amount.minor for account in change.accounts if account.amount is not None)
    if named != change.amount.minor:
        raise InputError("The named amounts do not add up to the receipt.", field=("input", "amount"))


async def _accounts(
    tx: Transaction, change: ReceiptRecord
) -> tuple[dict[UUID, LockedAccount], dict[UUID, LinkedAccount]]:
    """The accounts that share, locked, in the order in which they were named, and what else is asked of them."""
    ids = [account.account_id for account in change.accounts]
    if not ids:
        day = change.effective_on or change.received_on or tx.now.date()
        ids = await linked_account_ids(tx, change.debtor_id, change.amount.currency, day, MOST_ACCOUNTS + 1)
        if not ids or len(ids) > MOST_ACCOUNTS:
            told = "owes nothing on any account" if not ids else f"has more than {MOST_ACCOUNTS} accounts"
            raise InputError(
                f"The debtor {told} in {change.amount.currency}: name the accounts.",
                code=ErrorCode.REQUIRED,
                field=("input", "accounts"),
            )
    locked = await lock_accounts(tx, ids)
    linked = await linked_accounts(tx, change.debtor_id, ids)
    for place, account_id in enumerate(ids):
        field = ("input", "accounts", str(place), "accountId")
        if account_id not in locked:
            raise NotFoundError("There is no such account that you may see.", field=field)
        if locked[account_id].currency != change.amount.currency:
            raise CurrencyMismatchError(f"The account is kept in {locked[account_id].currency}.", field=field)
        if not linked[account_id].is_of_debtor:
            raise InputError("The debtor does not stand on this account.", field=field)
    return {account_id: locked[account_id] for account_id in ids}, linked


def _named(debt: SharedDebt, change: ReceiptRecord) -> SharedDebt:
    """The debt with the rank and the amount that the input names for it."""
    for place, account in enumerate(change.accounts, start=1):
        if account.account_id == debt.account_id:
            rank = place if account.priority is None else account.priority
            return replace(debt, rank=rank, directed_minor=0 if account.amount is None else account.amount.minor)
    return debt


def _wish(share: Share, draft: PaymentDraft, split: _Split) -> Wish:
    return Wish(
        account_id=share.account_id,
        kind=EntryKind.PAYMENT,
        event="PaymentRecorded",
        effective_on=split.effective_on,
        money_minor=share.amount_minor,
        reason=share.reason,
        payment=draft,
        allows_surplus=share.surplus_minor > 0,
        subject=("paym", draft.payment_id),
    )


def _receipt_facts(change: ReceiptRecord) -> dict[str, object]:
    return {
        "debtor_id": change.debtor_id,
        "amount_minor": change.amount.minor,
        "currency": change.amount.currency,
        "method": change.method.value,
        "paid_to": change.paid_to.value,
        "way": change.way.value,
        "sorted_by": [f"{'-' if sort.descending else ''}{sort.key.value}" for sort in change.sort],
    }


def _share_rows(
    split: _Split, drafts: Mapping[UUID, PaymentDraft], receipt_id: UUID, currency: str
) -> list[dict[str, object]]:
    return [
        {
            "id": new_id(),
            "receipt_id": receipt_id,
            "client_id": split.accounts[share.account_id].client_id,
            "account_id": share.account_id,
            "position": position,
            "owed_minor": debt.balance_minor,
            "amount_minor": share.amount_minor,
            "currency": currency,
            "reason": share.reason,
            "payment_id": drafts[share.account_id].payment_id if share.amount_minor else None,
        }
        for position, (debt, share) in enumerate(zip(split.debts, split.shares, strict=True), start=1)
    ]


def _tell(tx: Transaction, change: ReceiptRecord, split: _Split, receipt_id: UUID, client_id: UUID | None) -> None:
    account_ids = [share.account_id for share in split.shares if share.amount_minor]
    tx.audit(
        subject="rcpt",
        subject_id=receipt_id,
        client_id=client_id,
        after={"amount": change.amount, "way": change.way.value, "accounts": account_ids},
    )
    payload = {
        "debtor_id": str(change.debtor_id),
        "account_ids": [str(account_id) for account_id in account_ids],
        "amount_minor": change.amount.minor,
        "currency": change.amount.currency,
        "effective_on": split.effective_on.isoformat(),
    }
    tx.emit(Event("ReceiptRecorded", "rcpt", receipt_id, client_id, payload))
