"""The operations of one socket, each a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import orjson

from arrears.graphql.edge.deadline import bounded
from arrears.graphql.edge.engine import Answer, GraphQLRequest, RequestContext
from arrears.graphql.edge.errors import Failure
from arrears.graphql.edge.headers import request_id_of
from arrears.graphql.edge.messages import complete_message, error_message, next_message
from arrears.graphql.edge.services import Services
from arrears.kernel.principal import Principal
from arrears_sdk.errors import LimitError

SendText = Callable[[str], Awaitable[None]]


class Operations:
    """Starts operations and sends what they answer, until they end or are stopped."""

    def __init__(self, services: Services, principal: Principal, address: str | None, send: SendText) -> None:
        self._services = services
        self._principal = principal
        self._address = address
        self._send = send
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __contains__(self, id: str) -> bool:
        return id in self._running

    def start(self, id: str, request: GraphQLRequest) -> None:
        """Runs an operation under an id that is free."""
        # Operations that were stopped and are still cleaning up count as well.
        crowded = len(self._tasks) >= self._services.settings.max_operations_per_socket
        task = asyncio.create_task(self._run(id, request, crowded), name="socket-operation")
        self._running[id] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, id: str) -> None:
        """Ends an operation; nothing for an id that has ended already, for the two messages may cross."""
        task = self._running.pop(id, None)
        if task is not None:
            task.cancel()

    async def cancel_all(self) -> None:
        """Ends every operation and waits until each has cleaned up."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, id: str, request: GraphQLRequest, crowded: bool) -> None:
        request_id = request_id_of(None).decode("ascii")
        try:
            if crowded:
                most = self._services.settings.max_operations_per_socket
                raise LimitError(f"This socket has {most} operations running already.")
            outcome = await self._begin(request, request_id)
            if isinstance(outcome, Answer):
                await self._answer(id, outcome)
            else:
                await self._relay(id, outcome)
        except Exception as error:  # noqa: BLE001 (Failure logs what it masks)
            if self._release(id):
                await self._send(error_message(id, Failure(error, request_id).errors))

    async def _begin(self, request: GraphQLRequest, request_id: str) -> AsyncIterator[Answer] | Answer:
        services = self._services
        services.gatekeeper.charge(self._principal)
        context = RequestContext(self._principal, request_id, self._address, "websocket")
        with services.in_flight:
            return await bounded(services.engine.subscribe(request, context), services.settings.execution_seconds)

    async def _answer(self, id: str, answer: Answer) -> None:
        if answer.kind == "request_error":
            if self._release(id):
                await self._send(error_message(id, orjson.loads(answer.body)["errors"]))
            return
        await self._send(next_message(id, answer.body))
        if self._release(id):
            await self._send(complete_message(id))

    async def _relay(self, id: str, answers: AsyncIterator[Answer]) -> None:
        try:
            async for answer in answers:
                await self._send(next_message(id, answer.body))
        finally:
            if aclose := getattr(answers, "aclose", None):
                await aclose()
        if self._release(id):
            await self._send(complete_message(id))

    def _release(self, id: str) -> bool:
        """Frees the id; false when the client stopped the operation and must hear no more of it."""
        if self._running.get(id) is not asyncio.current_task():
            return False
        del self._running[id]
        return True
