"""The plugins of the demonstration: what its administrator sets for each client, with those that are installed."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import structlog

from arrears.configuration.commands import settings_apply
from arrears.configuration.document import Document, NamedPlace, Written, read_document
from arrears.configuration.filing import check_file, plan_file
from arrears.configuration.groups import KnownGroups
from arrears.configuration.source import stored_settings
from arrears.kernel.context import Context
from arrears_sdk.errors import ArrearsError, FaultError
from arrears_sdk.events import JsonValue

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

REASON = "The plugins of the demonstration"
GATEWAY = "sandbox-gateway"
# Which plugin a setting of the platform counts on.
NEEDS = {
    ("payments", "gateway"): GATEWAY,
    ("strategies", "strategy"): "dunning-ladder",
    ("strategies", "scorer"): "balance-score",
    ("compliance", "attestations"): "us-federal",
}


async def set_up_plugins(context: Context, folder: Path) -> None:
    """Set what `arrears.toml` beside this module says, unless anything was set before.

    A plugin that is not installed, or cannot be imported, is left out with all that counts on it.
    """
    if (await stored_settings(context.database)).version:
        return
    document = await _usable(context, _document())
    if any(one.group == GATEWAY for one in document.statements):
        document = _with_provider(document, await asyncio.to_thread(_provider_folder, folder))
    checked = await check_file(context, document)
    if checked.faults:
        raise FaultError(f"The demonstration's settings cannot hold: {checked.faults[0].message}")
    plan = await plan_file(context, checked)
    if plan.differences:
        await settings_apply(context, plan.change(REASON))


def _document() -> Document:
    read = read_document((files("arrears.demo") / "arrears.toml").read_text(encoding="utf-8"))
    if not isinstance(read, Document):
        raise FaultError(f"The demonstration's settings are wrong: {read[0].message}")
    return read


async def _usable(context: Context, document: Document) -> Document:
    """The document without what needs plugins that cannot be used, and without clients that are not there."""
    groups = KnownGroups(context)
    usable = set()
    for plugin in {one.group for one in document.statements if one.is_plugin}:
        try:
            await groups.config(plugin)
        except ArrearsError as error:
            log.info("demo.without_plugin", plugin=plugin, why=error.problems[0].message)
        else:
            usable.add(plugin)
    return replace(document, statements=tuple(_kept(document.statements, usable)))


def _kept(statements: Iterable[Written], usable: set[str]) -> Iterator[Written]:
    for one in statements:
        if one.is_plugin:
            if one.group in usable:
                yield one
            continue
        values = {
            name: value
            for name, value in one.settings.values.items()
            if NEEDS.get((one.group, name)) in {None, *usable}
        }
        if values:
            yield replace(one, settings=replace(one.settings, values=values))


def _with_provider(document: Document, provider: Path) -> Document:
    """The document with where the sandbox keeps its orders and finds the secret of its webhooks."""
    told: dict[str, JsonValue] = {
        "state_file": str(provider / "orders.sqlite"),
        "webhook_secret": {"file": str(provider / "webhook-secret")},
    }

    def added(one: Written) -> Written:
        if (one.group, one.place) != (GATEWAY, NamedPlace()):
            return one
        return replace(one, settings=replace(one.settings, values={**one.settings.values, **told}))

    return replace(document, statements=tuple(map(added, document.statements)))


def _provider_folder(folder: Path) -> Path:
    """The folder of the made-up payment provider, with a secret for its webhooks that only this user can read."""
    provider = folder.absolute() / "sandbox-gateway"
    provider.mkdir(mode=0o700, exist_ok=True)
    try:
        file = os.open(provider / "webhook-secret", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return provider
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(secrets.token_urlsafe(32))
    return provider
