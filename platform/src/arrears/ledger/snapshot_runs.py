"""Snapshots of every client's balances, when somebody asks for them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from arrears.ledger.nights import plan_nights
from arrears.ledger.snapshots import bring_up_to_date, keep_snapshots, make_afresh, take_snapshot
from arrears_sdk.clock import business_date
from arrears_sdk.errors import InputError
from arrears_sdk.ids import encode_id

if TYPE_CHECKING:
    from arrears.kernel.context import Context

_ONE_DAY = datetime.timedelta(days=1)
_TIMEOUT_MS = 60_000
_CLIENTS: LiteralString = "select id, time_zone from client order by id"
_MADE: LiteralString = """
select made.client_id, made.day, made.made_at,
       (select count(*) from snapshot_balance line where line.snapshot_id = made.id)
from balance_snapshot made where made.completed_at is not null order by made.client_id, made.day
"""


@dataclass(frozen=True)
class SnapshotMade:
    """One snapshot: whose, of which day, up to when known, and of how many accounts something was owed or given up."""

    client: str
    day: datetime.date
    made_at: datetime.datetime
    accounts: int


async def snapshot_clients(
    context: Context, on: datetime.date | None = None, *, afresh: bool = False
) -> list[SnapshotMade]:
    """Make every client's snapshot of a day, and keep it; of the last day that has ended, as every night, when none is
    given. Gives all snapshots there are then.

    `afresh` makes those that are kept again, each from all postings. InputError for a day that has not begun yet.
    """
    scope = context.principal.scope
    clients = [
        (client_id, business_date(context.clock.now(), zone))
        for client_id, zone in await context.database.read(scope, _CLIENTS)
    ]
    for _, today in clients:
        if on is not None and on > today:
            raise InputError(f"{on} has not begun yet for every client; {today} has.", field=("input", "on"))
    for client_id, today in clients:
        if afresh:
            await make_afresh(context, client_id)
        if on is None:
            await keep_snapshots(context, client_id, today - _ONE_DAY)
        else:
            await bring_up_to_date(context, await take_snapshot(context, client_id, on, is_wanted=True))
        await plan_nights(context, client_id)
    made = await context.database.read(scope, _MADE, timeout_ms=_TIMEOUT_MS)
    return [SnapshotMade(encode_id("clnt", row[0]), *row[1:]) for row in made]
