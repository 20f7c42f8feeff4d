"""Fulfils requests in the background, and again after growing waits by the platform's clock."""

from __future__ import annotations

from uuid import UUID

from arrears.kernel.context import Context
from arrears.kernel.dispatcher import Due, due
from arrears.kernel.jobs import job
from arrears.privacy import fulfilment

FULFIL = "privacy.fulfil"


@job(FULFIL)
async def fulfil(context: Context, request_id: str) -> None:
    """Try a request for the first time."""
    await fulfilment.fulfil(context, UUID(request_id))


@due("privacy.try_again")
async def try_again(context: Context, due: Due) -> None:
    """Try a request that failed."""
    await fulfilment.fulfil(context, due.subject_id)


@due("privacy.expire")
async def expire(context: Context, due: Due) -> None:
    """Forget what was collected once the time for reading it is over."""
    await fulfilment.expire(context, due.subject_id)
