"""Schedules of instalments: when a debt is due in parts, and how much of each component in each part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from arrears.access.model import Permission
from arrears.accounts.balances import mark_in_instalments
from arrears.accounts.model import CLOSED_STATUSES
from arrears.clients.model import checked_text
from arrears.kernel.batches import insert_rows
from arrears.kernel.calendar import DatedCommand, check_calendar
from arrears.kernel.command import Result, command
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.ledger.booking import resettle
from arrears.ledger.history import Amounts
from arrears.ledger.model import DebtComponent
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears.ledger.unpaid import keep_unpaid_since
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError, Problem, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import LARGEST_MINOR, Money

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

MOST_INSTALMENTS = 1_200
"""A hundred years of months."""


class InstalmentWanted(BaseModel):
    """One instalment: its due day, and how much of each component is due on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    due_on: date
    principal: Money | None = None
    interest: Money | None = None
    fees: Money | None = None
    costs: Money | None = None

    def of(self, component: DebtComponent) -> Money | None:
        """How much of a component is due."""
        amount: Money | None = getattr(self, component.value.lower())
        return amount


class InstalmentScheduleSet(DatedCommand):
    """The instalments of an account from a day on, today unless given, in the order of their due days.

    `partial` says that they are not the whole of what is owed.
    """

    account_id: UUID
    instalments: tuple[InstalmentWanted, ...]
    from_on: date | None = None
    partial: bool = False
    reason: str


class InstalmentScheduleStored(Result):
    """The new schedule."""

    schedule_id: UUID
    account_id: UUID


@command("ledger.set_instalments", permission=Permission.LEDGER_WRITE)
async def set_instalments(tx: Transaction, change: InstalmentScheduleSet) -> InstalmentScheduleStored:
    """A schedule that takes the place of the one before from its day on; payments since then are spread anew.

    InputError with a problem for each component whose instalments are not what is owed at the end of that day.
    """
    account = (await lock_accounts(tx, [change.account_id])).get(change.account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
    if account.status in CLOSED_STATUSES:
        raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=("input", "accountId"))
    reason = mask_card_numbers(checked_text(change.reason, ("input", "reason"), most=500))
    from_on = change.from_on or account.today
    if from_on > account.today:
        raise InputError(f"{from_on} lies in the future; the schedule would not hold yet.", field=("input", "fromOn"))
    amounts = _checked(change.instalments, account)
    if not change.partial:
        _compare(amounts, await _owed(tx, account, from_on), account, from_on)
    await mark_in_instalments(tx, account.account_id)
    schedule_id = await _store(tx, account, change.instalments, amounts, from_on, reason)
    _tell(tx, account, schedule_id, from_on, len(amounts))
    await resettle(tx, [account.account_id])
    await keep_unpaid_since(tx, [account.account_id])
    return InstalmentScheduleStored(schedule_id=schedule_id, account_id=account.account_id)


def _checked(wanted: Sequence[InstalmentWanted], account: LockedAccount) -> list[dict[DebtComponent, int]]:
    """The amounts of the instalments in minor units; InputError with everything that is wrong with them."""
    if not 1 <= len(wanted) <= MOST_INSTALMENTS:
        raise InputError(
            f"A schedule has from 1 to {MOST_INSTALMENTS} instalments, and this one has {len(wanted)}.",
            field=("input", "instalments"),
        )
    problems: list[Problem] = []
    found: list[dict[DebtComponent, int]] = []
    before: date | None = None
    for place, one in enumerate(wanted):
        at = ("input", "instalments", str(place))
        check_calendar(one.due_on, (*at, "dueOn"))
        if before is not None and one.due_on < before:
            message = f"Instalments come in the order of their due days; {one.due_on} is before {before}."
            problems.append(Problem(ErrorCode.INVALID_INPUT, message, (*at, "dueOn")))
        before = one.due_on
        given = {component: amount for component in DebtComponent if (amount := one.of(component)) is not None}
        problems += [fault for component, amount in given.items() if (fault := _fault(component, amount, account, at))]
        amounts = {component: amount.minor for component, amount in given.items() if amount.minor}
        if not amounts:
            message = "An instalment has at least one amount above zero."
            problems.append(Problem(ErrorCode.AMOUNT_NOT_POSITIVE, message, at))
        found.append(amounts)
    if problems:
        raise InputError.of(problems)
    return found


def _fault(component: DebtComponent, amount: Money, account: LockedAccount, at: tuple[str, ...]) -> Problem | None:
    where = (*at, component.value.lower())
    if amount.currency != account.currency:
        return Problem(ErrorCode.CURRENCY_MISMATCH, f"The account is kept in {account.currency}.", where)
    if amount.minor < 0:
        return Problem(ErrorCode.AMOUNT_NOT_POSITIVE, "The amount may not be below zero.", where)
    return None


_OWED = """
select component, sum(amount_minor)::bigint from posting
where account_id = %s and ledger_account = 'RECEIVABLE' and effective_on <= %s
group by component
"""


async def _owed(tx: Transaction, account: LockedAccount, day: date) -> Amounts:
    """What is owed at the end of a day, by component."""
    cursor = await (await tx.connection()).execute(_OWED, [account.account_id, day])
    return {DebtComponent(component): minor for component, minor in await cursor.fetchall()}


def _compare(planned: Sequence[Amounts], owed: Amounts, account: LockedAccount, day: date) -> None:
    """Return when the instalments are exactly what is owed; else InputError with both figures of each component."""
    problems = []
    for component in DebtComponent:
        total = sum(amounts.get(component, 0) for amounts in planned)
        if total == owed.get(component, 0):
            continue
        if total > LARGEST_MINOR:
            raise InputError("The instalments add up to more than can be stored.", field=("input", "instalments"))
        shown = Money(total, account.currency), Money(owed.get(component, 0), account.currency)
        message = (
            f"The instalments add up to {shown[0]} of {component.value}, and {shown[1]} of it is owed on {day}."
            " Say `partial` if they are not meant to be all of the debt."
        )
        problems.append(Problem(ErrorCode.INVALID_INPUT, message, ("input", "instalments")))
    if problems:
        raise InputError.of(problems)


_LAST = "select coalesce(max(sequence), 0) from instalment_schedule where account_id = %s"


async def _store(
    tx: Transaction,
    account: LockedAccount,
    wanted: Sequence[InstalmentWanted],
    amounts: Sequence[Amounts],
    from_on: date,
    reason: str,
) -> UUID:
    connection = await tx.connection()
    last = await (await connection.execute(_LAST, [account.account_id])).fetchone()
    assert last is not None
    owner: dict[str, object] = {"client_id": account.client_id, "account_id": account.account_id}
    schedule_id = new_id()
    schedule = {
        "id": schedule_id,
        **owner,
        "sequence": last[0] + 1,
        "from_on": from_on,
        "reason": reason,
        "recorded_at": tx.now,
    }
    rows = [
        {
            "id": new_id(),
            **owner,
            "schedule_id": schedule_id,
            "number": number,
            "due_on": one.due_on,
            "currency": account.currency,
            **{f"{component.value.lower()}_minor": given.get(component, 0) for component in DebtComponent},
        }
        for number, (one, given) in enumerate(zip(wanted, amounts, strict=True), start=1)
    ]
    async with connection.pipeline():
        await insert_rows(connection, "instalment_schedule", [schedule])
        await insert_rows(connection, "instalment", rows)
    return schedule_id


def _tell(tx: Transaction, account: LockedAccount, schedule_id: UUID, from_on: date, count: int) -> None:
    told = {"from_on": from_on.isoformat(), "instalments": count}
    tx.audit(
        subject="schd",
        subject_id=schedule_id,
        client_id=account.client_id,
        after={"account": account.account_id, **told},
    )
    payload = {"account_id": str(account.account_id), "debtor_id": str(account.debtor_id), **told}
    tx.emit(Event("InstalmentScheduleSet", "schd", schedule_id, account.client_id, payload))
