"""One discovered plugin and how far it got: found, compatible, imported, registered, started."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from arrears.plugins.configuring import HOST_SETTINGS, HostSettings, host_settings
from arrears.plugins.discovery import Candidate
from arrears.plugins.runner import PluginRunner
from arrears.plugins.settings import GroupSettings, SettingsSnapshot
from arrears.plugins.status import CheckStatus, LoadedPlugin, PluginCheck, PluginState, PluginStatus
from arrears.plugins.telling import told
from arrears_sdk.errors import InputError
from arrears_sdk.events import JsonValue
from arrears_sdk.plugin import Config, Plugin

IMPORT_SECONDS = 20.0
SLOW_IMPORT_SECONDS = 2.0


class LoadError(Exception):
    """A plugin cannot be used, for the reason given; `check` names what found it out."""

    def __init__(self, reason: str, check: str = "import", state: PluginState = PluginState.FAILED) -> None:
        super().__init__(reason)
        self.reason = reason
        self.check = check
        self.state = state


@dataclass(eq=False)
class Entry:
    """One discovered plugin. `problem` is why it does not run though it is enabled."""

    candidate: Candidate
    loaded: LoadedPlugin | None = None
    runner: PluginRunner | None = None
    problem: tuple[PluginState, str] | None = None
    enabled: bool = False
    required: bool = False
    restart_needed: bool = False
    twins: list[str] = field(default_factory=list)
    stops_start: str | None = None
    settings: HostSettings = field(default_factory=HostSettings)
    said: tuple[tuple[str, GroupSettings], ...] = ()
    checks: dict[str, PluginCheck] = field(default_factory=dict)

    @classmethod
    def missing(cls, name: str) -> Entry:
        """For a plugin that settings enable and nobody has installed."""
        return cls(Candidate(name, None, "", ""))

    @property
    def version(self) -> str:
        """Its version; of what was never imported, that of its distribution."""
        return self.loaded.version if self.loaded else self.candidate.version or ""

    def hears(self, snapshot: SettingsSnapshot) -> bool:
        """Take note of what the settings say about it; whether that is something new."""
        groups = sorted(
            (place.shown, groups[self.name]) for place, groups in snapshot.places.items() if self.name in groups
        )
        before, self.said = self.said, tuple(groups)
        return self.said != before

    def has_to_start_again(self, snapshot: SettingsSnapshot) -> bool:
        """Whether it does not run, or runs with other settings of the host than it has to."""
        if self.problem is not None:
            return True
        try:
            return host_settings(self.name, snapshot.effective(self.name).values) != self.settings
        except InputError:
            return True

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.candidate.name

    @property
    def usable(self) -> bool:
        """Whether it is enabled somewhere and came up."""
        return self.enabled and self.problem is None and self.loaded is not None

    def note(self, check: str, status: CheckStatus, message: str) -> None:
        """Keep how a check came out, in place of an earlier one."""
        self.checks[check] = PluginCheck(check, status, message)

    def fail(self, check: str, reason: str, state: PluginState = PluginState.FAILED) -> None:
        """Keep the plugin from running."""
        self.problem = (state, reason)
        self.note(check, CheckStatus.FAILED, reason)

    async def load(self, seconds: float = IMPORT_SECONDS) -> None:
        """Import the plugin; LoadError when that fails or takes too long."""
        began = time.monotonic()
        cls = await _imported(self.candidate.load, self.name, seconds)
        taken = time.monotonic() - began
        clash = sorted(HOST_SETTINGS & set(cls.config_type.model_fields))
        if clash:
            raise LoadError(f"Its settings class has a field {clash[0]}, which is a setting of the host: rename it.")
        self.loaded = LoadedPlugin.of(cls, self.candidate.version, self.candidate.distribution, self.candidate.source)
        slow = taken > SLOW_IMPORT_SECONDS
        message = f"Imported in {taken:.1f} s."
        if slow:
            message += " Every start waits for it: import what is heavy where it is used, or in start()."
        self.note("import", CheckStatus.WARNING if slow else CheckStatus.OK, message)

    def status(self) -> PluginStatus:
        """What is told about it."""
        state, reason = self._state()
        loaded, runner = self.loaded, self.runner
        measured = list(runner.measured.values()) if runner else []
        failed = [(one.last_failure_at, one) for one in measured if one.last_failure_at]
        latest = max(failed, key=lambda pair: pair[0])[1] if failed else None
        durations = runner.durations() if runner else None
        return PluginStatus(
            name=self.name,
            version=self.version,
            distribution=self.candidate.distribution,
            source=self.candidate.source,
            state=state,
            reason=reason,
            hooks=loaded.hooks if loaded else (),
            config_schema=_schema_of(loaded.cls.config_type) if loaded else None,
            checks=(*self.checks.values(), *self._running_checks()),
            calls=sum(one.calls for one in measured),
            failures=sum(one.failures for one in measured),
            last_failure=latest.last_failure if latest else None,
            last_failure_at=latest.last_failure_at if latest else None,
            p50_seconds=durations.quantile(0.5) if durations else None,
            p99_seconds=durations.quantile(0.99) if durations else None,
            isolation=self.settings.isolation,
            summary=self.candidate.summary,
        )

    def _state(self) -> tuple[PluginState, str | None]:
        if not self.enabled:
            return PluginState.DISABLED, "No setting enables it."
        if self.problem is not None:
            return self.problem
        if self.runner is None:
            return PluginState.FAILED, "It has not been loaded."
        if self.runner.exhausted:
            return PluginState.BROKEN, f"{self.runner.hanging} of its calls hang; start the platform again."
        opened = self.runner.open_breakers
        if opened:
            label, breaker = opened[0]
            failure = self.runner.measured[label].last_failure
            return PluginState.BROKEN, f"{label} failed {breaker.failures} times in a row; the last time it {failure}"
        return PluginState.ENABLED, None

    def _running_checks(self) -> list[PluginCheck]:
        found = []
        if self.restart_needed:
            message = "It adds to the schema and was enabled after the start: restart needed."
            found.append(PluginCheck("restart", CheckStatus.WARNING, message))
        if self.twins:
            message = f"{self.candidate.origin} and {', '.join(self.twins)} have this name: remove all but one."
            found.append(PluginCheck("name", CheckStatus.FAILED, message))
        if self.runner is None:
            return found
        for label, breaker in self.runner.open_breakers:
            failure = self.runner.measured[label].last_failure
            message = f"{label} is left alone for {breaker.seconds_left:.0f} s; the last time it {failure}."
            found.append(PluginCheck("breaker", CheckStatus.FAILED, message))
        if self.runner.hanging:
            message = f"{self.runner.hanging} of its calls hang and hold a thread each."
            found.append(PluginCheck("hanging", CheckStatus.WARNING, message))
        return found


@lru_cache(maxsize=256)
def _schema_of(config_type: type[Config]) -> Mapping[str, JsonValue]:
    """The JSON schema of a settings class; made once, since making one takes milliseconds."""
    return config_type.model_json_schema()


async def _imported(load: Callable[[], type[Plugin]], name: str, seconds: float) -> type[Plugin]:
    """The class, imported in a thread that is left behind when it takes too long."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[type[Plugin]] = loop.create_future()

    def settle(cls: type[Plugin] | None, error: BaseException | None) -> None:
        if waiter.done():
            return
        if cls is not None:
            waiter.set_result(cls)
        else:
            waiter.set_exception(LoadError(f"It could not be imported: {told(error)}." if error else "Nothing came."))

    def work() -> None:
        cls, failure = None, None
        try:
            cls = load()
        except BaseException as error:  # noqa: BLE001 -- whatever an import raises disables the plugin and no more.
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, cls, failure)

    if not sys.is_finalizing():
        threading.Thread(target=work, name=f"import of {name}", daemon=True).start()
    done, _ = await asyncio.wait({waiter}, timeout=seconds)
    if not done:
        raise LoadError(f"Its import did not end within {seconds:g} s: import what is heavy where it is used.")
    return waiter.result()
