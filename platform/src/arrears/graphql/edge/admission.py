"""How much is worked on at once: beyond that, an immediate 503 keeps everything else quick."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from arrears_sdk.errors import LimitError, TemporaryError

RETRY_SECONDS = 1.0
SHUTTING_DOWN = "The server is shutting down."

Close = Callable[[int, str], None]
"""Ends a stream: the close code of a socket, and the reason in a few words."""


class InFlight:
    """Places for requests that are worked on, and a short queue before them.

    A request that finds no place waits for one a moment, which smooths bursts.
    """

    def __init__(self, places: int, what: str, *, queue: int = 0, queue_seconds: float = 0.0) -> None:
        self.places = places
        self.taken = 0
        self.draining = False
        self._what = what
        self._queue = queue
        self._queue_seconds = queue_seconds
        self._waiting: dict[asyncio.Future[bool], None] = {}

    def __enter__(self) -> None:
        """Takes a place without waiting. TemporaryError when none is free."""
        if self.draining or self.taken >= self.places:
            raise self._refusal()
        self.taken += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.leave()

    async def enter(self) -> None:
        """Takes a place, after a wait if need be; `leave` gives it back. TemporaryError when none gets free in time."""
        if self.taken < self.places and not self.draining:
            self.taken += 1
            return
        if self.draining or len(self._waiting) >= self._queue:
            raise self._refusal()
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting[turn] = None
        # Spread out, so that a crowd that came at once is not refused, and does not come back, at once.
        patience = self._queue_seconds * random.uniform(0.6, 1.4)
        overdue = loop.call_later(patience, self._answer, turn, False)
        try:
            has_place = await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.done() and turn.result():
                self.leave()
            raise
        finally:
            overdue.cancel()
            self._waiting.pop(turn, None)
        if not has_place:
            raise self._refusal()

    def leave(self) -> None:
        """Gives a place back, to whoever has waited longest."""
        for turn in self._waiting:
            if not turn.done():
                self._answer(turn, True)
                return
        self.taken -= 1

    def drain(self) -> None:
        """Gives out no further place; who waits for one is refused."""
        self.draining = True
        for turn in list(self._waiting):
            self._answer(turn, False)

    def _answer(self, turn: asyncio.Future[bool], has_place: bool) -> None:
        self._waiting.pop(turn, None)
        if not turn.done():
            turn.set_result(has_place)

    def _refusal(self) -> TemporaryError:
        message = SHUTTING_DOWN if self.draining else f"The server is busy: too many {self._what}."
        return TemporaryError(message, retry_after_seconds=RETRY_SECONDS)


class OpenStreams:
    """The open sockets and event streams: so many in all, so many for each credential, and closed all at once."""

    def __init__(self, places: int, places_per_credential: int) -> None:
        self.places = places
        self.draining = False
        self._places_per_credential = places_per_credential
        self._by_credential: Counter[str] = Counter()
        self._closers: dict[object, Close] = {}
        self._emptied = asyncio.Event()

    def __len__(self) -> int:
        return len(self._closers)

    @contextmanager
    def place(self, close: Close) -> Iterator[None]:
        """Holds a place for a stream. TemporaryError when all are taken; `close` is called at a shutdown."""
        if self.draining:
            raise TemporaryError(SHUTTING_DOWN, retry_after_seconds=RETRY_SECONDS)
        if len(self._closers) >= self.places:
            raise TemporaryError("The server is busy: too many open streams.", retry_after_seconds=RETRY_SECONDS)
        stream = object()
        self._closers[stream] = close
        try:
            yield
        finally:
            self._leave(stream)

    @contextmanager
    def claim(self, credential: str) -> Iterator[None]:
        """Counts a stream towards a credential while it lasts. LimitError when the credential has too many."""
        if self._by_credential[credential] >= self._places_per_credential:
            raise LimitError(f"This credential has {self._places_per_credential} streams open already.")
        self._by_credential[credential] += 1
        try:
            yield
        finally:
            self._by_credential[credential] -= 1
            if not self._by_credential[credential]:
                del self._by_credential[credential]

    def _leave(self, stream: object) -> None:
        del self._closers[stream]
        if self.draining and not self._closers:
            self._emptied.set()

    async def emptied(self) -> None:
        """Returns once the streams that were open at the shutdown have ended."""
        if self._closers:
            await self._emptied.wait()

    def drain(self) -> None:
        """Opens no further stream and ends every open one: 1001, going away."""
        self.draining = True
        for close in list(self._closers.values()):
            close(1001, SHUTTING_DOWN)
