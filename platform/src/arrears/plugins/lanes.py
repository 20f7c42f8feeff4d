"""The thread on which one plugin runs, with an event loop of its own, and what happens when it does not come back."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import inspect
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from arrears.plugins.failures import FailureKind

Check = Callable[[object], object]
"""Gives the answer as it is to be used, and raises when it is none."""

GRACE_SECONDS = 0.25
"""How long a cancelled call may take to end, and a thread to show that it still turns."""
SWITCH_SECONDS = 0.0002
"""How long a thread may keep the interpreter from others that want it. With Python's own 5 ms, one plugin that computes
makes every step of the platform's event loop wait that long."""
MOST_GIVEN_UP = 3
"""How many threads of one plugin may hang at a time before it gets no other."""


def same(answer: object) -> object:
    """The answer as it is."""
    return answer


class LaneError(Exception):
    """A call that brought no answer for a reason of the lane, not of an exception in the plugin."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class RaisedError(Exception):
    """What the plugin raised, as `error`."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class LaneReplacedError(Exception):
    """The call was not begun, and its thread has been given up: it can be made again on the next one."""


class GivenUp(BaseException):
    """Raised inside a thread that was given up, so that a loop in Python which never ends does end."""


@dataclass(eq=False, slots=True)
class _Call:
    function: Callable[[], object]
    check: Check
    waiter: asyncio.Future[object]
    caller: asyncio.AbstractEventLoop
    budget_seconds: float
    started: float | None = None
    task: asyncio.Task[None] | None = None
    over: bool = False

    @property
    def within_budget(self) -> bool:
        return self.started is not None and time.monotonic() < self.started + self.budget_seconds


@dataclass(eq=False)
class Lane:
    """One thread with one event loop. Plain functions run one after another, awaitables beside each other."""

    name: str
    given_up: bool = False
    _stuck: list[asyncio.Task[None]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _calls: set[_Call] = field(default_factory=set)
    _current: _Call | None = None
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        sys.setswitchinterval(min(SWITCH_SECONDS, sys.getswitchinterval()))
        self._thread = threading.Thread(target=self._turn, name=f"plugin {self.name}", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread still runs, be it one that was given up."""
        return self._thread.is_alive()

    @property
    def stuck(self) -> int:
        """How many calls ignored that they were cancelled and still wait for something."""
        self._stuck = [task for task in self._stuck if not task.done()]
        return len(self._stuck)

    async def run(self, function: Callable[[], object], budget_seconds: float, check: Check = same) -> object:
        """The function's answer, awaited when it is awaitable, and looked at by `check` on the plugin's own thread.

        Raises `RaisedError` with what the plugin raised, `LaneError` when there was no answer in time, and
        `LaneReplacedError` when the call can be made again on another lane.
        """
        loop = asyncio.get_running_loop()
        call = _Call(function, check, loop.create_future(), loop, budget_seconds)
        self._calls.add(call)
        if self.given_up:
            self._calls.discard(call)
            raise LaneReplacedError
        self._post(self._begin, call)
        try:
            if not await self._in_time(call):
                await self._overdue(call)
        finally:
            call.over = True
            self._calls.discard(call)
            if not call.waiter.done():
                call.waiter.cancel()
                self._cancel(call)
        return call.waiter.result()

    async def close(self, timeout_seconds: float = GRACE_SECONDS) -> None:
        """End the thread when what it does now is done; one that does not end is left behind."""
        self._leave(LaneError(FailureKind.DIED, "was stopped meanwhile"))
        await asyncio.to_thread(self._thread.join, timeout_seconds)

    def give_up(self) -> None:
        """Leave the thread to itself: its calls fail, those not begun can be made again elsewhere."""
        if self.given_up:
            return
        reason = "was cut off because another call of the plugin hung"
        self._leave(LaneError(FailureKind.TIMED_OUT, reason))
        if self._thread.ident is not None:
            # It takes effect between two instructions of Python; a call that never comes back from C stays.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident), ctypes.py_object(GivenUp))

    def _leave(self, begun: LaneError) -> None:
        self.given_up = True
        for call in list(self._calls):
            _fail(call, LaneReplacedError() if call.started is None else begun)
        self._post(self._loop.stop)

    async def turns(self) -> bool:
        """Whether the loop comes round within the grace."""
        caller = asyncio.get_running_loop()
        came: asyncio.Future[object] = caller.create_future()
        self._post(_tell, caller, came)
        done, _ = await asyncio.wait({came}, timeout=GRACE_SECONDS)
        return bool(done)

    async def _in_time(self, call: _Call) -> bool:
        """Whether the call was answered. Its time counts from when it began; it may wait as long for that."""
        begun_by = time.monotonic() + call.budget_seconds
        until = begun_by
        while True:
            done, _ = await asyncio.wait((call.waiter,), timeout=max(0.0, until - time.monotonic()))
            if done:
                return True
            started = call.started
            if started is None or started + call.budget_seconds <= time.monotonic():
                return False
            until = started + call.budget_seconds

    async def _overdue(self, call: _Call) -> None:
        """Find out whether it was the call or the thread that hangs, and fail accordingly."""
        current = self._current
        if call.started is None and current is not None and current.within_budget:
            raise LaneError(FailureKind.BUSY, f"was busy for {call.budget_seconds:g} s with another call")
        self._cancel(call)
        if not await self.turns():
            self.give_up_unless_done(call)
            reason = f"took longer than {call.budget_seconds:g} s and blocks its thread"
            raise LaneError(FailureKind.TIMED_OUT, reason)
        if call.task is not None and not call.task.done():
            await asyncio.sleep(GRACE_SECONDS)
            if not call.task.done():
                self._stuck.append(call.task)
        if call.started is None:
            raise LaneError(FailureKind.BUSY, f"was not begun within {call.budget_seconds:g} s")
        raise LaneError(FailureKind.TIMED_OUT, f"took longer than {call.budget_seconds:g} s")

    def give_up_unless_done(self, call: _Call) -> None:
        """Leave the thread to itself because of a call that is not to be made again."""
        self._calls.discard(call)
        self.give_up()

    def _cancel(self, call: _Call) -> None:
        call.over = True
        task = call.task
        if task is not None and not self.given_up:
            self._post(task.cancel)

    def _post(self, function: Callable[..., object], *arguments: object) -> None:
        """Have the thread do something; nothing happens once it has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(partial(function, *arguments))

    def _turn(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
        except GivenUp:
            pass
        finally:
            if not self._loop.is_running():
                self._loop.close()

    def _begin(self, call: _Call) -> None:
        if call.over or self.given_up:
            return
        call.started = time.monotonic()
        self._current = call
        try:
            answer = call.function()
            if inspect.isawaitable(answer):
                call.task = self._loop.create_task(self._await(call, answer))
                return
            answer = call.check(answer)
        except BaseException as error:  # noqa: BLE001 -- whatever a plugin raises is its caller's to hear.
            self._settle(call, None, error)
        else:
            self._settle(call, answer, None)
        finally:
            self._current = None

    async def _await(self, call: _Call, answer: Awaitable[object]) -> None:
        try:
            found = call.check(await answer)
        except asyncio.CancelledError:
            self._settle(call, None, LaneError(FailureKind.TIMED_OUT, "was cancelled"))
            raise
        except BaseException as error:  # noqa: BLE001 -- whatever a plugin raises is its caller's to hear.
            self._settle(call, None, error)
        else:
            self._settle(call, found, None)

    def _settle(self, call: _Call, answer: object, error: BaseException | None) -> None:
        if not call.over and not call.caller.is_closed():
            call.caller.call_soon_threadsafe(_set, call.waiter, answer, error)


def _fail(call: _Call, error: Exception) -> None:
    def fail() -> None:
        if not call.waiter.done():
            call.waiter.set_exception(error)

    if not call.caller.is_closed():
        call.caller.call_soon_threadsafe(fail)


def _set(waiter: asyncio.Future[object], answer: object, error: BaseException | None) -> None:
    if waiter.done():
        return
    if error is None:
        waiter.set_result(answer)
    elif isinstance(error, LaneError):
        waiter.set_exception(error)
    else:
        waiter.set_exception(RaisedError(error))


def _tell(caller: asyncio.AbstractEventLoop, came: asyncio.Future[object]) -> None:
    if not caller.is_closed():
        caller.call_soon_threadsafe(_set, came, None, None)
