"""The settings that hold now, as a process sees them: at most a second old, and read anew only when they changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from arrears.configuration.model import BUILT_IN, said
from arrears.kernel.database import Database
from arrears.kernel.scope import Scope
from arrears.plugins.settings import GroupSettings, Place, SettingsSnapshot

LONGEST_SECONDS: Final = 0.5
"""How long a process goes by what it last read; with the reading itself settings are never a second old."""

CHANGES: Final = (
    "select number, client_id, portfolio_id, group_name, after::text from settings_version"
    " where number > %(known)s order by number"
)
_UP_TO: Final = (
    "select number, client_id, portfolio_id, group_name, after::text from settings_version"
    " where number <= %(number)s order by number"
)
EMPTY: Final = SettingsSnapshot(defaults=BUILT_IN)

ChangeRow = tuple[int, UUID | None, UUID | None, str, str | None]


def after_changes(snapshot: SettingsSnapshot, rows: Iterable[tuple[Any, ...]]) -> SettingsSnapshot:
    """The snapshot as the changes leave it; the same one when there are none."""
    places: dict[Place, dict[str, GroupSettings]] = {}
    version = snapshot.version
    for number, client_id, portfolio_id, group, after in rows:
        place = Place(client_id, portfolio_id)
        groups = places.setdefault(place, dict(snapshot.places.get(place, {})))
        groups.pop(group, None)
        if after is not None:
            groups[group] = said(orjson.loads(after))
        version = number
    if version == snapshot.version:
        return snapshot
    kept: Mapping[Place, Mapping[str, GroupSettings]] = {**snapshot.places, **places}
    return SettingsSnapshot(version, {place: groups for place, groups in kept.items() if groups}, snapshot.defaults)


async def stored_settings(database: Database, untouched: SettingsSnapshot = EMPTY) -> SettingsSnapshot:
    """The settings as they are stored this moment, whatever this process read before."""
    return after_changes(untouched, await database.read(Scope.everything(), CHANGES, {"known": 0}))


async def settings_at(database: Database, number: int) -> SettingsSnapshot:
    """The settings as they were at a version, for what was decided under it."""
    return after_changes(EMPTY, await database.read(Scope.everything(), _UP_TO, {"number": number}))


class DatabaseSettings:
    """The current settings of one process. Changes arrive without a restart, and without a statement for each reader.

    Raises TemporaryError while the database is away: what an administrator has just forbidden is not allowed by an
    old copy.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._snapshot = EMPTY
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def current(self) -> SettingsSnapshot:
        """The settings that hold now."""
        if time.monotonic() - self._read_at > LONGEST_SECONDS:
            async with self._reading:
                if time.monotonic() - self._read_at > LONGEST_SECONDS:
                    await self._read()
        return self._snapshot

    def changed(self) -> None:
        """Have the settings read again before they are next used: this process has just changed them."""
        self._read_at = float("-inf")

    async def _read(self) -> None:
        began = time.monotonic()
        rows = await self._database.read(Scope.everything(), CHANGES, {"known": self._snapshot.version})
        self._snapshot = after_changes(self._snapshot, rows)
        self._read_at = began
