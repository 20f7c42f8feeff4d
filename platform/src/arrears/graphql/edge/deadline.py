"""A bound on how long the engine may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from arrears_sdk.errors import TemporaryError

T = TypeVar("T")


async def bounded(work: Awaitable[T], seconds: float) -> T:
    """The result of the work. TemporaryError when it takes longer than allowed; the work is cancelled then."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await work
    except TimeoutError:
        if limit.expired():
            raise TemporaryError(f"The operation took longer than {seconds:g} seconds.") from None
        raise
