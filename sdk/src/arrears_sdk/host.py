"""What the platform lends to a plugin while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from logging import Logger
from typing import Protocol

from arrears_sdk.clock import Clock
from arrears_sdk.events import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """One value that a plugin kept, and whose data it is if it is about a person."""

    key: str
    value: JsonValue
    debtor_id: str | None = None


class Values(Protocol):
    """What a plugin keeps for one client, or for the deployment: small JSON values by key.

    At most 64 KiB a value, 200 characters a key. A value with a `debtor_id` is personal data: it is encrypted under
    that person's own key. Only plugins that say `personal_data = True` may keep such values.
    """

    async def get(self, key: str) -> JsonValue:
        """The value, None when there is none."""
        ...

    async def put(self, key: str, value: JsonValue, *, debtor_id: str | None = None) -> None:
        """Keep a value, in place of an earlier one."""
        ...

    async def delete(self, key: str) -> bool:
        """Forget a value; whether there was one."""
        ...

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> Sequence[StoredValue]:
        """Values in the order of their keys, at most 250 at a time; `after` is the last key of the page before."""
        ...

    async def of_debtor(self, debtor_id: str) -> Sequence[StoredValue]:
        """Everything kept about one person, for the duties of export and erasure; at most 1,000."""
        ...


class Host(Protocol):
    """The platform as one plugin sees it."""

    @property
    def clock(self) -> Clock:
        """The platform's clock, which a sandbox can move; never ask the machine."""
        ...

    @property
    def log(self) -> Logger:
        """A log in the plugin's name; personal data in it is masked."""
        ...

    def values(self, client_id: str | None = None) -> Values:
        """What this plugin keeps for a client, or for the whole deployment."""
        ...
