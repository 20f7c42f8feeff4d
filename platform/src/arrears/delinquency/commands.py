"""What can be done about the days of a debt: pause their count, and resume it early."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.delinquency.evaluating import evaluate
from arrears.delinquency.model import Pause, check_pause
from arrears.delinquency.tables import PauseRow
from arrears.kernel.calendar import DatedCommand
from arrears.kernel.command import Result, command
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError, Problem, RefusedError

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

# The account's lock makes two wait for each other; whoever gets round it is refused by the database.
_AT_ONCE = {
    "uq_delinquency_pause_account_id": Problem(
        ErrorCode.CONFLICT, "Somebody else paused or resumed this account at the same moment.", ("input", "accountId")
    )
}
_PAUSES = """
select paused.id, paused.from_on, coalesce(resumed.from_on, paused.until_on)
from delinquency_pause paused left join delinquency_pause resumed on resumed.pause_id = paused.id
where paused.account_id = %(account)s and paused.kind = 'PAUSE'
order by paused.from_on
"""
_LAST = "select coalesce(max(sequence), 0) from delinquency_pause where account_id = %(account)s"


class DelinquencyPause(DatedCommand):
    """Days that are not to count as delinquent: from one day to the day before another; today is the first usually."""

    account_id: UUID
    from_on: date | None = None
    until_on: date
    reason: str


class DelinquencyResume(DatedCommand):
    """The end of the pause that runs; the only day that may be given is today in the client's zone."""

    account_id: UUID
    on: date | None = None
    reason: str


class DelinquencyPaused(Result):
    """The pause that was made."""

    pause_id: UUID
    account_id: UUID


class DelinquencyResumed(Result):
    """The pause that was ended."""

    pause_id: UUID
    account_id: UUID


@command("delinquency.pause", permission=Permission.LEDGER_WRITE, constraints=_AT_ONCE)
async def pause_delinquency(tx: Transaction, change: DelinquencyPause) -> DelinquencyPaused:
    """A pause of an account. InputError when its days are not in order, or some are paused already."""
    account = await _locked(tx, change.account_id)
    reason = _checked_reason(change.reason)
    wanted = Pause(change.from_on or account.today, change.until_on)
    check_pause(wanted, [pause for _, pause in await _pauses(tx, account.account_id)])
    row = await _new_row(tx, account, "PAUSE", wanted.from_on, reason)
    row.until_on = wanted.until_on
    await _save(tx, row)
    days = {"from_on": wanted.from_on.isoformat(), "until_on": wanted.until_on.isoformat()}
    _tell(tx, "DelinquencyPaused", account, row.id, days)
    await evaluate(tx, [account.account_id])
    return DelinquencyPaused(pause_id=row.id, account_id=account.account_id)


@command("delinquency.resume", permission=Permission.LEDGER_WRITE, constraints=_AT_ONCE)
async def resume_delinquency(tx: Transaction, change: DelinquencyResume) -> DelinquencyResumed:
    """The end, from today on, of the pause in which an account is; RefusedError when it is in none."""
    account = await _locked(tx, change.account_id)
    reason = _checked_reason(change.reason)
    if change.on is not None and change.on != account.today:
        raise InputError(
            f"A pause can only be ended on the day itself, which is {account.today} for the client.",
            field=("input", "on"),
        )
    running = [id for id, pause in await _pauses(tx, account.account_id) if pause.holds(account.today)]
    if not running:
        raise RefusedError(
            f"The account is not paused on {account.today}.", code=ErrorCode.ALREADY_ENDED, field=("input", "accountId")
        )
    row = await _new_row(tx, account, "RESUME", account.today, reason)
    row.pause_id = running[0]
    await _save(tx, row)
    _tell(tx, "DelinquencyResumed", account, running[0], {"resumed_on": account.today.isoformat()})
    await evaluate(tx, [account.account_id])
    return DelinquencyResumed(pause_id=running[0], account_id=account.account_id)


async def _locked(tx: Transaction, account_id: UUID) -> LockedAccount:
    account = (await lock_accounts(tx, [account_id])).get(account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
    return account


async def _pauses(tx: Transaction, account_id: UUID) -> list[tuple[UUID, Pause]]:
    cursor = await (await tx.connection()).execute(_PAUSES, {"account": account_id})
    return [(row[0], Pause(row[1], row[2])) for row in await cursor.fetchall() if row[1] < row[2]]


async def _new_row(tx: Transaction, account: LockedAccount, kind: str, from_on: date, reason: str) -> PauseRow:
    cursor = await (await tx.connection()).execute(_LAST, {"account": account.account_id})
    last = await cursor.fetchone()
    assert last is not None
    return PauseRow(
        client_id=account.client_id,
        account_id=account.account_id,
        sequence=last[0] + 1,
        kind=kind,
        from_on=from_on,
        reason=reason,
        recorded_at=tx.now,
    )


async def _save(tx: Transaction, row: PauseRow) -> None:
    tx.session.add(row)
    await tx.session.flush()


def _tell(tx: Transaction, event: str, account: LockedAccount, pause_id: UUID, days: dict[str, str]) -> None:
    tx.audit(subject="paus", subject_id=pause_id, client_id=account.client_id, after={**days, "event": event})
    payload = {"account_id": str(account.account_id), "debtor_id": str(account.debtor_id), **days}
    tx.emit(Event(event, "paus", pause_id, account.client_id, payload))


def _checked_reason(reason: str) -> str:
    return mask_card_numbers(checked_text(reason, ("input", "reason"), most=500))
