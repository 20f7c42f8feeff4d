"""Whoever sets something is told what it does: in the schema that the API serves, every setting has a description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from arrears.deployment import load_domains
from arrears.plugins.settings import setting_groups
from arrears_sdk.plugin import Config
from tests.sdk.test_hooks import bundled_classes


def unexplained(config: type[Config]) -> Iterator[str]:
    """The settings of a class, and of the parts within it, that say nothing of themselves."""
    schema: Mapping[str, Any] = config.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, setting in part.get("properties", {}).items():
            if not setting.get("description"):
                yield f"{part['title']}.{name}"


def test_every_setting_says_what_it_does() -> None:
    load_domains()
    configs = [group.config for group in setting_groups.groups.values()]
    configs += [plugin.config_type for plugin in bundled_classes()]

    assert len(configs) > 5
    assert [name for config in configs for name in unexplained(config)] == []
