"""How long debts were past due at the end of a day, by what was known at an instant, and how each figure came to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.delinquency.explaining import explain
from arrears.delinquency.model import CURRENT, Bucket, Rules, Unpaid, bucket_on, changes, reckon
from arrears.delinquency.queries import Debt, debts, rules_at
from arrears.kernel.transaction import open_transaction
from arrears.ledger.course import course
from arrears.ledger.histories import histories
from arrears.ledger.history import Course, History

if TYPE_CHECKING:
    from arrears.kernel.context import Context
    from arrears.kernel.transaction import Transaction


@dataclass(frozen=True, slots=True)
class InstalmentDelinquency:
    """How long one instalment is past due."""

    number: int
    due_on: date
    unpaid_minor: int
    days_past_due: int
    paused_days: int
    delinquent_days: int


@dataclass(frozen=True, slots=True)
class Delinquency:
    """How long a debt is past due at the end of a day."""

    on: date
    days_past_due: int
    paused_days: int
    grace_days: int
    delinquent_days: int
    bucket: str
    oldest_unpaid_due_on: date | None
    is_paused: bool
    next_change_on: date | None
    instalments: Sequence[InstalmentDelinquency]
    explanation: Sequence[str]


async def delinquencies(
    context: Context, account_ids: Sequence[UUID], *, on: date | None = None, known_at: datetime | None = None
) -> dict[UUID, Delinquency]:
    """Those of the accounts that the principal may see, at the end of a day: today in each client's zone unless given.

    With `known_at`, what was recorded later does not count, and the day is that instant's unless one is given.
    """
    async with open_transaction(context) as tx:
        known = await debts(await tx.connection(), account_ids, known_at or tx.now, known_at=known_at)
        courses = await _courses(tx, [debt.account_id for debt in known.values() if debt.has_instalments], on, known_at)
    found: dict[UUID, Delinquency] = {}
    for debt in known.values():
        rules = await rules_at(context, debt.client_id, debt.portfolio_id)
        found[debt.account_id] = picture(debt, rules, on or debt.today, courses.get(debt.account_id))
    return found


def picture(debt: Debt, rules: Rules, day: date, ran: Course | None = None) -> Delinquency:
    """How long a debt is past due at the end of a day; `ran` is its course, for one that is due in instalments."""
    if ran is not None:
        debt = replace(debt, unpaid=tuple(Unpaid(one.day, one.oldest_unpaid_on) for one in ran.positions))
    due_on = next((one.due_on for one in reversed(debt.unpaid) if one.from_on <= day), None)
    told = reckon(due_on, day, rules, debt.pauses)
    found = changes(debt.unpaid, rules, debt.pauses)
    bucket: Bucket | None = bucket_on(found, day)
    pause = next((pause for pause in debt.pauses if pause.holds(day)), None)
    return Delinquency(
        on=day,
        days_past_due=told.days_past_due,
        paused_days=told.paused_days,
        grace_days=told.grace_days,
        delinquent_days=told.delinquent_days,
        bucket=CURRENT if bucket is None else bucket.name,
        oldest_unpaid_due_on=due_on,
        is_paused=pause is not None,
        next_change_on=next((change.day for change in found if change.day > day), None),
        instalments=_instalments(debt, rules, day, ran),
        explanation=explain(debt, rules, day, due_on, told, bucket, pause),
    )


def _instalments(debt: Debt, rules: Rules, day: date, ran: Course | None) -> list[InstalmentDelinquency]:
    position = None if ran is None else ran.at(day)
    found = []
    for one in () if position is None else position.instalments:
        unpaid = sum(one.unpaid.values())
        told = reckon(one.due_on if unpaid > 0 else None, day, rules, debt.pauses)
        found.append(
            InstalmentDelinquency(
                one.number, one.due_on, unpaid, told.days_past_due, told.paused_days, told.delinquent_days
            )
        )
    return found


_KNOWN_ENTRIES = """
select id from ledger_entry where account_id = any (%(ids)s::uuid[]) and recorded_at <= %(at)s
"""
_KNOWN_SCHEDULES = """
select account_id, count(*) from instalment_schedule
where account_id = any (%(ids)s::uuid[]) and recorded_at <= %(at)s group by account_id
"""


async def _courses(
    tx: Transaction, account_ids: Sequence[UUID], on: date | None, known_at: datetime | None
) -> dict[UUID, Course]:
    """The courses of accounts that are due in instalments, by what was known at an instant."""
    if not account_ids:
        return {}
    told = {one: recorded.history for one, recorded in (await histories(tx, account_ids)).items()}
    if known_at is not None:
        told = await _as_known(tx, told, known_at)
    return {account_id: course(history, _last_day(history, on)) for account_id, history in told.items()}


async def _as_known(tx: Transaction, told: Mapping[UUID, History], known_at: datetime) -> dict[UUID, History]:
    parameters = {"ids": list(told), "at": known_at}
    connection = await tx.connection()
    entries = {row[0] for row in await (await connection.execute(_KNOWN_ENTRIES, parameters)).fetchall()}
    counted = await (await connection.execute(_KNOWN_SCHEDULES, parameters)).fetchall()
    schedules: dict[UUID, int] = {row[0]: row[1] for row in counted}
    return {
        account_id: replace(
            history,
            happenings=tuple(one for one in history.happenings if one.entry_id in entries),
            awards=tuple(one for one in history.awards if one.entry_id in entries),
            # They were recorded in the order of their numbers.
            schedules=history.schedules[: schedules.get(account_id, 0)],
        )
        for account_id, history in told.items()
    }


def _last_day(history: History, on: date | None) -> date:
    days: Iterable[date] = [happening.effective_on for happening in history.happenings]
    days = [*days, *(schedule.from_on for schedule in history.schedules)]
    return max([*days, *([] if on is None else [on])], default=history.due_on)
