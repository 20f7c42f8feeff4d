"""Refusals take their time: clients that ask again at once must not keep the server busy with saying no."""

from __future__ import annotations

import asyncio
import random

TICK_SECONDS = 0.05
FORGETTING = 0.8
LAG_FACTOR = 50.0
QUIET_SECONDS = 0.005


class LoopLag:
    """How late the event loop is with what is due; measured only while someone wants to know."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._due = 0.0
        self._ticking = False

    def watch(self) -> None:
        """Begins to measure unless it does already; it stops by itself once the loop is quick again."""
        if not self._ticking:
            self._ticking = True
            self._next()

    def _next(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + TICK_SECONDS
        loop.call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        late = asyncio.get_running_loop().time() - self._due
        self.seconds = max(late, self.seconds * FORGETTING)
        if self.seconds > QUIET_SECONDS:
            self._next()
        else:
            self._ticking = False


class Holding:
    """Keeps refusals back for a moment, longer as the event loop falls behind.

    The answer is held, not the connection, for a proxy may use that for someone else next. What is held costs memory
    and no time; when very many are held already, the next one goes out at once.
    """

    def __init__(self, least_seconds: float, most_seconds: float, places: int) -> None:
        self.lag = LoopLag()
        self.held = 0
        self._least_seconds = least_seconds
        self._most_seconds = most_seconds
        self._places = places

    async def hold(self) -> None:
        """Returns after the moment."""
        self.lag.watch()
        if self.held >= self._places:
            return
        seconds = min(self._most_seconds, self._least_seconds + LAG_FACTOR * self.lag.seconds)
        self.held += 1
        try:
            # Spread out, so that a crowd that came at once is not answered, and does not come back, at once.
            await asyncio.sleep(seconds * random.uniform(0.5, 1.5))
        finally:
            self.held -= 1
