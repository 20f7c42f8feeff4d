"""What is done for each client once its day has ended: one due row a client and a kind, which brings about the next."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from typing import LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

from arrears.kernel.context import Context
from arrears.kernel.dispatcher import Due, due
from arrears.kernel.events import RecordedEvent, on
from arrears.kernel.transaction import Transaction, begin
from arrears_sdk.clock import business_date

NightFunction = Callable[[Context, UUID, datetime.date], Awaitable[None]]

_ONE_DAY = datetime.timedelta(days=1)
_kinds: list[str] = []

_ZONE: LiteralString = "select time_zone from client where id = %s"
# Two runs for one client wait for each other, so that the night that comes is put down once.
_ONE_AT_A_TIME: LiteralString = "select pg_advisory_xact_lock(hashtextextended(%(kind)s || %(client)s::text, 0))"
_COMING: LiteralString = """
select 1 from schedule where subject_id = %(client)s and kind = %(kind)s and dispatched_at is null and due_at > %(now)s
"""


def every_night(kind: str) -> Callable[[NightFunction], NightFunction]:
    """Register what is done with a client and the day that has ended there, soon after each midnight of the client.

    After a pause it is called once, with the last day that has ended; it may be called twice for a day.
    """

    def register(function: NightFunction) -> NightFunction:
        async def run(context: Context, row: Due) -> None:
            # First the next night: whatever becomes of this one, the chain goes on.
            zone = await plan_night(context, kind, row.subject_id)
            if zone is not None:
                await function(context, row.subject_id, business_date(context.clock.now(), zone) - _ONE_DAY)

        due(kind)(run)
        _kinds.append(kind)
        return function

    return register


async def plan_night(context: Context, kind: str, client_id: UUID) -> str | None:
    """Have a kind of night work done at the client's next midnight, unless that is planned; gives the client's zone."""
    async with begin(context) as tx:
        connection = await tx.connection()
        given = {"kind": kind, "client": client_id, "now": tx.now}
        await connection.execute(_ONE_AT_A_TIME, given)
        row = await (await connection.execute(_ZONE, [client_id])).fetchone()
        if row is None:
            return None
        if await (await connection.execute(_COMING, given)).fetchone() is None:
            await _plan(tx, kind, client_id, row[0])
        return str(row[0])


async def plan_nights(context: Context, client_id: UUID) -> None:
    """Have every kind of night work done for a client from its next midnight on; what is planned already stays."""
    for kind in _kinds:
        await plan_night(context, kind, client_id)


def next_midnight(instant: datetime.datetime, zone: str) -> datetime.datetime:
    """When the next day begins in a zone; where clocks skip midnight, the first instant after it."""
    day = business_date(instant, zone) + _ONE_DAY
    return datetime.datetime.combine(day, datetime.time(), ZoneInfo(zone)).astimezone(datetime.UTC)


async def _plan(tx: Transaction, kind: str, client_id: UUID, zone: str) -> None:
    await tx.schedule(kind, subject_id=client_id, due_at=next_midnight(tx.now, zone), client_id=client_id)


@on("ClientCreated", name="ledger.plan_nights")
async def plan_nights_of_new_client(context: Context, event: RecordedEvent) -> None:
    """A new client's nights begin with its first midnight."""
    await plan_nights(context, event.subject_id)
