"""Runs a plugin in a process of its own, killed when it does not answer, started again when it is needed."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from arrears.plugins import child
from arrears.plugins.answers import WrongAnswerError
from arrears.plugins.building import SettingsError
from arrears.plugins.discovery import Candidate
from arrears.plugins.failures import FailureKind
from arrears.plugins.lanes import Check, LaneError, LaneReplacedError, RaisedError, same
from arrears.plugins.lending import plugin_log
from arrears.plugins.ports import Request
from arrears.plugins.runner import Placed
from arrears.plugins.wire import Answered, Begun, Call, Failed, Forget, Given, Logged, Ready, Stop, Wanted
from arrears_sdk.host import Host
from arrears_sdk.ports.gateway import WebhookRefusedError

READY_SECONDS = 30.0
MAKING_SECONDS = 20.0
END_SECONDS = 5.0


class RemoteError(Exception):
    """What a plugin raised in its process, by name and message."""


@dataclass(eq=False, slots=True)
class _Waiting:
    waiter: asyncio.Future[object]
    check: Check
    begun: float | None = None


class _Process:
    """One living process of the plugin."""

    def __init__(self, candidate: Candidate, host: Host) -> None:
        self.loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.made: set[str] = set()
        self.gone = False
        self._host = host
        self._name = candidate.name
        self._numbers = itertools.count()
        self._waiting: dict[int, _Waiting] = {}
        self._outbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=child.run,
            args=(replace(candidate, given=None), theirs),
            name=f"plugin {candidate.name}",
            daemon=True,
        )
        self._theirs = theirs

    def start(self) -> None:
        """Start the process and the two threads that speak with it; called beside the event loop."""
        self._process.start()
        self._theirs.close()
        for work in (self._read, self._write):
            threading.Thread(target=work, name=f"process of {self._name}", daemon=True).start()

    async def ask(self, placed: Placed, request: Request | None, budget_seconds: float, check: Check) -> object:
        """The answer; fails like a `Lane`, and kills the process when it takes too long."""
        number = next(self._numbers)
        waiting = self._waiting[number] = _Waiting(self.loop.create_future(), check)
        if self.gone:
            raise LaneReplacedError
        self._outbox.put(Call(number, placed.key, placed.values, request))
        try:
            if not await self._in_time(waiting, budget_seconds):
                if waiting.begun is None and request is not None and self._busy():
                    raise LaneError(FailureKind.BUSY, f"was busy for {budget_seconds:g} s with another call")
                del self._waiting[number]
                reason = f"took longer than {budget_seconds:g} s, and its process was ended"
                await self.kill(LaneError(FailureKind.TIMED_OUT, "was cut off because another call of the plugin hung"))
                raise LaneError(FailureKind.TIMED_OUT, reason)
            return waiting.waiter.result()
        finally:
            self._waiting.pop(number, None)

    def forget(self, key: str) -> None:
        """Have an object stopped."""
        self.made.discard(key)
        self._outbox.put(Forget(key))

    async def kill(self, cut_off: Exception) -> None:
        """End the process at once. Calls that it had begun fail, others can be made again."""
        self._lost(cut_off)
        self._process.kill()
        await asyncio.to_thread(self._process.join, END_SECONDS)

    async def close(self) -> None:
        """Let the plugin stop its objects, and end the process."""
        if self.gone:
            return
        self._lost(LaneError(FailureKind.DIED, "was stopped"), tell=Stop())
        await asyncio.to_thread(self._process.join, END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            await asyncio.to_thread(self._process.join, END_SECONDS)

    async def _in_time(self, waiting: _Waiting, budget_seconds: float) -> bool:
        until = time.monotonic() + budget_seconds
        while True:
            done, _ = await asyncio.wait((waiting.waiter,), timeout=max(0.0, until - time.monotonic()))
            if done:
                return True
            if waiting.begun is None or waiting.begun + budget_seconds <= time.monotonic():
                return False
            until = waiting.begun + budget_seconds

    def _busy(self) -> bool:
        """Whether another call that has been begun keeps the process from this one, and may still do so."""
        return any(one.begun is not None and not one.waiter.done() for one in self._waiting.values())

    def _lost(self, begun: Exception, *, tell: object = None) -> None:
        if self.gone:
            return
        self.gone = True
        self._outbox.put(tell)
        for one in list(self._waiting.values()):
            if not one.waiter.done():
                one.waiter.set_exception(LaneReplacedError() if one.begun is None else begun)
        if not self.ready.done():
            self.ready.set_exception(begun)

    def _write(self) -> None:
        while True:
            message = self._outbox.get()
            if message is None:
                return
            try:
                self._pipe.send(message)
            except OSError:
                return
            except Exception as error:  # noqa: BLE001 -- what cannot be sent fails its own call, and no more.
                if isinstance(message, Call):
                    self._soon(self._settle, message.number, None, RaisedError(error))
            if isinstance(message, Stop):
                return

    def _read(self) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                self._soon(self._died)
                return
            except Exception as error:  # noqa: BLE001 -- an answer that cannot be read ends the process.
                self._soon(self._died, f"answered with what cannot be read: {error}")
                self._process.kill()
                return
            self._take(message)

    def _take(self, message: object) -> None:
        match message:
            case Answered(number, answer):
                waiting = self._waiting.get(number)
                if waiting is None:
                    return
                try:
                    checked = waiting.check(answer)
                except WrongAnswerError as error:
                    self._soon(self._settle, number, None, RaisedError(error))
                else:
                    self._soon(self._settle, number, checked, None)
            case Begun(number):
                if (found := self._waiting.get(number)) is not None:
                    found.begun = time.monotonic()
            case Failed(number, kind, text):
                self._soon(self._settle, number, None, _error(kind, text))
            case Wanted():
                self._lend(message)
            case Logged(level, text):
                plugin_log(self._name).log(level, "%s", text)
            case Ready(failure):
                self._soon(self._set_ready, failure)
            case _:
                pass

    def _lend(self, wanted: Wanted) -> None:
        if wanted.what == "now":
            self._outbox.put(Given(wanted.number, self._host.clock.now()))
            return

        async def give() -> None:
            try:
                self._outbox.put(Given(wanted.number, await _from_values(self._host, wanted)))
            except Exception as error:  # noqa: BLE001 -- the plugin hears of it, whatever it is.
                self._outbox.put(Given(wanted.number, error=error))

        work: Coroutine[Any, Any, None] = give()
        try:
            asyncio.run_coroutine_threadsafe(work, self.loop)
        except RuntimeError:
            work.close()

    def _soon(self, function: Callable[..., None], *arguments: object) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(partial(function, *arguments))

    def _settle(self, number: int, answer: object, error: Exception | None) -> None:
        waiting = self._waiting.get(number)
        if waiting is None or waiting.waiter.done():
            return
        if error is None:
            waiting.waiter.set_result(answer)
        else:
            waiting.waiter.set_exception(error)

    def _set_ready(self, failure: str | None) -> None:
        if self.ready.done():
            return
        if failure is None:
            self.ready.set_result(None)
        else:
            self.ready.set_exception(LaneError(FailureKind.NOT_STARTED, f"could not be imported: {failure}"))

    def _died(self, reason: str = "ended by itself") -> None:
        self._lost(LaneError(FailureKind.DIED, f"its process {reason}"))


@dataclass(eq=False)
class ProcessLane:
    """The process of one plugin, started when it is first needed and again after it was lost."""

    candidate: Candidate
    lend: Callable[[], Host]
    _process: _Process | None = None
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def call(self, placed: Placed, request: Request, budget_seconds: float, check: Check) -> object:
        """The answer of the object with these settings; fails like a `Lane`."""
        process = await self._living()
        if placed.key not in process.made:
            await process.ask(placed, None, MAKING_SECONDS, same)
            process.made.add(placed.key)
        return await process.ask(placed, request, budget_seconds, check)

    async def forget(self, key: str) -> None:
        """Stop the object with these settings."""
        if self._process is not None and not self._process.gone:
            self._process.forget(key)

    async def close(self) -> None:
        """End the process."""
        if self._process is not None:
            await self._process.close()
            self._process = None

    async def _living(self) -> _Process:
        async with self._starting:
            if self._process is None or self._process.gone:
                process = _Process(self.candidate, self.lend())
                await asyncio.to_thread(process.start)
                done, _ = await asyncio.wait((process.ready,), timeout=READY_SECONDS)
                if not done:
                    await process.kill(LaneError(FailureKind.NOT_STARTED, "was ended"))
                    reason = f"could not be imported within {READY_SECONDS:g} s"
                    raise LaneError(FailureKind.NOT_STARTED, reason)
                process.ready.result()
                self._process = process
            return self._process


def _error(kind: str, text: str) -> Exception:
    if kind == "refused":
        return RaisedError(WebhookRefusedError(text))
    if kind == "wrong":
        return RaisedError(WrongAnswerError(text))
    if kind == "settings":
        return RaisedError(SettingsError(text))
    if kind == "not_started":
        return LaneError(FailureKind.NOT_STARTED, f"did not start: {text}")
    return RaisedError(RemoteError(text))


async def _from_values(host: Host, wanted: Wanted) -> object:
    values = host.values(wanted.client_id)
    arguments: tuple[Any, ...] = wanted.arguments
    match wanted.what:
        case "get":
            return await values.get(*arguments)
        case "put":
            key, value, debtor_id = arguments
            await values.put(key, value, debtor_id=debtor_id)
            return None
        case "delete":
            return await values.delete(*arguments)
        case "list":
            prefix, after, limit = arguments
            return await values.list(prefix, after=after, limit=limit)
        case _:
            return await values.of_debtor(*arguments)
