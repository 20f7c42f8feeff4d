"""The one way into the ledger: checked entries, posted in batches, with the kept balances of their accounts.

Accounts are locked in the order of their ids, so that two batches never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arrears.accounts.balances import BalanceChange, apply_balances
from arrears.clients.model import CollectorRole
from arrears.ledger.model import (
    BOOK_OF,
    DebtComponent,
    EntryDraft,
    EntryKind,
    LedgerBook,
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

    @property
    def balance(self) -> Money:
        """All that is owed now."""
        return Money(sum(self.owed.values()), self.currency)


_LOCK = """
select id, client_id, currency, status, principal_minor, interest_minor, fees_minor, costs_minor,
       last_payment_on
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
    principal_id = tx.context.principal.id
    async with connection.pipeline():
        payments = _payment_columns(drafts, previous)
        if payments:
            await connection.execute(_INSERT_PAYMENTS, [tx.now, *payments])
        await connection.execute(_INSERT_ENTRIES, [tx.now, tx.command, principal_id, *_entry_columns(drafts)])
        await connection.execute(_INSERT_POSTINGS, _posting_columns(drafts))
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


Columns = list[list[Any]]


def _payment_columns(drafts: Sequence[EntryDraft], previous: Sequence[date | None]) -> Columns:
    rows = [
        (
            payment.payment_id,
            draft.client_id,
            draft.account_id,
            payment.amount_minor,
            draft.currency,
            payment.method.value,
            payment.paid_to.value,
            payment.received_on,
            draft.effective_on,
            payment.reference,
            previous_payment_on,
        )
        for draft, previous_payment_on in zip(drafts, previous, strict=True)
        if (payment := draft.new_payment) is not None
    ]
    return _transposed(rows)


def _entry_columns(drafts: Sequence[EntryDraft]) -> Columns:
    return _transposed(
        [
            (
                draft.entry_id,
                draft.client_id,
                draft.account_id,
                draft.kind.value,
                draft.effective_on,
                draft.currency,
                draft.amount_minor,
                draft.reason,
                draft.reverses_id,
                draft.new_payment.payment_id if draft.new_payment is not None else draft.payment_id,
            )
            for draft in drafts
        ]
    )


def _posting_columns(drafts: Sequence[EntryDraft]) -> Columns:
    return _transposed(
        [
            (
                new_id(),
                draft.entry_id,
                position,
                draft.client_id,
                # Lines of the agency's own book stay out of sight of whoever may see only the account.
                draft.account_id if (book := BOOK_OF[line.ledger_account]) is LedgerBook.DEBT else None,
                book.value,
                line.ledger_account.value,
                None if line.component is None else line.component.value,
                line.amount_minor,
                draft.currency,
                draft.effective_on,
            )
            for draft in drafts
            for position, line in enumerate(draft.lines, start=1)
        ]
    )


def _balance_change(draft: EntryDraft) -> BalanceChange:
    changes = change_by_component(draft.lines)
    return BalanceChange(
        account_id=draft.account_id,
        principal_minor=changes.get(DebtComponent.PRINCIPAL, 0),
        interest_minor=changes.get(DebtComponent.INTEREST, 0),
        fees_minor=changes.get(DebtComponent.FEES, 0),
        costs_minor=changes.get(DebtComponent.COSTS, 0),
        placed_minor=draft.amount_minor if draft.original_kind is EntryKind.OPENING_BALANCE else 0,
        paid_on=None if draft.new_payment is None else draft.new_payment.received_on,
    )


def _transposed(rows: Sequence[Sequence[Any]]) -> Columns:
    return [list(column) for column in zip(*rows, strict=True)]


_INSERT_PAYMENTS = """
insert into payment
    (id, client_id, account_id, amount_minor, currency, method, paid_to, received_on, effective_on, reference,
     previous_payment_on, state, recorded_at)
select given.*, 'RECORDED', %s from unnest(
    %s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[], %s::date[],
    %s::text[], %s::date[]) as given
"""
_INSERT_ENTRIES = """
insert into ledger_entry
    (id, client_id, account_id, kind, effective_on, currency, amount_minor, reason, reverses_id, payment_id,
     recorded_at, command, principal_id)
select given.*, %s, %s, %s from unnest(
    %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::date[], %s::text[], %s::bigint[], %s::text[], %s::uuid[],
    %s::uuid[]) as given
"""
_INSERT_POSTINGS = """
insert into posting
    (id, entry_id, position, client_id, account_id, book, ledger_account, component, amount_minor, currency,
     effective_on)
select * from unnest(
    %s::uuid[], %s::uuid[], %s::integer[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::bigint[],
    %s::text[], %s::date[])
"""
# A date that the client supplied at placement counts again once no recorded payment is left: it stands on the first.
_RESTORE_LAST_PAYMENT = """
update account set last_payment_on = greatest(
    (select max(other.received_on) from payment other where other.account_id = account.id and other.state = 'RECORDED'),
    (select first.previous_payment_on from payment first where first.account_id = account.id
     order by first.recorded_at, first.id limit 1))
from payment reversed
where reversed.id = %(payment)s and account.id = reversed.account_id and account.last_payment_on = reversed.received_on
"""
