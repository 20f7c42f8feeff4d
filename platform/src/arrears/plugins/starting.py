"""Brings plugins up: at the start of the platform, and when settings enable one later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pluggy
import structlog

from arrears.plugins.clashes import Clashes
from arrears.plugins.configuring import HostSettings, host_settings, split
from arrears.plugins.entries import Entry, LoadError
from arrears.plugins.failures import FailureKind, PluginFailedError
from arrears.plugins.lending import LentHost, ValuesOf
from arrears.plugins.processes import ProcessLane
from arrears.plugins.runner import Placed, PluginRunner
from arrears.plugins.settings import DEPLOYMENT, Place, SettingsSnapshot
from arrears.plugins.status import CheckStatus, PluginState
from arrears.plugins.telling import told
from arrears_sdk.clock import Clock
from arrears_sdk.errors import InputError
from arrears_sdk.hooks import HookManager
from arrears_sdk.plugin import Plugin

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("arrears.plugins")


@dataclass(eq=False)
class Starter:
    """Loads, registers and checks plugins; keeps pluggy's manager of those that came up."""

    clock: Clock
    values: ValuesOf
    trace: bool
    cool_down_seconds: float
    import_seconds: float
    manager: HookManager = field(default_factory=partial(HookManager, Plugin))
    clashes: Clashes = field(default_factory=Clashes)

    async def bring_up(self, entry: Entry, snapshot: SettingsSnapshot) -> None:
        """Take one enabled plugin as far as it goes; what stops it is kept with the entry and logged."""
        entry.problem = entry.stops_start = None
        entry.checks.clear()
        try:
            settings = self._compatible(entry, snapshot)
            await entry.load(self.import_seconds)
            self._register(entry)
            await self._run(entry, settings, snapshot)
        except LoadError as error:
            entry.fail(error.check, error.reason, error.state)
            log.error(
                "plugin.unusable",
                plugin=entry.name,
                state=error.state.value,
                why=error.reason,
                source=entry.candidate.source,
            )
        else:
            log.info("plugin.enabled", plugin=entry.name, version=entry.loaded.version if entry.loaded else None)

    async def take_down(self, entry: Entry) -> None:
        """Stop a plugin that no setting enables any more."""
        if entry.runner is not None:
            await entry.runner.close()
            entry.runner = None
        if self.manager.has_plugin(entry.name):
            self.manager.unregister(name=entry.name)
        self.clashes.forget(entry.name)
        log.info("plugin.disabled", plugin=entry.name)

    def implementations(self, hook: str) -> Sequence[pluggy.HookImpl]:
        """Who implements a hook."""
        caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
        return caller.get_hookimpls()

    def check_pending(self) -> None:
        """Refuses implementations of hooks that do not exist."""
        self.manager.check_pending()

    def _compatible(self, entry: Entry, snapshot: SettingsSnapshot) -> HostSettings:
        if entry.candidate.module == "":
            raise LoadError("It is enabled and not installed: install its package, or disable it.", "installed")
        try:
            settings = host_settings(entry.name, snapshot.effective(entry.name).values)
        except InputError as error:
            raise LoadError("; ".join(problem.message for problem in error.problems), "settings") from None
        mismatch = entry.candidate.incompatibility()
        if mismatch is None:
            stated = entry.candidate.requirement or entry.candidate.distribution is None
            if stated:
                entry.note("compatible", CheckStatus.OK, "It is made for this version of the SDK.")
            else:
                message = "Its distribution names no range of arrears-sdk: add one to its dependencies."
                entry.note("compatible", CheckStatus.WARNING, message)
        elif settings.accept_incompatible:
            message = f"It is made for arrears-sdk {mismatch.wanted}; the risk is taken by accept_incompatible."
            entry.note("compatible", CheckStatus.WARNING, message)
        else:
            raise LoadError(mismatch.reason, "compatible", PluginState.INCOMPATIBLE)
        return settings

    def _register(self, entry: Entry) -> None:
        assert entry.loaded is not None
        if self.manager.has_plugin(entry.name):
            self.manager.unregister(name=entry.name)
        # Never initialised: pluggy compares its methods with the specification, and calls none of them.
        specimen = object.__new__(entry.loaded.cls)
        try:
            self.manager.register(specimen, entry.name)
        except pluggy.PluginValidationError as error:
            # pluggy keeps what failed halfway.
            if self.manager.has_plugin(entry.name):
                self.manager.unregister(name=entry.name)
            raise LoadError(f"Its hooks do not fit: {told(error)}.", "hooks") from None

    async def _run(self, entry: Entry, settings: HostSettings, snapshot: SettingsSnapshot) -> None:
        loaded, entry.settings = entry.loaded, settings
        assert loaded is not None
        try:
            self.clashes.add_rules(loaded.name, loaded.cls.packs)
        except (AttributeError, TypeError) as error:
            raise LoadError(f"What it gives as its packs are no rule packs: {told(error)}.", "packs") from None
        lend: Callable[[], LentHost] = partial(LentHost, loaded.name, loaded.cls.personal_data, self.clock, self.values)
        runner = PluginRunner(
            loaded.name, loaded.cls, loaded.hooks, settings, lend, self.clock, self.trace, self.cool_down_seconds
        )
        if settings.isolation == "process":
            runner.remote = ProcessLane(entry.candidate, lend)
        entry.runner = runner
        await self.try_places(entry, runner, snapshot)

    async def try_places(self, entry: Entry, runner: PluginRunner, snapshot: SettingsSnapshot) -> None:
        """Make the plugin's objects for the places that enable it; LoadError when none can be made."""
        entry.checks = {name: check for name, check in entry.checks.items() if name not in ("settings", "start")}
        entry.stops_start = None
        wrong: dict[str, list[str]] = {}
        failures: list[PluginFailedError] = []
        came_up = False
        for place in enabling_places(entry.name, snapshot):
            placed = Placed.of(split(snapshot.effective(entry.name, place).values).own)
            try:
                instance = await runner.instance(placed)
            except PluginFailedError as failure:
                failures.append(failure)
                wrong.setdefault(failure.reason, []).append(place.shown)
                if snapshot.effective(entry.name, place).required:
                    entry.stops_start = f"For {place.shown} it {failure.reason}."
                continue
            came_up = True
            self.clashes.add(entry.name, instance.ports)
        if wrong:
            entry.note("settings", CheckStatus.FAILED, _shown(wrong))
        if failures and not came_up:
            check = "settings" if failures[0].kind is FailureKind.WRONG_SETTINGS else "start"
            raise LoadError(f"It {failures[0].reason}.", check)
        if not wrong:
            entry.note("start", CheckStatus.OK, "It starts with the settings of every place that enables it.")


def _shown(wrong: Mapping[str, Sequence[str]], most: int = 3) -> str:
    parts = []
    for reason, places in wrong.items():
        others = f" and {len(places) - most} more" if len(places) > most else ""
        parts.append(f"For {', '.join(places[:most])}{others} it {reason}.")
    return " ".join(parts)


def enabling_places(group: str, snapshot: SettingsSnapshot, most: int = 20) -> Sequence[Place]:
    """Places with which a plugin is tried at the start: those that name it and where it is enabled."""
    named = [DEPLOYMENT, *(place for place, groups in snapshot.places.items() if group in groups)]
    found = dict.fromkeys(place for place in named if snapshot.effective(group, place).enabled)
    return tuple(found)[:most]
