"""A mapping that forgets what was asked for longest ago."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """At most `most` entries; asking for one keeps it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._entries: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, or None."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: K, value: V) -> None:
        """Keep a value, forgetting the one longest unused when full."""
        self._entries[key] = value
        if len(self._entries) > self.most:
            self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)
