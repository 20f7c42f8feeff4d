"""Everybody is told what happened, however long that takes."""

from __future__ import annotations

import asyncio
from typing import LiteralString

from arrears.kernel.context import Context
from arrears.kernel.events import relay_events

_UNTOLD: LiteralString = "select 1 from event where dispatched_at is null limit 1"


async def tell_everything(worker: Context) -> int:
    """Hands on every event that there is, and gives how many.

    Events wait for older transactions, those of other databases of the same server among them.
    """
    handed = 0
    while await worker.database.read(worker.principal.scope, _UNTOLD, {}):
        told = await relay_events(worker)
        handed += told
        if not told:
            await asyncio.sleep(0.02)
    return handed
