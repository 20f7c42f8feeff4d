"""What happens to the ledger by itself: once a client's day has ended, and when interest is to be counted otherwise."""

from __future__ import annotations

import datetime
from uuid import UUID

from arrears.accounts.model import CLOSED_STATUSES
from arrears.kernel.context import Context
from arrears.kernel.events import RecordedEvent, on
from arrears.ledger.accruing import accrue_client, recount_account, recount_held
from arrears.ledger.nights import every_night
from arrears.ledger.snapshots import keep_snapshots


@every_night("ledger.accrue")
async def accrue_nightly(context: Context, client_id: UUID, day: datetime.date) -> None:
    """Book the interest of the day that has ended, and of days before it that were missed."""
    await accrue_client(context, client_id, day)


@every_night("ledger.snapshot")
async def keep_nightly_snapshots(context: Context, client_id: UUID, day: datetime.date) -> None:
    """Snapshot the balances of the day that has ended."""
    await keep_snapshots(context, client_id, day)


@on("HoldPlaced", name="ledger.recount_held")
async def recount_when_held(context: Context, event: RecordedEvent) -> None:
    """Take back the interest of days on which a hold that was recorded later stopped it."""
    await recount_held(context, event.subject_id)


@on("HoldReleased", name="ledger.recount_released")
async def recount_when_released(context: Context, event: RecordedEvent) -> None:
    """Book the interest of days that were taken for held."""
    await recount_held(context, event.subject_id)


@on("AccountStatusChanged", name="ledger.recount_reopened")
async def recount_when_reopened(context: Context, event: RecordedEvent) -> None:
    """Book the interest of days for which an account was closed, as if it never had been."""
    if event.payload["before"] in CLOSED_STATUSES and event.payload["after"] not in CLOSED_STATUSES:
        await recount_account(context, event.subject_id)


@on("AccountUpdated", name="ledger.recount_corrected")
async def recount_when_corrected(context: Context, event: RecordedEvent) -> None:
    """Count interest anew by other facts of an account: since when it runs, and the rate of the contract."""
    if {"accrues_from_on", "interest_rate_percent"} & set(event.payload["changed"]):
        await recount_account(context, event.subject_id)
