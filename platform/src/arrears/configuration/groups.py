"""The groups that can be set: those of the platform, and one for each plugin that is installed."""

from __future__ import annotations

import asyncio

from arrears.configuration.model import nearest
from arrears.kernel.context import Context
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import SettingsSnapshot, setting_groups
from arrears_sdk.errors import ErrorCode, NotFoundError, RefusedError
from arrears_sdk.plugin import Config


class KnownGroups:
    """The groups of one deployment. A plugin's class is imported only when its settings are looked at closely."""

    def __init__(self, context: Context) -> None:
        self._host = context.service(PluginHost)
        self._loaded: dict[str, type[Config]] = {}

    async def untouched(self) -> SettingsSnapshot:
        """The settings before anybody has said anything: what the platform and its plugins come with."""
        return SettingsSnapshot(defaults=(await self._host.snapshot()).defaults)

    def names(self) -> list[str]:
        """Every group, the platform's own first."""
        return [*sorted(setting_groups.groups), *sorted(self._plugins())]

    def is_plugin(self, group: str) -> bool:
        """Whether the group is not one of the platform's own."""
        return group not in setting_groups.groups

    def knows(self, group: str) -> bool:
        """Whether there is such a group now."""
        return not self.is_plugin(group) or group in self._plugins()

    def unknown(self, group: str, *field: str) -> NotFoundError:
        """The error about a group that there is not."""
        return NotFoundError(
            f"There is no plugin and no group of settings called {group[:60]!r}.{nearest(group, self.names())}",
            code=ErrorCode.NOT_FOUND,
            field=field,
        )

    async def config(self, group: str, *field: str) -> type[Config]:
        """The settings class of a group; for a plugin this imports it.

        Raises NotFoundError for an unknown group and RefusedError for a plugin that cannot be imported.
        """
        if group not in self._loaded:
            if not self.knows(group):
                raise self.unknown(group, *field)
            own = setting_groups.groups.get(group)
            self._loaded[group] = own.config if own is not None else await self._imported(group, *field)
        return self._loaded[group]

    async def _imported(self, plugin: str, *field: str) -> type[Config]:
        try:
            return await asyncio.to_thread(self._host.config_class, plugin)
        except Exception as error:
            # Whatever a plugin's module does when it is imported, it is the plugin that cannot be used.
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise RefusedError(
                f"The plugin {plugin!r} cannot be loaded: {reason}", code=ErrorCode.PLUGIN_UNUSABLE, field=field
            ) from error

    def _plugins(self) -> set[str]:
        return {status.name for status in self._host.plugins()}
