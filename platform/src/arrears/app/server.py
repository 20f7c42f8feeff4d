"""Runs the application under uvicorn, and ends it so that nobody loses an answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass

import structlog
import uvicorn
import uvloop

from arrears.app.application import Application
from arrears.app.protocol import BoundedHttpProtocol, BoundedSocketProtocol
from arrears.graphql.edge.body import Receive, Scope, Send
from arrears.graphql.edge.messages import POLICY_VIOLATION
from arrears_sdk.errors import InputError

LISTENERS = 16
STREAM_FAREWELL_SECONDS = 0.5
HSTS = ("strict-transport-security", "max-age=31536000; includeSubDomains")

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ServerSettings:
    """Where the server listens.

    `trusted_proxies` are the addresses of proxies whose `X-Forwarded-For` and `-Proto` are believed; nobody's are by
    default. `https_only` says that the public side is HTTPS, so that browsers are told never to come without it, and
    sockets must not.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    backlog: int = 2048
    shutdown_seconds: int = 20
    trusted_proxies: tuple[str, ...] = ()
    https_only: bool = False


class _Server(uvicorn.Server):
    """A server that leaves signals to its caller, and tells the application before it closes connections."""

    def __init__(self, config: uvicorn.Config, application: Application) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._application = application

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to take connections."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Takes no signal: uvicorn would raise it again at the end, before the caller could clean up."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuses new work, says goodbye to streams with 1001, lets requests finish, and gives up after a while."""
        self._application.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STREAM_FAREWELL_SECONDS):
                await self._application.graphql.services.streams.emptied()
        await super().shutdown(sockets)


class _OnlySecureSockets:
    """The application, without sockets that came in the clear: a credential is sent over every one of them.

    The scheme is the proxy's word, believed like its addresses; plain requests are not redirected either, so that a
    client which sends its credential in the clear is noticed.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Closes such a socket before it is accepted, which the client sees as a 403."""
        if scope["type"] == "websocket" and scope.get("scheme") != "wss":
            _log.warning("server.socket_in_the_clear", hint="does a proxy of ARREARS_TRUSTED_PROXIES say the scheme?")
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await self._application(scope, receive, send)


def listen(settings: ServerSettings) -> socket.socket:
    """A socket that listens. InputError in one sentence when the address cannot be had."""
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((settings.host, settings.port), family=family, backlog=settings.backlog)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"The server cannot listen on {where}: {reason}.") from error


async def serve(
    application: Application,
    settings: ServerSettings,
    stop: asyncio.Event,
    *,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serves until `stop` is set, then shuts down gracefully. `started` is told the address once it listens.

    InputError when the address is taken. What the application's lifespan raises at the start is raised here.
    """
    async with application.lifespan():
        listener = listen(settings)
        try:
            await _serve(_Server(_configure(application, settings), application), listener, stop, started)
        finally:
            listener.close()


def _configure(application: Application, settings: ServerSettings) -> uvicorn.Config:
    # At lower levels uvicorn writes the URLs of sockets, their headers with the credential, and their frames.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return uvicorn.Config(
        _OnlySecureSockets(application) if settings.https_only else application,
        http=BoundedHttpProtocol,
        ws=BoundedSocketProtocol,
        ws_max_size=application.graphql.services.settings.max_message_bytes,
        ws_per_message_deflate=False,
        lifespan="off",  # It is entered around the server, so that what fails there is raised as it is.
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        headers=[HSTS] if settings.https_only else [],
        backlog=settings.backlog,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


async def _serve(
    server: _Server, listener: socket.socket, stop: asyncio.Event, started: Callable[[str], None] | None
) -> None:
    # libuv takes one new connection from each listener in each turn of the event loop. Under load a turn is long, and
    # new connections, health checks among them, would wait for seconds in the kernel: so the socket is listed often.
    listeners = [listener, *(listener.dup() for _ in range(LISTENERS - 1))]
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=listeners), name="http-server")
        await server.listening.wait()
        if started is not None:
            host, port = listener.getsockname()[:2]
            started(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        stopping = tasks.create_task(stop.wait(), name="http-server-stop")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()


def run(application: Application, settings: ServerSettings, *, started: Callable[[str], None] | None = None) -> None:
    """Serves on an event loop of its own until SIGINT or SIGTERM."""

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await serve(application, settings, stop, started=started)

    uvloop.run(main())
