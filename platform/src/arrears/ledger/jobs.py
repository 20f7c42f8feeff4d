"""What happens to the ledger by itself, once a client's day has ended."""

from __future__ import annotations

import datetime
from uuid import UUID

from arrears.kernel.context import Context
from arrears.ledger.accruing import accrue_client
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
