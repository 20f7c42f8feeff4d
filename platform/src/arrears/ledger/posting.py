"""The one way into the ledger: checked entries, posted in batches, with the kept balances of their accounts.

Accounts are locked in the order of their ids, so that two batches never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.accounts.balances import apply_balances
from arrears.clients.model import CollectorRole
from arrears.kernel.batches import insert_rows
from arrears.ledger.model import DebtComponent, EntryDraft, change_by_component, holds_money_in_trust
from arrears.ledger.rows import (
    FORGET_ACCRUALS,
    KEEP_LATEST_ACCRUAL,
    NOTHING_BESIDES,
    Besides,
    accrual_row,
    allocation_line_rows,
    allocation_row,
    award_row,
    balance_change,
    entry_row,
    payment_rows,
    posting_rows,
)
from arrears_sdk.clock import business_date
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, FaultError, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import encode_id
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
    due_on: date
    product: str
    portfolio_id: UUID | None = None
    contract_percent: Decimal | None = None
    written_off_minor: int = 0
    last_entry_on: date | None = None
    has_course: bool = False
    """Whether instalments, a judgment or a count of interest make more of it than its kept balances tell."""

    @property
    def balance(self) -> Money:
        """All that is owed now."""
        return Money(sum(self.owed.values()), self.currency)


_LOCK = """
select id, client_id, currency, status, principal_minor, interest_minor, fees_minor, costs_minor,
       last_payment_on, debtor_id, due_on, product, portfolio_id, interest_rate_percent, written_off_minor,
       last_entry_on,
       exists (select 1 from accrual where accrual.account_id = account.id)
       or exists (select 1 from instalment_schedule where instalment_schedule.account_id = account.id)
       or exists (select 1 from judgment where judgment.account_id = account.id)
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
            due_on=row[10],
            product=row[11],
            portfolio_id=row[12],
            contract_percent=row[13],
            written_off_minor=row[14],
            last_entry_on=row[15],
            has_course=row[16],
        )
        for row in rows
    }


async def post_entries(
    tx: Transaction,
    drafts: Sequence[EntryDraft],
    *,
    accounts: Mapping[UUID, LockedAccount] | None = None,
    besides: Besides = NOTHING_BESIDES,
) -> None:
    """Stores the entries with their postings, new payments and what goes with them, and moves their accounts' balances.

    `accounts` are those that the caller has locked already. All are checked before any is written; raises
    NotFoundError, CurrencyMismatchError, InputError (a future day, a sum beyond 64 bits) and RefusedError (a debt
    would fall below zero) for the first account at fault.
    """
    if accounts is None:
        accounts = await lock_accounts(tx, (draft.account_id for draft in drafts))
    before = {account_id: account.balance.minor for account_id, account in accounts.items()}
    previous = [_take_up(draft, accounts) for draft in drafts]
    _check_balances(drafts, accounts, before)
    connection = await tx.connection()
    async with connection.pipeline():
        await insert_rows(connection, "payment", payment_rows(drafts, previous, tx.now))
        await insert_rows(connection, "ledger_entry", [entry_row(draft, tx) for draft in drafts])
        # One statement for the postings of all entries: each must find its entry whole.
        await insert_rows(connection, "posting", posting_rows(drafts, tx.now))
        await insert_rows(connection, "allocation", [allocation_row(one, tx.now) for one in besides.allocations])
        await insert_rows(connection, "allocation_line", allocation_line_rows(besides.allocations))
        await insert_rows(connection, "judgment", [award_row(one, tx.now) for one in besides.awards])
        await insert_rows(
            connection, "accrual", [accrual_row(one) for one in besides.accruals], on_conflict=KEEP_LATEST_ACCRUAL
        )
        if besides.uncounted:
            await connection.execute(FORGET_ACCRUALS, [list(besides.uncounted)])
        balances = await apply_balances(tx, [balance_change(draft) for draft in drafts])
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
        account.owed[component] += change
    account.written_off_minor += draft.written_off_minor
    account.last_entry_on = max(account.last_entry_on or date.min, draft.effective_on)
    previous = account.last_payment_on
    if draft.new_payment is not None:
        account.last_payment_on = max(previous or date.min, draft.new_payment.received_on)
    return previous


def _check_balances(
    drafts: Sequence[EntryDraft], accounts: Mapping[UUID, LockedAccount], before: Mapping[UUID, int]
) -> None:
    # Only the end counts: an entry and the corrections that come with it go through figures that never stand.
    for account_id in dict.fromkeys(draft.account_id for draft in drafts):
        account = accounts[account_id]
        balance = sum(account.owed.values())
        for minor in (*account.owed.values(), balance, account.written_off_minor):
            _check_64_bits(minor)
        if balance < 0 and balance < before[account_id]:
            raise RefusedError(
                f"This would leave {Money(balance, account.currency)} owed: more is taken off than is owed.",
                code=ErrorCode.AMOUNT_EXCEEDS_BALANCE,
            )


def _check_64_bits(minor: int) -> None:
    if not SMALLEST_MINOR < minor <= LARGEST_MINOR:
        raise InputError(
            "The balance would not fit into 64 bits of minor units.",
            code=ErrorCode.AMOUNT_OUT_OF_RANGE,
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
