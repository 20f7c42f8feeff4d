"""Plugins and settings to try on past decisions: a host of its own, beside the one that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from arrears.configuration.checking import load_groups, statement_faults
from arrears.configuration.groups import KnownGroups
from arrears.configuration.planning import Statement
from arrears.kernel.context import Context
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


async def check_groups(context: Context, settings: SettingsSnapshot, trial: SettingsSnapshot, groups: Groups) -> None:
    """Nothing when the deployment could say this of the groups; InputError with the path of what it could not.

    Unchecked, a word that is spelt wrongly would be tried as no change at all, or as a plugin that does not run.
    """
    known = KnownGroups(context)
    stated = [Statement(DEPLOYMENT, name, trial.places[DEPLOYMENT][name]) for name in groups]
    classes = await load_groups(known, stated, "settings")
    for statement, fault in statement_faults(settings, trial, stated, classes, known, lambda place: place.shown):
        path = ".".join([statement.group, *map(str, fault.path[1:])])
        raise InputError(f"The settings cannot be tried. {path}: {fault.message}", code=fault.code, field=("settings",))


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
