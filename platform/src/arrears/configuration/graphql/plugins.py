"""The plugins of the deployment: what they are, how they do, and where they are on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from arrears.access.model import Permission
from arrears.clients.queries import references
from arrears.configuration.graphql.effective import present_plugins
from arrears.configuration.planning import place_order, says
from arrears.graphql.declare import Info, computed, output, plain, queries
from arrears.graphql.scalars import Json
from arrears.kernel.context import Context
from arrears.plugins.settings import DEPLOYMENT, Place, SettingsSnapshot
from arrears.plugins.status import CheckStatus, PluginCheck, PluginState, PluginStatus
from arrears_sdk.hooks import HOOKS, Family
from arrears_sdk.ids import encode_id

MOST_PLACES = 250


@output(description="A hook that a plugin implements.", permission=Permission.SETTINGS_READ)
class PluginHook:
    name: str = plain(description="Its name, such as `rule_on_contacts`.")
    family: Family = plain(description="What its answers are for.")


@output(description="One thing that was looked at in a plugin.", permission=Permission.SETTINGS_READ)
class PluginCheckResult:
    id: str = plain(description="Its name, which stays the same.")
    status: CheckStatus = plain(description="How it came out.")
    message: str = plain(description="What was found; of a fault also what to do.")


@output(description="How a plugin does in the process that answers.", permission=Permission.SETTINGS_READ)
class PluginHealth:
    calls: int = plain(description="How often it was called since the process started.")
    failures: int = plain(description="How many of these calls failed.")
    last_failure: str | None = plain(description="What the last failure was.")
    last_failure_at: datetime.datetime | None = plain(description="When that was.")
    broken: bool = plain(description="Whether it failed so often that it is left alone for a while.")
    typical_milliseconds: float | None = plain(description="How long half of its calls took at most.")
    slowest_milliseconds: float | None = plain(description="How long 99 in 100 of its calls took at most.")


@output(description="A place that says whether a plugin is on.", permission=Permission.SETTINGS_READ)
class PluginPlace:
    client_id: str | None = plain(description="The client; null for the deployment itself.")
    portfolio_id: str | None = plain(description="The portfolio, if it is one.")
    enabled: bool = plain(description="Whether the plugin is on there.")


@output(description="A plugin that is installed, or was named by its file.", permission=Permission.SETTINGS_READ)
class Plugin:
    name: str = plain(description="Its name; its settings stand under it.")
    version: str = plain(description="Its version.")
    summary: str | None = plain(description="What it does, in its author's words.")
    source: str = plain(description="Where it comes from: an entry point, or a file.")
    distribution: str | None = plain(description="The installed distribution that it comes with.")
    state: PluginState = plain(description="Whether it works.")
    reason: str | None = plain(description="Why it does not, if it does not.")
    hooks: list[PluginHook] = plain(description="What it implements; none is known before it was imported.")
    settings_schema: Json | None = plain(
        description="JSON Schema of its settings; null before it was imported. A secret has the format `password`."
    )
    health: PluginHealth = plain(description="How it does.")
    checks: list[PluginCheckResult] = plain(description="What was looked at, at its start and since.")
    places: list[PluginPlace] = plain(
        description="The deployment, and the clients and portfolios that say themselves whether it is on, as far as you"
        f" may see them; {MOST_PLACES} at most."
    )


@dataclass(frozen=True)
class HookLine:
    name: str
    family: Family


@dataclass(frozen=True)
class HealthLine:
    calls: int
    failures: int
    last_failure: str | None
    last_failure_at: datetime.datetime | None
    broken: bool
    typical_milliseconds: float | None
    slowest_milliseconds: float | None


@dataclass(frozen=True)
class PlaceLine:
    client_id: str | None
    portfolio_id: str | None
    enabled: bool


@dataclass(frozen=True)
class PluginLine:
    name: str
    version: str
    summary: str | None
    source: str
    distribution: str | None
    state: PluginState
    reason: str | None
    hooks: list[HookLine]
    settings_schema: object
    health: HealthLine
    checks: tuple[PluginCheck, ...]
    places: list[PlaceLine]


@queries
class PluginQueries:
    @computed(
        permission=Permission.SETTINGS_READ,
        description="Every plugin that there is, on or off, by name. What is off is not imported, and so tells little.",
    )
    async def plugins(self, info: Info) -> list[Plugin]:
        context = info.context.context
        snapshot, statuses = await present_plugins(context)
        places = await _places(context, snapshot, [status.name for status in statuses])
        return [_line(status, places[status.name]) for status in statuses]  # type: ignore[misc]


def _line(status: PluginStatus, places: list[PlaceLine]) -> PluginLine:
    return PluginLine(
        name=status.name,
        version=status.version,
        summary=status.summary,
        source=status.source,
        distribution=status.distribution,
        state=status.state,
        reason=status.reason,
        hooks=[HookLine(name, HOOKS[name].family) for name in status.hooks],
        settings_schema=status.config_schema,
        health=HealthLine(
            calls=status.calls,
            failures=status.failures,
            last_failure=status.last_failure,
            last_failure_at=status.last_failure_at,
            broken=status.state is PluginState.BROKEN,
            typical_milliseconds=_milliseconds(status.p50_seconds),
            slowest_milliseconds=_milliseconds(status.p99_seconds),
        ),
        checks=status.checks,
        places=places,
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


async def _places(context: Context, snapshot: SettingsSnapshot, plugins: list[str]) -> dict[str, list[PlaceLine]]:
    """For each plugin the deployment and every place in sight that speaks of it being on."""
    speaking = {
        plugin: [place for place in snapshot.places if says(snapshot, place, plugin).enabled is not None]
        for plugin in plugins
    }
    clients = {place.client_id for places in speaking.values() for place in places if place.client_id is not None}
    seen = set((await references(context, ids=clients)).clients.values())
    found = {}
    for plugin, places in speaking.items():
        visible = {DEPLOYMENT, *(place for place in places if place.client_id in seen)}
        ordered = sorted(visible, key=place_order)[:MOST_PLACES]
        found[plugin] = [_place_line(snapshot, plugin, place) for place in ordered]
    return found


def _place_line(snapshot: SettingsSnapshot, plugin: str, place: Place) -> PlaceLine:
    return PlaceLine(
        None if place.client_id is None else encode_id("clnt", place.client_id),
        None if place.portfolio_id is None else encode_id("port", place.portfolio_id),
        snapshot.effective(plugin, place).enabled,
    )
