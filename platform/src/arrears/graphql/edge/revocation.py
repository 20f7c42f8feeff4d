"""Streams end soon after their credential does: each credential with an open stream is looked at again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from arrears.graphql.edge.authentication import Gatekeeper
from arrears.graphql.edge.settings import EdgeSettings
from arrears.kernel.principal import Principal
from arrears_sdk.errors import AccessError

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("arrears.graphql.edge")

AT_ONCE = 8
SECONDS_EACH = 5.0


class _Watched:
    """The open streams of one credential, and when it was last known to be good."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.closers: dict[object, Callable[[str], None]] = {}
        self.good_at = time.monotonic()


class CredentialWatch:
    """Asks for every credential with an open stream once each interval, however many streams it has.

    The streams of a credential are told to close when it was revoked or expired, when what it may do has changed
    (they were opened under other rights), or when it could not be verified for longer than is tolerable.
    """

    def __init__(self, gatekeeper: Gatekeeper, settings: EdgeSettings) -> None:
        self._gatekeeper = gatekeeper
        self._interval = settings.recheck_seconds
        self._tolerance = settings.recheck_tolerance_seconds
        self._watched: dict[str, _Watched] = {}
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self, authorization: str, principal: Principal, close: Callable[[str], None]) -> Iterator[None]:
        """Watches a credential for one stream while it lasts; `close(reason)` is called once it must end."""
        watched = self._watched.setdefault(authorization, _Watched(principal))
        stream = object()
        watched.closers[stream] = close
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="credential-watch")
        try:
            yield
        finally:
            watched.closers.pop(stream, None)
            if not watched.closers and self._watched.get(authorization) is watched:
                del self._watched[authorization]

    async def _run(self) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        while self._watched:
            await asyncio.sleep(self._interval)
            await asyncio.gather(*(self._recheck(gate, *entry) for entry in list(self._watched.items())))

    async def _recheck(self, gate: asyncio.Semaphore, authorization: str, watched: _Watched) -> None:
        async with gate:
            reason = await self._reason_to_close(authorization, watched)
        if reason is not None:
            if self._watched.get(authorization) is watched:
                del self._watched[authorization]
            for close in list(watched.closers.values()):
                close(reason)

    async def _reason_to_close(self, authorization: str, watched: _Watched) -> str | None:
        try:
            async with asyncio.timeout(SECONDS_EACH):
                principal = await self._gatekeeper.again(authorization)
        except AccessError:
            return "The credential is no longer valid."
        except Exception:
            log.exception("edge.recheck_failed", principal=str(watched.principal.id))
            overdue = time.monotonic() - watched.good_at > self._tolerance
            return "The credential could not be verified." if overdue else None
        watched.good_at = time.monotonic()
        return None if _rights(principal) == _rights(watched.principal) else "The rights of the credential changed."


def _rights(principal: Principal) -> tuple[object, ...]:
    return (principal.id, principal.roles, principal.permissions, principal.scope)
