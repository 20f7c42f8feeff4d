"""Settings and plugins in the schema; each module declares a part."""

from __future__ import annotations

from arrears.configuration.graphql import words as words
from arrears.configuration.graphql.effective import (
    EffectiveSetting,
    EffectiveSettingGroup,
    EffectiveSettings,
    EffectiveSettingsQueries,
    SettingGroup,
)
from arrears.configuration.graphql.plugins import (
    Plugin,
    PluginCheckResult,
    PluginHealth,
    PluginHook,
    PluginPlace,
    PluginQueries,
)
from arrears.configuration.graphql.versions import (
    SettingsChangePayload,
    SettingsMutations,
    SettingsVersion,
    SettingsVersionQueries,
)

__all__ = [
    "EffectiveSetting",
    "EffectiveSettingGroup",
    "EffectiveSettings",
    "EffectiveSettingsQueries",
    "Plugin",
    "PluginCheckResult",
    "PluginHealth",
    "PluginHook",
    "PluginPlace",
    "PluginQueries",
    "SettingGroup",
    "SettingsChangePayload",
    "SettingsMutations",
    "SettingsVersion",
    "SettingsVersionQueries",
]
