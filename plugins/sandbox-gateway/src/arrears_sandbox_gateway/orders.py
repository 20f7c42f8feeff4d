"""What the made-up provider keeps: its orders, in a file that processes share or among the plugin's values."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from arrears_sdk.host import Values
from arrears_sdk.money import Money

CHARGE, REFUND = "charge", "refund"
SUCCEEDED, DECLINED, PROCESSING = "succeeded", "declined", "processing"


@dataclass(frozen=True, slots=True)
class ProviderOrder:
    """A charge or a refund as the provider has it. `status` is the provider's own word; times are ISO 8601."""

    kind: str
    key: str
    reference: str
    minor: int
    currency: str
    scenario: str
    status: str
    created_at: str
    settles_at: str | None = None
    settles_as: str = SUCCEEDED
    of: str | None = None

    @property
    def amount(self) -> Money:
        """How much."""
        return Money(self.minor, self.currency)

    def status_at(self, now: datetime) -> str:
        """What became of it by an instant."""
        due = self.settles_at is not None and now >= datetime.fromisoformat(self.settles_at)
        return self.settles_as if due else self.status


class Drawer(Protocol):
    """Where orders are kept, each under its key."""

    async def find(self, key: str) -> ProviderOrder | None:
        """The order of a key."""
        ...

    async def keep(self, order: ProviderOrder) -> ProviderOrder:
        """Keeps an order unless its key has one already; gives the one that is kept."""
        ...

    async def called(self, method: str, key: str) -> None:
        """Notes that the provider was called."""
        ...


class FileDrawer:
    """Orders in a file of SQLite: what one process is told, all know, also after it was killed."""

    def __init__(self, file: Path) -> None:
        self.file = file

    async def find(self, key: str) -> ProviderOrder | None:
        """The order of a key."""
        rows = self._run('select "order" from orders where key = ?', (key,))
        return _order(rows[0][0]) if rows else None

    async def keep(self, order: ProviderOrder) -> ProviderOrder:
        """Keeps an order unless its key has one already."""
        self._run("insert or ignore into orders values (?, ?)", (order.key, json.dumps(asdict(order))))
        kept = await self.find(order.key)
        assert kept is not None
        return kept

    async def called(self, method: str, key: str) -> None:
        """Notes that the provider was called."""
        self._run("insert into calls values (?, ?)", (method, key))

    def orders(self) -> list[ProviderOrder]:
        """All orders, in the order of their arrival."""
        return [_order(row[0]) for row in self._run('select "order" from orders order by rowid')]

    def calls(self) -> list[tuple[str, str]]:
        """All calls: the method and the key of the order."""
        return [(str(row[0]), str(row[1])) for row in self._run("select method, key from calls order by rowid")]

    def _run(self, statement: str, values: Sequence[str] = ()) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.file, timeout=10.0, isolation_level=None)) as connection:
            connection.execute('create table if not exists orders (key text primary key, "order" text not null)')
            connection.execute("create table if not exists calls (method text not null, key text not null)")
            return connection.execute(statement, tuple(values)).fetchall()


class ValuesDrawer:
    """Orders among what the plugin keeps for a client."""

    def __init__(self, values: Values) -> None:
        self.values = values

    async def find(self, key: str) -> ProviderOrder | None:
        """The order of a key."""
        found = await self.values.get(f"order/{key}")
        return _order(found) if isinstance(found, str) else None

    async def keep(self, order: ProviderOrder) -> ProviderOrder:
        """Keeps an order unless its key has one already."""
        found = await self.find(order.key)
        if found is None:
            await self.values.put(f"order/{order.key}", json.dumps(asdict(order)))
        return found or order

    async def called(self, method: str, key: str) -> None:
        """Nothing is noted here."""


def _order(text: str) -> ProviderOrder:
    return ProviderOrder(**json.loads(text))
