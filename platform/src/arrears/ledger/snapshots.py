"""Snapshots of balances: made after a client's day, batch by batch, and brought up to date with what is backdated.

What a snapshot counts is told by its horizon alone: the postings of earlier transactions that take effect by its day.
So a batch counts the same whenever it runs, and a run that was ended in the middle goes on where it stopped.
"""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from arrears.accounts.totals import COUNTED, SUMS
from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears.kernel.transaction import begin
from arrears_sdk.ids import new_id

ACCOUNTS_PER_BATCH = 100_000
POSTINGS_PER_STEP = 100_000
# Month ends are kept for two years, ends of years for good.
MONTHS_KEPT = 24

_ONE_DAY = datetime.timedelta(days=1)
_FIRST_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)
# A batch of a large book takes longer than any request may.
_PATIENCE: LiteralString = (
    "select set_config('statement_timeout', '300000', true), set_config('lock_timeout', '60000', true),"
    " set_config('work_mem', '64MB', true)"
)
_SERVER: LiteralString = "(select system_identifier from pg_control_system())"
_OLDEST_OPEN: LiteralString = "pg_snapshot_xmin(pg_current_snapshot())"

_FIND: LiteralString = f"""
select id, day, horizon::text, base_id, coalesce(through_account_id, '{_FIRST_ID}'), completed_at is not null,
       server = {_SERVER}
from balance_snapshot where client_id = %(client)s and day = %(day)s for no key update
"""
# It goes on from the nearest earlier one, with that one's horizon; what came after it is counted in afterwards.
_CREATE: LiteralString = f"""
insert into balance_snapshot (id, client_id, day, horizon, server, base_id, made_at, is_wanted)
select %(id)s, %(client)s, %(day)s, coalesce(base.horizon, {_OLDEST_OPEN}), {_SERVER}, base.id, %(now)s, %(wanted)s
from (select 1) nothing left join lateral (
    select id, horizon from balance_snapshot
    where client_id = %(client)s and day < %(day)s and completed_at is not null and server = {_SERVER}
      and not %(afresh)s
    order by day desc limit 1
) base on true
on conflict (client_id, day) do nothing
"""
_BASE: LiteralString = """
select day from balance_snapshot
where id = %(base)s and horizon = %(horizon)s::xid8 and completed_at is not null for share
"""
_LAST_OF_BATCH: LiteralString = """
select id from account where client_id = %(client)s and id > %(after)s order by id offset %(batch)s - 1 limit 1
"""
_ADD_BATCH: LiteralString = f"""
insert into snapshot_balance (snapshot_id, account_id, client_id, principal_minor, interest_minor, fees_minor,
                              costs_minor, written_off_minor)
select %(snapshot)s, summed.account_id, %(client)s, principal, interest, fees, costs, written_off
from (
    select coalesce(before.account_id, since.account_id) as account_id,
           coalesce(before.principal_minor, 0) + coalesce(since.principal_minor, 0) as principal,
           coalesce(before.interest_minor, 0) + coalesce(since.interest_minor, 0) as interest,
           coalesce(before.fees_minor, 0) + coalesce(since.fees_minor, 0) as fees,
           coalesce(before.costs_minor, 0) + coalesce(since.costs_minor, 0) as costs,
           coalesce(before.written_off_minor, 0) + coalesce(since.written_off_minor, 0) as written_off
    from (
        select kept.* from snapshot_balance kept
        where kept.snapshot_id = %(base)s and kept.account_id > %(after)s and kept.account_id <= %(through)s
    ) before
    full join (
        select line.account_id, {SUMS}
        from posting line
        where {COUNTED} and line.client_id = %(client)s
          and line.account_id > %(after)s and line.account_id <= %(through)s
          and line.effective_on <= %(day)s and line.effective_on > %(base_day)s
          and line.recorded_in < %(horizon)s::xid8
        group by line.account_id
    ) since on since.account_id = before.account_id
) summed
where (principal, interest, fees, costs, written_off) <> (0, 0, 0, 0, 0)
order by summed.account_id
"""
_GO_ON: LiteralString = """
update balance_snapshot set through_account_id = %(through)s, made_at = %(now)s,
       completed_at = case when %(is_last)s then %(now)s::timestamptz end
where id = %(snapshot)s
"""
_OPEN: LiteralString = "update balance_snapshot set completed_at = null where id = %(snapshot)s"
_REMOVE_ROWS: LiteralString = """
delete from snapshot_balance where snapshot_id = %(snapshot)s and account_id in (
    select account_id from snapshot_balance where snapshot_id = %(snapshot)s order by account_id limit %(batch)s)
"""
_REMOVE: LiteralString = "delete from balance_snapshot where id = %(snapshot)s"

_LOCK: LiteralString = f"""
select client_id, day, horizon::text, {_OLDEST_OPEN}::text from balance_snapshot
where id = %(snapshot)s and completed_at is not null and server = {_SERVER} for no key update
"""
_STEP: LiteralString = f"""
select line.recorded_in::text from posting line
where {COUNTED} and line.client_id = %(client)s and line.recorded_in >= %(from)s::xid8
  and line.recorded_in < %(to)s::xid8
order by line.recorded_in offset %(offset)s limit 1
"""
_ADD_LATE: LiteralString = f"""
insert into snapshot_balance as kept (snapshot_id, account_id, client_id, principal_minor, interest_minor, fees_minor,
                                      costs_minor, written_off_minor)
select %(snapshot)s, late.account_id, %(client)s, coalesce(principal_minor, 0), coalesce(interest_minor, 0),
       coalesce(fees_minor, 0), coalesce(costs_minor, 0), coalesce(written_off_minor, 0)
from (
    select line.account_id, {SUMS}
    from posting line
    where {COUNTED} and line.client_id = %(client)s and line.effective_on <= %(day)s
      and line.recorded_in >= %(from)s::xid8 and line.recorded_in < %(to)s::xid8
    group by line.account_id
) late
on conflict (snapshot_id, account_id) do update set
    principal_minor = kept.principal_minor + excluded.principal_minor,
    interest_minor = kept.interest_minor + excluded.interest_minor,
    fees_minor = kept.fees_minor + excluded.fees_minor,
    costs_minor = kept.costs_minor + excluded.costs_minor,
    written_off_minor = kept.written_off_minor + excluded.written_off_minor
returning kept.account_id,
    (kept.principal_minor, kept.interest_minor, kept.fees_minor, kept.costs_minor, kept.written_off_minor)
        = (0, 0, 0, 0, 0)
"""
_REMOVE_NOUGHT: LiteralString = """
delete from snapshot_balance where snapshot_id = %(snapshot)s and account_id = any (%(accounts)s::uuid[])
"""
_ADVANCE: LiteralString = """
update balance_snapshot set horizon = %(to)s::xid8, made_at = %(now)s where id = %(snapshot)s
"""
_ALL: LiteralString = f"""
select id, day, is_wanted, completed_at is not null, server = {_SERVER} from balance_snapshot
where client_id = %(client)s order by day
"""


@dataclass(frozen=True)
class _Begun:
    """A snapshot in the making, whose row is locked."""

    snapshot_id: UUID
    day: datetime.date
    horizon: str
    base_id: UUID | None
    through: UUID
    is_complete: bool
    is_of_this_server: bool


@dataclass(frozen=True)
class _Known:
    snapshot_id: UUID
    day: datetime.date
    is_wanted: bool
    is_complete: bool
    is_of_this_server: bool


async def keep_snapshots(
    context: Context, client_id: UUID, day: datetime.date, *, accounts_per_batch: int = ACCOUNTS_PER_BATCH
) -> None:
    """Make the snapshot of a day and those of the month ends since the latest one, and bring all kept ones up to date.

    What is neither the latest, nor a month end that is kept, nor asked for is removed. Running twice changes nothing.
    """
    known = await _known(context, client_id)
    latest = max((one.day for one in known if one.is_complete and one.is_of_this_server), default=None)
    wanted = {one.day for one in known if one.is_wanted}
    days = {day, *(month_ends(latest, day) if latest is not None else ())}
    for one in sorted(days | wanted):
        await take_snapshot(context, client_id, one, is_wanted=one in wanted, accounts_per_batch=accounts_per_batch)
    known = await _known(context, client_id)
    newest = max(one.day for one in known)
    for kept in known:
        if kept.is_wanted or is_kept(kept.day, newest):
            await bring_up_to_date(context, kept.snapshot_id)
        else:
            await _remove(context, kept.snapshot_id)


def is_kept(day: datetime.date, newest: datetime.date) -> bool:
    """Whether the snapshot of a day is kept when that of the newest day has been made."""
    if day == newest:
        return True
    if (day + _ONE_DAY).day != 1:
        return False
    months = (newest.year - day.year) * 12 + newest.month - day.month
    return day.month == 12 or months <= MONTHS_KEPT


def month_ends(after: datetime.date, before: datetime.date) -> Iterator[datetime.date]:
    """The last days of months between two days, neither included."""
    first = after.replace(day=1)
    while True:
        first = (first.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
        end = first - _ONE_DAY
        if end >= before:
            return
        if end > after:
            yield end


async def take_snapshot(
    context: Context,
    client_id: UUID,
    day: datetime.date,
    *,
    is_wanted: bool = False,
    afresh: bool = False,
    accounts_per_batch: int = ACCOUNTS_PER_BATCH,
) -> UUID:
    """Make the snapshot of one day, or go on with it; gives its id. One that is complete stays as it is.

    It goes on from the nearest earlier snapshot; `afresh` begins it from every posting.
    """
    while True:
        found = await _begin(context, client_id, day, is_wanted=is_wanted, afresh=afresh)
        if not found.is_of_this_server:
            await _remove(context, found.snapshot_id)
        elif found.is_complete or await _add_batch(context, client_id, day, accounts_per_batch):
            return found.snapshot_id


async def make_afresh(context: Context, client_id: UUID) -> None:
    """Make all snapshots of a client again, each from every posting: for when one of them was found wrong."""
    known = await _known(context, client_id)
    for one in known:
        await _remove(context, one.snapshot_id)
    for one in known:
        await take_snapshot(context, client_id, one.day, is_wanted=one.is_wanted, afresh=True)


async def bring_up_to_date(context: Context, snapshot_id: UUID, *, postings_per_step: int = POSTINGS_PER_STEP) -> None:
    """Count in what was recorded since the snapshot's horizon, in steps of a transaction each.

    A snapshot since whose horizon nothing was recorded stays as it is.
    """
    until: str | None = None
    while True:
        async with _patient(context) as (connection, now):
            row = await (await connection.execute(_LOCK, {"snapshot": snapshot_id})).fetchone()
            if row is None:
                return
            client_id, day, horizon, oldest_open = row
            until = until or oldest_open
            if int(horizon) >= int(until):
                return
            span = {"snapshot": snapshot_id, "client": client_id, "day": day, "from": horizon, "to": until, "now": now}
            if not await _first(connection, _STEP, {**span, "offset": 0}):
                return
            beyond = await _first(connection, _STEP, {**span, "offset": postings_per_step})
            if beyond is not None:
                # One transaction is never split, however many postings it made.
                span["to"] = beyond if beyond != horizon else str(int(horizon) + 1)
            rows = await (await connection.execute(_ADD_LATE, span)).fetchall()
            nought = [account_id for account_id, is_nought in rows if is_nought]
            await connection.execute(_REMOVE_NOUGHT, {"snapshot": snapshot_id, "accounts": nought})
            await connection.execute(_ADVANCE, span)


async def _begin(context: Context, client_id: UUID, day: datetime.date, *, is_wanted: bool, afresh: bool) -> _Begun:
    async with _patient(context) as (connection, now):
        given = {"id": new_id(), "client": client_id, "day": day, "now": now, "wanted": is_wanted, "afresh": afresh}
        await connection.execute(_CREATE, given)
        if is_wanted:
            await connection.execute(
                "update balance_snapshot set is_wanted = true"
                " where client_id = %(client)s and day = %(day)s and not is_wanted",
                given,
            )
        row = await (await connection.execute(_FIND, given)).fetchone()
        assert row is not None
        return _Begun(*row)


async def _add_batch(context: Context, client_id: UUID, day: datetime.date, batch: int) -> bool:
    """Add the next accounts; gives whether these were the last."""
    async with _patient(context) as (connection, now):
        row = await (await connection.execute(_FIND, {"client": client_id, "day": day})).fetchone()
        if row is None:
            return False
        begun = _Begun(*row)
        if begun.is_complete:
            return True
        base_day: datetime.date | None = datetime.date.min
        if begun.base_id is not None:
            base_day = await _first(connection, _BASE, {"base": begun.base_id, "horizon": begun.horizon})
        if base_day is not None:
            given: dict[str, Any] = {
                "snapshot": begun.snapshot_id,
                "client": client_id,
                "day": day,
                "base": begun.base_id,
                "base_day": base_day,
                "horizon": begun.horizon,
                "after": begun.through,
                "batch": batch,
                "now": now,
            }
            last = await _first(connection, _LAST_OF_BATCH, given)
            given |= {"through": last or _LAST_ID, "is_last": last is None}
            await connection.execute(_ADD_BATCH, given)
            await connection.execute(_GO_ON, given)
            return last is None
    # What it went on from has moved on or is gone: it begins again from what there is now.
    await _remove(context, begun.snapshot_id)
    return False


async def _remove(context: Context, snapshot_id: UUID) -> None:
    given: dict[str, Any] = {"snapshot": snapshot_id, "batch": ACCOUNTS_PER_BATCH}
    async with _patient(context) as (connection, _):
        await connection.execute(_OPEN, given)
    removed = 1
    while removed:
        async with _patient(context) as (connection, _):
            removed = (await connection.execute(_REMOVE_ROWS, given)).rowcount
    async with _patient(context) as (connection, _):
        await connection.execute(_REMOVE, given)


async def _known(context: Context, client_id: UUID) -> list[_Known]:
    rows = await context.database.read(context.principal.scope, _ALL, {"client": client_id})
    return [_Known(*row) for row in rows]


async def _first(connection: Connection, statement: LiteralString, given: dict[str, Any]) -> Any:
    row = await (await connection.execute(statement, given)).fetchone()
    return None if row is None else row[0]


@asynccontextmanager
async def _patient(context: Context) -> AsyncIterator[tuple[Connection, datetime.datetime]]:
    async with begin(context) as tx:
        connection = await tx.connection()
        await connection.execute(_PATIENCE)
        yield connection, tx.now
