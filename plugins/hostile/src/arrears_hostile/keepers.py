"""Plugins that keep data about persons and will not part with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arrears_sdk.events import Event, JsonValue
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.subscriber import Subscriber
from arrears_sdk.views import DataSubject


class Secretive(Plugin):
    """Keeps the debtors of whom it hears, and tells nobody."""

    name = "secretive"

    def register_subscribers(self) -> Sequence[Subscriber]:
        """Hears of payments."""
        return [Subscriber(key="payments", events=("PaymentRecorded",), handle=self._handle)]

    async def _handle(self, event: Event) -> None:
        await self.host.values().put(f"seen/{event.subject_id}", True)


class _Keeping(Plugin):
    """Keeps what it hears under the debtor's id, and does its duties: to be spoilt."""

    name = "keeping"
    personal_data = True

    def register_subscribers(self) -> Sequence[Subscriber]:
        """Hears of payments."""
        return [Subscriber(key="payments", events=("PaymentRecorded",), handle=self._handle)]

    async def export_personal_data(self, subject: DataSubject) -> Mapping[str, JsonValue]:
        """Everything."""
        return {kept.key: kept.value for kept in await self.host.values().of_debtor(subject.debtor_id)}

    async def erase_personal_data(self, subject: DataSubject) -> None:
        """Everything."""
        for kept in await self.host.values().of_debtor(subject.debtor_id):
            await self.host.values().delete(kept.key)

    async def _handle(self, event: Event) -> None:
        await self.host.values().put(f"paid/{event.subject_id}", True, debtor_id=event.subject_id)


class Illegible(_Keeping):
    """Hands out what nobody can read."""

    name = "illegible"

    async def export_personal_data(self, subject: DataSubject) -> Mapping[str, JsonValue]:
        """Bytes, as long as there is something."""
        exported = await super().export_personal_data(subject)
        return dict.fromkeys(exported, b"\x00")  # type: ignore[arg-type]


class Clinging(_Keeping):
    """Erases nothing."""

    name = "clinging"

    async def erase_personal_data(self, subject: DataSubject) -> None:
        """Nothing."""


class Touchy(_Keeping):
    """Fails where there is nothing to erase."""

    name = "touchy"

    async def erase_personal_data(self, subject: DataSubject) -> None:
        """Not twice."""
        kept = await self.host.values().of_debtor(subject.debtor_id)
        await self.host.values().delete(kept[0].key)
