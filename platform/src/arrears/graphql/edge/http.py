"""GraphQL over HTTP: POST and GET, one answer each. This is the hot path: nothing stands between it and the server."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from arrears.graphql.edge.admission import SHUTTING_DOWN
from arrears.graphql.edge.answering import failure_answer, send_answer
from arrears.graphql.edge.body import (
    ClientDisconnected,
    Receive,
    Scope,
    Send,
    content_type,
    decode_json,
    discard_rest,
    read_body,
)
from arrears.graphql.edge.deadline import bounded
from arrears.graphql.edge.engine import Answer, GraphQLRequest, RequestContext
from arrears.graphql.edge.errors import EdgeError, Failure
from arrears.graphql.edge.events import EventStream
from arrears.graphql.edge.headers import collect, request_id_of
from arrears.graphql.edge.multipart import multipart_request, refuse_cross_site
from arrears.graphql.edge.negotiation import MediaType, negotiate
from arrears.graphql.edge.parameters import request_from, request_from_query_string
from arrears.graphql.edge.services import Services
from arrears_sdk.errors import TemporaryError

METHODS = "GET, POST"


class HttpEndpoint:
    """Answers one HTTP request at the GraphQL path."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application for scopes of type `http`."""
        exchange = Exchange(self._services, scope, receive, send)
        try:
            await exchange.run()
        except ClientDisconnected:
            return
        except asyncio.CancelledError:
            if not self._services.in_flight.draining:
                raise
            # The shutdown has waited long enough.
            await exchange.fail(TemporaryError(SHUTTING_DOWN))
        except Exception as error:  # noqa: BLE001 (Failure logs what it masks)
            await exchange.fail(error)


class Exchange:
    """One request and its answer."""

    __slots__ = ("headers", "media_type", "origin", "receive", "request_id", "scope", "send", "services")

    def __init__(self, services: Services, scope: Scope, receive: Receive, send: Send) -> None:
        self.services = services
        self.scope = scope
        self.receive = receive
        self.send = send
        self.headers: dict[bytes, bytes] = {}
        self.request_id = b""
        self.media_type = MediaType.JSON
        self.origin: tuple[tuple[bytes, bytes], ...] = ()

    async def run(self) -> None:
        """Answers, or raises what `fail` turns into an answer."""
        services = self.services
        headers = self.headers = collect(self.scope["headers"])
        self.request_id = request_id_of(headers.get(b"x-request-id"))
        if b"origin" in headers:
            self.origin = services.origins.headers(headers[b"origin"])
        method = self.scope["method"]
        if method not in ("POST", "GET"):
            await self._other_method(method)
            return
        self.media_type = negotiate(headers.get(b"accept"))
        await services.in_flight.enter()
        try:
            streamed = await self._admitted(method)
        finally:
            services.in_flight.leave()
        if streamed is not None:
            await self._stream(*streamed)

    async def _admitted(self, method: str) -> tuple[GraphQLRequest, RequestContext, str] | None:
        """Answers; or gives what is to be answered as a stream, which needs no place among the requests."""
        services, headers = self.services, self.headers
        authorization = _text(headers.get(b"authorization"))
        client = self.scope.get("client")
        address = client[0] if client else None
        principal = await services.gatekeeper.admit(authorization, address)
        context = RequestContext(principal, self.request_id.decode("ascii"), address)
        if method == "GET":
            request = request_from_query_string(self.scope["query_string"], services.settings)
        else:
            kind, parameters = content_type(headers)
            if kind == "multipart/form-data":
                await self._upload(parameters.get("boundary"), context)
                return None
            request = await self._json(kind)
        if self.media_type is MediaType.EVENTS:
            return request, replace(context, transport="events"), authorization or ""
        answer = await self.execute(request, context)
        await send_answer(self.send, answer, self.media_type, self.request_id, self.origin)
        return None

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> Answer:
        """The engine's answer. TemporaryError when it takes longer than allowed."""
        services = self.services
        return await bounded(services.engine.execute(request, context), services.settings.execution_seconds)

    async def fail(self, error: Exception) -> None:
        """Answers with what went wrong, as far as the caller may know it."""
        request_id = self.request_id or request_id_of(None)
        failure = Failure(error, request_id.decode("ascii"))
        if failure.status == 413:
            with suppress(ClientDisconnected):
                await discard_rest(self.receive, self.headers)
        elif failure.status in (429, 503) and not self.services.in_flight.draining:
            await self.services.holding.hold()
        await send_answer(self.send, failure_answer(failure), self.media_type, request_id, self.origin)

    async def _json(self, kind: str) -> GraphQLRequest:
        if kind != "application/json":
            raise EdgeError(415, "Send the request as `Content-Type: application/json`.")
        settings = self.services.settings
        body = await read_body(self.receive, self.headers, settings.max_body_bytes, settings.body_seconds)
        return request_from(decode_json(body, "The body"), settings)

    async def _upload(self, boundary: str | None, context: RequestContext) -> None:
        refuse_cross_site(self.headers)
        if not boundary:
            raise EdgeError(400, "The multipart body names no boundary.")
        with self.services.uploads_in_flight:
            settings = self.services.settings
            async with multipart_request(self.receive, self.headers, boundary, settings) as request:
                answer = await self.execute(request, context)
        await send_answer(self.send, answer, self.media_type, self.request_id, self.origin)

    async def _stream(self, request: GraphQLRequest, context: RequestContext, authorization: str) -> None:
        stream = EventStream(self.services, self.receive, self.send, self.request_id, self.origin)
        await stream.run(request, context, authorization)

    async def _other_method(self, method: str) -> None:
        if method != "OPTIONS":
            raise EdgeError(405, f"Use {METHODS}.", headers=[("allow", METHODS)])
        await self.send({
            "type": "http.response.start",
            "status": 204,
            "headers": [
                (b"allow", METHODS.encode("ascii")),
                (b"vary", b"origin"),
                (b"x-request-id", self.request_id),
                *self.services.origins.preflight(self.headers.get(b"origin")),
            ],
        })  # fmt: skip
        await self.send({"type": "http.response.body", "body": b""})


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
