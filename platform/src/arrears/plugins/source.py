"""Where the host gets the settings from; the domain of configuration stands above it and implements this."""

from __future__ import annotations

from typing import Protocol

from arrears.plugins.settings import SettingsSnapshot


class SettingsSource(Protocol):
    """The deployment's settings."""

    async def current(self) -> SettingsSnapshot:
        """The settings in force, at most a second old. The same version is the same object."""
        ...

    def changed(self) -> None:
        """Forget what was read: whoever asks next gets what is stored now."""
        ...


class FixedSettings:
    """Settings that are handed over: for tests, and for a deployment that has stored none."""

    def __init__(self, snapshot: SettingsSnapshot | None = None) -> None:
        self.snapshot = snapshot or SettingsSnapshot()

    async def current(self) -> SettingsSnapshot:
        """What was handed over last."""
        return self.snapshot

    def changed(self) -> None:
        """Nothing is kept that could be stale."""
