"""Asks plugins for the fields that they add, in batches: once for each field of an operation."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arrears.graphql.declarations import PluginField
from arrears.graphql.plugin_types import shown
from arrears.plugins.fields import PluginFields
from arrears.plugins.portraits import portraits
from arrears_sdk.ids import decode_id, encode_id
from arrears_sdk.ports.graphql import Asked, ExtendedObject
from arrears_sdk.views import Account

if TYPE_CHECKING:
    from arrears.graphql.operation import RunningOperation

NOTES = "plugins"
"""Where the answer's `extensions` say which plugins left something out."""


@dataclasses.dataclass
class Batch:
    """The objects of one field that are asked about together, and the task that asks."""

    clients: dict[str, UUID | None] = dataclasses.field(default_factory=dict)
    task: asyncio.Task[dict[str, object]] | None = None


@dataclasses.dataclass
class PluginBatches:
    """The batches of one operation. Resolvers run through the whole answer before the first batch is asked about."""

    operation: RunningOperation
    waiting: dict[PluginField, Batch] = dataclasses.field(default_factory=dict)

    def load(self, declared: PluginField, marker: Mapping[str, Any]) -> Awaitable[object]:
        """The value of a field of one object, once its batch has been answered."""
        batch = self.waiting.setdefault(declared, Batch())
        if batch.task is None:
            # A task begins after the present pass over the answer, when every object has come.
            batch.task = asyncio.get_running_loop().create_task(self._ask(declared))
        client = marker["client"]
        batch.clients[marker["id"]] = None if client is None else UUID(client)
        return _picked(batch.task, marker["id"])

    async def _ask(self, declared: PluginField) -> dict[str, object]:
        clients = self.waiting.pop(declared).clients
        objects = await self._objects(declared, clients)
        fields = self.operation.context.service(PluginFields)
        answered = await fields.extend(
            declared.plugin, declared.on or "", declared.field, asked(self.operation), objects
        )
        for failure in answered.failures:
            note(self.operation, declared, failure)
        return dict(zip(clients, map(shown, answered.values), strict=True))

    async def _objects(
        self, declared: PluginField, clients: Mapping[str, UUID | None]
    ) -> list[tuple[ExtendedObject, UUID | None]]:
        pictures: Mapping[str, Account | None] = {}
        if declared.on == "Account":
            ids = [decode_id("acct", one) for one in clients]
            pictures = dict(zip(clients, await portraits.of_accounts(self.operation.context, ids), strict=True))
        return [
            (
                ExtendedObject(
                    id=one,
                    client_id=None if client is None else encode_id("clnt", client),
                    account=pictures.get(one),
                ),
                client,
            )
            for one, client in clients.items()
        ]


async def _picked(task: asyncio.Task[dict[str, object]], wanted: str) -> object:
    return (await task)[wanted]


def asked(operation: RunningOperation) -> Asked:
    """Who asks, as a plugin is told."""
    return Asked(principal_id=encode_id("prin", operation.context.principal.id))


def note(operation: RunningOperation, declared: PluginField, reason: str) -> None:
    """Say in the answer that a plugin left a field out, and why."""
    where = f"{declared.on}.extensions" if declared.on else "Query"
    left_out = {"plugin": declared.plugin, "field": f"{where} {declared.field}", "reason": reason}
    notes: list[dict[str, str]] = operation.extensions.setdefault(NOTES, [])
    if left_out not in notes:
        notes.append(left_out)


async def root_value(operation: RunningOperation, declared: PluginField, arguments: Mapping[str, object]) -> object:
    """What a plugin's root field gives; null, with a note in the answer, when the plugin fails."""
    fields = operation.context.service(PluginFields)
    answered = await fields.root(declared.plugin, declared.field, asked(operation), arguments)
    for failure in answered.failures:
        note(operation, declared, failure)
    return shown(answered.values[0])
