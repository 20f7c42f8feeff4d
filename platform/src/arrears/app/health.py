"""Health: is the process alive, is the deployment ready to work? Open to anyone, so it tells names and no details."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import orjson
import structlog

from arrears.graphql.edge.answering import SECURITY_HEADERS
from arrears.graphql.edge.body import Receive, Scope, Send

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("arrears.app")

CHECK_SECONDS = 2.0
REMEMBERED_SECONDS = 1.0
ALIVE = b'{"status":"alive"}'
DRAINING = b'{"status":"draining"}'
METHODS = ("GET", "HEAD")

Check = Callable[[], Awaitable[None]]
"""Returns when something is as it should be, and raises when it is not."""


class Health:
    """Answers `/healthz` and `/readyz`.

    Readiness is found out at most once a second, however often it is asked for; every check has two seconds.
    """

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self.draining = False
        self._checks = dict(checks)
        self._lock = asyncio.Lock()
        self._known: tuple[int, bytes] = (503, b"")
        self._known_until = 0.0

    async def alive(self, scope: Scope, receive: Receive, send: Send) -> None:
        """200 while the process answers at all."""
        await _answer(scope, send, 200, ALIVE)

    async def ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        """200 when every check passes, else 503 with the names of those that do not."""
        if self.draining:
            await _answer(scope, send, 503, DRAINING)
            return
        async with self._lock:
            if time.monotonic() >= self._known_until:
                self._known = await self._find_out()
                self._known_until = time.monotonic() + REMEMBERED_SECONDS
        await _answer(scope, send, *self._known)

    async def _find_out(self) -> tuple[int, bytes]:
        results = await asyncio.gather(*(self._passes(name, check) for name, check in self._checks.items()))
        ready = all(results)
        checks = {name: "ok" if passed else "failed" for name, passed in zip(self._checks, results, strict=True)}
        return (200 if ready else 503), orjson.dumps({"status": "ready" if ready else "unready", "checks": checks})

    async def _passes(self, name: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await check()
        except Exception:
            log.exception("health.check_failed", check=name)
            return False
        return True


async def _answer(scope: Scope, send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        *SECURITY_HEADERS,
    ]
    if scope["method"] not in METHODS:
        status, body = 405, b""
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0"), *SECURITY_HEADERS]
    elif status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
