"""Subscriptions as server-sent events, one stream for each operation (the distinct connections mode of graphql-sse)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from arrears.graphql.edge.answering import SECURITY_HEADERS, RawHeader, failure_answer, send_answer
from arrears.graphql.edge.body import Receive, Send
from arrears.graphql.edge.deadline import bounded
from arrears.graphql.edge.engine import Answer, GraphQLRequest, RequestContext
from arrears.graphql.edge.errors import Failure
from arrears.graphql.edge.negotiation import MediaType
from arrears.graphql.edge.services import Services

KEEP_ALIVE = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"
FINISH_SECONDS = 1.0
CANNOT_SEND = "The client takes too long to read."


def event(body: bytes) -> bytes:
    """The `next` event of an answer. Line breaks in JSON are only space between values, and would end the data."""
    return b"event: next\ndata: " + body.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n\n"


class EventStream:
    """The answers of one operation as an event stream, until they end, the client goes, or the credential does."""

    def __init__(
        self, services: Services, receive: Receive, send: Send, request_id: bytes, origin: Sequence[RawHeader]
    ) -> None:
        self._services = services
        self._receive = receive
        self._send = send
        self._request_id = request_id
        self._origin = tuple(origin)
        self._closing: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run(self, request: GraphQLRequest, context: RequestContext, authorization: str) -> None:
        """Sends the stream. What fails before it starts is raised, or is its only event if GraphQL refused it."""
        services, principal = self._services, context.principal
        credential = principal.credential or str(principal.id)
        with (
            services.streams.place(lambda code, reason: self._close(reason)),
            services.streams.claim(credential),
            services.watch.watching(authorization, principal, self._close),
        ):
            request_id = context.request_id
            try:
                with services.in_flight:
                    starting = services.engine.subscribe(request, context)
                    outcome = await bounded(starting, services.settings.execution_seconds)
            except Exception as error:  # noqa: BLE001 (Failure logs what it masks)
                failure = Failure(error, request_id)
                if failure.status is not None:
                    await send_answer(
                        self._send, failure_answer(failure), MediaType.EVENTS, self._request_id, self._origin
                    )
                    return
                outcome = Answer(failure.body(), "request_error")
            await self._start()
            if isinstance(outcome, Answer):
                await self._finish(event(outcome.body) + COMPLETE)
            else:
                await self._relay(outcome, request_id)

    async def _relay(self, answers: AsyncIterator[Answer], request_id: str) -> None:
        gone = asyncio.ensure_future(self._until_gone())
        upcoming = asyncio.ensure_future(_next(answers))
        ending = b""
        try:
            while True:
                waiting: set[asyncio.Future[Any]] = {upcoming, gone, self._closing}
                done, _ = await asyncio.wait(
                    waiting,
                    timeout=self._services.settings.keep_alive_seconds,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if gone in done or self._closing.done():
                    break
                if not done:
                    await self._push(KEEP_ALIVE)
                    continue
                answer = upcoming.result()
                if answer is None:
                    ending = COMPLETE
                    break
                await self._push(event(answer.body))
                upcoming = asyncio.ensure_future(_next(answers))
        except TimeoutError:
            self._close(CANNOT_SEND)
        except Exception as error:  # noqa: BLE001 (Failure logs what it masks)
            ending = event(Failure(error, request_id).body()) + COMPLETE
        finally:
            gone.cancel()
            upcoming.cancel()
            await asyncio.gather(gone, upcoming, return_exceptions=True)
            if aclose := getattr(answers, "aclose", None):
                await aclose()
        await self._finish(ending)

    async def _start(self) -> None:
        await self._send({
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", MediaType.EVENTS.header),
                (b"x-request-id", self._request_id),
                (b"x-accel-buffering", b"no"),
                *SECURITY_HEADERS,
                *self._origin,
            ],
        })  # fmt: skip
        await self._push(KEEP_ALIVE)

    async def _push(self, chunk: bytes) -> None:
        async with asyncio.timeout(self._services.settings.send_seconds):
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _finish(self, chunk: bytes) -> None:
        # A client that does not read is dropped by the server when this returns without having ended the answer.
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                await self._send({"type": "http.response.body", "body": chunk, "more_body": False})

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _close(self, reason: str) -> None:
        if not self._closing.done():
            self._closing.set_result(reason)


async def _next(answers: AsyncIterator[Answer]) -> Answer | None:
    async for answer in answers:
        return answer
    return None
