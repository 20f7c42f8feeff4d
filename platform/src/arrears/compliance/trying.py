"""Plugins and settings to try on past decisions: a host of its own, beside the one that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, SettingsSnapshot
from arrears.plugins.status import PluginState
from arrears_sdk.errors import InputError
from arrears_sdk.events import JsonValue

Groups = Mapping[str, Mapping[str, JsonValue]]


@asynccontextmanager
async def host_to_try(
    host: PluginHost, settings: SettingsSnapshot, files: Sequence[Path] = (), wanted: Sequence[str] = ()
) -> AsyncIterator[PluginHost]:
    """The same plugins under other settings; InputError when one of `wanted` does not run there."""
    beside = host.beside(settings, files)
    try:
        await beside.open(strict=False)
        states = {status.name: status for status in beside.plugins()}
        for name in wanted:
            status = states.get(name)
            if status is None or status.state is not PluginState.ENABLED:
                reason = "" if status is None else f" {status.reason}"
                raise InputError(f"The plugin {name[:60]!r} cannot be tried.{reason}", field=("plugin",))
        yield beside
    finally:
        await beside.close()


def with_groups(snapshot: SettingsSnapshot, groups: Groups, plugin: str | None = None) -> SettingsSnapshot:
    """Settings in which the deployment says something else of some groups, and has one plugin enabled everywhere."""
    places = {place: dict(said) for place, said in snapshot.places.items()}
    deployment = places.setdefault(DEPLOYMENT, {})
    for name, values in groups.items():
        known = deployment.get(name, GroupSettings())
        deployment[name] = replace(known, values={**known.values, **values})
    if plugin is not None:
        for said in places.values():
            if plugin in said:
                said[plugin] = replace(said[plugin], enabled=None)
        deployment[plugin] = replace(deployment.get(plugin, GroupSettings()), enabled=True)
    return replace(snapshot, places=places)
