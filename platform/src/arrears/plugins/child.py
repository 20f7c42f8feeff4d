"""The process of one plugin: imports it, makes its objects, and does what the platform asks for over the pipe."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from typing import cast

from arrears.plugins.answers import WrongAnswerError
from arrears.plugins.building import SettingsError, build
from arrears.plugins.discovery import Candidate
from arrears.plugins.lending import plugin_log
from arrears.plugins.ports import Instance
from arrears.plugins.telling import told
from arrears.plugins.wire import (
    Answered,
    Begun,
    Call,
    Failed,
    Forget,
    FromPlugin,
    Given,
    Lent,
    Logged,
    Ready,
    Stop,
    Wanted,
)
from arrears_sdk.clock import Clock
from arrears_sdk.events import JsonValue
from arrears_sdk.host import StoredValue, Values
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.gateway import WebhookRefusedError

STOP_SECONDS = 4.0
LENT_SECONDS = 10.0


def run(candidate: Candidate, connection: Connection) -> None:
    """The whole life of the process."""
    # Ctrl-C reaches everybody in the terminal; the platform ends its processes itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    platform = _Platform(connection)
    log = plugin_log(candidate.name)
    log.handlers[:] = [_Passing(platform)]
    log.propagate = False
    log.setLevel(logging.DEBUG)
    try:
        cls = candidate.load()
    except BaseException as error:  # noqa: BLE001 -- the platform hears of it, whatever it is.
        platform.send(Ready(told(error)))
        return
    asyncio.run(_Child(cls, platform, log).live())


@dataclass(eq=False)
class _Platform:
    """The other end of the pipe."""

    connection: Connection
    waiting: dict[int, Callable[[Given], None]] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: FromPlugin) -> None:
        with self._lock:
            self.connection.send(message)

    def want(self, what: Lent, then: Callable[[Given], None], *arguments: object, client_id: str | None = None) -> int:
        number = next(self._numbers)
        self.waiting[number] = then
        self.send(Wanted(number, what, client_id, arguments))
        return number


class _Passing(logging.Handler):
    """Passes the plugin's log on."""

    def __init__(self, platform: _Platform) -> None:
        super().__init__()
        self._platform = platform

    def emit(self, record: logging.LogRecord) -> None:
        self._platform.send(Logged(record.levelno, self.format(record)))


@dataclass
class _RemoteClock:
    platform: _Platform

    def now(self) -> datetime:
        """The platform's time; the answer is taken by the thread that reads, so that this may be asked anywhere."""
        came = threading.Event()
        answers: list[Given] = []

        def take(given: Given) -> None:
            answers.append(given)
            came.set()

        self.platform.want("now", take)
        if not came.wait(LENT_SECONDS):
            raise TimeoutError("the platform's clock did not answer")
        return cast("datetime", answers[0].value)


@dataclass
class _RemoteValues:
    platform: _Platform
    client_id: str | None

    async def get(self, key: str) -> JsonValue:
        return cast("JsonValue", await self._ask("get", key))

    async def put(self, key: str, value: JsonValue, *, debtor_id: str | None = None) -> None:
        await self._ask("put", key, value, debtor_id)

    async def delete(self, key: str) -> bool:
        return bool(await self._ask("delete", key))

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> Sequence[StoredValue]:
        return cast("Sequence[StoredValue]", await self._ask("list", prefix, after, limit))

    async def of_debtor(self, debtor_id: str) -> Sequence[StoredValue]:
        return cast("Sequence[StoredValue]", await self._ask("of_debtor", debtor_id))

    async def _ask(self, what: Lent, *arguments: object) -> object:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[object] = loop.create_future()

        def settle(given: Given) -> None:
            if waiter.done():
                return
            if given.error is not None:
                waiter.set_exception(given.error)
            else:
                waiter.set_result(given.value)

        def take(given: Given) -> None:
            loop.call_soon_threadsafe(settle, given)

        self.platform.want(what, take, *arguments, client_id=self.client_id)
        async with asyncio.timeout(LENT_SECONDS):
            return await waiter


@dataclass
class _RemoteHost:
    platform: _Platform
    log: logging.Logger

    @property
    def clock(self) -> Clock:
        return _RemoteClock(self.platform)

    def values(self, client_id: str | None = None) -> Values:
        return _RemoteValues(self.platform, client_id)


@dataclass(eq=False)
class _Child:
    cls: type[Plugin]
    platform: _Platform
    log: logging.Logger
    instances: dict[str, asyncio.Task[Instance]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def live(self) -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()

        def read() -> None:
            while True:
                try:
                    message = self.platform.connection.recv()
                except (EOFError, OSError):
                    # The platform is gone, and nobody is left to answer to.
                    os._exit(0)
                if isinstance(message, Given):
                    self.platform.waiting.pop(message.number)(message)
                elif isinstance(message, Stop):
                    loop.call_soon_threadsafe(stop.set)
                elif isinstance(message, Forget):
                    loop.call_soon_threadsafe(self._forget, message.key)
                else:
                    loop.call_soon_threadsafe(self._begin, message)

        threading.Thread(target=read, name="platform", daemon=True).start()
        self.platform.send(Ready())
        await stop.wait()
        made = [task.result() for task in self.instances.values() if task.done() and task.exception() is None]
        stopping = [asyncio.ensure_future(instance.plugin.stop()) for instance in made]
        if stopping:
            await asyncio.wait(stopping, timeout=STOP_SECONDS)
        os._exit(0)

    def _forget(self, key: str) -> None:
        made = self.instances.pop(key, None)
        if made is not None and made.done() and not made.cancelled() and made.exception() is None:
            task = asyncio.get_running_loop().create_task(made.result().plugin.stop())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _begin(self, call: Call) -> None:
        task = asyncio.get_running_loop().create_task(self._do(call))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _do(self, call: Call) -> None:
        try:
            made = self.instances.get(call.key)
            if made is None or (made.done() and made.exception() is not None):
                made = self.instances[call.key] = asyncio.ensure_future(self._make(call))
            instance = await asyncio.shield(made)
        except SettingsError as error:
            self.platform.send(Failed(call.number, "settings", str(error)))
            return
        except Exception as error:  # noqa: BLE001 -- the platform hears of it, whatever it is.
            self.platform.send(Failed(call.number, "not_started", told(error)))
            return
        if call.request is None:
            self.platform.send(Answered(call.number, None))
            return
        self.platform.send(Begun(call.number))
        try:
            answer = instance.perform(call.request)
            if inspect.isawaitable(answer):
                answer = await answer
            self.platform.send(Answered(call.number, answer))
        except WebhookRefusedError as error:
            self.platform.send(Failed(call.number, "refused", str(error)))
        except WrongAnswerError as error:
            self.platform.send(Failed(call.number, "wrong", str(error)))
        except BaseException as error:  # noqa: BLE001 -- the platform hears of it, whatever it is.
            self.platform.send(Failed(call.number, "raised", told(error)))

    async def _make(self, call: Call) -> Instance:
        instance = build(self.cls, call.values, _RemoteHost(self.platform, self.log))
        await instance.plugin.start()
        return instance
