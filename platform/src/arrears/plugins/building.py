"""Makes one object of a plugin from its settings, and asks it for all that it registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from arrears.plugins.configuring import configure
from arrears.plugins.ports import Instance, collect
from arrears_sdk.errors import InputError
from arrears_sdk.events import JsonValue
from arrears_sdk.host import Host
from arrears_sdk.plugin import Config, Plugin


class SettingsError(Exception):
    """The settings are wrong; the message has the path of everything that is."""


def build(cls: type[Plugin], values: Mapping[str, JsonValue], host: Host) -> Instance:
    """The object. Runs code of the plugin: on its own thread, or in its process."""
    try:
        config = configure(cls.config_type, cls.name, values)
    except InputError as error:
        raise SettingsError("; ".join(problem.message for problem in error.problems)) from None
    make = cast("Callable[[Config, Host], Plugin]", cls)
    plugin = make(config, host)
    return Instance(plugin, collect(plugin, cls.hooks()))
