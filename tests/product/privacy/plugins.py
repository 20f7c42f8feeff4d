"""Plugins that keep something about persons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from arrears_sdk.events import JsonValue
from arrears_sdk.plugin import Plugin
from arrears_sdk.views import DataSubject


class Notes(Plugin):
    """Keeps a note about a debtor for a client, and gives up when a test says so."""

    name = "notes"
    personal_data = True
    asked: ClassVar[list[tuple[str, DataSubject]]] = []
    fails: ClassVar[bool] = False

    async def export_personal_data(self, subject: DataSubject) -> Mapping[str, JsonValue]:
        """The note."""
        self._note("export", subject)
        kept = await self.host.values(subject.client_id).of_debtor(subject.debtor_id)
        return {value.key: value.value for value in kept}

    async def erase_personal_data(self, subject: DataSubject) -> None:
        """Forget the note."""
        self._note("erase", subject)
        values = self.host.values(subject.client_id)
        for value in await values.of_debtor(subject.debtor_id):
            await values.delete(value.key)

    def _note(self, duty: str, subject: DataSubject) -> None:
        Notes.asked.append((duty, subject))
        if Notes.fails:
            raise RuntimeError("the provider of zeb.quill@marzipan.example is away")


class Forgetful(Plugin):
    """Says that it erased everything and does not."""

    name = "forgetful"
    personal_data = True

    def export_personal_data(self, subject: DataSubject) -> Mapping[str, JsonValue]:
        """Nothing."""
        return {}

    def erase_personal_data(self, subject: DataSubject) -> None:
        """Nothing."""
