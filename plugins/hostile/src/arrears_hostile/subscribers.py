"""Subscribers that hear nothing, fail, or do things twice."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_sdk.events import Event
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.subscriber import Subscriber


class _Listening(Plugin):
    """Hears of payments."""

    name = "listening"

    def register_subscribers(self) -> Sequence[Subscriber]:
        """One subscriber."""
        return [Subscriber(key="payments", events=("PaymentRecorded",), handle=self._handle)]

    async def _handle(self, event: Event) -> None:
        await self.host.values(event.client_id).put(f"event/{event.id}", True)


class Echoing(_Listening):
    """Names an event twice."""

    name = "echoing"

    def register_subscribers(self) -> Sequence[Subscriber]:
        """One subscriber, which would be told twice."""
        return [Subscriber(key="payments", events=("PaymentRecorded", "PaymentRecorded"), handle=self._handle)]


class Choking(_Listening):
    """Fails on every event."""

    name = "choking"

    async def _handle(self, event: Event) -> None:
        raise KeyError(event.name)


class Counting(_Listening):
    """Counts an event each time that it is told."""

    name = "counting"

    async def _handle(self, event: Event) -> None:
        values = self.host.values(event.client_id)
        counted = await values.get("payments")
        await values.put("payments", (counted if isinstance(counted, int) else 0) + 1)
