"""What holds at a place, and the groups of settings that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from arrears.access.model import Permission
from arrears.clients.queries import visible_client
from arrears.configuration.effective import EffectiveGroup, effective_group, known_schemas
from arrears.configuration.faults import config_schema
from arrears.graphql.declare import Info, argument, computed, output, plain, queries
from arrears.graphql.inputs import ID
from arrears.graphql.scalars import Json
from arrears.kernel.context import Context
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place, SettingScope, SettingsSnapshot, setting_groups
from arrears.plugins.status import PluginStatus
from arrears_sdk.ids import decode_id, encode_id


@output(description="One setting as it holds at a place.", permission=Permission.SETTINGS_READ)
class EffectiveSetting:
    name: str = plain(description="Its name, as settings and files spell it.")
    value: Json | None = plain(description="Its value. Of a secret only where it is kept, never the secret itself.")
    origin: SettingScope = plain(description="The scope that the value comes from.")
    locked_at: SettingScope | None = plain(
        description="The scope that locked it; null when narrower places may differ."
    )
    secret: bool = plain(description="Whether it is a secret, which is given by reference.")


@output(description="A plugin or a part of the platform, as it holds at a place.", permission=Permission.SETTINGS_READ)
class EffectiveSettingGroup:
    group: str = plain(description="The plugin, or one of `settingGroups`.")
    is_plugin: bool = plain(description="Whether it is a plugin.")
    enabled: bool = plain(description="Whether it is on here; a part of the platform always is.")
    enabled_origin: SettingScope = plain(description="The scope that decided whether it is on.")
    enabled_locked_at: SettingScope | None = plain(
        description="The scope that locked whether it is on; null when narrower places may differ."
    )
    required: bool = plain(description="Whether the platform may not start without it.")
    settings: list[EffectiveSetting] = plain(
        description="What was set, and the defaults that are known, by name. Of a plugin that was never imported only"
        " what was set."
    )


@output(description="The settings that hold at one place.", permission=Permission.SETTINGS_READ)
class EffectiveSettings:
    version: int = plain(description="The version of all settings; a change names the one that it was decided upon.")
    client_id: str | None = plain(description="The client of the place; null for the deployment itself.")
    portfolio_id: str | None = plain(description="The portfolio of the place, if it is one.")
    groups: list[EffectiveSettingGroup] = plain(description="By name: the platform's own, and every plugin's.")


@output(description="A group of settings of the platform itself.", permission=Permission.SETTINGS_READ)
class SettingGroup:
    name: str = plain(description="Its name.")
    about: str = plain(description="What it is for.")
    settings_schema: Json = plain(description="JSON Schema of its settings; a secret has the format `password`.")


async def present_plugins(context: Context) -> tuple[SettingsSnapshot, Sequence[PluginStatus]]:
    """The settings of this moment, and every plugin as it stands under them: what they enable is up."""
    host = context.service(PluginHost)
    return await host.snapshot(), host.plugins()


@dataclass(frozen=True)
class SettingsAtPlace:
    version: int
    client_id: str | None
    portfolio_id: str | None
    groups: list[EffectiveGroup]


@dataclass(frozen=True)
class PlatformGroup:
    name: str
    about: str
    settings_schema: object


@queries
class EffectiveSettingsQueries:
    @computed(
        permission=Permission.SETTINGS_READ,
        description="The settings that hold for the deployment, a client or a portfolio, each with its origin; null"
        " when there is no such place that you may see.",
    )
    async def effective_settings(
        self,
        info: Info,
        client_id: Annotated[ID | None, argument(description="The client; left out for the deployment.")] = None,
        portfolio_id: Annotated[ID | None, argument(description="The portfolio, if one is meant.")] = None,
        group: Annotated[str | None, argument(description="Only this plugin or group.")] = None,
    ) -> EffectiveSettings | None:
        context = info.context.context
        client = None if client_id is None else decode_id("clnt", client_id)
        portfolio = None if portfolio_id is None else decode_id("port", portfolio_id)
        if client is not None or portfolio is not None:
            client = await visible_client(context, client, portfolio)
            if client is None:
                return None
        place = Place(client, portfolio)
        snapshot, plugins = await present_plugins(context)
        schemas = known_schemas(plugins)
        names = sorted(name for name in schemas if group in (None, name))
        return SettingsAtPlace(  # type: ignore[return-value]
            version=snapshot.version,
            client_id=None if client is None else encode_id("clnt", client),
            portfolio_id=None if portfolio is None else encode_id("port", portfolio),
            groups=[effective_group(snapshot, place, name, schemas[name]) for name in names],
        )

    @computed(
        permission=Permission.SETTINGS_READ,
        description="The groups of settings of the platform itself; those of plugins are under `plugins`.",
    )
    async def setting_groups(self, info: Info) -> list[SettingGroup]:
        groups = sorted(setting_groups.groups.values(), key=lambda group: group.name)
        return [PlatformGroup(one.name, one.about, config_schema(one.config)) for one in groups]  # type: ignore[misc]
