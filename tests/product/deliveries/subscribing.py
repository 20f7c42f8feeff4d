"""A plugin that writes down what it is told, and misbehaves as a test asks it to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from arrears.deliveries.delivering import Deliveries
from arrears.deliveries.relaying import subscribe
from arrears.kernel.context import Context
from arrears.kernel.events import Subscriptions, relay_events
from arrears.kernel.jobs import JobRegistry
from arrears.kernel.records import Event as Emitted
from arrears.kernel.transaction import begin
from arrears_sdk.events import Event
from arrears_sdk.ids import new_id
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.subscriber import Subscriber
from tests.product.jobs.working import eventually, execute, rows


class Diary(Plugin):
    """Writes down every event it is told of; raises for the amounts in `poison` and hangs for those in `hanging`."""

    name = "diary"
    told: ClassVar[list[Event]] = []
    poison: ClassVar[set[int]] = set()
    hanging: ClassVar[set[int]] = set()
    events: ClassVar[tuple[str, ...]] = ("PaymentRecorded", "TeamCreated")
    broken: ClassVar[bool] = False

    async def start(self) -> None:
        if self.broken:
            raise ConnectionError("the paper is out")

    def register_subscribers(self) -> Sequence[Subscriber]:
        return (Subscriber(key="writer", events=self.events, handle=self._write),)

    async def _write(self, event: Event) -> None:
        number = event.payload.get("number")
        if number in self.poison:
            raise ValueError(f"cannot read {number} of jane@example.com")
        if number in self.hanging:
            await asyncio.sleep(60)
        self.told.append(event)


class SecondDiary(Diary):
    """A second plugin with the same wishes."""

    name = "second-diary"
    told: ClassVar[list[Event]] = []
    poison: ClassVar[set[int]] = set()
    hanging: ClassVar[set[int]] = set()


def forget_everything() -> None:
    """Both diaries as new."""
    for diary in (Diary, SecondDiary):
        diary.told.clear()
        diary.poison.clear()
        diary.hanging.clear()
        diary.broken = False
        diary.events = ("PaymentRecorded", "TeamCreated")


def numbers(diary: type[Diary] = Diary) -> list[object]:
    """What was written down, by the numbers of the events."""
    return [event.payload["number"] for event in diary.told]


async def emit(context: Context, *given: int, subject_id: UUID | None = None, client_id: UUID | None = None) -> UUID:
    """Commit events with these numbers about one subject."""
    subject = subject_id or new_id()
    async with begin(context) as tx:
        for number in given:
            tx.emit(Emitted("PaymentRecorded", "paym", subject, client_id, {"number": number}))
    return subject


async def relay_all(context: Context) -> None:
    """Relay until the outbox is empty."""
    known = Subscriptions(JobRegistry())
    subscribe(known)

    async def nothing_left() -> bool:
        await relay_events(context, known=known)
        return await rows(context, "select 1 from event where dispatched_at is null") == []

    await eventually(nothing_left, seconds=20)


async def deliver(context: Context, deliveries: Deliveries) -> None:
    """Relay, and tell of everything that is due."""
    await relay_all(context)
    await deliveries.look()
    await deliveries.rest()


async def make_due(context: Context) -> None:
    """As if all waits were over."""
    await execute(context, "update delivery set due_at = clock_timestamp()")


async def waiting(context: Context) -> list[tuple[object, ...]]:
    """Attempts and wait (whole seconds) of everything that is on its way."""
    seconds = "round(extract(epoch from due_at - clock_timestamp()))::integer"
    return await rows(context, f"select attempts, {seconds} from delivery order by position")
