"""Which plugins there are and what the settings make of them; kept current while settings change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from arrears.plugins.configuring import split
from arrears.plugins.discovery import Candidate, check_names, in_file, installed
from arrears.plugins.entries import Entry, LoadError
from arrears.plugins.failures import PluginFailedError, PluginStartError
from arrears.plugins.runner import Placed
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot, setting_groups
from arrears.plugins.source import SettingsSource
from arrears.plugins.starting import Starter
from arrears.plugins.status import CheckStatus, LoadedPlugin
from arrears_sdk.ports.graphql import GraphQLParts

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("arrears.plugins")

MOST_PLACES = 100_000


@dataclass(eq=False)
class Registry:
    """The entries of all plugins, and what each place says about them as of the settings in force."""

    source: SettingsSource
    starter: Starter
    candidates: Sequence[Candidate] | None = None
    files: Sequence[Path] = ()
    entries: dict[str, Entry] = field(default_factory=dict)
    graphql: list[tuple[LoadedPlugin, GraphQLParts]] = field(default_factory=list)
    _given: SettingsSnapshot | None = None
    _snapshot: SettingsSnapshot = field(default_factory=SettingsSnapshot)
    _placed: dict[tuple[str, Place], Placed | None] = field(default_factory=dict)
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _opened: bool = False

    async def open(self, *, strict: bool) -> None:
        """Discover, bring up what is enabled, and stop the start where something may not be."""
        found = list(installed() if self.candidates is None else self.candidates)
        for path in self.files:
            found += in_file(path)
        if strict:
            check_names(found)
        for candidate in found:
            entry = self.entries.setdefault(candidate.name, Entry(candidate))
            if entry.candidate is not candidate:
                entry.twins.append(candidate.origin)
        for name in self.entries:
            if name in setting_groups.groups:
                raise PluginStartError(f"The plugin {name!r} has the name of a part of the platform: rename it.")
        await self._apply(await self.source.current())
        self.starter.check_pending()
        if strict:
            self._stop_the_start()
        for entry in self.listed():
            clash = self.starter.clashes.of(entry.name)
            if entry.enabled and clash is not None:
                entry.note("keys", CheckStatus.FAILED, clash)
        await self._collect_graphql()
        self._opened = True

    async def close(self) -> None:
        """Stop every plugin."""
        running = [entry.runner for entry in self.entries.values() if entry.runner is not None]
        await asyncio.gather(*(runner.close() for runner in running))

    async def current(self) -> SettingsSnapshot:
        """The settings in force, applied."""
        given = await self.source.current()
        if given is not self._given:
            await self._apply(given)
        return self._snapshot

    def listed(self) -> list[Entry]:
        """Every plugin by name."""
        return [self.entries[name] for name in sorted(self.entries)]

    def implementing(self, hook: str) -> list[Entry]:
        """The running plugins that implement a hook, by name."""
        names = {implementation.plugin_name for implementation in self.starter.implementations(hook)}
        return [entry for entry in self.listed() if entry.name in names and entry.usable and entry.runner]

    def deciding(self, hook: str) -> list[Entry]:
        """The same, with plugins that are enabled and do not run: what they would say is not known.

        Of one that was never imported nobody knows what it implements.
        """
        running = self.implementing(hook)
        return running + [
            entry
            for entry in self.listed()
            if entry.enabled
            and not entry.usable
            and (entry.required or entry.loaded is None or hook in entry.loaded.hooks)
        ]

    def enabled(self, name: str, place: Place, snapshot: SettingsSnapshot) -> bool:
        """Whether a plugin is enabled at a place."""
        return self._at(name, place, snapshot) is not None

    def placed(self, name: str, place: Place, snapshot: SettingsSnapshot) -> Placed:
        """A group's values at a place, whether or not it is enabled there."""
        return self._at(name, place, snapshot) or Placed.of(split(snapshot.effective(name, place).values).own)

    def groups(self, name: str, places: Sequence[Place], snapshot: SettingsSnapshot) -> Mapping[Placed, Sequence[int]]:
        """Which of the questions a plugin is asked, under which settings: those of places that enable it."""
        by_place: dict[Place, Placed | None] = {place: self._at(name, place, snapshot) for place in set(places)}
        by_key: dict[str, tuple[Placed, list[int]]] = {}
        for index, place in enumerate(places):
            placed = by_place[place]
            if placed is not None:
                by_key.setdefault(placed.key, (placed, []))[1].append(index)
        return dict(by_key.values())

    def _at(self, name: str, place: Place, snapshot: SettingsSnapshot) -> Placed | None:
        if snapshot is not self._snapshot:
            return _placed(name, place, snapshot)
        key = (name, place)
        if key not in self._placed:
            if len(self._placed) > MOST_PLACES:
                self._placed.clear()
            self._placed[key] = _placed(name, place, snapshot)
        return self._placed[key]

    async def _apply(self, given: SettingsSnapshot) -> None:
        async with self._changing:
            if given is self._given:
                return
            snapshot = self._with_files(given)
            for name in self._mentioned(snapshot):
                self.entries.setdefault(name, Entry.missing(name))
            for entry in self.listed():
                was, entry.enabled = entry.enabled, snapshot.enabled_anywhere(entry.name)
                entry.required = snapshot.required_anywhere(entry.name)
                changed = entry.hears(snapshot)
                if entry.enabled and (not was or (changed and entry.has_to_start_again(snapshot))):
                    await self._bring_up(entry, snapshot)
                elif entry.enabled and changed and entry.runner is not None:
                    with contextlib.suppress(LoadError):
                        # What it is left without fails where it is asked; here it is only told of.
                        await self.starter.try_places(entry, entry.runner, snapshot)
                elif was and not entry.enabled:
                    await self.starter.take_down(entry)
            self._placed.clear()
            self._given, self._snapshot = given, snapshot

    async def _bring_up(self, entry: Entry, snapshot: SettingsSnapshot) -> None:
        if entry.runner is not None:
            await self.starter.take_down(entry)
        await self.starter.bring_up(entry, snapshot)
        clash = self.starter.clashes.of(entry.name)
        if self._opened and clash is not None and entry.usable:
            await self.starter.take_down(entry)
            entry.fail("keys", clash)
        adds = entry.loaded is not None and "register_graphql" in entry.loaded.hooks
        entry.restart_needed = (
            self._opened and adds and entry.usable and not any(loaded.name == entry.name for loaded, _ in self.graphql)
        )

    def _with_files(self, given: SettingsSnapshot) -> SettingsSnapshot:
        """Plugins that were named as files are enabled everywhere unless settings say otherwise."""
        by_file = {
            name: GroupSettings(enabled=True)
            for name, entry in self.entries.items()
            if entry.candidate.file is not None
        }
        if not by_file:
            return given
        said = {
            name: replace(settings, enabled=True) if name in by_file and settings.enabled is None else settings
            for name, settings in given.defaults.items()
        }
        return replace(given, defaults={**by_file, **said})

    def _mentioned(self, snapshot: SettingsSnapshot) -> list[str]:
        """Groups that somebody enabled and nobody has. What is enabled by default may be left uninstalled."""
        groups = {name for place in snapshot.places.values() for name in place}
        unknown = groups - set(self.entries) - set(setting_groups.groups)
        return sorted(name for name in unknown if snapshot.enabled_anywhere(name))

    def _stop_the_start(self) -> None:
        for entry in self.listed():
            clash = self.starter.clashes.of(entry.name)
            if entry.enabled and clash is not None:
                raise PluginStartError(clash)
            if entry.enabled and entry.required and entry.problem is not None:
                raise PluginStartError(
                    f"The plugin {entry.name!r} is required and does not run: {entry.problem[1]}"
                    f" `arrears plugin doctor` tells more."
                )
            if entry.stops_start is not None:
                raise PluginStartError(f"The plugin {entry.name!r} is required and does not run: {entry.stops_start}")

    async def _collect_graphql(self) -> None:
        snapshot = self._snapshot
        for entry in self.implementing("register_graphql"):
            assert entry.runner is not None
            assert entry.loaded is not None
            try:
                instance = await entry.runner.instance(self.placed(entry.name, DEPLOYMENT, snapshot))
            except PluginFailedError as failure:
                entry.fail(
                    "schema", f"What it adds to the schema needs the deployment's settings: it {failure.reason}."
                )
                log.exception("plugin.unusable", plugin=entry.name, why=failure.reason)
                continue
            self.graphql.append((entry.loaded, instance.ports.graphql))


def _placed(name: str, place: Place, snapshot: SettingsSnapshot) -> Placed | None:
    effective = snapshot.effective(name, place)
    return Placed.of(split(effective.values).own) if effective.enabled else None
