"""A platform in memory, as one plugin sees it."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from arrears_sdk.clock import Clock, FixedClock
from arrears_sdk.errors import ErrorCode, InputError, LimitError, RefusedError
from arrears_sdk.events import JsonValue
from arrears_sdk.host import StoredValue, Values

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
LARGEST_BYTES = 64 * 1024
LONGEST_KEY = 200
LONGEST_PAGE = 250
MOST_OF_A_DEBTOR = 1_000


class FakeValues:
    """The key-value store in memory, with the platform's limits."""

    def __init__(self, personal_data: bool) -> None:
        self._personal_data = personal_data
        self._kept: dict[str, tuple[str, str | None]] = {}

    async def get(self, key: str) -> JsonValue:
        """The value, None when there is none."""
        kept = self._kept.get(key)
        value: JsonValue = json.loads(kept[0]) if kept else None
        return value

    async def put(self, key: str, value: JsonValue, *, debtor_id: str | None = None) -> None:
        """Keep a value; refused beyond the limits, and about a person by a plugin that keeps no personal data."""
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        if not key or len(key) > LONGEST_KEY:
            raise InputError(f"A key has 1 to {LONGEST_KEY} characters.", field=("key",))
        if len(text.encode()) > LARGEST_BYTES:
            raise LimitError(f"A value has at most {LARGEST_BYTES} bytes.", field=("value",))
        if debtor_id is not None and not self._personal_data:
            raise RefusedError(
                "Only a plugin that says `personal_data = True` may keep data about a person.",
                code=ErrorCode.INVALID_INPUT,
                field=("debtor_id",),
            )
        self._kept[key] = (text, debtor_id)

    async def delete(self, key: str) -> bool:
        """Forget a value; whether there was one."""
        return self._kept.pop(key, None) is not None

    def everything(self) -> list[StoredValue]:
        """All that is kept, in the order of the keys."""
        return [
            StoredValue(key=key, value=json.loads(text), debtor_id=debtor_id)
            for key, (text, debtor_id) in sorted(self._kept.items())
        ]

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> Sequence[StoredValue]:
        """Values in the order of their keys."""
        found = [value for value in self.everything() if value.key.startswith(prefix) and value.key > after]
        return found[: min(limit, LONGEST_PAGE)]

    async def of_debtor(self, debtor_id: str) -> Sequence[StoredValue]:
        """Everything kept about one person."""
        return [value for value in self.everything() if value.debtor_id == debtor_id][:MOST_OF_A_DEBTOR]


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


class FakeHost:
    """What a plugin is given in a test: a clock to move, a log to read, and stores to look into."""

    def __init__(self, clock: Clock | None = None, *, name: str = "plugin", personal_data: bool = True) -> None:
        self._clock = clock or FixedClock(START)
        self._personal_data = personal_data
        self.stores: dict[str | None, FakeValues] = {}
        self.lines: list[str] = []
        # A logger of its own, so that no other test's lines stand among these.
        self._log = logging.Logger(f"arrears.plugin.{name}")  # noqa: LOG001
        self._log.addHandler(_Lines(self.lines))

    @property
    def clock(self) -> Clock:
        """The clock it was given, or one that stands at noon on 2 March 2026."""
        return self._clock

    @property
    def log(self) -> logging.Logger:
        """A log whose lines are in `lines`."""
        return self._log

    def values(self, client_id: str | None = None) -> Values:
        """The store of a client, or of the deployment."""
        return self.stores.setdefault(client_id, FakeValues(self._personal_data))

    def kept(self) -> dict[str | None, list[StoredValue]]:
        """Everything in all stores."""
        found = {client_id: store.everything() for client_id, store in self.stores.items()}
        return {client_id: kept for client_id, kept in found.items() if len(kept)}
