"""Sockets that speak graphql-transport-ws: who may open one, and when it is closed."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from typing import Any

import structlog

from arrears.graphql.edge.answering import SECURITY_HEADERS
from arrears.graphql.edge.body import Receive, Scope, Send
from arrears.graphql.edge.errors import EdgeError, Failure
from arrears.graphql.edge.headers import collect, request_id_of
from arrears.graphql.edge.messages import (
    ACKNOWLEDGED,
    BAD_REQUEST,
    FORBIDDEN,
    INITIALISATION_TIMEOUT,
    INTERNAL_ERROR,
    MESSAGE_TOO_BIG,
    POLICY_VIOLATION,
    PONG,
    SUBPROTOCOL,
    SUBPROTOCOL_NOT_ACCEPTABLE,
    SUBSCRIBER_EXISTS,
    TOO_MANY_INITIALISATIONS,
    TRY_AGAIN_LATER,
    UNAUTHORIZED,
    Complete,
    ConnectionInit,
    Ping,
    SocketClosed,
    Subscribe,
    read,
)
from arrears.graphql.edge.operations import Operations
from arrears.graphql.edge.services import Services
from arrears_sdk.errors import AccessError, ArrearsError, FaultError, LimitError, TemporaryError

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("arrears.graphql.edge")

FAREWELL_SECONDS = 1.0
LONGEST_REASON = 120
"""In bytes; a close frame holds 123."""


class SocketEndpoint:
    """Answers one WebSocket handshake at the GraphQL path and serves the socket."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application for scopes of type `websocket`."""
        request_id = request_id_of(None)
        try:
            headers = collect(scope["headers"])
            request_id = request_id_of(headers.get(b"x-request-id"))
            if not self._services.origins.may_connect(headers):
                raise EdgeError(403, "Pages of this origin may not open a socket.")
            socket = Socket(self._services, scope, receive, send, headers.get(b"authorization"))
            with self._services.streams.place(socket.close):
                await receive()
                await socket.serve(request_id.decode("ascii"))
        except (EdgeError, TemporaryError) as error:
            await _refuse(scope, send, Failure(error, request_id.decode("ascii")), request_id)


async def _refuse(scope: Scope, send: Send, failure: Failure, request_id: bytes) -> None:
    """Answers the handshake with an HTTP error where the server can, else by closing before it is accepted."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
        return
    body = failure.body()
    further = [(name.encode("ascii"), value.encode("latin-1")) for name, value in failure.headers]
    await send({
        "type": "websocket.http.response.start",
        "status": failure.status or 400,
        "headers": [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", request_id),
            *SECURITY_HEADERS,
            *further,
        ],
    })  # fmt: skip
    await send({"type": "websocket.http.response.body", "body": body})


class Socket:
    """One socket: a reader of messages, and the operations that run beside it."""

    def __init__(
        self, services: Services, scope: Scope, receive: Receive, send: Send, authorization: bytes | None
    ) -> None:
        client = scope.get("client")
        self._services = services
        self._receive = receive
        self._asgi_send = send
        self._subprotocols: list[str] = list(scope.get("subprotocols") or [])
        self._authorization = authorization.decode("latin-1") if authorization is not None else None
        self._address: str | None = client[0] if client else None
        self._closing: asyncio.Future[SocketClosed | None] = asyncio.get_running_loop().create_future()
        self._operations: Operations | None = None
        self._lasting = ExitStack()
        self._request_id = ""

    def close(self, code: int, reason: str) -> None:
        """Ends the socket with a code; what is under way is cancelled."""
        if not self._closing.done():
            self._closing.set_result(SocketClosed(code, reason))

    async def serve(self, request_id: str) -> None:
        """Accepts the handshake and serves the socket until either side ends it."""
        self._request_id = request_id
        offered = SUBPROTOCOL in self._subprotocols
        await self._asgi_send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if offered else None})
        if not offered:
            await self._end(SocketClosed(SUBPROTOCOL_NOT_ACCEPTABLE, f"Only {SUBPROTOCOL} is spoken."))
            return
        seconds = self._services.settings.connection_init_seconds
        overdue = asyncio.get_running_loop().call_later(
            seconds, self._close_unless_initialised, INITIALISATION_TIMEOUT, "Connection initialisation timeout."
        )
        reader = asyncio.create_task(self._read(), name="socket-reader")
        try:
            ending: set[asyncio.Future[Any]] = {reader, self._closing}
            await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        finally:
            overdue.cancel()
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            if self._operations is not None:
                await self._operations.cancel_all()
            self._lasting.close()
        if self._closing.done() and (end := self._closing.result()) is not None:
            await self._end(end)

    def _close_unless_initialised(self, code: int, reason: str) -> None:
        if self._operations is None:
            self.close(code, reason)

    async def _end(self, end: SocketClosed) -> None:
        reason = end.reason.encode("utf-8")[:LONGEST_REASON].decode("utf-8", "ignore")
        # A client that does not read cannot be told; the server drops it when this returns.
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._asgi_send({"type": "websocket.close", "code": end.code, "reason": reason})

    async def _read(self) -> None:
        try:
            while True:
                message = await self._receive()
                if message["type"] == "websocket.disconnect":
                    self._gone()
                    return
                await self._handle(message.get("text"))
        except SocketClosed as end:
            self.close(end.code, end.reason)
        except Exception:
            log.exception("edge.socket_failed", request_id=self._request_id)
            self.close(INTERNAL_ERROR, f"Internal error; the request id is {self._request_id}.")

    def _gone(self) -> None:
        if not self._closing.done():
            self._closing.set_result(None)

    async def _handle(self, text: str | None) -> None:
        if text is None:
            raise SocketClosed(BAD_REQUEST, "Only text frames are read.")
        limit = self._services.settings.max_message_bytes
        if len(text) > limit or len(text.encode("utf-8", "surrogatepass")) > limit:
            raise SocketClosed(MESSAGE_TOO_BIG, f"A message is larger than {limit} bytes.")
        match read(text, self._services.settings):
            case ConnectionInit(authorization):
                await self._initialise(authorization or self._authorization)
            case Ping():
                await self._send(PONG)
            case Subscribe(id, request):
                operations = self._initialised()
                if id in operations:
                    raise SocketClosed(SUBSCRIBER_EXISTS, f"Subscriber for {id} already exists")
                operations.start(id, request)
            case Complete(id):
                self._initialised().stop(id)

    def _initialised(self) -> Operations:
        if self._operations is None:
            raise SocketClosed(UNAUTHORIZED, "Unauthorized: send connection_init first.")
        return self._operations

    async def _initialise(self, authorization: str | None) -> None:
        if self._operations is not None:
            raise SocketClosed(TOO_MANY_INITIALISATIONS, "Too many initialisation requests")
        services = self._services
        try:
            principal = await services.gatekeeper.admit(authorization, self._address)
            self._lasting.enter_context(services.streams.claim(principal.credential or str(principal.id)))
        except AccessError as error:
            raise SocketClosed(FORBIDDEN, str(error)) from None
        except ArrearsError as error:
            if isinstance(error, FaultError) or not isinstance(error, LimitError | TemporaryError):
                raise
            raise SocketClosed(TRY_AGAIN_LATER, str(error)) from None
        watching = services.watch.watching(authorization or "", principal, lambda reason: self.close(FORBIDDEN, reason))
        self._lasting.enter_context(watching)
        self._operations = Operations(services, principal, self._address, self._send)
        await self._send(ACKNOWLEDGED)

    async def _send(self, text: str) -> None:
        """Sends a text frame. A client that does not read in time, or is gone, loses its socket."""
        if self._closing.done():
            return
        try:
            async with asyncio.timeout(self._services.settings.send_seconds):
                await self._asgi_send({"type": "websocket.send", "text": text})
        except TimeoutError:
            self.close(POLICY_VIOLATION, "The client takes too long to read.")
        except OSError:
            self._gone()
