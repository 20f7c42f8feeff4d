"""What is told about each plugin: in the `plugins` query, and by `arrears plugin list` and `doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from arrears_sdk.events import JsonValue
from arrears_sdk.hooks import HOOKS, Family
from arrears_sdk.plugin import Plugin


class PluginState(StrEnum):
    """Whether a plugin works, and if not, why not."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    INCOMPATIBLE = "INCOMPATIBLE"
    FAILED = "FAILED"
    BROKEN = "BROKEN"


class CheckStatus(StrEnum):
    """How a check of a plugin came out."""

    OK = "OK"
    WARNING = "WARNING"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class PluginCheck:
    """One thing that was looked at. A `message` that tells of a fault also tells what to do."""

    id: str
    status: CheckStatus
    message: str


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin whose class has been imported."""

    name: str
    version: str
    families: frozenset[Family]
    cls: type[Plugin]
    distribution: str | None
    source: str
    hooks: tuple[str, ...]

    @classmethod
    def of(cls, plugin: type[Plugin], version: str | None, distribution: str | None, source: str) -> LoadedPlugin:
        """The class with what its hooks say about it."""
        hooks = plugin.hooks()
        families = frozenset(HOOKS[hook].family for hook in hooks)
        return cls(plugin.name, version or plugin.version, families, plugin, distribution, source, hooks)


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginStatus:
    """One plugin as it stands. What only its code can tell is None while it has never been imported."""

    name: str
    version: str
    distribution: str | None
    source: str
    state: PluginState
    reason: str | None
    hooks: tuple[str, ...]
    config_schema: Mapping[str, JsonValue] | None
    checks: tuple[PluginCheck, ...]
    calls: int = 0
    failures: int = 0
    last_failure: str | None = None
    last_failure_at: datetime | None = None
    p50_seconds: float | None = None
    p99_seconds: float | None = None
    isolation: str = "thread"
    summary: str | None = None
