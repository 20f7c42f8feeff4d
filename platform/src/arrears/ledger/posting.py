"""The one way into the ledger: checked entries, posted in batches, with the kept balances of their accounts.

Accounts are locked in the order of their ids, so that two batches never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.accounts.balances import BalanceChange, apply_balances
from arrears.clients.model import CollectorRole
from arrears.kernel.batches import insert_rows
from arrears.ledger.model import (
    BOOK_OF,
    DebtComponent,
    EntryDraft,
    EntryKind,
    LedgerBook,
    Line,
    PaymentState,
    change_by_component,
    holds_money_in_trust,
)
from arrears_sdk.clock import business_date
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, FaultError, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import LARGEST_MINOR, SMALLEST_MINOR, Money

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction


@dataclass(slots=True)
class LockedAccount:
    """An account whose row is locked until the transaction ends, and what it owes as the batch goes on."""

    account_id: UUID
    client_id: UUID
    currency: str
    status: str
    owed: dict[DebtComponent, int]
    today: date
    into_trust: bool
    last_payment_on: date | None
    debtor_id: UUID

    @property
    def balance(self) -> Money:
        """All that is owed now."""
        return Money(sum(self.owed.values()), self.currency)


_LOCK = """
select id, client_id, currency, status, principal_minor, interest_minor, fees_minor, costs_minor,
       last_payment_on, debtor_id
from account where id = any (%(ids)s::uuid[]) order by id for no key update
"""
_TERMS = """
select client_id, time_zone, collector_role from posting_terms(
    (select array_agg(distinct client_id) from account where id = any (%(ids)s::uuid[])))
"""


async def lock_accounts(tx: Transaction, account_ids: Iterable[UUID]) -> dict[UUID, LockedAccount]:
    """The accounts among these ids that the principal may see, locked for posting, with the terms of their clients."""
    connection = await tx.connection()
    parameters = {"ids": sorted(set(account_ids))}
    async with connection.pipeline():
        locked = await connection.execute(_LOCK, parameters)
        terms = await connection.execute(_TERMS, parameters)
        rows = await locked.fetchall()
        by_client = {
            client_id: (business_date(tx.now, zone), holds_money_in_trust(CollectorRole(role)))
            for client_id, zone, role in await terms.fetchall()
        }
    return {
        row[0]: LockedAccount(
            account_id=row[0],
            client_id=row[1],
            currency=row[2],
            status=row[3],
            owed=dict(zip(DebtComponent, row[4:8], strict=True)),
            today=by_client[row[1]][0],
            into_trust=by_client[row[1]][1],
            last_payment_on=row[8],
            debtor_id=row[9],
        )
        for row in rows
    }


async def post_entries(
    tx: Transaction,
    drafts: Sequence[EntryDraft],
    *,
    accounts: Mapping[UUID, LockedAccount] | None = None,
) -> None:
    """Stores the entries with their postings and new payments, and moves the balances of their accounts.

    `accounts` are those that the caller has locked already. All are checked before any is written; raises
    NotFoundError, CurrencyMismatchError, InputError (a future day, a sum beyond 64 bits) and RefusedError (the debt
    would fall below zero) for the first entry at fault, in their order.
    """
    if not drafts:
        return
    if accounts is None:
        accounts = await lock_accounts(tx, (draft.account_id for draft in drafts))
    previous = [_take_up(draft, accounts) for draft in drafts]
    connection = await tx.connection()
    async with connection.pipeline():
        await insert_rows(connection, "payment", _payment_rows(drafts, previous, tx.now))
        await insert_rows(connection, "ledger_entry", [_entry_row(draft, tx) for draft in drafts])
        # One statement for the postings of all entries: each must find its entry whole.
        await insert_rows(
            connection,
            "posting",
            [
                _posting_row(draft, position, line, tx.now)
                for draft in drafts
                for position, line in enumerate(draft.lines, start=1)
            ],
        )
        balances = await apply_balances(tx, [_balance_change(draft) for draft in drafts])
    for account_id, kept in balances.items():
        # A difference means that a balance moved without its row being locked here: nothing may be committed then.
        if kept.balance_minor != accounts[account_id].balance.minor:
            raise FaultError(f"The balance of {encode_id('acct', account_id)} is not what was locked.")


async def mark_payment_reversed(tx: Transaction, payment_id: UUID) -> None:
    """Sets a payment's state, and the account's last payment to the latest one that still stands."""
    connection = await tx.connection()
    async with connection.pipeline():
        await connection.execute("update payment set state = 'REVERSED' where id = %s", [payment_id])
        await connection.execute(_RESTORE_LAST_PAYMENT, {"payment": payment_id})


async def mark_payment_recorded(tx: Transaction, payment_id: UUID) -> None:
    """Sets the state of a payment that stands again, and the account's last payment with it."""
    connection = await tx.connection()
    async with connection.pipeline():
        await connection.execute("update payment set state = 'RECORDED' where id = %s", [payment_id])
        await connection.execute(_COUNT_LAST_PAYMENT, {"payment": payment_id})


def _take_up(draft: EntryDraft, accounts: Mapping[UUID, LockedAccount]) -> date | None:
    """Checks one entry against its account as earlier entries of the batch have left it, and counts it in.

    Gives the day of the account's last payment before the entry.
    """
    account = accounts.get(draft.account_id)
    if account is None or account.client_id != draft.client_id:
        raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
    if account.currency != draft.currency:
        raise CurrencyMismatchError(f"The account is kept in {account.currency}, not in {draft.currency}.")
    if draft.effective_on > account.today:
        raise InputError(
            f"{draft.effective_on} lies in the future: it is {account.today} for the client.",
            field=("input", "effectiveOn"),
        )
    for component, change in change_by_component(draft.lines).items():
        account.owed[component] = _within_64_bits(account.owed[component] + change)
    balance = _within_64_bits(sum(account.owed.values()))
    if balance < 0 and draft.amount_minor < 0:
        raise RefusedError(
            f"This would leave {Money(balance, draft.currency)} owed: more is taken off than is owed.",
            code=ErrorCode.AMOUNT_EXCEEDS_BALANCE,
        )
    previous = account.last_payment_on
    if draft.new_payment is not None:
        account.last_payment_on = max(previous or date.min, draft.new_payment.received_on)
    return previous


def _within_64_bits(minor: int) -> int:
    if not SMALLEST_MINOR < minor <= LARGEST_MINOR:
        raise InputError(
            "The balance would not fit into 64 bits of minor units.",
            code=ErrorCode.AMOUNT_OUT_OF_RANGE,
        )
    return minor


Row = dict[str, object]


def _payment_rows(drafts: Sequence[EntryDraft], previous: Sequence[date | None], now: datetime) -> list[Row]:
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
            "receipt_id": payment.receipt_id,
            "previous_payment_on": previous_payment_on,
            "state": PaymentState.RECORDED.value,
            "recorded_at": now,
        }
        for draft, previous_payment_on in zip(drafts, previous, strict=True)
        if (payment := draft.new_payment) is not None
    ]


def _entry_row(draft: EntryDraft, tx: Transaction) -> Row:
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


def _balance_change(draft: EntryDraft) -> BalanceChange:
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


# A date that the client supplied at placement counts again once no recorded payment is left: it stands on the first.
_RESTORE_LAST_PAYMENT = """
update account set last_payment_on = greatest(
    (select max(other.received_on) from payment other where other.account_id = account.id and other.state = 'RECORDED'),
    (select first.previous_payment_on from payment first where first.account_id = account.id
     order by first.recorded_at, first.id limit 1))
from payment reversed
where reversed.id = %(payment)s and account.id = reversed.account_id and account.last_payment_on = reversed.received_on
"""
_COUNT_LAST_PAYMENT = """
update account set last_payment_on = greatest(account.last_payment_on, restored.received_on)
from payment restored where restored.id = %(payment)s and account.id = restored.account_id
"""
