"""The ASGI application: GraphQL and health on the straight way, everything else through Starlette."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from arrears.app.health import Check, Health
from arrears.graphql.edge.answering import failure_answer, send_answer
from arrears.graphql.edge.body import Receive, Scope, Send
from arrears.graphql.edge.endpoint import GraphQLEndpoint
from arrears.graphql.edge.engine import Authenticate, Engine
from arrears.graphql.edge.errors import EdgeError, Failure
from arrears.graphql.edge.headers import request_id_of
from arrears.graphql.edge.negotiation import MediaType
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.graphiql.page import DEFAULT_EXAMPLE, graphiql_routes
from arrears_sdk.errors import ArrearsError, ErrorCode

GRAPHQL_PATH = "/graphql"

Lifespan = Callable[[], AbstractAsyncContextManager[None]]
"""Opened before the first request, closed after the last."""


class Application:
    """The ASGI application of one deployment."""

    def __init__(self, graphql: GraphQLEndpoint, health: Health, pages: Starlette) -> None:
        self.graphql = graphql
        self.health = health
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Routes by the exact path. GraphQL comes first, with no middleware before it."""
        kind = scope["type"]
        path = scope.get("path")
        if path == GRAPHQL_PATH and kind in ("http", "websocket"):
            await self.graphql(scope, receive, send)
        elif path == "/healthz" and kind == "http":
            await self.health.alive(scope, receive, send)
        elif path == "/readyz" and kind == "http":
            await self.health.ready(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self.pages(scope, receive, send)

    def lifespan(self) -> AbstractAsyncContextManager[object]:
        """What surrounds the life of the server, for servers that do not speak the lifespan protocol."""
        return self.pages.router.lifespan_context(self.pages)

    def drain(self) -> None:
        """Takes no further work: not ready any more, new requests refused, streams ended, those under way finish."""
        self.health.draining = True
        self.graphql.drain()


def create_app(
    engine: Engine,
    authenticate: Authenticate,
    *,
    edge: EdgeSettings | None = None,
    checks: Mapping[str, Check] | None = None,
    example_query: str = DEFAULT_EXAMPLE,
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
) -> Application:
    """The application around an engine.

    `checks` decide on `/readyz`; `routes` are further pages or webhooks, which look after their own access;
    `lifespan` surrounds the life of the server, for instance with an open database.
    """

    @asynccontextmanager
    async def surround(application: Starlette) -> AsyncIterator[None]:
        if lifespan is None:
            yield
        else:
            async with lifespan():
                yield

    pages = Starlette(
        routes=[*graphiql_routes(example_query), *routes],
        lifespan=surround,
        exception_handlers={HTTPException: _tell, EdgeError: _tell, ArrearsError: _tell, Exception: _tell},
    )
    graphql = GraphQLEndpoint(engine, authenticate, edge)
    # Pages that need a principal let it in by the same door, and count with its other requests.
    pages.state.services = graphql.services
    return Application(graphql, Health(checks or {}), pages)


async def _tell(request: Request, error: Exception) -> Response:
    """What went wrong outside GraphQL, in the same form as everywhere."""
    if isinstance(error, HTTPException):
        code = ErrorCode.NOT_FOUND if error.status_code == 404 else ErrorCode.BAD_REQUEST
        headers = tuple((name.lower(), value) for name, value in (error.headers or {}).items())
        error = EdgeError(error.status_code, error.detail, code, headers=headers)
    return _FailureResponse(error, request_id_of(request.headers.get("x-request-id", "").encode("latin-1")))


class _FailureResponse(Response):
    """A failure as a Starlette response."""

    def __init__(self, error: Exception, request_id: bytes) -> None:
        super().__init__()
        self._failure = Failure(error, request_id.decode("ascii"))
        self._request_id = request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the failure."""
        await send_answer(send, failure_answer(self._failure), MediaType.JSON, self._request_id)
