"""uvicorn's protocols with bounds that they lack: on the head of a request, and on clients that do not read."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MAX_HEAD_BYTES = 65_536
HEAD_SECONDS = 10.0
LINGER_SECONDS = 5.0
"""How long a connection that was closed may take to deliver what it still holds."""

TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\n"
    b"connection: close\r\n\r\n"
)  # fmt: skip


class BoundedHttpProtocol(HttpToolsProtocol):
    """Closes connections whose request line and headers are endless or dribble in, and drops those that never read.

    The head is looked at only when it did not come with the first packet, so that ordinary requests pay nothing.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_head = False
        self._began_now = False
        self._head_bytes = 0
        self._overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection that sends nothing at all is closed like one that sends too slowly."""
        super().connection_made(transport)
        self._overdue = self.loop.call_later(HEAD_SECONDS, self._close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to wait for."""
        self._forget_deadline()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head = self._began_now = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Takes what came, and gives a head that is still incomplete its bounds."""
        super().data_received(data)
        if not self._in_head:
            if self._overdue is not None:
                self._forget_deadline()
            return
        if self._overdue is None:
            self._overdue = self.loop.call_later(HEAD_SECONDS, self._close)
        if not self._began_now:
            self._head_bytes += len(data)
        self._began_now = False
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def timeout_keep_alive_handler(self) -> None:
        """Closes an idle connection; one that holds an answer which nobody reads is dropped with it."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _forget_deadline(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _close(self) -> None:
        self._overdue = None
        if not self.transport.is_closing():
            self.transport.close()


class BoundedSocketProtocol(WebSocketsSansIOProtocol):
    """Drops sockets that were closed and whose client neither reads nor answers."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.close_timeout = LINGER_SECONDS / 2

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The application is done with the socket."""
        super().on_task_complete(task)
        self._drop_soon()

    def keepalive_timeout(self) -> None:
        """The client no longer answers pings."""
        super().keepalive_timeout()
        self._drop_soon()

    def _drop_soon(self) -> None:
        if not self.disconnected:
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)
