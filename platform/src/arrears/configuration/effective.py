"""What holds at a place, setting by setting: the value, where it comes from, and where it is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arrears.configuration.faults import config_schema
from arrears.configuration.model import ENABLED
from arrears.plugins.settings import Place, SettingScope, SettingsSnapshot, setting_groups
from arrears.plugins.status import PluginStatus
from arrears_sdk.events import JsonValue


@dataclass(frozen=True)
class EffectiveValue:
    """One setting as it holds."""

    name: str
    value: JsonValue
    origin: SettingScope
    locked_at: SettingScope | None
    secret: bool


@dataclass(frozen=True)
class EffectiveGroup:
    """One group as it holds; `enabled` is always true for a part of the platform."""

    group: str
    is_plugin: bool
    enabled: bool
    enabled_origin: SettingScope
    enabled_locked_at: SettingScope | None
    required: bool
    settings: list[EffectiveValue]


def effective_group(
    snapshot: SettingsSnapshot, place: Place, group: str, schema: Mapping[str, Any] | None
) -> EffectiveGroup:
    """A group at a place: what was set, and beside it the defaults that its schema tells, in the order of names."""
    effective = snapshot.effective(group, place)
    is_plugin = group not in setting_groups.groups
    properties: Mapping[str, Any] = {} if schema is None else schema.get("properties", {})
    names = sorted({*effective.values, *(name for name, part in properties.items() if "default" in part)})
    return EffectiveGroup(
        group=group,
        is_plugin=is_plugin,
        enabled=effective.enabled or not is_plugin,
        enabled_origin=effective.enabled_origin,
        enabled_locked_at=effective.locked_at.get(ENABLED),
        required=effective.required,
        settings=[
            EffectiveValue(
                name=name,
                value=effective.values[name] if name in effective.values else _default(properties[name]),
                origin=effective.origins.get(name, SettingScope.DEFAULT),
                locked_at=effective.locked_at.get(name),
                secret=_is_secret(properties.get(name, {})),
            )
            for name in names
        ],
    )


def known_schemas(plugins: Sequence[PluginStatus]) -> dict[str, Mapping[str, Any] | None]:
    """The schema of every group, None for a plugin that was never imported."""
    found: dict[str, Mapping[str, Any] | None] = {
        name: config_schema(group.config) for name, group in setting_groups.groups.items()
    }
    for plugin in plugins:
        found.setdefault(plugin.name, plugin.config_schema)
    return found


def _default(part: Mapping[str, Any]) -> JsonValue:
    # A secret that a class brings along shows as stars in its schema, and nothing of it is to be shown at all.
    return None if _is_secret(part) else part.get("default")


def _is_secret(part: Mapping[str, Any]) -> bool:
    choices = [part, *part.get("anyOf", ())]
    return any(choice.get("format") == "password" for choice in choices)
