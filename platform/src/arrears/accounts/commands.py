"""The writers of accounts: facts, status, closing, reopening, teams; and from beside it opening, parties and holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from arrears.access.model import Permission
from arrears.access.queries import existing_teams
from arrears.accounts.balances import BalanceChange, Balances, apply_balances
from arrears.accounts.facts import AccountFacts, FactCheck, sealed_facts
from arrears.accounts.holds import HoldPlace, HoldPlaced, HoldRelease, HoldReleased, place_hold, release_hold
from arrears.accounts.model import CLOSED_STATUSES, AccountStatus, CloseReason, may_follow, next_statuses
from arrears.accounts.opening import (
    AccountOpened,
    AccountOpening,
    CreditorOpening,
    OpeningFacts,
    PartyOpening,
    open_accounts,
)
from arrears.accounts.parties import PartyAdd, PartyAdded, PartyEnd, PartyEnded, add_party, end_party
from arrears.accounts.queries import is_placement_of_client, is_portfolio_of_client
from arrears.accounts.tables import AccountRow
from arrears.clients.model import checked_text
from arrears.debtors.commands.create import create_debtors
from arrears.debtors.commands.inputs import DebtorCreate, NewClientLink
from arrears.debtors.indexing import AccountReference, replace_reference_tokens
from arrears.kernel.command import Command, Result, check_version, command, load
from arrears.kernel.personal import Personal, mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError, NotFoundError, Problem, RefusedError

REFERENCE_TAKEN = {
    "uq_account_client_id_reference": Problem(
        ErrorCode.DUPLICATE_REFERENCE, "This client has an account of this reference already.", ("input", "reference")
    )
}
_INPUT = ("input",)


class AccountOpen(OpeningFacts):
    """A debt taken on: an account with its parties and its chain of creditors, for a debtor known or new.

    Of `debtor_id` and `debtor` exactly one is given. A new debtor is made for the account's client unless it names
    clients itself.
    """

    debtor_id: UUID | None = None
    debtor: DebtorCreate | None = None


class AccountUpdate(AccountFacts):
    """New facts of an account; what is left out stays, and an explicit null makes a fact unknown."""

    account_id: UUID
    version: int


class AccountChangeStatus(Command):
    """The next status of an account; closing and reopening have commands of their own."""

    account_id: UUID
    version: int
    status: AccountStatus


class AccountClose(Command):
    """The end of the work on an account."""

    account_id: UUID
    version: int
    reason: CloseReason
    note: str | None = None


class AccountReopen(Command):
    """The resumption of the work on a closed account."""

    account_id: UUID
    version: int
    reason: str


class AccountAssignTeam(Command):
    """The team that is to work an account; null takes it from every team."""

    account_id: UUID
    version: int
    team_id: UUID | None = None


class AccountChanged(Result):
    """The account that was changed."""

    account_id: UUID


@command("account.open", permission=Permission.ACCOUNTS_WRITE, constraints=REFERENCE_TAKEN)
async def open_account(tx: Transaction, change: AccountOpen) -> AccountOpened:
    """Open one account, and make its debtor where that is new."""
    given = {name: getattr(change, name) for name in change.model_fields_set - {"debtor", "debtor_id"}}
    opening = AccountOpening(**given, debtor_id=await _debtor(tx, change))
    (opened,) = await open_accounts(tx, [opening], at=[_INPUT])
    return opened


async def _debtor(tx: Transaction, change: AccountOpen) -> UUID:
    if (change.debtor_id is None) == (change.debtor is None):
        raise InputError("Name a debtor or describe a new one, one of the two.", field=("input", "debtorId"))
    if change.debtor is None:
        assert change.debtor_id is not None
        return change.debtor_id
    links = change.debtor.clients or (NewClientLink(client_id=change.client_id),)
    try:
        (made,) = await create_debtors(tx, [change.debtor.model_copy(update={"clients": links})])
    except ArrearsError as error:
        problems = [replace(problem, field=("input", "debtor", *problem.field[1:])) for problem in error.problems]
        raise type(error).of(problems) from error
    return made.debtor_id


@command("account.update", permission=Permission.ACCOUNTS_WRITE, constraints=REFERENCE_TAKEN)
async def update_account(tx: Transaction, change: AccountUpdate) -> AccountChanged:
    """Correct or complete the facts of an account that is not closed."""
    account = await _editable(tx, change.account_id, change.version)
    given = {name: getattr(change, name) for name in change.model_fields_set & AccountFacts.model_fields.keys()}
    check = FactCheck(account.currency, tx.context.vault, _INPUT)
    check.check(given)
    opened_on = check.columns.get("opened_on", account.opened_on)
    due_on = check.columns.get("due_on", account.due_on)
    if due_on < opened_on:  # type: ignore[operator]
        check.refuse("due_on", "A debt is not due before it exists.")
    await _check_places(tx, check, change, account)
    if check.problems:
        raise InputError.of(check.problems)
    before = {name: getattr(account, name) for name in check.columns}
    changed = {name: value for name, value in check.columns.items() if before[name] != value}
    if not changed:
        return AccountChanged(account_id=account.id)
    for name, value in changed.items():
        setattr(account, name, value)
    if "reference" in changed:
        reference = AccountReference(account.id, account.client_id, account.debtor_id, account.reference)
        await replace_reference_tokens(tx, [reference])
    _record(tx, account, {name: before[name] for name in changed}, changed)
    tx.emit(Event("AccountUpdated", "acct", account.id, account.client_id, {"changed": sorted(changed)}))
    return AccountChanged(account_id=account.id)


@command("account.change_status", permission=Permission.ACCOUNTS_WRITE)
async def change_account_status(tx: Transaction, change: AccountChangeStatus) -> AccountChanged:
    """Move an account to a status that may follow its present one."""
    field = ("input", "status")
    if change.status is AccountStatus.CLOSED:
        raise InputError("Closing needs a reason: use accountClose.", field=field)
    if change.status is AccountStatus.REOPENED:
        raise InputError("Reopening needs a reason: use accountReopen.", field=field)
    account = await load(tx, AccountRow, change.account_id, kind="acct", field=("input", "accountId"))
    check_version(account, change.version)
    return _move(tx, account, change.status, field)


@command("account.close", permission=Permission.ACCOUNTS_WRITE)
async def close_account(tx: Transaction, change: AccountClose) -> AccountChanged:
    """End the work on an account."""
    account = await _editable(tx, change.account_id, change.version)
    if change.reason is CloseReason.PAID_IN_FULL and account.balance_minor > 0:
        raise RefusedError(
            "Something is still owed on the account; it is not paid in full.",
            code=ErrorCode.INVALID_INPUT,
            field=("input", "reason"),
        )
    note = None if change.note is None else mask_card_numbers(checked_text(change.note, ("input", "note"), most=2000))
    account.close_reason, account.closed_at = change.reason.value, tx.now
    details: dict[str, Any] = {"close_reason": change.reason.value}
    if note is not None:
        details["note"] = Personal(note)
    return _move(tx, account, AccountStatus.CLOSED, ("input", "accountId"), details, {"reason": change.reason.value})


@command("account.reopen", permission=Permission.ACCOUNTS_WRITE)
async def reopen_account(tx: Transaction, change: AccountReopen) -> AccountChanged:
    """Take up the work on a closed or returned account again."""
    account = await load(tx, AccountRow, change.account_id, kind="acct", field=("input", "accountId"))
    check_version(account, change.version)
    reason = mask_card_numbers(checked_text(change.reason, ("input", "reason"), most=500))
    closed = account.close_reason
    changed = _move(
        tx, account, AccountStatus.REOPENED, ("input", "accountId"), {"reason": Personal(reason)}, {"closed": closed}
    )
    account.close_reason, account.closed_at = None, None
    return changed


@command("account.assign_team", permission=Permission.ACCOUNTS_WRITE)
async def assign_account_team(tx: Transaction, change: AccountAssignTeam) -> AccountChanged:
    """Give an account to a team, or take it from every team."""
    account = await _editable(tx, change.account_id, change.version)
    if change.team_id is not None and not await existing_teams(tx, [change.team_id]):
        raise NotFoundError("There is no such record (team) that you may see.", field=("input", "teamId"))
    before = account.team_id
    if before == change.team_id:
        return AccountChanged(account_id=account.id)
    account.team_id = change.team_id
    _record(tx, account, {"team_id": before}, {"team_id": change.team_id})
    payload = {"teamId": None if change.team_id is None else str(change.team_id)}
    tx.emit(Event("AccountTeamAssigned", "acct", account.id, account.client_id, payload))
    return AccountChanged(account_id=account.id)


async def _check_places(tx: Transaction, check: FactCheck, change: AccountUpdate, account: AccountRow) -> None:
    connection = await tx.connection()
    for name, wanted, belongs in (
        ("portfolio_id", change.portfolio_id, is_portfolio_of_client),
        ("placement_id", change.placement_id, is_placement_of_client),
    ):
        if wanted is not None and not await belongs(connection, wanted, account.client_id):
            check.refuse(name, "There is no such record that you may see.", ErrorCode.NOT_FOUND)


async def _editable(tx: Transaction, account_id: UUID, version: int) -> AccountRow:
    """The account as the caller has seen it; RefusedError when it is closed."""
    account = await load(tx, AccountRow, account_id, kind="acct", field=("input", "accountId"))
    check_version(account, version)
    if AccountStatus(account.status) in CLOSED_STATUSES:
        raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=("input", "accountId"))
    return account


def _move(
    tx: Transaction,
    account: AccountRow,
    wanted: AccountStatus,
    field: tuple[str, ...],
    details: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
) -> AccountChanged:
    status = AccountStatus(account.status)
    if not may_follow(status, wanted):
        if status in CLOSED_STATUSES and wanted not in CLOSED_STATUSES:
            raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=field)
        possible = ", ".join(sorted(next_statuses(status)))
        raise RefusedError(
            f"{wanted} cannot follow {status}; possible are {possible}.",
            code=ErrorCode.STATUS_NOT_REACHABLE,
            field=field,
        )
    account.status = wanted.value
    _record(tx, account, {"status": status.value}, {"status": wanted.value, **(details or {})})
    payload = {"before": status.value, "after": wanted.value, **(told or {})}
    tx.emit(Event("AccountStatusChanged", "acct", account.id, account.client_id, payload))
    return AccountChanged(account_id=account.id)


def _record(tx: Transaction, account: AccountRow, before: dict[str, Any], after: dict[str, Any]) -> None:
    tx.audit(
        subject="acct",
        subject_id=account.id,
        client_id=account.client_id,
        before=sealed_facts(before),
        after=sealed_facts(after),
        person_id=account.debtor_id,
    )


__all__ = [
    "REFERENCE_TAKEN",
    "AccountAssignTeam",
    "AccountChangeStatus",
    "AccountChanged",
    "AccountClose",
    "AccountOpen",
    "AccountOpened",
    "AccountOpening",
    "AccountReopen",
    "AccountUpdate",
    "BalanceChange",
    "Balances",
    "CreditorOpening",
    "HoldPlace",
    "HoldPlaced",
    "HoldRelease",
    "HoldReleased",
    "PartyAdd",
    "PartyAdded",
    "PartyEnd",
    "PartyEnded",
    "PartyOpening",
    "add_party",
    "apply_balances",
    "assign_account_team",
    "change_account_status",
    "close_account",
    "end_party",
    "open_account",
    "open_accounts",
    "place_hold",
    "release_hold",
    "reopen_account",
    "update_account",
]
