"""Runs one plugin: its objects, one for each set of settings, and every call of them within its bounds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

import structlog

from arrears.kernel.log_masking import mask_text, mask_value
from arrears.plugins.answers import WrongAnswerError
from arrears.plugins.breaker import COOL_DOWN_SECONDS, Breaker
from arrears.plugins.building import SettingsError, build
from arrears.plugins.configuring import HostSettings, canonical
from arrears.plugins.failures import FailureKind, PluginFailedError
from arrears.plugins.lanes import MOST_GIVEN_UP, Check, Lane, LaneError, LaneReplacedError, RaisedError, same
from arrears.plugins.measurements import Durations, Measurements
from arrears.plugins.ports import Instance, Request
from arrears.plugins.telling import told
from arrears_sdk.clock import Clock
from arrears_sdk.events import JsonValue
from arrears_sdk.hooks import HOOKS
from arrears_sdk.host import Host
from arrears_sdk.ids import new_id
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.gateway import WebhookRefusedError

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("arrears.plugins")

MOST_OBJECTS = 64
START_SECONDS = 10.0
STOP_SECONDS = 5.0
BUILD_SECONDS = 10.0
RETRY_SECONDS = 5.0
RETIRING_SECONDS = 0.1
OTHER_SECONDS = 10.0
METHOD_SECONDS: Mapping[str, float] = {
    "charge": 30.0,
    "refund": 30.0,
    "fetch": 15.0,
    "parse_webhook": 2.0,
    "decide": 60.0,
    "check": 5.0,
    "layout": 10.0,
    "rows": 30.0,
    "handle": 30.0,
    "resolve": 5.0,
}
UNTRUSTED = frozenset({"parse_webhook", "check", "layout", "rows", "handle", "resolve"})
"""Methods that are given what strangers sent: raising about it says nothing against the plugin, hanging does."""
PASSING = (WebhookRefusedError,)
"""What a plugin raises as an answer."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a plugin's settings are at a place: equal ones share an object of the plugin."""

    values: Mapping[str, JsonValue] = field(compare=False)
    key: str

    @classmethod
    def of(cls, values: Mapping[str, JsonValue]) -> Placed:
        """With the key under which the object is kept."""
        return cls(values, canonical(values))


@dataclass(eq=False)
class _Slot:
    key: str
    lane: Lane
    making: asyncio.Task[Instance]
    failed_at: float | None = None


class Remote(Protocol):
    """Where calls go when the plugin runs in a process of its own."""

    async def call(self, placed: Placed, request: Request, budget_seconds: float, check: Check) -> object:
        """The answer of the object with these settings; fails like a `Lane`."""
        ...

    async def forget(self, key: str) -> None:
        """Stop the object with these settings."""
        ...

    async def close(self) -> None:
        """End the process."""
        ...


@dataclass(eq=False)
class PluginRunner:
    """One loaded plugin."""

    name: str
    cls: type[Plugin]
    hooks: tuple[str, ...]
    settings: HostSettings
    lend: Callable[[], Host]
    clock: Clock
    trace: bool = False
    cool_down_seconds: float = COOL_DOWN_SECONDS
    remote: Remote | None = None
    measured: dict[str, Measurements] = field(default_factory=dict)
    _breakers: dict[tuple[str, str], Breaker] = field(default_factory=dict)
    _slots: OrderedDict[str, _Slot] = field(default_factory=OrderedDict)
    _lane: Lane | None = None
    _given_up: list[Lane] = field(default_factory=list)
    _closed: bool = False
    _retiring: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def open_breakers(self) -> list[tuple[str, Breaker]]:
        """The calls that are refused at the moment, each by its label."""
        return [(label, breaker) for (_, label), breaker in self._breakers.items() if breaker.open]

    @property
    def hanging(self) -> int:
        """How many threads of the plugin were given up and still hang, and calls that did not let go."""
        self._given_up = [lane for lane in self._given_up if lane.alive]
        return len(self._given_up) + (self._lane.stuck if self._lane is not None else 0)

    @property
    def exhausted(self) -> bool:
        """Whether so many hang that it gets no other thread until one comes back or the platform starts again."""
        return self.hanging >= MOST_GIVEN_UP

    def durations(self) -> Durations:
        """The durations of all calls together."""
        total = Durations()
        for one in self.measured.values():
            total.merge(one.durations)
        return total

    async def instance(self, placed: Placed) -> Instance:
        """The object for these settings, made and started when there is none; PluginFailedError when that fails."""
        lane = self._thread()
        slot = self._slots.get(placed.key)
        if slot is not None and (slot.lane is not lane or _old_failure(slot)):
            del self._slots[placed.key]
            slot = None
        if slot is None:
            slot = _Slot(placed.key, lane, asyncio.get_running_loop().create_task(self._make(placed, lane)))
            self._slots[placed.key] = slot
            self._let_go_of_the_oldest()
        else:
            self._slots.move_to_end(placed.key)
        if slot.making.done() and not slot.making.cancelled() and slot.making.exception() is None:
            return slot.making.result()
        try:
            return await asyncio.shield(slot.making)
        except PluginFailedError:
            slot.failed_at = slot.failed_at or time.monotonic()
            raise

    async def call(
        self,
        placed: Placed,
        request: Request,
        *,
        check: Check = same,
        budget_seconds: float | None = None,
    ) -> object:
        """The checked answer to one call. PluginFailedError when there is none, with what was wrong."""
        target, label = request.target, request.target.label
        breaker = self._breakers.setdefault((placed.key, label), Breaker(cool_down_seconds=self.cool_down_seconds))
        measured = self.measured.setdefault(label, Measurements())
        if not breaker.admits():
            reason = f"is left alone after {breaker.failures} failures in a row; tried again in"
            last = f"; the last: {measured.last_failure}" if measured.last_failure else ""
            raise self._failure(FailureKind.BREAKER_OPEN, f"{reason} {breaker.seconds_left:.0f} s{last}")
        budget = budget_seconds or self.budget(target.method)
        began = time.perf_counter()
        try:
            answer = await self._answer(placed, request, check, budget)
        except PluginFailedError as failure:
            seconds = time.perf_counter() - began
            measured.failed(seconds, failure.reason, self.clock.now())
            log.warning("plugin.failed", plugin=self.name, call=label, kind=failure.kind.value, why=failure.reason)
            self._traced(request, seconds, failure)
            if failure.kind is FailureKind.RAISED and target.method in UNTRUSTED:
                breaker.undecided()
            elif breaker.failed():
                log.error("plugin.breaker_opened", plugin=self.name, call=label, failures=breaker.failures)
            raise
        except PASSING as refusal:
            measured.answered(time.perf_counter() - began)
            self._traced(request, time.perf_counter() - began, refusal)
            breaker.succeeded()
            raise
        except BaseException:
            breaker.undecided()
            raise
        seconds = time.perf_counter() - began
        measured.answered(seconds)
        self._traced(request, seconds, answer)
        if breaker.succeeded():
            log.info("plugin.breaker_closed", plugin=self.name, call=label)
        return answer

    async def pages(
        self, placed: Placed, request: Request, *, check: Check, budget_seconds: float | None = None
    ) -> AsyncGenerator[Sequence[object], None]:
        """What an iterating method gives, page by page."""
        request = replace(request, pages=new_id().hex, first=True)
        try:
            while True:
                page = await self.call(placed, request, check=check, budget_seconds=budget_seconds)
                assert isinstance(page, list)
                if page:
                    yield page
                if len(page) < request.rows:
                    return
                request = replace(request, first=False)
        except GeneratorExit:
            # Whoever asked has seen enough: what is open for the rest is closed.
            await self.call(placed, replace(request, first=False, last=True), check=check)
            raise

    def budget(self, method: str) -> float:
        """How long one call of a hook or a method may take, in seconds."""
        usual = HOOKS[method].budget_seconds if method in HOOKS else METHOD_SECONDS.get(method, OTHER_SECONDS)
        return self.settings.budget_seconds.get(method, usual)

    async def drop(self) -> None:
        """Stop every object; the next call makes new ones."""
        slots, self._slots = list(self._slots.values()), OrderedDict()
        await asyncio.gather(*(self._stop(slot) for slot in slots))

    async def close(self) -> None:
        """Stop every object, then the thread and the process."""
        self._closed = True
        await self.drop()
        if self._retiring:
            await asyncio.wait(self._retiring, timeout=STOP_SECONDS)
        if self.remote is not None:
            await self.remote.close()
        if self._lane is not None:
            await self._lane.close()
            self._lane = None

    async def _answer(self, placed: Placed, request: Request, check: Check, budget: float) -> object:
        for _ in range(MOST_GIVEN_UP):
            try:
                lane = self._thread()
                instance = await self.instance(placed)
                instance.calls += 1
                try:
                    if self.remote is not None:
                        return await self.remote.call(placed, request, budget, check)
                    return await lane.run(partial(instance.perform, request), budget, check)
                finally:
                    instance.calls -= 1
            except LaneReplacedError:
                continue
            except LaneError as failure:
                raise self._failure(failure.kind, failure.reason) from None
            except RaisedError as raised:
                if isinstance(raised.error, PASSING):
                    raise raised.error from None
                if isinstance(raised.error, WrongAnswerError):
                    raise self._failure(FailureKind.WRONG_ANSWER, str(raised.error)) from None
                if isinstance(raised.error, SettingsError):
                    raise self._failure(FailureKind.WRONG_SETTINGS, f"has wrong settings: {raised.error}") from None
                raise self._failure(FailureKind.RAISED, f"raised {told(raised.error)}") from raised.error
        raise self._failure(FailureKind.TIMED_OUT, "kept hanging while it was asked")

    async def _make(self, placed: Placed, lane: Lane) -> Instance:
        try:
            instance = await lane.run(partial(build, self.cls, placed.values, self.lend()), BUILD_SECONDS)
            assert isinstance(instance, Instance)
            if self.remote is None:
                await lane.run(instance.plugin.start, START_SECONDS)
        except LaneReplacedError:
            raise self._failure(FailureKind.NOT_STARTED, "was not started: its thread was given up") from None
        except LaneError as failure:
            raise self._failure(FailureKind.NOT_STARTED, f"did not start: it {failure.reason}") from None
        except RaisedError as raised:
            if isinstance(raised.error, SettingsError):
                raise self._failure(FailureKind.WRONG_SETTINGS, f"has wrong settings: {raised.error}") from None
            raise self._failure(FailureKind.NOT_STARTED, f"did not start: {told(raised.error)}") from raised.error
        return instance

    async def _stop(self, slot: _Slot) -> None:
        if not slot.making.done():
            slot.making.cancel()
            return
        if slot.making.cancelled() or slot.making.exception() is not None or slot.lane.given_up:
            return
        if self.remote is not None:
            return
        try:
            await slot.lane.run(slot.making.result().plugin.stop, STOP_SECONDS)
        except (LaneError, LaneReplacedError, RaisedError) as error:
            log.warning("plugin.stop_failed", plugin=self.name, why=told(getattr(error, "error", error)))

    def _thread(self) -> Lane:
        if self._closed:
            raise self._failure(FailureKind.NOT_STARTED, "was disabled meanwhile")
        lane = self._lane
        if lane is not None and not lane.given_up and not (lane.stuck and self.exhausted):
            return lane
        if lane is not None and lane.given_up and lane not in self._given_up:
            self._given_up.append(lane)
            log.error("plugin.thread_given_up", plugin=self.name, hanging=self.hanging)
        if self.exhausted:
            reason = f"is switched off: {self.hanging} of its calls hang and do not come back; start the platform again"
            raise self._failure(FailureKind.GIVEN_UP, reason)
        self._lane = Lane(self.name)
        return self._lane

    def _let_go_of_the_oldest(self) -> None:
        while len(self._slots) > MOST_OBJECTS:
            _, slot = self._slots.popitem(last=False)
            task = asyncio.get_running_loop().create_task(self._retire(slot))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def _retire(self, slot: _Slot) -> None:
        """Stop an object that gave way to others, once its calls under way are over."""
        if slot.making.done() and not slot.making.cancelled() and slot.making.exception() is None:
            for _ in range(int(max(METHOD_SECONDS.values()) / RETIRING_SECONDS)):
                if not slot.making.result().calls:
                    break
                await asyncio.sleep(RETIRING_SECONDS)
        await self._stop(slot)
        if self.remote is not None:
            await self.remote.forget(slot.key)

    def _failure(self, kind: FailureKind, reason: str) -> PluginFailedError:
        return PluginFailedError(self.name, kind, mask_text(reason))

    def _traced(self, request: Request, seconds: float, answer: object) -> None:
        if not self.trace:
            return
        shown = told(answer) if isinstance(answer, BaseException) else mask_value(answer)
        with contextlib.suppress(Exception):
            log.info(
                "plugin.called",
                plugin=self.name,
                call=request.target.label,
                seconds=round(seconds, 6),
                given=[mask_value(one) for one in (*request.arguments, *request.named.values())],
                answered=shown,
            )


def _old_failure(slot: _Slot) -> bool:
    return slot.failed_at is not None and time.monotonic() - slot.failed_at > RETRY_SECONDS
