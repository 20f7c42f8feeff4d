"""What the platform lends to a plugin: the clock, a log in its name, and values that it may keep."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from arrears_sdk.clock import Clock
from arrears_sdk.errors import FaultError
from arrears_sdk.events import JsonValue
from arrears_sdk.host import StoredValue, Values


class ValuesOf(Protocol):
    """Where plugins keep values; `arrears.plugins.store.ValueStore` in a deployment."""

    def values(self, plugin: str, *, client_id: str | None = None, personal_data: bool = False) -> Values:
        """What one plugin keeps for a client, or for the deployment."""
        ...


@dataclass(frozen=True)
class LentHost:
    """The platform as one plugin sees it."""

    plugin: str
    personal_data: bool
    platform_clock: Clock
    store: ValuesOf

    @property
    def clock(self) -> Clock:
        """The platform's clock."""
        return self.platform_clock

    @property
    def log(self) -> logging.Logger:
        """A log in the plugin's name."""
        return plugin_log(self.plugin)

    def values(self, client_id: str | None = None) -> Values:
        """What this plugin keeps for a client, or for the whole deployment."""
        return self.store.values(self.plugin, client_id=client_id, personal_data=self.personal_data)


def plugin_log(plugin: str) -> logging.Logger:
    """The log in a plugin's name; what is written to it is masked like every log."""
    return logging.getLogger(f"arrears.plugin.{plugin}")


class NoValues:
    """For a host without a database: plugins can keep nothing, and are told so when they try."""

    def values(self, plugin: str, *, client_id: str | None = None, personal_data: bool = False) -> Values:
        """Values that refuse everything."""
        return _Refusing()


class _Refusing:
    async def get(self, key: str) -> JsonValue:
        raise _nowhere()

    async def put(self, key: str, value: JsonValue, *, debtor_id: str | None = None) -> None:
        raise _nowhere()

    async def delete(self, key: str) -> bool:
        raise _nowhere()

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> Sequence[StoredValue]:
        raise _nowhere()

    async def of_debtor(self, debtor_id: str) -> Sequence[StoredValue]:
        raise _nowhere()


def _nowhere() -> FaultError:
    return FaultError("This host was opened without a database; nothing can be kept.")
