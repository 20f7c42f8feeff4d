"""The one way in which the ledger's commands write: what is wished is booked, with all that follows from it.

A payment that counts from a later day than all before it, on an account without interest, instalments or written-off
parts, is spread over the kept balances. Everything else goes through the account's course, which may find that earlier
entries come to something else; they are corrected in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.kernel.records import Event
from arrears.ledger.model import EntryKind
from arrears.ledger.posting import LockedAccount, lock_accounts, post_entries
from arrears.ledger.replaying import planned
from arrears.ledger.rows import AwardDraft, Besides
from arrears.ledger.straight import straight
from arrears.ledger.terms import terms_for
from arrears.ledger.unpaid import keep_unpaid_since
from arrears.ledger.wishes import Booked, Case, Order, Plan, Wish, ordered
from arrears_sdk.errors import NotFoundError

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction
    from arrears.ledger.history import Terms
    from arrears_sdk.money import Money

__all__ = ["AwardDraft", "Booked", "Wish", "book", "changes_due", "resettle"]


async def book(
    tx: Transaction, wishes: Sequence[Wish], *, accounts: Mapping[UUID, LockedAccount] | None = None
) -> list[Booked]:
    """Books entries with all that follows from them, all or none; gives what became of each, in the same order.

    Locks the accounts unless they are given locked. Raises NotFoundError for an account out of sight, InputError for a
    day in the future or a sum beyond 64 bits, RefusedError for more money than the debt takes and for a debt below
    nothing. Currencies, closed accounts and what a payment still has to give back are the caller's to check.
    """
    if not wishes:
        return []
    if accounts is None:
        accounts = await lock_accounts(tx, (wish.account_id for wish in wishes))
    orders = [ordered(wish, _seen(accounts, wish.account_id)) for wish in wishes]
    cases = await _cases(tx, accounts, orders)
    plans = {case.account.account_id: straight(case) for case in cases}
    behind = [case for case in cases if plans[case.account.account_id] is None]
    found = {account_id: plan for account_id, plan in plans.items() if plan is not None}
    found |= await planned(tx, behind)
    before = {account_id: account.balance for account_id, account in accounts.items()}
    await _write(tx, found, accounts)
    for order in orders:
        if order.wish.event is not None:
            _tell(tx, order, order.wish.event, found[order.account.account_id], before)
    _tell_of_following(tx, found, accounts)
    return [
        Booked(
            entry_id=order.entry_id,
            account_id=order.account.account_id,
            balance=order.account.balance,
            corrected=found[order.account.account_id].corrected,
        )
        for order in orders
    ]


async def resettle(
    tx: Transaction, account_ids: Iterable[UUID], *, accounts: Mapping[UUID, LockedAccount] | None = None
) -> dict[UUID, Plan]:
    """Books whatever the accounts' courses now say otherwise; gives what was written, by account, if anything was.

    For accounts whose schedule or terms changed. Locks them unless they are given locked; those out of sight are
    passed over.
    """
    if accounts is None:
        accounts = await lock_accounts(tx, account_ids)
    written = await changes_due(tx, account_ids, accounts=accounts)
    await _write(tx, written, accounts)
    _tell_of_following(tx, written, accounts)
    return written


async def changes_due(
    tx: Transaction, account_ids: Iterable[UUID], *, accounts: Mapping[UUID, LockedAccount] | None = None
) -> dict[UUID, Plan]:
    """What `resettle` would write; nothing is written."""
    if accounts is None:
        accounts = await lock_accounts(tx, account_ids)
    plans = await planned(tx, await _cases(tx, accounts, ()))
    return {account_id: plan for account_id, plan in plans.items() if plan.changes_something}


def _seen(accounts: Mapping[UUID, LockedAccount], account_id: UUID) -> LockedAccount:
    account = accounts.get(account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
    return account


async def _cases(tx: Transaction, accounts: Mapping[UUID, LockedAccount], orders: Sequence[Order]) -> list[Case]:
    by_account: dict[UUID, list[Order]] = {} if orders else {account_id: [] for account_id in accounts}
    for order in orders:
        by_account.setdefault(order.account.account_id, []).append(order)
    return [
        Case(account, await _terms(tx, account), of_account)
        for account_id, of_account in by_account.items()
        if (account := accounts.get(account_id)) is not None
    ]


async def _terms(tx: Transaction, account: LockedAccount) -> Terms:
    return await terms_for(
        tx.context, account.client_id, account.portfolio_id, account.product, account.contract_percent
    )


async def _write(tx: Transaction, plans: Mapping[UUID, Plan], accounts: Mapping[UUID, LockedAccount]) -> None:
    # What is wished comes before what follows from it, as corrections may name entries of the same batch.
    drafts = [draft for plan in plans.values() for draft in (*plan.wished, *plan.following)]
    besides = Besides(
        allocations=tuple(one for plan in plans.values() for one in plan.besides.allocations),
        awards=tuple(one for plan in plans.values() for one in plan.besides.awards),
        accruals=tuple(one for plan in plans.values() for one in plan.besides.accruals),
        uncounted=tuple(account_id for plan in plans.values() for account_id in plan.besides.uncounted),
    )
    await post_entries(tx, drafts, accounts=accounts, besides=besides)
    in_parts = sorted({draft.account_id for draft in drafts if accounts[draft.account_id].has_course})
    if in_parts:
        await keep_unpaid_since(tx, in_parts)


def _tell(tx: Transaction, order: Order, event: str, plan: Plan, before: Mapping[UUID, Money]) -> None:
    """Tells of a wished entry in the audit and the outbox."""
    wish, account = order.wish, order.account
    draft = next(draft for draft in plan.wished if draft.entry_id == order.entry_id)
    kind, subject_id = wish.subject or ("entr", order.entry_id)
    tx.audit(
        subject=kind,
        subject_id=subject_id,
        client_id=account.client_id,
        before={"balance": before[account.account_id]},
        after={"balance": account.balance, "entry": order.entry_id, "account": account.account_id},
    )
    payload = {
        "account_id": str(account.account_id),
        "debtor_id": str(account.debtor_id),
        "entry_id": str(order.entry_id),
        "amount_minor": draft.amount_minor,
        "currency": draft.currency,
        "effective_on": order.day.isoformat(),
    }
    tx.emit(Event(event, kind, subject_id, account.client_id, payload))


def tell_of_interest(tx: Transaction, client_id: UUID, booked: Iterable[tuple[date, str, int]]) -> None:
    """One event for each day that bore interest on debts of a client; `booked` names day, currency and minor units."""
    amounts: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    accounts: dict[date, int] = defaultdict(int)
    for day, currency, minor in booked:
        amounts[day][currency] += minor
        accounts[day] += 1
    for day in sorted(amounts):
        payload = {"through_on": day.isoformat(), "accounts": accounts[day], "amounts_minor": dict(amounts[day])}
        tx.emit(Event("InterestAccrued", "clnt", client_id, client_id, payload))


def _tell_of_following(tx: Transaction, plans: Mapping[UUID, Plan], accounts: Mapping[UUID, LockedAccount]) -> None:
    """Tells of interest that was counted on the way, and of earlier entries that came to another result."""
    interest: dict[UUID, list[tuple[date, str, int]]] = defaultdict(list)
    for plan in plans.values():
        for draft in plan.following:
            if draft.kind is EntryKind.INTEREST:
                interest[draft.client_id].append((draft.effective_on, draft.currency, draft.amount_minor))
    for client_id, booked in interest.items():
        tell_of_interest(tx, client_id, booked)
    _tell_of_corrections(tx, plans, accounts)


def _tell_of_corrections(tx: Transaction, plans: Mapping[UUID, Plan], accounts: Mapping[UUID, LockedAccount]) -> None:
    for account_id, plan in plans.items():
        if not plan.corrected or plan.from_on is None:
            continue
        account = accounts[account_id]
        payload = {
            "account_id": str(account_id),
            "debtor_id": str(account.debtor_id),
            "corrected": plan.corrected,
            "from_on": plan.from_on.isoformat(),
        }
        tx.emit(Event("DebtReplayed", "acct", account_id, account.client_id, payload))
