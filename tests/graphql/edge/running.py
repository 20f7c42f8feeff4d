"""Runs the application of the sample engine for a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.routing import BaseRoute
from websockets.asyncio.client import ClientConnection, connect

from arrears.app import Application, Check, ServerSettings, create_app, serve
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.limits import DocumentLimits
from tests.graphql.edge.sample import GOOD_TOKEN, SampleAuthenticator, SampleEngine

JSON = "application/json"
RESPONSE = "application/graphql-response+json"


@dataclass
class Edge:
    """The application under test, and an HTTP client that is signed in."""

    application: Application
    engine: SampleEngine
    authenticator: SampleAuthenticator
    http: httpx.AsyncClient

    async def post(self, query: object, *, accept: str = JSON, **parameters: object) -> httpx.Response:
        """One operation by POST."""
        return await self.http.post("/graphql", json={"query": query, **parameters}, headers={"accept": accept})

    async def send(self, body: bytes, **headers: str) -> httpx.Response:
        """A body as it is, by POST."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post("/graphql", content=body, headers={"content-type": JSON, **named})


@dataclass
class Running(Edge):
    """A server under test."""

    url: str
    stop: asyncio.Event
    serving: asyncio.Task[None]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rsplit(":", 1)[1])

    def socket(self, *, subprotocols: tuple[str, ...] = ("graphql-transport-ws",), **options: Any) -> connect:
        """A socket that is not initialised yet."""
        return connect(f"ws://127.0.0.1:{self.port}/graphql", subprotocols=list(subprotocols) or None, **options)  # type: ignore[arg-type]

    async def raw(self, request: bytes, *, seconds: float = 5.0) -> bytes:
        """What the server answers to these bytes, until it closes or says no more."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            async with asyncio.timeout(seconds):
                return await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def inside(
    edge: EdgeSettings | None = None, *, limits: DocumentLimits | None = None, checks: Mapping[str, Check] | None = None
) -> AsyncIterator[Edge]:
    """The application without a server."""
    engine, authenticator = SampleEngine(limits), SampleAuthenticator()
    application = create_app(engine, authenticator, edge=edge, checks=checks)
    transport = httpx.ASGITransport(application, raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://edge.test", headers={"authorization": GOOD_TOKEN}
    ) as http:
        yield Edge(application, engine, authenticator, http)


@asynccontextmanager
async def running(
    edge: EdgeSettings | None = None,
    *,
    limits: DocumentLimits | None = None,
    server: ServerSettings | None = None,
    checks: Mapping[str, Check] | None = None,
    routes: tuple[BaseRoute, ...] = (),
    example_query: str = "{ hello }",
) -> AsyncIterator[Running]:
    """A server on a free port; it is stopped with the context."""
    engine, authenticator = SampleEngine(limits), SampleAuthenticator()
    application = create_app(
        engine, authenticator, edge=edge, checks=checks, routes=routes, example_query=example_query
    )
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    settings = server or ServerSettings(port=0, shutdown_seconds=2)
    serving = asyncio.create_task(serve(application, settings, stop, started=address.set_result))
    url = await address
    async with httpx.AsyncClient(base_url=url, headers={"authorization": GOOD_TOKEN}) as http:
        yield Running(application, engine, authenticator, http, url, stop, serving)
    stop.set()
    await serving


async def initialised(socket: ClientConnection, authorization: str | None = GOOD_TOKEN) -> ClientConnection:
    """The socket after a successful connection_init."""
    payload = {} if authorization is None else {"payload": {"authorization": authorization}}
    await tell(socket, type="connection_init", **payload)
    assert await told(socket) == {"type": "connection_ack"}
    return socket


async def tell(socket: ClientConnection, **message: object) -> None:
    """Sends a message."""
    await socket.send(httpx.Request("POST", "/", json=message).content.decode())


async def told(socket: ClientConnection) -> Any:
    """The next message."""
    async with asyncio.timeout(5):
        text = await socket.recv()
    assert isinstance(text, str)
    return httpx.Response(200, text=text).json()


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Returns once it is true; fails when that takes too long."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)
