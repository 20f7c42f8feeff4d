"""Plugins at hand in a test: classes registered without a distribution, with settings that a test can change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from arrears.kernel.context import Context
from arrears.kernel.services import Services
from arrears.plugins.discovery import Candidate, of_class
from arrears.plugins.fields import PluginFields
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears.plugins.source import FixedSettings
from arrears.plugins.store import ValueStore
from arrears_sdk.clock import Clock
from arrears_sdk.events import JsonValue
from arrears_sdk.plugin import Plugin

GivenSettings = SettingsSnapshot | Mapping[str, Mapping[str, JsonValue]]


class HasServices(Protocol):
    """A deployment of a test."""

    services: Services
    closing: AsyncExitStack

    @property
    def clock(self) -> Clock:
        """The clock that its contexts go by."""
        ...

    def worker_context(self) -> Context:
        """A context that sees every row."""
        ...


@dataclass
class TestHost:
    """A host beside the settings that it reads, for a test that changes them."""

    __test__ = False

    host: PluginHost
    settings: FixedSettings

    def change(self, settings: GivenSettings) -> None:
        """Other settings from now on, as one more version."""
        snapshot = as_snapshot(settings)
        self.settings.snapshot = replace(snapshot, version=max(snapshot.version, self.settings.snapshot.version + 1))


def as_snapshot(settings: GivenSettings, version: int = 1) -> SettingsSnapshot:
    """The settings of groups that the whole deployment enables; a snapshot as it is."""
    if isinstance(settings, SettingsSnapshot):
        return settings
    groups = {name: GroupSettings(enabled=True, values=values) for name, values in settings.items()}
    return SettingsSnapshot(version, {DEPLOYMENT: groups})


def enabled_at(places: Mapping[Place, Mapping[str, Mapping[str, JsonValue]]], version: int = 1) -> SettingsSnapshot:
    """Settings by place: what each place names is enabled there."""
    return SettingsSnapshot(
        version,
        {
            place: {name: GroupSettings(enabled=True, values=values) for name, values in groups.items()}
            for place, groups in places.items()
        },
    )


async def open_host(
    plugins: Sequence[type[Plugin] | Candidate] = (),
    settings: GivenSettings | None = None,
    *,
    clock: Clock,
    values: ValueStore | None = None,
    files: Sequence[Path] = (),
    trace: bool = False,
    cool_down_seconds: float = 30.0,
    import_seconds: float = 20.0,
    strict: bool = True,
) -> TestHost:
    """A host with these plugins, opened; every one is enabled unless settings are given. The caller closes it."""
    candidates = [plugin if isinstance(plugin, Candidate) else of_class(plugin) for plugin in plugins]
    if settings is None:
        settings = {candidate.name: {} for candidate in candidates}
    source = FixedSettings(as_snapshot(settings))
    host = PluginHost(
        source,
        clock=clock,
        values=values,
        candidates=candidates,
        files=files,
        trace=trace,
        cool_down_seconds=cool_down_seconds,
        import_seconds=import_seconds,
    )
    try:
        await host.open(strict=strict)
    except BaseException:
        await host.close()
        raise
    return TestHost(host, source)


async def host_with(
    deployment: HasServices,
    plugins: Sequence[type[Plugin] | Candidate],
    settings: GivenSettings | None = None,
    **options: object,
) -> TestHost:
    """The deployment with these plugins, in place of those it had; closed when the test is over."""
    store = ValueStore(deployment.worker_context())
    opened = await open_host(plugins, settings, clock=deployment.clock, values=store, **options)  # type: ignore[arg-type]
    deployment.closing.push_async_callback(opened.host.close)
    deployment.services.add(opened.host)
    deployment.services.add(PluginFields(opened.host))
    return opened
