"""The GraphQL endpoint: one ASGI application for requests, event streams and sockets."""

from __future__ import annotations

from arrears.graphql.edge.body import Receive, Scope, Send
from arrears.graphql.edge.engine import Authenticate, Engine
from arrears.graphql.edge.http import HttpEndpoint
from arrears.graphql.edge.services import Services
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.edge.websocket import SocketEndpoint


class GraphQLEndpoint:
    """Serves GraphQL over HTTP, server-sent events and graphql-transport-ws at whatever path it is mounted."""

    def __init__(self, engine: Engine, authenticate: Authenticate, settings: EdgeSettings | None = None) -> None:
        self.services = Services(engine, authenticate, settings or EdgeSettings())
        self._http = HttpEndpoint(self.services)
        self._sockets = SocketEndpoint(self.services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._sockets(scope, receive, send)

    def drain(self) -> None:
        """Takes no further work and ends the open streams; requests under way finish."""
        self.services.drain()
