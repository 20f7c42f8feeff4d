"""Debts put right: adjusted, discounted, written off, transferred, and replaced by what a court awarded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from arrears.access.model import Permission
from arrears.accounts.commands import AccountUpdate, update_account
from arrears.accounts.model import CLOSED_STATUSES
from arrears.clients.model import checked_text
from arrears.kernel.command import Command, Result, command
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import Wish, book
from arrears.ledger.commands import checked_reason, locked_account, refuse_before_opening
from arrears.ledger.model import DebtComponent, EntryKind
from arrears.ledger.outlook import owed_before_judgment, refuse_below_zero
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears.ledger.queries import account_stand, judgment_of_entry, judgment_terms
from arrears.ledger.rows import AwardDraft
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money

_HIGHEST_RATE = Decimal(999)


class ComponentAmounts(Command):
    """Amounts by component of a debt; what is left out is nothing."""

    principal: Money | None = None
    interest: Money | None = None
    fees: Money | None = None
    costs: Money | None = None


class BalanceAdjust(ComponentAmounts):
    """By how much the components of a debt were wrong: above zero for too little, below for too much; and why."""

    account_id: UUID
    reason: str
    effective_on: date | None = None


class DiscountGrant(ComponentAmounts):
    """What the creditor lets the debtor off, by component, and why."""

    account_id: UUID
    reason: str
    effective_on: date | None = None


class WriteOffRecord(ComponentAmounts):
    """What the creditor gives up, and why: the amounts given, or without any all that is owed on the day."""

    account_id: UUID
    reason: str
    effective_on: date | None = None


class BalanceTransfer(ComponentAmounts):
    """What moves from one account to another of the same client, by component, and why."""

    account_id: UUID
    to_account_id: UUID
    reason: str
    effective_on: date | None = None


class JudgmentRecord(ComponentAmounts):
    """What a court awarded, by component, instead of what was owed; `rate_percent` a year is its own interest."""

    account_id: UUID
    entered_on: date
    court: str | None = None
    case_reference: str | None = None
    rate_percent: Decimal | None = None


class DebtCorrected(Result):
    """The new entry, and what the account owes after it."""

    entry_id: UUID
    account_id: UUID
    balance: Money


class BalanceTransferred(Result):
    """The two entries of a transfer, and what the two accounts owe after it."""

    entry_id: UUID
    account_id: UUID
    balance: Money
    to_entry_id: UUID
    to_account_id: UUID
    to_balance: Money


class JudgmentRecorded(Result):
    """The judgment and its entry, and what the account owes after it."""

    judgment_id: UUID
    entry_id: UUID
    account_id: UUID
    balance: Money


@command("ledger.adjust_balance", permission=Permission.LEDGER_WRITE)
async def adjust_balance(tx: Transaction, change: BalanceAdjust) -> DebtCorrected:
    """An entry that puts wrong figures right; of a closed account they can only fall."""
    account, day = await _account(tx, change.account_id, change.effective_on)
    changes = _amounts(change, account, signed=True)
    if any(minor > 0 for minor in changes.values()):
        refuse_closed(account)
    await refuse_below_zero(tx, account, EntryKind.ADJUSTMENT, day, changes)
    return await _book(
        tx, account, EntryKind.ADJUSTMENT, "BalanceAdjusted", day, changes, checked_reason(change.reason)
    )


@command("ledger.grant_discount", permission=Permission.LEDGER_WRITE)
async def grant_discount(tx: Transaction, change: DiscountGrant) -> DebtCorrected:
    """An entry by which the creditor lets the debtor off a part of the debt."""
    account, day = await _account(tx, change.account_id, change.effective_on)
    changes = _negative(_amounts(change, account))
    await refuse_below_zero(tx, account, EntryKind.DISCOUNT, day, changes)
    return await _book(tx, account, EntryKind.DISCOUNT, "DiscountGranted", day, changes, checked_reason(change.reason))


@command("ledger.write_off", permission=Permission.LEDGER_WRITE)
async def write_off(tx: Transaction, change: WriteOffRecord) -> DebtCorrected:
    """An entry by which the creditor gives up a debt or a part of it; what is paid afterwards is a recovery."""
    account, day = await _account(tx, change.account_id, change.effective_on)
    reason = checked_reason(change.reason)
    if _is_given(change):
        changes = _negative(_amounts(change, account))
        await refuse_below_zero(tx, account, EntryKind.WRITE_OFF, day, changes)
        return await _book(tx, account, EntryKind.WRITE_OFF, "DebtWrittenOff", day, changes, reason)
    wish = Wish(
        account_id=account.account_id,
        kind=EntryKind.WRITE_OFF,
        event="DebtWrittenOff",
        effective_on=day,
        reason=reason,
        is_whole=True,
    )
    return await _corrected(tx, wish, account)


@command("ledger.transfer_balance", permission=Permission.LEDGER_WRITE)
async def transfer_balance(tx: Transaction, change: BalanceTransfer) -> BalanceTransferred:
    """Two entries that move a part of a debt to another account of the client."""
    if change.account_id == change.to_account_id:
        raise InputError("A balance moves to another account.", field=("input", "toAccountId"))
    accounts = await lock_accounts(tx, [change.account_id, change.to_account_id])
    source = _seen(accounts, change.account_id, "accountId")
    target = _seen(accounts, change.to_account_id, "toAccountId")
    if source.client_id != target.client_id:
        raise InputError("The two accounts are of different clients.", field=("input", "toAccountId"))
    if source.currency != target.currency:
        raise CurrencyMismatchError(f"The other account is kept in {target.currency}.", field=("input", "toAccountId"))
    refuse_closed(target, "toAccountId")
    day = change.effective_on or source.today
    for account in (source, target):
        await refuse_before_opening(tx, account, day)
    changes = _amounts(change, source)
    taken = _negative(changes)
    await refuse_below_zero(tx, source, EntryKind.TRANSFER, day, taken)
    reason, transfer_id = checked_reason(change.reason), new_id()
    wishes = [
        Wish(
            account_id=account.account_id,
            kind=EntryKind.TRANSFER,
            event="BalanceTransferred",
            effective_on=day,
            changes=moved,
            reason=reason,
            transfer_id=transfer_id,
        )
        for account, moved in ((source, taken), (target, changes))
    ]
    here, there = await book(tx, wishes, accounts=accounts)
    return BalanceTransferred(
        entry_id=here.entry_id,
        account_id=here.account_id,
        balance=here.balance,
        to_entry_id=there.entry_id,
        to_account_id=there.account_id,
        to_balance=there.balance,
    )


@command("ledger.record_judgment", permission=Permission.LEDGER_WRITE)
async def record_judgment(tx: Transaction, change: JudgmentRecord) -> JudgmentRecorded:
    """An entry by which what a court awarded becomes the debt from its day on; the account's facts tell the day."""
    account, day = await _account(tx, change.account_id, change.entered_on, named="enteredOn")
    refuse_closed(account)
    await _refuse_second_judgment(tx, account.account_id, day)
    awarded = _amounts(change, account)
    owed = await owed_before_judgment(tx, account, day)
    wish = Wish(
        account_id=account.account_id,
        kind=EntryKind.JUDGMENT,
        event="JudgmentRecorded",
        effective_on=day,
        changes={
            component: difference
            for component in DebtComponent
            if (difference := awarded.get(component, 0) - owed.get(component, 0))
        },
        award=AwardDraft(
            court=_short(change.court, "court"),
            case_reference=_short(change.case_reference, "caseReference"),
            rate_percent=_checked_rate(change.rate_percent),
            awarded=awarded,
            currency=account.currency,
        ),
    )
    (booked,) = await book(tx, [wish], accounts={account.account_id: account})
    version = (await account_stand(tx, account.account_id)).version
    await update_account.within(tx, AccountUpdate(account_id=account.account_id, version=version, judgment_on=day))
    return JudgmentRecorded(
        judgment_id=await judgment_of_entry(tx, booked.entry_id),
        entry_id=booked.entry_id,
        account_id=booked.account_id,
        balance=booked.balance,
    )


async def _refuse_second_judgment(tx: Transaction, account_id: UUID, day: date) -> None:
    """Of two judgments over one debt it could not be said which one's interest runs: one stands at most at a time."""
    for term in await judgment_terms(tx, account_id):
        if term.undone_on is None:
            raise RefusedError(
                f"A judgment of {term.entered_on} stands; reverse its entry first.",
                code=ErrorCode.JUDGMENT_EXISTS,
                field=("input", "accountId"),
            )
        if day < term.undone_on:
            raise InputError(
                f"An earlier judgment stood until {term.undone_on}; another cannot hold before.",
                field=("input", "enteredOn"),
            )


def refuse_closed(account: LockedAccount, named: str = "accountId") -> None:
    """Raises RefusedError where a debt would grow that nobody works on."""
    if account.status in CLOSED_STATUSES:
        raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=("input", named))


async def _account(
    tx: Transaction, account_id: UUID, effective_on: date | None, named: str = "effectiveOn"
) -> tuple[LockedAccount, date]:
    """The locked account, and the day on which something is to happen to it."""
    account = await locked_account(tx, account_id)
    day = effective_on or account.today
    await refuse_before_opening(tx, account, day, named)
    return account, day


def _seen(accounts: Mapping[UUID, LockedAccount], account_id: UUID, named: str) -> LockedAccount:
    account = accounts.get(account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", named))
    return account


def _given(change: ComponentAmounts) -> dict[DebtComponent, Money]:
    found = {component: getattr(change, component.value.lower()) for component in DebtComponent}
    return {component: amount for component, amount in found.items() if amount is not None}


def _is_given(change: ComponentAmounts) -> bool:
    return bool(_given(change))


def _amounts(change: ComponentAmounts, account: LockedAccount, *, signed: bool = False) -> dict[DebtComponent, int]:
    """The amounts in minor units; raises InputError where none is given, or one that cannot be."""
    given = _given(change)
    if not given:
        raise InputError("Give at least one amount.", code=ErrorCode.REQUIRED, field=("input", "principal"))
    for component, amount in given.items():
        field = ("input", component.value.lower())
        if amount.currency != account.currency:
            raise CurrencyMismatchError(f"The account is kept in {account.currency}.", field=field)
        if amount.minor == 0 or (amount.minor < 0 and not signed):
            wanted = "other than zero" if signed else "above zero"
            raise InputError(f"The amount must be {wanted}.", code=ErrorCode.AMOUNT_NOT_POSITIVE, field=field)
    return {component: amount.minor for component, amount in given.items()}


def _negative(amounts: Mapping[DebtComponent, int]) -> dict[DebtComponent, int]:
    return {component: -minor for component, minor in amounts.items()}


def _short(text: str | None, named: str) -> str | None:
    return None if text is None else mask_card_numbers(checked_text(text, ("input", named), most=200))


def _checked_rate(percent: Decimal | None) -> Decimal | None:
    if percent is None:
        return None
    field = ("input", "ratePercent")
    if not percent.is_finite() or not 0 <= percent <= _HIGHEST_RATE:
        raise InputError("A yearly rate lies between 0 and 999 per cent.", field=field)
    if percent != round(percent, 6):
        raise InputError("A rate has at most six decimals.", field=field)
    return percent


async def _book(
    tx: Transaction,
    account: LockedAccount,
    kind: EntryKind,
    event: str,
    day: date,
    changes: Mapping[DebtComponent, int],
    reason: str,
) -> DebtCorrected:
    wish = Wish(account_id=account.account_id, kind=kind, event=event, effective_on=day, changes=changes, reason=reason)
    return await _corrected(tx, wish, account)


async def _corrected(tx: Transaction, wish: Wish, account: LockedAccount) -> DebtCorrected:
    (booked,) = await book(tx, [wish], accounts={account.account_id: account})
    return DebtCorrected(entry_id=booked.entry_id, account_id=booked.account_id, balance=booked.balance)
